"""Names for processes in leases and claims, and whether the process behind a name is surely gone.

A lease runs out by itself; this only spares the wait where it can be known that nobody is left to renew it.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

_PROC = Path("/proc")


@functools.cache
def name() -> str:
    """This process: `w-<machine>-<pid>-<start>`, unlike any other, also after a reboot or a pid used again."""
    return f"w-{_machine()}-{os.getpid()}-{_started(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Whether the owner was a process of this machine, since its last start, that is not there any more.

    False whenever that can't be known: another machine or container, another operating system, another form.
    """
    kind, _, rest = owner.partition("-")
    machine, _, process = rest.partition("-")
    pid, _, started = process.partition("-")
    if kind != "w" or not pid.isdigit() or not started or machine != _machine() or machine == "unknown":
        return False
    return _started(int(pid)) != started


@functools.cache
def _machine() -> str:
    """This machine since its last start, and this container's own set of processes; "unknown" beyond Linux."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return "unknown"
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """When the process was started, in clock ticks since the machine was; "" when there is none (or no /proc)."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]  # proc(5): field 22 is starttime; fields begin behind the name
