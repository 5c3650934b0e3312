"""One workbook as one identity: its session, its pauses, its tries, and many requests in one call.

Requests to one workbook never run at the same time (Microsoft's advice for the Excel service); a pause that it asks
for holds all our processes.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from server.errors import CellbackError, PermanentError
from server.ports import Budget
from server.sheets.excel import sentences
from server.sheets.excel.address import Address, canonical
from server.sheets.excel.transport import LOST, NEVER_LEFT, Reply, Transport, seconds

log = logging.getLogger(__name__)

TRIES = 6
LONGEST_WAIT = 32.0
IDLE_SECONDS = 240.0
"""A session that was not used for so long is made anew: it ends after some five minutes (facts, 1.2)."""
READ_ONLY_SECONDS = 60.0
"""How long a refusal to open for writing is believed."""
OPERATION_SECONDS = 2.0
"""Between looks at an operation that takes its time."""
BATCH = 20
"""Requests in one `$batch` (JSON batching)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request: `path` follows the file's own."""

    method: str
    path: str
    body: Any = None


class Next(Enum):
    """What an answer asks us to do."""

    DONE = "done"
    PAUSE = "pause"
    AGAIN = "again"
    REOPEN = "reopen"
    STOP = "stop"


def next_of(reply: Reply) -> Next:
    """By the second-level code, then the first, then the status (facts, 1.5)."""
    codes = reply.codes
    if reply.ok:
        return Next.DONE
    if reply.status == 429 or any(code.startswith("toomanyrequests") for code in codes):
        return Next.PAUSE
    if "invalidsessionrecreatable" in codes or "genericfileopenerror" in codes or reply.status in {502, 503}:
        return Next.REOPEN
    if reply.status in {LOST, NEVER_LEFT, 408, 424} or (reply.status >= 500 and reply.status not in {501, 507}):
        return Next.AGAIN
    return Next.STOP


class Book:
    """Calls about one workbook. `patience` is how many seconds of waiting a caller bears."""

    def __init__(
        self,
        transport: Transport,
        address: Address,
        budget: Budget,
        *,
        patience: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.transport = transport
        self.address = address
        self.budget = budget
        self.workbook = canonical(address)
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.RLock()
        self._session = ""
        self._used = 0.0
        self._refusal: tuple[float, Reply] | None = None

    def read(self, parts: Sequence[Part]) -> list[Reply]:
        """Ask in one call, in this order, until it is answered. The first part that was refused is the last answered
        one. Raises SheetUnavailable, and what the credentials raise."""
        until = self._clock() + self._patience
        with self._lock:
            for attempt in range(TRIES):
                self.budget.take("read")
                replies = self._exchange(parts)
                bad = next((reply for reply in replies if not reply.ok), None)
                if bad is None or next_of(bad) is Next.STOP:
                    return replies
                self._heed(bad, attempt, until)
        raise sentences.unavailable(sentences.AWAY)

    def write(self, parts: Sequence[Part], attempt: int = 0) -> list[Reply]:
        """Ask once, in this order, and wait as long as the answer says. What was not done, or nobody knows of, is for
        the caller to look at. Raises SheetUnavailable, and what the credentials raise, with any of it done."""
        with self._lock:
            self.budget.take("write")
            replies = self._exchange(parts)
            bad = next((reply for reply in replies if not reply.ok), None)
            if bad is not None and next_of(bad) is not Next.STOP:
                self._heed(bad, attempt, self._clock() + self._patience)
            return replies

    def tag(self) -> str:
        """Names the file's content: the cheap look before the cells are read (rule 14)."""
        reply = self.read([Part("GET", "?$select=id,cTag,eTag")])[0]
        if not reply.ok:
            raise sentences.refused(reply)
        return tag_of(reply)

    def must_write(self) -> None:
        """Raises NotShared or SheetUnavailable while the workbook only opens for reading."""
        with self._lock:
            if self._refusal is not None and self._clock() < self._refusal[0]:
                raise sentences.refused(self._refusal[1], write=True)

    def close(self) -> None:
        """End the session, so that the service need not wait for it. It would end by itself too."""
        with self._lock:
            session, self._session = self._session, ""
            if session and self._clock() - self._used < IDLE_SECONDS:
                headers = {"workbook-session-id": session}
                self.transport.send("POST", f"{self.address.path}/workbook/closeSession", {}, headers)

    def _exchange(self, parts: Sequence[Part]) -> list[Reply]:
        """The answers to all parts, in their order; those behind a failed one were not tried."""
        headers: dict[str, str] = {}
        if any(part.path.startswith("/workbook") for part in parts):
            trouble = self._open()
            if trouble is not None:
                return [trouble] * len(parts)
            headers = {"workbook-session-id": self._session} if self._session else {}
        self._used = self._clock()
        if len(parts) == 1:
            part = parts[0]
            reply = self.transport.send(part.method, self.address.path + part.path, part.body, headers)
            return [self._seen(reply)]
        return self._batch(parts, headers)

    def _batch(self, parts: Sequence[Part], headers: dict[str, str]) -> list[Reply]:
        if len(parts) > BATCH:
            raise ValueError(f"{len(parts)} requests do not fit into one batch")
        requests = []
        for index, part in enumerate(parts):
            request: dict[str, Any] = {"id": str(index), "method": part.method, "url": self.address.path + part.path}
            own = dict(headers) if part.path.startswith("/workbook") else {}
            if part.body is not None:
                request["body"] = part.body
                own["Content-Type"] = "application/json"
            if own:
                request["headers"] = own
            if index:
                request["dependsOn"] = [str(index - 1)]  # else they run in any order
            requests.append(request)
        whole = self.transport.send("POST", "/$batch", {"requests": requests})
        if not whole.ok:
            return [self._seen(whole)] * len(parts)
        answers = {str(one.get("id")): one for one in whole.body.get("responses", ())}
        return [self._seen(_part(answers.get(str(index)))) for index in range(len(parts))]

    def _seen(self, reply: Reply) -> Reply:
        if next_of(reply) is Next.REOPEN:
            self._session = ""
        return reply

    def _open(self) -> Reply | None:
        """Have a session; the answer when there is none to be had. A file that only opens for reading needs none:
        one that does not persist would not show what others do."""
        now = self._clock()
        if self._session and now - self._used < IDLE_SECONDS:
            return None
        self._session = ""
        if self._refusal is not None and now < self._refusal[0]:
            return None
        self._refusal = None
        path = f"{self.address.path}/workbook/createSession"
        reply = self.transport.send("POST", path, {"persistChanges": True}, {"Prefer": "respond-async"})
        if reply.status == 202:
            reply = self._operation(reply)
        if reply.ok and reply.body.get("id"):
            self._session = str(reply.body["id"])
            return None
        if reply.status == 403 or "accessconflict" in "".join(reply.codes):
            self._refusal = (now + READ_ONLY_SECONDS, reply)
            return None
        return reply if not reply.ok else Reply(LOST)

    def _operation(self, reply: Reply) -> Reply:
        """What a session that takes its time to open comes to."""
        base, until = self.transport.base_url, self._clock() + self._patience
        while reply.location.startswith(base) and self._clock() < until:
            found = self.transport.send("GET", reply.location)
            state = found.body.get("status")
            if state == "succeeded" and str(found.body.get("resourceLocation", "")).startswith(base):
                return self.transport.send("GET", str(found.body["resourceLocation"]))
            if state == "failed":
                return Reply(503, {"error": found.body.get("error") or {}})
            if not found.ok:
                return found
            self._sleep(max(OPERATION_SECONDS, found.after or 0.0))
        return Reply(LOST)

    def _heed(self, bad: Reply, attempt: int, until: float) -> None:
        """Wait before the next try, as long as was asked for; nobody sends anything meanwhile. Raises SheetUnavailable
        when that is longer than the caller bears."""
        wait = max(bad.after or 0.0, random.uniform(0.0, min(LONGEST_WAIT, 2.0**attempt)))
        pause = next_of(bad) is Next.PAUSE or bad.after is not None
        if pause:
            self.budget.hold(wait)
        if attempt >= TRIES - 1 or self._clock() + wait > until:
            raise sentences.unavailable(sentences.BUSY if pause else sentences.AWAY, bad.after, f"status {bad.status}")
        log.info("excel waits status=%s attempt=%d", bad.status, attempt + 1)
        self._sleep(wait)


def tag_of(reply: Reply) -> str:
    """The tag of a drive item's content, else of the item."""
    return str(reply.body.get("cTag") or reply.body.get("eTag") or "")


def resolve(transport: Transport, path: str, *, sleep: Callable[[float], None] = time.sleep) -> Reply:
    """A GET outside of any workbook, tried again for a while. Raises what a refusal means, and SheetUnavailable."""
    for attempt in range(TRIES - 2):
        reply = transport.send("GET", path, headers={"Prefer": "redeemSharingLinkIfNecessary"})
        if reply.ok:
            return reply
        if next_of(reply) is Next.STOP:
            raise _address_error(reply)
        sleep(min(LONGEST_WAIT, max(reply.after or 0.0, random.uniform(0.0, 2.0**attempt))))
    raise sentences.unavailable(sentences.AWAY)


def _address_error(reply: Reply) -> CellbackError:
    if reply.status == 400:
        return PermanentError(
            "Microsoft does not know this address. Copy it from the browser, or with Share, Copy link.",
            detail=" ".join(reply.codes),
        )
    return sentences.refused(reply)


def _part(answer: Any) -> Reply:
    if not isinstance(answer, dict):
        return Reply(LOST)
    body, headers = answer.get("body"), answer.get("headers") or {}
    named = {str(name).lower(): str(value) for name, value in headers.items()}
    return Reply(
        int(answer.get("status", LOST)), body if isinstance(body, dict) else {}, seconds(named.get("retry-after"))
    )
