"""What all parts of Twilio share: the account, its errors, signed posts with their connection overrides."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.emulators.providers import forms, signing
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Sent
from tests.emulators.providers.posts import Post, Rules, Signed
from tests.emulators.providers.provider import Provider
from tests.emulators.providers.twilio_errors import answer, refused

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
ACCOUNT = "/2010-04-01/Accounts/(?P<account>[^/]+)"


class TwilioBase(Provider):
    """Account, numbers, posts."""

    name = "twilio"

    def __init__(self, world: Providers) -> None:
        self.account_sid = f"AC{secrets.token_hex(16)}"
        self.auth_token = secrets.token_hex(16)
        self.from_number = "+15005550006"
        self.whatsapp_from = "whatsapp:+14155238886"
        self.messaging_service = f"MG{secrets.token_hex(16)}"
        self.numbers = {self.from_number, self.whatsapp_from}
        self.closed_regions: set[str] = set()
        self.inbound: list[Sent] = []
        super().__init__(world)

    def clear(self) -> None:
        super().clear()
        self.closed_regions.clear()
        self.inbound.clear()

    def environment(self) -> dict[str, str]:
        return {"TWILIO_ACCOUNT_SID": self.account_sid, "TWILIO_AUTH_TOKEN": self.auth_token,
                "TWILIO_FROM": self.from_number, "TWILIO_WHATSAPP_FROM": self.whatsapp_from,
                "TWILIO_BASE_URL": self.url}  # fmt: skip

    def authenticate(self, request: Request) -> None:
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            raise refused(20003)
        if (found := re.match(ACCOUNT, request.path)) and found["account"].removesuffix(".json") != self.account_sid:
            raise refused(20404, request.path)

    def refusal(self, code: int, retry_after: int | None = None) -> Answer:
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        return answer({429: 20429, 503: 20503}.get(code, 20500), headers=headers)

    def unknown(self, request: Request) -> Answer:
        return answer(20404, request.path)

    def post(self, url: str, params: dict[str, str] | Sequence[tuple[str, str]], kind: str) -> Post:
        """Post a form to an address as Twilio does: signed over the address without its fragment."""
        pairs = list(params.items()) if isinstance(params, dict) else list(params)
        body = urlencode(pairs).encode()
        called, _, fragment = url.partition("#")

        def sign(_: float, rightly: bool) -> Signed:
            token = self.auth_token if rightly else "0" * 32
            headers = {**FORM, "X-Twilio-Signature": signing.twilio(token, called, pairs),
                       "I-Twilio-Idempotency-Token": token_of_post}  # fmt: skip
            return headers, body

        token_of_post = secrets.token_hex(16)
        return self.world.posts.post(Post(self.name, kind, called, sign, _rules(fragment)))


def fields(request: Request) -> dict[str, list[str]]:
    try:
        return forms.fields(request)
    except ValueError:
        raise refused(20001, "body") from None


def _rules(fragment: str) -> Rules:
    """Connection overrides in the fragment: rc (tries again), rp (when), ct and rt (time-outs, ms). By default once
    again, and only where there was no connection. Source: "Webhooks Connection Overrides"."""
    given = dict(each.split("=", 1) for each in fragment.split("&") if "=" in each)
    count = min(int(given.get("rc", "1")), 5) if given.get("rc", "1").isdigit() else 1
    policies = set(given.get("rp", "ct").split(","))
    timeout = min(int(given.get("rt", "15000")), 15000) / 1000 if given.get("rt", "1").isdigit() else 15.0
    return Rules(
        content=lambda status: 200 <= status < 400 or (400 <= status < 500 and not policies & {"4xx", "all"}),
        waits=(0.1,) * count,
        timeout=timeout,
        only_unconnected=not policies & {"all", "4xx", "5xx", "rt"},
    )
