"""How our API's blueprints look alike: tag, security, and the problems that every operation may answer with."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

_PROBLEMS = {
    401: "Without the token",
    404: "Not there",
    409: "Not possible in the present state",
    422: "Something in the request needs another look",
    503: "Not possible for now; `Retry-After` says when to ask again",
}


def blueprint(name: str, title: str, *, secured: bool = True) -> APIBlueprint:
    """A blueprint whose operations stand under one tag in the OpenAPI document."""
    problems: dict[Any, Any] = {
        status: {"description": words, "content": _PROBLEM}
        for status, words in _PROBLEMS.items()
        if secured or status == 422  # the library writes a form of its own for 422 where there is none
    }
    return APIBlueprint(
        name,
        "server.web",
        abp_tags=[Tag(name=title)],
        abp_security=[{"token": []}] if secured else None,
        abp_responses=problems,
    )
