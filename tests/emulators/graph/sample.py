"""The workbook that the emulator shows when it is started by hand: the sample's people, six of them entered twice."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from server.local import sample
from tests.emulators.graph.book import Book
from tests.emulators.graph.files import from_xlsx

SECOND_ENTRIES = {2: "Triple jump", 4: "Triple jump", 6: "Long jump", 8: "Javelin", 14: "800 m", 16: "800 m"}
"""Position in the sample -> the discipline that this person enters besides."""


def contest() -> Book:
    """A table of 30 entries on the tab Contestants, without a filter."""
    return _contest().clone()


@cache
def _contest() -> Book:
    with tempfile.TemporaryDirectory() as folder:
        book = from_xlsx(sample.create(Path(folder) / "sample.xlsx").read_bytes())
    sheet, table = book.tables()[0]
    for column in table.columns:
        column.criteria = None
    table.reapply(sheet)
    discipline = table.left + table.titles(sheet).index("Discipline")
    for source, name in SECOND_ENTRIES.items():
        target = table.add_rows(sheet, None, 1)
        sheet.put_row(table.body, table.first + source, table.first + target)
        sheet.cell(table.first + target, discipline).value = name
    return book
