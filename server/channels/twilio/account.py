"""The account that messages and calls go over: requests, what is refused, lists by pages, what is posted to us."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from server.channels.addresses import phone_number, zones_of
from server.channels.base import Provider
from server.channels.http import ANSWER_SECONDS, CONNECT_SECONDS, Http, Reply, not_taken, unanswered
from server.channels.twilio import events, hearing, signature, standing
from server.channels.twilio.words import meaning
from server.domain.message import Outgoing, Receipt
from server.domain.reply import Event, WebhookAnswer, WebhookRequest
from server.errors import CellbackError, ConfigError, PermanentError, SendInDoubt, TemporaryError

BASE_URL = "https://api.twilio.com"
OVERRIDES = "#rc=3&rp=all"
"""Post reports up to three times more, whatever went wrong. Twilio reads this part of an address itself and does not
sign it (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

CLAIMED_WITHIN, CLOCKS = timedelta(hours=26), timedelta(minutes=2)
"""Where nobody knows when a send began: it is settled within a day, so what is older in Twilio's list is another one.
And how far Twilio's clock may be from ours."""
LISTED_AFTER = timedelta(minutes=5)
"""What Twilio took stands in its lists by then; what does not, it never got."""
BEFORE, JUST_NOW = timedelta(minutes=15), timedelta(minutes=1)
"""What was missed is looked for from so long before the asked moment, as reports follow their message; and what is
newer is left alone: Twilio itself still posts it (its posts end after 15 seconds), and knows more than its list."""
PAGE, MOST_PAGES = 500, 20

Item = Mapping[str, Any]
_SID = re.compile(r"AC[0-9A-Za-z]{1,64}")
"""Twilio's own have 32 hexadecimal digits; what stands in for Twilio somewhere may have others."""

SERVICE = re.compile(r"MG\w{10,64}", re.ASCII)
"""A sender's name, which has 11 characters at most, may begin with MG as well."""


class Twilio(Provider):
    """What the three channels share. `caution` is a sentence about the account that `check` found worth knowing."""

    provider = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_tokens: Sequence[str],
        sender: str,
        *,
        region: str = "US",
        base_url: str = BASE_URL,
        public_url: str = "",
        per_second: float | None = None,
        known: Callable[[str], bool] = lambda _: False,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`auth_tokens`: the first one logs in, all of them are believed in webhooks. `sender` is a number in E.164 or
        a messaging service (MG...). `region` is the country of numbers written without one. `public_url` is where
        Twilio reaches us, "" where it can't: then it reports nothing, and is only asked. `known` tells whether the
        ledger has a message with that id of Twilio's. Raises ConfigError.
        """
        if not _SID.fullmatch(account_sid):
            raise ConfigError(["TWILIO_ACCOUNT_SID is no account's SID (AC…): copy it from Twilio's Console."])
        if not auth_tokens or not all(token.isascii() and token.isprintable() for token in auth_tokens):
            raise ConfigError(["TWILIO_AUTH_TOKEN is missing, or has characters that no token has: copy it again."])
        self._account = f"/2010-04-01/Accounts/{account_sid}"
        self._tokens = tuple(auth_tokens)
        self._sender = sender.removeprefix("whatsapp:")
        self._region = region
        self._public_url = public_url.rstrip("/")
        self._per_second = per_second
        self._known = known
        self._now = now
        self.caution = ""

        def http(url: str) -> Http:
            return Http(
                "Twilio",
                url,
                auth=(account_sid, self._tokens[0]),
                connect_seconds=connect_seconds,
                answer_seconds=answer_seconds,
            )

        self._http = http(base_url)
        self._messaging = http(standing.beside(base_url, "messaging"))
        self._content_api = http(standing.beside(base_url, "content"))

    def address(self, text: str) -> str:
        """The phone number in a cell, in E.164. Raises AddressError."""
        return phone_number(text, self._region)

    def zones(self, address: str) -> tuple[str, ...]:
        """Time zones by the number's prefix."""
        return zones_of(address)

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        await self._http.close()
        await self._messaging.close()
        await self._content_api.close()

    def verify(self, request: WebhookRequest) -> None:
        """Check Twilio's signature over our public address and the posted form. Raises SignatureError."""
        signature.check(request, self._tokens)

    def parse(self, request: WebhookRequest) -> list[Event]:
        """The event of a request, for whichever of the channels. Raises InvalidInput."""
        return events.parse(request)

    def answer(self, request: WebhookRequest) -> WebhookAnswer:
        """Words for whoever is on the phone; for a message, that we say nothing back. Raises NotFound for a GET."""
        return hearing.answer(request) or super().answer(request)

    async def _ask(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return asked(await self._http.get(path, query=query or None))

    async def _ask_messaging(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return asked(await self._messaging.get(path, query=query or None))

    @property
    def _is_service(self) -> bool:
        return bool(SERVICE.fullmatch(self._sender))

    @property
    def _ours(self) -> str:
        """The number that people answer to; a service may send from any of ours."""
        return "" if self._is_service else self._sender

    def _callback(self, token: str, more: str = "") -> str:
        """Where Twilio reports to; "" where it can't reach us."""
        if not self._public_url:
            return ""
        return f"{self._public_url}/webhooks/twilio?token={quote(token, safe='')}{more}{OVERRIDES}"

    async def _hand_over(self, kind: str, form: Mapping[str, str]) -> Receipt:
        """Post a new message or call. Raises TemporaryError, PermanentError, SendInDoubt."""
        reply = await self._http.post(f"{self._account}/{kind}.json", form=form)
        if not reply.ok:
            raise _refused(reply)
        said = reply.json()
        sid, to = said.get("sid"), said.get("to")
        if not isinstance(sid, str) or not sid:
            raise SendInDoubt("Twilio answered oddly: the message may have gone out, or not.", detail="no sid")
        other = isinstance(to, str) and to != form["To"]
        return Receipt(sid, known_as=events.bare(str(to)) if other else "")

    async def _settled(
        self, kind: str, outgoing: Outgoing, to: Iterable[str], fits: Callable[[Item], bool]
    ) -> Receipt | bool:
        """What became of a send in doubt, by the list of what this person was sent lately (under any of these numbers).

        Twilio keeps no word of ours with a message, so it is known by person, text and day only: exactly one that is
        no other row's is it; it was not sent for sure only where nothing at all was. Raises TemporaryError.
        """
        now, claimed = self._now(), outgoing.claimed_at
        since = claimed - CLOCKS if claimed else now - CLAIMED_WITHIN
        lately: list[Item] = []
        for number in to:
            async with aclosing(self._listed(kind, {"To": number})) as items:
                async for item in items:
                    created = events.moment(item, "date_created", "date_sent", "start_time")
                    if created is not None and created < since:
                        break  # the newest come first
                    if item.get("direction") != "inbound" and not self._known(str(item.get("sid"))):
                        lately.append(item)
        found = [item for item in lately if fits(item)]
        if len(found) == 1 and isinstance(found[0].get("sid"), str):
            return Receipt(found[0]["sid"])
        return bool(lately) or (claimed is not None and now - claimed < LISTED_AFTER)

    async def _gone_by(
        self, kind: str, queries: Sequence[Mapping[str, str]], read: Callable[[Item], Event | None]
    ) -> list[Event]:
        """The events of lists, each once, but for those of this very moment. Raises TemporaryError, PermanentError."""
        until = self._now() - JUST_NOW
        found: dict[str, Event] = {}
        for query in queries:
            async for item in self._listed(kind, query):
                changed = events.moment(item, "date_updated", "date_sent", "date_created")
                if changed is not None and changed <= until and (event := read(item)):
                    found.setdefault(event.event_id, event)
        return list(found.values())

    async def _listed(self, kind: str, query: Mapping[str, str]) -> AsyncGenerator[Item]:
        """What Twilio lists, newest first, up to 10,000 of them. Raises TemporaryError, PermanentError."""
        reply = await self._http.get(f"{self._account}/{kind}.json", query={**query, "PageSize": str(PAGE)})
        for _ in range(MOST_PAGES):
            page = asked(reply)
            for item in page.get(kind.lower()) or ():
                if isinstance(item, dict):
                    yield item
            further = page.get("next_page_uri")
            if not isinstance(further, str) or not further.startswith(f"{self._account}/{kind}.json?"):
                return
            reply = await self._http.get(further)


def day_and_time(moment: datetime) -> str:
    """As Twilio's filters want it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def asked(reply: Reply) -> dict[str, Any]:
    """The answer to a question. Raises PermanentError when the account may not ask, TemporaryError for any other no."""
    if reply.ok:
        return reply.json()
    if reply.status in {401, 403, 404}:
        raise _refused(reply)
    raise unanswered("Twilio", reply)


def _refused(reply: Reply) -> CellbackError:
    """What an answer other than yes means. What Twilio says in words is not repeated: it holds addresses."""
    said = reply.json().get("code")
    code = said if isinstance(said, int) and 0 < said < 1_000_000 else 0
    detail = f"HTTP {reply.status} {code}"
    means = meaning(code)
    if (found := not_taken("Twilio", reply, said=str(code))) is not None:
        return found
    if reply.status == 408 or not 300 <= reply.status < 500:
        return SendInDoubt("Twilio answered oddly: the message may have gone out, or not.", detail=detail)
    if not code and reply.status not in {401, 403}:
        sentence = "What answers there is not Twilio's API. Check TWILIO_BASE_URL, and proxies on the way."
        return PermanentError(sentence, whole_campaign=True, detail=detail)
    if means.later:
        return TemporaryError(f"{means.words}.", detail=detail)
    return PermanentError(
        f"{means.words}.",
        whole_campaign=means.account or (reply.status in {401, 403} and code == 0),
        detail=detail,
        code=str(code or ""),
        opted_out=means.opted_out,
        elsewhere=means.elsewhere,
    )
