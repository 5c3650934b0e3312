"""Throttling, lost answers, sessions that end, writes that are not kept: nothing twice, and nothing in silence."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest

from server.domain.table import CellEdit, NewColumn, Table
from server.errors import NotFound, NotShared, PermanentError, SheetChanged, SheetUnavailable, SignInToMicrosoft
from server.sheets.access import Standing
from server.sheets.excel import book as books_of
from server.sheets.excel.access import check
from server.sheets.excel.address import Address, canonical, is_excel, parse, share_id, tab_id, tab_name
from server.sheets.excel.transport import LOST, OneHost, Transport, seconds
from tests.emulators.graph import COLLEAGUE, GraphEmulator, Item, faults, from_rows
from tests.sheets.excel.books import Open, Token, book, opened, transport
from tests.sheets.excel.campaign import keyed

ROWS = [["No", "Name"], *([n, f"Person {n}"] for n in range(5))]


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(from_rows(ROWS, tab="People", table="People"))


def edits(table: Table, title: str = "Status") -> list[CellEdit]:
    column = table.find(title)
    assert column is not None
    return [CellEdit(row, column, f"x {row.cells[0].shown}") for row in table.rows]


def stands(graph: GraphEmulator, item: Item) -> bool:
    return [record["Status"] for record in graph.colleague(item).records()] == [f"x {n}" for n in range(5)]


@pytest.mark.parametrize(
    "fault",
    [
        faults.throttled("2"),
        faults.throttled("0.25"),
        faults.throttled(None),
        faults.unavailable("1"),
        faults.unavailable(effect=True),
        faults.gateway_timeout(),
        faults.gateway_timeout(effect=False),
        faults.bad_gateway(),
        faults.generic_file_open(),
        faults.session_gone(),
        faults.dropped(),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "GET"])
def test_a_fault_in_a_write_is_overcome(graph: GraphEmulator, item: Item, fault: faults.Fault, method: str) -> None:
    sheet = opened(graph, item, budget=Open())
    table = keyed(sheet, ["Status"])
    graph.script.add(fault, method, "range", times=1)
    now = sheet.apply(table, edits(table))
    assert now is not None
    assert stands(graph, item)
    assert sheet.read().version == now.version


@pytest.mark.parametrize("fault", [faults.hang_up(), faults.hang_up(effect=True), faults.gateway_timeout()])
def test_a_whole_call_whose_answer_is_lost_is_looked_for(graph: GraphEmulator, item: Item, fault: faults.Fault) -> None:
    sheet = opened(graph, item, budget=Open())
    table = keyed(sheet, ["Status"])
    graph.script.add(fault, "POST", "batch", times=1)
    sheet.apply(table, edits(table))
    assert stands(graph, item)


@pytest.mark.parametrize("effect", [True, False])
def test_a_column_whose_answer_is_lost_is_not_made_twice(graph: GraphEmulator, item: Item, effect: bool) -> None:
    sheet = opened(graph, item)
    table = sheet.read()
    graph.script.add(faults.gateway_timeout(effect=effect), "POST", "columns/add", skip=1)
    sheet.apply(table, [CellEdit(table.rows[0], 2, "a")], [NewColumn("One"), NewColumn("Two"), NewColumn("Three")])
    other = graph.colleague(item)
    assert other.table.titles(other.sheet) == ["No", "Name", "One", "Two", "Three"]


def test_a_lost_write_during_a_sort_is_put_right(graph: GraphEmulator, item: Item) -> None:
    sheet, other = opened(graph, item), graph.colleague(item)
    table = keyed(sheet, ["Status"])
    graph.script.between(lambda: other.sort("No", ascending=False), "PATCH")
    graph.script.add(faults.gateway_timeout(), "PATCH")
    with pytest.raises(SheetChanged):
        sheet.apply(table, edits(table))
    sheet.read()
    for record in other.records():
        assert record["Status"] in {"", f"x {record['No']}"}


def test_a_pause_holds_everybody_and_nothing_is_sent_meanwhile(graph: GraphEmulator, item: Item) -> None:
    budget, slept = Open(), []

    def sleep(wait: float) -> None:
        slept.append(wait)
        graph.advance(wait)

    made = book(graph, item, budget, sleep=sleep, clock=graph.clock)
    graph.script.add(faults.throttled("6.5"), "GET")
    made.tag()
    assert budget.holds == slept == [pytest.approx(6.5)]
    assert graph.log.figures.impatient == 0


def test_it_gives_up_in_words_when_the_pause_is_too_long(graph: GraphEmulator, item: Item) -> None:
    made = book(graph, item, patience=20.0)
    graph.script.add(faults.throttled("300"), "GET", times=None)
    with pytest.raises(SheetUnavailable, match="too many requests") as caught:
        made.tag()
    assert caught.value.retry_after == 300.0
    assert graph.log.count("GET") == 1


def test_writes_that_are_never_kept_are_told(graph: GraphEmulator, item: Item) -> None:
    sheet = opened(graph, item)
    table = keyed(sheet, ["Status"])
    graph.script.add(faults.dropped(), "PATCH", times=None)
    with pytest.raises(SheetUnavailable, match="does not keep"):
        sheet.apply(table, edits(table))


def test_a_session_is_used_again_and_made_anew_when_it_rested_too_long(graph: GraphEmulator, item: Item) -> None:
    made = book(graph, item, clock=graph.clock)
    part = books_of.Part("GET", "/workbook/worksheets")
    for _ in range(3):
        made.read([part])
    assert graph.log.count("POST", "createSession") == 1
    graph.advance(239)
    made.read([part])
    graph.advance(301)
    made.read([part])
    assert graph.log.count("POST", "createSession") == 2
    assert graph.sessions.misused == 0
    made.close()
    assert not graph.sessions.live(item.id, graph.clock())


def test_a_session_that_takes_its_time_is_waited_for(graph: GraphEmulator, item: Item) -> None:
    graph.slow_operations = 5.0
    made = book(graph, item, sleep=graph.advance, clock=graph.clock)
    assert made.read([books_of.Part("GET", "/workbook/worksheets")])[0].ok
    assert graph.log.count("GET", "operations/") >= 2


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"refuses": True}, NotShared, "FileOpenUserUnauthorized"),
        ({"password": True}, PermanentError, "password"),
        ({"megabytes": 200.0}, PermanentError, "100 MB"),
        ({"deleted": True}, NotFound, "moved"),
        ({"readers": {"nobody"}}, NotShared, "Share it"),
    ],
)
def test_what_can_t_be_opened_is_told_in_words(
    graph: GraphEmulator, item: Item, change: dict[str, object], kind: type[Exception], words: str
) -> None:
    for name, value in change.items():
        setattr(item, name, value)
    with pytest.raises(kind, match=words):
        opened(graph, item)


@pytest.mark.parametrize(
    ("change", "words"), [({"locked": True}, "checked out"), ({"checked_out_by": COLLEAGUE}, "Check it in")]
)
def test_a_locked_workbook_is_read_and_written_later(
    graph: GraphEmulator, item: Item, change: dict[str, object], words: str
) -> None:
    for name, value in change.items():
        setattr(item, name, value)
    sheet = opened(graph, item)
    table = sheet.read()
    with pytest.raises(SheetUnavailable, match=words):
        sheet.apply(table, edits(table, "Name"))


def test_checking_access_changes_nothing_and_says_where_we_stand(graph: GraphEmulator, item: Item) -> None:
    tags = item.tags
    found = check(book(graph, item))
    assert (found.standing, found.sentence) == (Standing.OK, "Cellback may edit “Contestants.xlsx”.")
    assert item.tags == tags
    item.read_only = True
    assert check(book(graph, item)).standing is Standing.VIEW_ONLY
    item.refuses = True
    found = check(book(graph, item))
    assert found.standing is Standing.NOT_SHARED
    assert "FileOpenUserUnauthorized" in found.sentence
    item.deleted = True
    assert check(book(graph, item)).standing is Standing.GONE


def test_the_token_goes_to_one_host_alone(graph: GraphEmulator) -> None:
    host = OneHost(Token("secret"), graph.url)

    def ask(url: str) -> str:
        return asyncio.run(host.get_authorization_token(url))

    assert ask(f"{graph.url}/drives") == "secret"
    for url in ("https://graph.microsoft.com/v1.0/x", graph.url.replace("http:", "https:"), "http://127.0.0.1:1/v1.0"):
        assert ask(url) == ""


def test_a_token_that_is_refused_is_renewed_once(graph: GraphEmulator, item: Item) -> None:
    made = transport(graph, graph.graph_token(expires_in=-60), graph.graph_token())
    assert book(graph, item, transport=made).tag()
    assert isinstance(made.credentials, Token)
    assert made.credentials.renewed == 1
    never = transport(graph, graph.graph_token(expires_in=-60))
    with pytest.raises(PermanentError, match="credentials"):
        book(graph, item, transport=never).tag()
    item.refuses = True
    with pytest.raises(NotShared, match="FileOpenUserUnauthorized"):
        opened(graph, item)


def test_what_the_credentials_say_reaches_the_person(graph: GraphEmulator, item: Item) -> None:
    class Ended(Token):
        async def get_authorization_token(self, uri: str, context: dict[str, Any] | None = None) -> str:
            raise SignInToMicrosoft("Sign in again.")

    made = Transport(Ended("t"), graph.url)
    with pytest.raises(SignInToMicrosoft, match="Sign in again"):
        book(graph, item, transport=made).tag()
    made.close()


def test_a_host_that_is_not_there_is_no_lost_answer() -> None:
    made = Transport(Token("t"), "http://127.0.0.1:1/v1.0")
    assert made.send("GET", "/me").status < LOST
    made.close()


def test_retry_after_is_a_number_a_fraction_or_a_date() -> None:
    assert [seconds(text) for text in ("2", "2.128", "", None, "soon")] == [2.0, 2.128, None, None, None]
    assert seconds(formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)


def test_addresses() -> None:
    for url in (
        "https://1drv.ms/x/s!AbC",
        "https://contoso-my.sharepoint.com/:x:/g/personal/a/E1?e=2",
        "https://contoso.sharepoint.com/sites/Events/_layouts/15/Doc.aspx?sourcedoc=%7B1%7D",
        "https://onedrive.live.com/edit.aspx?resid=1!2",
    ):
        assert is_excel(url)
        assert parse(url) is None
    strange = ("http://[", "https://docs.google.com\u2100/")
    for url in (
        "https://docs.google.com/spreadsheets/d/1",
        "/home/a.xlsx",
        "https://sharepoint.com.example.org/x",
        *strange,
    ):
        assert not is_excel(url)
    address = Address("b!x-_1", "01ABC")
    assert parse(canonical(address)) == address
    assert is_excel(canonical(address))
    assert share_id("https://onedrive.live.com/redir?resid=1231244193912!12#x") == (
        "u!aHR0cHM6Ly9vbmVkcml2ZS5saXZlLmNvbS9yZWRpcj9yZXNpZD0xMjMxMjQ0MTkzOTEyITEy"
    )
    tab = "{00000000-0001-0000-0000-000000000000}"
    assert (tab_id(tab_name(tab)), tab_id("People")) == (tab, "")
