"""Plain SMTP: the mail server of tests/emulators/smtp.py, whose mails land in the people's mailboxes.

There are no webhooks: what comes back comes as mail, into the IMAP mailbox of the sender.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING

from tests.emulators.providers import replying
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.imap import Imap
from tests.emulators.providers.mail import bare
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post, Rules
from tests.emulators.providers.provider import json_answer
from tests.emulators.smtp import Script, SmtpSink, SunkMail

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

PERMANENT, TEMPORARY = "bounced", "deferred"


class Sink(SmtpSink):
    """The SMTP server, telling what it takes; recipients may be refused at RCPT."""

    def __init__(self, taken: Callable[[SunkMail], None], script: Script, port: int = 0) -> None:
        super().__init__(script, port=port)
        self._taken = taken

    def keep(self, mail: SunkMail) -> None:
        super().keep(mail)
        self._taken(mail)


class Smtp(MailProvider):
    """`world.smtp`. `script` is the behaviour of the SMTP server; `imap.account` the mailbox where answers arrive.

    `late_bounces`: an address whose fate is `bounced` is taken first and comes back as a DSN (else 550 at RCPT).
    """

    name = "smtp"
    routes = ()

    def __init__(self, world: Providers) -> None:
        self.user, self.password = "cellback", "an emulated password"
        self.script = Script(users={self.user: self.password})
        self.late_bounces = True
        self.sink = Sink(self._took, self.script)
        self.imap = Imap(self.user, self.password)
        self._started = threading.Lock()
        self._running = False
        super().__init__(world)

    def clear(self) -> None:
        super().clear()
        self.sink.mails.clear()
        self.script.rcpt.clear()
        self.imap.account.clear()

    def start(self, smtp_port: int = 0, imap_port: int = 0) -> Smtp:
        """Listen; done at the first look at `smtp_url` or `imap_url`, too."""
        with self._started:
            if not self._running:
                self.sink.port, self.imap.port = smtp_port, imap_port
                self.sink.__enter__()
                self.imap.start()
                self._running = True
        return self

    def stop(self) -> None:
        """Hang up."""
        if self._running:
            self.sink.__exit__()
            self.imap.stop()

    @property
    def smtp_url(self) -> str:
        """SMTP_URL."""
        user, password = self.user, self.password.replace(" ", "%20")
        return f"smtp://{user}:{password}@127.0.0.1:{self.start().sink.port}"

    @property
    def imap_url(self) -> str:
        """The mailbox where answers arrive."""
        user, password = self.user, self.password.replace(" ", "%20")
        return f"imap://{user}:{password}@127.0.0.1:{self.start().imap.port}"

    def environment(self) -> dict[str, str]:
        return {"SMTP_URL": self.smtp_url, "IMAP_URL": self.imap_url}

    def refuse(self, address: str, reply: str = "550 5.1.1 No such user") -> None:
        """Refuse a recipient at RCPT; 4yz is for now, 5yz for ever."""
        self.script.rcpt[address] = reply

    def _took(self, mail: SunkMail) -> None:
        """On the mail server's own thread: only note it."""
        parsed: EmailMessage = mail.parsed
        made = str(parsed["Message-ID"] or "")
        custom = {"envelope": mail.sender}
        with self.world.lock:
            self.arrive(made, mail.recipient, parsed, {"raw": mail.raw}, custom)

    def deliver(self, *which: Sent) -> list[Post]:
        """Nothing is posted. What can't be delivered comes back as mail, what is late is told so by mail."""
        for sent in self._open(which):
            box = self.world.mailbox(sent.to)
            if box.fate in (PERMANENT, TEMPORARY) and sent.mail is not None:
                permanent = box.fate == PERMANENT
                reason = box.reason if permanent else "451 4.4.1 The mail server did not answer yet"
                notice = replying.bounce(self.world.clock, sent.mail, sent.to, sent.custom["envelope"], reason,
                                         permanent=permanent)  # fmt: skip
                self.receive(notice.mail, "", notice.to)
            sent.status = box.fate
            sent.history.append(box.fate)
            self.aftermath(sent)
        return []

    def bounce(self, address: str, reason: str = "", *, envelope: str = "", permanent: bool = True) -> Post:
        """As any vendor's, to the envelope's sender."""
        item = self.world.mailbox(address).last(provider=self.name)
        known = item.sent.custom["envelope"] if item.sent else ""
        return super().bounce(address, reason, envelope=envelope or known, permanent=permanent)

    def receive(self, mail: EmailMessage, sender: str, to: str) -> Post:
        """Into the IMAP mailbox; the post is only for show."""
        raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        head = f"Return-Path: <{bare(sender)}>\r\nDelivered-To: {to}\r\n".encode()
        self.imap.account.add(head + raw)
        post = Post(self.name, "mail", "", lambda _now, _rightly: ({}, head + raw), Rules())
        post.headers, post.body = post.sign(0.0, True)
        post.done.set()
        return post

    def authenticate(self, request: Request) -> None:
        """There is no HTTP here."""

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        return json_answer({"detail": "SMTP has no HTTP interface."}, code)
