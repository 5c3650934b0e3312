"""Writes one mail as bytes for the wire (RFC 5322). Knows no server and sends nothing.

By hand instead of with EmailMessage, which takes as long to build and flatten as sending does; the tests read
every mail back with the standard parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from urllib.parse import urljoin

from email_validator import EmailNotValidError, validate_email

from server.channels.addresses import mail_address
from server.channels.mail_parts import content
from server.domain.keys import new_token
from server.domain.message import Outgoing
from server.errors import AddressError, ConfigError, PermanentError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSAFE_IN_ADDRESS = re.compile(r"""[\s<>"(),:;\\\[\]\x00-\x1f\x7f]""")


@dataclass(frozen=True, slots=True)
class WireAddress:
    """An address as it travels. `utf8`: only a server that offers SMTPUTF8 can take it (RFC 6531)."""

    text: str
    utf8: bool


def wire_address(address: str) -> WireAddress:
    """The address with its domain in ASCII (IDNA). Raises PermanentError when it can't stand in an envelope."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or _UNSAFE_IN_ADDRESS.search(address):
        raise PermanentError("The address of this row can't be used for mail: correct it in its cell.")
    if not domain.isascii():
        try:
            domain = validate_email(f"a@{domain}", check_deliverability=False, globally_deliverable=False).ascii_domain
        except EmailNotValidError:
            raise PermanentError("The part of the address after the @ is no domain name: correct it.") from None
    return WireAddress(f"{local}@{domain}", not local.isascii())


class MailWriter:
    """Turns an outgoing message into the bytes of a mail; the parts that never change are made once."""

    def __init__(self, sender: str, *, inbound_domain: str = "", base_url: str = "") -> None:
        """`sender` is EMAIL_FROM: an address, or `Name <address>`. Raises ConfigError when it is neither."""
        try:
            self.sender = wire_address(mail_address(sender)).text
        except (AddressError, PermanentError) as error:
            raise ConfigError([f"EMAIL_FROM: {error.sentence}"]) from None
        self._domain = self.sender.rpartition("@")[2]
        self._inbound_domain = inbound_domain
        self._base_url = base_url
        self._from = f"From: {_mailbox(_name(sender), self.sender)}\r\n"
        self._fixed = (
            "MIME-Version: 1.0\r\n"
            "Auto-Submitted: auto-generated\r\n"
            # Receipts and rule-made answers are noise; OOF is left out, for who is away is worth knowing.
            "X-Auto-Response-Suppress: DR, RN, NRN, AutoReply\r\n"
        )

    def mail_id(self, outgoing: Outgoing) -> str:
        """The Message-ID, with its angle brackets: the same on every try, so that a second copy can be known.

        A test to oneself has no token and gets a new one each time: mail programs hide what they have seen already.
        """
        return f"<{outgoing.message_id}.{outgoing.token or new_token()}@{self._domain}>"

    def names_utf8(self, outgoing: Outgoing) -> bool:
        """Whether a header names an address that needs SMTPUTF8. Raises PermanentError for one that can't be used."""
        return any(wire_address(address).utf8 for address in (outgoing.sender, outgoing.reply_to) if address)

    def write(self, outgoing: Outgoing, recipient: WireAddress, mail_id: str, *, eight_bit: bool) -> bytes:
        """The whole mail, lines ended by CRLF, not yet dot-stuffed. `eight_bit`: the server offers 8BITMIME.

        Its text stands there as it was approved, and beside it as simple HTML; files follow. Raises PermanentError
        when one of its addresses can't be used.
        """
        head = "".join(self._headers(outgoing, recipient, mail_id))
        return f"{head}{self._fixed}".encode() + content(outgoing.text, outgoing.attachments, eight_bit=eight_bit)

    def _headers(self, outgoing: Outgoing, recipient: WireAddress, mail_id: str) -> list[str]:
        lines = [
            f"From: <{wire_address(outgoing.sender).text}>\r\n" if outgoing.sender else self._from,
            f"To: {_mailbox(outgoing.person, recipient.text)}\r\n",
            f"Subject: {_words(outgoing.subject, 'Subject')}\r\n",
            f"Date: {format_datetime(datetime.now(UTC))}\r\n",
            f"Message-ID: {mail_id}\r\n",
            f"X-Cellback-Message: {outgoing.message_id}\r\n",
        ]
        if outgoing.cc:
            lines.append(f"Cc: {_listed(wire_address(address).text for address in outgoing.cc)}\r\n")
        if replies := self._replies(outgoing):
            lines.append(f"Reply-To: {_listed(replies)}\r\n")
        if outgoing.thread:
            thread = _one_line(outgoing.thread)
            lines.append(f"In-Reply-To: {thread}\r\nReferences: {thread}\r\n")
        if outgoing.unsubscribe_url:
            url = urljoin(f"{self._base_url}/", _one_line(outgoing.unsubscribe_url))
            # RFC 8058: both headers, each on one line.
            lines.append(f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
        return lines

    def _replies(self, outgoing: Outgoing) -> list[str]:
        """Where answers go: to us first, so that they come home to their row, then to the person who wants them."""
        ours = f"r+{outgoing.token}@{self._inbound_domain}" if self._inbound_domain and outgoing.token else ""
        theirs = wire_address(outgoing.reply_to).text if outgoing.reply_to else ""
        return [address for address in (ours, theirs) if address]


def _name(sender: str) -> str:
    """The name in `Name <address>`, or ""."""
    name, bracket, _ = sender.rpartition("<")
    return name.strip().strip('"') if bracket else ""


def _one_line(text: str) -> str:
    """Without anything that could end a header line, and without lone surrogates."""
    return _CONTROL.sub(" ", text).strip().encode("utf-8", "replace").decode()


def _words(text: str, header: str) -> str:
    """Unstructured text as a header's value: as it is when short and plain, else as encoded words (RFC 2047)."""
    plain = _one_line(text)
    if plain.isascii() and len(plain) <= 60 and "=?" not in plain:
        return plain
    return Header(plain, "utf-8", header_name=header).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    """`"Name" <address>`, or the bare address."""
    plain = _one_line(name)
    if not plain:
        return f"<{address}>"
    words = _words(plain, "From")
    if words == plain:
        quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{words}\r\n <{address}>"


def _listed(addresses: Iterable[str]) -> str:
    """Addresses of a header, one a line: no line gets too long."""
    return ",\r\n ".join(f"<{address}>" for address in addresses)
