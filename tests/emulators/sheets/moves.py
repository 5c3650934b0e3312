"""What the other person can do to a sheet. Each move takes what `detail` says, and decides the rest by the seed.

It returns the detail in full; {} when there was nothing to do it to (no row left, say).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.emulators.sheets import changes, filters
from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.grid import Sheet
from tests.emulators.sheets.workbook import Workbook

Detail = dict[str, Any]
WORDS = ("ok", "see me", "12:15", "Approved", "Skip", "41", "yes", "=1+1", "?")
"""What a person types."""


@dataclass(frozen=True)
class Hand:
    """The sheet as the person sees it at this moment."""

    book: Workbook
    sheet: Sheet
    header: int
    own: tuple[str, ...]
    leave: tuple[str, ...]

    @property
    def titles(self) -> list[str]:
        """Texts of the header row, as far as the sheet is used."""
        used = self.sheet.used().right or 0
        return [self.book.text(self.sheet, self.header, column) for column in range(used)]

    @property
    def rows(self) -> range:
        """Rows below the header, as far as the sheet is used."""
        return range(self.header + 1, max(self.sheet.used().bottom or 0, self.header + 1))

    def record(self, row: int) -> dict[str, str]:
        """A row's texts by column title."""
        return {title: self.book.text(self.sheet, row, at) for at, title in enumerate(self.titles) if title}

    def row(self, rng: random.Random, detail: Detail) -> int | None:
        """The row of the detail, or any row of data."""
        if "row" in detail:
            return int(detail["row"])
        return rng.choice(self.rows) if self.rows else None

    def column(self, rng: random.Random, detail: Detail, *, business: bool = True, free: bool = False) -> int | None:
        """The column that the detail names by its title, or any: `business`, none of our own; `free`, none of those
        to leave alone and none that is hidden."""
        titles = self.titles
        if "column" in detail:
            return titles.index(detail["column"])
        own = {at for at, title in enumerate(titles) if title in self.own or (not self.own and self._tagged(at))}
        found = [at for at, title in enumerate(titles) if title and not (business and at in own)
                 and not (free and (title in self.leave or self.sheet.column(at).hidden_by_user))]  # fmt: skip
        return rng.choice(found) if found else None

    def first_own(self) -> int:
        """Where our own columns begin, else the end of the used ones."""
        titles = self.titles
        return next((at for at, title in enumerate(titles) if title in self.own or self._tagged(at)), len(titles))

    def _tagged(self, column: int) -> bool:
        return column < len(self.sheet.columns) and bool(self.sheet.columns[column].metadata)


def sort_all(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Sort all rows with all their columns. `column`, `down`."""
    return _sort(hand, rng, detail, len(hand.titles))


def sort_part(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Sort only the columns before ours (or the first `width`), which tears rows apart. `column`, `down`, `width`."""
    return _sort(hand, rng, detail, detail.get("width") or hand.first_own())


def _sort(hand: Hand, rng: random.Random, detail: Detail, width: int) -> Detail:
    column = hand.column(rng, detail)
    if column is None or not hand.rows or not width:
        return {}
    down = bool(detail.get("down", rng.random() < 0.5))
    spec = {"dimensionIndex": column, "sortOrder": "DESCENDING" if down else "ASCENDING"}
    part = Area(hand.sheet.id, hand.rows.start, hand.rows.stop, 0, width)
    order = changes.sort(hand.book, hand.sheet, part, [spec])
    return {"column": hand.titles[column], "down": down, "width": width, "order": order}


def insert_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """A new row before another, empty or with `values` (title -> text). `row`."""
    row = hand.row(rng, detail)
    if row is None:
        return {}
    changes.insert(hand.book, hand.sheet, "ROWS", row, row + 1, inherit=True)
    titles = hand.titles
    for title, text in detail.get("values", {}).items():
        hand.book.type(hand.sheet, row, titles.index(title), text)
    return {"row": row, "values": detail.get("values", {})}


def delete_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Take a row out. `row`."""
    row = hand.row(rng, detail)
    if row is None or (len(hand.rows) < 2 and "row" not in detail):
        return {}
    record = hand.record(row)
    changes.delete(hand.book, hand.sheet, "ROWS", row, row + 1)
    return {"row": row, "record": record}


def duplicate_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """A copy of a row, our key included, below it. `row`."""
    row = hand.row(rng, detail)
    if row is None:
        return {}
    changes.insert(hand.book, hand.sheet, "ROWS", row + 1, row + 2, inherit=True)
    part = Area(hand.sheet.id, row, row + 1, 0, len(hand.titles))
    changes.copy(hand.book, hand.sheet, part, hand.sheet, Area(hand.sheet.id, row + 1, row + 2, 0, len(hand.titles)))
    return {"row": row, "record": hand.record(row)}


def cut_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Cut a row's cells and paste them into a new row; an empty row stays behind. `row`, `to`."""
    row = hand.row(rng, detail)
    if row is None:
        return {}
    record = hand.record(row)
    to = int(detail["to"]) if "to" in detail else rng.choice([*hand.rows, hand.rows.stop])
    changes.insert(hand.book, hand.sheet, "ROWS", to, to + 1, inherit=True)
    row += row >= to
    part = Area(hand.sheet.id, row, row + 1, 0, len(hand.titles))
    changes.cut(hand.book, hand.sheet, part, hand.sheet, to, 0)
    return {"row": row, "to": to, "record": record}


def move_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Drag a row to another place. `row`, `to`."""
    row = hand.row(rng, detail)
    if row is None:
        return {}
    record = hand.record(row)
    to = int(detail["to"]) if "to" in detail else rng.choice([*hand.rows, hand.rows.stop])
    changes.move(hand.book, hand.sheet, "ROWS", row, row + 1, to)
    return {"row": row, "to": to, "record": record}


def insert_column(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """A new, empty column before one of the business's. `column`, `title`."""
    column = hand.column(rng, detail)
    if column is None:
        return {}
    before = hand.titles[column]
    changes.insert(hand.book, hand.sheet, "COLUMNS", column, column + 1)
    if title := detail.get("title", f"Extra {rng.randrange(1000)}"):
        hand.book.put(hand.sheet, hand.header, column, title)
    return {"column": before, "title": title}


def move_column(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Drag a column, ours as well, to another place. `column`, `to`."""
    column = hand.column(rng, detail, business=False)
    if column is None:
        return {}
    title = hand.titles[column]
    to = int(detail["to"]) if "to" in detail else rng.randrange(len(hand.titles) + 1)
    changes.move(hand.book, hand.sheet, "COLUMNS", column, column + 1, to)
    return {"column": title, "to": to}


def delete_column(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Take a column out. `column`."""
    column = hand.column(rng, detail, free=True)
    if column is None:
        return {}
    title = hand.titles[column]
    changes.delete(hand.book, hand.sheet, "COLUMNS", column, column + 1)
    return {"column": title}


def rename_header(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Another title for a column. `column`, `title`."""
    column = hand.column(rng, detail, business=False, free=True)
    if column is None:
        return {}
    old = hand.titles[column]
    new = detail.get("title") or f"{old.split(' (')[0]} ({rng.randrange(100)})"
    hand.book.put(hand.sheet, hand.header, column, new)
    return {"column": old, "title": new}


def rename_tab(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Another title for the sheet. `title`."""
    old = hand.sheet.title
    hand.sheet.title = detail.get("title") or f"{old.split(' v')[0]} v{rng.randrange(1000)}"
    return {"old": old, "title": hand.sheet.title}


def delete_tab(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Throw the sheet away."""
    if len(hand.book.sheets) == 1:
        hand.book.add_sheet("Sheet2")
    hand.book.sheets.remove(hand.sheet)
    return {"title": hand.sheet.title}


def type(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Type into a cell, ours as well. `row`, `column`, `text`."""
    row, column = hand.row(rng, detail), hand.column(rng, detail, business=False, free=True)
    if row is None or column is None:
        return {}
    text = detail.get("text", rng.choice(WORDS))
    old, record = hand.book.text(hand.sheet, row, column), hand.record(row)
    hand.book.type(hand.sheet, row, column, text)
    return {"row": row, "column": hand.titles[column], "text": text, "old": old, "record": record}


def clear(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Empty a cell. `row`, `column`."""
    return type(hand, rng, {**detail, "text": ""})


def hide_row(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Hide a row by hand. `row`."""
    row = hand.row(rng, detail)
    if row is None:
        return {}
    hand.sheet.row(row).hidden_by_user = True
    return {"row": row, "record": hand.record(row)}


def show_rows(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Show all rows that were hidden by hand."""
    for line in hand.sheet.rows:
        line.hidden_by_user = False
    return {"rows": len(hand.rows)}


def filter(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Set the filter that all see, hiding some values of a column. `column`, `hidden`."""
    column = hand.column(rng, detail)
    if column is None or not hand.rows:
        return {}
    shown = sorted({hand.book.text(hand.sheet, row, column) for row in hand.rows})
    hidden = list(detail.get("hidden", [rng.choice(shown)]))
    part = Area(hand.sheet.id, hand.header, hand.rows.stop, 0, len(hand.titles))
    spec = {"columnIndex": column, "filterCriteria": {"hiddenValues": hidden}}
    hand.sheet.basic_filter = filters.normal({"range": part.grid_range(), "filterSpecs": [spec]}, lambda name: {})
    filters.apply(hand.book, hand.sheet)
    return {"column": hand.titles[column], "hidden": hidden}


def clear_filter(hand: Hand, rng: random.Random, detail: Detail) -> Detail:
    """Take that filter away."""
    hand.sheet.basic_filter = None
    filters.apply(hand.book, hand.sheet)
    return {"rows": len(hand.rows)}
