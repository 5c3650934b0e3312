"""Sessions of people who came in from Google: a signed word of one hour for one person in one spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from server.sheets.google.address import canonical
from server.web.app import WebApp

KIND = "google.session"
LASTS = 3600
"""Seconds; the sidebar asks Google for a fresh identity token and comes in again."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Whose session it is, and the one workbook it is good for."""

    who: str
    workbook: str


def issue(web: WebApp, email: str, spreadsheet: str) -> str:
    """A session for that spreadsheet (its id). Never to be logged, kept or put into an address."""
    return web.tokens.make(KIND, {"who": email, "spreadsheet": spreadsheet})


def read(web: WebApp, token: str) -> Bound | None:
    """Whose it is; None when it does not count, or its owner may not come in any more."""
    claims = web.tokens.read(KIND, token, LASTS)
    if claims is None or not web.services.google.people.may_email(claims["who"]):
        return None
    return Bound(claims["who"], canonical(claims["spreadsheet"]))


def bound_workbook() -> str:
    """The only workbook that the present request may touch; "" when it may touch any (the desk)."""
    return str(g.get("bound", ""))
