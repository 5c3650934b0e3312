"""What Mailgun is asked to send, as a form; and what its answers mean for a send. Source: documentation.mailgun.com
("Send an email", "Domains", status codes).
"""

from __future__ import annotations

from collections.abc import Sequence

from server.channels.html import as_html
from server.channels.http import LONGEST_WAIT, Reply, not_taken
from server.channels.letterhead import Letterhead, mailbox, whole
from server.channels.mail import wire_address
from server.channels.mime import one_line
from server.channels.said import said, secrets_of
from server.domain.message import Outgoing, Receipt
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError

TOKEN, MESSAGE = "cellback-token", "cellback-message"
"""Variables that come back as `user-variables` with each event."""
LARGEST = 25_000_000
"""Bytes of a mail, attachments in base64 (user manual, "Send via HTTP")."""

Form = dict[str, str | Sequence[str]]
Files = list[tuple[str, tuple[str, bytes, str]]]

_NO_ACCOUNT = "Mailgun does not know the key in MAILGUN_API_KEY. Copy it from API Security, or make a new one."


def form(letterhead: Letterhead, outgoing: Outgoing) -> tuple[Form, Files]:
    """The fields and files of one mail to one recipient. Raises PermanentError for what can't be sent."""
    text = whole(outgoing.text)
    if not text:
        raise PermanentError("The text of this row is empty.")
    found: Form = {
        "from": mailbox(*letterhead.sender(outgoing)),
        "to": mailbox(outgoing.person, wire_address(outgoing.address).text),
        "subject": one_line(whole(outgoing.subject)),
        "text": text,
        "html": as_html(text),
        "o:tracking-clicks": "no",  # what was approved is what arrives: links stay as they are
    }
    if copies := letterhead.copies(outgoing):
        found["cc"] = copies
    if replies := letterhead.replies(outgoing):
        found["h:Reply-To"] = ", ".join(replies)
    found |= {f"h:{name}": value for name, value in letterhead.headers(outgoing).items()}
    found |= {f"v:{name}": value for name, value in ((TOKEN, outgoing.token), (MESSAGE, outgoing.message_id)) if value}
    files: Files = [
        ("attachment", (one_line(whole(one.name)) or "file", one.data, _media_type(one.content_type)))
        for one in outgoing.attachments
    ]
    if sum(len(data) for _, (_, data, _) in files) * 1.37 + 3 * len(text.encode()) > LARGEST:
        raise PermanentError("The mail with its attachments is larger than the 25 MB that Mailgun takes.")
    return found, files


def _media_type(text: str) -> str:
    plain = one_line(text)
    return plain if plain.isascii() and "/" in plain else "application/octet-stream"


def receipt(reply: Reply, outgoing: Outgoing) -> Receipt:
    """What a yes says: the Message-ID. Raises TemporaryError, PermanentError or SendInDoubt for all else."""
    made = reply.json().get("id")
    if reply.status == 200 and isinstance(made, str) and made.strip("<> "):
        return Receipt(f"<{made.strip('<> ')}>")
    raise _refused(_with_wait(reply), outgoing)


def _with_wait(reply: Reply) -> Reply:
    """On a 429 the seconds may stand in the body only."""
    wait = reply.json().get("retry-seconds")
    if reply.status != 429 or "retry-after" in reply.headers or not isinstance(wait, int):
        return reply
    return Reply(reply.status, {**reply.headers, "retry-after": str(min(max(wait, 1), int(LONGEST_WAIT)))}, reply.body)


def _refused(reply: Reply, outgoing: Outgoing) -> CellbackError:
    words = complaint(reply, outgoing)
    detail = f"HTTP {reply.status} {words}"
    lower = words.lower().replace("'", "").strip('" ')  # it has quoted the parameter's name, and has not
    if error := not_taken("Mailgun", reply, said=words):
        return error
    if reply.status < 300:
        return SendInDoubt("Mailgun did not answer clearly: the mail may have gone out, or not.", detail=detail)
    if reply.status in {408, 425}:
        return TemporaryError("Mailgun did not get all of the mail.", detail=detail)
    if reply.status == 413:
        return PermanentError("The mail with its attachments is larger than Mailgun takes.", detail=detail)
    if "authorized recipient" in lower:
        return PermanentError(
            "Mailgun's sandbox domain writes to authorized recipients only: add this person there, or set "
            "MAILGUN_DOMAIN to a domain of your own.",
            detail=detail,
        )
    if reply.status == 400 and lower.startswith("from "):
        return _sender(outgoing, detail)
    if reply.status == 400 and lower.startswith(("to ", "cc ", "h:", "subject", "text", "attachment")):
        return PermanentError(f"Mailgun refused this mail ({words}).", detail=detail, code="400")
    return account(reply, words, detail)


def _sender(outgoing: Outgoing, detail: str) -> PermanentError:
    if outgoing.sender:
        return PermanentError("Mailgun takes no mail from the address that this row names: correct it.", detail=detail)
    return PermanentError(
        "Mailgun takes no mail from the address in EMAIL_FROM: correct it.", whole_campaign=True, detail=detail
    )


def account(reply: Reply, words: str, detail: str = "") -> PermanentError:
    """A refusal that every other request would meet as well."""
    if reply.status == 401:
        sentence = _NO_ACCOUNT
    elif reply.status == 402:
        sentence = "The mails of your Mailgun plan are used up, or a bill is open: see Billing."
    elif reply.status == 404:
        sentence = (
            "Mailgun knows no domain such as the one in MAILGUN_DOMAIN there. Check it; for a domain in the EU set "
            "MAILGUN_BASE_URL=https://api.eu.mailgun.net."
        )
    elif reply.status == 403 or "not allowed to send" in words.lower():
        sentence = f"Mailgun lets the account or its domain send nothing ({words or 'forbidden'}). See its dashboard."
    elif reply.status == 405 or 300 <= reply.status < 400:
        sentence = "What answers there is not Mailgun's API. Check MAILGUN_BASE_URL."
    else:
        sentence = f"Mailgun refused the mail ({words or f'HTTP {reply.status}'})."
    return PermanentError(sentence, whole_campaign=True, detail=detail, code=str(reply.status))


def complaint(reply: Reply, outgoing: Outgoing | None = None) -> str:
    """What the answer says, scrubbed; a 401 says a bare word, gateways HTML."""
    private: list[str] = []
    if outgoing is not None:
        addresses = (outgoing.address, outgoing.sender, outgoing.reply_to, *outgoing.cc)
        private = [part for address in addresses if address for part in secrets_of(address)]
    return said(reply.json().get("message"), *private)
