"""What SendGrid reports of a mail, in our words. Source: Twilio's "Event Webhook Reference" (2026)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from server.channels.fields import moment, text_of
from server.channels.said import said, secrets_of
from server.channels.sendgrid_mail import TOKEN
from server.domain.reply import DeliveryEvent, Event, UnknownEvent
from server.domain.words import DeliveryStatus

_STATUSES = {
    "processed": DeliveryStatus.ACCEPTED,
    "deferred": DeliveryStatus.ACCEPTED,  # it tries again by itself, for up to 72 hours
    "delivered": DeliveryStatus.DELIVERED,
    "bounce": DeliveryStatus.BOUNCED,
    "dropped": DeliveryStatus.FAILED,
    "open": DeliveryStatus.READ,
    "click": DeliveryStatus.READ,
    "spamreport": DeliveryStatus.COMPLAINED,
    "unsubscribe": DeliveryStatus.DELIVERED,
    "group_unsubscribe": DeliveryStatus.DELIVERED,
}
"""The provider's words -> ours."""
_DROPPED = {
    "bounced address": DeliveryStatus.BOUNCED,
    "invalid": DeliveryStatus.BOUNCED,
    "spam reporting address": DeliveryStatus.COMPLAINED,
}
"""Reasons for which SendGrid does not even try: it remembers what happened to an earlier mail."""
_OPTED_OUT = frozenset({"unsubscribe", "group_unsubscribe"})
_UNSUBSCRIBED = "unsubscribed address"


def read_event(event: Mapping[str, Any]) -> Event:
    """One event in our words; one that lacks what it needs is as unknown as one of a kind we don't know."""
    kind, address, token = text_of(event, "event"), text_of(event, "email"), text_of(event, TOKEN)
    event_id = text_of(event, "sg_event_id") or _digest(event)
    message_id = text_of(event, "sg_message_id").partition(".")[0]
    if kind not in _STATUSES or not (token or message_id):
        return UnknownEvent(event_id, name=said(kind, longest=60))
    reason = text_of(event, "reason")
    return DeliveryEvent(
        event_id=event_id,
        status=_status(event, kind, reason),
        token=token,
        provider_id=message_id,
        address=address,
        at=moment(event.get("timestamp")),
        detail=said(reason or text_of(event, "response"), *secrets_of(address)),
        permanent=_is_permanent(event, kind, reason),
        code=text_of(event, "status") or text_of(event, "bounce_classification"),
        opted_out=kind in _OPTED_OUT or (kind == "dropped" and reason.strip().lower() == _UNSUBSCRIBED),
    )


def _status(event: Mapping[str, Any], kind: str, reason: str) -> DeliveryStatus:
    if kind == "open" and event.get("sg_machine_open") is True:
        return DeliveryStatus.DELIVERED  # a mail program's privacy proxy fetched the pictures: nobody has read it
    if kind == "dropped":
        return _DROPPED.get(reason.strip().lower(), DeliveryStatus.FAILED)
    return _STATUSES[kind]


def _is_permanent(event: Mapping[str, Any], kind: str, reason: str) -> bool:
    """`blocked` is a refusal of this mail, not of the address: SendGrid goes on sending to it, and so do we."""
    if kind == "dropped":
        return _DROPPED.get(reason.strip().lower()) is DeliveryStatus.BOUNCED
    return kind == "bounce" and text_of(event, "type") != "blocked" and not text_of(event, "status").startswith("4")


def _digest(event: Mapping[str, Any]) -> str:
    """An id for an event that came without one: the same for the same event."""
    return "sha_" + hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:32]
