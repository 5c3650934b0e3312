"""The email channel over any SMTP server. What a server's answer means for a send is decided here."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from weakref import WeakKeyDictionary

from server.channels.addresses import mail_address
from server.channels.base import Provider
from server.channels.mail import MailWriter, wire_address
from server.channels.smtp_connection import Broken, Envelope, NotOffered, Phase, Refused, Server
from server.channels.smtp_pool import Pool
from server.domain.message import Limits, Outgoing, Receipt
from server.domain.reply import Event, WebhookRequest
from server.domain.words import ChannelName
from server.errors import (
    CellbackError,
    ConfigError,
    InvalidInput,
    PermanentError,
    SendInDoubt,
    SignatureError,
    TemporaryError,
)

if TYPE_CHECKING:
    from server.channels.imap import Inbox

_ADDRESS_LIKE = re.compile(r"\S*@\S*")
_LONGEST_QUOTE = 160
_SHORTEST_SCRUBBED = 4
_WHOLE_CAMPAIGN = frozenset({Phase.GREETING, Phase.TLS, Phase.LOGIN, Phase.MAIL})
"""Refusals for good in these phases would meet every other mail as well."""
ASK_MAILBOX = 30.0
"""Seconds between two looks into the mailbox of IMAP_URL: a look costs a server little, and people wait for it."""

_TOO_LARGE = 552
_UNAUTHENTICATED = 530


class SmtpChannel(Provider):
    """Sends mail through one SMTP server. It has no webhooks: replies and bounces are read from a mailbox (IMAP)."""

    name = ChannelName.EMAIL
    provider = "smtp"

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        inbound_domain: str = "",
        base_url: str = "",
        imap_url: str = "",
        timeout: float = 20.0,
        concurrency: int = 8,
    ) -> None:
        """`url` is SMTP_URL, `sender` is EMAIL_FROM, with or without a name.

        `smtps://` encrypts from the start (port 465). `smtp://` (port 587 with a user, else 25) encrypts when the
        server offers it, and must when there is a password for a server that is not on this machine; add
        `?tls=required` or `?tls=off` to decide otherwise. Certificates are always checked, against the system's
        authorities or those in SSL_CERT_FILE. `timeout` bounds, in seconds, connecting and each step up to the
        final dot; the reply to that may take three times as long. `imap_url` is IMAP_URL, the mailbox that replies
        come to (see `imap.parse_imap_url`); without one they are not read. Raises ConfigError.
        """
        self._writer = MailWriter(sender, inbound_domain=inbound_domain, base_url=base_url)
        self._server = _server(url, timeout, own_domain=self._writer.sender.rpartition("@")[2])
        self._inbox = self._mailbox(imap_url, inbound_domain, timeout) if imap_url else None
        self._concurrency = concurrency
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def address(self, text: str) -> str:
        """The mail address in a cell. Raises AddressError."""
        return mail_address(text)

    def limits(self) -> Limits:
        """As many at once as there are connections; how fast is for the server to say, with 4xx. A mailbox is the only
        way that answers come: it is looked into often."""
        domain = self._writer.sender.rpartition("@")[2].lower()
        often = ASK_MAILBOX if self._inbox else Limits().ask_every
        return Limits(self._concurrency, files=True, copies=True, subjects=True, sender_domain=domain, ask_every=often)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail to the server; the receipt bears its Message-ID, with angle brackets.

        Raises TemporaryError, PermanentError or SendInDoubt; in doubt is only what fails between our final dot
        and the server's reply to it.
        """
        recipient, mail_id = wire_address(outgoing.address), self._writer.mail_id(outgoing)
        copies = [wire_address(address) for address in outgoing.cc]
        envelope = Envelope(
            sender=self._writer.sender,
            recipient=recipient.text,
            copies=tuple(copy.text for copy in copies),
            utf8=recipient.utf8 or any(copy.utf8 for copy in copies) or self._writer.names_utf8(outgoing),
            write=lambda eight_bit: self._writer.write(outgoing, recipient, mail_id, eight_bit=eight_bit),
        )
        try:
            async with self._pool().introduced(envelope) as connection:
                await connection.transfer(envelope)
                await connection.finish()
        except Refused as refusal:
            raise _refused(refusal, self._server, recipient.text) from None
        except Broken as fault:
            raise _broken(fault, self._server, outgoing.message_id) from None
        return Receipt(provider_id=mail_id)

    async def missed(self, since: datetime) -> list[Event]:
        """Replies and bounces in the mailbox, where one is given. Raises TemporaryError, PermanentError."""
        return await asyncio.to_thread(self._inbox.look, since) if self._inbox else []

    async def check(self) -> None:
        """Connect, encrypt and log in as for a mail; and to the mailbox. Raises TemporaryError or PermanentError."""
        try:
            await self._pool().reach()
        except Refused as refusal:
            raise _refused(refusal, self._server, "") from None
        except Broken as fault:
            raise _broken(fault, self._server, "check") from None
        if self._inbox:
            await asyncio.to_thread(self._inbox.check)

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        with self._lock:
            pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    def verify(self, request: WebhookRequest) -> None:
        """Always raises SignatureError: nothing that claims to come from an SMTP server can be genuine."""
        raise SignatureError(f"SMTP has no webhooks: nothing posted to {urlsplit(request.url).path} is believed.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        """Always raises InvalidInput."""
        raise InvalidInput(f"SMTP has no webhooks: nothing posted to {urlsplit(request.url).path} can be read.")

    def _mailbox(self, url: str, inbound_domain: str, timeout: float) -> Inbox:
        from server.channels.imap import Inbox

        return Inbox(url, ours=self._writer.sender, inbound_domain=inbound_domain, timeout=timeout)

    def _pool(self) -> Pool:
        """The running loop's own connections: a connection can't be carried from one loop to another."""
        loop = asyncio.get_running_loop()
        with self._lock:
            pool = self._pools.get(loop)
            if pool is None:
                pool = self._pools[loop] = Pool(self._server, self._concurrency)
        return pool


def _server(url: str, timeout: float, *, own_domain: str) -> Server:
    """Reads SMTP_URL. Raises ConfigError, which never repeats the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ConfigError(["SMTP_URL: the port must be a number between 1 and 65535"]) from None
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = options.pop("tls", "")
    if parts.scheme not in {"smtp", "smtps"} or not host:
        raise ConfigError(["SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465"])
    if options or tls not in {"", "required", "off"} or (tls == "off" and parts.scheme == "smtps"):
        raise ConfigError(["SMTP_URL: after the ? only tls=required or, with smtp://, tls=off may stand"])
    local = _is_loopback(host)
    encrypt = {"required": True, "off": False, "": True if parts.password and not local else None}[tls]
    return Server(
        host=host,
        port=port or (465 if parts.scheme == "smtps" else 587 if parts.username else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=parts.scheme == "smtps",
        start_tls=False if parts.scheme == "smtps" else encrypt,
        timeout=timeout,
        hello="localhost" if local else _own_name(own_domain),
        tls=ssl.create_default_context(),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _own_name(own_domain: str) -> str:
    """What EHLO says. A name without a dot is refused by many servers, and a look-up could take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else own_domain


def _refused(refusal: Refused, server: Server, address: str) -> CellbackError:
    """What an answer other than yes means for the send (RFC 5321, section 4.2.1: 4 is not now, 5 is never)."""
    said, where = _said(refusal, server, address), f"{server.host}:{server.port}"
    if isinstance(refusal, NotOffered):
        return _lacking(refusal.phase, where)
    kind = refusal.code // 100
    if kind == 4:
        return TemporaryError(f"The mail server does not take it for now ({said}).", detail=f"{refusal.phase}: {said}")
    if kind != 5:
        return _nonsense(refusal.phase, said, where)
    if refusal.phase is Phase.LOGIN or refusal.code == _UNAUTHENTICATED:
        sentence = f"The mail server {where} refused the user name or password ({said}). Check SMTP_URL."
        return PermanentError(sentence, whole_campaign=True, detail=str(refusal))
    if refusal.phase in _WHOLE_CAMPAIGN and refusal.code != _TOO_LARGE:
        sentence = f"The mail server {where} takes no mail from this sender ({said}). Check SMTP_URL and EMAIL_FROM."
        return PermanentError(sentence, whole_campaign=True, detail=f"{refusal.phase}: {said}")
    what = {Phase.RCPT: "address", Phase.COPY: "address, which gets a copy"}.get(refusal.phase, "mail")
    return PermanentError(f"The mail server refused this {what} ({said}).", detail=f"{refusal.phase}: {said}")


def _lacking(phase: Phase, where: str) -> PermanentError:
    if phase is Phase.RCPT:
        return PermanentError("The mail server can't write to addresses with letters beyond a to z before the @.")
    if phase is Phase.TLS:
        sentence = (
            f"The mail server {where} offers no encryption, so the mail was not sent. Check the port in SMTP_URL."
        )
    else:
        sentence = f"The mail server {where} offers no way to log in that we know. Check SMTP_URL."
    return PermanentError(sentence, whole_campaign=True)


def _nonsense(phase: Phase, said: str, where: str) -> CellbackError:
    """An answer that is neither yes nor no."""
    if phase is Phase.DOT:
        return SendInDoubt(f"The mail server gave no clear answer ({said}): the mail may have gone out, or not.")
    return TemporaryError(f"{where} does not answer like a mail server. Check SMTP_URL.", detail=f"{phase}: {said}")


def _broken(fault: Broken, server: Server, message_id: str) -> CellbackError:
    """What a lost connection means for the send."""
    where = f"{server.host}:{server.port}"
    if fault.phase is Phase.DOT:
        return SendInDoubt(
            f"The mail server {where} did not confirm the mail ({fault.reason}): it may have gone out, or not. "
            f"Its log knows it as {message_id}.",
            detail=str(fault),
        )
    if fault.untrusted:
        sentence = f"The connection to the mail server {where} can't be trusted ({fault.reason}). Check SMTP_URL."
        return PermanentError(sentence, whole_campaign=True, detail=str(fault))
    if fault.phase is Phase.CONNECT:
        sentence = f"The mail server {where} can't be reached ({fault.reason}). Check SMTP_URL if it stays so."
        return TemporaryError(sentence, detail=str(fault))
    return TemporaryError(f"The connection to the mail server broke off ({fault.reason}).", detail=str(fault))


def _said(refusal: Refused, server: Server, address: str) -> str:
    """The server's words, without the addresses and the secrets that servers like to repeat."""
    text = refusal.text.encode("utf-8", "replace").decode()
    for secret in (address.rpartition("@")[0], server.username, server.password):
        if secret and len(secret) >= _SHORTEST_SCRUBBED:
            text = text.replace(secret, "…")
    text = " ".join(_ADDRESS_LIKE.sub("…", text).split())
    quote = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return f"{refusal.code} {quote}".strip()
