"""Another person in the same spreadsheet: sorts, inserts, copies, renames and types between any two calls.

Everything a person does is in `log`, so that a test can hold the sheet at the end against it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.sheets import filters, moves
from tests.emulators.sheets.calls import Call
from tests.emulators.sheets.emulator import Emulator
from tests.emulators.sheets.grid import Sheet
from tests.emulators.sheets.moves import Detail, Hand
from tests.emulators.sheets.workbook import Workbook

Move = Callable[[Hand, random.Random, Detail], Detail]
MOVES: dict[str, Move] = {
    name: getattr(moves, name)
    for name in (
        "sort_all", "sort_part", "insert_row", "delete_row", "duplicate_row", "cut_row", "move_row", "insert_column",
        "move_column", "rename_header", "rename_tab", "type", "clear", "hide_row", "show_rows", "filter",
        "clear_filter", "delete_column", "delete_tab",
    )
}  # fmt: skip
"""Every move by its name. What a move's `detail` leaves open, the seed decides."""
GENTLE = tuple(
    name for name in MOVES if name not in {"delete_column", "delete_tab", "delete_row", "rename_tab", "clear"}
)
"""Moves that destroy nothing that a campaign stands on."""
HARSH = tuple(name for name in MOVES if name not in {"delete_tab", "delete_column"})
"""Moves that a random person makes unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move: before which call ("" by hand), what, and in what detail (rows as they were, old and new texts)."""

    number: int
    before: str
    move: str
    detail: Detail


@dataclass
class Person:
    """Works on one sheet of one spreadsheet. Made, it is there; then `plan` moves, or let chance decide.

    `header` is the index of the header row. `own` are titles of the application's columns, `leave` titles that the
    person never types into, renames or clears (what a test tells rows apart by).
    """

    google: Emulator
    book: Workbook
    sheet: Sheet
    seed: int = 0
    header: int = 0
    own: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    chance: float = 0.0
    moves: tuple[str, ...] = HARSH
    log: list[Step] = field(default_factory=list)
    planned: deque[tuple[str, str, Detail]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.google.before.append(self._before)

    def leave_room(self) -> None:
        """Go away: nothing happens any more."""
        self.google.before.remove(self._before)

    def at_random(self, chance: float, moves: Iterable[str] = HARSH) -> None:
        """From now on, make one of these moves before that share of all calls."""
        self.chance, self.moves = chance, tuple(moves)

    def plan(self, move: str, on: str = "", **detail: Any) -> None:
        """Make this move before the next call; `on`: the next "read" or "write", or the next of that method
        ("values.batchUpdateByDataFilter"). Plans are carried out in order."""
        assert move in MOVES, f"No move {move}; there are {sorted(MOVES)}"
        self.planned.append((on, move, detail))

    def do(self, move: str, **detail: Any) -> Step:
        """Make a move now."""
        return self._do(move, detail, "")

    def made(self, move: str) -> list[Step]:
        """The steps of that kind."""
        return [step for step in self.log if step.move == move]

    def _before(self, call: Call, book: Workbook | None) -> None:
        if book is not self.book:
            return
        while self.planned and self.planned[0][0] in {"", call.kind, call.method.removeprefix("spreadsheets.")}:
            on, move, detail = self.planned.popleft()
            self._do(move, detail, call.method)
            if not on:
                break
        if self.chance and self.rng.random() < self.chance:
            self._do(self.rng.choice(self.moves), {}, call.method)

    def _do(self, move: str, detail: Detail, before: str) -> Step:
        with self.google.lock:
            hand = Hand(self.book, self.sheet, self.header, self.own, self.leave)
            done = {} if self.sheet not in self.book.sheets else MOVES[move](hand, self.rng, detail)
            filters.follow_edits(self.book)
            self.book.revision += 1
            step = Step(len(self.log), before, move, done)
            self.log.append(step)
            return step
