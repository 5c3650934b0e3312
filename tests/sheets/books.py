"""Workbooks for the tests: made by openpyxl as people's are, or by hand for what openpyxl can't write."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook

from server.ports import Sheet
from server.sheets.xlsx import XlsxSheet
from tests.contracts.sheet import Formula, Value

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="000"/>'
    '<numFmt numFmtId="165" formatCode="[$£-809]#,##0.00"/></numFmts>'
    '<fonts><font/></fonts><fills><fill><patternFill patternType="none"/></fill></fills>'
    "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="20"/>'
    '<xf numFmtId="165"/><xf numFmtId="49"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""Style 1: 000, 2: a date, 3: h:mm, 4: pounds, 5: text."""


class XlsxBench:
    """The contract's bench over a file on disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "people.xlsx"

    def make(self, rows: Sequence[Sequence[Value]], *, hidden: Sequence[int] = ()) -> Sheet:
        book = Workbook()
        sheet = book.worksheets[0]
        results = {}
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(number, column)
                if isinstance(value, Formula):
                    cell.value = value.text
                    results[cell.coordinate] = value.result
                elif value is not None:
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"
        for number in hidden:
            sheet.row_dimensions[number].hidden = True
        book.save(self.path)
        if results:
            rewrite(self.path, {SHEET: lambda content: with_results(content, results)})
        return XlsxSheet(self.path)

    def change(self, row: int, column: int, value: Value) -> None:
        book = load_workbook(self.path)
        book.worksheets[0].cell(row, column).value = value  # type: ignore[assignment]
        book.save(self.path)


def with_results(content: bytes, results: Mapping[str, object]) -> bytes:
    """Store results of formulas, which openpyxl leaves out."""
    for place, result in results.items():
        pattern = rb'(<c r="%s"[^>]*><f>[^<]*</f>)<v\s*/?>(?:</v>)?' % place.encode()
        content = re.sub(pattern, lambda match, value=result: match[1] + f"<v>{value}</v>".encode(), content)
    return content


def rewrite(path: Path, changes: Mapping[str, object]) -> None:
    """Change members of a workbook by functions from bytes to bytes."""
    out = BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            change = changes.get(info.filename)
            content = source.read(info)
            target.writestr(info, change(content) if callable(change) else content)
    path.write_bytes(out.getvalue())


def members(path: Path) -> dict[str, tuple[bytes, object]]:
    """Every member with its raw place in the file: local header and compressed bytes; and its time."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        ends = [info.header_offset for info in infos[1:]] + [archive.start_dir]
        return {
            info.filename: (data[info.header_offset : end], info.date_time)
            for info, end in zip(infos, ends, strict=True)
        }


def sheet_xml(rows: str, *, before: str = "", after: str = "", prefix: str = "") -> str:
    """A worksheet's XML around `<row>` elements."""
    name = f"{prefix}:" if prefix else ""
    declared = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{name}worksheet {declared} xmlns:r="{LINKS}">'
        f"{before}<{name}sheetData>{rows}</{name}sheetData>{after}</{name}worksheet>"
    )


def hand_made(
    path: Path,
    sheet: str,
    *,
    shared: Sequence[str] = (),
    table: str = "",
    properties: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """A workbook from a sheet's XML, as Excel would write it: shared texts, styles, perhaps a table and more parts."""
    parts = {
        "[Content_Types].xml": _types(bool(table)),
        "_rels/.rels": _links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{properties}<sheets>'
        '<sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "/xl/sharedStrings.xml")
        ),
        SHEET: sheet,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in shared)}</sst>',
    }
    if table:
        parts["xl/tables/table1.xml"] = table
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = _links(("table", "../tables/table1.xml"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **(extra or {})}.items():
            archive.writestr(name, content)
    return path


def _links(*links: tuple[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="rId{number}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{made}</Relationships>'


def _types(table: bool) -> str:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = {
        "/xl/workbook.xml": "sheet.main",
        "/xl/worksheets/sheet1.xml": "worksheet",
        "/xl/styles.xml": "styles",
        "/xl/sharedStrings.xml": "sharedStrings",
        **({"/xl/tables/table1.xml": "table"} if table else {}),
    }
    made = "".join(f'<Override PartName="{name}" ContentType="{base}.{kind}+xml"/>' for name, kind in kinds.items())
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{made}</Types>'
    )


def texts(number: int, *values: str, attributes: str = "") -> str:
    """A `<row>` of inline texts."""
    cells = "".join(
        f'<c r="{chr(65 + index)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
        for index, value in enumerate(values)
    )
    return f'<row r="{number}"{attributes}>{cells}</row>'
