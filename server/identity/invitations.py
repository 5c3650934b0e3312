"""Further addresses of the desk, each for a named person with a role: signed words, kept nowhere. No web here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from server.errors import InvalidInput
from server.identity.people import PersonRole, role_of

LONGEST_NAME = 60
"""Characters of a name."""

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody with an address of the desk of their own, until that moment (aware)."""

    name: str
    role: PersonRole
    until: datetime


class Invitations:
    """Makes and reads them. They end with the access token and with the secret key, for both sign them."""

    def __init__(self, secret: str, access_token: str) -> None:
        digest = hashlib.sha256(access_token.encode()).hexdigest()
        self._signer = URLSafeSerializer(
            secret,
            salt=f"cellback.desk.invitation.{digest}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(self, name: str, role: PersonRole, days: int, now: datetime) -> str:
        """The word for that person. Raises InvalidInput for a name that nobody could read, or too many days."""
        clean = " ".join(name.split())
        if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
            raise InvalidInput(
                f"“{clean[:LONGEST_NAME]}” can't be shown as a name: 1 to {LONGEST_NAME} letters, in one line.",
                field="name",
            )
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidInput(f"An invitation lasts 1 to {LONGEST_DAYS} days, not {days}.", field="days")
        until = int((now + timedelta(days=days)).timestamp())
        return str(self._signer.dumps([clean, role.word, until]))

    def read(self, word: str, now: datetime) -> Invited | None:
        """Whose it is; None for any other text, and once its days are over."""
        try:
            name, role, until = self._signer.loads(word)
        except (BadData, RecursionError):
            return None
        found = Invited(name, role_of(role), datetime.fromtimestamp(until, UTC))
        return found if now < found.until else None
