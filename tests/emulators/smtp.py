"""A mail server that keeps what it is given and misbehaves as told: in a thread for tests, or as a process of its own.

    python -m tests.emulators.smtp --port 0 --record mails.jsonl [--script '{"delay": 0.02}']

prints its port on the first line, and appends one JSON line per accepted mail, synced before it says 250, so that
what a killed client had handed over stays counted.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import ssl
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

STEPS = ("banner", "mail", "rcpt", "data", "body", "dot")
"""Where a script may `hang` or `drop`: before the banner, at a command, while the mail comes, after its final dot."""


@dataclass
class Script:
    """How the server behaves. May be changed while it runs; the next command obeys."""

    delay: float = 0.0
    """Seconds before every reply."""
    final_delay: float = 0.0
    """Seconds more before the reply to the final dot."""
    hang: str = ""
    """Never answer at this step."""
    drop: str = ""
    """Hang up at this step; at "dot" the mail is not taken, at "accepted" it is, and in both the reply is lost."""
    faults: int | None = None
    """How often `hang` and `drop` happen before the server behaves; None: always."""
    per_connection: int | None = None
    """421 at MAIL after this many mails on one connection."""
    banner: str = "220 emulator ESMTP"
    mail: str = "250 2.1.0 ok"
    rcpt: dict[str, str] = field(default_factory=dict)
    """Address -> reply to RCPT."""
    greylist: bool = False
    """451 for the first try of each address."""
    data: str = "354 go on"
    final: str = "250 2.0.0 taken"
    users: dict[str, str] | None = None
    """Name -> password, where a login is needed."""
    login: str = ""
    """Reply to every login instead of looking."""
    linger: float = 0.0
    """Seconds without a sign of life, not even of TLS, after a refused login and after the goodbye."""
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "SIZE 10000000")


@dataclass(frozen=True)
class SunkMail:
    """A mail that was taken."""

    sender: str
    recipient: str
    raw: bytes
    encrypted: bool = False
    user: str = ""
    copies: tuple[str, ...] = ()
    """Who else gets it."""

    @property
    def parsed(self) -> EmailMessage:
        """As the standard library reads it."""
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The body's plain text, lines ended by a newline."""
        plain = self.parsed.get_body(("plain",))
        assert plain is not None
        return str(plain.get_content()).replace("\r\n", "\n")

    @property
    def message_id(self) -> str:
        """Our own id of the message."""
        return str(self.parsed["X-Cellback-Message"])


def read_record(path: Path) -> list[SunkMail]:
    """The mails in a record file; a line cut off by a kill is left out."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [SunkMail(mail["from"], mail["to"], base64.b64decode(mail["raw"])) for mail in found]


class SmtpSink:
    """The server, on a thread of its own: `with SmtpSink() as sink: ... sink.url ... sink.mails`."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        port: int = 0,
        record: Path | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.script = script or Script()
        self.mails: list[SunkMail] = []
        self.connections = 0
        self.log: list[str] = []
        """Every command line received."""
        self.tls, self.implicit_tls = tls, implicit_tls
        self.port = port
        self._record = record
        self._attempts: Counter[str] = Counter()
        self._sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._ready = threading.Event()
        self._stopped: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    def forget(self, script: Script | None = None) -> None:
        """Begin anew: no mails, no address ever tried, another script."""
        self.script = script or Script()
        self.mails.clear()
        self._attempts.clear()

    @property
    def url(self) -> str:
        """What SMTP_URL would say."""
        return f"smtp{'s' if self.implicit_tls else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> SmtpSink:
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    async def serve(self, *, announce: bool = False) -> None:
        """Listen until stopped."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, ssl=self.tls if self.implicit_tls else None, backlog=512
        )
        self.port = server.sockets[0].getsockname()[1]
        if announce:
            sys.stdout.write(f"{self.port}\n")
            sys.stdout.flush()
        self._ready.set()
        await self._stopped.wait()
        server.close()
        await asyncio.sleep(0)  # what was accepted a moment ago gets its session, to be ended like the others
        for session, writer in self._sessions.items():
            session.cancel()
            writer.transport.abort()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def fault(self, kind: str, step: str) -> bool:
        """Whether the script wants this fault now; counts it down."""
        if getattr(self.script, kind) != step or self.script.faults == 0:
            return False
        if self.script.faults is not None:
            self.script.faults -= 1
        return True

    def rcpt_reply(self, address: str) -> str:
        """The reply to RCPT for an address."""
        self._attempts[address] += 1
        if self.script.greylist and self._attempts[address] == 1:
            return "451 4.7.1 greylisted, come back"
        return self.script.rcpt.get(address, "250 2.1.5 ok")

    def keep(self, mail: SunkMail) -> None:
        """Take a mail, for good."""
        if self._record is not None:
            line = {"from": mail.sender, "to": mail.recipient, "raw": base64.b64encode(mail.raw).decode()}
            handle = os.open(self._record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, json.dumps(line).encode() + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
        self.mails.append(mail)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note the session before it starts, so that one that never comes to start is ended too."""
        self.connections += 1
        session = asyncio.create_task(self._session(reader, writer))
        self._sessions[session] = writer
        session.add_done_callback(self._sessions.pop)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Session(self, reader, writer).run()
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


class HangUp(ConnectionError):
    """The script wants the connection gone."""


class Session:
    """One connection."""

    def __init__(self, sink: SmtpSink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sink, self._reader, self._writer = sink, reader, writer
        self._encrypted = sink.implicit_tls
        self._user = ""
        self._sender = self._recipient = ""
        self._copies: list[str] = []
        self._mails = 0

    async def run(self) -> None:
        """Talk until QUIT or the end."""
        await self._fault("banner")
        await self._say(self._sink.script.banner)
        while line := (await self._reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            self._sink.log.append(line)
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 bye")
                time.sleep(self._sink.script.linger)
                return
            handler = getattr(self, f"_do_{verb.lower()}", None)
            if handler is None:
                await self._say("502 5.5.1 not known")
            else:
                await handler(rest)

    async def _say(self, reply: str) -> None:
        if self._sink.script.delay:
            await asyncio.sleep(self._sink.script.delay)
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
        if reply.startswith("421"):
            raise HangUp

    async def _fault(self, step: str) -> None:
        if self._sink.fault("hang", step):
            await asyncio.Event().wait()
        if self._sink.fault("drop", step):
            raise HangUp

    async def _do_ehlo(self, _: str) -> None:
        lines = ["emulator", *self._sink.script.extensions]
        if self._sink.tls is not None and not self._encrypted:
            lines.append("STARTTLS")
        if self._sink.script.users is not None:
            lines.append("AUTH PLAIN LOGIN")
        replies = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        await self._say("\r\n".join(replies))

    async def _do_helo(self, _: str) -> None:
        await self._say("250 emulator")

    async def _do_starttls(self, _: str) -> None:
        assert self._sink.tls is not None
        await self._say("220 ready")
        await self._writer.start_tls(self._sink.tls)
        self._encrypted = True

    async def _do_auth(self, rest: str) -> None:
        method, _, initial = rest.partition(" ")
        if method.upper() == "PLAIN":
            _, name, password = base64.b64decode(initial).decode().split("\0")
        else:
            name = base64.b64decode(initial).decode()
            await self._say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(await self._reader.readline()).decode()
        known = (self._sink.script.users or {}).get(name) == password
        self._user = name if known else ""
        refused = f"535 5.7.8 {name} may not come in with {password}"
        await self._say(self._sink.script.login or ("235 2.7.0 welcome" if known else refused))
        if not known:
            time.sleep(self._sink.script.linger)

    async def _do_mail(self, rest: str) -> None:
        await self._fault("mail")
        if self._sink.script.per_connection is not None and self._mails >= self._sink.script.per_connection:
            await self._say("421 4.7.0 too many mails on this connection")
        if self._sink.script.users is not None and not self._user:
            await self._say("530 5.7.0 log in first")
            return
        if self._sender:
            await self._say("503 5.5.1 nested MAIL")
            return
        if self._sink.script.mail.startswith("2"):
            self._sender = _between(rest)
        await self._say(self._sink.script.mail)

    async def _do_rcpt(self, rest: str) -> None:
        await self._fault("rcpt")
        reply = self._sink.rcpt_reply(_between(rest)) if self._sender else "503 5.5.1 MAIL first"
        if reply.startswith("2") and self._recipient:
            self._copies.append(_between(rest))
        elif reply.startswith("2"):
            self._recipient = _between(rest)
        await self._say(reply)

    async def _do_data(self, _: str) -> None:
        await self._fault("data")
        reply = self._sink.script.data if self._recipient else "503 5.5.1 RCPT first"
        await self._say(reply)
        if not reply.startswith("354"):
            return
        await self._fault("body")
        raw = (await self._reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        await self._fault("dot")
        script = self._sink.script  # one script decides what is kept and what is said, also when it changes meanwhile
        final, delay = script.final, script.final_delay
        if final.startswith("2"):
            who = (self._sender, self._recipient)
            self._sink.keep(SunkMail(*who, raw, self._encrypted, self._user, tuple(self._copies)))
            self._mails += 1
        self._forget()
        await self._fault("accepted")
        await asyncio.sleep(delay)
        await self._say(final)

    def _forget(self) -> None:
        self._sender = self._recipient = ""
        self._copies.clear()

    async def _do_rset(self, _: str) -> None:
        self._forget()
        await self._say("250 2.0.0 ok")

    async def _do_noop(self, _: str) -> None:
        await self._say("250 2.0.0 ok")


def _between(rest: str) -> str:
    """The address in `FROM:<a@b> SIZE=1`."""
    return rest.partition("<")[2].partition(">")[0]


def main(arguments: list[str] | None = None) -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--script", default="{}", help=f"JSON with any of: {', '.join(f.name for f in fields(Script))}")
    options = parser.parse_args(arguments)
    sink = SmtpSink(Script(**json.loads(options.script)), port=options.port, record=options.record)
    try:
        asyncio.run(sink.serve(announce=True))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
