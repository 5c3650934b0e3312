"""What goes wrong, and what other people do, at a request of the test's choosing."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.graph import errors
from tests.emulators.graph.errors import GraphError


@dataclass
class Trigger:
    """Fires on requests of `method` ("" for any) whose decoded path matches; after `skip` of them, `times` times."""

    method: str = ""
    path: str = ""
    times: int | None = 1
    skip: int = 0

    def fires(self, method: str, path: str) -> bool:
        """Whether it fires now; counts."""
        if self.method not in ("", method) or not re.search(self.path, path) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Fault:
    """One way of failing. `effect`: the request is obeyed before it fails."""

    error: GraphError | None = None
    effect: bool = False
    drop: bool = False
    """Answered as if it had been obeyed, and not kept."""
    hang_up: bool = False
    """No answer at all: the connection is closed."""
    delay: float = 0.0
    """Seconds before the answer."""
    trigger: Trigger = field(default_factory=Trigger)


def throttled(retry_after: str | None = "1") -> Fault:
    """429; Retry-After as seconds ("2"), a fraction ("0.25") or an HTTP date."""
    return Fault(errors.throttled(retry_after))


def unavailable(retry_after: str | None = None, *, effect: bool = False) -> Fault:
    """503, before or after the effect."""
    return Fault(errors.unavailable(retry_after), effect=effect)


def gateway_timeout(retry_after: str | None = None, *, effect: bool = True) -> Fault:
    """504, after the effect unless told otherwise."""
    return Fault(errors.gateway_timeout(retry_after), effect=effect)


def bad_gateway() -> Fault:
    """502."""
    return Fault(errors.bad_gateway())


def generic_file_open() -> Fault:
    """500 GenericFileOpenError."""
    return Fault(errors.generic_file_open())


def session_gone() -> Fault:
    """The session is said to be gone, and is."""
    return Fault(errors.session_gone())


def open_unauthorized() -> Fault:
    """401 FileOpenUserUnauthorized."""
    return Fault(errors.open_unauthorized())


def dropped() -> Fault:
    """A good echo of a write that is not kept."""
    return Fault(drop=True)


def hang_up(*, effect: bool = False) -> Fault:
    """The connection is closed without an answer."""
    return Fault(hang_up=True, effect=effect)


def slow(seconds: float) -> Fault:
    """A right answer, late."""
    return Fault(delay=seconds)


@dataclass
class Step:
    """Something another person does, just before a request is obeyed or just after it."""

    act: Callable[[], Any]
    trigger: Trigger
    after: bool = False


class Script:
    """Faults and steps that wait for their request."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.steps: list[Step] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault, method: str = "", path: str = "", *, times: int | None = 1, skip: int = 0) -> Fault:
        """Let requests fail: `times` of them (None: all), after `skip` that pass."""
        fault.trigger = Trigger(method, path, times, skip)
        self.faults.append(fault)
        return fault

    def between(
        self,
        act: Callable[[], Any],
        method: str = "",
        path: str = "",
        *,
        times: int | None = 1,
        skip: int = 0,
        after: bool = False,
    ) -> Step:
        """Let another person act before (or after) a request of the client."""
        step = Step(act, Trigger(method, path, times, skip), after)
        self.steps.append(step)
        return step

    def fault(self, method: str, path: str) -> Fault | None:
        """The first fault that wants this request."""
        with self._lock:
            return next((fault for fault in self.faults if fault.trigger.fires(method, path)), None)

    def run(self, method: str, path: str, *, after: bool) -> None:
        """Let the people act who wait for this request."""
        with self._lock:
            due = [step for step in self.steps if step.after is after and step.trigger.fires(method, path)]
        for step in due:
            step.act()

    def clear(self) -> None:
        """Nothing goes wrong any more, and nobody acts."""
        self.faults.clear()
        self.steps.clear()
