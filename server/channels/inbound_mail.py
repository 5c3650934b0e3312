"""A mail that came in -> what it is: a person's message, a report about one of ours, or nothing we know.

Shared by all mail providers, whether they hand over the raw mail or its fields. Nothing here raises: what strangers
send is never a reason to have a provider post it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

from server.channels import bounces
from server.channels.html import as_text
from server.channels.mime import Mail, cleaned, file_name, headers_of, one_line, plain, read, words
from server.channels.tokens import ids_in, own_id, token_in
from server.domain.reply import Event, InboundMessage, UnknownEvent

__all__ = ["header_lines", "header_pairs", "read_fields", "read_mail", "token_in"]

MOST_REFERENCES = 20
LONGEST_SUBJECT = 500
_MOST_FILES = 20
_LONGEST_HTML = 100_000
_LONGEST_SENDER = 320

_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
_TELLING = (
    *("auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"),
    *("x-ms-exchange-generated-message-source", "x-failed-recipients", "content-type", "return-path", "list-id"),
    *("message-id", "in-reply-to", "references", "date"),
)
"""What tells automatic mail from a person's, and what threads it."""
_ANGLE = re.compile(r"<\s*([^<>\s@]+@[^<>\s@]+)\s*>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')


def read_mail(
    raw: bytes,
    *,
    event_id: str = "",
    inbound_domain: str = "",
    recipients: Sequence[str] = (),
    envelope_sender: str | None = None,
) -> Event:
    """The event in a raw mail (RFC 5322). Never raises.

    `recipients` are those of the envelope, where they are known; `envelope_sender` too, None where it is not ("" is
    the one of reports and automatic replies). `inbound_domain` is that of our Reply-To addresses. Without an
    `event_id` of the provider's the same mail gets the same one each time, by its Message-ID, else by its bytes.
    """
    return _event(read(raw), raw, event_id, inbound_domain, recipients, envelope_sender)


def read_fields(
    *,
    sender: str,
    text: str = "",
    html: str = "",
    subject: str = "",
    recipients: Sequence[str] = (),
    headers: Iterable[tuple[str, str]] | Mapping[str, str] = (),
    files: Sequence[str] = (),
    event_id: str = "",
    inbound_domain: str = "",
    envelope_sender: str | None = None,
) -> Event:
    """The same for a provider that took the mail apart. Never raises.

    `sender` and `recipients` are header values (`Name <a@b>`) or bare addresses, `headers` those of the mail (see
    `header_lines` and `header_pairs`). Only From is rather read in the headers: `sender` may have been decoded, and a
    name could then pass for an address.
    """
    given = headers_of(headers.items() if isinstance(headers, Mapping) else headers)
    own = [("from", plain(sender)), ("subject", words(subject))]
    rest = [header for header in given if header[0] != "subject" or not subject]
    mail = Mail(
        headers=(*(header for header in given if header[0] == "from"), *own, *rest),
        plain=cleaned(text),
        html=cleaned(html),
        files=tuple(file_name(name) or "unnamed file" for name in files),
    )
    seed = json.dumps([sender, subject, text, html, given]).encode()
    return _event(mail, seed, event_id, inbound_domain, recipients, envelope_sender)


def header_lines(text: str) -> list[tuple[str, str]]:
    """Headers out of one text, folded lines joined (SendGrid's `headers` field)."""
    found: list[tuple[str, str]] = []
    for line in cleaned(text).split("\n"):
        if line[:1] in {" ", "\t"} and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif ":" in line:
            name, _, value = line.partition(":")
            found.append((name.strip(), value.strip()))
    return found


def header_pairs(text: str) -> list[tuple[str, str]]:
    """Headers out of a JSON list of pairs (Mailgun's `message-headers` field); [] when it is none."""
    try:
        pairs = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(pairs, list):
        return []
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]


def _event(
    mail: Mail, seed: bytes, event_id: str, inbound_domain: str, recipients: Sequence[str], envelope_sender: str | None
) -> Event:
    message_id = next(iter(ids_in(mail.header("message-id"))), "")
    sender = _sender(mail.header("from"))
    name = event_id or _name(message_id, sender, seed)
    references, at = _references(mail), _date(mail)
    token = token_in([*recipients, *mail.all(*_RECIPIENTS)], inbound_domain)
    report = bounces.read(
        mail, event_id=name, inbound_domain=inbound_domain, token=token, at=at, envelope_sender=envelope_sender
    )
    if report is not None:
        return report
    if not sender and not mail.plain and not mail.html:
        return UnknownEvent(name, "mail without sender and text")
    blank = not mail.plain.strip()
    return InboundMessage(
        event_id=name,
        sender=sender,
        text=as_text(mail.html) if blank else mail.plain,
        subject=mail.header("subject")[:LONGEST_SUBJECT],
        token=token or own_id(references)[1],
        in_reply_to=references,
        headers=_telling(mail, envelope_sender),
        at=at,
        files=mail.files[:_MOST_FILES],
        html=mail.html[:_LONGEST_HTML] if blank else "",
    )


def _sender(value: str) -> str:
    """The first mailbox of From. Sender and Return-Path are no evidence of who writes, a name with an @ neither."""
    bare = _QUOTED.sub("", value[:2_000])
    for mailbox in bare.split(","):
        angles = _ANGLE.findall(mailbox)
        if angles:
            return one_line(angles[-1])[:_LONGEST_SENDER]
        found = next((word for word in mailbox.split() if word.count("@") == 1), "").strip("<>;:()[]'")
        if found.strip("@"):
            return one_line(found)[:_LONGEST_SENDER]
    return ""


def _references(mail: Mail) -> tuple[str, ...]:
    """The ids of what it answers, each with its angle brackets, newest first, each once."""
    direct = ids_in(" ".join(mail.all("in-reply-to"))[:4_000])
    thread = ids_in(" ".join(mail.all("references"))[-20_000:])
    return tuple(dict.fromkeys([*direct, *reversed(thread)]))[:MOST_REFERENCES]


def _telling(mail: Mail, envelope_sender: str | None) -> dict[str, str]:
    found = {name: value[:500] for name in _TELLING if (value := mail.header(name))}
    if envelope_sender is not None and envelope_sender.strip() in {"", "<>"}:
        found["return-path"] = "<>"
    return found


def _date(mail: Mail) -> str:
    """When it says that it was written, in UTC (ISO 8601); "" when it does not."""
    try:
        said = parsedate_to_datetime(mail.header("date")[:200])
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _name(message_id: str, sender: str, seed: bytes) -> str:
    """An id for the event. The sender goes in, so that nobody takes up the id of another's mail."""
    what = f"{message_id}\n{sender.lower()}".encode("utf-8", "replace") if message_id else seed
    return f"mail:{hashlib.sha256(what).hexdigest()[:40]}"
