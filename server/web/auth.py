"""Who may come in: the token printed at start, an invitation, the cookie either becomes, a sidebar's session, the host
and origin. What they may do then is in `rights`."""

from __future__ import annotations

import getpass
import hashlib
import hmac
from urllib.parse import urlencode, urlsplit

from flask import Response, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from server.config import Settings
from server.identity.invitations import Invitations, Invited
from server.identity.people import PersonRole
from server.web import bounds, cors, rights, sessions
from server.web.app import WebApp, here
from server.web.problems import problem

OPEN_PREFIXES = ("/webhooks/", "/u/", "/static/", "/excel/")
PROBES = frozenset({"/healthz", "/readyz"})
OPEN_PATHS = PROBES | {"/api/google/session", "/api/excel/session", "/google/connect", "/google/callback"}
"""Providers, recipients, style sheets, Excel’s pane (with no data in it) and probes carry no token; who comes from
Google or Excel is asked for proof there."""

ANY_HOST = PROBES | {"/metrics"}
"""Probes and Prometheus come by an address of the machine. Figures need the token there as well."""

SIGN_IN_PATHS = frozenset({"/", "/panel"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LASTS = 30 * 24 * 3600
"""Seconds until the printed address must be opened again."""

_DESK = "desk"
"""What the cookie of whoever runs this Cellback says; anybody else's holds their invitation."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Checks requests against one token, and what was signed with it."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.access_token()
        self._secure = settings.base_url.startswith("https://")
        # Cookies do not know ports: two Cellbacks on one machine must not sign each other out.
        self.cookie = f"cellback_{settings.port}"
        self.hosts = LOOPBACK | {settings.host, urlsplit(settings.base_url).hostname or "127.0.0.1"}
        self._invitations = Invitations(settings.secret(), self._token)
        # The token is part of the salt, so that a new token ends the sessions of the old one.
        digest = hashlib.sha256(self._token.encode()).hexdigest()
        self._signer = URLSafeTimedSerializer(
            settings.secret(),
            salt=f"cellback.web.session.{digest}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def check(self) -> Response | None:
        """Runs before every request; an answer here is a refusal (or the sign-in)."""
        if request.path not in ANY_HOST and _host() not in self.hosts:
            return _wrong_host()
        if (asked := cors.preflight()) is not None:
            return asked
        if request.path.startswith(OPEN_PREFIXES) or request.path in OPEN_PATHS:
            return None
        if request.path in SIGN_IN_PATHS and "token" in request.args:
            return self._sign_in(request.args["token"])
        if request.authorization is not None and request.authorization.type == "bearer":
            return self._bearer(request.authorization.token or "")
        if not self._signed_in():
            return _unknown()
        if request.path.startswith("/api/") and not _same_origin():
            return _foreign()
        return rights.refuse(g.role)

    def _bearer(self, token: str) -> Response | None:
        """The printed token may do everything; a sidebar's session only what is of its spreadsheet."""
        if self._fits(token):
            g.who = "the API"
            return rights.refuse(PersonRole.SENDER)
        bound = sessions.read(here(), token)
        if bound is None or not request.path.startswith("/api/"):
            return _unknown()
        g.who, g.bound, g.host = bound.who, bound.workbook, bound.host
        return bounds.refuse(bound) or rights.refuse(bound.role)

    def _fits(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())

    def _signed_in(self) -> bool:
        """Whether the cookie lets somebody in; notes who that is, and their role."""
        try:
            kept = self._signer.loads(request.cookies.get(self.cookie, ""), max_age=LASTS)
        except BadSignature:
            return False
        if kept == _DESK:
            g.who, g.role = _user(), PersonRole.SENDER
            return True
        invited = self._invited(str(kept))
        if invited is not None:
            g.who, g.role = invited.name, invited.role
        return invited is not None

    def _invited(self, word: str) -> Invited | None:
        return self._invitations.read(word, here().services.clock.now())

    def _sign_in(self, token: str) -> Response:
        """Swap the token in the address for a cookie, so that it stays in no history, log or Referer."""
        kept = _DESK if self._fits(token) else token
        if kept != _DESK and self._invited(token) is None:
            return _unknown()
        rest = urlencode([pair for pair in request.args.items(multi=True) if pair[0] != "token"])
        response = Response(status=303, headers={"Location": f"{request.path}?{rest}" if rest else request.path})
        response.set_cookie(
            self.cookie,
            str(self._signer.dumps(kept)),
            max_age=LASTS,
            httponly=True,
            samesite="Strict",
            secure=self._secure,
        )
        response.headers["Cache-Control"] = "no-store"
        return response


def guard(app: WebApp) -> None:
    """Close the application to everybody without the token."""
    app.before_request(Gate(app.settings).check)


def who() -> str:
    """Who is at work, as shown to others."""
    return str(g.get("who", "")) or "somebody"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user database, or Windows without variables
        return "the desk"


def _host() -> str:
    """Host name of the request, without its port (`[::1]:5000` -> `::1`)."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _same_origin() -> bool:
    """Whether one of our own pages asks: SameSite=Strict does not tell one port of a machine from another."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if request.method in READING and origin is None:
        return site in {None, "same-origin", "none"}
    if site is not None:
        return site == "same-origin"
    scheme, _, name = (origin or "").partition("://")
    return scheme in {"http", "https"} and name.casefold() == request.headers.get("Host", "").casefold()


def _unknown() -> Response:
    return problem(
        401,
        "Please come in by the printed address",
        "Open the address that was printed at start: it ends in ?token=… and lets this browser in.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _foreign() -> Response:
    return problem(403, "Not from here", "This request came from another site's page and was not carried out.")


def _wrong_host() -> Response:
    return problem(
        421,
        "Not the name of this server",
        "This server does not answer to the name in the address. "
        "Use the address that was printed at start, or set PUBLIC_BASE_URL to the one in use.",
    )
