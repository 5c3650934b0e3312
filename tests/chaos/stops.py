"""Stop means stop: who asked for it, from when on the ledger knew, and what was claimed for them all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from server.domain.message import Message
from server.domain.words import ChannelName
from server.ports import Ledger

Whom = tuple[str, ChannelName]
"""An address on a channel."""


@dataclass
class Stops:
    """The rig's own book about those who asked to be left alone, or whose address is dead."""

    ledger: Ledger
    said: dict[str, Whom] = field(default_factory=dict)
    """Event id -> whom it is about."""
    known: dict[Whom, datetime] = field(default_factory=dict)
    """When the rig saw it stand in the ledger: a claim that begins later has to see it too."""

    def look(self, accepted: Collection[str]) -> None:
        """Which of the stops that our web server took stand in the ledger by now."""
        for event_id, whom in list(self.said.items()):
            if event_id in accepted and whom not in self.known and self.ledger.suppressions.stands(*whom):
                self.known[whom] = datetime.now(UTC)

    def faults(self, accepted: Collection[str]) -> Iterator[str]:
        """Stops that were taken and forgotten."""
        for event_id, whom in self.said.items():
            if event_id in accepted and whom not in self.known:
                yield f"{event_id} was taken, and {whom[0]} may be written to"

    def broken(self, channel: ChannelName, messages: Iterable[Message]) -> Iterator[str]:
        """Messages that were claimed when their address was known not to be written to."""
        for message in messages:
            since = self.known.get((message.address, channel))
            if since and message.claimed_at and message.claimed_at > since:
                yield f"{message.address} was written to at {message.claimed_at}, and had asked not to be by {since}"
