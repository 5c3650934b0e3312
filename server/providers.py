"""Which providers the settings switch on, and their channels. Part of the wiring: see `services.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.config import Settings
from server.domain.words import ChannelName
from server.errors import ConfigError
from server.ports import Channel

E, W, S, V = ChannelName.EMAIL, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.VOICE


@dataclass(frozen=True, slots=True)
class Known:
    """A channel that Cellback knows how to go over; `hint` says what to set for it."""

    name: ChannelName
    provider: str
    hint: str
    is_set: Callable[[Settings], bool]
    make: Callable[[Settings], Channel]


def ready(settings: Settings) -> Iterator[Channel]:
    """Channels of all providers that are set up, in the order of `KNOWN`. Raises ConfigError with all their faults."""
    faults: list[str] = []
    made = []
    for one in KNOWN:
        if one.is_set(settings):
            try:
                made.append(one.make(settings))
            except ConfigError as error:
                faults += error.faults
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    yield from made


def _smtp(settings: Settings) -> Channel:
    from server.channels.smtp import SmtpChannel

    return SmtpChannel(
        settings.smtp_url,
        settings.email_from,
        inbound_domain=settings.inbound_email_domain,
        base_url=settings.base_url,
    )


KNOWN: tuple[Known, ...] = (Known(E, "smtp", "Set SMTP_URL and EMAIL_FROM.", lambda s: bool(s.smtp_url), _smtp),)
"""The preferred provider of a channel first."""
