"""The sign-in: discovery, keys and tokens as Microsoft Entra hands them out, for one tenant."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.emulators.graph.call import Reply
from tests.emulators.graph.tokens import GRAPH, Signer, graph_claims

TENANT = "7a1c0d52-9f43-4f0e-8a55-3c2b1e60d9aa"
CLIENT_ID = "c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"
CLIENT_SECRET = "emulator-secret-that-opens-nothing"
ORGANISER = "1f0f7c1e-0d6b-4a8e-9a52-7b1f3c9d2e01"
COLLEAGUE = "2b6a9d3c-5e7f-4c1a-8d34-9e0f1a2b3c02"


@dataclass(frozen=True)
class Person:
    """Somebody of the tenant."""

    oid: str
    name: str
    upn: str


@dataclass
class App:
    """A registration. `consented` are the delegated scopes for Graph, `roles` what the app may do by itself."""

    client_id: str = CLIENT_ID
    secret: str = CLIENT_SECRET
    certificate: str = ""
    """A public key in PEM, for client assertions instead of the secret."""
    redirects: set[str] = field(default_factory=set)
    """Empty: any address on this machine."""
    exposed: tuple[str, ...] = ("access_as_user",)
    consented: tuple[str, ...] = ("Files.ReadWrite", "Files.ReadWrite.All", "Sites.Selected", "User.Read")
    roles: tuple[str, ...] = ("Sites.Selected",)


class SignInError(Exception):
    """An OAuth error with Entra's number for it."""

    def __init__(self, error: str, number: int, text: str, *, status: int = 400, suberror: str = "") -> None:
        super().__init__(text)
        self.body = {
            "error": error,
            "error_description": f"AADSTS{number}: {text}",
            "error_codes": [number],
            "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
            "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
        }
        if suberror:
            self.body["suberror"] = suberror
        self.status = status


@dataclass
class _Grant:
    """What a code or a refresh token stands for."""

    oid: str
    client_id: str
    scopes: list[str]
    redirect: str = ""
    challenge: str = ""
    nonce: str = ""
    revoked: bool = False


class Authority:
    """The state of the sign-in: apps, codes, refresh tokens, and a script of refusals."""

    def __init__(self, people: dict[str, Person], clock: Callable[[], float]) -> None:
        self.people = people
        self.apps: dict[str, App] = {CLIENT_ID: App()}
        self.tenants = {TENANT}
        self.signer = Signer()
        self.lifetime = 3600.0
        """Seconds that an access token lives."""
        self.refusals: list[SignInError] = []
        """Answers to the next requests for tokens, one each."""
        self.granted: list[str] = []
        """The grant types asked for, in order."""
        self.signed_in = ORGANISER
        """Who answers the sign-in page."""
        self._clock = clock
        self._codes: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}

    def revoke(self, oid: str = "") -> None:
        """End refresh tokens (of one person): they must sign in again."""
        for grant in self._refresh.values():
            grant.revoked = grant.revoked or oid in ("", grant.oid)

    def answer(self, method: str, target: str, base: str, body: bytes, headers: dict[str, str]) -> Reply | None:
        """The answer to a request, None when the path is none of ours. `base` is the address we were asked at."""
        parts = urlsplit(target)
        steps = [step for step in parts.path.split("/") if step]
        query = {name: value[0] for name, value in parse_qs(parts.query).items()}
        if steps[-2:] == ["discovery", "instance"]:
            return Reply(200, self._instances(base, query))
        if len(steps) < 2:
            return None
        tenant, rest = steps[0], "/".join(steps[1:])
        try:
            if tenant not in self.tenants | {"common", "organizations"}:
                raise SignInError("invalid_tenant", 90002, f"Tenant '{tenant}' not found.")
            if rest == "v2.0/.well-known/openid-configuration":
                return Reply(200, self._configuration(base, tenant))
            if rest == "discovery/v2.0/keys":
                return Reply(200, self.signer.jwks(self.issuer(base, tenant)))
            if rest == "oauth2/v2.0/authorize":
                return self._authorize(query)
            if rest == "oauth2/v2.0/token" and method == "POST":
                form = {name: value[0] for name, value in parse_qs(body.decode()).items()}
                return Reply(200, self._token(form, base, tenant), {"Cache-Control": "no-store"})
        except SignInError as error:
            return Reply(error.status, error.body)
        return None

    @staticmethod
    def issuer(base: str, tenant: str = TENANT) -> str:
        """The issuer of tokens for apps of our own."""
        return f"{base}/{tenant}/v2.0"

    def _configuration(self, base: str, tenant: str) -> dict[str, Any]:
        return {
            "issuer": self.issuer(base, tenant if tenant in self.tenants else "{tenantid}"),
            "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{base}/{tenant}/discovery/v2.0/keys",
            "device_authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/{tenant}/oauth2/v2.0/logout",
            "response_types_supported": ["code", "id_token", "code id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        }

    @staticmethod
    def _instances(base: str, query: dict[str, str]) -> dict[str, Any]:
        host = urlsplit(base).netloc
        asked = urlsplit(query.get("authorization_endpoint", base)).path.strip("/").split("/")[0] or TENANT
        return {
            "tenant_discovery_endpoint": f"{base}/{asked}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    def _authorize(self, query: dict[str, str]) -> Reply:
        app = self.apps.get(query.get("client_id", ""))
        redirect = query.get("redirect_uri", "")
        if app is None or (app.redirects and redirect not in app.redirects):
            raise SignInError("invalid_request", 50011, "The redirect URI does not match the ones configured.")
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Grant(
            self.signed_in,
            app.client_id,
            query.get("scope", "").split(),
            redirect,
            query.get("code_challenge", ""),
            query.get("nonce", ""),
        )
        found = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        if query.get("response_mode") == "form_post":
            return Reply(200, _form(redirect, found), {"Content-Type": "text/html; charset=utf-8"})
        mark = "#" if query.get("response_mode") == "fragment" else "?"
        return Reply(302, None, {"Location": f"{redirect}{mark}{urlencode(found)}"})

    def _token(self, form: dict[str, str], base: str, tenant: str) -> dict[str, Any]:
        kind = form.get("grant_type", "").rpartition(":")[2]
        self.granted.append(kind)
        if self.refusals:
            raise self.refusals.pop(0)
        if kind == "authorization_code":
            return self._from_code(form, base, tenant)
        app = self._app(form, base, tenant)
        scopes = form.get("scope", "").split()
        if kind == "client_credentials":
            return self._for_app(app, scopes, tenant)
        if kind == "jwt-bearer" and form.get("requested_token_use") == "on_behalf_of":
            return self._for_person(app, self._asserted(app, form.get("assertion", "")), scopes, base, tenant)
        if kind == "refresh_token":
            grant = self._refresh.get(form.get("refresh_token", ""))
            if grant is None or grant.client_id != app.client_id:
                raise SignInError("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
            if grant.revoked:
                raise SignInError("invalid_grant", 50173, "The provided grant has expired due to it being revoked.")
            return self._for_person(app, grant.oid, scopes or grant.scopes, base, tenant)
        raise SignInError("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{kind}'.")

    def _app(self, form: dict[str, str], base: str, tenant: str, *, public: bool = False) -> App:
        app = self.apps.get(form.get("client_id", ""))
        if app is None:
            raise SignInError("unauthorized_client", 700016, "Application was not found in the directory.", status=400)
        if "client_assertion" in form:
            try:
                audience = f"{base}/{tenant}/oauth2/v2.0/token"
                jwt.decode(form["client_assertion"], app.certificate, algorithms=["RS256", "PS256"], audience=audience)
            except (jwt.InvalidTokenError, ValueError):
                raise SignInError("invalid_client", 700027, "Client assertion failed signature validation.") from None
        elif not (public and "client_secret" not in form) and form.get("client_secret") != app.secret:
            text = "Invalid client secret provided."
            raise SignInError("invalid_client", 7000215, text, status=401)
        return app

    def _from_code(self, form: dict[str, str], base: str, tenant: str) -> dict[str, Any]:
        grant = self._codes.pop(form.get("code", ""), None)
        app = self._app(form, base, tenant, public=bool(grant and grant.challenge))
        if grant is None or grant.client_id != app.client_id or grant.redirect != form.get("redirect_uri", ""):
            raise SignInError("invalid_grant", 70008, "The provided authorization code is invalid or has expired.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if grant.challenge and base64.urlsafe_b64encode(digest).decode().rstrip("=") != grant.challenge:
            raise SignInError("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        return self._for_person(app, grant.oid, grant.scopes, base, tenant, nonce=grant.nonce)

    def _asserted(self, app: App, assertion: str) -> str:
        try:
            claims = self.signer.read(assertion, [app.client_id, f"api://{app.client_id}"], now=self._clock())
        except jwt.ExpiredSignatureError:
            raise SignInError("invalid_grant", 500133, "Assertion is not within its valid time range.") from None
        except jwt.InvalidTokenError:
            raise SignInError("invalid_grant", 50013, "Assertion failed signature or audience validation.") from None
        if "scp" not in claims or claims["oid"] not in self.people:
            raise SignInError("invalid_grant", 50013, "The assertion is no access token of a user.")
        return str(claims["oid"])

    def _for_app(self, app: App, scopes: list[str], tenant: str) -> dict[str, Any]:
        if not any(scope.endswith("/.default") for scope in scopes):
            raise SignInError("invalid_scope", 1002012, "The provided value for scope is not valid: use /.default.")
        claims = graph_claims(
            tenant=self._home(tenant),
            app=app.client_id,
            scopes=list(app.roles),
            at=self._clock(),
            lifetime=self.lifetime,
        )
        return {"token_type": "Bearer", "expires_in": int(self.lifetime), "access_token": self.signer.sign(claims)}

    def _for_person(
        self, app: App, oid: str, scopes: list[str], base: str, tenant: str, *, nonce: str = ""
    ) -> dict[str, Any]:
        person = self.people[oid]
        wanted = [scope for scope in scopes if scope not in ("openid", "profile", "email", "offline_access")]
        ours = re.compile(rf"(api://([^/]+/)?)?{re.escape(app.client_id)}/")  # Office wants the pane's host in it
        for_us = [scope for scope in wanted if ours.match(scope)]
        if for_us:
            names = [scope.rpartition("/")[2] for scope in for_us]
            names = list(app.exposed) if ".default" in names else [name for name in names if name in app.exposed]
            token = self.own_token(app.client_id, names, person, base, tenant)
        else:
            names = [scope.rpartition("/")[2] for scope in wanted]
            missing = [name for name in names if name not in (*app.consented, ".default")]
            if missing:
                text = f"The user or administrator has not consented to use the application: {' '.join(missing)}."
                raise SignInError("invalid_grant", 65001, text, suberror="consent_required")
            names = list(app.consented) if ".default" in names else names
            token = self.signer.sign(
                graph_claims(
                    tenant=self._home(tenant),
                    app=app.client_id,
                    oid=oid,
                    upn=person.upn,
                    scopes=names,
                    at=self._clock(),
                    lifetime=self.lifetime,
                )
            )
        prefix = "" if for_us else f"{GRAPH}/"
        found: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(prefix + name for name in names),
            "expires_in": int(self.lifetime),
            "access_token": token,
        }
        if "offline_access" in scopes:
            refresh = secrets.token_urlsafe(32)
            self._refresh[refresh] = _Grant(oid, app.client_id, scopes)
            found["refresh_token"] = refresh
        if "openid" in scopes:
            found["id_token"] = self._id_token(app, person, base, tenant, nonce)
        client_info = json.dumps({"uid": oid, "utid": self._home(tenant)}).encode()
        found["client_info"] = base64.urlsafe_b64encode(client_info).decode().rstrip("=")
        return found

    def own_token(self, audience: str, scopes: list[str], person: Person, base: str, tenant: str) -> str:
        """An access token for one of our own apps."""
        return self.signer.sign(
            self._claims(audience, person, base, tenant) | {"scp": " ".join(scopes), "azp": audience}
        )

    def _id_token(self, app: App, person: Person, base: str, tenant: str, nonce: str) -> str:
        claims = self._claims(app.client_id, person, base, tenant)
        return self.signer.sign(claims | ({"nonce": nonce} if nonce else {}))

    def _claims(self, audience: str, person: Person, base: str, tenant: str) -> dict[str, Any]:
        at = int(self._clock())
        return {
            "aud": audience,
            "iss": self.issuer(base, self._home(tenant)),
            "iat": at,
            "nbf": at,
            "exp": at + int(self.lifetime),
            "oid": person.oid,
            "sub": hashlib.sha256(f"{person.oid}{audience}".encode()).hexdigest()[:43],
            "tid": self._home(tenant),
            "uti": uuid.uuid4().hex,
            "name": person.name,
            "preferred_username": person.upn,
            "ver": "2.0",
        }

    def _home(self, tenant: str) -> str:
        return tenant if tenant in self.tenants else TENANT


def _form(action: str, fields: dict[str, str]) -> bytes:
    """A page that posts the answer on, as a browser finds it with `form_post`."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(fields[name])}">' for name in fields)
    form = f'<form method="post" action="{html.escape(action)}">{inputs}<button>Continue</button></form>'
    return f"<!doctype html><title>Sign in</title>{form}<script>document.forms[0].submit()</script>".encode()
