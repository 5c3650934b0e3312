"""Readings beside the jobs: each reply once, replies of a row in order, others meanwhile, and an end that ends."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from jobs.reading import Readings
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
