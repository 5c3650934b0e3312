"""What one channel's webhooks may have lost: ask the provider."""

from __future__ import annotations

import logging

from jobs import context
from server.domain.words import ChannelName
from server.errors import InvalidInput, PermanentError, TemporaryError
from server.flow import catching_up
from server.queue import RECEIVE

log = logging.getLogger("jobs.catching_up")


def catch_up(channel: str, provider: str) -> None:
    """Store what the provider lists and we don't know; a fault waits for the next time."""
    services = context.services()
    try:
        found = context.run(
            catching_up.catch_up(
                ledger=services.ledger,
                clock=services.clock,
                channel=services.channel_for(ChannelName(channel), provider),
                owner=context.owner(),
            )
        )
    except (TemporaryError, PermanentError, InvalidInput) as error:
        log.warning(
            "channel does not list now",
            extra={"channel": channel, "provider": provider, "kind": type(error).__name__, "why": error.sentence},
        )
        return
    if found:
        log.info("events that no webhook brought", extra={"channel": channel, "provider": provider, "count": found})
        context.wake(RECEIVE)
