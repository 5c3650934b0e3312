"""Stored events, each taken to its row."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from jobs import context, worker
from server.errors import InvalidInput, TemporaryError
from server.flow import receiving, sweeping
from server.queue import INTERPRET, RECEIVE, SYNC

log = logging.getLogger("jobs.receiving")

LEASE = "receive"
LEASE_SECONDS = 30.0
AT_ONCE = 200
"""Events between two looks at what else came in."""
LASTS = 20.0
"""Seconds until others get their turn on this queue; what is left is asked for again."""


def receive() -> None:
    """Take what waits in the inbox to its rows, in the order it came.

    One job for all: a queue's own work for a job is more than what an event needs. One worker at a time, so that no
    event is processed twice at once; another one that is woken meanwhile may go: whoever holds the lease looks again
    after giving it back.
    """
    leases, stuck, end = context.services().ledger.leases, set[str](), time.monotonic() + LASTS
    while _waiting(stuck):
        if not leases.take(LEASE, context.owner(), LEASE_SECONDS):
            return
        try:
            fresh = _waiting(stuck)  # looked at again: another worker may just have done them
            news = dict.fromkeys(campaign for event_id in fresh for campaign in _receive(event_id))
        finally:
            leases.release(LEASE, context.owner())
        stuck.update(fresh)
        for campaign_id in news:
            context.wake(SYNC, campaign_id)
        if worker.stopping() or time.monotonic() > end:
            context.wake(RECEIVE)
            return


def _waiting(stuck: set[str]) -> list[str]:
    """Events to take up; of those that were, only what still waits stays in `stuck`."""
    services = context.services()
    found = sweeping.to_receive(services.ledger, services.providers, AT_ONCE + len(stuck))
    stuck.intersection_update(found)
    return [event_id for event_id in dict.fromkeys(found) if event_id not in stuck][:AT_ONCE]


def _receive(event_id: str) -> Iterator[str]:
    """One event; the campaigns whose sheets have news by it. One that fails keeps none of the others waiting."""
    services = context.services()
    try:
        received = context.run(
            receiving.receive(
                ledger=services.ledger, clock=services.clock, channel_of=services.channel_for, event_id=event_id
            )
        )
    except (TemporaryError, InvalidInput) as error:  # its provider may not be set up just now
        log.info("event waits", extra={"event": event_id, "why": error.sentence})
    except Exception:
        log.exception("event waits", extra={"event": event_id})
    else:
        if received.reply_id:
            context.wake(INTERPRET, received.reply_id)
        yield from received.campaign_ids
