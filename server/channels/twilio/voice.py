"""Calls over Twilio: a voice reads the text out and takes an answer by keypad."""

from __future__ import annotations

from datetime import datetime

from server.channels.twilio import events, hearing, speech, standing
from server.channels.twilio.account import BEFORE, Twilio, day_and_time
from server.domain.choices import MOST
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import Event
from server.domain.words import ChannelName
from server.errors import PermanentError

RING_SECONDS, LONGEST_SECONDS = 30, 600
"""How long it rings, and how long a call may last at all: a line that nobody hangs up costs money."""
PER_SECOND = 1.0
"""Calls that an account may begin in a second, unless Twilio grants more (twilio.com/docs/voice/api/call-resource)."""


class TwilioVoice(Twilio):
    """Calls over Twilio. What a machine answers is told as such, and is not delivered."""

    name = ChannelName.VOICE

    def limits(self) -> Limits:
        """One call a second unless configured; keys only where Twilio can reach us to tell which was pressed."""
        keys, pace = bool(self._public_url), self._per_second or PER_SECOND
        choices = MOST if keys else 0
        return Limits(per_second=pace, longest=speech.LONGEST, choices=choices, buttons=keys, ours=self._ours)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Have the call made, once. Raises TemporaryError, PermanentError, SendInDoubt."""
        keys = self._callback(outgoing.token, hearing.call_query(outgoing.language, outgoing.choices))
        form = {
            "To": outgoing.address,
            "From": self._sender,
            "Twiml": speech.call(outgoing.text, outgoing.language, outgoing.choices, keys),
            "MachineDetection": "DetectMessageEnd",  # what is left on a machine is the whole text
            "Timeout": str(RING_SECONDS),
            "TimeLimit": str(LONGEST_SECONDS),
        }
        if callback := self._callback(outgoing.token):
            form["StatusCallback"] = callback
        return await self._hand_over("Calls", form)

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        """Look for it among the calls to this person lately: of calls Twilio lists no words. Raises TemporaryError,
        PermanentError."""
        return await self._settled("Calls", outgoing, [outgoing.address], lambda _: True)

    async def missed(self, since: datetime) -> list[Event]:
        """How our calls ended; which key was pressed Twilio does not list. Raises TemporaryError, PermanentError."""
        made = {"StartTime>": day_and_time(since - BEFORE), "From": self._sender}
        return await self._gone_by("Calls", [made], events.listed_call)

    async def check(self) -> None:
        """See that account and number may call. Raises TemporaryError, PermanentError."""
        self.caution = await standing.of_account(self._ask, self._account)
        if not self._sender.startswith("+"):
            raise PermanentError(
                "Calls need a number: set TWILIO_VOICE_FROM, as a messaging service or a name can't call.",
                whole_campaign=True,
            )
        self.caution = await standing.of_number(self._ask, self._account, self._sender, "voice") or self.caution
