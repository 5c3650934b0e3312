"""The handle: all providers on one port, the people they reach, and the product that they post to."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.providers.clock import Clock
from tests.emulators.providers.http import Answer, Request, Server
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.mailgun import Mailgun
from tests.emulators.providers.meta import Meta
from tests.emulators.providers.page import Page
from tests.emulators.providers.people import Mailbox, People, Phone
from tests.emulators.providers.posts import Post, Posts
from tests.emulators.providers.provider import Call, Provider
from tests.emulators.providers.resend import Resend
from tests.emulators.providers.sendgrid import SendGrid
from tests.emulators.providers.smtp import Smtp
from tests.emulators.providers.twilio import Twilio

PUBLIC = "https://cellback.example.org"


@dataclass(frozen=True)
class Keys:
    """What a vendor's console would show: ours, made for this world alone."""

    inbound_secret: str
    sender: str = "Cellback <hello@mail.example.org>"
    inbound_domain: str = "reply.example.org"


class Providers:
    """SendGrid, Resend, Mailgun, Twilio, Meta, SMTP and IMAP on loopback ports.

        with Providers() as world:
            ... SENDGRID_BASE_URL = world.sendgrid.url, or all of world.environment()
            world.sendgrid.sent[-1].to
            [post] = world.sendgrid.deliver()      # post.headers, post.body, signed
            world.mailbox("ana@example.org").last().text

    `target`: where the product listens; without one, posts are only kept (`world.posts.all`). `public`: its address
    as providers know it, PUBLIC_BASE_URL (the target's own unless given). `auto`: deliveries happen by themselves,
    `delay` seconds after each send. `factor`: how much quicker than the vendors it tries again.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        target: str = "",
        public: str = "",
        auto: bool = False,
        delay: float = 0.05,
        factor: float = 0.001,
    ) -> None:
        self.clock = Clock()
        self.auto, self.delay = auto, delay
        self.people = People()
        self.posts = Posts(self.clock, public=public or target or PUBLIC, target=target, factor=factor)
        self.keys = Keys(secrets.token_urlsafe(18))
        self.calls: list[Call] = []
        self.broken: list[str] = []
        """Tracebacks of requests that the emulator could not carry out through a fault of its own."""
        self.lock = threading.RLock()
        self.page = Page(self)
        self._server = Server(self.respond, port)
        self.sendgrid = SendGrid(self)
        self.resend = Resend(self)
        self.mailgun = Mailgun(self)
        self.twilio = Twilio(self)
        self.meta = Meta(self)
        self.smtp = Smtp(self)
        vendors = (self.sendgrid, self.resend, self.mailgun, self.smtp, self.twilio, self.meta)
        self.providers: Mapping[str, Provider] = {each.name: each for each in vendors}

    def __enter__(self) -> Providers:
        self._server.start()
        self.posts.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.posts.stop()
        self._server.stop()
        self.smtp.stop()
        if self.broken and error[0] is None:
            raise AssertionError("The emulator itself broke:\n" + "\n".join(self.broken))

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.port}"

    def mailbox(self, address: str) -> Mailbox:
        """A person's mailbox."""
        return self.people.mailbox(address)

    def phone(self, number: str) -> Phone:
        """A person's phone."""
        return self.people.phone(number)

    def reply(self, address: str, text: str, **how: Any) -> Post | None:
        """The person answers the newest thing that came, on the channel and vendor by which it came: a mail (`how`: see
        `MailProvider.reply`), an SMS, a WhatsApp message. Raises LookupError when nothing did."""
        if "@" in address:
            vendor = self.providers[self.mailbox(address).last().provider]
            assert isinstance(vendor, MailProvider)
            return vendor.reply(address, text, **how)
        item = self.phone(address).last()
        if item.kind == "voice":
            self.twilio.key(address, text)
            return None
        if item.provider == "meta":
            return self.meta.whatsapp(address, text, **how)
        return (self.twilio.whatsapp if item.kind == "whatsapp" else self.twilio.text)(address, text, **how)

    def press(self, number: str, button: str, **how: Any) -> Post | None:
        """The person presses a button of the newest WhatsApp message that has it. Raises LookupError."""
        vendor = self.phone(number).last(kind="whatsapp").provider
        return self.meta.press(number, button, **how) if vendor == "meta" else self.twilio.press(number, button, **how)

    def deliver(self) -> list[Post]:
        """Let every vendor tell what became of what it took."""
        return [post for provider in self.providers.values() for post in provider.deliver()]

    def clear(self) -> None:
        """As empty as at the start: people, what was taken and posted, faults; the keys stay."""
        with self.lock:
            for provider in self.providers.values():
                provider.clear()
            self.clock.reset()
            self.posts.calm()
            self.posts.all.clear()
            self.people.mailboxes.clear()
            self.people.phones.clear()
            self.people.changed += 1
            self.calls.clear()

    def hook(self, path: str) -> str:
        """The product's address for what a provider posts: hook("sendgrid/inbound")."""
        return f"{self.posts.public}/webhooks/{path}"

    def pause(self, seconds: float) -> None:
        """Be slow; ends early when the emulator stops."""
        if seconds:
            self._server.closing.wait(seconds)

    def environment(self) -> dict[str, str]:
        """Settings that lead the product here, by the names of its environment."""
        found = {"EMAIL_FROM": self.keys.sender, "INBOUND_EMAIL_DOMAIN": self.keys.inbound_domain,
                 "INBOUND_WEBHOOK_SECRET": self.keys.inbound_secret}  # fmt: skip
        for provider in self.providers.values():
            found |= provider.environment()
        return found

    def respond(self, request: Request) -> Answer:
        """An answer to any request: a provider's, else a page's."""
        name, _, rest = request.path.removeprefix("/").partition("/")
        provider = self.providers.get(name)
        if provider is not None:
            return provider.respond(Request(request.method, "/" + rest, request.query, request.headers, request.body))
        return self.page.respond(request)
