"""Which other origins' pages may call the API: the sidebar's, and those the operator named. Never by cookie (R19)."""

from __future__ import annotations

import re

from flask import Flask, Response, request

from server.web.app import here

SIDEBAR = re.compile(r"https://n-[a-z0-9]+-[0-9]lu-script\.googleusercontent\.com", re.ASCII)
"""Where Google shows an add-on's pages; the digit is the number of the account. Anybody's add-on: it proves nothing."""

METHODS = "GET, POST, PATCH"
HEADERS = "Authorization, Content-Type"
PREFLIGHT_SECONDS = "600"


def preflight() -> Response | None:
    """The answer to a browser that asks beforehand whether a page may call us; None when it is no such question."""
    if request.method != "OPTIONS" or not request.path.startswith("/api/"):
        return None
    if "Access-Control-Request-Method" not in request.headers or not _allowed(request.headers.get("Origin", "")):
        return None
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = HEADERS
    response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response


def share(response: Response) -> Response:
    """Let those pages read the answer; style and scripts are anybody's."""
    if request.path.startswith("/static/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
    elif request.path.startswith("/api/"):
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if _allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def add(app: Flask) -> None:
    """Put the headers on the answers."""
    app.after_request(share)


def _allowed(origin: str) -> bool:
    return bool(SIDEBAR.fullmatch(origin)) or origin in here().settings.origins.split()
