"""The local mailbox of the desk: what recipients see, and answering as one of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from server.channels.outbox import Mail
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import MailAnswer, Mailbox, MailItem, Model

routes = blueprint("mailbox", "The local mailbox")


class MailPath(Model):
    """A mail in the address."""

    mail_id: str


class MailboxQuery(Model):
    """A page of mails, of those that hold `q` in any part; with `phones` of what reached phones instead."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    q: Annotated[str, Field(max_length=200)] = ""
    phones: bool = False


@routes.get("/api/mailbox", responses={200: Mailbox})
def list_mails(query: MailboxQuery) -> Mailbox:
    """Mails that reached the local mailbox, newest first"""
    mails, total = here().services.mailbox.list(query.limit, query.offset, query.q.strip(), phones=query.phones)
    return Mailbox(mails=[_view(mail) for mail in mails], total=total)


@routes.post("/api/mailbox/<mail_id>/open", responses={200: MailItem})
def open_mail(path: MailPath) -> MailItem:
    """Open a mail as its recipient; the provider reports it read"""
    return _view(here().services.recipient.opened(path.mail_id))


@routes.post("/api/mailbox/<mail_id>/answer", responses={200: MailItem})
def answer_mail(path: MailPath, body: MailAnswer) -> MailItem:
    """Answer as the recipient: the provider posts it, signed, to our own webhook"""
    web = here()
    web.services.recipient.answer(path.mail_id, body.text, automatic=body.automatic, button=body.button)
    return _view(web.services.mailbox.get(path.mail_id))


def _view(mail: Mail) -> MailItem:
    return MailItem(
        id=mail.id,
        to=mail.address,
        person=mail.person,
        subject=mail.subject,
        text=mail.text,
        at=mail.at,
        read=mail.opened_at is not None,
        answers=list(mail.answers),
        channel=mail.channel,
        choices=[title for title, _ in mail.choices],
    )
