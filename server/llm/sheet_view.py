"""What a planner shows a model of a sheet: titles, kinds of values, how many are filled, a few examples without
addresses. Hidden columns, ours, and whatever speaks to a machine stay out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from server.domain.table import Column, Table, fold
from server.domain.words import CellKind
from server.llm.offline import columns
from server.llm.steering import steers

MOST_COLUMNS, LONGEST_TITLE, LONGEST_EXAMPLE = 80, 80, 40
LOOKED_AT = 200
"""Rows that kinds are counted in."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One column as a model sees it."""

    title: str
    kind: str
    filled: float
    examples: tuple[str, ...]

    def shown(self) -> dict[str, object]:
        """As JSON."""
        return {"title": self.title, "kind": self.kind, "filled": self.filled, "examples": list(self.examples)}


def view(table: Table, *, examples: int = 3) -> list[Seen]:
    """The columns that a plan may be about, in the order of the sheet. With `examples` 0 no cell leaves."""
    found: list[Seen] = []
    for index, column in enumerate(table.columns):
        if _usable(table, index, column) and len(found) < MOST_COLUMNS:
            found.append(_seen(table, index, column, examples))
    return found


def _usable(table: Table, index: int, column: Column) -> bool:
    ours = index == table.key_column or bool(column.tag) or fold(column.title) in columns.OWN_TITLES
    readable = bool(column.title) and len(column.title) <= LONGEST_TITLE and not steers(column.title)
    return readable and not ours and not column.hidden and table.find(column.title) == index


def _seen(table: Table, index: int, column: Column, examples: int) -> Seen:
    rows = [row for row in table.rows if not row.hidden][:LOOKED_AT]
    cells = [row.cells[index] for row in rows if row.cells[index].shown.strip()]
    texts = [cell.shown.strip() for cell in cells]
    kind = _kind(texts, [cell.kind for cell in cells], column.title)
    shown: tuple[str, ...] = ()
    if kind not in {"mail address", "phone number"}:
        plain = [text for text in dict.fromkeys(texts) if len(text) <= LONGEST_EXAMPLE and "@" not in text]
        shown = tuple(text for text in plain[: examples * 2] if not steers(text) and not columns.is_phone(text))
    return Seen(column.title, kind, round(len(cells) / len(rows), 2) if rows else 0.0, shown[:examples])


def _kind(texts: list[str], kinds: list[CellKind], title: str) -> str:
    if not texts:
        return "empty"
    if sum(columns.is_mail(text) for text in texts) * 2 >= len(texts):
        return "mail address"
    phones = sum(columns.is_phone(text) for text in texts) * 2 >= len(texts)
    if phones and (columns.is_contact(title) or any(text.startswith(("+", "0", "(")) for text in texts)):
        return "phone number"
    most, _ = Counter(kinds).most_common(1)[0]
    return most.value
