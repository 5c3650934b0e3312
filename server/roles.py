"""Who has which role, by the settings. The rules themselves are in `identity.people`; who asks is the web's matter."""

from __future__ import annotations

from server.config import Settings
from server.identity.people import People, PersonRole


def people(settings: Settings) -> People:
    """Those who may come in from Google and from Excel. CELLBACK_ALLOWED names senders, as it did before roles."""
    return People(
        {
            PersonRole.VIEWER: settings.viewers.split(),
            PersonRole.EDITOR: settings.editors.split(),
            PersonRole.SENDER: [*settings.allowed.split(), *settings.senders.split()],
        }
    )
