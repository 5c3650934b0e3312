"""People who come in from Google Sheets: identity, proof that they may edit the spreadsheet, session, permission."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from server.errors import CellbackError, NotAllowed
from server.sheets.google.address import canonical, tab_name
from server.web import sessions
from server.web.app import WebApp, here
from server.web.problems import problem
from server.web.routes import blueprint
from server.web.schemas import Arrival, GoogleProblem, GoogleSession

api = blueprint("google", "People from Google Sheets", secured=False)
pages = Blueprint("permission", __name__)

LINK_DAYS = 30
"""Days until a person proves again that they may edit a spreadsheet."""

PROVE_SECONDS = 600
"""Seconds that a proof may take from its word to its check, and the way over Google's pages."""

TICKET_SECONDS = sessions.LASTS
"""Seconds that the way to Google's pages stays open: as long as the panel that shows it may stand."""

TICKET, VISIT = "google.ticket", "google.visit"
PATH = "/google/"


@api.post("/api/google/session", responses={200: GoogleSession, 403: GoogleProblem})
def arrive(body: Arrival) -> GoogleSession | Response:
    """Come in from the sidebar; 403 says what is missing: a proof (`nonce`), or that the sheet is shared"""
    web = here()
    google, access = web.services.google, web.services.ledger.access
    person = google.identity.person(body.identity_token)
    if google.people.role(person) is None:
        raise NotAllowed(
            f"{person.email} may not use this Cellback yet. Ask whoever runs it to let you in (as a viewer, an editor "
            "or a sender), or open the sheet with another account."
        )
    workbook = canonical(body.spreadsheet_id)
    g.connect = _ticket(web, person.email, body.spreadsheet_id)
    if not access.linked(person.email, workbook):
        if not _proven(web, person.email, body.spreadsheet_id):
            return problem(
                403,
                "One moment",
                "Cellback makes sure that you may edit this spreadsheet.",
                kind="prove",
                nonce=web.tokens.nonce(person.email, workbook),
            )
        access.link(person.email, workbook, web.services.clock.now() + timedelta(days=LINK_DAYS))
    return GoogleSession(
        token=sessions.issue(web, person.email, body.spreadsheet_id),
        expires_in=sessions.LASTS,
        who=person.email,
        workbook=workbook,
        sheet=tab_name(body.sheet_id),
        account=google.account,
        connect=g.connect,
    )


def _proven(web: WebApp, email: str, spreadsheet: str) -> bool:
    """Whether one of the words in the spreadsheet was made for this person and it, lately, and is not used up."""
    until = web.services.clock.now() + timedelta(seconds=PROVE_SECONDS + 60)
    about = (email, canonical(spreadsheet))
    return any(
        web.tokens.is_nonce(word, PROVE_SECONDS, *about) and web.services.ledger.access.spend(word, until)
        for word in web.services.spreadsheets.proofs(spreadsheet, email)
    )


def _ticket(web: WebApp, email: str, spreadsheet: str) -> str:
    """The path to where this person may permit background work in this spreadsheet, "" where that is not set up."""
    if web.services.google.oauth is None:
        return ""
    claims = {"who": email, "spreadsheet": spreadsheet, "id": secrets.token_urlsafe(12)}
    return f"{PATH}connect?{urlencode({'ticket': web.tokens.seal(TICKET, claims)})}"


@pages.get("/google/connect")
def connect() -> AnyResponse:
    """Off to Google, with a cookie by which the way back is known to be the same browser's."""
    web = here()
    oauth = web.services.google.oauth
    claims = web.tokens.unseal(TICKET, request.args.get("ticket", ""), TICKET_SECONDS)
    until = web.services.clock.now() + timedelta(seconds=TICKET_SECONDS + 60)
    # By its id: the text of a signature can be written in several ways.
    if oauth is None or claims is None or not web.services.ledger.access.spend(claims["id"], until):
        return _told("This link is used up. Go back to the sheet and press “Sign in with Google” again.", 403)
    visit = {
        "who": claims["who"],
        "spreadsheet": claims["spreadsheet"],
        "id": secrets.token_urlsafe(12),
        "verifier": secrets.token_urlsafe(48),
    }
    response = redirect(oauth.address(web.tokens.nonce(visit["id"]), visit["verifier"], visit["who"]), 303)
    response.set_cookie(
        _cookie(web),
        web.tokens.seal(VISIT, visit),
        max_age=PROVE_SECONDS,
        path=PATH,
        httponly=True,
        samesite="Lax",  # the way back is a navigation from Google's site
        secure=web.settings.base_url.startswith("https://"),
    )
    return response


@pages.get("/google/callback")
def callback() -> AnyResponse:
    """Back from Google."""
    web = here()
    oauth, access = web.services.google.oauth, web.services.ledger.access
    visit = web.tokens.unseal(VISIT, request.cookies.get(_cookie(web), ""), PROVE_SECONDS)
    state, code = request.args.get("state", ""), request.args.get("code", "")
    until = web.services.clock.now() + timedelta(seconds=PROVE_SECONDS + 60)
    known = visit is not None and web.tokens.is_nonce(state, PROVE_SECONDS, visit["id"])
    if oauth is None or visit is None or not known or not access.spend(state, until):
        return _told("Google’s answer does not belong to a sign-in of this browser. Start again in the sheet.", 403)
    if not code or len(code) > 2048:
        return _told("Nothing was permitted. You can close this window and start again in the sheet.", 403)
    try:
        grant = oauth.exchange(code, visit["verifier"])
        person = web.services.google.oauth_identity.person(grant.identity_token)
        if person.email != visit["who"]:
            raise NotAllowed("You signed in with another account than in the sheet. Start again with the same one.")
    except CellbackError as error:
        return _told(error.sentence, 403)
    access.permit(person.email, canonical(visit["spreadsheet"]), grant.refresh_token)
    return _told("Done. You can close this window and go on in the sheet: press “Check access” there.", 200)


def _told(sentence: str, status: int) -> Response:
    response = Response(render_template("permission.html", sentence=sentence, done=status == 200), status)
    response.delete_cookie(_cookie(here()), path=PATH, httponly=True, samesite="Lax")
    return response


def _cookie(web: WebApp) -> str:
    return f"cellback_google_{web.settings.port}"
