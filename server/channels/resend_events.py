"""What Resend posts, in our words. Source: resend-openapi (2026-08), "Webhook Events"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from email.utils import getaddresses
from typing import Any

from server.channels.fields import text_of
from server.channels.resend_mail import COPIES, TOKEN, tag
from server.channels.said import said, secrets_of
from server.channels.tokens import token_in
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent
from server.domain.words import DeliveryStatus

STATUSES = {
    "email.sent": DeliveryStatus.ACCEPTED,
    "email.scheduled": DeliveryStatus.ACCEPTED,
    "email.delivery_delayed": DeliveryStatus.ACCEPTED,
    "email.delivered": DeliveryStatus.DELIVERED,
    "email.opened": DeliveryStatus.READ,
    "email.clicked": DeliveryStatus.READ,
    "email.bounced": DeliveryStatus.BOUNCED,
    "email.failed": DeliveryStatus.FAILED,
    "email.suppressed": DeliveryStatus.FAILED,
    "email.complained": DeliveryStatus.COMPLAINED,
}
"""Resend's words -> ours (resend-openapi, "Webhook Events"). `email.received` is a message; the rest is unknown."""


def read_event(event: Mapping[str, Any], event_id: str, inbound_domain: str, domains: Collection[str]) -> Event:
    """In our words; one that lacks what it needs is as unknown as one of a kind that we do not know.

    `domains` are those to which mail for us comes, `inbound_domain` that of our Reply-To addresses.
    """
    kind, data = text_of(event, "type"), event.get("data")
    mail_id = text_of(data, "email_id") if isinstance(data, dict) else ""
    if not isinstance(data, dict) or not mail_id:
        return UnknownEvent(event_id, said(kind, longest=60))
    if kind == "email.received":
        return read_received(data, mail_id, inbound_domain, domains)
    if kind in STATUSES:
        return _report(kind, data, event_id, text_of(event, "created_at"))
    return UnknownEvent(event_id, said(kind, longest=60))


def read_received(data: Mapping[str, Any], mail_id: str, inbound_domain: str, domains: Collection[str]) -> Event:
    """A mail that came in, of which only the outside is known yet.

    Mail to other domains of the same account is nobody's answer to us, and not ours to read.
    """
    event_id, sender = f"received:{mail_id}", addresses(texts(data.get("from")))
    to = addresses([*texts(data.get("to")), *texts(data.get("cc")), *texts(data.get("received_for"))])
    ours = [one for one in to if one.rpartition("@")[2].lower() in domains]
    if not sender or (to and not ours):
        return UnknownEvent(event_id, "email.received")
    their_id = text_of(data, "message_id")
    return InboundMessage(
        event_id=event_id,
        sender=sender[0],
        text="",
        subject=text_of(data, "subject"),
        token=token_in(ours, inbound_domain),
        headers={"message-id": their_id} if their_id else {},
        at=text_of(data, "created_at"),
        ours=next(iter(ours), ""),
        files=tuple(text_of(one, "filename") for one in objects(data.get("attachments"))),
        fetch=mail_id,
    )


def _report(kind: str, data: Mapping[str, Any], event_id: str, at: str) -> DeliveryEvent:
    """What became of a mail. A transient bounce is one that a later mail may not meet.

    Of a mail with copies Resend does not say to whom it happened (django-anymail, "Resend"): nobody is blocked for it.
    """
    more: Mapping[str, Any] = next(iter(objects([data.get(one) for one in ("bounce", "suppressed", "failed")])), {})
    codes = " ".join(texts(more.get("diagnosticCode")))
    to = addresses(texts(data.get("to")))
    private = [part for address in to for part in secrets_of(address)]
    return DeliveryEvent(
        event_id=event_id,
        status=STATUSES[kind],
        token=tag(data, TOKEN),
        provider_id=text_of(data, "email_id"),
        address=to[0] if len(to) == 1 else "",
        at=at or text_of(data, "created_at"),
        detail=said(codes or text_of(more, "message") or text_of(more, "reason"), *private),
        permanent=not tag(data, COPIES) and (kind == "email.suppressed" or text_of(more, "type") == "Permanent"),
        code=text_of(more, "subType") or text_of(more, "reason") or text_of(more, "type"),
        opted_out=text_of(more, "reason") == "previous_complaint",
    )


def addresses(texts: Sequence[str]) -> list[str]:
    """The bare addresses in `Name <address>` texts."""
    return [address for _, address in getaddresses(texts) if "@" in address]


def texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one.encode("utf-8", "replace").decode() for one in values if isinstance(one, str)]


def objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
