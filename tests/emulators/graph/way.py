"""The way of a request through the emulator: who asks, what goes wrong, what is obeyed, what is answered."""

from __future__ import annotations

import json
import re
import time
import traceback
from collections import deque
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jwt

from tests.emulators.graph import batch, odata, tokens
from tests.emulators.graph.at_drive import Service
from tests.emulators.graph.book import Book
from tests.emulators.graph.call import Call, Reply, Resource
from tests.emulators.graph.errors import GraphError, malformed, throttled, too_large, unauthenticated
from tests.emulators.graph.faults import Fault
from tests.emulators.graph.files import to_xlsx
from tests.emulators.graph.log import Logged
from tests.emulators.graph.server import HangUp

if TYPE_CHECKING:
    from tests.emulators.graph.emulator import GraphEmulator


class Way:
    """Answers what comes in over the wire. Keeps the counters that throttle, and who was told to wait."""

    def __init__(self, graph: GraphEmulator) -> None:
        self._graph = graph
        self._hits: dict[tuple[str, str], deque[float]] = {}
        self._cooling: dict[str, float] = {}

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes, base: str) -> Reply:
        """Answer a request, whichever of the two addresses it came to. Raises HangUp."""
        path = urlsplit(target).path
        version = re.match(r"/(v1\.0|beta)(?=/)", path)
        if path.startswith("/download/"):
            return self._download(path.rpartition("/")[2])
        if version is None:
            found = self._graph.authority.answer(method, target, base, body, headers)
            return found or Reply(404, {"error": {"code": "NotFound", "message": "Nothing is here."}})
        try:
            return self._for_graph(method, target[version.end() :], headers, body, base + version[0])
        except GraphError as error:
            return self._failed(error, headers)
        except HangUp:
            raise
        except Exception:  # an act of the script's own, or the emulator itself
            self._graph.broken.append(f"{method} {path}\n{traceback.format_exc()}")
            return self._failed(GraphError(500, "generalException", "The emulator failed."), headers)

    def _for_graph(self, method: str, target: str, headers: dict[str, str], body: bytes, base: str) -> Reply:
        if len(body) > self._graph.limits.body and not urlsplit(target).path.endswith("/content"):
            raise too_large()
        caller = self._caller(headers)
        given = _decoded(body, headers)
        if urlsplit(target).path == "/$batch":
            entry = Logged(method, "/$batch", {}, _harmless(headers), given, app=caller.app, user=caller.oid)
            self._graph.log.add(entry)
            if fault := self._graph.script.fault(method, "/$batch"):
                self._before(fault, None)

            def part(method: str, target: str, own: dict[str, str], body: Any, key: str) -> Reply:
                return self._one(method, target, own, body, caller, base, key)

            reply = batch.answer(
                given, part, limit=self._graph.limits.batch, chance=self._graph.chance, now=self._graph.now()
            )
            entry.status = reply.status
            if fault and fault.hang_up:
                raise HangUp
            if fault and fault.error:
                raise fault.error
            return reply
        return self._one(method, target, headers, given, caller, base)

    def _one(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: Any,
        caller: tokens.Caller,
        base: str,
        part: str = "",
    ) -> Reply:
        parts = urlsplit(target)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        entry = Logged(method, path, query, _harmless(headers), body, part, app=caller.app, user=caller.oid)
        self._graph.log.add(entry)
        call = Call(self._graph, method, path, query, headers, body, caller, base)
        subject = _subject(path)
        if self._graph.clock() < self._cooling.get(subject, 0.0) - 0.02:
            self._graph.log.figures.impatient += 1
        self._graph.log.enter(subject)
        try:
            fault = self._graph.script.fault(method, path)
            self._before(fault, call)
            with self._graph.lock:
                self._throttle(caller, path)
                self._graph.script.run(method, path, after=False)
                reply = self._obey(call, parts.path, fault)
                self._graph.script.run(method, path, after=True)
            if fault and fault.hang_up:
                raise HangUp
            if fault and fault.error:
                raise fault.error
        except GraphError as error:
            reply = self._failed(error, headers)
        finally:
            self._graph.log.leave(subject)
            entry.cells = call.cells
        entry.status = reply.status
        if after := reply.headers.get("Retry-After"):
            self._cooling[subject] = self._graph.clock() + _seconds(after, self._graph.now())
        return reply

    def _before(self, fault: Fault | None, call: Call | None) -> None:
        if fault is None:
            return
        time.sleep(fault.delay)
        if fault.effect:
            return
        session = self._graph.sessions.all.get(call.header("workbook-session-id")) if call else None
        if session and fault.error and fault.error.inner == "invalidSessionReCreatable":
            session.ended = True
        if fault.hang_up:
            raise HangUp
        if fault.error:
            raise fault.error

    def _obey(self, call: Call, path: str, fault: Fault | None) -> Reply:
        try:
            resource: Resource = Service(call)
            for segment in odata.segments(path):
                resource = resource.step(segment)
            kept = self._kept(call) if fault and fault.drop else None
            reply: Reply = getattr(resource, call.method.lower())()
        except GraphError:
            raise
        except Exception:
            self._graph.broken.append(f"{call.method} {call.path}\n{traceback.format_exc()}")
            raise GraphError(500, "generalException", "The emulator failed.", inner="generalException") from None
        if kept is not None and call.item is not None:
            call.item.book, call.item.tags, call.item.content_tags = kept
            self._graph.log.figures.dropped += 1
        return reply

    @staticmethod
    def _kept(call: Call) -> tuple[Book, int, int] | None:
        if call.item is None or call.item.book is None:
            return None
        return call.item.book.clone(), call.item.tags, call.item.content_tags

    def _caller(self, headers: dict[str, str]) -> tokens.Caller:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthenticated()
        audiences = [tokens.GRAPH, f"{tokens.GRAPH}/", tokens.GRAPH_APP]
        try:
            return tokens.caller(self._graph.authority.signer.read(token, audiences, now=self._graph.now().timestamp()))
        except jwt.InvalidTokenError as error:
            raise unauthenticated(str(error)) from None

    def _throttle(self, caller: tokens.Caller, path: str) -> None:
        if self._graph.limits.per_app is None or "/workbook" not in path:
            return
        hits, now = self._hits.setdefault((caller.app, caller.tenant), deque()), self._graph.clock()
        while hits and hits[0] <= now - self._graph.limits.window:
            hits.popleft()
        if len(hits) >= self._graph.limits.per_app:
            wait = hits[0] + self._graph.limits.window - now
            raise throttled(str(max(1, int(wait + 0.999))))
        hits.append(now)

    def _failed(self, error: GraphError, headers: dict[str, str]) -> Reply:
        return Reply(
            error.status, error.body(self._graph.now(), headers.get("client-request-id", "")), dict(error.headers)
        )

    def _download(self, guid: str) -> Reply:
        for drive in self._graph.drives:
            for item in drive.items.values():
                if item.guid == guid and item.book is not None and not item.deleted:
                    return Reply(200, to_xlsx(item.book), {"Content-Type": "application/octet-stream"})
        return Reply(404)


def _decoded(body: bytes, headers: dict[str, str]) -> Any:
    if not body:
        return None
    if "json" not in headers.get("content-type", "application/json"):
        return body
    try:
        return json.loads(body)
    except ValueError:
        raise malformed("Unable to read JSON request payload.") from None


def _harmless(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "authorization"}


def _subject(path: str) -> str:
    """What file a request is about, as far as its path says."""
    found = re.search(r"/items/([^/]+)", path)
    return found[1] if found else path.partition("/workbook")[0]


def _seconds(after: str, now: datetime) -> float:
    try:
        return float(after)
    except ValueError:
        return (parsedate_to_datetime(after) - now).total_seconds()
