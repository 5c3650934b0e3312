"""Pacing: one sender's slots, shared by all workers through Redis; and its daily limit.

Slots are reserved by GCRA, the generic cell rate algorithm (ITU-T I.371, as "virtual scheduling"): a key holds the
theoretical arrival time (TAT) of the next send. Whoever asks takes max(TAT, now) as their slot, moves TAT one interval
on, and sleeps until the slot. One call a send, nobody polls, and the rate holds over any number of processes
(facts/reliability.md, section 6: 802 of 800 granted). Redis' own clock counts, so that no machine's clock matters.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.queue import connect

if TYPE_CHECKING:
    from redis import Redis

_SLOT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
redis.call('SET', KEYS[1], string.format('%.0f', tat + ARGV[1]), 'PX', math.ceil((tat + ARGV[1] - now) / 1000) + 60000)
return string.format('%.0f', tat - now)
"""
"""KEYS: the sender. ARGV: interval in microseconds. Returns microseconds to wait."""

_HOLD = """
local t = redis.call('TIME')
local till = t[1] * 1000000 + t[2] + ARGV[1]
if till > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.ceil(ARGV[1] / 1000) + 60000)
end
"""
"""KEYS: the sender. ARGV: microseconds. No slot before they are over."""

_TAKE = """
local used = redis.call('GET', KEYS[1])
if not used then return -1 end
if tonumber(used) >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
return 1
"""
"""KEYS: sender and day. ARGV: the limit. 1 taken, 0 used up, -1 not known (Redis is new, or was wiped)."""

DAY_SECONDS = 2 * 24 * 3600
LOOK_SECONDS = 0.2
"""How often a sender without a rate looks whether another worker was told to hold."""


class RedisPacer:
    """One sender's pace. While Redis is away the same rule holds within this process, so that sending goes on."""

    def __init__(self, redis_url: str, sender: str, per_second: float | None, per_day: int | None = None) -> None:
        """`sender` names whose limits these are (provider and account); None means no limit."""
        self._redis: Redis = connect(redis_url, socket_timeout=5, socket_connect_timeout=2)
        self._slots, self._days = f"cellback:pace:{sender}", f"cellback:day:{sender}"
        self._interval = 1.0 / per_second if per_second else 0.0
        self._per_day = per_day
        self._next = 0.0
        self._looked = float("-inf")

    async def turn(self) -> None:
        """Wait for the next slot; without a rate only for a hold, which is looked for now and then."""
        wait = max(0.0, self._next - time.monotonic())
        if self._interval or time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            wait = max(wait, await asyncio.to_thread(self._reserve))
        if wait > 0:
            await asyncio.sleep(wait)

    def hold(self, seconds: float) -> None:
        """The provider asked for a pause (Retry-After): no slot for any worker before it is over."""
        from redis.exceptions import RedisError

        self._next = max(self._next, time.monotonic() + seconds)
        try:
            self._redis.eval(_HOLD, 1, self._slots, str(int(seconds * 1e6)))
        except RedisError:
            return  # this process holds all the same

    def take(self, day: str, used: Callable[[], int]) -> bool:
        """One of the day's sends, or False when they are used up. `used` counts them in the ledger, for a new Redis.

        While Redis is away the ledger is asked each time.
        """
        from redis.exceptions import RedisError

        if self._per_day is None:
            return True
        key = f"{self._days}:{day}"
        try:
            taken = self._redis.eval(_TAKE, 1, key, str(self._per_day))
            if taken == -1:
                self._redis.set(key, used(), nx=True, ex=DAY_SECONDS)
                taken = self._redis.eval(_TAKE, 1, key, str(self._per_day))
        except RedisError:
            return used() < self._per_day
        return bool(taken == 1)

    def give_back(self, day: str) -> None:
        """A send that was taken but not made after all."""
        from redis.exceptions import RedisError

        if self._per_day is not None:
            try:
                self._redis.decr(f"{self._days}:{day}")
            except RedisError:
                return  # the ledger is asked while Redis is away, and it knows

    def _reserve(self) -> float:
        from redis.exceptions import RedisError

        try:
            return float(self._redis.eval(_SLOT, 1, self._slots, str(int(self._interval * 1e6)))) / 1e6
        except RedisError:
            now = time.monotonic()
            slot = max(self._next, now)
            self._next = slot + self._interval
            return slot - now
