"""Accounts and their tokens: service accounts by signed assertion, people by consent, codes and refresh tokens."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.emulators.sheets import jwt
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.errors import ApiError, reason

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REAL_AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth writes into an assertion whatever the token address is."""


@dataclass(frozen=True)
class ServiceAccount:
    """An account of a machine. `info` is what its key file holds."""

    email: str
    project: str
    token_uri: str
    key_name: str

    @property
    def info(self) -> dict[str, str]:
        """The key file as a dict, as gspread.service_account_from_dict takes it."""
        return {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": hashlib.sha256(self.key_name.encode()).hexdigest()[:40],
            "private_key": jwt.pem(jwt.key(self.key_name)),
            "client_email": self.email,
            "client_id": str(int(hashlib.sha256(self.email.encode()).hexdigest()[:16], 16)),
            "auth_uri": self.token_uri.replace("/token", "/o/oauth2/v2/auth"),
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        }

    def write(self, path: Path) -> Path:
        """The key file."""
        path.write_text(json.dumps(self.info, indent=2), encoding="utf-8")
        return path


@dataclass(frozen=True)
class Client:
    """An OAuth client of a Cloud project."""

    id: str
    secret: str
    project: str


@dataclass
class Grant:
    """An access token, a refresh token or a code: for whom, for what, until when (None: no end)."""

    email: str
    scopes: frozenset[str]
    project: str
    until: float | None
    client: str = ""
    redirect_uri: str = ""
    challenge: str = ""
    offline: bool = False
    refresh: str = ""


class OAuthError(Exception):
    """A refusal of the token endpoint: {"error", "error_description"}."""

    def __init__(self, code: int, error: str, description: str) -> None:
        super().__init__(description)
        self.code, self.error, self.description = code, error, description


@dataclass
class Auth:
    """All accounts, clients and tokens. `clock` gives seconds since 1970 and may be a test's own."""

    base: Callable[[], str]
    identity_token: Callable[..., str]
    clock: Callable[[], float] = time.time
    lifetime: float = 3599.0
    """Seconds that an access token lives."""
    consenting: str = "organiser@example.com"
    """Who sits at the browser when the consent page is opened; a login_hint names somebody else."""
    consents: bool = True
    """False: that person declines."""
    services: dict[str, ServiceAccount] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    refreshes: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    issued: int = 0
    """Access tokens given out."""

    def service_account(self, name: str = "cellback", project: str = "cellback-tests") -> ServiceAccount:
        """Make one, or give the one that is there."""
        email = f"{name}@{project}.iam.gserviceaccount.com"
        made = ServiceAccount(email, project, f"{self.base()}/token", f"service:{name}")
        return self.services.setdefault(email, made)

    def client(self, project: str = "cellback-tests") -> Client:
        """A new OAuth client."""
        made = Client(f"{secrets.token_hex(6)}.apps.googleusercontent.com", secrets.token_urlsafe(18), project)
        self.clients[made.id] = made
        return made

    def access_token(
        self, email: str, *scopes: str, project: str = "cellback-tests", lives: float | None = None
    ) -> str:
        """A token out of thin air, for a test that is not about getting one."""
        until = self.clock() + (self.lifetime if lives is None else lives)
        return self._issue(Grant(email, frozenset(scopes) or Caller("").scopes, project, until))

    def refresh_token(self, email: str, client: Client, *scopes: str) -> str:
        """A refresh token as a consent would have brought it."""
        token = "1//" + secrets.token_urlsafe(24)
        self.refreshes[token] = Grant(email, frozenset(scopes) or Caller("").scopes, client.project, None, client.id)
        return token

    def revoke(self, token: str) -> bool:
        """A token is worth nothing any more; with a refresh token go the access tokens it brought."""
        known = self.refreshes.pop(token, None) or self.tokens.pop(token, None)
        self.tokens = {text: grant for text, grant in self.tokens.items() if grant.refresh != token}
        return known is not None

    def expire_all(self) -> None:
        """Every access token is over now."""
        for grant in self.tokens.values():
            grant.until = self.clock() - 1

    def caller(self, header: str | None) -> Caller:
        """Who calls, from the Authorization header. Raises ApiError (401, 403)."""
        if not header:
            raise ApiError(
                403,
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API.",
            )
        kind, _, token = header.partition(" ")
        grant = self.tokens.get(token.strip()) if kind.lower() == "bearer" else None
        if grant is None or (grant.until is not None and grant.until <= self.clock()):
            raise reason(
                401,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential. See "
                "https://developers.google.com/identity/sign-in/web/devconsole-project.",
                "ACCESS_TOKEN_EXPIRED" if grant else "ACCESS_TOKEN_TYPE_UNSUPPORTED",
                service="sheets.googleapis.com",
            )
        return Caller(grant.email, grant.project, grant.scopes)

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises OAuthError."""
        kind = form.get("grant_type", "")
        if kind == JWT_BEARER:
            return self._assertion(form.get("assertion", ""))
        if kind not in {"refresh_token", "authorization_code"}:
            raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")
        client = self.clients.get(form.get("client_id", ""))
        if client is None:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if not secrets.compare_digest(client.secret, form.get("client_secret", "")):
            raise OAuthError(401, "invalid_client", "Unauthorized")
        return self._refreshed(form, client) if kind == "refresh_token" else self._exchanged(form, client)

    def _assertion(self, assertion: str) -> dict[str, Any]:
        try:
            claims = jwt.claims(assertion)
        except ValueError:
            raise OAuthError(400, "invalid_grant", "Bad Request") from None
        account = self.services.get(str(claims.get("iss")))
        if account is None:
            raise OAuthError(400, "invalid_grant", "Invalid grant: account not found")
        if not jwt.signed_by(assertion, jwt.key(account.key_name).public_key()):
            raise OAuthError(400, "invalid_grant", "Invalid JWT Signature.")
        now, start, end = self.clock(), float(claims.get("iat", 0)), float(claims.get("exp", 0))
        if not (start - 300 <= now < end and end - start <= 3660):
            raise OAuthError(
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        if claims.get("aud") not in {REAL_AUDIENCE, account.token_uri}:
            raise OAuthError(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise OAuthError(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        grant = Grant(account.email, scopes, account.project, now + self.lifetime)
        return {"access_token": self._issue(grant), "expires_in": int(self.lifetime), "token_type": "Bearer"}

    def _refreshed(self, form: Mapping[str, str], client: Client) -> dict[str, Any]:
        held = self.refreshes.get(form.get("refresh_token", ""))
        if held is None or held.client != client.id:
            raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")
        return self._answer(held, form["refresh_token"])

    def _exchanged(self, form: Mapping[str, str], client: Client) -> dict[str, Any]:
        held = self.codes.pop(form.get("code", ""), None)
        if held is None or held.client != client.id or (held.until or 0) <= self.clock():
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        if held.redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        proof = jwt.encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if held.challenge and held.challenge not in {proof, form.get("code_verifier", "")}:
            raise OAuthError(400, "invalid_grant", "Invalid code verifier.")
        refresh = self.refresh_token(held.email, client, *held.scopes) if held.offline else ""
        found = self._answer(held, refresh)
        if refresh:
            found["refresh_token"] = refresh
        if "openid" in held.scopes:
            found["id_token"] = self.identity_token(email=held.email, audience=client.id)
        return found

    def _answer(self, held: Grant, refresh: str) -> dict[str, Any]:
        until = self.clock() + self.lifetime
        grant = Grant(held.email, held.scopes, held.project, until, held.client, refresh=refresh)
        return {
            "access_token": self._issue(grant),
            "expires_in": int(self.lifetime),
            "scope": " ".join(sorted(held.scopes)),
            "token_type": "Bearer",
        }

    def _issue(self, grant: Grant) -> str:
        token = "ya29." + secrets.token_urlsafe(32)
        self.tokens[token] = grant
        self.issued += 1
        return token

    def consent(self, query: Mapping[str, str]) -> str:
        """The consent page, agreed to at once: where it sends the browser. Raises OAuthError."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if query.get("response_type") != "code" or not query.get("redirect_uri") or not query.get("scope"):
            raise OAuthError(400, "invalid_request", "response_type, redirect_uri and scope are required.")
        back: dict[str, str] = {"state": query["state"]} if "state" in query else {}
        if not self.consents:
            return query["redirect_uri"] + "?" + urlencode({**back, "error": "access_denied"})
        code = "4/" + secrets.token_urlsafe(24)
        self.codes[code] = Grant(
            query.get("login_hint") or self.consenting,
            frozenset(query["scope"].split()),
            client.project,
            self.clock() + 600,
            client.id,
            query["redirect_uri"],
            query.get("code_challenge", ""),
            query.get("access_type") == "offline",
        )
        return query["redirect_uri"] + "?" + urlencode({**back, "code": code, "scope": query["scope"]})
