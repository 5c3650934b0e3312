"""What Resend is asked to send, as JSON; and what its refusals mean. Sources: resend-openapi, resend.com/docs."""

from __future__ import annotations

import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from server.channels.addresses import mail_address
from server.channels.html import as_html
from server.channels.http import Reply, not_taken, retry_after
from server.channels.mail import wire_address
from server.domain.message import Attachment, Outgoing
from server.errors import (
    AddressError,
    CellbackError,
    ConfigError,
    PermanentError,
    SendInDoubt,
    TemporaryError,
)

TOKEN, MESSAGE = "cellback_token", "cellback_message"
"""Tags that come back with every event. Letters, digits, _ and - only (resend-openapi, Tag)."""
LARGEST = 40 * 1024 * 1024
"""Bytes of a mail, its attachments in base64 (resend.com/docs/dashboard/emails/attachments)."""
LONGEST_KEY = 256
DAY_IS_FULL = 3600.0
"""Seconds until it is tried again when the day's mails are used up: nobody says when the next day begins."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MAIL_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_PLAIN_NAME = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*")
_ADDRESS_LIKE = re.compile(r"\S*@\S*")
_LONGEST_QUOTE = 160

_ACCOUNT = frozenset({"missing_api_key", "restricted_api_key", "invalid_api_key"})
_SENDER = frozenset({"invalid_from_address", "invalid_access"})
_QUOTA = {
    "daily_quota_exceeded": "Resend's mails of this day are used up: the rest goes out when there is room again.",
    "monthly_quota_exceeded": "Resend's mails of this month are used up. Take a larger plan, or go on next month.",
}


class Writer:
    """Turns an outgoing message into the request's body: the same bytes on every try, as the idempotency key wants."""

    def __init__(self, sender: str, *, inbound_domain: str = "", base_url: str = "") -> None:
        """`sender` is EMAIL_FROM: an address, or `Name <address>`. Raises ConfigError when it is neither."""
        try:
            self.sender = wire_address(mail_address(sender)).text
        except (AddressError, PermanentError) as error:
            raise ConfigError([f"EMAIL_FROM: {error.sentence}"]) from None
        name, bracket, _ = sender.rpartition("<")
        self._name = _line(name.strip().strip('"')) if bracket else ""
        self._inbound_domain, self._base_url = inbound_domain, base_url

    def body(self, outgoing: Outgoing) -> bytes:
        """The JSON of one mail. Raises PermanentError for what can't be sent."""
        text = _whole(outgoing.text)
        mail: dict[str, Any] = {
            "from": self._mailbox(outgoing),
            "to": [wire_address(outgoing.address).text],
            "subject": _line(outgoing.subject),
            "text": text,
            "html": as_html(text),
            "headers": self._headers(outgoing),
            "tags": [
                {"name": name, "value": value}
                for name, value in ((TOKEN, outgoing.token), (MESSAGE, outgoing.message_id))
                if value
            ],
        }
        if answers_to := self._reply_to(outgoing):
            mail["reply_to"] = answers_to
        if outgoing.cc:
            mail["cc"] = [wire_address(one).text for one in outgoing.cc]
        if outgoing.attachments:
            mail["attachments"] = [_file(one) for one in outgoing.attachments]
        made = json.dumps(mail).encode()
        if len(made) > LARGEST:
            raise PermanentError("The mail with its attachments is larger than the 40 MB that Resend takes.")
        return made

    def _mailbox(self, outgoing: Outgoing) -> str:
        address = wire_address(outgoing.sender).text if outgoing.sender else self.sender
        if not self._name:
            return address
        if _PLAIN_NAME.fullmatch(self._name):
            return f"{self._name} <{address}>"
        quoted = self._name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'

    def _reply_to(self, outgoing: Outgoing) -> list[str]:
        """Where replies come home to their row, and where the row wants them besides: mail programs answer to all."""
        home = [f"r+{outgoing.token}@{self._inbound_domain}"] if self._inbound_domain and outgoing.token else []
        return home + ([wire_address(outgoing.reply_to).text] if outgoing.reply_to else [])

    def _headers(self, outgoing: Outgoing) -> dict[str, str]:
        found = {
            "X-Cellback-Message": outgoing.message_id,
            "Auto-Submitted": "auto-generated",
            # Receipts and rule-made answers are noise; OOF is left out, for who is away is worth knowing.
            "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply",
        }
        if _MAIL_ID.fullmatch(outgoing.thread):  # Resend's own ids are no Message-IDs
            found |= {"In-Reply-To": outgoing.thread, "References": outgoing.thread}
        if outgoing.unsubscribe_url:
            url = urljoin(f"{self._base_url}/", _line(outgoing.unsubscribe_url))
            # RFC 8058: both headers, each on one line.
            found |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return found


def key_of(outgoing: Outgoing) -> str:
    """The idempotency key: the same for the same approval, however often it is tried."""
    return (outgoing.send_id or outgoing.message_id)[:LONGEST_KEY]


def _file(one: Attachment) -> dict[str, str]:
    """The media type is only named where it is the one of the ending: else Resend drops the file without a word
    (django-anymail, "Resend"), and without it takes the ending's own.
    """
    guessed = mimetypes.guess_type(one.name)[0]
    found = {"filename": _line(one.name), "content": b64encode(one.data).decode()}
    return found | ({"content_type": one.content_type} if guessed in {None, one.content_type} else {})


def _line(text: str) -> str:
    """Without anything that could end a header line."""
    return _whole(_CONTROL.sub(" ", text).strip())


def _whole(text: str) -> str:
    """Without half characters, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode()


def refused(reply: Reply, outgoing: Outgoing) -> CellbackError:
    """What an answer other than 2xx means for the send (resend.com/docs/api-reference/errors)."""
    name, said = fault(reply), scrubbed(str(reply.json().get("message") or f"HTTP {reply.status}"), outgoing.address)
    detail = f"HTTP {reply.status} {name}"
    if name in _QUOTA:
        return _used_up(name, detail)
    if reply.status == 409:
        # Both say that a request with our key has been there before: what became of that one, `reconcile` finds out.
        return SendInDoubt("Resend knows this mail already: whether it went is being looked up.", detail=detail)
    if (trouble := not_taken("Resend", reply, said=name)) is not None:
        return _with_window(trouble, reply)
    whole = _of_all(reply.status, name, outgoing)
    return PermanentError(_sentence(reply.status, name, said), whole_campaign=whole, detail=detail, code=name)


def _of_all(status: int, name: str, outgoing: Outgoing) -> bool:
    """Whether every other mail would meet the same; a sender that only this row has is only this row's trouble."""
    if status in {401, 404, 405} or name in _ACCOUNT:
        return True
    return not outgoing.sender and (status == 403 or name in _SENDER)


def _sentence(status: int, name: str, said: str) -> str:
    if name in _ACCOUNT or status == 401:
        return f"Resend refused RESEND_API_KEY ({said}). Make a new key at resend.com/api-keys."
    if status == 403 or name in _SENDER:
        return f"Resend lets nobody send from this sender ({said}). Check EMAIL_FROM and resend.com/domains."
    if status in {404, 405}:
        return f"What answers at RESEND_BASE_URL is not Resend's API ({said}). Check that setting."
    return f"Resend refused this mail ({said})."


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


def scrubbed(said: str, address: str = "") -> str:
    """A provider's words without the addresses that they like to repeat, short enough for a cell."""
    local = address.rpartition("@")[0]
    text = said.replace(local, "…") if len(local) >= 4 else said
    text = " ".join(_CONTROL.sub(" ", _ADDRESS_LIKE.sub("…", text)).split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def tag(data: Mapping[str, Any], name: str) -> str:
    """A tag of ours in an event: tags come back as an object, in older samples as a list of name and value."""
    tags = data.get("tags")
    if isinstance(tags, list):
        tags = {one.get("name"): one.get("value") for one in tags if isinstance(one, dict)}
    found = tags.get(name) if isinstance(tags, dict) else None
    return found if isinstance(found, str) else ""
