"""The emulated Google Sheets: another person in the sheet between our calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.sheets import GENTLE, MOVES, Emulator, Fault, Person, Quota, Workbook
from tests.emulators.sheets.clients import Bare
from tests.emulators.sheets.sample import contest

ROWS = [["Bib", "Name", "Status", "Key"], [12, "Ben", "Sent", "k1"], [7, "Zoe", "", "k2"], [19, "Ana", "", "k3"]]


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator(quota=Quota.off()) as running:
        yield running


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Contest", {"Contestants": ROWS})


@pytest.fixture
def person(google: Emulator, book: Workbook) -> Person:
    return Person(google, book, book.sheet(0), own=("Status", "Key"), leave=("Name",))


def names(book: Workbook) -> list[str]:
    return [row[1] for row in book.texts()[1:]]


def test_they_sort_whole_rows_or_only_the_columns_before_ours(person: Person, book: Workbook) -> None:
    step = person.do("sort_all", column="Name", down=False)
    assert [row[1:] for row in book.texts()[1:]] == [["Ana", "", "k3"], ["Ben", "Sent", "k1"], ["Zoe", "", "k2"]]
    assert step.detail == {"column": "Name", "down": False, "width": 4, "order": [3, 1, 2]}
    person.do("sort_part", column="Bib", down=False)
    assert [row[1:] for row in book.texts()[1:]] == [["Zoe", "", "k3"], ["Ben", "Sent", "k1"], ["Ana", "", "k2"]]


def test_they_insert_delete_copy_cut_and_drag_rows(person: Person, book: Workbook) -> None:
    person.do("insert_row", row=1, values={"Name": "Eve", "Bib": "33"})
    assert names(book) == ["Eve", "Ben", "Zoe", "Ana"]
    gone = person.do("delete_row", row=2)
    assert (gone.detail["record"]["Key"], names(book)) == ("k1", ["Eve", "Zoe", "Ana"])
    person.do("duplicate_row", row=2)
    assert [row[1:] for row in book.texts()[2:4]] == [["Zoe", "", "k2"], ["Zoe", "", "k2"]]
    person.do("cut_row", row=4, to=1)
    assert names(book) == ["Ana", "Eve", "Zoe", "Zoe"]
    person.do("move_row", row=1, to=4)
    assert names(book) == ["Eve", "Zoe", "Ana", "Zoe"]
    assert [step.move for step in person.log] == ["insert_row", "delete_row", "duplicate_row", "cut_row", "move_row"]


def test_they_change_columns_headers_and_the_tab(person: Person, book: Workbook) -> None:
    person.do("move_column", column="Key", to=0)
    person.do("rename_header", column="Bib", title="Number")
    person.do("insert_column", column="Name", title="Club")
    assert book.texts()[0] == ["Key", "Number", "Club", "Name", "Status"]
    person.do("delete_column", column="Status")
    person.do("rename_tab", title="Starters")
    assert (book.texts()[0], book.sheet(0).title) == (["Key", "Number", "Club", "Name"], "Starters")
    person.do("delete_tab")
    assert [sheet.title for sheet in book.sheets] == ["Sheet2"]
    assert person.do("sort_all").detail == {}


def test_they_type_hide_and_filter(person: Person, book: Workbook) -> None:
    step = person.do("type", row=2, column="Status", text="Approved")
    assert (step.detail["old"], step.detail["record"]["Key"], book.texts()[2][2]) == ("", "k2", "Approved")
    person.do("hide_row", row=1)
    person.do("filter", column="Name", hidden=["Ana"])
    assert [(row.hidden_by_user, row.hidden_by_filter) for row in book.sheet(0).rows] == [
        (False, False), (True, False), (False, False), (False, True),
    ]  # fmt: skip
    person.do("show_rows")
    person.do("clear_filter")
    assert not any(row.hidden_by_user or row.hidden_by_filter for row in book.sheet(0).rows)
    person.do("clear", row=1, column="Status")
    assert book.texts()[1][2] == ""


def test_they_act_between_a_read_and_the_write_after_it(google: Emulator, person: Person, book: Workbook) -> None:
    api = Bare(google, book)
    person.plan("sort_all", on="write", column="Name", down=False)
    person.plan("delete_row", on="write", row=1)
    assert api.values("Contestants!B2") == [["Ben"]]
    api.post(
        "/values:batchUpdate", {"valueInputOption": "RAW", "data": [{"range": "Contestants!C2", "values": [["x"]]}]}
    )
    assert [row[1:3] for row in book.texts()[1:]] == [["Ben", "x"], ["Zoe", ""]]
    assert [(step.before, step.move) for step in person.log] == [
        ("spreadsheets.values.batchUpdate", "sort_all"),
        ("spreadsheets.values.batchUpdate", "delete_row"),
    ]


def test_they_act_before_a_call_that_never_comes_through(google: Emulator, person: Person, book: Workbook) -> None:
    api = Bare(google, book)
    person.plan("delete_row", row=1)
    google.faults.add(Fault(503))
    api.session.get(f"{google.url}/v4/spreadsheets/{book.id}", timeout=5)
    assert names(book) == ["Zoe", "Ana"]


def test_they_leave_other_spreadsheets_alone_and_can_go(google: Emulator, person: Person) -> None:
    person.at_random(1.0)
    other = Bare(google, google.spreadsheet())
    other.get()
    assert person.log == []
    person.leave_room()
    Bare(google, person.book).get()
    assert person.log == []


def test_a_seed_makes_the_same_moves_again_and_loses_nobody_by_the_gentle_ones() -> None:
    def day(seed: int) -> tuple[list[str], list[list[str]], set[str]]:
        with Emulator(quota=Quota.off()) as google:
            book = contest(google)
            person = Person(google, book, book.sheet("Contestants"), seed, leave=("Name", "Email"))
            api = Bare(google, book)
            person.at_random(0.9, GENTLE)
            for _ in range(60):
                api.get(fields="properties.title")
            column = book.texts()[0].index("Name")
            people = {row[column] for row in book.texts()[1:] if row[column]}
            return [step.move for step in person.log], book.texts(), people

    moves, texts, people = day(5)
    assert day(5) == (moves, texts, people)
    assert len(moves) > 40
    with Emulator() as google:
        assert people == {record["Name"] for record in contest(google).records()}


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_can_be_left_to_chance(google: Emulator, name: str) -> None:
    changed = []
    for seed in range(5):
        book = contest(google)
        book.sheet(0).row(5).hidden_by_user = True
        person = Person(google, book, book.sheet("Contestants"), seed, leave=("Name", "Email"))
        before = seen(book)
        assert person.do(name).detail
        changed.append(seen(book) != before)
    assert any(changed)


def seen(book: Workbook) -> list[object]:
    hidden = [(row.hidden_by_user, row.hidden_by_filter) for row in book.sheets[0].rows]
    return [[sheet.title for sheet in book.sheets], book.texts(book.sheets[0].id), hidden]
