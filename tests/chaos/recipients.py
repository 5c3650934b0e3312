"""The people who get the messages: they read, answer (some twice), are not there any more, or want no more messages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from server.channels.mailbox import Mail
from server.channels.outbox import Recipient
from server.domain.words import ChannelName
from tests.chaos.postman import Event, Postman
from tests.chaos.stops import Stops
from tests.chaos.thinking import ORDERS

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

STOP = "Please stop writing to me. Ref {ref}"
REPLIES = (
    "Yes, I am available. Ref {ref}",
    "No, sorry, I am not available. Ref {ref}",
    "Yes. Ref {ref}",
    "Could you tell me where the start is? Ref {ref}",
    "I am away until Monday. Ref {ref}",
    STOP,
)
ATTACKERS = 0.12
"""Their share among the answers, where a model reads."""
FORGED = "FORGED"
"""Stands in whatever is posted without the right signature."""


class Recipients:
    """All of them, in one round. `refs` holds the message that each answer is to: each has a number of its own.

    Those in `bare` came without a token: nothing but the address tells which message of that person they answer. Those
    in `orders` want a model to do their will.
    """

    def __init__(self, rig: Driver) -> None:
        self._rig = rig
        self._fate = random.Random(f"{rig.seed}-people")
        self._seen: set[str] = set()
        self.refs: dict[str, str] = {}
        self.bare: set[str] = set()
        self.orders: set[str] = set()
        self.stops = Stops(rig.world.ledger)
        base, services = rig.world.settings.base_url, rig.world.services
        forger = Recipient(
            services.mailbox, "somebody else's secret, not the installation's", f"{base}/webhooks/outbox"
        )
        self.postman = Postman(services.recipient_at(base), forger, base)

    def act(self) -> None:
        """What they do with the messages that have reached them since; and what came of their wish to be left alone."""
        self.stops.look(self.postman.accepted)
        if self._fate.random() > 0.25:
            return
        batch: list[Event] = []
        for mail in self._rig.mails():
            if mail.id not in self._seen:
                self._seen.add(mail.id)
                batch += self._events(mail)
        self._fate.shuffle(batch)
        while batch:
            size = self._fate.randint(1, 5)
            bag, batch = batch[:size], batch[size:]
            for _ in range(2 if self._fate.random() < 0.3 else 1):
                self.postman.post(bag)
            if self._fate.random() < 0.1:
                self.postman.forge({**bag[0], "id": f"{FORGED}-{bag[0]['id']}", "text": f"{FORGED}. {STOP}"})
        self._unsubscribe()

    def _events(self, mail: Mail) -> Iterator[Event]:
        about = {"mail": mail.id, "token": mail.token, "address": mail.address, "at": mail.at.isoformat()}
        if self._fate.random() < 0.7:
            yield {"id": f"delivered:{mail.id}", "type": "delivered", **about}
        if self._fate.random() < 0.4:
            yield {"id": f"opened:{mail.id}", "type": "opened", **about}
        if self._fate.random() < 0.05:
            self.stops.said[f"bounced:{mail.id}"] = (mail.address, ChannelName.OUTBOX)
            yield {"id": f"bounced:{mail.id}", "type": "bounced", **about}
        for _ in range(self._fate.choice((0, 1, 1, 1, 2))):
            yield self._answer(mail)

    def _answer(self, mail: Mail) -> dict[str, Any]:
        ref = f"{mail.address.partition('@')[0].upper()}-{self._rig.folder.name}{len(self.refs):05d}"
        self.refs[ref] = mail.message_id
        known = {} if self._fate.random() < 0.15 else {"mail": mail.id, "token": mail.token}
        if not known:
            self.bare.add(ref)
        words = self._fate.choice(REPLIES)
        if self._rig.world.model is not None and self._fate.random() < ATTACKERS:
            words = self._fate.choice(ORDERS)
            self.orders.add(ref)
        if words == STOP:
            self.stops.said[f"answer:{ref}"] = (mail.address, ChannelName.OUTBOX)
        return {
            "id": f"answer:{ref}",
            "type": "answer",
            "address": mail.address,
            "text": words.format(ref=ref),
            "subject": "Re: Your start",
            "headers": {"auto-submitted": "auto-replied"} if "away" in words else {},
            **known,
        }

    def _unsubscribe(self) -> None:
        """Some who got a mail press the button that their mail program makes of its List-Unsubscribe header."""
        for show in self._rig.shows:
            for one in self._rig.left(show) if show.channel is ChannelName.EMAIL else ():
                if one.message_id in self._seen:
                    continue
                self._seen.add(one.message_id)
                if self._fate.random() < 0.1:
                    event_id = f"unsubscribe:{one.message_id}"
                    self.stops.said[event_id] = (one.address, ChannelName.EMAIL)
                    self.postman.unsubscribe(event_id, self._rig.world.ledger.messages.get(one.message_id).token)
