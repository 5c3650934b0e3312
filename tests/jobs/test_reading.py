"""Readings beside the jobs: each reply once, replies of a row in order, others meanwhile, and an end that ends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import clock, context, interpreting
from jobs.reading import MOST, Readings
from server.queue import INTERPRET, SYNC
from tests.waiting import until

Work = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def readings(said: list[str]) -> Iterator[Readings]:
    async def goodbye() -> None:
        said.append("goodbye")

    made = Readings(goodbye=goodbye)
    yield made
    if "goodbye" not in said:
        made.end()


def reading(said: list[str], word: str, go: threading.Event | None = None) -> Work:
    """A reading that says when it begins and when it is over; `go` keeps it from ending."""

    async def work() -> None:
        said.append(f"{word} begins")
        while go is not None and not go.is_set():
            await asyncio.sleep(0.005)
        said.append(f"{word} ends")

    return work


def test_a_reply_that_is_being_read_is_not_read_again(readings: Readings, said: list[str]) -> None:
    go = threading.Event()
    assert readings.put("r_1", "m_1", reading(said, "yes", go))
    assert not readings.put("r_1", "m_1", reading(said, "yes again"))
    go.set()
    until(lambda: said == ["yes begins", "yes ends"])
    until(lambda: readings.put("r_1", "m_1", reading(said, "later")), what="its end to be known")
    until(lambda: said[-1] == "later ends")


def test_replies_of_a_row_are_read_one_after_the_other_and_other_rows_meanwhile(
    readings: Readings, said: list[str]
) -> None:
    go = threading.Event()
    readings.put("r_1", "m_1", reading(said, "yes", go))
    readings.put("r_2", "m_1", reading(said, "no, sorry"))
    readings.put("r_3", "m_2", reading(said, "somebody else"))
    until(lambda: "somebody else ends" in said)
    assert "no, sorry begins" not in said
    go.set()
    until(lambda: said[-1] == "no, sorry ends")
    assert said.index("yes ends") < said.index("no, sorry begins")


def test_no_more_are_read_at_once_than_may_be(said: list[str]) -> None:
    readings, go = Readings(2), threading.Event()
    for number in range(5):
        readings.put(f"r_{number}", f"m_{number}", reading(said, str(number), go))
    until(lambda: len(said) == 2)
    go.set()
    until(lambda: len(said) == 10)
    readings.end()


def test_one_that_fails_is_said_without_a_word_of_the_reply_and_keeps_nothing_up(
    readings: Readings, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise ValueError("Ana Souza says yes")

    readings.put("r_1", "m_1", broken)
    readings.put("r_2", "m_1", reading(said, "next"))
    until(lambda: said == ["next begins", "next ends"])
    told = " ".join(str(vars(record)) for record in caplog.records if record.levelno >= logging.WARNING)
    assert "ValueError" in told
    assert "Souza" not in told


def test_it_ends_in_the_midst_of_a_reading_and_hangs_up(readings: Readings, said: list[str]) -> None:
    readings.put("r_1", "m_1", reading(said, "yes", threading.Event()))
    until(lambda: said == ["yes begins"])
    readings.end()
    assert said == ["yes begins", "goodbye"]


def test_it_keeps_no_more_replies_than_it_may_and_takes_others_once_there_is_room(said: list[str]) -> None:
    readings, go = Readings(most=2), threading.Event()
    assert readings.put("r_1", "m_1", reading(said, "1", go))
    assert readings.put("r_2", "m_2", reading(said, "2", go))
    assert not readings.put("r_3", "m_3", reading(said, "3", go))
    go.set()
    until(lambda: readings.put("r_3", "m_3", reading(said, "3")), what="room")
    until(lambda: "3 ends" in said)
    readings.end()


def test_it_ends_at_once_with_all_that_it_keeps_waiting(said: list[str]) -> None:
    async def goodbye() -> None:
        said.append("goodbye")

    readings, never = Readings(goodbye=goodbye), threading.Event()
    for number in range(MOST):
        assert readings.put(f"r_{number}", f"m_{number}", reading(said, str(number), never))
    readings.end()
    assert said[-1] == "goodbye"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the clock and a job need of the services."""
    made = SimpleNamespace(offline_model=False, taken=[], released=[])

    def take(lease: str, _owner: str, seconds: float) -> bool:
        made.taken.append((lease, seconds))
        return True

    leases = SimpleNamespace(take=take, release=lambda lease, _: made.released.append(lease))
    made.ledger = SimpleNamespace(leases=leases)
    monkeypatch.setattr(context, "services", lambda: made)
    return made


def test_the_clock_brings_a_reply_again_only_when_a_model_had_its_time(
    services: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now))
    ticking, work = clock.Clock(), [(INTERPRET, ("r_1",)), (SYNC, ("c_1",))]
    assert list(ticking._without_brought(work)) == work
    now += clock.READ_SECONDS - 1
    assert list(ticking._without_brought(work)) == work[1:]
    now += 1
    assert list(ticking._without_brought(work)) == work
    services.offline_model = True  # it is read within its job
    assert list(ticking._without_brought(work)) == work


def test_a_reading_that_takes_long_stays_with_its_worker(
    services: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreting, "LEASE_SECONDS", 0.003)

    async def long(_: str) -> None:
        while len(services.taken) < 4:
            await asyncio.sleep(0.001)
        assert not services.released

    monkeypatch.setattr(interpreting, "_interpret", long)
    asyncio.run(asyncio.wait_for(interpreting._leased("r_1"), 5))
    assert {lease for lease, _ in services.taken} == set(services.released) == {"read-r_1"}
