"""Finding the header among rows of any form."""

from __future__ import annotations

import pytest

from server.domain.table import Cell
from server.domain.words import CellKind
from server.sheets import header


def lines(*rows: list[str | int | None]) -> list[tuple[int, dict[int, Cell]]]:
    return [
        (
            number,
            {
                column: Cell(str(value), value, CellKind.TEXT if isinstance(value, str) else CellKind.NUMBER)
                for column, value in enumerate(row, 1)
                if value is not None
            },
        )
        for number, row in enumerate(rows, 1)
    ]


ANN: list[str | int | None] = ["Ann", "ann@example.org", "Oslo", 7]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["Name", "Mail", "City", "Bib"], ANN], 1),
        ([["Cup 2027"], [None], ["Name", "Mail", "City", "Bib"], ANN], 3),
        ([["Cup", "2027"], ["Name", "Mail", "City", "Bib"], ANN], 2),
        ([[None, "Person", None, "Race"], ["Name", "Mail", "City", "Bib"], ANN], 2),
        ([["Name", None, "City", "Bib"], ANN], 1),
        ([["Name"], ["Ann"], ["Bob"]], 1),
        ([["Name", "Mail", "City", "Bib"]], 1),
        ([ANN, ANN], None),
        ([ANN, ["Bob", "Oslo", "x", "y"]], None),
        ([["+44 7900 900123", "Ann"], ["+44 7900 900124", "Bob"]], None),
        ([["12.06.2027", "Ann"], ["13.06.2027", "Bob"]], None),
        ([[" ", "  "]], None),
        ([], None),
    ],
)
def test_it_takes_the_first_full_row_if_that_holds_titles(
    rows: list[list[str | int | None]], found: int | None
) -> None:
    assert header.find(lines(*rows)) == found


def test_it_takes_the_last_frozen_row_that_can_be_one() -> None:
    rows = lines(["Cup 2027"], ["Name", "Mail"], ["Ann", "ann@example.org"], ["Bob", "Eve"])
    assert header.find(rows, frozen=2) == 2
    assert header.find(rows, frozen=3) == 2
    assert header.find(rows, frozen=1) == 1
