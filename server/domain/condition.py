"""A condition on one column of a sheet ("Country is Spain", "Fee more than 30"): which rows it holds for. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from server.domain import amounts
from server.domain.table import BLANK, Cell, Row, Table, fold


class Test(StrEnum):
    """What is asked of a cell."""

    __test__ = False  # no test of pytest's

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    EMPTY = "empty"
    FILLED = "filled"
    BEFORE = "before"
    AFTER = "after"
    LESS = "less"
    MORE = "more"


BARE = frozenset({Test.EMPTY, Test.FILLED})
"""Tests that need no value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of a column's cells, with the value it asks for ("" where it needs none)."""

    column: str
    test: Test
    value: str = ""


def fault(condition: Condition) -> str:
    """What is wrong with the condition, in a sentence; "" when it can be asked."""
    value = condition.value.strip()
    if condition.test in BARE:
        return ""
    if not value:
        return "Say which value is meant."
    if condition.test in {Test.LESS, Test.MORE} and amounts.number(value) is None:
        return f"“{value}” is no number. Write one such as 30 or 1,200.50."
    if condition.test in {Test.BEFORE, Test.AFTER} and amounts.moment(value) is None:
        return f"“{value}” is no date or time. Write one such as 2026-05-31, 31.5.2026 or 09:30."
    return ""


def matching(table: Table, condition: Condition, rows: Iterable[Row]) -> list[Row]:
    """The rows for which the condition holds, in order. A column that is not there has no cells, and none holds.

    Numbers and moments compare as such, whatever their form: 1.200,50 € is 1200.5. Of dates such as 3/4/2026 the
    column's others decide what comes first.
    """
    index = table.find(condition.column)
    some = list(rows)
    if index is None:
        return []
    holds = _tester(condition, [row.cells[index] for row in table.rows if index < len(row.cells)])
    return [row for row in some if holds(row.cells[index] if index < len(row.cells) else BLANK)]


def _tester(condition: Condition, cells: Sequence[Cell]) -> Callable[[Cell], bool]:
    value = condition.value.strip()
    match condition.test:
        case Test.EMPTY:
            return _is_empty
        case Test.FILLED:
            return lambda cell: not _is_empty(cell)
        case Test.CONTAINS:
            return lambda cell: bool(value) and fold(value) in fold(cell.shown)
        case Test.IS:
            return _equal(value, cells)
        case Test.IS_NOT:
            equal = _equal(value, cells)
            return lambda cell: not equal(cell)
        case Test.LESS | Test.MORE:
            return _by_number(amounts.number(value), more=condition.test is Test.MORE)
        case Test.BEFORE | Test.AFTER:
            return _by_moment(value, cells, wanted=1 if condition.test is Test.AFTER else -1)


def _is_empty(cell: Cell) -> bool:
    return not cell.shown.strip()


def _equal(value: str, cells: Sequence[Cell]) -> Callable[[Cell], bool]:
    """The same text, number or moment. What is shown somewhere just so is meant to the letter."""
    wanted = fold(value)
    if any(fold(cell.shown) == wanted for cell in cells):
        return lambda cell: fold(cell.shown) == wanted
    plain = re.fullmatch(r"[-+]?[\d.,\s]+", value)  # “Room 7” is no number
    figure = amounts.number(value) if plain else None
    first = amounts.day_first([value, *(cell.shown for cell in cells)])
    moment = amounts.moment(value, days_first=first)

    def same(cell: Cell) -> bool:
        if fold(cell.shown) == wanted:
            return True
        if figure is not None and amounts.number_in(cell) == figure:
            return True
        there = amounts.moment_in(cell, days_first=first) if moment else None
        return bool(moment and there and moment.order(there) == 0)

    return same


def _by_number(limit: Decimal | None, *, more: bool) -> Callable[[Cell], bool]:
    def holds(cell: Cell) -> bool:
        found = amounts.number_in(cell)
        if found is None or limit is None:
            return False
        return found > limit if more else found < limit

    return holds


def _by_moment(value: str, cells: Sequence[Cell], *, wanted: int) -> Callable[[Cell], bool]:
    first = amounts.day_first([*(cell.shown for cell in cells), value])
    limit = _shown_as(value, cells, first) or amounts.moment(value, days_first=first)

    def holds(cell: Cell) -> bool:
        found = amounts.moment_in(cell, days_first=first)
        return bool(found and limit and found.order(limit) == wanted)

    return holds


def _shown_as(value: str, cells: Sequence[Cell], first: bool) -> amounts.Moment | None:
    """The moment of a cell that is shown just so: a value chosen from the column's own means that one."""
    wanted = fold(value)
    cell = next((cell for cell in cells if fold(cell.shown) == wanted), None)
    return amounts.moment_in(cell, days_first=first) if cell else None


def values(table: Table, column: str, rows: Iterable[Row], most: int) -> tuple[list[tuple[str, int]], int]:
    """The texts that stand in a column with how often they do, the most frequent first, at most so many; and how many
    different ones there are."""
    index = table.find(column)
    if index is None:
        return [], 0
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        if text := " ".join(row.shown(index).split()):
            shown.setdefault(fold(text), text)
            counts[fold(text)] += 1
    return [(shown[key], count) for key, count in counts.most_common(most)], len(counts)


_SIGNS = {"!=": Test.IS_NOT, "=": Test.IS, "~": Test.CONTAINS, "<": Test.LESS, ">": Test.MORE}
_WORDS = {
    "is not empty": Test.FILLED,
    "is empty": Test.EMPTY,
    "is filled": Test.FILLED,
    "is not": Test.IS_NOT,
    "is": Test.IS,
    "contains": Test.CONTAINS,
    "before": Test.BEFORE,
    "after": Test.AFTER,
}


def parsed(text: str, titles: Iterable[str]) -> Condition | None:
    """A condition as it is written on the command line: `Country=Spain`, `Fee>30`, `Paid is empty`, `Start before
    10:00`; None where no column and test can be read. The longest title that fits counts."""
    said = " ".join(text.split())
    for title in sorted((one for one in titles if one.strip()), key=len, reverse=True):
        plain = " ".join(title.split())
        if not fold(said).startswith(fold(plain)):
            continue
        rest = said[len(plain) :]
        if found := _test_in(rest):
            return Condition(title, *found)
    return None


def _test_in(rest: str) -> tuple[Test, str] | None:
    bare = rest.strip()
    for sign, test in _SIGNS.items():
        if bare.startswith(sign):
            return test, bare[len(sign) :].strip()
    for words, test in _WORDS.items():
        if rest.startswith(" ") and re.match(rf"{words}(?=\s|$)", bare, re.IGNORECASE):
            value = bare[len(words) :].strip()
            if test not in BARE or not value:
                return test, value
    return None
