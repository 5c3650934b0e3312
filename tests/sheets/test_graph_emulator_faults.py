"""The Graph emulator: sessions, batches, throttling, scripted faults, and the other person in the workbook."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from tests.emulators.graph import EXCEL_LIMIT, CoAuthor, GraphEmulator, Item, contest, errors, faults
from tests.emulators.graph.client import Client, codes

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(contest())


@pytest.fixture
def client(graph: GraphEmulator, item: Item) -> Iterator[Client]:
    with Client(graph, item) as client:
        yield client


@pytest.fixture
def other(graph: GraphEmulator, item: Item) -> CoAuthor:
    return graph.colleague(item)


def test_an_idle_session_expires_and_is_not_to_be_used_again(graph: GraphEmulator, client: Client) -> None:
    client.session()
    graph.advance(290)
    assert client.ask("POST", "refreshSession", {}).status_code == 204
    graph.advance(290)
    assert client.cells("A1") == [["Bib"]]
    graph.advance(301)
    gone = client.ask("GET", "worksheets")
    assert (gone.status_code, codes(gone)) == (404, ["InvalidSession", "invalidSessionReCreatable"])
    assert client.ask("GET", "worksheets").status_code == 404
    assert graph.sessions.misused == 2


def test_a_session_is_of_one_file_and_ends_when_it_is_closed(graph: GraphEmulator, client: Client) -> None:
    session_id = client.session()
    with Client(graph, graph.add(contest(), "Other.xlsx")) as second:
        assert second.ask("GET", "worksheets", workbook_session_id=session_id).status_code == 404
    assert client.ask("POST", "closeSession", {}).status_code == 204
    assert client.ask("GET", "worksheets").status_code == 404


def test_a_session_that_does_not_persist_writes_into_a_copy_of_its_own(
    graph: GraphEmulator, client: Client, item: Item
) -> None:
    tag = item.ctag
    client.session(persist=False)
    assert client.write("A2", 99).ok
    assert client.cells("A2") == [[99]]
    with Client(graph, item) as second:
        assert second.cells("A2") == [[7]]
    assert item.ctag == tag


def test_a_session_may_take_its_time(graph: GraphEmulator, client: Client) -> None:
    graph.slow_operations = 60
    begun = client.ask("POST", "createSession", {"persistChanges": True}, Prefer="respond-async")
    assert (begun.status_code, begun.json()) == (202, {})
    place = begun.headers["Location"].removeprefix(graph.url)
    assert client.get(place)["status"] == "running"
    graph.advance(61)
    done = client.get(place)
    assert done["status"] == "succeeded"
    session = client.get(done["resourceLocation"].removeprefix(graph.url))
    assert client.ask("GET", "worksheets", workbook_session_id=session["id"]).ok


def test_a_failed_operation_says_so_with_a_good_status(graph: GraphEmulator, client: Client) -> None:
    graph.slow_operations, graph.operation_error = 1, errors.generic_file_open()
    begun = client.ask("POST", "createSession", {"persistChanges": True}, Prefer="respond-async")
    graph.advance(2)
    failed = client.ask("GET", begun.headers["Location"].removeprefix(graph.url))
    assert (failed.status_code, failed.json()["status"]) == (200, "failed")
    assert failed.json()["error"]["innerError"]["code"] == "internalServerErrorUncategorized"


def test_rows_can_be_added_in_their_own_time_within_a_session(graph: GraphEmulator, client: Client) -> None:
    graph.slow_operations = 1
    row = {"values": [["x", *[None] * 10]]}
    assert client.ask("POST", "tables/Contestants/rows/add", row, Prefer="respond-async").status_code == 400
    client.session()
    begun = client.ask("POST", "tables/Contestants/rows/add", row, Prefer="respond-async")
    graph.advance(2)
    done = client.get(begun.headers["Location"].removeprefix(graph.url))
    assert client.get(done["resourceLocation"].removeprefix(graph.url))["index"] == 31


@pytest.mark.parametrize("after", ["2", "0.25", "date"])
def test_throttling_tells_how_long_in_three_ways_and_sees_who_does_not_wait(
    graph: GraphEmulator, client: Client, after: str
) -> None:
    if after == "date":
        after = format_datetime(graph.now() + timedelta(seconds=3), usegmt=True)
    graph.script.add(faults.throttled(after), "PATCH", "/range")
    refused = client.write("A2", 1)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, after)
    assert codes(refused) == ["TooManyRequests", "tooManyRequestsUncategorized"]
    assert graph.log.figures.impatient == 0
    assert client.write("A2", 1).ok
    assert graph.log.figures.impatient == 1
    graph.advance(4)
    assert client.write("A2", 1).ok
    assert graph.log.figures.impatient == 1


def test_an_app_that_asks_too_often_is_throttled_until_the_window_has_passed(
    graph: GraphEmulator, client: Client
) -> None:
    assert EXCEL_LIMIT == 1500
    graph.limits.per_app = 3
    assert [client.ask("GET", "worksheets").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert client.ask("GET", client.root).status_code == 200, "drive items are counted elsewhere"
    graph.advance(10)
    assert client.ask("GET", "worksheets").ok


@pytest.mark.parametrize("fault", [faults.gateway_timeout(), faults.unavailable(effect=True)])
def test_a_request_may_fail_after_it_was_obeyed(graph: GraphEmulator, client: Client, fault: faults.Fault) -> None:
    graph.script.add(fault, "POST", "rows/add")
    row = {"values": [["x", *[None] * 10]]}
    assert client.ask("POST", "tables/Contestants/rows/add", row).status_code in (503, 504)
    assert client.cells("A32") == [["x"]]
    assert client.ask("POST", "tables/Contestants/rows/add", row).ok
    assert client.cells("A32:A33") == [["x"], ["x"]], "whoever repeats it has it twice"


def test_a_dropped_write_has_a_good_echo_and_leaves_no_trace(graph: GraphEmulator, client: Client, item: Item) -> None:
    tags = (item.etag, item.ctag)
    graph.script.add(faults.dropped(), "PATCH")
    assert client.write("A2", 99).json()["values"] == [[99]]
    assert client.cells("A2") == [[7]]
    assert (item.etag, item.ctag) == tags
    assert client.write("A2", 99).ok
    assert client.cells("A2") == [[99]]


@pytest.mark.parametrize("effect", [False, True])
def test_a_connection_may_end_without_an_answer(graph: GraphEmulator, client: Client, *, effect: bool) -> None:
    graph.script.add(faults.hang_up(effect=effect), "PATCH")
    with pytest.raises(requests.ConnectionError):
        client.write("A2", 99)
    assert client.cells("A2") == [[99 if effect else 7]]


@pytest.mark.parametrize(
    ("fault", "status", "inner"),
    [
        (faults.bad_gateway(), 502, []),
        (faults.unavailable("1"), 503, ["serviceUnavailableUncategorized"]),
        (faults.gateway_timeout(effect=False), 504, ["gatewayTimeoutUncategorized"]),
        (faults.generic_file_open(), 500, ["internalServerErrorUncategorized", "GenericFileOpenError"]),
        (faults.open_unauthorized(), 401, ["unauthorizedUncategorized", "FileOpenUserUnauthorized"]),
        (faults.session_gone(), 404, ["invalidSessionReCreatable"]),
    ],
)
def test_faults_come_when_they_are_told_to(
    graph: GraphEmulator, client: Client, fault: faults.Fault, status: int, inner: list[str]
) -> None:
    graph.script.add(fault, "GET", "worksheets", skip=1, times=2)
    seen = [client.ask("GET", "worksheets") for _ in range(4)]
    assert [reply.status_code for reply in seen] == [200, status, status, 200]
    assert codes(seen[1])[1:] == inner


def test_a_session_that_is_said_to_be_gone_is_gone(graph: GraphEmulator, client: Client) -> None:
    client.session()
    graph.script.add(faults.session_gone(), "PATCH")
    assert client.write("A2", 1).status_code == 404
    assert client.ask("GET", "worksheets").status_code == 404


def test_too_much_at_once_is_refused(graph: GraphEmulator, client: Client) -> None:
    assert codes(client.write("M1:M200", [["x" * 30_000]] * 200)) == [
        "requestSizeExceeded",
        "payloadTooLargeUncategorized",
    ]
    graph.limits.cells = 100
    for reply in (client.ask("GET", "tables/Contestants/range"), client.write("M1:M101", "x")):
        assert codes(reply) == ["invalidRequest", "rangeExceedsLimit"]


def parts(client: Client, *requests: tuple[str, str, Any], chain: bool = True) -> dict[str, Any]:
    """A batch of (method, path of the workbook, body)."""
    body: list[dict[str, Any]] = []
    for number, (method, path, given) in enumerate(requests, 1):
        part: dict[str, Any] = {"id": str(number), "method": method, "url": f"{client.root}/workbook/{path}"}
        part |= {"body": given, "headers": JSON} if given is not None else {}
        part |= {"dependsOn": [str(number - 1)]} if chain and number > 1 else {}
        body.append(part)
    return {"requests": body}


def answers(reply: requests.Response) -> dict[str, Any]:
    """The parts of a batch's answer by id."""
    assert reply.status_code == 200, reply.text
    return {part["id"]: part for part in reply.json()["responses"]}


def one(column: str, text: str) -> tuple[str, str, Any]:
    """A part that writes one cell."""
    return "PATCH", f"worksheets/Contestants/range(address='{column}')", {"values": [[text]]}


def test_a_chain_stops_at_the_part_that_fails(client: Client) -> None:
    batch = parts(client, one("M1", "a"), one("M2", "=1+"), one("M3", "c"), ("GET", "worksheets", None))
    found = answers(client.ask("POST", "/$batch", batch))
    assert [found[key]["status"] for key in "1234"] == [200, 400, 424, 424]
    assert client.cells("M1:M3") == [["a"], [""], [""]]


def test_parts_without_a_chain_run_in_any_order_and_are_answered_in_any_order(client: Client) -> None:
    kept, ids = set(), set()
    for _ in range(12):
        reply = client.ask("POST", "/$batch", parts(client, one("M1", "a"), one("M1", "b"), chain=False))
        ids.add("".join(part["id"] for part in reply.json()["responses"]))
        kept.add(client.cells("M1")[0][0])
    assert (kept, ids) == ({"a", "b"}, {"12", "21"})


def test_a_malformed_batch_is_refused_as_a_whole(graph: GraphEmulator, client: Client) -> None:
    good = parts(client, one("M1", "a"), one("M2", "b"), one("M3", "c"))
    without_type, forward, fan = ([dict(part) for part in good["requests"]] for _ in range(3))
    without_type[0]["headers"] = {}
    forward[0]["dependsOn"] = ["2"]
    fan[2]["dependsOn"] = ["1"]
    doubled = [good["requests"][0]] * 2
    many = parts(client, *[one("M1", "a")] * 21)["requests"]
    for wrong in (without_type, forward, fan, doubled, many, [], [{"id": "1"}], "nonsense"):
        assert client.ask("POST", "/$batch", {"requests": wrong}).status_code == 400
    assert graph.log.count("PATCH") == 0
    assert client.ask("POST", "/$batch", good).ok
    assert (graph.log.count("PATCH"), graph.log.count("PATCH", parts=False)) == (3, 0)


def test_a_misspelt_chain_is_no_chain(client: Client) -> None:
    kept = set()
    for _ in range(12):
        batch = parts(client, one("M1", "a"), one("M1", "b"), chain=False)
        batch["requests"][1]["depends_on"] = ["1"]
        client.ask("POST", "/$batch", batch)
        kept.add(client.cells("M1")[0][0])
    assert kept == {"a", "b"}


def test_a_part_is_throttled_by_itself(graph: GraphEmulator, client: Client) -> None:
    graph.script.add(faults.throttled("6.5"), "PATCH", "M2")
    found = answers(client.ask("POST", "/$batch", parts(client, one("M1", "a"), one("M2", "b"), one("M3", "c"))))
    assert [found[key]["status"] for key in "123"] == [200, 429, 424]
    assert found["2"]["headers"]["Retry-After"] == "6.5"


def test_the_colleague_acts_between_two_requests(graph: GraphEmulator, client: Client, other: CoAuthor) -> None:
    graph.script.between(lambda: other.sort("Name", ascending=False), "PATCH")
    graph.script.between(lambda: other.type(0, "Entry", "mine"), "PATCH", after=True)
    assert client.cells("B2") == [["Amara Okonjo-Lindqvist"]]
    assert client.write("J2", "ours").json()["values"] == [["ours"]]
    assert client.cells("B2:J2")[0][0] == "Wenzel Unterholzner"
    assert client.cells("J2") == [["mine"]]
    assert other.done == ["sort", "type"]
    assert (other.typed[0].record["Name"], other.typed[0].text) == ("Wenzel Unterholzner", "mine")


def test_a_storm_plays_the_same_again_and_loses_nobody(graph: GraphEmulator) -> None:
    seen = []
    for _ in range(2):
        item = graph.add(contest(), f"Storm {len(seen)}.xlsx")
        other = graph.colleague(item)
        names = {record["Name"] for record in other.records()}
        other.storm(7, rate=0.5, typing=["Entry"], path=item.id)
        with Client(graph, item) as client:
            for _ in range(60):
                client.get("tables/Contestants?$select=name")
        graph.script.clear()
        assert names <= {record["Name"] for record in other.records()}
        seen.append((other.done, other.records()))
    assert seen[0] == seen[1]
    assert {"sort", "insert", "copy", "cut", "type", "filter", "clear filters"} <= set(seen[0][0])


def test_a_writer_who_remembers_row_numbers_hits_other_peoples_rows(
    graph: GraphEmulator, client: Client, other: CoAuthor
) -> None:
    bibs = [record["Bib"] for record in other.records()]
    other.storm(1, rate=0.3, acts=("sort", "insert", "cut", "filter", "clear_filters"), path=r"range\(")
    for row, bib in enumerate(bibs, 2):
        client.write(f"I{row}", f"'{bib}")
    graph.script.clear()
    wrong = [record for record in other.records() if record["Country"].isdigit() and record["Country"] != record["Bib"]]
    assert len(wrong) > 3


def test_requests_to_one_workbook_at_the_same_time_are_noticed(
    graph: GraphEmulator, client: Client, item: Item
) -> None:
    client.get("worksheets")
    assert graph.log.figures.parallel[item.id] == 1
    graph.script.add(faults.slow(0.05), "GET", "worksheets", times=None)
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(lambda _: client.get("worksheets"), range(2)))
    assert graph.log.figures.parallel[item.id] == 2


def test_the_log_keeps_requests_and_no_tokens(graph: GraphEmulator, client: Client) -> None:
    client.write("A2:B2", [[1, "x"]])
    entry = graph.log.entries[-1]
    assert (entry.method, entry.cells, entry.status) == ("PATCH", 2, 200)
    assert entry.path.endswith("/workbook/worksheets/Contestants/range(address='A2:B2')")
    assert "Bearer" not in repr(graph.log.entries)


def test_a_thousand_rows_are_read_quickly(graph: GraphEmulator) -> None:
    item = graph.add(contest(), "Big.xlsx")
    other = graph.colleague(item)
    other.table.add_rows(other.sheet, None, 970)
    with Client(graph, item) as client:
        begun = time.perf_counter()
        assert client.get("tables/Contestants/range?$select=text")["text"][0][0] == "Bib"
        assert time.perf_counter() - begun < 2
