"""What is done to processes and to Redis."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.chaos.moves.panel import approve_some

if TYPE_CHECKING:
    from tests.chaos.driver import Driver


def kill(rig: Driver) -> str:
    """SIGKILL: no time for anything."""
    name = rig.chance.choice(sorted(rig.world.parts))
    group = rig.chance.random() < 0.7
    if not rig.world.signal(name, signal.SIGKILL, whole_group=group):
        return ""
    rig.tally["crashes"] += 1
    return f"SIGKILL {name}{'' if group else ' (first process only)'}"


def kill_senders(rig: Driver) -> str:
    """SIGKILL for both sending workers, at the very moment when the provider has taken a mail."""
    approve_some(rig, rig.shows[0])
    before, end = rig.world.company.taken(), time.monotonic() + 2.0
    while rig.world.company.taken() == before and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(rig.chance.uniform(0.0, rig.pace))  # the others are on their way
    for name in ("worker-bulk-1", "worker-bulk-2"):
        rig.tally["crashes"] += rig.world.signal(name, signal.SIGKILL)
    return "SIGKILL both senders"


def terminate(rig: Driver) -> str:
    """SIGTERM: end properly."""
    name = rig.chance.choice(sorted(rig.world.parts))
    if not rig.world.signal(name, signal.SIGTERM, whole_group=False):
        return ""
    rig.tally["ends"] += 1
    return f"SIGTERM {name}"


def freeze(rig: Driver) -> str:
    """SIGSTOP for a while; the longest outlast every lease, and the owner comes back."""
    name = rig.chance.choice(sorted(rig.world.parts))
    seconds = rig.chance.uniform(0.5, rig.longest_sleep)
    if (group := rig.world.freeze(name)) is None:
        return ""
    rig.tally["sleeps"] += 1
    rig.later(seconds, lambda: rig.world.wake(group), f"SIGCONT {name}")
    return f"SIGSTOP {name} for {seconds:.1f} s"


def flush(rig: Driver) -> str:
    """Everything in Redis is gone, and it goes on."""
    rig.world.redis_command("FLUSHALL")
    rig.tally["Redis wipes"] += 1
    return "FLUSHALL"


def restart_redis(rig: Driver) -> str:
    """Redis is away for a while, and comes back with nothing, or with what it kept."""
    if not rig.world.redis.alive():
        return ""
    empty, seconds = rig.chance.random() < 0.7, rig.chance.uniform(0.1, 2.5)
    rig.world.redis_away()
    rig.tally["Redis wipes" if empty else "Redis restarts"] += 1
    rig.later(seconds, lambda: rig.world.redis_back(empty=empty), "Redis is back")
    return f"Redis away for {seconds:.1f} s{', back empty' if empty else ''}"


def fill_redis(rig: Driver) -> str:
    """Redis is out of memory for a while."""
    seconds = rig.chance.uniform(0.5, 2.5)
    rig.world.redis_command("CONFIG", "SET", "maxmemory", "1")
    rig.tally["faults"] += 1
    rig.later(seconds, lambda: rig.world.redis_command("CONFIG", "SET", "maxmemory", "0"), "Redis has memory again")
    return f"Redis out of memory for {seconds:.1f} s"
