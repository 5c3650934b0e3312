"""delivery event -> where the message stands."""

from __future__ import annotations

from server.domain.campaign import Campaign
from server.domain.machine import Delivery, Noted, Rerouted
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.reply import DeliveryEvent, Interpretation
from server.domain.routes import instead, later, mark, way_of
from server.domain.words import CampaignState, DeliveryStatus, Flag, MessageState, Outcome, SuppressionReason
from server.errors import TemporaryError
from server.flow.stepping import answer_stop
from server.ports import Ledger

FOR_ANOTHER = "A copy of it, or what was forwarded of it, bounced: not the address of this row."

BAD = frozenset({DeliveryStatus.FAILED, DeliveryStatus.BOUNCED})


def find_message(*, ledger: Ledger, provider: str, token: str, provider_id: str) -> Message | None:
    """The message that an event is about: by our token, else by the provider's id."""
    found = ledger.messages.by_token(token) if token else None
    if found is None and provider_id:
        found = ledger.messages.by_provider_id(provider, provider_id)
    return found


def track(*, ledger: Ledger, provider: str, event: DeliveryEvent) -> Message | None:
    """Record a provider's report, in any order and any number of times; the message that it is about, or None.

    A permanent bounce, and a wish for no more messages, block the address on that channel, a complaint blocks it on
    all. Where nobody of that address is on the channel at all, the message is to be drafted for the next way of its
    plan; a fault that every other message meets pauses the campaign. Raises TemporaryError for a report that
    nobody is there which was faster than the receipt.
    """
    message = find_message(ledger=ledger, provider=provider, token=event.token, provider_id=event.provider_id)
    if message is None:
        return None
    campaign = ledger.campaigns.get(message.campaign_id)
    plan = campaign.plan
    if _is_of_an_earlier_way(message, provider, event) or _rerouted(ledger, plan, message, event):
        return message
    if _is_of_somebody_else(message, event):
        ledger.messages.move(message.id, Noted(FOR_ANOTHER))
        return message
    if _is_of_a_copy(message, event):
        return message
    ledger.messages.move(message.id, Delivery(event.status, _told(event), event.provider_id))
    channel = way_of(plan, message).channel
    if event.whole_campaign and event.status in BAD:
        _stop(ledger, campaign, message, event)
    if event.status is DeliveryStatus.COMPLAINED:
        ledger.suppressions.add(message.address, None, SuppressionReason.COMPLAINT)
    elif event.opted_out:
        ledger.suppressions.add(message.address, channel, SuppressionReason.OPT_OUT)
        told = Interpretation(Outcome.OPT_OUT, {}, "", 1.0, Flag.SURE, "Told the provider to get no more messages.")
        answer_stop(ledger=ledger, message=message, reading=told)
    elif event.status is DeliveryStatus.BOUNCED and event.permanent:
        ledger.suppressions.add(message.address, channel, SuppressionReason.BOUNCE)
    return message


def _is_of_somebody_else(message: Message, event: DeliveryEvent) -> bool:
    """A mail to whoever got a copy, or to whom it was forwarded, came back: our own recipient may well have it, and
    their address must not be blocked for another one."""
    theirs, ours = event.address.casefold(), message.address.casefold()
    return (
        event.status in BAD and "@" in theirs and "@" in ours and theirs.isascii() == ours.isascii() and theirs != ours
    )


def _is_of_a_copy(message: Message, event: DeliveryEvent) -> bool:
    """What somebody does with their copy, which bears the same token, is not done by the row's person."""
    theirs = event.address.casefold()
    return theirs != message.address.casefold() and theirs in {copy.casefold() for copy in message.extras.cc}


def _is_of_an_earlier_way(message: Message, provider: str, event: DeliveryEvent) -> bool:
    """A bad word about a send that failed on another channel before this one: it is known already."""
    if not message.unreached or not (event.status in BAD or event.elsewhere):
        return False
    if message.state is MessageState.CHOSEN or provider != (message.provider or provider):
        return True
    return bool(event.provider_id and message.provider_id and event.provider_id != message.provider_id)


def _rerouted(ledger: Ledger, plan: Plan, message: Message, event: DeliveryEvent) -> bool:
    left = later(plan, message) if event.elsewhere else ()
    if not left:
        return False
    if message.state is MessageState.SENDING:
        raise TemporaryError("This report is about a message whose receipt is not here yet.")
    here = way_of(plan, message).channel
    gone = Rerouted(mark(here, message.address), instead(here, left[0].channel))
    return ledger.messages.move(message.id, gone) is not None


def _stop(ledger: Ledger, campaign: Campaign, message: Message, event: DeliveryEvent) -> None:
    """Providers find some faults of the account only after they took a message: the next ones wait for a person. What
    was sent before somebody pressed Send again says nothing about the time since."""
    since = campaign.begun_at
    if campaign.state is CampaignState.SENDING and (since is None or (message.sent_at or since) >= since):
        ledger.campaigns.move(campaign.id, CampaignState.PAUSED, note=_note(event))


_WHAT_TO_DO = {
    DeliveryStatus.BOUNCED: "Correct the address, and write to this row in a new campaign.",
    DeliveryStatus.FAILED: "Mend what it says, then type Retry.",
}


def _told(event: DeliveryEvent) -> str:
    """What happened, for the row's own cell, and what its organiser can do."""
    note = _note(event)
    more = _WHAT_TO_DO.get(event.status, "") if event.permanent else ""
    return f"{note} {more}" if note and more else note


def _note(event: DeliveryEvent) -> str:
    detail = " ".join(event.detail.split())[:200].removesuffix(".")
    if event.status is DeliveryStatus.BOUNCED:
        what = "Bounced" if event.permanent else "Bounced for now"
        return f"{what}: {detail}." if detail else f"{what}."
    if event.status is DeliveryStatus.FAILED:
        return f"Not delivered: {detail}." if detail else "Not delivered."
    if event.status is DeliveryStatus.COMPLAINED:
        return "Reported as spam: this address will not be written to again."
    return ""
