"""What Mailgun reports of a mail, by webhook or in its list of events, in our words. Source: documentation.mailgun.com
("Webhook Payloads", "Event Types", 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.channels.fields import moment, text_of
from server.channels.mailgun_mail import TOKEN
from server.channels.said import said, secrets_of
from server.domain.reply import DeliveryEvent, Event, UnknownEvent
from server.domain.words import DeliveryStatus

_STATUSES = {
    "accepted": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "failed": DeliveryStatus.BOUNCED,
    "rejected": DeliveryStatus.FAILED,
    "opened": DeliveryStatus.READ,
    "clicked": DeliveryStatus.READ,
    "unsubscribed": DeliveryStatus.DELIVERED,
    "complained": DeliveryStatus.COMPLAINED,
}
"""The provider's words -> ours."""
_SUPPRESSED = {
    "suppress-bounce": DeliveryStatus.BOUNCED,
    "suppress-complaint": DeliveryStatus.COMPLAINED,
    "suppress-unsubscribe": DeliveryStatus.FAILED,
}
"""Reasons of `failed` for which Mailgun does not even try: it remembers what happened to an earlier mail."""
_UNSUBSCRIBED = "suppress-unsubscribe"
_NO_MAILBOX = frozenset({550, 551, 553})


def read_event(event: Mapping[str, Any], event_id: str) -> Event:
    """One event in our words; one that lacks what it needs is as unknown as one of a kind we don't know."""
    kind, address, reason = text_of(event, "event"), text_of(event, "recipient"), text_of(event, "reason")
    token, mail_id = variable(event, TOKEN), mail_id_of(event)
    if kind not in _STATUSES or not (token or mail_id):
        return UnknownEvent(event_id, name=said(kind, longest=60))
    delivery = _part(event, "delivery-status")
    return DeliveryEvent(
        event_id=event_id,
        status=_status(event, kind, reason),
        token=token,
        provider_id=mail_id,
        address=address,
        at=moment(event.get("timestamp")),
        detail=said(_words(event, delivery), *secrets_of(address)),
        permanent=kind == "failed" and _is_permanent(event, reason, delivery),
        code=text_of(delivery, "enhanced-code") or str(_code(delivery) or ""),
        opted_out=kind == "unsubscribed" or (kind == "failed" and reason == _UNSUBSCRIBED),
    )


def _status(event: Mapping[str, Any], kind: str, reason: str) -> DeliveryStatus:
    if kind == "failed" and text_of(event, "severity") == "temporary":
        return DeliveryStatus.ACCEPTED  # it tries again by itself
    if kind == "failed":
        return _SUPPRESSED.get(reason, DeliveryStatus.BOUNCED)
    if kind == "opened" and text_of(_part(event, "client-info"), "bot"):
        return DeliveryStatus.DELIVERED  # a mail program's privacy proxy fetched the pictures: nobody has read it
    return _STATUSES[kind]


def _is_permanent(event: Mapping[str, Any], reason: str, delivery: Mapping[str, Any]) -> bool:
    """Whether the address itself is no good. `severity` alone only says that Mailgun gives this mail up: it does so
    after days of "not now" and for what looks like spam, too.
    """
    if text_of(event, "severity") != "permanent":
        return False
    if kind := text_of(delivery, "bounce-type"):
        return kind == "hard"
    return reason in {"bounce", "suppress-bounce"} or _code(delivery) in _NO_MAILBOX


def _code(delivery: Mapping[str, Any]) -> int:
    code = delivery.get("code")
    return code if isinstance(code, int) else 0


def _words(event: Mapping[str, Any], delivery: Mapping[str, Any]) -> str:
    reject = _part(event, "reject")
    found = (delivery, "message"), (delivery, "description"), (reject, "description"), (reject, "reason")
    return next((text for part, field in found if (text := text_of(part, field))), text_of(event, "reason"))


def variable(event: Mapping[str, Any], name: str) -> str:
    """One of our variables, "" where it has none of that name."""
    return text_of(_part(event, "user-variables"), name)


def mail_id_of(event: Mapping[str, Any]) -> str:
    """The Message-ID with angle brackets: as it was answered, and as a reply names it. Events leave them out."""
    bare = text_of(_part(_part(event, "message"), "headers"), "message-id").strip("<> ")
    return f"<{bare}>" if bare else ""


def listed_id(event: Mapping[str, Any]) -> str:
    """An id for an event of the list: its own is unique within a day only."""
    return f"event:{text_of(event, 'id')}:{moment(event.get('timestamp'))[:10]}"


def _part(event: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = event.get(field)
    return value if isinstance(value, dict) else {}
