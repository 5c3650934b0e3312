"""Mail as it travels: built from what an API was given, and read again."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from tests.emulators.providers.clock import Clock

SIMPLE = re.compile(r"[^@\s<>,;:\"\\()\[\]]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
"""As much as vendors look at."""


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


def is_address(text: str) -> bool:
    """Whether vendors would take it for one address."""
    return bool(SIMPLE.fullmatch(text)) and len(text) <= 320


def bare(text: str) -> str:
    """The address in `Name <a@b>`, else the text itself; empty where there is none in it."""
    return parseaddr(text)[1] if "<" in text else text.strip()


def address_list(text: str) -> list[str]:
    """The bare addresses in a header."""
    return [each for _, each in getaddresses([text]) if each]


def named(text: str) -> Address:
    """`Name <a@b>` for a header; what strangers put into a name stays in it."""
    name, address = parseaddr(text)
    user, _, domain = address.rpartition("@")
    return Address(name.replace("\r", " ").replace("\n", " "), user, domain)


def compose(
    clock: Clock,
    *,
    sender: str,
    to: Iterable[str],
    subject: str,
    text: str | None,
    html: str | None,
    headers: Mapping[str, str],
    cc: Iterable[str] = (),
    reply_to: Iterable[str] = (),
    files: Iterable[File] = (),
    message_id: str = "",
    charset: str = "utf-8",
) -> EmailMessage:
    """A mail as the recipient's server gets it. `headers` win over what is made up here, but not over the addresses."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = named(sender)
    mail["To"] = [named(each) for each in to]
    if cc := list(cc):
        mail["Cc"] = [named(each) for each in cc]
    if answers := list(reply_to):
        mail["Reply-To"] = [named(each) for each in answers]
    mail["Subject"] = subject
    given = {name.lower() for name in headers}
    if "date" not in given:
        mail["Date"] = clock.now()
    if "message-id" not in given or message_id:
        mail["Message-ID"] = message_id or new_message_id(bare(sender).rpartition("@")[2])
    for name, value in headers.items():
        if name.lower() not in {"from", "to", "cc", "reply-to", "subject"} and not (
            name.lower() == "message-id" and message_id
        ):
            mail[name] = value
    _fill(mail, text, html, list(files), charset)
    return mail


def _fill(mail: EmailMessage, text: str | None, html: str | None, files: list[File], charset: str) -> None:
    if html is None or text is not None:
        mail.set_content(text or "", charset=charset, cte="quoted-printable")
    if html is not None and text is None:
        mail.set_content(html, subtype="html", charset=charset, cte="quoted-printable")
    elif html is not None:
        mail.add_alternative(html, subtype="html", charset=charset, cte="quoted-printable")
    for file in files:
        main, _, sub = (file.content_type or "application/octet-stream").partition("/")
        mail.add_attachment(file.data, maintype=main, subtype=sub or "octet-stream", filename=file.name)


def new_message_id(domain: str) -> str:
    """`<...@domain>`"""
    return f"<{secrets.token_hex(10)}@{domain or 'mail.example'}>"


def read(raw: bytes) -> EmailMessage:
    """A mail from its bytes."""
    return message_from_bytes(raw, policy=policy.default)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The body of that kind, lines ended by a newline; empty where there is none or it can't be read."""
    body = mail.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):
        return bytes(body.get_payload(decode=True) or b"").decode("latin-1")


def files_of(mail: EmailMessage) -> list[File]:
    """Its attachments."""
    return [
        File(part.get_filename() or "file", part.get_content_type(), bytes(part.get_payload(decode=True) or b""))
        for part in mail.iter_attachments()
    ]


def decoded(text: str) -> bytes:
    """Strict base64. Raises ValueError."""
    return base64.b64decode(re.sub(r"\s+", "", text), validate=True)
