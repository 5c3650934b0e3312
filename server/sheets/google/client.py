"""Calls to the Sheets API: time limits, tries with an end, the budget, and errors that say what to do.

gspread's own back-off client never gives up, waits for no `Retry-After`, leaves HTML errors alone and repeats writes
blindly (facts/google-sheets.md, section 2); so its client is used for one thing, the call itself.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_URL

from server.errors import CellbackError, PermanentError
from server.ports import Budget
from server.sheets.google import sentences

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
TOKEN_SECONDS = 30.0
TRIES = 6
LONGEST_WAIT = 32.0
"""Seconds: Google advises 32 to 64 at most (usage limits)."""
QUARTER = 15.0
"""A used up quota is full again within a minute: worth another look after a part of it."""
HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "cellback (gzip)"}

Kind = Literal["read", "write"]
Json = dict[str, Any]


class WriteInDoubt(Exception):
    """The request left and its answer was lost: look by key before writing again."""


class Client(HTTPClient):
    """Calls for one account. Safe to use from many threads.

    `base_url` is the only host that ever gets its token. `patience` is how many seconds of waiting a caller bears
    before the sheet is called unavailable.
    """

    def __init__(
        self,
        credentials: Credentials,
        budget: Budget,
        *,
        base_url: str,
        patience: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(None, requests.Session())  # type: ignore[arg-type]
        self.set_timeout((CONNECT_SECONDS, READ_SECONDS))
        self.address = str(getattr(credentials, "service_account_email", "") or "")
        self.budget = budget
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._patience = patience
        self._sleep = sleep
        self._signing = threading.Lock()
        self._sessions = threading.local()

    def call(self, kind: Kind, spreadsheet: str, verb: str, body: Json | None, **params: str) -> Json:
        """Ask `spreadsheets/<spreadsheet><verb>` (POST with a body, else GET) and return the answer.

        Raises WriteInDoubt for a write whose answer was lost, SheetUnavailable, PermanentError, NotFound.
        """
        until = time.monotonic() + self._patience
        renewed, waited = False, ""
        for attempt in range(TRIES):
            self.budget.take(kind)
            status, found, after = self._once(spreadsheet, verb, body, params)
            if status == 200 and found is not None:
                return found
            error = _error(found)
            if status == 401 and not renewed:
                renewed = True
                self._renew()
                continue
            busy = status == 429 or error.get("status") == "RESOURCE_EXHAUSTED"
            lost = status in {0, 200, 408} or status >= 500 or (300 <= status < 400)
            if lost and kind == "write":
                raise WriteInDoubt
            if not busy and not lost and status != -1:
                raise sentences.refused(status, error, self.address, write=kind == "write")
            wait = max(after or 0.0, random.uniform(0.0, min(LONGEST_WAIT, 2.0**attempt)))
            if busy:
                self.budget.hold(wait)
            waited = sentences.BUSY if busy else sentences.AWAY
            if attempt == TRIES - 1 or time.monotonic() + wait > until:
                break
            log.info("google waits status=%s attempt=%d", status, attempt + 1)
            self._sleep(wait)
        retry = max(after or 0.0, QUARTER) if waited == sentences.BUSY else after
        raise sentences.unavailable(f"{waited} Nothing is lost: it is tried again.", retry, f"status {status}")

    def _once(
        self, spreadsheet: str, verb: str, body: Json | None, params: Mapping[str, str]
    ) -> tuple[int, Json | None, float | None]:
        """Status (0: no answer, -1: never left), the answer if it is JSON, and the seconds of Retry-After."""
        try:
            answer = self.request(
                "GET" if body is None else "POST",
                SPREADSHEET_URL % spreadsheet + verb,
                params={"prettyPrint": "false", "alt": "json", **params},
                json=body,
            )
        except APIError as error:
            answer = error.response
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            return -1, None, None
        except requests.RequestException as error:
            never = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
            return (-1 if never else 0), None, None
        try:
            found = answer.json()
        except ValueError:
            found = None
        return answer.status_code, found if isinstance(found, dict) else None, _seconds(answer.headers)

    def request(
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Any = None,
    ) -> requests.Response:
        """One call, at our host whatever gspread's own is. Raises gspread's APIError, and what requests raises."""
        answer = self._session().request(
            method,
            f"{self._base_url}{urlsplit(endpoint).path}",
            params=params,
            data=data,
            json=json,
            files=files,
            headers={**(headers or {}), **HEADERS, "Authorization": f"Bearer {self._token()}"},
            timeout=self.timeout,
            allow_redirects=False,
        )
        if answer.ok:
            return answer
        raise APIError(answer)

    def _session(self) -> requests.Session:
        """One connection pool a thread: a requests session is not made for several."""
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
        return session

    def _token(self) -> str:
        """A token that is good for now. Not by `before_request`: that also asks another host about the account."""
        with self._signing:
            if not self._credentials.valid:
                self._refresh()
            return str(self._credentials.token)

    def _renew(self) -> None:
        with self._signing:
            self._refresh()

    def _refresh(self) -> None:
        def ask(*args: Any, **kwargs: Any) -> Any:
            return Request(self._session())(*args, **{**kwargs, "timeout": TOKEN_SECONDS})

        try:
            self._credentials.refresh(ask)  # type: ignore[no-untyped-call]
        except CellbackError:
            raise
        except RefreshError as error:
            if error.retryable:
                raise sentences.unavailable(sentences.AWAY, None, "token not renewed") from None
            raise revoked(self.address) from None
        except (GoogleAuthError, requests.RequestException, OSError) as error:
            raise sentences.unavailable(sentences.AWAY, None, f"token: {type(error).__name__}") from None


def revoked(address: str) -> PermanentError:
    """Google renews our token no more (`invalid_grant`): the key was deleted, or a person took the permission back."""
    who = f"the key of {address}" if address else "the permission that was given to Cellback"
    how = (
        "Ask the operator for a new one."
        if address
        else "Open Cellback in the spreadsheet and sign in with Google again."
    )
    return PermanentError(
        f"Google no longer accepts {who}. {how}", whole_campaign=True, detail="token refused (invalid_grant)"
    )


def _error(found: Json | None) -> Json:
    error = (found or {}).get("error")
    return error if isinstance(error, dict) else {}


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; Google sends no dates there."""
    try:
        return max(0.0, min(float(headers.get("Retry-After", "")), 600.0))
    except ValueError:
        return None
