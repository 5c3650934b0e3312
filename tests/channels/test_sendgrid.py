"""Mail over SendGrid: what is sent, what its answers mean, what a check finds."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from server.channels.sendgrid import SendGridChannel
from server.domain.message import Attachment, Outgoing, Receipt
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError
from tests.channels.scripted import Act, Scripted, answer
from tests.channels.sendgrid_samples import API_KEY, channel_at
from tests.contracts.channel import LETTER, OVER_HTTP, Case, SendContract, Taken, send
from tests.emulators.providers.world import Providers

FAULTS = {
    Case.NOT_NOW: "429",
    Case.LOST_BEFORE: "drop",
    Case.SILENT_BEFORE: "hang",
    Case.TAKEN_ANSWER_LOST: "accept-then-drop",
    Case.TAKEN_SILENT: "accept-then-hang",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(running: Providers) -> Providers:
    running.sendgrid.faults.clear()
    running.sendgrid.unverified.clear()
    running.sendgrid.sent.clear()
    running.people.mailboxes.clear()
    return running


class EmulatedSendGrid:
    secrets = (API_KEY, API_KEY.split(".")[2])

    def __init__(self, world: Providers) -> None:
        self._sendgrid = world.sendgrid
        self._sendgrid.key = API_KEY
        self.channel = channel_at(world.sendgrid.url)

    def befall(self, case: Case) -> None:
        if case is Case.ACCOUNT_REFUSED:
            self._sendgrid.key = "another"
        elif case is Case.UNREACHABLE:
            self.channel._http._base_url = "http://127.0.0.1:1"
        else:
            self._sendgrid.fault(FAULTS[case], times=None)
        if FAULTS.get(case, "").endswith("hang"):
            self.channel._http._answer_seconds = 0.2

    def behave(self) -> None:
        self._sendgrid.key = API_KEY
        self._sendgrid.faults.clear()
        self.channel._http._base_url = self._sendgrid.url
        self.channel._http._answer_seconds = 5.0

    def taken(self) -> Sequence[Taken]:
        return [
            Taken(sent.custom["cellback_message"], sent.to, sent.data["content"][0]["value"])
            for sent in self._sendgrid.sent
        ]


class TestSending(SendContract):
    impossible = frozenset({Case.ADDRESS_REFUSED})
    """It takes every address, and reports later; see `test_it_tells_a_fault_of_the_row_...` for what is none."""
    outcome = OVER_HTTP

    @pytest.fixture
    def provider(self, world: Providers) -> EmulatedSendGrid:
        return EmulatedSendGrid(world)


@pytest.fixture
def channel(world: Providers) -> SendGridChannel:
    world.sendgrid.key = API_KEY
    return channel_at(world.sendgrid.url)


def sent(world: Providers, channel: SendGridChannel, letter: Outgoing) -> Any:
    [result] = send(channel, letter)
    assert isinstance(result, Receipt), result
    [one] = world.sendgrid.sent
    assert result.provider_id == one.id
    return one


FULL = replace(
    LETTER,
    unsubscribe_url="/u/abc",
    thread="<earlier.1@mail.example.org>",
    cc=("coach@example.org", "Coach@example.org", LETTER.address.upper()),
    attachments=(Attachment("plan für Ana.txt", "text/plain", b"a\r\n\x00"), Attachment("b.pdf", "", b"%PDF")),
)


def test_the_mail_bears_all_that_brings_an_answer_home(world: Providers, channel: SendGridChannel) -> None:
    mail = sent(world, channel, FULL).mail
    assert mail["Reply-To"] == f"r+{LETTER.token}@reply.example.org"
    assert mail["Message-ID"] == f"<{LETTER.message_id}.{LETTER.token}@mail.example.org>"
    assert mail["In-Reply-To"] == mail["References"] == "<earlier.1@mail.example.org>"
    assert mail["List-Unsubscribe"] == "<https://cellback.example.org/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, AutoReply"
    assert mail["From"] == "Race Office <hello@mail.example.org>"
    assert mail["To"].addresses[0].display_name == "Ana López"
    assert mail["Cc"] == "coach@example.org", "nobody gets it twice"


def test_what_comes_back_with_events_names_no_person(world: Providers, channel: SendGridChannel) -> None:
    assert sent(world, channel, FULL).custom == {"cellback_token": LETTER.token, "cellback_message": LETTER.message_id}


def test_files_arrive_as_they_are_and_in_their_order(world: Providers, channel: SendGridChannel) -> None:
    files = list(sent(world, channel, FULL).mail.iter_attachments())
    assert [file.get_filename() for file in files] == ["plan für Ana.txt", "b.pdf"]
    assert [file.get_content_type() for file in files] == ["text/plain", "application/octet-stream"]
    assert files[0].get_payload(decode=True) == b"a\r\n\x00"


def test_the_text_comes_as_html_too_and_nothing_is_added_or_rewritten(
    world: Providers, channel: SendGridChannel
) -> None:
    data = sent(world, channel, replace(LETTER, text="1 < 2\nhttps://example.org/?a=1&b=2\n")).data
    assert [part["type"] for part in data["content"]] == ["text/plain", "text/html"]
    assert "1 &lt; 2<br>" in data["content"][1]["value"]
    tracking = data["tracking_settings"]
    assert tracking["click_tracking"] == {"enable": False, "enable_text": False}
    assert not tracking["subscription_tracking"]["enable"]
    assert not data["mail_settings"]["footer"]["enable"]


def test_a_text_that_looks_like_an_api_key_is_a_text(world: Providers, channel: SendGridChannel) -> None:
    text = "Your group is SG.North.West\n"
    assert sent(world, channel, replace(LETTER, text=text)).data["content"][0]["value"] == text


def test_a_row_may_name_its_own_sender_and_where_answers_go(world: Providers) -> None:
    world.sendgrid.key = API_KEY
    letter = replace(LETTER, sender="coach@mail.example.org", reply_to="desk@example.org")
    mail = sent(world, channel_at(world.sendgrid.url, inbound_domain=""), letter).mail
    assert mail["From"] == "coach@mail.example.org", "the office's name is not the coach's"
    assert mail["Reply-To"] == "desk@example.org"


def test_answers_come_home_even_when_somebody_else_wants_them_too(world: Providers, channel: SendGridChannel) -> None:
    mail = sent(world, channel, replace(LETTER, reply_to="desk@example.org")).mail
    assert mail["Reply-To"] == f"r+{LETTER.token}@reply.example.org, desk@example.org"


@pytest.mark.parametrize(
    "hostile", ["a\r\nBcc: eve@example.org", "\x00\x1f", "\ud800", '"><b>', "=?utf-8?q?=0ABcc:_x?="]
)
def test_nothing_in_a_row_becomes_a_header(world: Providers, channel: SendGridChannel, hostile: str) -> None:
    letter = replace(
        LETTER,
        person=hostile,
        subject=f"S {hostile}",
        unsubscribe_url=f"/u/{hostile}",
        thread=hostile,
        text=f"T{hostile}",
    )
    one = sent(world, channel, letter)
    assert [person["email"] for piece in one.data["personalizations"] for person in piece["to"]] == [LETTER.address]
    assert "cc" not in one.data["personalizations"][0]
    assert "In-Reply-To" not in one.data["headers"]
    assert not any(ord(char) < 32 for value in one.data["headers"].values() for char in value)


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, subject=" \n"),
        replace(LETTER, text=""),
        replace(LETTER, address="a b@example.org"),
        replace(LETTER, attachments=(Attachment("big", "text/plain", b"x" * 24 * 1024 * 1024),)),
    ],
)
def test_what_can_not_be_sent_is_not_tried(world: Providers, channel: SendGridChannel, letter: Outgoing) -> None:
    [error] = send(channel, letter)
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert world.sendgrid.sent == []


def refusal(message: str, field: str | None = None, status: int = 400) -> Act:
    body = json.dumps({"errors": [{"message": message, "field": field, "help": None}]}).encode()
    return answer(status, body)


HTML = answer(413, b"<html><head><title>413 Request Entity Too Large</title></head></html>", "Content-Type: text/html")


@pytest.mark.parametrize(
    ("act", "kind", "whole", "words"),
    [
        (refusal("Does not contain a valid address.", "personalizations.0.to.0.email"), PermanentError, False, "valid"),
        (refusal("The subject is required.", "subject"), PermanentError, False, "subject"),
        (HTML, PermanentError, False, "larger"),
        (refusal("Does not contain a valid address.", "from.email"), PermanentError, True, "EMAIL_FROM"),
        (
            refusal("The from address does not match a verified Sender Identity.", "from", 403),
            PermanentError,
            True,
            "Sender",
        ),
        (refusal("access forbidden", None, 403), PermanentError, True, "may not send"),
        (refusal("The provided authorization grant is invalid", None, 401), PermanentError, True, "SENDGRID_API_KEY"),
        (refusal("Maximum credits exceeded", None, 401), PermanentError, True, "used up"),
        (refusal("Bad Request"), PermanentError, True, "Bad Request"),
        (answer(404, b"not here"), PermanentError, True, "SENDGRID_BASE_URL"),
        (answer(301, b"", "Location: http://127.0.0.1:1/"), PermanentError, True, "SENDGRID_BASE_URL"),
        (answer(429, b"", "Retry-After: 9"), TemporaryError, None, "slow down"),
        (answer(500, b"<html>"), TemporaryError, None, "trouble"),
        (answer(503, b"<html>"), TemporaryError, None, "trouble"),
        (answer(408, b""), TemporaryError, None, "all of the mail"),
        (answer(502, b"<html>"), SendInDoubt, None, "may have gone out"),
        (answer(200, b""), SendInDoubt, None, "may have gone out"),
    ],
)
def test_it_tells_a_fault_of_the_row_from_one_of_the_account_and_not_now_from_never(
    act: Act, kind: type[CellbackError], whole: bool | None, words: str
) -> None:
    with Scripted(act) as server:
        [error] = send(channel_at(server.url), LETTER)
        assert len(server.requests) == 1
    assert type(error) is kind
    assert getattr(error, "whole_campaign", None) is whole
    assert words in error.sentence


def test_a_sender_that_only_this_row_names_stops_this_row_only() -> None:
    act = refusal("The from address does not match a verified Sender Identity.", "from", 403)
    with Scripted(act) as server:
        [error] = send(channel_at(server.url), replace(LETTER, sender="coach@other.example"))
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign


def test_it_waits_until_the_moment_that_sendgrid_names() -> None:
    with Scripted(answer(429, b"", f"X-RateLimit-Reset: {int(time.time()) + 30}")) as server:
        [error] = send(channel_at(server.url), LETTER)
    assert isinstance(error, TemporaryError)
    assert error.retry_after is not None
    assert 28 <= error.retry_after <= 31


def test_nothing_private_of_what_it_says_is_repeated() -> None:
    words = f"ana.lopez and Ana.Lopez@Example.org and coach@x.org and eve@z.org are bad\r\n{'x' * 900}"
    with Scripted(refusal(words, "personalizations.0.to.0.email <ana.lopez@example.org>")) as server:
        [error] = send(channel_at(server.url), replace(LETTER, cc=("coach@x.org",)))
    assert isinstance(error, PermanentError)
    for text in (error.sentence, error.detail):
        assert "@" not in text
        assert "ana.lopez" not in text.lower()
        assert "\n" not in text
        assert len(text) < 400


def test_it_can_not_be_asked_what_became_of_a_send(channel: SendGridChannel) -> None:
    """A person, or the events that come, must settle it; it is never taken for not sent."""
    assert asyncio.run(channel.reconcile(LETTER)) is True


class Api:
    """The three questions of `check`, answered."""

    def __init__(self, scopes: Act, senders: Act | None = None, domains: Act | None = None) -> None:
        forbidden = refusal("access forbidden", None, 403)
        self._acts = {b"/v3/scopes": scopes, b"/v3/verified_senders": senders or forbidden}
        self._acts[b"/v3/whitelabel/domains"] = domains or forbidden

    def __call__(self, connection: Any, request: bytes) -> None:
        path = request.split(b" ")[1].partition(b"?")[0]
        self._acts[path](connection, request)


def checked(act: Act) -> Exception | None:
    with Scripted(act) as server:
        channel = channel_at(server.url)

        async def work() -> None:
            try:
                await channel.check()
            finally:
                await channel.close()

        try:
            asyncio.run(work())
        except (PermanentError, TemporaryError) as error:
            return error
        return None


MAY_SEND = answer(200, b'{"scopes": ["mail.send", "sender_verification_eligible"]}')
NO_SENDERS = answer(200, b'{"results": [{"from_email": "hello@mail.example.org", "verified": false}, 7]}')
ONE_SENDER = answer(200, b'{"results": [{"from_email": "Hello@mail.example.org", "verified": true}]}')
NO_DOMAINS = answer(200, b'[{"domain": "mail.example.org", "valid": false}, {"domain": "ample.org", "valid": true}]')


@pytest.mark.parametrize(
    "act",
    [
        MAY_SEND,
        Api(MAY_SEND),
        Api(MAY_SEND, NO_SENDERS),
        Api(
            MAY_SEND,
            answer(200, b'{"results": [{"from_email": "Hello@mail.example.org", "verified": true}]}'),
            NO_DOMAINS,
        ),
        Api(MAY_SEND, NO_SENDERS, answer(200, b'[{"domain": "example.org", "valid": true}]')),
    ],
)
def test_a_key_that_may_send_from_a_known_sender_is_well(act: Act) -> None:
    """Most keys may not ask who is verified: then that is not known, and nothing is wrong."""
    assert checked(act if isinstance(act, Api) else Api(act)) is None


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (Api(refusal("authorization required", None, 401)), PermanentError, "SENDGRID_API_KEY"),
        (Api(answer(200, b'{"scopes": ["stats.read"]}')), PermanentError, "Mail Send"),
        (Api(answer(302, b"")), PermanentError, "SENDGRID_BASE_URL"),
        (Api(answer(200, b"<html>")), TemporaryError, "SendGrid"),
        (Api(answer(500, b"")), TemporaryError, "SendGrid"),
        (Api(MAY_SEND, NO_SENDERS, NO_DOMAINS), PermanentError, "mail.example.org"),
    ],
)
def test_a_check_says_what_to_do(act: Act, kind: type[Exception], words: str) -> None:
    error = checked(act)
    assert isinstance(error, kind)
    assert words in str(error)
