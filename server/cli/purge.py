"""`purge`: personal data leaves."""

from __future__ import annotations

import sys
from datetime import timedelta

from server.config import load_settings
from server.errors import InvalidInput
from server.services import build


def purge(days: int | None) -> int:
    """Remove texts, addresses and replies of campaigns that ended so long ago; counts stay. Raises InvalidInput."""
    services = build(load_settings())
    keep = services.settings.purge_days if days is None else days
    if keep < 0:
        raise InvalidInput("--days can't be below 0.")
    try:
        emptied = services.purge(services.clock.now() - timedelta(days=keep))
    finally:
        services.close()
    sys.stderr.write(f"Texts and addresses of {emptied} messages are gone; counts and opt-outs stay.\n")
    return 0
