"""A message as its channel gets it: built here and nowhere else, so that asking again is asking for the very same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.domain.asking import names
from server.domain.choices import offered
from server.domain.message import Attachment, Choice, Limits, Message, Outgoing
from server.domain.plan import Plan
from server.domain.provider_templates import pressable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uses_template(message: Message) -> bool:
    """Whether the provider's template is what is sent: as long as nobody wrote another text over what it says."""
    return message.extras.template is not None and message.text == message.extras.text


def send_id(message: Message) -> str:
    """The name of this very send: the same for all tries of one approval, another one for the next approval."""
    if message.approval is None:
        return message.id
    return f"{message.id}-{(message.approval.at - _EPOCH) // timedelta(microseconds=1):x}"


def outgoing_of(
    message: Message,
    plan: Plan,
    limits: Limits,
    *,
    known_as: str = "",
    unsubscribe_url: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> Outgoing:
    """What goes out for a message: from its own record and the plan, whatever the sheet says by now."""
    extras = message.extras
    return Outgoing(
        message_id=message.id,
        token=message.token,
        address=message.address,
        text=message.text,
        subject=message.subject,
        person=message.person,
        unsubscribe_url=unsubscribe_url,
        thread=message.thread,
        send_id=send_id(message),
        choices=choices_of(message, plan, limits),
        template=extras.template if uses_template(message) else None,
        known_as=message.known_as or known_as,
        language=plan.language,
        attachments=attachments if limits.files else (),
        cc=extras.cc if limits.copies else (),
        sender=extras.sender,
        reply_to=extras.reply_to,
        claimed_at=message.claimed_at,
    )


def choices_of(message: Message, plan: Plan, limits: Limits) -> tuple[Choice, ...]:
    """What can be pressed or typed there: the plan's choices, or the template's buttons where one is sent."""
    found = offered(plan)
    if found is None or (message.question and not names(message.question, found[1])):
        return ()  # a question of somebody's own has answers of its own
    if uses_template(message) and plan.whatsapp_template is not None:
        return pressable(plan.whatsapp_template, found[1])
    return found[1] if len(found[1]) <= limits.choices else ()


def as_test(outgoing: Outgoing, address: str) -> Outgoing:
    """The same to oneself: nobody gets a copy, nothing in it leads back to the row, and no key of the real send is used
    up."""
    return replace(
        outgoing,
        message_id=f"test-{outgoing.message_id}",
        send_id="",
        token="",
        thread="",
        address=address,
        subject=f"[Test] {outgoing.subject}" if outgoing.subject else "",
        unsubscribe_url="",
        known_as="",
        choices=(),
        cc=(),
        claimed_at=None,
    )
