"""What the providers share: routes, faults, the log of requests, refusals in the vendor's own words."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators.providers.faults import Fault, Faults
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

Handler = Callable[..., Answer]


class Refused(Exception):
    """The request is not carried out; the answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.body)
        self.answer = answer


@dataclass
class Call:
    """One request that came in, and what it got. `status` is 0 where it got no answer."""

    provider: str
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    status: int = 0
    applied: bool = False
    fault: Fault = field(default_factory=Fault)
    answer: bytes = b""


class Provider:
    """One vendor. Subclasses name their `routes`: (method, pattern of the path, name of the method)."""

    name = ""
    routes: tuple[tuple[str, str, str], ...] = ()

    def __init__(self, world: Providers) -> None:
        self.world = world
        self.faults = Faults()
        self.sent: list[Sent] = []
        self._routes = [(method, re.compile(pattern), getattr(self, act)) for method, pattern, act in self.routes]
        self._due = False

    @property
    def url(self) -> str:
        """Its base URL, without a slash at the end: what the product's *_BASE_URL is set to."""
        return f"{self.world.url}/{self.name}"

    @property
    def calls(self) -> list[Call]:
        """The requests to it, in order."""
        return [call for call in self.world.calls if call.provider == self.name]

    def fault(self, fault: Fault | str, *, on: str = "", nth: int = 1, times: int | None = 1) -> None:
        """Let it befall a request; see `Faults.add`."""
        self.faults.add(fault, on=on, nth=nth, times=times)

    def clear(self) -> None:
        """Forget what was taken, and all faults."""
        self.faults.clear()
        self.faults.log.clear()
        self.sent.clear()

    def found(self, provider_id: str) -> Sent:
        """The message with that id. Raises LookupError."""
        for each in self.sent:
            if each.id == provider_id:
                return each
        raise LookupError(f"{self.name} has taken no message {provider_id}")

    def deliver(self, *which: Sent) -> list[Post]:
        """Post what became of these messages; unless named, of all whose end was not told yet."""
        raise NotImplementedError

    def respond(self, request: Request) -> Answer:
        """The answer to a request; `request.path` is without the provider's prefix."""
        fault = self.faults.next(f"{request.method} {request.path}")
        call = Call(self.name, request.method, request.path, request.body, request.headers, fault=fault)
        self.world.calls.append(call)
        answer = self._answered(request, call, fault)
        call.status = 0 if answer.cut or answer.hang else answer.status
        call.answer = answer.body
        return answer

    def _answered(self, request: Request, call: Call, fault: Fault) -> Answer:
        broken = self._broken(fault)
        if broken and not fault.taken:
            self.world.pause(fault.delay)
            return broken
        try:
            answer = self._carried_out(request, fault)
            call.applied = True
        except Refused as refused:
            return refused.answer
        except Exception as error:
            self.world.broken.append("".join(traceback.format_exception(error)))
            return self.refusal(500)
        return broken or answer

    def _carried_out(self, request: Request, fault: Fault) -> Answer:
        act, match = self._routed(request)
        self.authenticate(request)
        before = self.reserve(request)
        if before is not None:
            return before
        try:
            self.world.pause(fault.delay)
            with self.world.lock:
                answer: Answer = act(request, **match.groupdict())
        except BaseException:
            self.settle(request, None)
            raise
        self.settle(request, answer)
        return answer

    def _routed(self, request: Request) -> tuple[Handler, re.Match[str]]:
        for method, pattern, act in self._routes:
            if method == request.method and (match := pattern.fullmatch(request.path)):
                return act, match
        raise Refused(self.unknown(request))

    def _broken(self, fault: Fault) -> Answer | None:
        if fault.hang or fault.drop:
            return Answer(cut=fault.drop, hang=fault.hang)
        return self.refusal(fault.code, fault.retry_after) if fault.code else None

    def environment(self) -> dict[str, str]:
        """Its part of the product's settings."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> None:
        """Raises Refused unless the request carries our credentials."""
        raise NotImplementedError

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        """429, 500 or 503 as this vendor answers it."""
        raise NotImplementedError

    def unknown(self, request: Request) -> Answer:
        """What is answered where there is nothing."""
        return json_answer({"message": "Not Found"}, 404)

    def reserve(self, request: Request) -> Answer | None:
        """Before a request is carried out: an answer that makes it needless, where the vendor knows such."""
        return None

    def settle(self, request: Request, answer: Answer | None) -> None:
        """After it was carried out, or (None) was not."""

    def took(self, sent: Sent) -> Sent:
        """Note a message; where the emulator plays by itself, its end is told a little later."""
        self.sent.append(sent)
        if self.world.auto and not self._due:
            self._due = True
            self.world.posts.later(self.world.delay, self._deliver_due)
        return sent

    def _deliver_due(self) -> None:
        self._due = False
        self.deliver()

    def _open(self, which: tuple[Sent, ...]) -> list[Sent]:
        """The named ones, else all whose end was not told yet; each is from now on under way."""
        with self.world.lock:
            chosen = list(which) or [each for each in self.sent if each.status == "taken"]
            for each in chosen:
                each.status = "under way"
            return chosen


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """As JSON."""
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


def json_object(request: Request) -> Any:
    """The body as JSON. Raises ValueError when it is none."""
    return json.loads(request.body.decode("utf-8"), parse_constant=_refuse)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
