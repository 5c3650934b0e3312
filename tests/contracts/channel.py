"""What every channel promises, as test classes to subclass: one for sending, one for webhooks.

A provider's own test file says how the provider is made to misbehave, and how it signs; the promises stand here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import pytest

from server.domain.message import Outgoing, Receipt
from server.domain.reply import UnknownEvent, WebhookAnswer, WebhookRequest
from server.errors import (
    AddressError,
    CellbackError,
    InvalidInput,
    NotFound,
    PermanentError,
    SendInDoubt,
    SignatureError,
    TemporaryError,
)
from server.ports import Channel
from tests.contracts.hostile import altered

Test = TypeVar("Test", bound=Callable[..., None])

LETTER = Outgoing(
    message_id="msg_7f3k9w2m4qabcdef",
    token="abcdefghjkmnpqrstuvwxyz2",
    address="ana.lopez@example.org",
    text="Hi Ana,\n\nyou start at 10:20. Does that suit you?\n",
    subject="Your start time",
    person="Ana López",
)


class Case(StrEnum):
    """What may befall a send."""

    UNREACHABLE = "unreachable"
    NOT_NOW = "not now"
    LOST_BEFORE = "connection lost before the provider could take it"
    SILENT_BEFORE = "no answer before the provider could take it"
    ADDRESS_REFUSED = "this address refused for good"
    ACCOUNT_REFUSED = "our account refused for good"
    TAKEN_ANSWER_LOST = "taken, but the answer lost"
    TAKEN_SILENT = "taken, but no answer"


OUTCOME: dict[Case, type[CellbackError]] = {
    Case.UNREACHABLE: TemporaryError,
    Case.NOT_NOW: TemporaryError,
    Case.LOST_BEFORE: TemporaryError,
    Case.SILENT_BEFORE: TemporaryError,
    Case.ADDRESS_REFUSED: PermanentError,
    Case.ACCOUNT_REFUSED: PermanentError,
    Case.TAKEN_ANSWER_LOST: SendInDoubt,
    Case.TAKEN_SILENT: SendInDoubt,
}


OVER_HTTP: dict[Case, type[CellbackError]] = {
    **OUTCOME,
    Case.LOST_BEFORE: SendInDoubt,
    Case.SILENT_BEFORE: SendInDoubt,
}
"""As it looks to who posts a request: once it has left, nobody knows whether the provider got it."""

TOOK_IT = frozenset({Case.TAKEN_ANSWER_LOST, Case.TAKEN_SILENT})

TEXTS = (
    "👩‍👩‍👧 Grüße, Ελένη! e\u0301 שלום مرحبا\n",
    ".\n..\n.dot at the start\n",
    "a line of " + "very " * 250 + "long words\n",
    "ü" * 1500 + "\n",
    "From here on\n\n\n=?utf-8?q?not_a_header?=\n",
    "tab\tand form feed\x0c and bell\x07\n",
    '=1+1 <b>&amp;</b> {{no}} %recipient.x% -name- [0] \\n "quoted"\n',
)
"""Texts that transports like to change, none longer than a Twilio message may be."""


@dataclass(frozen=True)
class Taken:
    """A message as it arrived at the provider."""

    message_id: str
    address: str
    text: str


class Provider(Protocol):
    """The other side, real or emulated; `secrets` are what must never show up anywhere."""

    channel: Channel
    secrets: Sequence[str]

    def befall(self, case: Case) -> None:
        """From now on this happens to every send."""
        ...

    def behave(self) -> None:
        """From now on all goes well."""
        ...

    def taken(self) -> Sequence[Taken]:
        """What the provider holds, in order."""
        ...


def send(channel: Channel, *letters: Outgoing) -> list[Receipt | BaseException]:
    """Send all at once, on an event loop of their own, as a job does."""

    async def work() -> list[Receipt | BaseException]:
        try:
            return await asyncio.gather(*(channel.send(letter) for letter in letters), return_exceptions=True)
        finally:
            await channel.close()

    return asyncio.run(work())


def only_where(holds: Callable[[Any], bool]) -> Callable[[Test], Test]:
    """A promise that only some providers can make: where the class says otherwise there is no such test at all."""

    def mark(test: Test) -> Test:
        test.only_where = holds  # type: ignore[attr-defined]
        return test

    return mark


class SendContract:
    """Subclass it with a fixture `provider`; `impossible` names the cases that this one can't have, `outcome` says what
    each of the others ends as (`OVER_HTTP` for an API)."""

    impossible: frozenset[Case] = frozenset()
    outcome: Mapping[Case, type[CellbackError]] = OUTCOME
    patience = 6.0
    """Seconds within which every send has ended, with the channel set up to be impatient."""
    letter: Outgoing = LETTER
    texts: Sequence[str] = TEXTS
    no_addresses: Sequence[str] = ("", "   ", "n/a", "call me", "ana(at)example.org", "=1+1")

    def nth_address(self, number: int) -> str:
        """The address of the person of that number, 0 to 99."""
        return f"person{number}@example.org"

    def arrives(self, text: str) -> str:
        """What the recipient gets of a text: the text itself, unless the provider is known to change something."""
        return text

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Every possible case for a test that asks for a `case`, every text for one that asks for a `text`."""
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", [case for case in Case if case not in self.impossible])
        if "text" in metafunc.fixturenames:
            metafunc.parametrize("text", self.texts)
        if "no_address" in metafunc.fixturenames:
            metafunc.parametrize("no_address", self.no_addresses)

    def test_it_sends_a_message_once_and_gives_a_receipt(self, provider: Provider) -> None:
        [receipt] = send(provider.channel, self.letter)
        assert isinstance(receipt, Receipt)
        assert provider.taken() == [self._taken(self.letter)]

    def test_it_sends_many_at_once_each_to_its_own_recipient(self, provider: Provider) -> None:
        letters = [
            replace(self.letter, message_id=f"msg_{n}", address=self.nth_address(n), text=f"Number {n}\n")
            for n in range(30)
        ]
        assert all(isinstance(result, Receipt) for result in send(provider.channel, *letters))
        assert sorted(provider.taken(), key=repr) == sorted((self._taken(letter) for letter in letters), key=repr)

    def test_it_delivers_exactly_the_text_that_was_approved(self, provider: Provider, text: str) -> None:
        send(provider.channel, replace(self.letter, text=text))
        assert [taken.text for taken in provider.taken()] == [self.arrives(text)]

    def test_it_tells_what_became_of_a_send_and_goes_on_with_the_next(self, provider: Provider, case: Case) -> None:
        next_letter = replace(self.letter, message_id="msg_next")

        async def work() -> tuple[CellbackError, float]:
            provider.befall(case)
            began = time.monotonic()
            with pytest.raises(CellbackError) as caught:
                await provider.channel.send(self.letter)
            took = time.monotonic() - began
            provider.behave()
            await provider.channel.send(next_letter)
            await provider.channel.close()
            return caught.value, took

        error, took = asyncio.run(work())
        assert type(error) is self.outcome[case], error
        assert took < self.patience
        if isinstance(error, PermanentError):
            assert error.whole_campaign is (case is Case.ACCOUNT_REFUSED)
        taken = [taken.message_id for taken in provider.taken()]
        assert taken == ([self.letter.message_id, "msg_next"] if case in TOOK_IT else ["msg_next"])

    def test_it_works_on_one_event_loop_after_another(self, provider: Provider) -> None:
        for n in range(3):
            [receipt] = send(provider.channel, replace(self.letter, message_id=f"msg_{n}"))
            assert isinstance(receipt, Receipt)
        assert [taken.message_id for taken in provider.taken()] == ["msg_0", "msg_1", "msg_2"]

    def test_it_speaks_to_nobody_but_where_it_was_told_to(self, provider: Provider) -> None:
        """Base URLs are obeyed in everything: no test reaches another machine (see `conftest.py`)."""

        async def work() -> None:
            for ask in (
                provider.channel.check(),
                provider.channel.send(self.letter),
                provider.channel.reconcile(self.letter),
                provider.channel.missed(datetime.now(UTC)),
            ):
                with contextlib.suppress(CellbackError):
                    await ask
            await provider.channel.close()

        asyncio.run(work())

    def test_it_shows_no_secret_and_no_address(
        self, provider: Provider, case: Case, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither in a log, with every library at DEBUG, nor in what an error would print there."""
        caplog.set_level(logging.DEBUG)
        send(provider.channel, self.letter)
        provider.befall(case)
        [error] = send(provider.channel, self.letter)
        assert isinstance(error, CellbackError)
        shown = caplog.text + error.sentence + error.detail + "".join(traceback.format_exception(error))
        for secret in (self.letter.address, self.letter.address.partition("@")[0], *provider.secrets):
            assert secret not in shown

    def test_it_says_why_a_text_is_no_address(self, provider: Provider, no_address: str) -> None:
        with pytest.raises(AddressError) as caught:
            provider.channel.address(no_address)
        assert caught.value.sentence.endswith((".", "?"))

    def test_it_says_how_much_the_provider_bears(self, provider: Provider) -> None:
        limits = provider.channel.limits()
        assert 1 <= limits.concurrency <= 64
        assert limits.per_second is None or limits.per_second > 0
        assert 10 <= limits.ask_every <= 3600

    def _taken(self, letter: Outgoing) -> Taken:
        return Taken(letter.message_id, letter.address, self.arrives(letter.text))


class WebhookContract:
    """Subclass it with a fixture `channel` and say how the provider signs.

    `bodies` are real samples, scrubbed, of at least one event each; `unknown` is one whose kind we do not know.
    Where the signature does not stand in a header, override `signature_of` and `with_signature`; where it covers a
    form instead of the bytes, `altered_bodies`.
    """

    signature_header: str = ""
    dated = True
    """Whether the signature covers the time, so that an old one can be refused."""
    retried = 0.0
    """Seconds after which the provider may still post a request with its first signature."""
    covers_body = True
    """Whether the signature covers the content; where not, one signature must carry one content only."""
    bodies: Sequence[bytes]
    unknown: bytes
    secrets: Sequence[str] = ()
    """What must never show up in a log or an error."""
    quick = 1.0
    """Seconds of the processor that the largest request may take to be verified and parsed (providers give up)."""

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        """The request as the provider would post it, signed with the "right" or the "wrong" key, `age` seconds ago."""
        raise NotImplementedError

    def signature_of(self, request: WebhookRequest) -> str:
        """Its signature."""
        return request.headers[self.signature_header.lower()]

    def with_signature(self, request: WebhookRequest, signature: str | None) -> WebhookRequest:
        """The same with another one, or (None) without any."""
        if signature is None:
            return replace(request, headers=without(request, self.signature_header))
        return replace(request, headers={**request.headers, self.signature_header.lower(): signature})

    def altered_bodies(self, body: bytes) -> Sequence[bytes]:
        """Bodies that the signature of this one must not fit."""
        return body + b"\n", body[:-1], b"", body.replace(b"a", b"b", 1)

    def batch(self, count: int) -> bytes | None:
        """A body of so many events, each with an id of its own; None where the provider posts one at a time."""
        return None

    def test_it_believes_a_rightly_signed_request(self, channel: Channel) -> None:
        for body in (*self.bodies, self.unknown):
            channel.verify(self.signed(body))

    def test_it_refuses_a_wrong_key(self, channel: Channel) -> None:
        self._refused(channel, self.signed(self.bodies[0], key="wrong"))

    def test_it_refuses_a_request_without_signature(self, channel: Channel) -> None:
        self._refused(channel, self.with_signature(self.signed(self.bodies[0]), None))

    @pytest.mark.parametrize(
        "garbage", ["", " ", "x", "=", "AAAA", "!!!!", "t=,v1=", "t=1,v1=zz", "v1," * 3, "\u00fc", "\x00", "9" * 5000]
    )
    def test_it_refuses_a_garbled_signature(self, channel: Channel, garbage: str) -> None:
        self._refused(channel, self.with_signature(self.signed(self.bodies[0]), garbage))

    def test_it_refuses_a_signature_cut_short(self, channel: Channel) -> None:
        request = self.signed(self.bodies[0])
        self._refused(channel, self.with_signature(request, self.signature_of(request)[:-4]))

    @only_where(lambda cls: cls.covers_body)  # else one signature carries one content only
    def test_it_refuses_an_altered_body(self, channel: Channel) -> None:
        request = self.signed(self.bodies[0])
        for body in self.altered_bodies(request.body):
            self._refused(channel, replace(request, body=body))

    @only_where(lambda cls: cls.dated)  # else only the unique event id stops a replay
    @pytest.mark.parametrize("age", [30 * 24 * 3600.0, -30 * 24 * 3600.0])
    def test_it_refuses_a_signature_of_another_time(self, channel: Channel, age: float) -> None:
        self._refused(channel, self.signed(self.bodies[0], age=age))

    def test_it_believes_a_request_that_is_posted_again_hours_later(self, channel: Channel) -> None:
        """After an outage of ours; providers go on for hours. Where they sign anew each time that is no question."""
        channel.verify(self.signed(self.bodies[0], age=self.retried))

    def test_it_gives_a_replayed_request_the_same_event_ids(self, channel: Channel) -> None:
        """So that the ledger, where they are unique, stores each event once."""
        for body in (*self.bodies, self.unknown):
            first, second = (channel.parse(self.signed(body, age=age)) for age in (5, 0))
            assert [event.event_id for event in first] == [event.event_id for event in second]
            assert all(event.event_id for event in first)

    def test_it_gives_different_events_different_ids(self, channel: Channel) -> None:
        ids = [event.event_id for body in self.bodies for event in channel.parse(self.signed(body))]
        assert len(ids) == len(set(ids))

    def test_it_reads_the_same_in_any_order(self, channel: Channel) -> None:
        forward = [event for body in self.bodies for event in channel.parse(self.signed(body))]
        backward = [event for body in reversed(self.bodies) for event in channel.parse(self.signed(body))]
        assert sorted(forward, key=repr) == sorted(backward, key=repr)

    def test_it_knows_every_sample(self, channel: Channel) -> None:
        for body in self.bodies:
            events = channel.parse(self.signed(body))
            assert events
            assert not any(isinstance(event, UnknownEvent) for event in events)

    def test_it_keeps_an_event_that_it_does_not_know(self, channel: Channel) -> None:
        assert any(isinstance(event, UnknownEvent) for event in channel.parse(self.signed(self.unknown)))

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"\xc3\x28", b"[" * 100_000, b"\x00" * 64])
    def test_it_refuses_a_body_of_another_form(self, channel: Channel, body: bytes) -> None:
        with pytest.raises(InvalidInput):
            channel.parse(self.signed(body))

    def test_it_bears_a_body_of_thirty_megabytes(self, channel: Channel) -> None:
        request = self.signed(b"x" * 30_000_000)
        began = time.thread_time()
        with contextlib.suppress(SignatureError):
            channel.verify(request)
        with pytest.raises(InvalidInput):
            channel.parse(request)
        assert time.thread_time() - began < self.quick

    @only_where(lambda cls: cls.batch is not WebhookContract.batch)  # else it posts one event at a time
    def test_it_reads_ten_thousand_events_at_once(self, channel: Channel) -> None:
        body = self.batch(10_000)
        assert body is not None
        request = self.signed(body)
        began = time.thread_time()
        channel.verify(request)
        events = channel.parse(request)
        assert time.thread_time() - began < self.quick
        assert len({event.event_id for event in events}) == 10_000

    @pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/x-nonsense; =;"])
    def test_it_bears_a_wrong_content_type(self, channel: Channel, content_type: str) -> None:
        for body in (*self.bodies, self.unknown):
            posted = self.signed(body)
            request = replace(
                posted, content_type=content_type, headers={**posted.headers, "content-type": content_type}
            )
            with contextlib.suppress(SignatureError):
                channel.verify(request)
            with contextlib.suppress(InvalidInput):
                assert all(event.event_id for event in channel.parse(request))

    def test_it_bears_whatever_stands_in_a_field(self, channel: Channel) -> None:
        """Each field missing, empty, and of another type: never anything but events, or that it is no such body."""
        for body in (*self.bodies, self.unknown):
            request = self.signed(body)
            for other in altered(request.body):
                with contextlib.suppress(InvalidInput):
                    events = channel.parse(replace(request, body=other))
                    assert all(isinstance(event.event_id, str) and event.event_id for event in events), other

    def test_it_answers_nobody_who_merely_asks(self, channel: Channel) -> None:
        request = replace(self.signed(self.bodies[0]), method="GET", body=b"")
        with pytest.raises((SignatureError, NotFound)):
            channel.answer(request)

    def test_it_has_an_answer_for_the_provider(self, channel: Channel) -> None:
        for body in (*self.bodies, self.unknown):
            assert isinstance(channel.answer(self.signed(body)), WebhookAnswer)

    def test_it_writes_nothing_of_a_request_into_the_log(
        self, channel: Channel, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for body in (*self.bodies, self.unknown):
            channel.verify(self.signed(body))
            channel.parse(self.signed(body))
        with pytest.raises(SignatureError) as caught:
            channel.verify(self.signed(self.bodies[0], key="wrong"))
        shown = caplog.text + caught.value.sentence + caught.value.detail
        assert "@" not in shown
        assert not [secret for secret in self.secrets if secret in shown]

    def _refused(self, channel: Channel, request: WebhookRequest) -> None:
        with pytest.raises(SignatureError):
            channel.verify(request)


def without(request: WebhookRequest, header: str) -> dict[str, str]:
    """The request's headers but one."""
    return {name: value for name, value in request.headers.items() if name != header.lower()}
