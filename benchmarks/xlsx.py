"""The .xlsx sheet: reading and writing as ratios against openpyxl's load and save of the same file in the same run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook, load_workbook

from server.domain.table import CellEdit, NewColumn
from server.sheets.xlsx import XlsxSheet

COLUMNS = ("Bib", "Name", "Email", "Phone", "City", "Fee", "Start", "Team", "Note", "Rank")


def make(path: Path, rows: int) -> None:
    """A workbook of that many rows and 10 columns: texts that differ, texts that repeat, numbers, times."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append(list(COLUMNS))
    for row in range(rows):
        mail, phone = f"person{row}@example.org", f"+4479009{row:05d}"
        sheet.append(
            [row, f"Person {row}", mail, phone, f"City {row % 90}", row / 4, row / 86400, "Red", f"Note {row}", row % 7]
        )
    book.save(path)


def seconds(action: Callable[[], object], times: int = 1) -> float:
    """The best of a few runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def measure(rows: int, edits: int, folder: Path) -> None:
    """Print one line of figures for a workbook of that many rows."""
    path = folder / f"{rows}.xlsx"
    make(path, rows)

    def baseline() -> None:
        load_workbook(path).save(folder / "baseline.xlsx")

    times = 1 if rows > 10_000 else 3
    base = seconds(baseline, times)
    read = seconds(lambda: XlsxSheet(path).read(), times)
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [], [NewColumn("Status"), NewColumn("Message"), NewColumn("Row key", hidden=True)])
    table = sheet.read()
    again = seconds(sheet.read, 3)
    changes = [
        CellEdit(row, column, f"Text for {row.position}, column {column}")
        for row in table.rows[: edits // 2]
        for column in (10, 11)
    ]
    apply = seconds(lambda: sheet.apply(table, changes))
    print(
        f"xlsx {rows:>7} rows: openpyxl load+save {base:6.2f} s | read {read:6.3f} s = {read / base:.3f} of it | "
        f"read unchanged {again * 1000:.2f} ms | apply {len(changes)} cells {apply * 1000:.0f} ms = {apply / base:.3f}"
    )


def main() -> None:
    """Measure 1,000, 10,000 and 100,000 rows; the last takes about a minute, most of it openpyxl's."""
    with tempfile.TemporaryDirectory() as folder:
        for rows in (1_000, 10_000, 100_000):
            measure(rows, min(rows, 2_000), Path(folder))


if __name__ == "__main__":
    main()
