"""What our columns look like in a workbook file: spliced in, in the order that Excel wants, all else byte for byte."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from server.domain.look import PAINT, STATUS_TONES, Tone, of_answer, of_role
from server.domain.table import NewColumn
from server.domain.words import Role, Status
from server.errors import SheetUnavailable
from server.sheets.ooxml import elements
from server.sheets.xlsx import XlsxSheet
from tests.needs import need_program
from tests.sheets.books import hand_made, members, sheet_xml, texts

LOOKS = (of_role(Role.STATUS, "Status"), of_answer("Fits", ("Yes", "No")), of_role(Role.NOTE, "Note"))
SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def laid_out(path: Path) -> XlsxSheet:
    sheet = XlsxSheet(path)
    sheet.apply(sheet.read(), [], [NewColumn("Status"), NewColumn("Fits"), NewColumn("Note")])
    return sheet


def content(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """People in A and B, with a rule, a validation and a width of theirs."""
    made = Workbook()
    tab = made.active
    assert tab is not None
    for row in (["Name", "Email"], ["Ann", "ann@example.org"], ["Bob", "bob@example.org"]):
        tab.append(row)
    fill = PatternFill(bgColor="FFFF00")
    tab.conditional_formatting.add("A2:A9", CellIsRule(operator="equal", formula=['"Ann"'], fill=fill))
    theirs = DataValidation("list", formula1='"a,b"', showErrorMessage=True)
    theirs.add("B2:B9")
    tab.add_data_validation(theirs)
    tab.column_dimensions["A"].width = 33
    tab["A1"].hyperlink = "https://example.org/"
    made.save(tmp_path / "people.xlsx")
    return tmp_path / "people.xlsx"


def test_only_the_sheet_and_the_styles_change_and_there_nothing_goes(book: Path) -> None:
    sheet = laid_out(book)
    before = members(book)
    was = {name: content(book, name) for name in (SHEET, STYLES)}
    sheet.dress(LOOKS)
    after = members(book)
    assert {name for name in before if before[name] != after[name]} == {SHEET, STYLES}
    for name in (SHEET, STYLES):
        kept = re.sub(rb'\scount="\d+"', b"", was[name])
        pieces = [piece for piece in re.split(rb"(?=<)", kept) if piece]
        now, at = re.sub(rb'\scount="\d+"', b"", content(book, name)), 0
        for piece in pieces:  # every tag that was there is there still, in its order
            if piece in {b"<dxfs/>"}:
                continue
            at = now.index(piece, at) + len(piece)


def test_every_word_has_its_colours_in_rows_that_are_still_to_come_too(book: Path) -> None:
    laid_out(book).dress(LOOKS)
    tab = load_workbook(book).active
    assert tab is not None
    [block] = [one for one in tab.conditional_formatting if "C" in str(one.sqref)]
    assert str(block.sqref) == "C2:C1048576"
    found = {}
    for rule in block.rules:
        for word in re.findall(r'"([^"]+)"', rule.formula[0]):
            found[word] = (f"#{rule.dxf.fill.bgColor.rgb[2:].lower()}", f"#{rule.dxf.font.color.rgb[2:].lower()}")
    assert found == {str(word): tuple(PAINT[STATUS_TONES[word]]) for word in Status}


def test_words_are_offered_with_a_warning_at_most(book: Path) -> None:
    laid_out(book).dress(LOOKS)
    tab = load_workbook(book).active
    assert tab is not None
    lists = {str(one.sqref): one for one in tab.data_validations.dataValidation if one.type == "list"}
    assert set(lists) == {"B2:B9", "C2:C1048576", "D2:D1048576"}
    assert lists["D2:D1048576"].formula1 == '"Yes,No"'
    assert {lists[where].errorStyle for where in ("C2:C1048576", "D2:D1048576")} == {"warning"}
    hints = {str(one.sqref): one.prompt for one in tab.data_validations.dataValidation if one.prompt}
    assert hints == {f"{letter}1": look.note for letter, look in zip("CDE", LOOKS, strict=True)}


def test_rules_of_theirs_stay_and_go_before_ours(book: Path) -> None:
    laid_out(book).dress(LOOKS)
    tab = load_workbook(book).active
    assert tab is not None
    rules = [rule for block in tab.conditional_formatting for rule in block.rules]
    assert [rule.operator for rule in rules if rule.priority == 1] == ["equal"]
    assert sorted(rule.priority for rule in rules) == list(range(1, len(rules) + 1))
    assert next(iter(tab.conditional_formatting)).rules[0].dxf.fill.bgColor.rgb == "00FFFF00"


def test_widths_are_given_to_our_columns_but_not_over_theirs(book: Path) -> None:
    sheet = laid_out(book)
    with_width = load_workbook(book)
    with_width.active.column_dimensions["C"].width = 5  # type: ignore[union-attr]
    with_width.save(book)
    sheet.dress(LOOKS)
    tab = load_workbook(book).active
    assert tab is not None
    assert [tab.column_dimensions[letter].width for letter in "AC"] == [33, 5]
    assert tab.column_dimensions["E"].width == pytest.approx((LOOKS[2].width - 5) / 7, abs=0.01)


def test_new_elements_stand_where_excel_wants_them(book: Path) -> None:
    laid_out(book).dress(LOOKS)
    for name, order in ((SHEET, elements.WORKSHEET), (STYLES, elements.STYLES)):
        names = [one.name for one in elements.inside(content(book, name), "book")]
        ranks = [order.index(one) for one in names]
        assert ranks == sorted(ranks), names


def test_a_sheet_with_prefixes_and_without_any_styles_of_that_kind_is_dressed_too(tmp_path: Path) -> None:
    rows = re.sub(r"(</?)(?=\w)", r"\1x:", texts(1, "Name", "Email") + texts(2, "Ann", "ann@example.org"))
    margins = '<x:pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>'
    path = hand_made(
        tmp_path / "hand.xlsx",
        sheet_xml(rows, after=margins, prefix="x"),
    )
    sheet = laid_out(path)
    sheet.dress(LOOKS)
    names = [one.name for one in elements.inside(content(path, SHEET), "book")]
    assert names.index("dataValidations") < names.index("pageMargins")
    assert [column.title for column in sheet.read().columns] == ["Name", "Email", "Status", "Fits", "Note"]


def test_a_validation_of_theirs_over_our_column_is_left_alone(book: Path) -> None:
    sheet = laid_out(book)
    theirs = load_workbook(book)
    rule = DataValidation("whole", operator="greaterThan", formula1="3")
    rule.add("A1:F50")
    theirs.active.add_data_validation(rule)  # type: ignore[union-attr]
    theirs.save(book)
    sheet.dress(LOOKS)
    tab = load_workbook(book).active
    assert tab is not None
    assert {str(one.sqref) for one in tab.data_validations.dataValidation} == {"B2:B9", "A1:F50"}
    assert any("C2" in str(one.sqref) for one in tab.conditional_formatting)


def test_other_answers_of_the_plan_take_the_place_of_the_old_ones(book: Path) -> None:
    sheet = laid_out(book)
    sheet.dress(LOOKS)
    sheet.dress([LOOKS[0], of_answer("Fits", ("Yes", "No", "Later")), LOOKS[2]])
    tab = load_workbook(book).active
    assert tab is not None
    lists = [one.formula1 for one in tab.data_validations.dataValidation if "D2" in str(one.sqref)]
    assert lists == ['"Yes,No,Later"']
    assert len(tab.data_validations.dataValidation) == 6
    assert len([one for one in tab.conditional_formatting if "C" in str(one.sqref)]) == 1


@pytest.mark.parametrize("values", [("Yes, please", "No"), (" Yes", "No"), tuple(f"Value {n:03}" for n in range(40))])
def test_values_that_a_list_in_the_file_can_not_hold_are_not_offered(book: Path, values: tuple[str, ...]) -> None:
    sheet = laid_out(book)
    sheet.dress([of_answer("Fits", values)])
    tab = load_workbook(book).active
    assert tab is not None
    assert [str(one.sqref) for one in tab.data_validations.dataValidation] == ["B2:B9", "D1"]


def test_values_with_marks_of_xml_and_quotes_stay_what_they_are(book: Path) -> None:
    sheet = laid_out(book)
    sheet.dress([of_answer("Fits", ('The "big" one', "A & B <C>"))])
    tab = load_workbook(book).active
    assert tab is not None
    [rule] = [one for one in tab.data_validations.dataValidation if "D2" in str(one.sqref)]
    assert rule.formula1 == '"The ""big"" one,A & B <C>"'


def test_while_it_is_open_in_excel_nothing_is_dressed(book: Path) -> None:
    sheet = laid_out(book)
    before = book.read_bytes()
    book.with_name("~$people.xlsx").write_bytes(b"\x03Ana")
    with pytest.raises(SheetUnavailable):
        sheet.dress(LOOKS)
    assert book.read_bytes() == before


def test_libreoffice_shows_the_colours(book: Path, tmp_path: Path) -> None:
    sheet = laid_out(book)
    filled = load_workbook(book)
    filled.active["C2"], filled.active["C3"] = "Confirmed", "Bounced"  # type: ignore[index]
    filled.save(book)
    sheet.dress(LOOKS)
    out = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [need_program("soffice"), profile, "--headless", "--convert-to", "html", "--outdir", str(out), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=90)
    page = (out / "people.html").read_text("utf-8").lower()
    for tone, word in ((Tone.GOOD, "confirmed"), (Tone.BAD, "bounced")):
        paint = PAINT[tone]
        assert re.search(rf'bgcolor="{paint.fill}"[^>]*>.{{0,80}}{paint.ink}[^>]*>{word}', page), word
