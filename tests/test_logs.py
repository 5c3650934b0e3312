"""Log lines: one an event, whatever it holds, and nobody's address."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import logs
from server.errors import TemporaryError


def line(message: str, *args: object, formatter: logs.Formatter | None = None, **extra: object) -> str:
    record = logging.getLogger("server.test").makeRecord(
        "server.test", logging.INFO, __file__, 1, message, args, None, extra=extra
    )
    return (formatter or logs.Formatter("test")).format(record)


def test_it_writes_key_and_value() -> None:
    shown = line("chunk sent", campaign="c_7f3k", sent=12)

    assert shown.startswith("time=20")
    assert shown.endswith('level=info part=test event="chunk sent" campaign=c_7f3k sent=12')


@given(st.text())
def test_no_text_can_forge_a_line_or_a_field(text: str) -> None:
    shown = line("reply read", said=text)

    assert len(shown.splitlines()) == 1
    assert shown.isascii()
    said = shown.partition(" said=")[2]
    assert said.startswith('"') or " " not in said


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org",
        "Ada Byron <ada.byron+race@mail.example.co.uk>",
        "to +44 20 7946 0958, please",
        "+1 (202) 555-0143",
        "redis://:hunter2@127.0.0.1:6379/0",
        "smtp://user:hunter2@mail.example.org",
    ],
)
def test_it_hides_addresses_and_passwords_wherever_they_stand(text: str) -> None:
    for shown in (line("sent %s", text), line(f"sent {text}"), line("sent", to=text)):
        assert "[hidden]" in shown
        assert not any(part in shown for part in ("ada", "7946", "0143", "hunter2"))


@pytest.mark.parametrize("text", ["x" * 100_000, "@" * 100_000, "+1" * 50_000, "+" + "1 " * 50_000, "a@" * 50_000])
def test_a_long_text_costs_no_time_and_little_room(text: str) -> None:
    began = time.process_time()

    assert len(line("said", text=text)) < 5000
    assert time.process_time() - began < 0.2


def test_it_leaves_ids_and_times_alone() -> None:
    assert "[hidden]" not in line("done", job="send_chunk-c_1-0", at="2026-03-02T09:00:00+00:00", took=0.123456789)


def failure(error: Exception) -> str:
    record = logging.getLogger("server.test").makeRecord("server.test", logging.ERROR, __file__, 1, "failed", (), None)
    try:
        raise error
    except Exception:
        record.exc_info = sys.exc_info()
    return logs.Formatter("test").format(record)


def test_an_exception_becomes_its_type_and_place() -> None:
    shown = failure(ValueError("row of Ada"))

    assert "error=ValueError at=tests/test_logs.py:" in shown
    assert "Ada" not in shown


def test_the_detail_of_our_own_exceptions_is_kept() -> None:
    shown = failure(TemporaryError("The provider is away.", detail="HTTP 503\nretry"))

    assert r'detail="HTTP 503\nretry"' in shown


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    kept = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs.OURS}
    yield
    root.handlers, root.level = kept
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("restored")
def test_libraries_are_heard_only_when_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("web")

    logging.getLogger("rq.worker").info("told in passing")
    logging.getLogger("rq.worker").warning("told in earnest")
    logging.getLogger("server.flow").info("ours")

    shown = capsys.readouterr().err
    assert [line.partition("event=")[2] for line in shown.splitlines()] == ['"told in earnest"', "ours"]


@pytest.mark.usefixtures("restored")
def test_debug_has_tracebacks_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("web", "debug")
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("server.flow").exception("failed")

    [shown] = capsys.readouterr().err.splitlines()
    assert r"ValueError: first\nsecond" in shown
