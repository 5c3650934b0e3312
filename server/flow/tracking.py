"""delivery event -> where the message stands."""

from __future__ import annotations

from server.domain.machine import Delivery
from server.domain.message import Message
from server.domain.reply import DeliveryEvent
from server.domain.routes import way_of
from server.domain.words import DeliveryStatus, SuppressionReason
from server.ports import Ledger


def find_message(*, ledger: Ledger, provider: str, token: str, provider_id: str) -> Message | None:
    """The message that an event is about: by our token, else by the provider's id."""
    found = ledger.messages.by_token(token) if token else None
    if found is None and provider_id:
        found = ledger.messages.by_provider_id(provider, provider_id)
    return found


def track(*, ledger: Ledger, provider: str, event: DeliveryEvent) -> Message | None:
    """Record a provider's report, in any order and any number of times; the message that it is about, or None.

    A permanent bounce blocks the address on that channel, a complaint blocks it on all.
    """
    message = find_message(ledger=ledger, provider=provider, token=event.token, provider_id=event.provider_id)
    if message is None:
        return None
    ledger.messages.move(message.id, Delivery(event.status, _note(event), event.provider_id))
    channel = way_of(ledger.campaigns.get(message.campaign_id).plan, message).channel
    if event.status is DeliveryStatus.COMPLAINED:
        ledger.suppressions.add(message.address, None, SuppressionReason.COMPLAINT)
    elif event.status is DeliveryStatus.BOUNCED and event.permanent:
        ledger.suppressions.add(message.address, channel, SuppressionReason.BOUNCE)
    return message


def _note(event: DeliveryEvent) -> str:
    detail = " ".join(event.detail.split())[:200]
    if event.status is DeliveryStatus.BOUNCED:
        what = "Bounced" if event.permanent else "Bounced for now"
        return f"{what}: {detail}." if detail else f"{what}."
    if event.status is DeliveryStatus.FAILED:
        return f"Not delivered: {detail}." if detail else "Not delivered."
    if event.status is DeliveryStatus.COMPLAINED:
        return "Reported as spam: this address will not be written to again."
    return ""
