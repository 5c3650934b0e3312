"""`invite`: prints an address of the desk for one more person, who gets a name and a role there."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from server.config import load_settings
from server.identity.invitations import Invitations
from server.identity.people import role_of
from server.local.services import running


def invite(name: str, role: str, days: int) -> int:
    """Print the address on standard output. Raises ConfigError, InvalidInput."""
    settings = load_settings()
    invitations = Invitations(settings.secret(), settings.access_token())
    word = invitations.make(name, role_of(role), days, datetime.now(UTC))
    here = running(settings)
    base_url = settings.public_base_url or (here["base_url"] if here else "") or settings.base_url
    sys.stderr.write(
        f"Whoever opens this address is {' '.join(name.split())}, {role}, for {days} days. Give it to nobody else.\n"
    )
    sys.stderr.flush()
    sys.stdout.write(f"{base_url}/?token={word}\n")
    sys.stdout.flush()
    return 0
