"""Sessions of people who came in from a sheet's host: a signed word of one hour for one person in one workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import g

from server.identity.people import PersonRole
from server.sheets.google.address import canonical
from server.web.app import WebApp

KIND, EXCEL = "google.session", "excel.session"
LASTS = 3600
"""Seconds; the panel asks its host for a fresh identity token and comes in again."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Whose session it is, the one workbook it is good for, the host that it is open in, and their role by the settings
    of this moment: the session itself carries none."""

    who: str
    workbook: str
    host: Literal["google", "excel"]
    role: PersonRole


def issue(web: WebApp, email: str, spreadsheet: str) -> str:
    """A session for that spreadsheet (its id). Never to be logged, kept or put into an address."""
    return web.tokens.make(KIND, {"who": email, "spreadsheet": spreadsheet})


def issue_excel(web: WebApp, tenant: str, name: str, workbook: str) -> str:
    """A session for a workbook (in its canonical form) and somebody of that directory. As secret as the other."""
    return web.tokens.make(EXCEL, {"who": name, "tenant": tenant, "workbook": workbook})


def read(web: WebApp, token: str) -> Bound | None:
    """Whose it is; None when it does not count, or its owner may not come in any more."""
    if (claims := web.tokens.read(KIND, token, LASTS)) is not None:
        role = web.services.google.people.role_by_email(claims["who"])
        return Bound(claims["who"], canonical(claims["spreadsheet"]), "google", role) if role else None
    if (claims := web.tokens.read(EXCEL, token, LASTS)) is not None:
        role = web.services.microsoft.role(claims["tenant"], claims["who"])
        return Bound(claims["who"], claims["workbook"], "excel", role) if role else None
    return None


def bound_workbook() -> str:
    """The only workbook that the present request may touch; "" when it may touch any (the desk)."""
    return str(g.get("bound", ""))


def host() -> Literal["google", "excel", "desk"]:
    """Where the panel is that makes the present request."""
    found: Literal["google", "excel", "desk"] = g.get("host", "desk")
    return found
