"""Our side of HTTP: what is known of a request after everything that can go wrong with one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.http import LONGEST_WAIT, Http, Reply, not_taken, retry_after
from server.errors import CellbackError, ConfigError, SendInDoubt, TemporaryError
from tests.channels.scripted import Act, Scripted, answer, drop, half, hang, trickle

SECRET = "SG.not-for-anybody"


def http(url: str, **more: object) -> Http:
    options: dict[str, Any] = {
        "connect_seconds": 5.0,
        "answer_seconds": 5.0,
        "headers": {"Authorization": f"Bearer {SECRET}"},
    }
    return Http("Acme", url, **{**options, **more})


def post(client: Http, path: str = "/send", **more: object) -> Reply | CellbackError:
    """One post on a loop of its own; its reply, or what it raised."""

    async def work() -> Reply:
        try:
            return await client.post(path, **more)  # type: ignore[arg-type]
        finally:
            await client.close()

    try:
        return asyncio.run(work())
    except CellbackError as error:
        return error


def ask(client: Http) -> Reply | CellbackError:
    async def work() -> Reply:
        try:
            return await client.get("/thing", query={"page": "2"})
        finally:
            await client.close()

    try:
        return asyncio.run(work())
    except CellbackError as error:
        return error


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as found:
        yield found


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_it_brings_back_whatever_was_answered(server: Scripted) -> None:
    server.act = answer(418, b'{"a": "\xc3\xa4"}', "X-Message-Id: abc", "Retry-After: 7")
    reply = post(http(server.url + "/"), content=b"{}", headers={"Content-Type": "application/json"})
    assert isinstance(reply, Reply)
    assert (reply.status, reply.ok, reply.json()) == (418, False, {"a": "ä"})
    assert reply.headers["x-message-id"] == "abc"
    [request] = server.requests
    assert request.startswith(b"POST /send HTTP/1.1\r\n")
    assert f"Authorization: Bearer {SECRET}".encode() in request


def test_it_posts_forms_with_every_text_and_file_as_they_are(server: Scripted) -> None:
    text = "ä\r\n--\x00 &=%20+ \n"
    post(http(server.url), form={"text": text, "cc": ["a@x.org", "b@x.org"]})
    assert server.requests[0].endswith(b"text=%C3%A4%0D%0A--%00+%26%3D%2520%2B+%0A&cc=a%40x.org&cc=b%40x.org")
    post(http(server.url), form={"text": text}, files=[("attachment", ("a.bin", b"\x00\xff\r\n", "image/png"))])
    assert text.encode() in server.requests[1]
    assert b"\r\n\r\n\x00\xff\r\n\r\n--" in server.requests[1]


@pytest.mark.parametrize("seconds", [0.25, 60.0])
def test_it_says_later_when_nobody_listens(nowhere: str, seconds: float) -> None:
    error = post(http(nowhere, answer_seconds=seconds))
    assert type(error) is TemporaryError
    assert "can't be reached" in error.sentence


@pytest.mark.parametrize("url", ["http://api.nowhere.invalid", "ftp://127.0.0.1", "nonsense"])
def test_it_says_later_where_no_request_can_leave_for(url: str) -> None:
    assert type(post(http(url))) is TemporaryError


@pytest.mark.parametrize("limits", [{"connect_seconds": 0.1}, {"answer_seconds": 0.05}])
def test_it_says_later_when_a_connection_was_never_made(limits: dict[str, float]) -> None:
    """A full backlog: the handshake gets no answer. Whichever limit is passed first, nothing has left."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        error = post(http(f"http://127.0.0.1:{full.getsockname()[1]}", **limits))
    assert type(error) is TemporaryError


def test_it_says_later_for_what_waited_for_a_free_connection_in_vain(server: Scripted) -> None:
    """The first one left, and nobody knows; the second one did not."""
    server.act = trickle

    async def work() -> tuple[object, ...]:
        client = http(server.url, connections=1, answer_seconds=0.2)
        try:
            return await asyncio.gather(client.post("/one"), client.post("/two"), return_exceptions=True)
        finally:
            await client.close()

    assert sorted(type(error).__name__ for error in asyncio.run(work())) == ["SendInDoubt", "TemporaryError"]
    assert len(server.requests) == 1


def test_a_proxy_that_lets_nobody_through_had_no_message_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(answer(403, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert type(post(http("https://api.example.org"))) is TemporaryError
        assert proxy.requests[0].startswith(b"CONNECT api.example.org:443")
        assert SECRET.encode() not in proxy.requests[0]


@pytest.mark.parametrize("act", [drop, half, hang, trickle])
def test_it_says_in_doubt_when_the_answer_is_lost_once_the_request_has_left(server: Scripted, act: Act) -> None:
    server.act = act
    began = time.monotonic()
    error = post(http(server.url, answer_seconds=0.15))
    assert type(error) is SendInDoubt
    assert "may have gone out, or not" in error.sentence
    assert time.monotonic() - began < 10
    assert len(server.requests) == 1, "it must never be posted a second time"


def test_it_says_in_doubt_for_an_answer_that_is_not_http(server: Scripted) -> None:
    server.act = lambda connection, _: connection.sendall(b"220 mail.example.org ESMTP\r\n\r\n")
    assert type(post(http(server.url))) is SendInDoubt


def test_it_says_in_doubt_when_somebody_takes_the_connection_and_never_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(deaf=True) as server:
        assert type(post(http(server.url, answer_seconds=0.15), content=b"x" * 100)) is SendInDoubt


@pytest.mark.parametrize("act", [drop, half, hang, trickle])
def test_a_lost_answer_to_a_question_leaves_nothing_in_doubt(server: Scripted, act: Act) -> None:
    server.act = act
    error = ask(http(server.url, answer_seconds=0.15))
    assert type(error) is TemporaryError
    assert "GET /thing?page=2" in server.requests[0].decode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_follows_no_redirect(server: Scripted, status: int) -> None:
    """The message would go to somebody else, with our key, and perhaps a second time."""
    with Scripted() as elsewhere:
        server.act = answer(status, b"", f"Location: {elsewhere.url}/send")
        reply = post(http(server.url), content=b"{}")
        assert isinstance(reply, Reply)
        assert reply.status == status
        assert elsewhere.requests == []


def test_a_large_mail_on_a_slow_line_gets_the_time_that_it_needs(server: Scripted) -> None:
    def slowly(connection: socket.socket, request: bytes) -> None:
        for _ in range(7):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")  # something happens all the time
            time.sleep(0.08)
        answer()(connection, request)

    server.act = slowly
    client = http(server.url, answer_seconds=0.25)
    assert type(post(client, content=b"x")) is SendInDoubt
    assert isinstance(post(client, content=b"x" * 3 * 1024 * 1024), Reply)


def test_it_carries_many_requests_over_few_connections_on_each_loop(server: Scripted) -> None:
    client = http(server.url, connections=3)

    async def work() -> None:
        await asyncio.gather(*(client.post("/send") for _ in range(30)))
        await client.close()

    for loop in (1, 2):
        asyncio.run(work())
        assert len(server.requests) == 30 * loop
        assert server.connections <= 3 * loop


def test_a_kept_connection_that_the_other_side_has_closed_leaves_nothing_in_doubt(server: Scripted) -> None:
    def once(connection: socket.socket, request: bytes) -> None:
        answer()(connection, request)
        connection.close()

    async def work() -> list[int]:
        client = http(server.url)
        found = []
        for _ in range(3):
            found.append((await client.post("/send")).status)
            await asyncio.sleep(0.05)
        await client.close()
        return found

    server.act = once
    assert asyncio.run(work()) == [200, 200, 200]
    assert server.connections == 3


def test_a_closed_client_leaves_no_connection_behind(server: Scripted) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            post(http(server.url))
        gc.collect()


@pytest.mark.parametrize("act", [answer(), answer(401, b"no"), drop, hang])
def test_no_key_and_no_address_is_ever_said(server: Scripted, act: Act, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.act = act
    said = post(
        http(server.url, auth=("api", SECRET), answer_seconds=0.15),
        "/people/ana@example.org",
        content=b"ana@example.org",
    )
    shown = caplog.text + repr(said if isinstance(said, CellbackError) else "") + getattr(said, "detail", "")
    assert SECRET not in shown
    assert "ana@example.org" not in shown


@pytest.mark.parametrize("key", ["line\nbreak", "ünïque", "nul\x00", "tab\t"])
def test_a_key_that_no_header_can_carry_is_a_fault_of_the_settings(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        http("http://127.0.0.1", headers={"Authorization": f"Bearer {key}"})
    assert key not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff", b"[" * 100_000, b"9" * 10_000, b"null"])
def test_a_body_that_is_no_object_reads_as_an_empty_one(body: bytes) -> None:
    assert Reply(200, {}, body).json() == {}


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"\xff", b"[" * 100_000, b"null", b"[1, null]"])
def test_a_body_that_is_no_list_of_objects_reads_as_an_empty_one(body: bytes) -> None:
    assert Reply(200, {}, body).array() == []
    assert Reply(200, {}, b'[{"a": 1}, 2]').array() == [{"a": 1}]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (302, None),
        (400, None),
        (404, None),
        (429, TemporaryError),
        (500, TemporaryError),
        (503, TemporaryError),
        (502, SendInDoubt),
        (504, SendInDoubt),
        (522, SendInDoubt),
    ],
)
def test_a_providers_own_trouble_is_later_and_a_gateways_is_doubt(status: int, kind: type[CellbackError]) -> None:
    error = not_taken("Acme", Reply(status, {"retry-after": "12"}, b""), said="why")
    assert (type(error) if error else None) is kind
    if isinstance(error, TemporaryError):
        assert error.retry_after == 12
    if error:
        assert "why" in error.detail
        assert "why" not in error.sentence


NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("999999", LONGEST_WAIT),
        ("inf", LONGEST_WAIT),
        ("nan", None),
        ("", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Sat, 21 Nov 2026 12:00:30 +0200", 30.0),
        ("Sat, 21 Nov 2026 10:00:30", 30.0),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
def test_it_understands_every_form_of_retry_after(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}, now=NOW) == seconds


NUMBER = st.integers(-(10**20), 10**20)


@given(st.text(max_size=40) | st.builds("Mon, {} Jan {} {}:00:00 {}".format, NUMBER, NUMBER, NUMBER, NUMBER))
@settings(max_examples=60)
def test_no_retry_after_can_break_it_or_keep_us_waiting_for_ever(said: str) -> None:
    seconds = retry_after({"retry-after": said}, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT
