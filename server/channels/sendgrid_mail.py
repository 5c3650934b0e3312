"""What SendGrid is asked to send, as JSON; and what its answers mean for a send. Sources: sendgrid-oai
(mail_send.json), docs.sendgrid.com (errors of Mail Send), its support's article "4XX API Errors".
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from sendgrid.helpers.mail import (
    Attachment,
    Cc,
    ClickTracking,
    CustomArg,
    Disposition,
    FileContent,
    FileName,
    FileType,
    FooterSettings,
    From,
    Ganalytics,
    Header,
    Mail,
    MailSettings,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from server.channels.html import as_html
from server.channels.http import LONGEST_WAIT, Reply, not_taken
from server.channels.letterhead import Letterhead, whole
from server.channels.mail import wire_address
from server.channels.mime import one_line
from server.channels.said import said, secrets_of
from server.domain import message as domain
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError

TOKEN, MESSAGE = "cellback_token", "cellback_message"
"""Custom arguments: they come back flat among the fields of each event, so they bear a name of their own. SendGrid
keeps them for ever and shows them to its people: nothing personal may stand there."""
LARGEST = 30 * 1024 * 1024
"""Bytes of a request, attachments in base64 (sendgrid-oai)."""

_OF_THE_ROW = ("personalizations", "content", "subject", "attachments", "headers", "custom_args", "reply_to")
"""Fields whose faults are this row's own."""


def body(letterhead: Letterhead, outgoing: domain.Outgoing) -> bytes:
    """The JSON of one mail to one recipient. Raises PermanentError for what can't be sent."""
    subject, text = one_line(whole(outgoing.subject)), whole(outgoing.text)
    if not subject:
        raise PermanentError("SendGrid takes no mail without a subject: fill in the subject of this row.")
    if not text:
        raise PermanentError("The text of this row is empty.")
    name, sender = letterhead.sender(outgoing)
    mail = Mail(
        From(sender, name or None),
        To(wire_address(outgoing.address).text, one_line(whole(outgoing.person)) or None),
        subject,
    )
    for copy in letterhead.copies(outgoing):
        mail.add_cc(Cc(copy))
    if replies := letterhead.replies(outgoing):
        mail.reply_to_list = [ReplyTo(address) for address in replies]
    for name, value in letterhead.headers(outgoing).items():
        mail.add_header(Header(name, value))
    for name, value in ((TOKEN, outgoing.token), (MESSAGE, outgoing.message_id)):
        if value:
            mail.add_custom_arg(CustomArg(name, value))
    for one in reversed(outgoing.attachments):  # the helper puts each before the last
        mail.add_attachment(_file(one))
    _untouched(mail)
    # Not by the helper: it refuses every text with something like "SG.abc.def" in it, taking that for an API key.
    content = [{"type": "text/plain", "value": text}, {"type": "text/html", "value": as_html(text)}]
    made = json.dumps({**mail.get(), "content": content}).encode()
    if len(made) > LARGEST:
        raise PermanentError("The mail with its attachments is larger than the 30 MB that SendGrid takes.")
    return made


def _untouched(mail: Mail) -> None:
    """What was approved is what arrives: no rewritten links, no line of SendGrid's below the text."""
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(False, False),
        subscription_tracking=SubscriptionTracking(False),
        ganalytics=Ganalytics(False),
    )
    mail.mail_settings = MailSettings(footer_settings=FooterSettings(False))


def _file(one: domain.Attachment) -> Attachment:
    return Attachment(
        FileContent(b64encode(one.data).decode()),
        FileName(one_line(whole(one.name)) or "file"),
        FileType(one_line(one.content_type) or "application/octet-stream"),
        Disposition("attachment"),
    )


def receipt(reply: Reply, outgoing: domain.Outgoing, now: Callable[[], float]) -> domain.Receipt:
    """What 202 says: the id is in a header. Raises TemporaryError, PermanentError or SendInDoubt for all else."""
    if reply.status == 202:
        return domain.Receipt(reply.headers.get("x-message-id", "").strip())
    raise _refused(_with_reset(reply, now), outgoing)


def _with_reset(reply: Reply, now: Callable[[], float]) -> Reply:
    """SendGrid says on a 429 when it takes more in a header of its own (docs: rate limits)."""
    reset = reply.headers.get("x-ratelimit-reset", "")
    if reply.status != 429 or "retry-after" in reply.headers or not (reset.isascii() and reset.isdigit()):
        return reply
    wait = min(max(int(reset[:12]) - now(), 1.0), LONGEST_WAIT)
    return Reply(reply.status, {**reply.headers, "retry-after": f"{wait:.0f}"}, reply.body)


def _refused(reply: Reply, outgoing: domain.Outgoing) -> CellbackError:
    words, field = complaint(reply, outgoing)
    detail = f"HTTP {reply.status} {field}: {words}"
    if error := not_taken("SendGrid", reply, said=f"{field}: {words}"):
        return error
    if reply.status < 300:
        return SendInDoubt("SendGrid did not answer clearly: the mail may have gone out, or not.", detail=detail)
    if reply.status in {408, 425}:
        return TemporaryError("SendGrid did not get all of the mail.", detail=detail)
    if reply.status == 413:
        return PermanentError("The mail with its attachments is larger than SendGrid takes.", detail=detail)
    if reply.status == 400 and field.startswith(_OF_THE_ROW):
        return PermanentError(f"SendGrid refused this mail ({words}).", detail=detail, code=str(reply.status))
    if reply.status in {400, 403} and (field.startswith("from") or "sender identity" in words.lower()):
        return _unverified(outgoing, detail)
    return account(reply, words, detail)


def _unverified(outgoing: domain.Outgoing, detail: str) -> PermanentError:
    if outgoing.sender:
        return PermanentError(
            "SendGrid lets nobody send from the address that this row names: verify it under Settings → Sender "
            "Authentication, or name another one.",
            detail=detail,
        )
    return PermanentError(
        "SendGrid lets nobody send from the address in EMAIL_FROM. Authenticate its domain, or verify the address, "
        "under Settings → Sender Authentication.",
        whole_campaign=True,
        detail=detail,
    )


def account(reply: Reply, words: str, detail: str = "") -> PermanentError:
    """A refusal that every other request would meet as well."""
    if reply.status == 401 and "credit" in words.lower():
        sentence = "The mails of your SendGrid plan are used up. Take a larger one, or go on when it starts anew."
    elif reply.status == 401:
        sentence = "SendGrid does not know the key in SENDGRID_API_KEY. Make a new one under Settings → API Keys."
    elif reply.status == 403:
        sentence = (
            "The key in SENDGRID_API_KEY may not send mail, or the account is suspended. The key needs “Mail Send”."
        )
    elif reply.status in {404, 405} or 300 <= reply.status < 400:
        sentence = "What answers there is not SendGrid's API. Check SENDGRID_BASE_URL."
    else:
        sentence = f"SendGrid refused the mail ({words or f'HTTP {reply.status}'})."
    return PermanentError(sentence, whole_campaign=True, detail=detail, code=str(reply.status))


def complaint(reply: Reply, outgoing: domain.Outgoing | None = None) -> tuple[str, str]:
    """(words, field) of the first error in the answer, scrubbed; ("", "") where it has none (nginx answers HTML)."""
    errors: Any = reply.json().get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    private = [] if outgoing is None else _private(outgoing)
    return said(first.get("message"), *private), said(first.get("field"), *private, longest=60)


def _private(outgoing: domain.Outgoing) -> list[str]:
    addresses = (outgoing.address, outgoing.sender, outgoing.reply_to, *outgoing.cc)
    return [part for address in addresses if address for part in secrets_of(address)]
