"""Pages for people: the desk, the panel, and the way out of all messages."""

from __future__ import annotations

import re

from flask import Blueprint, render_template

from server.web import languages
from server.web.app import here

routes = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

TOKEN = re.compile(r"[a-z0-9]{16,64}")
"""The form of a message's token: anything else needs no look-up."""


@routes.get("/")
def desk() -> str:
    """The desk: the live grid, the panel and the mailbox side by side."""
    return render_template("desk.html", language=languages.expected(), asked=languages.asked_for())


@routes.get("/panel")
def panel() -> str:
    """The panel alone, as it sits in Sheets and Excel."""
    return render_template("panel.html", language=languages.expected(), asked=languages.asked_for())


@routes.get("/u/<token>")
def ask_unsubscribe(token: str) -> str:
    """A page with a button. Mail scanners open every link, so looking changes nothing."""
    return render_template("unsubscribe.html", token=token, done=False)


@routes.post("/u/<token>")
def unsubscribe(token: str) -> str:
    """One click (RFC 8058): no cookie, no redirect, and the same answer for a token that we do not know."""
    if TOKEN.fullmatch(token):
        here().campaigns.unsubscribe(token)
    return render_template("unsubscribe.html", token=token, done=True)
