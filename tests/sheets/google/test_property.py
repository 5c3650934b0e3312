"""Whatever another person does between any two calls, no result is in the wrong row, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.domain.keys import is_row_key
from server.domain.rows import assign_keys
from server.domain.table import CellEdit, NewColumn
from server.domain.words import ROW_KEY_TITLE
from server.errors import InvalidInput, SheetChanged
from server.sheets.google.client import Client
from server.sheets.google.sheet import GoogleSheet
from tests.emulators.sheets import Emulator, Fault, Quota
from tests.emulators.sheets.person import Person
from tests.sheets.google.books import client, spreadsheet

HEADER = ["Name", "Email"]
PEOPLE = [[f"Person {index}", f"p{index}@example.org"] for index in range(8)]
MOVES = ["sort_all", "insert_row", "delete_row", "duplicate_row", "move_row", "cut_row", "insert_column", "move_column",
         "rename_tab", "hide_row", "show_rows", "filter", "type"]  # fmt: skip
ROUNDS = 12


@pytest.fixture(scope="module")
def google() -> Iterator[Emulator]:
    """One server for all examples: only the spreadsheets are new."""
    with Emulator(quota=Quota.off()) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def account(google: Emulator) -> Client:
    """One account that works in all of them."""
    return client(google)


def keyed(sheet: GoogleSheet) -> dict[str, str]:
    """Give every row a key, as a campaign does; key -> name."""
    for _ in range(ROUNDS):
        table = sheet.read()
        keys = assign_keys(table, lambda row: row.shown(0), {})
        new = (
            [NewColumn("Status", tag="t.status"), NewColumn("Note", tag="t.note")]
            if table.find("Status") is None
            else []
        )
        key = table.key_column
        if keys and key is None:
            key = len(table.columns) + len(new)
            new.append(NewColumn(ROW_KEY_TITLE, hidden=True))
        if not keys and not new:
            name = table.find("Name")
            assert name is not None
            return {row.key: row.shown(name) for row in table.rows}
        rows = {row.position: row for row in table.rows}
        try:
            sheet.apply(table, [CellEdit(rows[place], key or 0, value) for place, value in keys.items()], new)
        except SheetChanged:
            continue
    raise AssertionError("the keys never got in")


def write(sheet: GoogleSheet, wanted: dict[str, str]) -> bool:
    """Bring these words into the Status cells of their rows, by key; whether they all stand there."""
    for _ in range(ROUNDS):
        table = sheet.read(1.0)
        status = table.find("Status")
        assert status is not None
        unique = {key: rows[0] for key, rows in table.by_key().items() if len(rows) == 1 and key in wanted}
        edits = [CellEdit(row, status, wanted[key]) for key, row in unique.items() if row.shown(status) != wanted[key]]
        if not edits:
            return True
        try:
            sheet.apply(table, edits)
        except SheetChanged:
            continue
    return False


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(  # a lost answer, and rows and columns that moved meanwhile: nobody saw which columns were hit
    plan=[("", "move_row"), ("", "sort_all"), ("write", "move_column")], lost=True, seed=9795
)
@example(  # what was put back emptied a row's key
    plan=[("", "insert_row"), ("write", "move_column"), ("", "move_column"), ("write", "insert_column")],
    lost=False,
    seed=248,
)
@example(  # columns shift under the write, and again under what puts its values back
    plan=[("write", "insert_column"), ("write", "insert_column"), ("", "show_rows"), ("write", "insert_column")],
    lost=False,
    seed=7920,
)
@given(
    plan=st.lists(st.tuples(st.sampled_from(["read", "write", ""]), st.sampled_from(MOVES)), max_size=6),
    lost=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_no_result_is_in_a_wrong_row_whatever_happens_between_two_calls(
    google: Emulator, account: Client, plan: list[tuple[str, str]], lost: bool, seed: int
) -> None:
    if True:
        book = spreadsheet(google, [HEADER, *PEOPLE])
        sheet = GoogleSheet(account, book.id, sleep=lambda _: None)
        people = keyed(sheet)
        other = Person(google, book, book.sheets[0], seed=seed, own=("Status", "Note", ROW_KEY_TITLE), leave=("Name",))
        for on, move in plan:
            other.plan(move, on)
        if lost:
            google.faults.add(Fault(503, after=True), on="write")
        wanted = {key: f"for {name}" for key, name in people.items()}
        try:
            done = write(sheet, wanted)
        except InvalidInput:
            done = False
        other.leave_room()
        assert done
        found = sheet.read()
        name, status = found.find("Name"), found.find("Status")
        assert name is not None
        assert status is not None
        copies = {key for key, rows in found.by_key().items() if len(rows) > 1}
        torn = {step.move for step in other.log} & {"type"}
        for row in found.rows:
            said = row.shown(status)
            if not torn:
                assert said in {"", f"for {row.shown(name)}"}, (said, row.shown(name))
            if is_row_key(row.key) and row.key not in copies and not torn:
                assert said == wanted[row.key]
