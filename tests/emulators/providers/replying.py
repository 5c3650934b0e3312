"""How people's mail programs answer: Gmail, Outlook, Apple Mail; out-of-office notices; bounces (RFC 3464)."""

from __future__ import annotations

import html as escaping
import re
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from tests.emulators.providers.clock import Clock
from tests.emulators.providers.mail import File, address_list, bare, compose, read, text_of

STYLES = ("gmail", "outlook", "apple", "bare")
"""bare: no quote and no HTML, as from an old phone."""
AWAY = "I am out of the office until 30 November with no access to mail. In urgent cases write to my colleagues."


@dataclass(frozen=True)
class Answer:
    """A mail that a person sends, with its envelope."""

    mail: EmailMessage
    sender: str
    to: str


@dataclass(frozen=True)
class _Quoted:
    sender: str
    to: str
    when: datetime
    subject: str
    text: str


def reply(
    clock: Clock,
    original: EmailMessage,
    author: str,
    text: str,
    *,
    style: str = "gmail",
    linked: bool = True,
    charset: str = "utf-8",
    files: tuple[File, ...] = (),
    subject: str | None = None,
) -> Answer:
    """An answer to a mail, sent where its Reply-To says (else to its From). `author` may be `Name <a@b>`.

    `linked=False`: a new mail to the same address, without In-Reply-To and References.
    """
    to = str(original["Reply-To"] or original["From"])
    quoted = _Quoted(str(original["From"]), author, _date(original, clock), str(original["Subject"] or ""),
                     text_of(original) or text_of(original, "html"))  # fmt: skip
    plain, rich = _BODIES[style](text, quoted)
    given = str(original["Subject"] or "")
    answer = subject if subject is not None else given if re.match(r"(?i)re:", given) else f"Re: {given}"
    mail = compose(
        clock,
        sender=author,
        to=address_list(to),
        subject=answer,
        text=plain,
        html=rich,
        headers=_links(original) if linked else {},
        files=files,
        message_id=_message_id(style, bare(author)),
        charset=charset,
    )
    return Answer(mail, bare(author), bare(address_list(to)[0]))


def away(clock: Clock, original: EmailMessage, author: str, text: str = AWAY, *, exchange: bool = True) -> Answer:
    """An out-of-office notice (RFC 3834), as Exchange or as Gmail sends it."""
    subject = str(original["Subject"] or "")
    headers = {**_links(original), "Auto-Submitted": "auto-replied" if not exchange else "auto-generated"}
    headers |= {"X-Auto-Response-Suppress": "All", "X-MS-Exchange-Inbox-Rules-Loop": bare(author)} if exchange else {
        "Precedence": "bulk", "X-Autoreply": "yes"}  # fmt: skip
    to = address_list(str(original["Reply-To"] or original["From"]))[0]
    mail = compose(clock, sender=author, to=[to], subject=f"Automatic reply: {subject}", text=text, html=None,
                   headers=headers)  # fmt: skip
    return Answer(mail, "", to)


def bounce(clock: Clock, original: EmailMessage, recipient: str, envelope: str, reason: str, *,
           permanent: bool = True) -> Answer:  # fmt: skip
    """A delivery status notification to the envelope's sender, with the original's headers (RFC 3464, RFC 6522)."""
    found = re.search(r"[45]\.\d{1,3}\.\d{1,3}", reason)
    status = found[0] if found else "5.0.0" if permanent else "4.0.0"
    boundary = f"{secrets.token_hex(8)}/mx.example.net"
    action = "failed" if permanent else "delayed"
    headers = "".join(f"{name}: {value}\r\n" for name, value in original.items())
    raw = (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nTo: <{envelope}>\r\n"
        f"Subject: {'Undelivered Mail Returned to Sender' if permanent else 'Delayed Mail (still being retried)'}\r\n"
        f"Date: {clock.rfc2822()}\r\nMessage-ID: <{secrets.token_hex(8)}@mx.example.net>\r\n"
        f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
        f'report-type=delivery-status; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host mx.example.net.\r\n\r\n<{recipient}>: {reason}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\nArrival-Date: {clock.rfc2822()}\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {reason}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n--{boundary}--\r\n"
    )
    return Answer(read(raw.encode("utf-8")), "", envelope)


def stripped(text: str) -> tuple[str, str]:
    """Text and signature without the quote: about as Mailgun cuts it, for `stripped-text`."""
    lines: list[str] = []
    for line in text.split("\n"):
        if re.match(r"(On .{5,200}wrote:$|>|_{10,}$|From: |-{2,}\s*Original)", line.strip()):
            break
        lines.append(line)
    body, _, signature = "\n".join(lines).partition("\n-- \n")
    return body.strip(), signature.strip()


def _links(original: EmailMessage) -> dict[str, str]:
    made = str(original["Message-ID"] or "")
    if not made:
        return {}
    return {"In-Reply-To": made, "References": f"{original['References'] or ''} {made}".strip()}


def _date(original: EmailMessage, clock: Clock) -> datetime:
    try:
        return parsedate_to_datetime(str(original["Date"]))
    except (TypeError, ValueError):
        return clock.now()


def _message_id(style: str, author: str) -> str:
    domain = author.rpartition("@")[2]
    return {
        "gmail": f"<CA{secrets.token_urlsafe(30)}@mail.gmail.com>",
        "outlook": f"<{secrets.token_hex(24).upper()}@DB9PR02MB0001.eurprd02.prod.outlook.com>",
    }.get(style, f"<{str(uuid.uuid4()).upper()}@{domain}>")


def _gmail(text: str, quoted: _Quoted) -> tuple[str, str | None]:
    head = f"On {quoted.when:%a, %d %b %Y at %H:%M}, {quoted.sender} wrote:"
    plain = f"{text}\n\n{head}\n\n{_marked(quoted.text)}\n"
    style = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
    rich = (
        f'<div dir="ltr">{_html(text)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{escaping.escape(head)}<br></div><blockquote class="gmail_quote" style="{style}">'
        f"{_html(quoted.text)}</blockquote></div>"
    )
    return plain, rich


def _outlook(text: str, quoted: _Quoted) -> tuple[str, str | None]:
    rows = {"From": quoted.sender, "Sent": f"{quoted.when:%A, %B %d, %Y %I:%M %p}", "To": quoted.to,
            "Subject": quoted.subject}  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in rows.items())
    plain = f"{text}\n\n{'_' * 32}\n{head}\n{quoted.text}\n"
    bold = "<br>".join(f"<b>{name}:</b> {escaping.escape(value)}" for name, value in rows.items())
    rich = (
        f'<html><body><div class="elementToProof" style="font-family: Aptos, sans-serif;">{_html(text)}</div>'
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif">{bold}</font></div>'
        f"<div>{_html(quoted.text)}</div></body></html>"
    )
    return plain, rich


def _apple(text: str, quoted: _Quoted) -> tuple[str, str | None]:
    head = f"On {quoted.when.day} {quoted.when:%b %Y, at %H:%M}, {quoted.sender} wrote:"
    plain = f"{text}\n\nSent from my iPhone\n\n> {head}\n> \n{_marked(quoted.text)}\n"
    rich = (
        f'<html><body dir="auto">{_html(text)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my '
        f'iPhone</div><div dir="ltr"><br><blockquote type="cite">{escaping.escape(head)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">{_html(quoted.text)}</div></blockquote></body></html>'
    )
    return plain, rich


_BODIES: dict[str, Callable[[str, _Quoted], tuple[str, str | None]]] = {
    "gmail": _gmail,
    "outlook": _outlook,
    "apple": _apple,
    "bare": lambda text, _: (f"{text}\n", None),
}


def _marked(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.rstrip("\n").split("\n"))


def _html(text: str) -> str:
    return escaping.escape(text).replace("\n", "<br>")
