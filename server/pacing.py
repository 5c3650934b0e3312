"""Pacing: one sender's slots and one account's calls, shared by all workers through Redis; and daily limits.

Slots are reserved by GCRA, the generic cell rate algorithm (ITU-T I.371, as "virtual scheduling"): a key holds the
theoretical arrival time (TAT) of the next send. Whoever asks takes max(TAT, now) as their slot, moves TAT one interval
on, and sleeps until the slot. One call a send, nobody polls, and the rate holds over any number of processes
(facts/reliability.md, section 6: 802 of 800 granted). Redis' own clock counts, so that no machine's clock matters.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from server.errors import SheetUnavailable
from server.ports import Writes
from server.queue import connect

if TYPE_CHECKING:
    from redis import Redis

_SLOT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = math.max(tat - ARGV[2] - now, 0)
if wait > tonumber(ARGV[3]) then return string.format('%.0f', -wait) end
redis.call('SET', KEYS[1], string.format('%.0f', tat + ARGV[1]), 'PX', math.ceil((tat + ARGV[1] - now) / 1000) + 60000)
return string.format('%.0f', wait)
"""
"""KEYS: the sender. ARGV, all in microseconds: interval; how far ahead of its time a slot may be taken (a burst); the
longest wait. Returns the wait; below 0 when it would be longer than that, and no slot was taken."""

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

_WRITES = """
local t = redis.call('TIME')
if ARGV[1] ~= '' then
  if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', t[1] * 1000000 + t[2]))
  end
  redis.call('INCR', KEYS[1])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  if ARGV[1] == 'begin' then redis.call('ZADD', KEYS[2], t[1] + ARGV[4], ARGV[2]) end
  if ARGV[1] == 'end' then redis.call('ZREM', KEYS[2], ARGV[2]) end
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return {redis.call('GET', KEYS[1]) or '', redis.call('ZCOUNT', KEYS[2], '(' .. t[1], '+inf')}
"""
"""KEYS: the workbook's count; its writers, scored by when they are forgotten. ARGV: begin, end or nothing; the writer;
seconds to keep the count; seconds to wait for a writer. Returns the count and how many write. A wiped Redis begins with
the time, far above any earlier number."""

EVER = 10**15
"""Microseconds: some thirty years."""

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
            wait = self._redis.eval(_SLOT, 1, self._slots, str(int(self._interval * 1e6)), "0", str(EVER))
            return float(wait) / 1e6
        except RedisError:
            now = time.monotonic()
            slot = max(self._next, now)
            self._next = slot + self._interval
            return slot - now


CALLS_A_MINUTE = 50
"""Google allows one account 60 reads and 60 writes a minute (usage limits); the rest is for what we don't see."""
BURST = 10
"""Calls that may come at once after a quiet while: with the rate never more than 60 in any minute."""
RESERVE = 4
"""Of these, calls that work in the background leave to people who wait."""
ALONE = 4
"""While Redis is away each process takes this part (a quarter) of the rate: nobody knows how many there are."""
PATIENCE, BACKGROUND_PATIENCE = 20.0, 90.0
"""Longest waits in seconds of a caller behind whom a person waits, and of others."""
KEEP_SECONDS = 7 * 24 * 3600
WRITE_SECONDS = 180
"""How long a writer that says nothing more is waited for: it died, and what it wrote is what it is."""


class RedisBudget:
    """Calls of one account of Google Sheets: `ports.Budget` by the same slots, with a burst."""

    def __init__(
        self,
        redis_url: str,
        account: str,
        *,
        background: bool,
        per_minute: int = CALLS_A_MINUTE,
        host: str = "Google Sheets",
    ) -> None:
        """`account` names whose quota it is; without `redis_url` this process keeps to its part by itself."""
        self._redis: Redis | None = (
            connect(redis_url, socket_timeout=5, socket_connect_timeout=2) if redis_url else None
        )
        self._account = account
        self._host = host
        self._background = background
        self._interval = 60.0 / per_minute
        self._patience = BACKGROUND_PATIENCE if background else PATIENCE
        self._alone: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, kind: Literal["read", "write"]) -> None:
        """Wait for one call. Who works in the background takes no slot long before its time, so that a person's call
        never stands behind many of theirs. Raises SheetUnavailable."""
        until = time.monotonic() + self._patience
        while (wait := self._slot(kind, until - time.monotonic())) < 0:
            if time.monotonic() - wait > until:
                raise SheetUnavailable(
                    f"{self._host} allows only so many calls a minute, and they are used up. Nothing is lost: it is "
                    "tried again.",
                    retry_after=-wait,
                )
            time.sleep(min(-wait, 1.0))
        time.sleep(wait)

    def hold(self, seconds: float) -> None:
        """No call of either kind for anybody before they are over, not even out of the burst."""
        from redis.exceptions import RedisError

        for kind in ("read", "write"):
            with self._lock:
                till = time.monotonic() + seconds + self._ahead * ALONE
                self._alone[kind] = max(self._alone.get(kind, 0.0), till)
            if self._redis is not None:
                with suppress(RedisError):  # this process holds all the same
                    self._redis.eval(_HOLD, 1, self._key(kind), str(int((seconds + BURST * self._interval) * 1e6)))

    def begin(self, workbook: str, writer: str) -> Writes:
        """Count a write that begins; see the port."""
        return self._writes(workbook, "begin", writer)

    def end(self, workbook: str, writer: str) -> Writes:
        """Count its end."""
        return self._writes(workbook, "end", writer)

    def writes(self, workbook: str) -> Writes:
        """How it stands; nothing is known without Redis, nor before the first write."""
        return self._writes(workbook, "", "")

    def _writes(self, workbook: str, what: str, writer: str) -> Writes:
        from redis.exceptions import RedisError

        if self._redis is None:
            return Writes()
        keys = f"cellback:wrote:{_digest(workbook)}", f"cellback:writing:{_digest(workbook)}"
        try:
            given = self._redis.eval(_WRITES, 2, *keys, what, writer, str(KEEP_SECONDS), str(WRITE_SECONDS))
            if not given[0]:
                given = self._redis.eval(_WRITES, 2, *keys, "new", "", str(KEEP_SECONDS), str(WRITE_SECONDS))
        except RedisError:
            return Writes()
        return Writes(int(given[0]), int(given[1]) > 0)

    @property
    def _ahead(self) -> float:
        """How far ahead of its time a slot may be taken, in seconds."""
        return (BURST - 1 - (RESERVE if self._background else 0)) * self._interval

    def _slot(self, kind: str, longest: float) -> float:
        from redis.exceptions import RedisError

        longest = min(longest, self._interval) if self._background else longest
        if self._redis is not None:
            given = [str(int(max(0.0, seconds) * 1e6)) for seconds in (self._interval, self._ahead, longest)]
            with suppress(RedisError):
                return float(self._redis.eval(_SLOT, 1, self._key(kind), *given)) / 1e6
        with self._lock:
            now = time.monotonic()
            arrival = max(self._alone.get(kind, 0.0), now)
            wait = max(arrival - self._ahead * ALONE - now, 0.0)
            if wait > (longest * ALONE if self._background else longest):
                return -wait
            self._alone[kind] = arrival + self._interval * ALONE
            return wait

    def _key(self, kind: str) -> str:
        return f"cellback:pace:sheets-{kind}-{_digest(self._account)}"


def _digest(text: str) -> str:
    """Names it in Redis without an address."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
