"""When each channel is asked what its webhooks may have lost, and that no fault of one ends a worker or the clock."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jobs import catching_up, clock, context
from server.domain.message import Limits
from server.domain.reply import InboundMessage
from server.domain.words import ChannelName
from server.errors import InvalidInput, PermanentError, TemporaryError
from server.queue import CATCH_UP, RECEIVE
from server.store import SqlLedger, open_ledger
from tests.fakes import FakeChannel, FakeClock

SMS, EMAIL, OUTBOX = ChannelName.SMS, ChannelName.EMAIL, ChannelName.OUTBOX


@pytest.fixture
def texts() -> FakeChannel:
    return FakeChannel(SMS, "texts")


@pytest.fixture
def asked(texts: FakeChannel, sqlite_url: str, cipher: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The jobs that were asked for, in a process that has these channels."""
    ledger, jobs = open_ledger(sqlite_url, cipher, clock=FakeClock()), list[tuple[str, ...]]()
    mails = FakeChannel(EMAIL, "mails", Limits(ask_every=20))
    channels = {(one.name, one.provider): one for one in (texts, mails, FakeChannel())}

    def channel_for(name: ChannelName, provider: str) -> FakeChannel:
        if (name, provider) not in channels:
            raise InvalidInput("It is not set up.")
        return channels[name, provider]

    services = SimpleNamespace(ledger=ledger, clock=FakeClock(), channels=channels, channel_for=channel_for)
    monkeypatch.setattr(context, "services", lambda: services)
    monkeypatch.setattr(context, "wake", lambda *job: jobs.append(job))
    yield jobs
    ledger.close()


def test_what_was_lost_wakes_who_takes_it_in(asked: list[tuple[str, ...]], texts: FakeChannel) -> None:
    catching_up.catch_up("sms", "texts")
    assert asked == []
    texts.listed = [InboundMessage("SM1", "+41790000001", "yes")]
    catching_up.catch_up("sms", "texts")
    assert asked == [(RECEIVE,)]
    ledger = context.services().ledger
    assert isinstance(ledger, SqlLedger)
    assert len(ledger.inbox.waiting(9)) == 1


@pytest.mark.parametrize("fault", [TemporaryError("Not now."), PermanentError("Never.")])
def test_a_fault_is_logged_and_nothing_more(
    asked: list[tuple[str, ...]], texts: FakeChannel, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    texts.silent = fault
    catching_up.catch_up("sms", "texts")
    catching_up.catch_up("voice", "gone")
    assert asked == []
    assert [record.getMessage() for record in caplog.records] == ["channel does not list now"] * 2


def test_each_channel_is_asked_at_start_and_then_as_often_as_it_bears(
    asked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("jobs.clock.time.monotonic", lambda: now)
    ticking = clock.Clock()
    texts, mails = (CATCH_UP, ("sms", "texts")), (CATCH_UP, ("email", "mails"))
    assert list(ticking._to_catch_up()) == [texts, mails]
    assert list(ticking._to_catch_up()) == []
    now += 21
    assert list(ticking._to_catch_up()) == [mails]
    now += 160
    assert list(ticking._to_catch_up()) == [texts, mails]
