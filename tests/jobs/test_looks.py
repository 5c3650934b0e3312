"""How often a sheet is looked at and written to whose host counts calls: calls follow time, never rows."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import clock, context, writing
from server.domain.campaign import Campaign
from server.domain.plan import Plan
from server.domain.words import CampaignState, ChannelName
from server.errors import NotShared
from server.flow import writing as flow
from tests.fakes import FakeSheet

CAMPAIGN = Campaign(
    "c_1", "https://docs.google.com/spreadsheets/d/x", "gid:0", "n", "i", Plan(ChannelName.OUTBOX, "outbox", "Email"),
    CampaignState.SENDING,
)  # fmt: skip


class Time:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(writing, "time", made)
    monkeypatch.setattr(clock, "time", made)
    return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Services around one sheet that counts calls; `syncs` is every sync that was really made."""
    sheet = FakeSheet(["Email"], [["a@example.org"]])
    sheet.look_seconds = 10.0
    made = SimpleNamespace(sheet=sheet, backlog=0, revision=1, syncs=[], error=None, said=[])

    def sync(**given: Any) -> flow.Synced:
        made.syncs.append(given["write"])
        if made.error:
            raise made.error
        return flow.Synced(written=made.backlog, version="v")

    services = SimpleNamespace(
        ledger=SimpleNamespace(
            campaigns=SimpleNamespace(get=lambda _: CAMPAIGN),
            cells=SimpleNamespace(backlog=lambda _: made.backlog),
            messages=SimpleNamespace(revision=lambda _: made.revision),
        ),
        clock=None,
        open_sheet=lambda *_: sheet,
        channel_for=lambda *_: None,
    )
    monkeypatch.setattr(context, "services", lambda: services)
    monkeypatch.setattr(flow, "sync", sync)
    monkeypatch.setattr(flow, "say", lambda **given: made.said.append(given["why"]))
    monkeypatch.setattr(writing, "_kept", {})
    return made


def every_second(time: Time, seconds: int) -> None:
    """What the clock does while cells wait to be written."""
    for _ in range(seconds):
        writing.sync("c_1")
        time.now += 1.0


def test_writes_that_follow_each_other_come_ever_more_rarely(world: Any, time: Time) -> None:
    world.backlog = 50
    every_second(time, 60)
    assert 6 <= len(world.syncs) <= 9


def test_what_is_wanted_by_itself_is_written_at_once(world: Any, time: Time) -> None:
    world.backlog = 50
    every_second(time, 30)
    world.backlog = 0
    time.now += 60
    world.syncs.clear()
    world.backlog = 1
    writing.sync("c_1")
    assert world.syncs == [True]


def test_without_anything_to_write_it_is_looked_at_in_its_turn_only(world: Any, time: Time) -> None:
    every_second(time, 60)
    assert len(world.syncs) <= 7


def test_who_says_that_the_sheet_was_changed_is_heard_soon(world: Any, time: Time) -> None:
    writing.sync("c_1")
    began = time.now
    writing.sync("c_1", "told")
    assert len(world.syncs) == 2
    assert time.now - began <= writing.SOON


def test_a_sheet_that_is_not_shared_leaves_the_calls_to_others_and_says_why(world: Any, time: Time) -> None:
    world.backlog, world.error = 5, NotShared("Share it.", account="a@example.org")
    every_second(time, 120)
    assert len(world.syncs) <= 20
    assert set(world.said) == {"Share it."}


def test_a_file_is_looked_at_every_time(world: Any, time: Time) -> None:
    world.sheet.look_seconds = 0.0
    every_second(time, 10)
    assert len(world.syncs) == 10


def test_a_quiet_campaign_is_looked_at_ever_more_rarely_and_a_lively_one_often(world: Any, time: Time) -> None:
    ticking, due = clock.Clock(), []
    for _ in range(600):
        due.append(ticking._is_due(CAMPAIGN, 10.0))
        time.now += 1.0
    assert 600 / clock.QUIET_SECONDS <= sum(due) <= 20
    lively = []
    for second in range(120):
        world.revision += second % 5 == 0
        lively.append(ticking._is_due(CAMPAIGN, 10.0))
        time.now += 1.0
    assert 10 <= sum(lively) <= 13
