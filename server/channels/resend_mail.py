"""What Resend is asked to send, as JSON; and what its refusals mean. Sources: resend-openapi, resend.com/docs."""

from __future__ import annotations

import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from server.channels.html import as_html
from server.channels.http import Reply, not_taken, retry_after
from server.channels.letterhead import Letterhead, mailbox, whole
from server.channels.mail import wire_address
from server.channels.mime import one_line
from server.channels.said import said, secrets_of
from server.domain.message import Attachment, Outgoing
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError

TOKEN, MESSAGE, COPIES = "cellback_token", "cellback_message", "cellback_copies"
"""Tags that come back with every event. Letters, digits, _ and - only (resend-openapi, Tag)."""
LARGEST = 40 * 1024 * 1024
"""Bytes of a mail, its attachments in base64 (resend.com/docs/dashboard/emails/attachments)."""
LONGEST_KEY = 256
DAY_IS_FULL = 3600.0
"""Seconds until it is tried again when the day's mails are used up: nobody says when the next day begins."""

_PLAIN_NAME = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*")

_ACCOUNT = frozenset({"missing_api_key", "restricted_api_key", "invalid_api_key"})
_SENDER = frozenset({"invalid_from_address", "invalid_access"})
_QUOTA = {
    "daily_quota_exceeded": "Resend's mails of this day are used up: the rest goes out when there is room again.",
    "monthly_quota_exceeded": "Resend's mails of this month are used up. Take a larger plan, or go on next month.",
}


def body(head: Letterhead, outgoing: Outgoing) -> bytes:
    """The JSON of one mail: the same bytes on every try, as the idempotency key wants.

    Message-ID is left to Resend, which would set its own all the same. Raises PermanentError for what can't be sent.
    """
    text = whole(outgoing.text)
    mail: dict[str, Any] = {
        "from": _mailbox(*head.sender(outgoing)),
        "to": [wire_address(outgoing.address).text],
        "subject": one_line(whole(outgoing.subject)),
        "text": text,
        "html": as_html(text),
        "headers": {name: value for name, value in head.headers(outgoing).items() if name != "Message-ID"},
        "tags": [
            {"name": name, "value": value}
            for name, value in ((TOKEN, outgoing.token), (MESSAGE, outgoing.message_id))
            if value
        ],
    }
    if answers_to := head.replies(outgoing):
        mail["reply_to"] = answers_to
    if copies := head.copies(outgoing):
        mail["cc"] = copies
        mail["tags"].append({"name": COPIES, "value": str(len(copies))})
    if outgoing.attachments:
        mail["attachments"] = [_file(one) for one in outgoing.attachments]
    made = json.dumps(mail).encode()
    if len(made) > LARGEST:
        raise PermanentError("The mail with its attachments is larger than the 40 MB that Resend takes.")
    return made


def _mailbox(name: str, address: str) -> str:
    """As Resend's own examples have it, `Name <address>`; quoted only where it must be."""
    return f"{name} <{address}>" if name and _PLAIN_NAME.fullmatch(name) else mailbox(name, address)


def key_of(outgoing: Outgoing) -> str:
    """The idempotency key: the same for the same approval, however often it is tried."""
    return (outgoing.send_id or outgoing.message_id)[:LONGEST_KEY]


def _file(one: Attachment) -> dict[str, str]:
    """The media type is only named where it is the one of the ending: else Resend drops the file without a word
    (django-anymail, "Resend"), and without it takes the ending's own.
    """
    guessed = mimetypes.guess_type(one.name)[0]
    found = {"filename": one_line(whole(one.name)), "content": b64encode(one.data).decode()}
    return found | ({"content_type": one.content_type} if guessed in {None, one.content_type} else {})


def refused(reply: Reply, outgoing: Outgoing) -> CellbackError:
    """What an answer other than 2xx means for the send (resend.com/docs/api-reference/errors)."""
    name = fault(reply)
    words = said(reply.json().get("message"), *secrets_of(outgoing.address)) or f"HTTP {reply.status}"
    detail = f"HTTP {reply.status} {name}"
    if name in _QUOTA:
        return _used_up(name, detail)
    if reply.status == 409:
        # Both say that a request with our key has been there before: what became of that one, `reconcile` finds out.
        return SendInDoubt("Resend knows this mail already: whether it went is being looked up.", detail=detail)
    if (trouble := not_taken("Resend", reply, said=name)) is not None:
        return _with_window(trouble, reply)
    whole = _of_all(reply.status, name, outgoing)
    return PermanentError(_sentence(reply.status, name, words), whole_campaign=whole, detail=detail, code=name)


def _of_all(status: int, name: str, outgoing: Outgoing) -> bool:
    """Whether every other mail would meet the same; a sender that only this row has is only this row's trouble."""
    if status in {401, 404, 405} or name in _ACCOUNT or (not name and status != 413):
        return True
    return not outgoing.sender and (status == 403 or name in _SENDER)


def _sentence(status: int, name: str, words: str) -> str:
    if name in _ACCOUNT or status == 401:
        return f"Resend refused RESEND_API_KEY ({words}). Make a new key at resend.com/api-keys."
    if status == 403 or name in _SENDER:
        return f"Resend lets nobody send from this sender ({words}). Check EMAIL_FROM and resend.com/domains."
    if status == 413:
        return "The mail with its attachments is larger than Resend takes."
    if status in {404, 405} or not name:
        return f"What answers at RESEND_BASE_URL is not Resend's API ({words}). Check that setting."
    return f"Resend refused this mail ({words})."


def _used_up(name: str, detail: str) -> CellbackError:
    if name == "daily_quota_exceeded":
        return TemporaryError(_QUOTA[name], retry_after=DAY_IS_FULL, detail=detail)
    return PermanentError(_QUOTA[name], whole_campaign=True, detail=detail, code=name)


def _with_window(trouble: CellbackError, reply: Reply) -> CellbackError:
    """Resend says when its window of a second ends also where Retry-After is missing."""
    if reply.status == 429 and isinstance(trouble, TemporaryError) and trouble.retry_after is None:
        trouble.retry_after = retry_after({"retry-after": reply.headers.get("ratelimit-reset", "")})
    return trouble


def fault(reply: Reply) -> str:
    """Resend's own word for what went wrong, "" where it has none."""
    found = reply.json().get("name")
    return found[:60] if isinstance(found, str) else ""


def tag(data: Mapping[str, Any], name: str) -> str:
    """A tag of ours in an event: tags come back as an object, in older samples as a list of name and value."""
    tags = data.get("tags")
    if isinstance(tags, list):
        tags = {one.get("name"): one.get("value") for one in tags if isinstance(one, dict)}
    found = tags.get(name) if isinstance(tags, dict) else None
    return found if isinstance(found, str) else ""
