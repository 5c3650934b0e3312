"""One connection to a mail server: what is said on it, and how far that came. Knows no message of ours.

What goes wrong is told by the phase it happened in; what that means for a send is decided in `smtp.py`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import aiosmtplib
from aiosmtplib import SMTPResponse

IDLE_SECONDS = 30.0
"""Servers hang up on idle clients after a minute and more; a connection older than this is not worth the risk."""
FINAL_PATIENCE = 3
"""The reply to the final dot may take longer than any other (RFC 5321, 4.5.3.2.6: servers scan the mail then)."""
SLOWEST = 100_000
"""Bytes a second at which a mail with large files may still leave us."""
_QUIT_SECONDS = 2.0


class Phase(StrEnum):
    """How far a mail had come. Only from DOT on may the server have taken it (RFC 5321, section 4.1.1.4)."""

    CONNECT = "connect"
    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    COPY = "copy"
    """RCPT for somebody who gets a copy."""
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class Refused(Exception):
    """The server answered, and not with yes."""

    def __init__(self, phase: Phase, code: int, text: str) -> None:
        super().__init__(f"{phase}: {code}")
        self.phase, self.code, self.text = phase, code, text


class NotOffered(Refused):
    """The server lacks what we need: encryption (TLS), a way to log in (LOGIN), SMTPUTF8 (RCPT)."""

    def __init__(self, phase: Phase) -> None:
        super().__init__(phase, 504, "not offered")


class Broken(Exception):
    """There was no answer: not reached, connection lost, time limit passed, not an answer of SMTP."""

    def __init__(self, phase: Phase, reason: str, *, untrusted: bool = False) -> None:
        super().__init__(f"{phase}: {reason}")
        self.phase, self.reason, self.untrusted = phase, reason, untrusted


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is and how to speak to it. `start_tls` None: when it is offered."""

    host: str
    port: int
    username: str | None
    password: str | None
    implicit_tls: bool
    start_tls: bool | None
    timeout: float
    hello: str
    tls: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and the mail itself, made when it is known whether the server takes 8-bit text."""

    sender: str
    recipient: str
    utf8: bool
    write: Callable[[bool], bytes]
    copies: tuple[str, ...] = ()


class _Client(aiosmtplib.SMTP):
    """aiosmtplib's, but its connection is gone when it says closed.

    Over TLS its own `close` leaves the socket open until the server hangs up as well, up to 30 seconds; it closes
    so after QUIT, after a refused login and after a 421, and then knows the transport no more.
    """

    def close(self) -> None:
        """Say the goodbye of TLS, where there is one, and hang up without waiting for the server's."""
        transport = cast(asyncio.WriteTransport | None, self.transport)
        super().close()
        if transport is not None:
            transport.abort()

    def abort(self) -> None:
        """Hang up without a word, and without sending what still waits to be sent."""
        if self.transport is not None:
            cast(asyncio.WriteTransport, self.transport).abort()
        self.close()


class Connection:
    """One connection, used by one send at a time."""

    def __init__(self, client: _Client, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._idle_since = time.monotonic()
        self.mails = 0

    @classmethod
    async def open(cls, server: Server) -> Connection:
        """Connect, greet, encrypt, log in, all within the time limit. Raises Refused or Broken."""
        client = _Client(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.hello,
            timeout=None,
            use_tls=server.implicit_tls,
            start_tls=server.start_tls,
            tls_context=server.tls,
        )
        try:
            async with asyncio.timeout(server.timeout):
                await client.connect()
                if client.is_ehlo_or_helo_needed:
                    await client.ehlo()
        except BaseException as error:
            client.abort()
            if isinstance(error, OSError | aiosmtplib.SMTPException):
                raise _opening_fault(error) from None
            raise
        return cls(client, server.timeout)

    @property
    def usable(self) -> bool:
        """Still open, and not idle for so long that the server may be about to hang up."""
        return self._client.is_connected and time.monotonic() - self._idle_since < IDLE_SECONDS

    def offers(self, extension: str) -> bool:
        """Whether the server offers that extension of SMTP."""
        return self._client.supports_extension(extension)

    async def introduce(self, envelope: Envelope) -> None:
        """MAIL FROM. Raises Refused or Broken; the server has nothing yet."""
        if envelope.utf8 and not self.offers("smtputf8"):
            raise NotOffered(Phase.RCPT)
        options = [b"SMTPUTF8"] if envelope.utf8 else []
        if self.offers("8bitmime"):
            options.append(b"BODY=8BITMIME")
        async with self._limit(Phase.MAIL):
            await self._command(Phase.MAIL, b"MAIL", f"FROM:<{envelope.sender}>".encode(), *options)

    async def transfer(self, envelope: Envelope) -> None:
        """RCPT TO, DATA and the mail up to its final dot, but not the dot. Raises Refused or Broken."""
        async with self._limit(Phase.RCPT):
            await self._command(Phase.RCPT, b"RCPT", f"TO:<{envelope.recipient}>".encode())
        for copy in envelope.copies:  # all or none: a mail that went to some of them could not be sent again
            async with self._limit(Phase.COPY):
                await self._command(Phase.COPY, b"RCPT", f"TO:<{copy}>".encode())
        mail = envelope.write(self.offers("8bitmime"))
        async with self._limit(Phase.DATA):
            await self._command(Phase.DATA, b"DATA", positive=3)
        async with self._limit(Phase.BODY, self._timeout + len(mail) / SLOWEST):
            await self._write(mail)

    async def finish(self) -> None:
        """The final dot and its reply: the moment at which the server takes the mail. Raises Refused or Broken."""
        async with self._limit(Phase.DOT, self._timeout * FINAL_PATIENCE):
            await self._command(Phase.DOT, b".")
        self.mails += 1
        self._idle_since = time.monotonic()

    async def reset(self) -> bool:
        """Forget a refused mail; False when the connection is of no more use."""
        try:
            async with self._limit(Phase.MAIL):
                await self._command(Phase.MAIL, b"RSET")
        except (Refused, Broken):
            return False
        self._idle_since = time.monotonic()
        return self.usable

    def drop(self) -> None:
        """Hang up without a word, and without sending what still waits to be sent."""
        self._client.abort()

    async def quit(self) -> None:
        """Hang up politely, if that is quick."""
        with suppress(OSError, aiosmtplib.SMTPException):
            async with asyncio.timeout(_QUIT_SECONDS):
                await self._client.quit()
        self.drop()

    @asynccontextmanager
    async def _limit(self, phase: Phase, seconds: float | None = None) -> AsyncIterator[None]:
        """A time limit around one phase; every fault of the connection inside it becomes Broken."""
        try:
            async with asyncio.timeout(seconds or self._timeout):
                yield
        except TimeoutError:
            raise Broken(phase, "no answer in time") from None
        except (OSError, aiosmtplib.SMTPException) as error:
            raise Broken(phase, _reason(error)) from None

    async def _command(self, phase: Phase, *words: bytes, positive: int = 2) -> SMTPResponse:
        response = await self._client.execute_command(*words)
        if response.code // 100 != positive:
            raise Refused(phase, response.code, response.message)
        return response

    async def _write(self, mail: bytes) -> None:
        """Dot-stuff and write, and wait until it has left us, so that what fails here is known to lack its dot.

        aiosmtplib's own `data` writes mail and dot in one go, which would leave both cases alike.
        """
        protocol = self._client.protocol
        if protocol is None:
            raise Broken(Phase.BODY, "connection lost")
        protocol.write(mail.replace(b"\r\n.", b"\r\n.."))
        await asyncio.sleep(0)  # a hang-up that has arrived meanwhile is noticed now
        left, moved = len(mail) + 1, time.monotonic()
        while (transport := self._client.transport) is not None:
            waiting = cast(asyncio.WriteTransport, transport).get_write_buffer_size()
            if not waiting:
                return
            if waiting < left:
                left, moved = waiting, time.monotonic()
            elif time.monotonic() - moved > self._timeout:
                raise Broken(Phase.BODY, "no answer in time")
            await asyncio.sleep(0.005)
        raise Broken(Phase.BODY, "connection lost")


def _opening_fault(error: BaseException) -> Refused | Broken:
    """What went wrong before the first mail, from what aiosmtplib raises."""
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Broken(Phase.TLS, cause.verify_message, untrusted=True)
    if isinstance(cause, ssl.SSLError):
        return Broken(Phase.TLS, cause.reason or "TLS failed", untrusted=cause.reason == "WRONG_VERSION_NUMBER")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Refused(Phase.LOGIN, error.code, error.message)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Refused(Phase.GREETING, error.code, error.message)
    if isinstance(error, OSError):
        return Broken(Phase.CONNECT, _reason(cause if isinstance(cause, OSError) else error))
    # aiosmtplib words it only: no STARTTLS, no AUTH, or no method of AUTH in common.
    return NotOffered(Phase.TLS if "STARTTLS extension" in str(error) else Phase.LOGIN)


def _reason(error: BaseException) -> str:
    """A word on a lost connection that can hold neither an address nor a secret."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return "an answer that is not SMTP"
    strerror = getattr(error, "strerror", None)
    return strerror.lower() if isinstance(strerror, str) else "connection lost"
