"""Writing into workbook files: our cells change, and nothing else, byte for byte."""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table as ExcelTable

from server.domain.table import CellEdit, CellValue, NewColumn
from server.errors import PermanentError
from server.local.sample import create
from server.sheets.ooxml import splice
from server.sheets.ooxml.sheet_part import SheetPart
from server.sheets.xlsx import XlsxSheet
from tests.contracts.sheet import shown
from tests.needs import need_program
from tests.sheets.books import MAIN, SHEET, hand_made, members, sheet_xml, texts

STATUS = NewColumn("Status")
OURS = [STATUS, NewColumn("Message"), NewColumn("Row key", hidden=True)]


def part(path: Path, name: str = SHEET) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def write(path: Path, value: CellValue, *, row: int = 0, column: int = 0) -> str:
    """Write one cell and give back the sheet's XML."""
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[row], column, value)])
    return part(path)


def add(path: Path, *columns: NewColumn, header_row: int | None = None) -> str:
    """Add columns and give back the sheet's XML."""
    sheet = XlsxSheet(path, header_row=header_row)
    sheet.apply(sheet.read(), [], list(columns))
    return part(path)


TWO = texts(1, "Name", "Bib") + '<row r="2" spans="1:2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>7</v></c></row>'


def two(path: Path, **around: str) -> Path:
    """A hand-made workbook of one person."""
    return hand_made(path, sheet_xml(TWO, **around), shared=["<t>Ann</t>"])


def test_it_leaves_every_other_part_as_it_was_in_the_file(tmp_path: Path) -> None:
    extra = {
        "xl/vbaProject.bin": bytes(range(256)) * 40,
        "xl/drawings/drawing1.xml": b"<wsDr/>",
        "xl/calcChain.xml": b"<calcChain/>",
        "customXml/item1.xml": "<café/>".encode("utf-16"),
    }
    path = hand_made(tmp_path / "a.xlsm", sheet_xml(TWO), shared=["<t>Ann</t>"], extra=extra)
    before = members(path)
    write(path, "Anne")
    after = members(path)
    assert list(after) == list(before)
    assert [name for name in before if after[name] != before[name]] == [SHEET]
    assert after[SHEET][1] == before[SHEET][1]


def test_it_leaves_every_other_byte_of_the_sheet_as_it_was(tmp_path: Path) -> None:
    path = two(
        tmp_path / "a.xlsx",
        before="<sheetPr  ><tabColor rgb='FF0000'/></sheetPr>",
        after='<extLst><ext uri="{x}"  /></extLst>\n',
    )
    before = part(path)
    after = write(path, "Anne")
    old, new = '<c r="A2" t="s"><v>0</v></c>', '<c r="A2" t="inlineStr"><is><t>Anne</t></is></c>'
    assert after == before.replace(old, new)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (8, '<c r="B2" s="1"><v>8</v></c>'),
        (0.95, '<c r="B2" s="1"><v>0.95</v></c>'),
        (True, '<c r="B2" s="1" t="b"><v>1</v></c>'),
        (None, '<c r="B2" s="1"/>'),
        ("", '<c r="B2" s="1"/>'),
        ("=1", '<c r="B2" s="1" t="inlineStr"><is><t>=1</t></is></c>'),
        (" a<b ", '<c r="B2" s="1" t="inlineStr"><is><t xml:space="preserve"> a&lt;b </t></is></c>'),
    ],
)
def test_it_keeps_a_cell_s_style(tmp_path: Path, value: CellValue, cell: str) -> None:
    assert cell in write(two(tmp_path / "a.xlsx"), value, column=1)


def test_it_drops_only_what_belonged_to_the_old_value(tmp_path: Path) -> None:
    rows = texts(1, "Name") + '<row r="2"><c s="1" vm="3" r="A2" ph="1" t="e"><v>#VALUE!</v></c></row>'
    after = write(hand_made(tmp_path / "a.xlsx", sheet_xml(rows)), "x")
    assert '<c r="A2" s="1" ph="1" t="inlineStr"><is><t>x</t></is></c>' in after


def test_it_puts_a_missing_cell_in_its_place_in_the_row(tmp_path: Path) -> None:
    rows = (
        texts(1, "a", "b", "c", "d")
        + '<row r="2" spans="2:3"><c r="B2"><v>1</v></c><c r="D2"/><extLst/></row><row r="3"/>'
    )
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows))
    sheet = XlsxSheet(path)
    table = sheet.read()
    row = table.rows[0]
    sheet.apply(table, [CellEdit(row, column, value) for column, value in [(2, 3), (0, 0), (3, 4)]])
    assert (
        '<row r="2" spans="1:4"><c r="A2"><v>0</v></c><c r="B2"><v>1</v></c><c r="C2"><v>3</v></c>'
        '<c r="D2"><v>4</v></c><extLst/></row><row r="3"/>'
    ) in part(path)


def test_it_finds_rows_and_cells_that_stand_in_another_order(tmp_path: Path) -> None:
    rows = texts(1, "a", "b") + '<row r="3"><c r="B3"><v>3</v></c><c r="A3"><v>1</v></c></row>' + texts(2, "x", "y")
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows))
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, 0, f"row {row.position}") for row in table.rows])
    assert sorted(shown(sheet.read())) == [["row 2", "y"], ["row 3", "3"]]
    assert len(re.findall(r'<c r="A3"', part(path))) == 1


def test_it_writes_with_the_prefix_that_the_sheet_uses(tmp_path: Path) -> None:
    rows = re.sub(r"<(/?)(?=\w)", r"<\1x:", texts(1, "Name") + texts(2, "Ann"))
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows, prefix="x"))
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 1, "Draft")], [NewColumn("Status", hidden=True)])
    assert shown(XlsxSheet(path).read()) == [["Ann", "Draft"]]
    assert '<x:c r="B2" t="inlineStr"><x:is><x:t>Draft</x:t></x:is></x:c>' in part(path)
    assert load_workbook(path).worksheets[0]["B2"].value == "Draft"


def test_it_refuses_to_change_xml_that_it_only_reads(tmp_path: Path) -> None:
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(texts(1, "Name") + "<!-- x -->" + texts(2, "Ann")))
    before = path.read_bytes()
    with pytest.raises(PermanentError, match="save it once"):
        write(path, "Anne")
    assert path.read_bytes() == before


def test_it_refuses_formulas_cells_under_a_merge_and_numbers_that_are_none(tmp_path: Path) -> None:
    rows = texts(1, "a", "b") + (
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f t="array" ref="B2:B3">A2:A3</f><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><v>2</v></c></row>' + texts(4, "x", "y") + texts(5, "", "z")
    )
    merged = '<mergeCells count="1"><mergeCell ref="A4:A5"/></mergeCells>'
    path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows, after=merged))
    before = path.read_bytes()
    for row, column, value, reason in [
        (0, 1, "x", "B2 is a formula"),
        (1, 1, "x", "B3 is a formula"),
        (3, 0, "x", "A5 is covered"),
        (0, 0, float("nan"), "nan"),
        (0, 2, "x", "no column"),
    ]:
        with pytest.raises(ValueError, match=reason):
            write(path, value, row=row, column=column)
    assert path.read_bytes() == before


def test_the_bytes_have_the_last_word_on_what_is_a_formula() -> None:
    rows = texts(1, "a") + '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    with pytest.raises(ValueError, match="A2 holds a formula"):
        splice.cells(SheetPart(sheet_xml(rows).encode(), "a.xlsx"), {2: {1: "x"}}, {})


class TestText:
    def test_it_leaves_out_characters_that_xml_forbids(self, tmp_path: Path) -> None:
        path = two(tmp_path / "a.xlsx")
        write(path, "a\x00b\x07c\ud800d\ufffee\r\nf\rg")
        assert shown(XlsxSheet(path).read())[0][0] == "abcde\nf\ng"

    @pytest.mark.parametrize("character", ["x", "é", "👋"])
    def test_it_cuts_what_is_longer_than_a_cell_can_be(self, tmp_path: Path, character: str) -> None:
        path = two(tmp_path / "a.xlsx")
        write(path, character * 40_000)
        found = shown(XlsxSheet(path).read())[0][0]
        units = len(found.encode("utf-16-le")) // 2
        assert 32_766 <= units <= 32_767
        assert found.rstrip("…") == character * (len(found) - 1)

    def test_it_keeps_a_text_of_exactly_the_limit(self, tmp_path: Path) -> None:
        path = two(tmp_path / "a.xlsx")
        write(path, "x" * 32_767)
        assert shown(XlsxSheet(path).read())[0][0] == "x" * 32_767


class TestNewColumns:
    def test_they_go_right_of_the_last_used_one_with_the_header_s_style(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1" s="5" t="inlineStr"><is><t>Name</t></is></c></row>' + texts(2, "Ann", "a remark")
        path = hand_made(tmp_path / "a.xlsx", sheet_xml(rows, before='<dimension ref="A1:B2"/>'))
        after = add(path, *OURS, header_row=1)
        assert '<c r="C1" t="inlineStr"><is><t>Status</t></is></c>' in after
        assert '<dimension ref="A1:E2"/>' in after
        styled = hand_made(tmp_path / "b.xlsx", sheet_xml(rows.replace(texts(2, "Ann", "a remark"), texts(2, "Ann"))))
        assert '<c r="B1" s="5" t="inlineStr"><is><t>Status</t></is></c>' in add(styled, STATUS)

    def test_they_leave_room_for_merged_blocks(self, tmp_path: Path) -> None:
        after = '<mergeCells count="1"><mergeCell ref="B2:D2"/></mergeCells>'
        assert '<c r="E1" t="inlineStr"><is><t>Status</t>' in add(two(tmp_path / "a.xlsx", after=after), STATUS)

    @pytest.mark.parametrize(
        ("cols", "expected"),
        [
            ("", '<cols><col min="3" max="3" width="9.140625" hidden="1" customWidth="1"/></cols>'),
            (
                '<cols><col min="1" max="1" width="20"/></cols>',
                '<cols><col min="1" max="1" width="20"/>'
                '<col min="3" max="3" width="9.140625" hidden="1" customWidth="1"/></cols>',
            ),
            (
                '<cols><col min="2" max="16384" width="11" style="1"/></cols>',
                '<cols><col min="2" max="2" width="11" style="1"/>'
                '<col min="3" max="3" width="11" style="1" hidden="1" customWidth="1"/>'
                '<col min="4" max="16384" width="11" style="1"/></cols>',
            ),
            (
                '<cols><col min="4" max="4" width="11"/></cols>',
                '<cols><col min="3" max="3" width="9.140625" hidden="1" customWidth="1"/>'
                '<col min="4" max="4" width="11"/></cols>',
            ),
        ],
    )
    def test_a_hidden_one_is_fitted_into_the_column_settings(self, tmp_path: Path, cols: str, expected: str) -> None:
        path = two(tmp_path / "a.xlsx", before=cols)
        assert expected in add(path, NewColumn("Row key", hidden=True))
        assert load_workbook(path).worksheets[0].column_dimensions["C"].hidden

    def test_a_visible_one_is_seen_even_where_all_unused_columns_are_hidden(self, tmp_path: Path) -> None:
        path = two(tmp_path / "a.xlsx", before='<cols><col min="3" max="16384" width="0" hidden="1"/></cols>')
        after = add(path, STATUS)
        assert '<col min="3" max="3" width="9.140625"/><col min="4" max="16384" width="0" hidden="1"/>' in after
        assert not XlsxSheet(path).read().columns[2].hidden

    def test_the_sheet_s_filter_grows_with_them(self, tmp_path: Path) -> None:
        path = two(tmp_path / "a.xlsx", after='<autoFilter ref="A1:B2"><filterColumn colId="0"/></autoFilter>')
        assert '<autoFilter ref="A1:D2"><filterColumn colId="0"/>' in add(path, STATUS, NewColumn("Message"))

    def test_a_title_that_is_taken_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="taken"):
            add(two(tmp_path / "a.xlsx"), NewColumn("name"))

    def test_a_full_sheet_is_refused_in_words(self, tmp_path: Path) -> None:
        rows = texts(1, "Name") + '<row r="2"><c r="A2"><v>1</v></c><c r="XFD2"><v>1</v></c></row>'
        with pytest.raises(PermanentError, match="XFD"):
            add(hand_made(tmp_path / "a.xlsx", sheet_xml(rows)), STATUS, header_row=1)


TABLE = (
    f'<table xmlns="{MAIN}" id="1" name="People" displayName="People" ref="A1:B2" totalsRowShown="0">'
    '<autoFilter ref="A1:B2"/><tableColumns count="2"><tableColumn id="1" name="Name"/>'
    '<tableColumn id="5" name="Bib"/></tableColumns><tableStyleInfo name="x"/></table>'
)
PART = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
TABLE_PART = "xl/tables/table1.xml"


class TestNewColumnsOfAnExcelTable:
    def make(self, path: Path, rows: str = TWO, table: str = TABLE) -> Path:
        return hand_made(path, sheet_xml(rows, after=PART), shared=["<t>Ann</t>"], table=table)

    def test_they_are_the_table_s_own_so_that_a_sort_carries_them(self, tmp_path: Path) -> None:
        path = self.make(tmp_path / "a.xlsx")
        before = members(path)
        sheet = XlsxSheet(path)
        table = sheet.read()
        sheet.apply(table, [CellEdit(table.rows[0], 2, "Draft")], [STATUS, NewColumn('A "b" <c>', hidden=True)])
        changed = part(path, TABLE_PART)
        assert 'ref="A1:D2" totalsRowShown="0"><autoFilter ref="A1:D2"/><tableColumns count="4">' in changed
        assert (
            '<tableColumn id="5" name="Bib"/><tableColumn id="6" name="Status"/>'
            '<tableColumn id="7" name="A &quot;b&quot; &lt;c&gt;"/></tableColumns><tableStyleInfo name="x"/>'
        ) in changed
        assert [name for name, member in members(path).items() if member != before[name]] == [SHEET, TABLE_PART]
        assert shown(sheet.read()) == [["Ann", "007", "Draft", ""]]
        assert load_workbook(path).worksheets[0].tables["People"].ref == "A1:D2"

    def test_a_table_hemmed_in_on_the_right_is_refused_in_words(self, tmp_path: Path) -> None:
        rows = TWO + '<row r="3"><c r="D3"><v>1</v></c></row>'
        assert "Status" in add(self.make(tmp_path / "a.xlsx", rows), STATUS, NewColumn("Message"))
        hemmed = TWO.replace("</row>", '<c r="D1"><v>1</v></c></row>', 1)
        path = self.make(tmp_path / "b.xlsx", hemmed)
        with pytest.raises(PermanentError, match="D1 is in the way"):
            add(path, STATUS, NewColumn("Message"))
        assert "Status" in add(path, STATUS)

    def test_a_table_that_a_query_fills_is_refused_in_words(self, tmp_path: Path) -> None:
        path = self.make(tmp_path / "a.xlsx", table=TABLE.replace(' id="1"', ' id="1" tableType="queryTable"', 1))
        with pytest.raises(PermanentError, match="query"):
            add(path, STATUS)


class TestArchive:
    def test_it_copies_members_with_wide_headers_and_descriptors(self, tmp_path: Path) -> None:
        """As streaming writers make them: sizes behind the data, zip64 fields, a comment, stored members."""
        source, path = two(tmp_path / "plain.xlsx"), tmp_path / "a.xlsx"
        with zipfile.ZipFile(source) as archive, path.open("wb") as file:
            stream = _Unseekable(file)
            with zipfile.ZipFile(stream, "w") as target:  # type: ignore[call-overload]
                target.comment = b"a comment"
                for name in archive.namelist():
                    info = zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2))
                    info.compress_type = zipfile.ZIP_STORED if "styles" in name else zipfile.ZIP_DEFLATED
                    with target.open(info, "w", force_zip64=True) as member:
                        member.write(archive.read(name))
        before = members(path)
        write(path, "Anne")
        after = members(path)
        assert [name for name in before if after[name] != before[name]] == [SHEET]
        assert zipfile.ZipFile(path).comment == b"a comment"
        assert shown(XlsxSheet(path).read()) == [["Anne", "007"]]

    def test_it_moves_members_whose_places_are_in_zip64_fields(self, tmp_path: Path) -> None:
        path = two(tmp_path / "a.xlsx")
        path.write_bytes(_with_wide_directory(path.read_bytes()))
        before = members(path)
        write(path, "Anne, whose name makes the file longer " * 20)
        after = members(path)
        assert [name for name in before if after[name] != before[name]] == [SHEET]


def _with_wide_directory(data: bytes) -> bytes:
    """The same archive with sizes and places of its central directory in zip64 fields, as some programs write it."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        start, infos = archive.start_dir, archive.infolist()
    out, position = bytearray(data[:start]), start
    for info in infos:
        entry, name = bytearray(data[position : position + 46]), info.filename.encode()
        struct.pack_into("<2L", entry, 20, 0xFFFFFFFF, 0xFFFFFFFF)
        struct.pack_into("<H", entry, 30, 28)
        struct.pack_into("<L", entry, 42, 0xFFFFFFFF)
        field = struct.pack("<2H3Q", 1, 24, info.file_size, info.compress_size, info.header_offset)
        out += bytes(entry) + name + field
        position += 46 + len(name)
    count = len(infos)
    return bytes(out) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(out) - start, start, 0)


class _Unseekable:
    """A stream that can only be written on."""

    def __init__(self, file: object) -> None:
        self.write, self.flush = file.write, file.flush  # type: ignore[attr-defined]


def test_openpyxl_finds_our_values_and_all_that_was_there(tmp_path: Path) -> None:
    path = create(tmp_path / "sample.xlsx")
    before = [[cell.value for cell in row] for row in load_workbook(path).worksheets[0].iter_rows()]
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, 11, f"to {row.position}") for row in table.rows], OURS)
    book = load_workbook(path)
    after = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert [row[:11] for row in after] == before
    assert [row[11] for row in after] == ["Status", *(f"to {number}" for number in range(2, len(after) + 1))]
    assert book.worksheets[0].tables["Contestants"].ref == f"A1:N{len(after)}"


def test_libreoffice_opens_what_we_wrote(tmp_path: Path) -> None:
    path = create(tmp_path / "sample.xlsx")
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(row, 11, '=1+1 "ü" <&>\nline') for row in table.rows[:2]], OURS)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        need_program("soffice"),
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=60)
    lines = (tmp_path / "sample.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("Entry,Phone,Status,Message,Row key")
    assert lines[1].startswith("007,Amara Okonjo-Lindqvist,")
    assert lines[1].endswith('"=1+1 ""ü"" <&>')


def test_a_plain_workbook_of_openpyxl_with_a_table_grows_as_well(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["Name", "Bib"])
    book.worksheets[0].append(["Ann", 7])
    book.worksheets[0].add_table(ExcelTable(displayName="People", ref="A1:B2"))
    path = tmp_path / "a.xlsx"
    book.save(path)
    add(path, *OURS)
    table = load_workbook(path).worksheets[0].tables["People"]
    assert [column.name for column in table.tableColumns] == ["Name", "Bib", "Status", "Message", "Row key"]
    assert len({column.id for column in table.tableColumns}) == 5
