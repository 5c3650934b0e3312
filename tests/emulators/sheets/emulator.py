"""The emulator: state, gates (sign-in, quota, faults, the other person) and the server, in one handle for tests."""

from __future__ import annotations

import json
import random
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.sheets import access, discovery, service
from tests.emulators.sheets.auth import Auth, OAuthError, ServiceAccount
from tests.emulators.sheets.calls import Call, Calls
from tests.emulators.sheets.doubts import Doubts
from tests.emulators.sheets.errors import ApiError, violations
from tests.emulators.sheets.faults import HTML, Fault, Faults
from tests.emulators.sheets.http import Answer, Request, Respond, Server
from tests.emulators.sheets.identity import Identity
from tests.emulators.sheets.quota import Quota, exhausted
from tests.emulators.sheets.workbook import Rows, Workbook

JSON = {"Content-Type": "application/json; charset=UTF-8"}
PAGE = {"Content-Type": "text/html; charset=UTF-8"}
Hook = Callable[[Call, Workbook | None], None]
"""Called before a call has its effect, while nothing else happens; the call it precedes and its spreadsheet."""


class Emulator:
    """Google Sheets on a loopback port.

        with Emulator() as google:
            account = google.service_account()
            book = google.spreadsheet("Contest", {"Contestants": rows}, share={account.email: "writer"})
            ... GOOGLE_SHEETS_BASE_URL = google.url, key file = account.write(path)

    `clock` gives seconds since 1970, for tokens; `quota` has a clock of its own. `lock` is held while a call has its
    effect: a test that changes the grid by hand while calls go on takes it too.
    """

    def __init__(self, *, port: int = 0, quota: Quota | None = None, clock: Callable[[], float] = time.time) -> None:
        self.quota = quota or Quota()
        self.faults = Faults()
        self.doubts = Doubts()
        self.requests = Calls()
        self.identity = Identity(clock)
        self.auth = Auth(lambda: self.url, self.identity.token, clock)
        self.books: dict[str, Workbook] = {}
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self.routes: dict[str, Respond] = {}
        self.broken: list[str] = []
        """Tracebacks of calls that the emulator could not carry out through a fault of its own; it answered 500."""
        self.lock = threading.RLock()
        self._server = Server(self.respond, port)
        self._own = {
            "/token": self._token,
            "/revoke": self._revoke,
            "/o/oauth2/v2/auth": self._consent,
            "/o/oauth2/auth": self._consent,
            "/oauth2/v1/certs": lambda request: _json(self.identity.certificates(), headers=_CACHED),
            "/oauth2/v3/certs": lambda request: _json(self.identity.keys(), headers=_CACHED),
            "/oauth2/v3/userinfo": self._userinfo,
        }

    def __enter__(self) -> Emulator:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()
        if self.broken and error[0] is None:
            raise AssertionError("The emulator itself broke:\n" + "\n".join(self.broken))

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end: instead of https://sheets.googleapis.com."""
        return f"http://127.0.0.1:{self._server.port}"

    def spreadsheet(
        self,
        title: str = "Untitled spreadsheet",
        sheets: Mapping[str, Rows] | None = None,
        *,
        locale: str = "en_US",
        time_zone: str = "Etc/GMT",
        share: Mapping[str, str] | None = None,
        frozen: int = 0,
        height: int = 1000,
    ) -> Workbook:
        """A new spreadsheet with these sheets (title -> rows), shared with these accounts (address -> role).

        A grid of less `height` than Google's own is quicker to read: a column's format goes all the way down.
        """
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        number = "1" + "".join(random.choice(letters) for _ in range(43))
        book = Workbook(number, title, locale, time_zone, doubts=self.doubts)
        for name, rows in (sheets or {"Sheet1": []}).items():
            book.add_sheet(name, rows, frozen=frozen, height=height)
        for email, role in (share or {}).items():
            book.share(email, role)
        self.books[book.id] = book
        return book

    def service_account(self, name: str = "cellback") -> ServiceAccount:
        """A service account: `.email` to share with, `.info` and `.write(path)` for its key file."""
        return self.auth.service_account(name)

    def identity_token(self, *, email: str, audience: str, **claims: Any) -> str:
        """What ScriptApp.getIdentityToken() would give for that person; see `Identity.token`."""
        return self.identity.token(email=email, audience=audience, **claims)

    def route(self, prefix: str, respond: Respond) -> None:
        """Answer paths that start with `prefix` by a function of the test's (or stage's) own, outside quota and log."""
        self.routes[prefix] = respond

    def respond(self, request: Request) -> Answer:
        """An answer to any request: the API's, the sign-in's, or that of an added route."""
        own = self._own.get(request.path)
        if own is not None:
            try:
                return own(request)
            except OAuthError as error:
                return _json({"error": error.error, "error_description": error.description}, error.code)
        for prefix, respond in self.routes.items():
            if request.path.startswith(prefix):
                return respond(request)
        found = discovery.find(request.http, request.path)
        if found is None:
            return Answer(404, HTML.format(code=404).encode(), PAGE)
        return self._call(request, *found)

    def _call(self, request: Request, method: discovery.Method, path: dict[str, str]) -> Answer:
        name = path.get("spreadsheetId", "")
        call = Call(method.id.removeprefix("sheets."), request.http, request.path, method.kind, spreadsheet=name)
        with self.lock:
            call.at = time.monotonic()
            self.requests.log.append(call)
            call.fault = fault = self.faults.next(call.kind, call.method) or Fault()
        if fault.delay:
            self._server.closing.wait(fault.delay)
        broken = _broken(fault)
        if broken and not fault.after:
            return self._sent(call, self._refuse_at_gate(call, request, broken))
        answer = self._effect(call, request, method, path)
        return self._sent(call, broken if broken and call.applied else answer)

    def _refuse_at_gate(self, call: Call, request: Request, broken: Answer) -> Answer:
        """A fault before the effect: who calls is still looked at, and the person may still act."""
        with self.lock:
            try:
                call.account = self.auth.caller(request.headers.get("authorization")).email
            except ApiError as error:
                return _json(error.body(), error.code)
            for hook in self.before:
                hook(call, self.books.get(call.spreadsheet))
        return broken

    def _sent(self, call: Call, answer: Answer) -> Answer:
        call.status = 0 if answer.cut or answer.hang else answer.status
        return answer

    def _effect(self, call: Call, request: Request, method: discovery.Method, path: dict[str, str]) -> Answer:
        with self.lock:
            try:
                who = self.auth.caller(request.headers.get("authorization"))
                call.account = who.email
                if method.scopes and not who.scopes & method.scopes:
                    raise _SCOPES
                self.quota.take(who.email, who.project, method.kind)
                query = {**path, **discovery.check_query(method, request.query)}
                call.body = body = _body(request, method)
                book = self.books.get(call.spreadsheet)
                for hook in self.before:
                    hook(call, book)
                answer = self._perform(book, method, query, body, who)
                call.applied = True
                for hook in self.after:
                    hook(call, book)
                return _json(answer)
            except ApiError as error:
                call.message = error.message
                return _json(error.body(), error.code, error.headers)
            except Exception as error:
                self.broken.append("".join(traceback.format_exception(error)))
                return _json(ApiError(500, f"The emulator broke: {error!r}").body(), 500)

    def _perform(
        self, book: Workbook | None, method: discovery.Method, query: dict[str, Any], body: dict[str, Any],
        who: access.Caller,
    ) -> dict[str, Any]:  # fmt: skip
        if method.id == "sheets.spreadsheets.create":
            properties = body.get("properties", {})
            made = self.spreadsheet(properties.get("title", "Untitled spreadsheet"),
                                    locale=properties.get("locale", "en_US"), share={who.email: "owner"})  # fmt: skip
            return service.perform(made, _GET, {}, {}, who)
        if method.id not in service.ACTS:
            raise ApiError(501, f"The emulator does not know {method.id}.", status="UNIMPLEMENTED")
        return service.perform(access.check(book, who, method.kind), method, query, body, who)

    def _token(self, request: Request) -> Answer:
        with self.lock:
            broken = _broken(self.faults.next("token", "token") or Fault())
            if broken:
                return broken
            return _json(self.auth.token(request.form))

    def _revoke(self, request: Request) -> Answer:
        token = {**dict(request.query), **request.form}.get("token", "")
        with self.lock:
            if self.auth.revoke(token):
                return _json({})
        raise OAuthError(400, "invalid_token", "Token expired or revoked")

    def _consent(self, request: Request) -> Answer:
        with self.lock:
            return Answer(302, headers={"Location": self.auth.consent(dict(request.query))})

    def _userinfo(self, request: Request) -> Answer:
        try:
            who = self.auth.caller(request.headers.get("authorization"))
        except ApiError:
            return _json({"error": "invalid_request", "error_description": "Invalid Credentials"}, 401)
        return _json({"email": who.email, "email_verified": True})


_GET = discovery.find("GET", "/v4/spreadsheets/x")[0]  # type: ignore[index]
_CACHED = {"Cache-Control": "public, max-age=21600, must-revalidate, no-transform"}
_SCOPES = ApiError(
    403,
    "Request had insufficient authentication scopes.",
    details=[{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com"},
    }],
)  # fmt: skip


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), {**JSON, **(headers or {})})


def _broken(fault: Fault) -> Answer | None:
    if fault.hang or fault.reset:
        return Answer(cut=fault.reset, hang=fault.hang)
    if not fault.code:
        return None
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.html:
        return Answer(fault.code, HTML.format(code=fault.code).encode(), {**PAGE, **headers})
    words = {500: "Internal error encountered.", 503: "The service is currently unavailable."}
    error = exhausted() if fault.code == 429 else ApiError(fault.code, words.get(fault.code, "Backend error."))
    return _json(error.body(), fault.code, headers)


def _body(request: Request, method: discovery.Method) -> dict[str, Any]:
    if not method.request or not request.body:
        return {}
    try:
        given = json.loads(request.body, parse_constant=_refuse)
    except ValueError as error:
        raise violations([("", f"Invalid JSON payload received. {error}")]) from None
    return discovery.check_body(method.request, given if given is not None else {})


def _refuse(word: str) -> Any:
    raise ValueError(f"Unexpected token. {word}")
