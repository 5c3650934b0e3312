"""What the tests of Twilio's channels share: the emulator, and channels that send to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from server.channels.twilio import TwilioSms, TwilioVoice, TwilioWhatsApp
from server.channels.twilio.account import Twilio as Account
from server.domain.message import Outgoing, Receipt
from server.domain.reply import WebhookRequest
from tests.contracts.channel import LETTER, Case, Taken
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import Call, json_answer
from tests.emulators.providers.world import PUBLIC, Providers

T = TypeVar("T")
Twilio = TwilioSms | TwilioWhatsApp | TwilioVoice
KINDS: tuple[type[Twilio], ...] = (TwilioSms, TwilioWhatsApp, TwilioVoice)
CALLERS: tuple[type[Twilio], ...] = (TwilioSms, TwilioVoice)
"""Channels whose sender is a phone number of the account."""
SECONDS = 0.4
"""How long silence is waited for."""
PHONE = "+447900900123"
TEXT_TO_ANA = replace(LETTER, address=PHONE, subject="")

FAULTS = {
    Case.NOT_NOW: "429",
    Case.LOST_BEFORE: "drop",
    Case.SILENT_BEFORE: "hang",
    Case.TAKEN_ANSWER_LOST: "accept-then-drop",
    Case.TAKEN_SILENT: "accept-then-hang",
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    """The emulator, as empty as at its start."""
    twilio = shared.twilio
    twilio.faults.clear()
    for kept in (twilio.sent, twilio.placed, twilio.inbound, twilio.closed_regions, twilio.contents):
        kept.clear()
    shared.people.phones.clear()
    shared.posts.all.clear()
    shared.calls.clear()
    return shared


def a_minute_on() -> datetime:
    """Late enough for what has just happened to be listed."""
    return datetime.now(UTC) + timedelta(seconds=90)


K = TypeVar("K", bound=Account)


def made(kind: type[K], world: Providers, sender: str = "", **options: Any) -> K:
    usual = world.twilio.whatsapp_from if issubclass(kind, TwilioWhatsApp) else world.twilio.from_number
    given: dict[str, Any] = {"base_url": world.twilio.url, "public_url": PUBLIC, "now": a_minute_on, "region": "GB"}
    tokens = options.pop("auth_tokens", [world.twilio.auth_token])
    return kind(world.twilio.account_sid, tokens, sender or usual, **(given | options))


def ask(of: Twilio, work: Callable[[], Awaitable[T]]) -> T:
    """On an event loop of its own, as a job does."""

    async def all_of_it() -> T:
        try:
            return await work()
        finally:
            await of.close()

    return asyncio.run(all_of_it())


def posted(post: Post) -> WebhookRequest:
    """As our web server hands it on."""
    headers = {name.lower(): value for name, value in post.headers.items()}
    return WebhookRequest("POST", post.url, headers, post.body, headers["content-type"])


def forms(world: Providers, kind: str = "Messages") -> list[dict[str, str]]:
    """What was posted to the API, in order."""
    return [form(call) for call in world.twilio.calls if call.method == "POST" and call.path.endswith(f"/{kind}.json")]


def form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode(), keep_blank_values=True))


def telling(kind: type[Twilio]) -> type[Twilio]:
    """The channel, but for messages whose token is their id: Twilio brings back nothing else to know them by."""

    class Told(kind):  # type: ignore[misc, valid-type]
        async def send(self, outgoing: Outgoing) -> Receipt:
            receipt: Receipt = await super().send(replace(outgoing, token=outgoing.message_id))
            return receipt

    return Told


class Emulated:
    """Twilio as the provider of the contract."""

    def __init__(self, world: Providers, kind: type[Twilio], **options: Any) -> None:
        self._twilio = world.twilio
        self.channel = made(telling(kind), world, **options)
        self.secrets = (world.twilio.auth_token, PHONE[1:])

    def befall(self, case: Case) -> None:
        if case is Case.UNREACHABLE:
            self.channel._http._base_url = "http://127.0.0.1:9"
        elif case is Case.ADDRESS_REFUSED:
            self._answer(400, 21211, f"Invalid 'To' Phone Number: {PHONE}")
        elif case is Case.ACCOUNT_REFUSED:
            self._answer(401, 20003, f"Authentication Error - {self._twilio.auth_token}")
        else:
            self._twilio.fault(FAULTS[case], times=None)
            if "hang" in FAULTS[case]:
                self.channel._http._timeout = httpx.Timeout(SECONDS)

    def behave(self) -> None:
        self._twilio.faults.clear()
        self._twilio.__dict__.pop("reserve", None)
        self.channel._http._base_url = self._twilio.url

    def taken(self) -> Sequence[Taken]:
        return [
            Taken(token_in(sent.data["StatusCallback"]), bare(sent.to), self.read(sent.text))
            for sent in self._twilio.sent
        ]

    def read(self, text: str) -> str:
        """What was sent, as the person gets it."""
        return text

    def _answer(self, status: int, code: int, message: str) -> None:
        said = json_answer({"code": code, "message": message, "more_info": "", "status": status}, status)
        self._twilio.__dict__["reserve"] = lambda request: said


def token_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["token"][0]


def bare(address: str) -> str:
    return address.removeprefix("whatsapp:")
