"""The sample workbook that a newcomer meets: contestants of an athletics weekend, with the snags that lists have."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter, FilterColumn, Filters
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

SATURDAY, SUNDAY = date(2027, 6, 12), date(2027, 6, 13)
REPORT_BEFORE = timedelta(minutes=45)

_COLUMNS = {
    "Bib": (7, "000"),
    "Name": (24, "General"),
    "Email": (34, "General"),
    "Discipline": (14, "General"),
    "Start time": (12, "hh:mm"),
    "Start date": (14, "ddd d mmm yyyy"),
    "Report by": (12, "hh:mm"),
    "Fee": (11, "[$£-809]#,##0.00"),
    "Country": (15, "General"),
    "Entry": (13, "General"),
    "Phone": (18, "@"),
}
"""Title: width and number format."""

_CONTESTANTS = (
    (7, "Amara Okonjo-Lindqvist", "amara.lindqvist@example.org", "Long jump", time(9, 0), SATURDAY, 35, "Sweden"),
    (12, "Bertil Hasselmoor", "bertil@example.com", "Long jump", time(9, 10), SATURDAY, 35, "Sweden"),
    (19, "Chiara Valdonetti", "c.valdonetti@example.net", "Long jump", time(9, 20), SATURDAY, 35, "Italy"),
    (23, "Dafydd Trewarren", "dafydd.trewarren@example.org", "Long jump", time(9, 30), SATURDAY, 35, "United Kingdom"),
    (24, "Efua Mensimah", "", "Long jump", time(9, 40), SATURDAY, 35, "Ghana"),
    (31, "Fumiko Harukaze", "fumiko.h@example.com", "High jump", time(10, 0), SATURDAY, 35, "Japan"),
    (38, "Gustavo Pereyrinha", "gustavo@example.net", "High jump", time(10, 15), SATURDAY, 35, "Portugal"),
    (42, "Hedda Brattvollen", "hedda.brattvollen@example.org", "High jump", time(10, 30), SATURDAY, 35, "Norway"),
    (45, "Ismail Karatepeli", "ismail.k@example.com", "High jump", time(10, 45), SATURDAY, 35, "Türkiye"),
    (51, "Jolanta Wierzbowicka", "jolanta@example.net", "Pole vault", time(13, 0), SATURDAY, 42.5, "Poland"),
    (52, "Kasper Wierzbowicki", "jolanta@example.net", "Pole vault", time(13, 15), SATURDAY, 42.5, "Poland"),
    (58, "Leilani Kahanuola", "leilani@example.org", "Pole vault", time(13, 30), SATURDAY, 42.5, "United States"),
    (60, "Matteo Giallombardi", "matteo.g@example.com", "Pole vault", time(13, 45), SATURDAY, 42.5, "Italy"),
    (63, "Nwando Ezechukwuka", "nwando@example.net", "1500 m", time(9, 30), SUNDAY, 28, "Nigeria"),
    (66, "Oisín Mac Gabhráin", "oisin@example.org", "1500 m", time(9, 30), SUNDAY, 28, "Ireland"),
    (71, "Petra Sommerauerová", "petra.sommerauerova@example.com", "1500 m", time(9, 30), SUNDAY, 28, "Czechia"),
    (77, "Quentin d'Aubrelac", "quentin@example.net", "1500 m", time(9, 50), SUNDAY, 28, "France"),
    (78, "Rosalind Thackerby", "rosalind.thackerby@example.org", "1500 m", time(9, 50), SUNDAY, 28, "United Kingdom"),
    (7, "Amara Okonjo-Lindqvist", "amara.lindqvist@example.org", "Long jump", time(9, 0), SATURDAY, 35, "Sweden"),
    (84, "Søren Klitmøllegaard", "soren@example.com", "Javelin", time(11, 0), SUNDAY, 39, "Denmark"),
    (89, "Tereza Ondráčkovic", "tereza.o@example.net", "Javelin", time(11, 20), SUNDAY, 39, "Slovakia"),
    (93, "Umberto Passalacquari", "umberto@example.org", "Javelin", time(11, 40), SUNDAY, 39, "Italy"),
    (101, "Vaishnavi Ranganekar", "vaishnavi@example.com", "Javelin", time(12, 0), SUNDAY, 39, "India"),
    (104, "Wenzel Unterholzner", "wenzel.unterholzner@example.net", "Javelin", time(12, 20), SUNDAY, 39, "Austria"),
)
"""Invented people. One has no address, one is in the list twice, two share an address. Their phones are of the numbers
that are kept free for stories (07700 900000 to 900999)."""

_WITHDRAWN = {45, 60, 93}
"""Bibs that a filter hides."""


def create(path: Path) -> Path:
    """Write the sample workbook to `path`, with its folder; one that is there already is left as it is."""
    if path.exists():
        return path
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Contestants"
    _fill(sheet)
    _dress(sheet)
    _hide_withdrawn(sheet)
    book.properties.creator = "Cellback"
    book.properties.title = "Contestants (sample)"
    packed = BytesIO()
    book.save(packed)
    _store(_with_results(packed), path)
    return path


def _fill(sheet: Worksheet) -> None:
    sheet.append(list(_COLUMNS))
    for row, (bib, name, mail, discipline, start, day, fee, country) in enumerate(_CONTESTANTS, 2):
        entry = "Withdrawn" if bib in _WITHDRAWN else "Entered"
        minutes = int(REPORT_BEFORE.total_seconds() // 60)
        report = f"=E{row}-TIME(0,{minutes},0)"
        phone = f"+44 7700 900{bib:03d}" if mail else None
        sheet.append([bib, name, mail or None, discipline, start, day, report, fee, country, entry, phone])


def _dress(sheet: Worksheet) -> None:
    """Widths, formats and a header that LibreOffice shows too, which knows no table styles."""
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 22
    for index, (cells, (width, code)) in enumerate(zip(sheet.iter_cols(), _COLUMNS.values(), strict=True), 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
        side = "left" if code == "General" else "center"
        for cell in cells:
            cell.number_format = code
            cell.alignment = Alignment(horizontal=side, vertical="center")
        cells[0].number_format = "General"
        cells[0].font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
        cells[0].fill = PatternFill("solid", fgColor="305496")
    table = Table(displayName="Contestants", ref=sheet.dimensions)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    sheet.add_table(table)


def _hide_withdrawn(sheet: Worksheet) -> None:
    """As Excel stores a filter on `Entry`: the criterion in the table, and every row that it hides."""
    table = sheet.tables["Contestants"]
    entry = list(_COLUMNS).index("Entry")
    chosen = FilterColumn(colId=entry, filters=Filters(filter=["Entered"]))
    table.autoFilter = AutoFilter(ref=table.ref, filterColumn=[chosen])
    for row, contestant in enumerate(_CONTESTANTS, 2):
        sheet.row_dimensions[row].hidden = contestant[0] in _WITHDRAWN


def _with_results(packed: BytesIO) -> bytes:
    """The workbook with the results of its formulas, which openpyxl leaves out and a reader needs."""
    out = BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = re.sub(rb'(<c r="G(\d+)"[^>]*><f>[^<]*</f>)<v\s*/?>(?:</v>)?', _result, content)
            target.writestr(info, content)
    return out.getvalue()


def _result(match: re.Match[bytes]) -> bytes:
    start = datetime.combine(SATURDAY, _CONTESTANTS[int(match[2]) - 2][4])
    report = (start - REPORT_BEFORE) - datetime.combine(SATURDAY, time())
    return match[1] + b"<v>%s</v>" % repr(report / timedelta(days=1)).encode()


def _store(content: bytes, path: Path) -> None:
    """In one step: nobody ever opens half a workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".cellback-", suffix=".tmp", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    os.replace(name, path)
