"""Errors become HTTP here and nowhere else: ONE table from our exceptions to a status, and a sentence for people."""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Mapping, Sequence

from flask import Flask, Response, g, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from server.errors import (
    AddressError,
    CellbackError,
    ConfigError,
    Conflict,
    ConsentNeeded,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotShared,
    PermanentError,
    SendInDoubt,
    SheetChanged,
    SheetUnavailable,
    SignatureError,
    SignedOut,
    SignInAgain,
    SignInToMicrosoft,
    TemporaryError,
)
from server.web.schemas import GoogleProblem, Problem
from server.web.speaking import said

log = logging.getLogger(__name__)

TABLE: Mapping[type[CellbackError], tuple[int, str]] = {
    SignedOut: (401, "Nobody knows who you are"),
    NotAllowed: (403, "Not allowed"),
    NotShared: (403, "Not shared with Cellback"),
    SignInAgain: (403, "The permission has ended"),
    ConsentNeeded: (403, "An administrator has to agree first"),
    NotFound: (404, "Not found"),
    Conflict: (409, "Not possible now"),
    SheetChanged: (409, "The sheet has changed"),
    InvalidInput: (422, "Something needs another look"),
    AddressError: (422, "Not an address"),
    PermanentError: (422, "Not possible"),
    SignatureError: (401, "Not signed"),
    SendInDoubt: (502, "Nobody knows whether it went"),
    SheetUnavailable: (503, "The sheet can't be reached for now"),
    TemporaryError: (503, "Not possible for now"),
    CellbackError: (500, "Not possible"),
}
"""Our exceptions (the nearest class counts) -> status and title."""

RETRY_AFTER = 5
"""Seconds that a client is asked to wait where the error does not say: a file open elsewhere, a queue restarting."""

HTTP_WORDS = {
    400: "The request could not be understood.",
    404: "There is nothing at this address.",
    405: "This address can't be used in this way.",
    413: "This is larger than what is taken here.",
    415: "This kind of content is not taken here.",
}

MACHINES = ("/api/", "/webhooks/", "/static/", "/docs/", "/openapi.json", "/healthz", "/readyz", "/metrics")
"""Paths whose callers are programs: they get JSON, all others a page."""


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    field: str = "",
    suggestions: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    kind: str = "",
    **more: str,
) -> Response:
    """The answer for an error: problem+json, or a page where a person is looking.

    `kind` and what goes with it (fields of GoogleProblem) tell the panel what would help.
    """
    told = Problem(title=title, status=status, detail=detail, field=field, suggestions=list(suggestions))
    if kind:
        told = GoogleProblem(**{**told.model_dump(), "type": f"urn:cellback:{kind}"}, **more)
    if request.path.startswith(MACHINES) or not request.accept_mimetypes.accept_html:
        response = Response(told.model_dump_json(), status, mimetype="application/problem+json")
    else:
        response = Response(render_template("error.html", problem=told, said=said), status)
    response.headers.update(headers or {})
    return response


def explain(error: CellbackError) -> Response:
    """Our own exceptions, by the table."""
    status, title = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    headers = {}
    if status == 503:
        seconds = error.retry_after if isinstance(error, TemporaryError) else None
        headers["Retry-After"] = str(max(1, math.ceil(seconds or RETRY_AFTER)))
    if error.detail:
        log.info("refused", extra={"method": request.method, "route": _route()}, exc_info=error)
    wrong = error if isinstance(error, InvalidInput) else None
    if isinstance(error, SignInToMicrosoft):
        return problem(status, title, error.sentence, kind="sign-in")
    if isinstance(error, ConsentNeeded):
        return problem(status, title, error.sentence, kind="consent", connect=error.address)
    if isinstance(error, (NotShared, SignInAgain)):
        account = error.account if isinstance(error, NotShared) else ""
        return problem(status, title, error.sentence, kind="share", account=account, connect=str(g.get("connect", "")))
    return problem(
        status,
        title,
        error.sentence,
        field=wrong.field if wrong else "",
        suggestions=wrong.suggestions if wrong else (),
        headers=headers,
    )


def explain_http(error: HTTPException) -> Response | HTTPException:
    """What Flask and Werkzeug raise: no such address, too large, ..."""
    if error.response is not None:
        return error
    status = error.code or 500
    detail = HTTP_WORDS.get(status) or error.description or error.name
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return problem(status, error.name, detail, headers=kept)


def explain_config(error: ConfigError) -> Response:
    """A fault of the configuration that shows only now (a key that no longer fits): for the operator."""
    log.error("configuration", extra={"method": request.method, "route": _route(), "faults": str(error)})
    return problem(500, "The configuration needs another look", " ".join(error.faults))


def explain_surprise(error: Exception) -> Response:
    """What nobody foresaw: an id for the person, everything else for the log."""
    number = secrets.token_hex(4)
    told = {"method": request.method, "route": _route(), "number": number}
    log.error("unexpected error", extra=told, exc_info=error)
    return problem(
        500,
        "Something went wrong here",
        f"That should not have happened; nothing of it was your fault. The log tells more under {number}.",
    )


def explain_fields(error: ValidationError) -> Response:
    """Input that does not fit its model: the first fault in words, naming the field."""
    fault = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    if not field:
        detail = "The body must be a JSON object, sent as application/json."
    elif fault["type"] == "extra_forbidden":
        detail = f"“{field}” is not known here."
    elif fault["type"] == "missing":
        detail = f"“{field}” is missing."
    elif fault["type"] == "string_too_long":
        detail = f"“{field}” is too long: {fault['ctx']['max_length']} characters are the most."
    else:
        detail = f"“{field}”: {message[:1].lower()}{message[1:]}."
    return problem(422, TABLE[InvalidInput][1], detail, field=field)


def explain_depth(_: RecursionError) -> Response:
    """JSON that is nested thousands of times."""
    return problem(400, "Bad Request", HTTP_WORDS[400])


def register(app: Flask) -> None:
    """Put the table to work."""
    app.register_error_handler(CellbackError, explain)
    app.register_error_handler(HTTPException, explain_http)
    app.register_error_handler(ConfigError, explain_config)
    app.register_error_handler(RecursionError, explain_depth)
    app.register_error_handler(Exception, explain_surprise)


def _route() -> str:
    """The rule that matched, not the path: a path may hold a recipient's token."""
    return request.url_rule.rule if request.url_rule else "an unknown address"
