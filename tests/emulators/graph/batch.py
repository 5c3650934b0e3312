"""`$batch`: up to 20 requests in one, each answered for itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.emulators.graph.call import Reply
from tests.emulators.graph.errors import GraphError, malformed

Obey = Callable[[str, str, dict[str, str], Any, str], Reply]
"""(method, target, headers, body, id of the part) -> its answer."""


def answer(body: Any, obey: Obey, *, limit: int, chance: random.Random, now: Any) -> Reply:
    """Obey all parts. Raises GraphError when the whole is not as it must be.

    A misspelt `dependsOn` is not noticed. Without it any order of work may come; of answers, always.
    """
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise malformed("Invalid batch payload format.")
    if len(requests) > limit:
        raise malformed(f"Number of batch request steps exceeds the maximum value of {limit}.")
    chained = _check(requests)
    order = list(requests)
    if not chained:
        chance.shuffle(order)
    statuses: dict[str, int] = {}
    responses: list[dict[str, Any]] = []
    for request in order:
        key = str(request["id"])
        if any(statuses[str(each)] >= 400 for each in request.get("dependsOn") or ()):
            error = GraphError(424, "FailedDependency", "A request that this one depends on has failed.")
            reply = Reply(424, error.body(now))
        else:
            headers = {name.lower(): str(value) for name, value in (request.get("headers") or {}).items()}
            target = "/" + str(request["url"]).lstrip("/")
            reply = obey(str(request["method"]).upper(), target, headers, request.get("body"), key)
        statuses[key] = reply.status
        response: dict[str, Any] = {"id": key, "status": reply.status, "headers": {"Cache-Control": "no-cache"}}
        response["headers"] |= reply.headers
        if reply.body is not None:
            response["headers"]["Content-Type"] = "application/json"
            response["body"] = reply.body
        responses.append(response)
    chance.shuffle(responses)
    return Reply(200, {"responses": responses})


def _check(requests: list[Any]) -> bool:
    """Whether the parts form a chain. Raises GraphError when they are neither that nor all independent."""
    seen: list[str] = []
    for request in requests:
        if not isinstance(request, dict) or not {"id", "method", "url"} <= request.keys():
            raise malformed("Invalid batch payload format: id, method and url are due.")
        key = str(request["id"])
        if key.lower() in (each.lower() for each in seen):
            raise malformed(f"Duplicate request ids in batch: {key}")
        if str(request["url"]).startswith("http"):
            raise malformed("The url of a part must be relative.")
        headers = {name.lower() for name in request.get("headers") or {}}
        if request.get("body") is not None and "content-type" not in headers:
            raise malformed(f"Content-Type header is missing for request id {key} that has a body.")
        for each in request.get("dependsOn") or ():
            if each not in seen:
                raise malformed(f"Request {key} depends on {each}, which does not come before it.")
        seen.append(key)
    wanted = [request.get("dependsOn") or [] for request in requests]
    if not any(wanted):
        return False
    if wanted != [[], *([key] for key in seen[:-1])]:
        raise malformed("dependsOn must make the parts fully sequential, or be left out of all of them.")
    return True
