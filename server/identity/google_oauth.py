"""A person's own permission for work in the background: where they give it, what we get for it, and its renewal."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from server.errors import NotAllowed, SignInAgain, TemporaryError

TIMEOUT = (5, 30)
AGAIN = "Google no longer lets Cellback work on this sheet. Open Cellback in the sheet and sign in with Google again."


@dataclass(frozen=True, slots=True)
class Grant:
    """What Google gave for a permission. Neither token may ever be shown or logged."""

    refresh_token: str = field(repr=False)
    identity_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GoogleOAuth:
    """One OAuth client of type "Web application"."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    auth_url: str
    token_url: str
    redirect_url: str

    def address(self, state: str, verifier: str, person: str) -> str:
        """Where the person says yes. `verifier` (PKCE, RFC 7636) stays here; only its digest goes along."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_url,
            "response_type": "code",
            "scope": f"openid email {self.scope}",
            "access_type": "offline",
            "prompt": "consent",  # else Google gives no refresh token to those who said yes before
            "login_hint": person,
            "state": state,
            "code_challenge": digest,
            "code_challenge_method": "S256",
        }
        return f"{self.auth_url}?{urlencode(query)}"

    def exchange(self, code: str, verifier: str) -> Grant:
        """What the code that came back is worth. Raises NotAllowed, TemporaryError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": self.redirect_url,
            "code_verifier": verifier,
        }
        try:
            answer = requests.post(self.token_url, data=form, timeout=TIMEOUT, allow_redirects=False)
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise TemporaryError(
                "Google did not answer. Close this window and try again.", detail=type(error).__name__
            ) from None
        if answer.status_code >= 500:
            raise TemporaryError("Google did not answer. Close this window and try again.")
        if answer.status_code != 200 or not isinstance(found, dict):
            raise NotAllowed("Google did not accept this sign-in. Close this window and start again in the panel.")
        if self.scope not in str(found.get("scope", "")).split():
            raise NotAllowed("You did not permit Cellback to work on your sheet. Start again, and tick that box.")
        refresh, identity = found.get("refresh_token"), found.get("id_token")
        if not isinstance(refresh, str) or not isinstance(identity, str):
            raise NotAllowed("Google gave no lasting permission. Close this window and start again in the panel.")
        return Grant(refresh, identity)

    def credentials(self, refresh_token: str, ended: Callable[[], object]) -> Credentials:
        """For calls in that person's name; renewed silently. `ended` is called once when Google takes it back."""
        return _Permission(self, refresh_token, ended)


class _Permission(Credentials):
    """Google's own, with our errors."""

    def __init__(self, oauth: GoogleOAuth, refresh_token: str, ended: Callable[[], object]) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=refresh_token,
            token_uri=oauth.token_url,
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
        )
        self._ended = ended

    def refresh(self, request: object) -> None:
        """A fresh access token. Raises SignInAgain when the permission has ended, TemporaryError without an answer."""
        try:
            super().refresh(request)  # type: ignore[no-untyped-call]
        except RefreshError as error:
            told = error.args[1] if len(error.args) > 1 else None
            if not isinstance(told, dict) or told.get("error") != "invalid_grant":  # ours to mend, or Google's
                said = str(told.get("error"))[:80] if isinstance(told, dict) else "no JSON"
                raise TemporaryError(
                    "Google did not renew the permission to work on this sheet. It is tried again.", detail=said
                ) from None
            self._ended()
            raise SignInAgain(AGAIN, detail="refresh token refused") from None
        except TransportError:
            raise TemporaryError("Google did not answer. It is tried again.") from None
