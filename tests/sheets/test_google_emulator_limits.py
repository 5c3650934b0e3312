"""The emulated Google Sheets: quotas, failures on purpose, and the log of calls."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.emulators.sheets import Emulator, Fault, Quota
from tests.emulators.sheets.clients import Bare, Refused


class Turned:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def google(clock: Turned) -> Iterator[Emulator]:
    with Emulator(quota=Quota(clock=clock)) as running:
        yield running


@pytest.fixture
def api(google: Emulator) -> Bare:
    return Bare(google, google.spreadsheet("Contest", {"S": [["Bib"], [7]]}))


def write(api: Bare, text: str = "x") -> None:
    api.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": [{"range": "S!A2", "values": [[text]]}]})


def test_it_allows_sixty_reads_and_sixty_writes_in_any_minute(api: Bare, google: Emulator, clock: Turned) -> None:
    for second in range(60):
        clock.now = second / 2
        api.values("S!A1")
        write(api)
    with pytest.raises(Refused) as refused:
        write(api, "too much")
    error = refused.value.error
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user'"
    )
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert error["details"][0]["metadata"]["quota_limit_value"] == "60"
    assert api.book.texts()[1] == ["x"]
    clock.now = 60.0
    write(api, "the first slot is free again")
    with pytest.raises(Refused, match="Write requests"):
        write(api)
    assert (google.requests.reads, google.requests.writes, google.requests.refused) == (60, 63, 2)


def test_it_counts_reads_made_by_post_as_reads(api: Bare, google: Emulator) -> None:
    api.post("/developerMetadata:search", {"dataFilters": []})
    api.post(":getByDataFilter", {"dataFilters": [{"a1Range": "S!A1"}]})
    api.post("/values:batchGetByDataFilter", {"dataFilters": [{"a1Range": "S!A1"}]})
    assert (google.requests.reads, google.requests.writes) == (3, 0)


def test_it_limits_a_project_over_all_its_accounts(google: Emulator, api: Bare) -> None:
    google.quota.per_project = 5
    other = Bare(google, api.book, "ana@example.org")
    api.book.share("ana@example.org")
    for _ in range(3):
        api.values("S!A1")
    other.values("S!A1")
    other.values("S!A1")
    with pytest.raises(Refused, match="limit 'Read requests per minute' of service"):
        other.values("S!A1")


@pytest.mark.parametrize("name", ["429", "500", "503"])
def test_it_fails_as_json_without_effect(api: Bare, google: Emulator, name: str) -> None:
    google.faults.add(name, on="write")
    api.values("S!A1")
    with pytest.raises(Refused) as refused:
        write(api)
    assert refused.value.error["code"] == int(name)
    assert api.book.texts()[1] == ["7"]
    write(api)


def test_it_asks_to_wait_and_fails_as_a_page(api: Bare, google: Emulator) -> None:
    google.faults.add(Fault(429, retry_after=7), "502 HTML")
    url = f"{google.url}/v4/spreadsheets/{api.book.id}"
    first, second = (api.session.get(url, timeout=5) for _ in range(2))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert (second.status_code, second.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    assert "<!DOCTYPE html>" in second.text


def test_it_breaks_off_before_or_after_the_effect(api: Bare, google: Emulator) -> None:
    google.faults.add("reset before", "reset after", Fault(503, after=True))
    with pytest.raises(requests.ConnectionError):
        write(api, "never")
    assert api.book.texts()[1] == ["7"]
    with pytest.raises(requests.ConnectionError):
        write(api, "written")
    assert api.book.texts()[1] == ["written"]
    with pytest.raises(Refused, match="currently unavailable"):
        write(api, "written too")
    assert api.book.texts()[1] == ["written too"]
    assert [(call.status, call.applied) for call in google.requests] == [(0, False), (0, True), (503, True)]


def test_it_hangs_until_the_client_gives_up(api: Bare, google: Emulator) -> None:
    google.faults.add(Fault(hang=5.0, after=True), Fault(delay=0.05))
    url = f"{google.url}/v4/spreadsheets/{api.book.id}:batchUpdate"
    body = {"requests": [{"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}}}]}
    with pytest.raises(requests.ReadTimeout):
        api.session.post(url, json=body, timeout=0.1)
    assert api.book.texts() == [["Bib"]]
    start = time.monotonic()
    api.values("S!A1")
    assert time.monotonic() - start >= 0.05


def test_it_stops_at_once_while_a_client_hangs() -> None:
    with Emulator() as google:
        api = Bare(google, google.spreadsheet())
        google.faults.add(Fault(hang=60.0))
        with pytest.raises(requests.ReadTimeout):
            api.session.get(f"{google.url}/v4/spreadsheets/{api.book.id}", timeout=0.05)
        start = time.monotonic()
    assert time.monotonic() - start < 2.0


def test_it_leaves_other_calls_alone_until_the_one_that_a_fault_is_meant_for(api: Bare, google: Emulator) -> None:
    google.faults.add("500", on="values.batchUpdate")
    api.values("S!A1")
    with pytest.raises(Refused):
        write(api)
    assert [call.method for call in google.requests if call.fault and call.fault.code] == [
        "spreadsheets.values.batchUpdate"
    ]


def test_it_fails_at_random_but_the_same_for_a_seed() -> None:
    def storm(seed: int) -> list[int]:
        with Emulator(quota=Quota.off()) as google:
            api = Bare(google, google.spreadsheet())
            google.faults.at_random(seed, 0.4, ("429", "500", "503"))
            for _ in range(40):
                api.session.get(f"{google.url}/v4/spreadsheets/{api.book.id}", timeout=5)
            return [call.status for call in google.requests]

    first = storm(1)
    assert first == storm(1)
    assert first != storm(2)
    counted = Counter(first)
    assert set(counted) == {200, 429, 500, 503}
    assert 15 < counted[200] < 32


def test_it_writes_down_who_asked_for_what(api: Bare, google: Emulator) -> None:
    write(api)
    call = google.requests.of("write", method="values.batchUpdate", status=200)[0]
    assert (call.http, call.account, call.spreadsheet) == ("POST", api.email, api.book.id)
    assert call.path == f"/v4/spreadsheets/{api.book.id}/values:batchUpdate"
    assert call.body["data"][0]["values"] == [["x"]]
    google.requests.clear()
    assert len(google.requests) == 0


def test_it_answers_a_page_for_paths_that_are_no_method_and_refuses_what_is_no_json(
    api: Bare, google: Emulator
) -> None:
    assert requests.get(f"{google.url}/v5/nothing", timeout=5).status_code == 404
    url = f"{google.url}/v4/spreadsheets/{api.book.id}:batchUpdate"
    for body in (b"{", b"[1]", b'{"requests": NaN}'):
        answer = api.session.post(url, data=body, timeout=5)
        assert answer.status_code == 400
        assert "Invalid JSON payload received" in answer.json()["error"]["message"]


def test_it_carries_out_calls_one_after_the_other_however_many_come_at_once(api: Bare, google: Emulator) -> None:
    google.quota.per_user = google.quota.per_project = 1000

    def add(number: int) -> None:
        row = {"values": [{"userEnteredValue": {"numberValue": number}}]}
        mine = Bare(google, api.book, api.email)
        mine.batch({"appendCells": {"sheetId": 0, "rows": [row], "fields": "userEnteredValue"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100, 140)))
    assert sorted(row[0] for row in api.book.texts()[2:]) == [str(number) for number in range(100, 140)]
