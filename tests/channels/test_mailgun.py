"""Mail over Mailgun: what is sent, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from server.channels.mailgun import MailgunChannel
from server.domain.message import Attachment, Outgoing, Receipt
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError
from tests.channels.mailgun_samples import API_KEY, DOMAIN, channel_at
from tests.channels.scripted import Act, Scripted, answer
from tests.contracts.channel import LETTER, OVER_HTTP, Case, SendContract, Taken, send
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers

FAULTS = {
    Case.NOT_NOW: "429",
    Case.LOST_BEFORE: "drop",
    Case.SILENT_BEFORE: "hang",
    Case.TAKEN_ANSWER_LOST: "accept-then-drop",
    Case.TAKEN_SILENT: "accept-then-hang",
}
MAIL_ID = f"<{LETTER.message_id}.{LETTER.token}@mail.example.org>"


@pytest.fixture(scope="module")
def running() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(running: Providers) -> Providers:
    running.mailgun.faults.clear()
    running.mailgun.sent.clear()
    running.mailgun.events.clear()
    running.people.mailboxes.clear()
    running.mailgun.key, running.mailgun.domain = API_KEY, DOMAIN
    return running


@pytest.fixture
def channel(world: Providers) -> MailgunChannel:
    return channel_at(world.mailgun.url)


class EmulatedMailgun:
    secrets = (API_KEY, "YXBpOjAxMjM0NTY3ODlhYmNkZWY")

    def __init__(self, world: Providers) -> None:
        self._mailgun = world.mailgun
        self.channel = channel_at(world.mailgun.url)

    def befall(self, case: Case) -> None:
        if case is Case.ACCOUNT_REFUSED:
            self._mailgun.key = "another"
        elif case is Case.UNREACHABLE:
            self.channel._http._base_url = "http://127.0.0.1:1"
        else:
            self._mailgun.fault(FAULTS[case], times=None)
        if FAULTS.get(case, "").endswith("hang"):
            self.channel._http._answer_seconds = 0.2

    def behave(self) -> None:
        self._mailgun.key = API_KEY
        self._mailgun.faults.clear()
        self.channel._http._base_url = self._mailgun.url
        self.channel._http._answer_seconds = 5.0

    def taken(self) -> Sequence[Taken]:
        return [Taken(sent.custom["cellback-message"], sent.to, sent.text) for sent in self._mailgun.sent]


class TestSending(SendContract):
    impossible = frozenset({Case.ADDRESS_REFUSED})
    """It takes every address, and reports later; see `test_it_tells_a_fault_of_the_row_...` for what is none."""
    outcome = OVER_HTTP

    @pytest.fixture
    def provider(self, world: Providers) -> EmulatedMailgun:
        return EmulatedMailgun(world)


def sent(world: Providers, channel: MailgunChannel, letter: Outgoing) -> Any:
    [result] = send(channel, letter)
    assert isinstance(result, Receipt), result
    [one] = world.mailgun.sent
    assert result.provider_id == one.id
    return one


FULL = replace(
    LETTER,
    unsubscribe_url="/u/abc",
    thread="<earlier.1@mail.example.org>",
    cc=("coach@example.org", "Coach@example.org", LETTER.address.upper()),
    attachments=(Attachment("plan für Ana.txt", "text/plain", b"a\r\n\x00"), Attachment("b.pdf", "", b"%PDF")),
)


def test_the_mail_bears_all_that_brings_an_answer_home(world: Providers, channel: MailgunChannel) -> None:
    one = sent(world, channel, FULL)
    mail = one.mail
    assert mail["Reply-To"] == f"r+{LETTER.token}@reply.example.org"
    assert mail["Message-ID"] == MAIL_ID
    assert mail["In-Reply-To"] == mail["References"] == "<earlier.1@mail.example.org>"
    assert mail["List-Unsubscribe"] == "<https://cellback.example.org/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, AutoReply"
    assert mail["From"] == "Race Office <hello@mail.example.org>"
    assert one.data["to"] == f'"Ana López" <{LETTER.address}>'
    assert mail["Cc"] == "coach@example.org", "nobody gets it twice"


def test_an_answer_to_it_names_the_id_of_the_receipt(world: Providers, channel: MailgunChannel) -> None:
    assert sent(world, channel, LETTER).mail["Message-ID"] == world.mailgun.sent[0].id == MAIL_ID


def test_what_comes_back_with_events_names_no_person(world: Providers, channel: MailgunChannel) -> None:
    assert sent(world, channel, FULL).custom == {"cellback-token": LETTER.token, "cellback-message": LETTER.message_id}


def test_files_arrive_as_they_are_and_in_their_order(world: Providers, channel: MailgunChannel) -> None:
    files = list(sent(world, channel, FULL).mail.iter_attachments())
    assert [file.get_filename() for file in files] == ["plan für Ana.txt", "b.pdf"]
    assert [file.get_content_type() for file in files] == ["text/plain", "application/octet-stream"]
    assert files[0].get_payload(decode=True) == b"a\r\n\x00"


def test_the_text_comes_as_html_too_and_links_are_not_rewritten(world: Providers, channel: MailgunChannel) -> None:
    data = sent(world, channel, replace(LETTER, text="1 < 2\nhttps://example.org/?a=1&b=2\n")).data
    assert "1 &lt; 2<br>" in data["html"]
    assert data["o:tracking-clicks"] == "no"


def test_a_row_may_name_its_own_sender_and_where_answers_go(world: Providers, channel: MailgunChannel) -> None:
    letter = replace(LETTER, sender="coach@mail.example.org", reply_to="desk@example.org")
    mail = sent(world, channel, letter).mail
    assert mail["From"] == "coach@mail.example.org", "the office's name is not the coach's"
    assert mail["Reply-To"] == f"r+{LETTER.token}@reply.example.org, desk@example.org"


@pytest.mark.parametrize(
    "hostile",
    ["a\r\nBcc: eve@example.org", "\x00\x1f", "\ud800", '"><b>', "x\\", "%recipient.x%", "a, eve@example.org"],
)
def test_nothing_in_a_row_becomes_a_header_or_a_recipient(
    world: Providers, channel: MailgunChannel, hostile: str
) -> None:
    letter = replace(
        LETTER,
        person=hostile,
        subject=f"S {hostile}",
        unsubscribe_url=f"/u/{hostile}",
        thread=hostile,
        text=f"T{hostile}",
    )
    one = sent(world, channel, letter)
    assert [person.addr_spec for person in one.mail["To"].addresses] == [LETTER.address]
    assert one.mail["Cc"] is None
    assert "h:In-Reply-To" not in one.data
    lines = [value for name, value in one.data.items() if name not in {"text", "html"}]
    assert not any(ord(char) < 32 for value in lines for char in value)


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, text=""),
        replace(LETTER, address="a b@example.org"),
        replace(LETTER, attachments=(Attachment("big", "text/plain", b"x" * 20_000_000),)),
    ],
)
def test_what_can_not_be_sent_is_not_tried(world: Providers, channel: MailgunChannel, letter: Outgoing) -> None:
    [error] = send(channel, letter)
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert world.mailgun.sent == []


def refusal(message: str, status: int = 400, **more: Any) -> Act:
    return answer(status, json.dumps({"message": message, **more}).encode())


@pytest.mark.parametrize(
    ("act", "kind", "whole", "words"),
    [
        (refusal("to parameter is not a valid address. please check documentation"), PermanentError, False, "valid"),
        (refusal("cc parameter is not a valid address"), PermanentError, False, "cc"),
        (answer(413, b"<html>"), PermanentError, False, "larger"),
        (refusal("from parameter is not a valid address"), PermanentError, True, "EMAIL_FROM"),
        (refusal("Domain mail.example.org is not allowed to send: unverified"), PermanentError, True, "not allowed"),
        (
            refusal("Sandbox subdomains are for test purposes only. Please add your own domain or add the address to "
                    "authorized recipients in Account Settings."),
            PermanentError, False, "MAILGUN_DOMAIN",
        ),
        (answer(401, b"Forbidden"), PermanentError, True, "MAILGUN_API_KEY"),
        (refusal("payment required", 402), PermanentError, True, "Billing"),
        (refusal("account disabled", 403), PermanentError, True, "account disabled"),
        (refusal("Domain not found: mail.example.org", 404), PermanentError, True, "api.eu.mailgun.net"),
        (refusal("something new"), PermanentError, True, "something new"),
        (answer(301, b"", "Location: http://127.0.0.1:1/"), PermanentError, True, "MAILGUN_BASE_URL"),
        (answer(429, b"{}", "Retry-After: 9"), TemporaryError, None, "slow down"),
        (answer(500, b"<html>"), TemporaryError, None, "trouble"),
        (answer(503, b"<html>"), TemporaryError, None, "trouble"),
        (answer(408, b""), TemporaryError, None, "all of the mail"),
        (answer(502, b"<html>"), SendInDoubt, None, "may have gone out"),
        (answer(200, b"<html>"), SendInDoubt, None, "may have gone out"),
        (answer(200, b'{"id": 7}'), SendInDoubt, None, "may have gone out"),
    ],
)  # fmt: skip
def test_it_tells_a_fault_of_the_row_from_one_of_the_account_and_not_now_from_never(
    act: Act, kind: type[CellbackError], whole: bool | None, words: str
) -> None:
    with Scripted(act) as server:
        [error] = send(channel_at(server.url), LETTER)
        assert len(server.requests) == 1
    assert type(error) is kind
    assert getattr(error, "whole_campaign", None) is whole
    assert words in str(error)


def test_a_sender_that_only_this_row_names_stops_this_row_only() -> None:
    with Scripted(refusal("from parameter is not a valid address")) as server:
        [error] = send(channel_at(server.url), replace(LETTER, sender="coach@other.example"))
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign


@pytest.mark.parametrize(("wait", "seconds"), [(30, 30.0), (-4, 1.0), (10**9, 3600.0), ("soon", None), (None, None)])
def test_it_waits_as_long_as_the_answer_says(wait: object, seconds: float | None) -> None:
    with Scripted(refusal("Too many requests", 429, **{"retry-seconds": wait})) as server:
        [error] = send(channel_at(server.url), LETTER)
    assert isinstance(error, TemporaryError)
    assert error.retry_after == seconds


def test_nothing_private_of_what_it_says_is_repeated() -> None:
    words = f"to: ana.lopez and Ana.Lopez@Example.org and coach@x.org and eve@z.org are bad\r\n{'x' * 900}"
    with Scripted(refusal(f"to {words}")) as server:
        [error] = send(channel_at(server.url), replace(LETTER, cc=("coach@x.org",)))
    assert isinstance(error, PermanentError)
    for text in (error.sentence, error.detail):
        assert "@" not in text
        assert "ana.lopez" not in text.lower()
        assert "\n" not in text
        assert len(text) < 400


@pytest.mark.parametrize("quoted", ["'to' parameter", "to parameter"])
def test_an_address_that_mailgun_refuses_is_the_rows_own_trouble(
    world: Providers, channel: MailgunChannel, monkeypatch: pytest.MonkeyPatch, quoted: str
) -> None:
    said = json_answer({"message": f"{quoted} is not a valid address. please check documentation"}, 400)
    monkeypatch.setattr(world.mailgun, "reserve", lambda request: said)
    [error] = send(channel, LETTER)
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
