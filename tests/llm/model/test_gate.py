"""As many questions at once as the server bears: fewer when it asks for it, slowly more again, nobody forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.llm.gate import Gate


class Time:
    """Time that passes where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def gate(most: int, time: Time) -> Gate:
    return Gate(most, time.sleep, lambda: time.now)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 5))


def test_no_more_go_in_than_may_and_the_next_one_goes_in_when_one_leaves() -> None:
    async def work() -> None:
        door = gate(2, Time())
        await door.enter()
        await door.enter()
        third = asyncio.create_task(door.enter())
        await asyncio.sleep(0)
        assert not third.done()
        door.leave()
        await third

    run(work())


def test_asked_to_slow_down_half_as_many_go_in_and_nobody_before_it_is_over() -> None:
    async def work() -> None:
        time = Time()
        door = gate(8, time)
        rounds = [await door.enter() for _ in range(8)]
        for entered in rounds:  # all eight are told the same: it counts once
            door.slow_down(entered, 7.0)
            door.leave()
        assert door.room == 4
        await door.enter()
        assert time.now == 7.0

    run(work())


def test_it_never_closes_and_opens_again_by_what_goes_well() -> None:
    async def work() -> None:
        door = gate(8, Time())
        for _ in range(10):
            door.slow_down(await door.enter(), 0.0)
            door.leave()
        assert door.room == 1
        for _ in range(60):
            door.went_well()
        assert door.room == 8

    run(work())


def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    async def work() -> None:
        door = gate(1, Time())
        await door.enter()
        first, second = asyncio.create_task(door.enter()), asyncio.create_task(door.enter())
        await asyncio.sleep(0)
        door.leave()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second

    run(work())


@given(st.integers(1, 5), st.lists(st.sampled_from(["well", "slow", "fails"]), max_size=40))
def test_everybody_gets_in_and_never_too_many(most: int, ends: list[str]) -> None:
    async def work() -> None:
        door, inside = gate(most, Time()), 0

        async def one(end: str) -> None:
            nonlocal inside
            entered = await door.enter()
            inside += 1
            assert inside <= most
            await asyncio.sleep(0)
            inside -= 1
            if end == "well":
                door.went_well()
            elif end == "slow":
                door.slow_down(entered, 1.0)
            door.leave()

        await asyncio.gather(*(one(end) for end in ends))

    run(work())
