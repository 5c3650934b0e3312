"""What is Google's own: marks on columns, dropdowns, views, tables, tabs that are renamed, calls that are counted."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from server.domain.keys import new_row_key
from server.domain.table import CellEdit, NewColumn
from server.domain.views import VIEWS
from server.domain.words import ROW_KEY_TITLE, CellKind, Status
from server.errors import CellbackError, InvalidInput, NotFound, SheetChanged
from server.sheets.google.address import canonical, is_google, parse, tab_number
from server.sheets.google.sheet import GoogleSheet
from tests.emulators.sheets import Call, Emulator, Fault, Workbook
from tests.emulators.sheets.person import Person
from tests.sheets.google.books import opened, spreadsheet

HEADER = ["Name", "Email"]
ANN, BOB = ["Ann", "ann@example.org"], ["Bob", "bob@example.org"]
STATUS = NewColumn("Status", tag="c.1")
KEY = NewColumn(ROW_KEY_TITLE, hidden=True)


def laid_out(google: Emulator, rows: list[list[Any]] | None = None, **more: Any) -> tuple[Workbook, GoogleSheet]:
    """A spreadsheet with our columns and a key in every row."""
    book = spreadsheet(google, rows or [HEADER, ANN, BOB], **more)
    sheet = opened(google, book)
    table = sheet.read()
    edits = [CellEdit(row, len(table.columns) + 1, new_row_key()) for row in table.rows]
    sheet.apply(table, edits, [STATUS, KEY])
    return book, sheet


class TestAddresses:
    @pytest.mark.parametrize(
        "tail", ["", "/edit", "/edit#gid=7", "/edit?gid=7#gid=7", "/edit?usp=sharing", "/copy", "/htmlview#gid=7"]
    )
    @pytest.mark.parametrize("head", ["d/", "u/1/d/", ""])
    def test_every_form_that_a_browser_shows_leads_to_one_workbook(self, head: str, tail: str) -> None:
        found = parse(f"https://docs.google.com/spreadsheets/{head or 'd/'}1AbC-_{tail}")
        assert found == ("1AbC-_", 7 if "gid" in tail else None)
        assert canonical(found.spreadsheet) == "https://docs.google.com/spreadsheets/d/1AbC-_"

    @pytest.mark.parametrize("address", ["https://docs.google.com/document/d/1x", "https://evil.example/spreadsheets/d/1",
                                         "https://docs.google.com/spreadsheets/d/e/2PACX/pubhtml"])  # fmt: skip
    def test_anything_else_is_refused_in_words(self, address: str) -> None:
        with pytest.raises(InvalidInput):
            parse(address)

    @pytest.mark.parametrize("text", ["http://[", "https://docs.google.com\u2100/", "people.xlsx", ""])
    def test_what_is_no_address_at_all_is_not_taken_for_one(self, text: str) -> None:
        assert not is_google(text)


class TestTabs:
    def test_a_renamed_tab_is_the_same_one_and_shows_its_new_title(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        book.sheets[0].title = "Starters' list!"
        assert sheet.read().rows[0].shown(0) == "Ann"
        assert (tab_number(sheet.name), sheet.title) == (0, "Starters' list!")
        assert opened(google, book, "starters' LIST!").name == sheet.name

    def test_a_deleted_tab_and_one_that_never_was_are_told(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        book.add_sheet("Other", [["x"]])
        del book.sheets[0]
        with pytest.raises(NotFound, match="deleted"):
            sheet.read()
        with pytest.raises(NotFound, match="“Other”"):
            opened(google, book, "Nowhere")


class TestReading:
    def test_it_reads_what_people_see_and_what_lies_behind_it(self, google: Emulator) -> None:
        rows = [["Phone", "Start", "Fee", "Sum", "Bad"], ["007", date(2027, 6, 12), 12.5, "=C2*2", "=1/0"]]
        book = spreadsheet(google, rows, locale="de_DE", time_zone="Europe/Berlin")
        cells = opened(google, book).read().rows[0].cells
        assert [cell.raw for cell in cells[:3]] == ["007", "2027-06-12", 12.5]
        assert cells[2].shown == "12,5"
        assert (cells[3].formula, cells[3].raw) == (True, 25)
        assert (cells[4].kind, cells[4].shown) == (CellKind.ERROR, "#DIV/0!")

    def test_it_tells_rows_hidden_by_hand_and_by_the_filter(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        book.sheets[0].row(1).hidden_by_user = True
        book.sheets[0].row(2).hidden_by_filter = True
        assert [row.hidden for row in sheet.read().rows] == [True, True]

    def test_it_says_when_the_row_of_titles_is_gone(self, google: Emulator) -> None:
        book, sheet = laid_out(google, [HEADER, ["Ann", "Basel"], ["Bob", "Bern"]])
        del book.sheets[0].rows[0]
        with pytest.raises(InvalidInput, match="titles"):
            sheet.read()

    def test_one_call_serves_all_who_may_wait_and_none_from_before_a_write(self, google: Emulator) -> None:
        _, sheet = laid_out(google)
        table = sheet.read()
        google.requests.clear()
        assert sheet.read(10.0) is table
        assert sheet.version() == table.version
        assert google.requests.reads == 0
        sheet.client.budget.begin(sheet.workbook, "another process")
        sheet.client.budget.end(sheet.workbook, "another process")
        sheet.read(10.0)
        assert google.requests.reads == 1


class TestOthers:
    def test_a_look_waits_until_another_process_has_proven_its_write(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        budget = sheet.client.budget
        budget.begin(sheet.workbook, "another process")
        with ThreadPoolExecutor(1) as pool:
            look = pool.submit(sheet.read)
            with pytest.raises(TimeoutError):
                look.result(0.1)
            book.put(book.sheets[0], 1, 2, "proven")
            budget.end(sheet.workbook, "another process")
            assert look.result(5).rows[0].shown(2) == "proven"

    def test_a_look_that_a_write_fell_into_is_made_again(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        budget, calls = sheet.client.budget, []

        def passing(call: Call, _: Workbook | None) -> None:
            calls.append(call.method)
            if len(calls) == 1:  # another process writes, and puts right, around our look
                budget.begin(sheet.workbook, "another process")
                book.put(book.sheets[0], 1, 2, "wrong")
            else:
                book.put(book.sheets[0], 1, 2, "right")

        def over(_: Call, __: Workbook | None) -> None:
            if len(calls) == 1:
                budget.end(sheet.workbook, "another process")

        google.before.append(passing)
        google.after.append(over)
        assert sheet.read().rows[0].shown(2) == "right"
        assert len(calls) == 2


class TestWriting:
    def test_a_write_is_one_call_and_proves_itself(self, google: Emulator) -> None:
        _, sheet = laid_out(google)
        table = sheet.read()
        google.requests.clear()
        after = sheet.apply(table, [CellEdit(row, 2, "Sent") for row in table.rows])
        assert (google.requests.reads, google.requests.writes) == (0, 1)
        assert after is not None
        assert [row.shown(2) for row in after.rows] == ["Sent", "Sent"]
        assert sheet.read() == after

    def test_a_sort_in_the_middle_of_a_write_leaves_nothing_in_a_wrong_row(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        person = Person(google, book, book.sheets[0], own=("Status", ROW_KEY_TITLE))
        table = sheet.read()
        person.plan("sort_all", "write", column="Name", down=True)
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(table.rows[0], 2, "Ann's")])
        assert [record["Status"] for record in book.records(0)] == ["", ""]

    @pytest.mark.parametrize("trust", [2.0, 0.0])
    def test_a_copied_rows_key_proves_nothing(self, google: Emulator, trust: float) -> None:
        book, sheet = laid_out(google)
        book.put(book.sheets[0], 2, 3, book.records(0)[0][ROW_KEY_TITLE])  # Bob's row was made from Ann's
        sheet = opened(google, book, trust_seconds=trust)
        person = Person(google, book, book.sheets[0], own=("Status", ROW_KEY_TITLE))
        table = sheet.read()
        person.plan("sort_all", "write" if trust else "read", column="Name", down=True)
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(table.rows[0], 2, "Ann's")])
        assert [(record["Name"], record["Status"]) for record in book.records(0)] == [("Bob", ""), ("Ann", "")]

    def test_columns_that_change_places_in_the_middle_of_a_write_get_their_own_back(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        person = Person(google, book, book.sheets[0], own=("Status", ROW_KEY_TITLE))
        table = sheet.read()
        person.plan("insert_column", "write", column="Name", title="New")
        with pytest.raises(SheetChanged):
            sheet.apply(table, [CellEdit(row, 2, "x") for row in table.rows])
        assert [[one["Email"], one["Status"], one["New"]] for one in book.records(0)] == [
            [ANN[1], "", ""],
            [BOB[1], "", ""],
        ]

    def test_two_of_our_columns_that_change_places_under_the_same_keys_are_noticed(self, google: Emulator) -> None:
        book = spreadsheet(google, [HEADER, ANN, BOB])
        sheet = opened(google, book)
        table = sheet.read()
        keys = [CellEdit(row, 4, new_row_key()) for row in table.rows]
        after = sheet.apply(table, keys, [STATUS, NewColumn("Note", tag="c.2"), KEY])
        assert after is not None
        person = Person(google, book, book.sheets[0], own=("Status", "Note", ROW_KEY_TITLE))
        person.plan("move_column", "write", column="Status", to=4)
        with pytest.raises(SheetChanged):
            sheet.apply(after, [CellEdit(row, 2, "Sent") for row in after.rows])
        assert {(one["Status"], one["Note"]) for one in book.records(0)} == {("", "")}

    @pytest.mark.parametrize("fault", [Fault(503, after=True), Fault(502, html=True), Fault(reset=True, after=True)])
    def test_a_lost_answer_is_looked_for_before_anything_is_written_again(self, google: Emulator, fault: Fault) -> None:
        book, sheet = laid_out(google)
        table = sheet.read()
        google.faults.add(fault, on="write")
        after = sheet.apply(table, [CellEdit(table.rows[0], 2, "Sent")])
        assert after is not None
        assert [record["Status"] for record in book.records(0)] == ["Sent", ""]

    def test_a_repair_that_fails_is_owed_and_paid_before_the_next_look(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        person = Person(google, book, book.sheets[0], own=("Status", ROW_KEY_TITLE))
        table = sheet.read()
        person.plan("sort_all", "write", column="Name", down=True)
        google.faults.add(*[Fault(503)] * 6, on="read")
        with pytest.raises(CellbackError):
            sheet.apply(table, [CellEdit(table.rows[0], 2, "Ann's")])
        assert sheet.client.budget.writes(sheet.workbook).under_way
        assert {row.shown(2) for row in sheet.read().rows} == {""}
        assert not sheet.client.budget.writes(sheet.workbook).under_way

    def test_a_text_beyond_the_limit_of_a_cell_is_cut(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        table = sheet.read()
        sheet.apply(table, [CellEdit(table.rows[0], 2, "ä" * 60_000)])
        assert len(book.records(0)[0]["Status"]) == 50_000
        assert book.records(0)[0]["Status"].endswith("…")

    @pytest.mark.parametrize("letter", ["x", "я", "\U0001f600", "\n"])
    def test_no_request_is_larger_than_google_advises(self, google: Emulator, letter: str) -> None:
        book, sheet = laid_out(google, [HEADER, *([f"P{n}", f"p{n}@example.org"] for n in range(30))])
        table = sheet.read()
        google.requests.clear()
        sheet.apply(table, [CellEdit(row, 2, letter * 20_000) for row in table.rows])
        sizes = [len(json.dumps(call.body)) for call in google.requests.of("write")]
        assert max(sizes) < 2_000_000
        assert all(record["Status"] == letter * 20_000 for record in book.records(0))

    def test_a_protected_column_is_told_with_what_to_do(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        book.sheets[0].protected_ranges.append({
            "protectedRangeId": 5, "editors": {"users": ["owner@example.org"]},
            "range": {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}})  # fmt: skip
        table = sheet.read()
        with pytest.raises(CellbackError, match="protected"):
            sheet.apply(table, [CellEdit(table.rows[0], 2, "Sent")])


class TestColumns:
    def test_they_are_text_and_the_key_is_hidden_with_a_warning(self, google: Emulator) -> None:
        book, _ = laid_out(google)
        tab = book.sheets[0]
        cell = tab.cell(1, 2)
        assert (cell.format or {})["numberFormat"]["type"] == "TEXT"
        assert tab.column(3).hidden_by_user
        assert not tab.column(2).hidden_by_user
        assert [one.get("warningOnly") for one in tab.protected_ranges] == [True]
        assert {mark.visibility for column in tab.columns for mark in column.metadata} == {"DOCUMENT"}

    def test_they_are_known_by_their_marks_when_they_are_renamed(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        keys = [row.key for row in sheet.read().rows]
        book.put(book.sheets[0], 0, 2, "Stand")
        book.put(book.sheets[0], 0, 3, "do not touch")
        table = sheet.read()
        assert (table.tagged("c.1"), table.key_column) == (2, 3)
        assert [row.key for row in table.rows] == keys

    def test_a_table_of_theirs_grows_and_their_filter_is_left_alone(self, google: Emulator) -> None:
        book = spreadsheet(google, [HEADER, ANN, BOB])
        block = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
        book.sheets[0].basic_filter = {"range": dict(block)}
        sheet = opened(google, book)
        table = sheet.read()
        sheet.apply(table, [], [STATUS])
        assert book.sheets[0].basic_filter == {"range": block}
        assert any("filter ends at column B" in warning for warning in sheet.read().warnings)


class TestViews:
    def test_each_useful_state_has_a_link_made_once_and_again_when_deleted(self, google: Emulator) -> None:
        book, sheet = laid_out(google)
        links = sheet.views("Status", VIEWS)
        assert set(links) == set(VIEWS)
        assert all(link.startswith(f"{sheet.workbook}/edit#gid=0&fvid=") for link in links.values())
        google.requests.clear()
        assert sheet.views("Status", VIEWS) == links
        assert len(google.requests) == 0
        review = next(one for one in book.sheets[0].filter_views if one["title"].endswith("Review"))
        hidden = review["filterSpecs"][0]["filterCriteria"]["hiddenValues"]
        assert Status.REVIEW not in hidden
        assert Status.SENT in hidden
        assert "" in hidden
        book.sheets[0].filter_views.remove(review)
        sheet.read()
        assert sheet.views("Status", VIEWS)["Review"] != links["Review"]

    def test_a_sheet_without_that_column_has_none(self, google: Emulator) -> None:
        assert opened(google, spreadsheet(google, [HEADER, ANN])).views("Status", VIEWS) == {}
