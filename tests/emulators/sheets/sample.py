"""A contest to look at: the contestants of the local sample and six reserves, as an organiser would keep them."""

from __future__ import annotations

from datetime import time

from server.local import sample
from tests.emulators.sheets import filters
from tests.emulators.sheets.emulator import Emulator
from tests.emulators.sheets.workbook import Workbook

TITLES = (
    "Bib",
    "Name",
    "Email",
    "Phone",
    "Country",
    "Discipline",
    "Start time",
    "Start date",
    "Report by",
    "Fee",
    "Entry",
)
WITHDRAWN = {45, 60, 93}
_RESERVES = ("Ana", "Ben", "Zoe", "Ada", "Bob", "Cleo")


def contest(google: Emulator, *, locale: str = "en_GB") -> Workbook:
    """A spreadsheet with 30 contestants, a filter that hides those who withdrew, and a second sheet of notes."""
    book = google.spreadsheet("Athletics weekend", {"Contestants": [TITLES], "Notes": []}, locale=locale,
                              time_zone="Europe/London", frozen=1)  # fmt: skip
    sheet = book.sheet("Contestants")
    people = [*sample._CONTESTANTS, *_reserves()]
    for row, (bib, name, mail, discipline, start, day, fee, country) in enumerate(people, 1):
        # Ofcom keeps these numbers for films: nobody answers them.
        phone = f"+44 7700 900{row:03d}"
        report = f"=G{row + 1}-TIME(0,45,0)"
        entry = "Withdrawn" if bib in WITHDRAWN else "Entered"
        values = [bib, name, mail or None, phone, country, discipline, start, day, report, fee, entry]
        book.fill(sheet, [values], row)
    for title, pattern, kind in (
        ("Bib", "000", "NUMBER"),
        ("Phone", "@", "TEXT"),
        ("Start time", "hh:mm", "TIME"),
        ("Start date", "ddd d mmm yyyy", "DATE"),
        ("Report by", "hh:mm", "TIME"),
        ("Fee", "[$£]#,##0.00", "CURRENCY"),
    ):
        book.format_column(sheet, TITLES.index(title), pattern, kind)
    part = {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": 31, "startColumnIndex": 0, "endColumnIndex": 11}
    spec = {"columnIndex": TITLES.index("Entry"), "filterCriteria": {"hiddenValues": ["Withdrawn"]}}
    sheet.basic_filter = filters.normal({"range": part, "filterSpecs": [spec]}, lambda name: {})
    filters.apply(book, sheet)
    book.fill(book.sheet("Notes"), [["The field opens at 8:00. Ask at the desk for keys."]])
    return book


def _reserves() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for at, name in enumerate(_RESERVES):
        mail = f"{name.lower()}@example.org"
        rows.append((200 + at, name, mail, "Reserve", time(14, 5 * at), sample.SUNDAY, 20, "United Kingdom"))
    return rows
