"""Sending over Resend, against an emulator of its API."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, TypeVar

import httpx
import pytest

from server.channels.resend import ResendChannel
from server.domain.message import Attachment, Outgoing, Receipt
from server.domain.reply import InboundMessage, WebhookRequest
from server.errors import CellbackError, ConfigError, PermanentError, SendInDoubt, TemporaryError
from tests.contracts.channel import LETTER, OVER_HTTP, Case, SendContract, Taken, send
from tests.emulators.providers.faults import Fault
from tests.emulators.providers.http import Answer
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers

T = TypeVar("T")
APPROVED = replace(LETTER, send_id="snd_7f3k9w2m4qabcdef", claimed_at=datetime.now(UTC))
SECONDS = 0.4
"""How long its silence is waited for."""


def channel(world: Providers, **options: Any) -> ResendChannel:
    given: dict[str, Any] = {
        "webhook_secrets": [world.resend.webhook_secret],
        "inbound_domain": world.keys.inbound_domain,
        "base_url": "https://cellback.example.org",
        "api_url": world.resend.url,
        "now": world.clock,
    }
    return ResendChannel(options.pop("api_key", world.resend.key), world.keys.sender, **(given | options))


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    """The emulator, as empty as at its start."""
    shared.resend.faults.clear()
    for kept in (shared.resend.sent, shared.resend.keys, shared.resend.received, shared.resend.unverified):
        kept.clear()
    shared.people.mailboxes.clear()
    shared.calls.clear()
    return shared


def ask(of: ResendChannel, work: Callable[[ResendChannel], Awaitable[T]]) -> T:
    """On an event loop of its own, as a job does."""

    async def all_of_it() -> T:
        try:
            return await work(of)
        finally:
            await of.close()

    return asyncio.run(all_of_it())


class Emulated:
    """Resend as the provider of the contract."""

    def __init__(self, world: Providers) -> None:
        self._resend = world.resend
        self.channel = channel(world)
        self.secrets = (world.resend.key, *(secret[6:] for secret in (world.resend.webhook_secret,)))

    def befall(self, case: Case) -> None:
        if case is Case.UNREACHABLE:
            self.channel._http._base_url = "http://127.0.0.1:9"
        elif case is Case.ADDRESS_REFUSED:
            self._answer(422, "validation_error", f"Invalid `to` field: {LETTER.address} or ana.lopez")
        elif case is Case.ACCOUNT_REFUSED:
            self._answer(403, "invalid_api_key", f"API key is invalid, {LETTER.address}")
        else:
            self._resend.fault(FAULTS[case], times=None)
            if "hang" in FAULTS[case]:
                self.channel._http._timeout = httpx.Timeout(SECONDS)

    def behave(self) -> None:
        self._resend.faults.clear()
        self._resend.__dict__.pop("reserve", None)
        self.channel._http._base_url = self._resend.url

    def taken(self) -> Sequence[Taken]:
        return [Taken(sent.custom["cellback_message"], sent.to, sent.text) for sent in self._resend.sent]

    def _answer(self, status: int, name: str, message: str) -> None:
        """What the emulator has no words for."""
        said = json_answer({"statusCode": status, "name": name, "message": message}, status)
        self._resend.__dict__["reserve"] = lambda request: said


FAULTS = {
    Case.NOT_NOW: "429",
    Case.LOST_BEFORE: "drop",
    Case.SILENT_BEFORE: "hang",
    Case.TAKEN_ANSWER_LOST: "accept-then-drop",
    Case.TAKEN_SILENT: "accept-then-hang",
}


class TestContract(SendContract):
    outcome = OVER_HTTP

    @pytest.fixture
    def provider(self, world: Providers) -> Iterator[Emulated]:
        emulated = Emulated(world)
        yield emulated
        emulated.behave()


def asked(world: Providers) -> dict[str, Any]:
    """The last mail as Resend was asked to send it."""
    found = json.loads([call for call in world.resend.calls if call.path == "/emails"][-1].body)
    assert isinstance(found, dict)
    return found


def arrived(world: Providers, letter: Outgoing = LETTER) -> EmailMessage:
    mail = world.mailbox(letter.address).last().mail
    assert mail is not None
    return mail


def test_a_mail_brings_along_all_that_brings_its_answer_home(world: Providers) -> None:
    [receipt] = send(channel(world), replace(APPROVED, unsubscribe_url="/u/abc", reply_to="ana@club.example"))
    assert receipt == Receipt(world.resend.sent[0].id)
    mail = arrived(world)
    assert mail["Reply-To"] == f"r+{LETTER.token}@{world.keys.inbound_domain}, ana@club.example"
    assert mail["List-Unsubscribe"] == "<https://cellback.example.org/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == world.keys.sender
    assert world.resend.sent[0].custom == {"cellback_token": LETTER.token, "cellback_message": LETTER.message_id}
    html = mail.get_body(("html",))
    assert html is not None
    assert "you start at 10:20" in html.get_content()
    assert asked(world)["to"] == [LETTER.address]
    assert "Message-ID" not in asked(world)["headers"]


def test_a_follow_up_threads_by_a_message_id_but_not_by_an_id_of_resends(world: Providers) -> None:
    send(channel(world), replace(LETTER, thread="<0102018c@eu-west-1.amazonses.com>"))
    assert arrived(world)["In-Reply-To"] == arrived(world)["References"] == "<0102018c@eu-west-1.amazonses.com>"
    send(channel(world), replace(LETTER, message_id="msg_2", thread="4ef9a417-02e9-4d39-ad75-9611e0fcc33c"))
    assert arrived(world)["In-Reply-To"] is None


def test_a_row_may_bring_its_sender_copies_and_files(world: Providers) -> None:
    files = (
        Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),
        Attachment("list.csv", "application/octet-stream", b"a,b"),
        Attachment("no ending", "application/x-own", b"?"),
    )
    send(channel(world), replace(LETTER, sender="mia@mail.example.org", cc=("coach@example.org",), attachments=files))
    said = asked(world)
    assert said["from"] == "mia@mail.example.org"
    assert said["cc"] == ["coach@example.org"]
    assert [b64decode(one["content"]) for one in said["attachments"]] == [one.data for one in files]
    # The ending decides: Resend drops a file whose media type is another one.
    assert [one.get("content_type") for one in said["attachments"]] == ["application/pdf", None, "application/x-own"]


def test_a_name_with_a_comma_does_not_become_two_senders(world: Providers) -> None:
    for name, said in (('Race "A", Office', '"Race \\"A\\", Office" <a@b.example>'), ("Büro", "Büro <a@b.example>")):
        send(ResendChannel(world.resend.key, f"{name} <a@b.example>", api_url=world.resend.url), LETTER)
        assert asked(world)["from"] == said
        world.resend.keys.clear()


def test_what_is_too_large_is_refused_before_it_leaves(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.channels.resend_mail.LARGEST", 5_000)
    letter = replace(LETTER, attachments=(Attachment("a.bin", "application/octet-stream", bytes(4_000)),))
    [error] = send(channel(world), letter)
    assert isinstance(error, PermanentError)
    assert "40 MB" in error.sentence
    assert not error.whole_campaign
    assert world.resend.calls == []


def test_the_same_approval_goes_once_however_often_it_is_sent(world: Providers) -> None:
    first, again = (send(channel(world), APPROVED)[0] for _ in range(2))
    assert first == again
    assert len(world.resend.sent) == 1
    [anew] = send(channel(world), replace(APPROVED, send_id="snd_another"))
    assert anew != first
    assert len(world.resend.sent) == 2


@pytest.mark.parametrize("fault", ["accept-then-drop", "drop", "accept-then-hang"])
def test_a_doubtful_send_is_settled_by_the_same_request(world: Providers, fault: str) -> None:
    """Whether it was taken or not: one mail, and its receipt."""
    world.resend.fault(fault)
    [error] = send(channel(world, answer_seconds=SECONDS), APPROVED)
    assert isinstance(error, SendInDoubt)
    found = ask(channel(world), lambda it: it.reconcile(APPROVED))
    assert found == Receipt(world.resend.sent[0].id)
    assert len(world.mailbox(LETTER.address).arrived) == 1


@pytest.mark.parametrize("claimed_at", [None, datetime.now(UTC) - timedelta(hours=24)])
def test_once_the_key_may_be_forgotten_a_person_finds_out(world: Providers, claimed_at: datetime | None) -> None:
    """The same request would be a second mail then."""
    late = replace(APPROVED, claimed_at=claimed_at)
    assert ask(channel(world), lambda it: it.reconcile(late)) is True
    assert world.resend.calls == []


def test_a_key_that_was_used_with_other_bytes_proves_that_the_mail_went(world: Providers) -> None:
    send(channel(world), APPROVED)
    changed = channel(world, base_url="https://other.example.org")
    letter = replace(APPROVED, unsubscribe_url="/u/abc")
    assert ask(changed, lambda it: it.reconcile(letter)) == Receipt("")
    [error] = send(changed, letter)
    assert isinstance(error, SendInDoubt)
    assert len(world.resend.sent) == 1


def test_without_a_name_for_the_very_send_that_proves_nothing(world: Providers) -> None:
    """The key is the message's then, and the mail that went may be of an earlier approval."""
    send(channel(world), LETTER)
    assert ask(channel(world), lambda it: it.reconcile(replace(APPROVED, send_id="", text="Another text"))) is True


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop", "hang"])
def test_a_doubt_that_can_not_be_settled_now_is_settled_later(world: Providers, fault: str) -> None:
    world.resend.fault(fault, times=None)
    with pytest.raises(TemporaryError):
        ask(channel(world, answer_seconds=SECONDS), lambda it: it.reconcile(APPROVED))


def test_a_request_still_under_way_is_asked_about_later(world: Providers) -> None:
    world.resend.fault(Fault(delay=0.3))

    async def work(it: ResendChannel) -> None:
        first = asyncio.create_task(it.send(APPROVED))
        while not world.resend.keys:
            await asyncio.sleep(0.01)
        with pytest.raises(TemporaryError):
            await it.reconcile(APPROVED)
        with pytest.raises(SendInDoubt):
            await it.send(APPROVED)
        receipt = await first
        assert await it.reconcile(APPROVED) == receipt

    ask(channel(world), work)


REFUSALS = [
    (400, "validation_error", PermanentError, False, "refused this mail"),
    (401, "missing_api_key", PermanentError, True, "RESEND_API_KEY"),
    (401, "restricted_api_key", PermanentError, True, "RESEND_API_KEY"),
    (403, "invalid_api_key", PermanentError, True, "RESEND_API_KEY"),
    (403, "validation_error", PermanentError, True, "EMAIL_FROM"),
    (404, "not_found", PermanentError, True, "RESEND_BASE_URL"),
    (405, "method_not_allowed", PermanentError, True, "RESEND_BASE_URL"),
    (422, "invalid_from_address", PermanentError, True, "EMAIL_FROM"),
    (422, "invalid_attachment", PermanentError, False, "refused this mail"),
    (422, "missing_required_field", PermanentError, False, "refused this mail"),
    (429, "rate_limit_exceeded", TemporaryError, None, "slow down"),
    (429, "daily_quota_exceeded", TemporaryError, None, "this day"),
    (429, "monthly_quota_exceeded", PermanentError, True, "this month"),
    (451, "security_error", PermanentError, False, "refused this mail"),
    (500, "application_error", TemporaryError, None, "trouble"),
    (502, "", SendInDoubt, None, "may have gone out"),
    (409, "concurrent_idempotent_requests", SendInDoubt, None, "knows this mail"),
]


@pytest.mark.parametrize(("status", "name", "kind", "whole", "word"), REFUSALS)
def test_it_sorts_refusals_by_what_can_be_done(
    world: Providers,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    name: str,
    kind: type[CellbackError],
    whole: bool | None,
    word: str,
) -> None:
    said = json_answer({"statusCode": status, "name": name, "message": f"About {LETTER.address} \x1b[1m"}, status)
    monkeypatch.setattr(world.resend, "reserve", lambda request: said)
    [error] = send(channel(world), LETTER)
    assert type(error) is kind
    assert isinstance(error, CellbackError)
    assert word in error.sentence
    assert "@" not in error.sentence
    assert "\x1b" not in error.sentence
    if isinstance(error, PermanentError):
        assert error.whole_campaign is whole
        assert error.code == name


def test_a_sender_that_only_this_row_has_is_only_this_rows_trouble(world: Providers) -> None:
    world.resend.unverified.add("elsewhere.example")
    [error] = send(channel(world), replace(LETTER, sender="mia@elsewhere.example"))
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert "elsewhere.example domain is not verified" in error.sentence


def test_it_waits_as_long_as_resend_says(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    for headers, wait in (({"retry-after": "7"}, 7.0), ({"ratelimit-reset": "3"}, 3.0), ({}, None)):
        said = json_answer({"name": "rate_limit_exceeded"}, 429, headers)
        monkeypatch.setattr(world.resend, "reserve", lambda request, said=said: said)
        [error] = send(channel(world), LETTER)
        assert isinstance(error, TemporaryError)
        assert error.retry_after == wait


def test_it_finds_what_a_webhook_may_have_lost(world: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.channels.resend._PAGE", 2)
    began = datetime.now(UTC)
    posts = [answer(world, f"Answer {n}") for n in range(5)]
    events = ask(channel(world), lambda it: it.missed(began - timedelta(minutes=1)))
    told = [event for post in posts for event in channel(world).parse(as_posted(post))]
    assert sorted(event.event_id for event in events) == sorted(event.event_id for event in told)
    assert sorted(events, key=repr) == sorted(told, key=repr)
    world.resend.receive(written("Not for us"), LETTER.address, "sales@other.example")
    assert len(ask(channel(world), lambda it: it.missed(began - timedelta(minutes=1)))) == 5
    assert ask(channel(world), lambda it: it.missed(began + timedelta(hours=1))) == []


def test_without_a_domain_for_replies_nothing_is_listed(world: Providers) -> None:
    answer(world, "Yes")
    assert ask(channel(world, inbound_domain=""), lambda it: it.missed(datetime(2020, 1, 1, tzinfo=UTC))) == []
    assert world.resend.calls == []


def test_a_reply_is_fetched_as_it_was_written(world: Providers) -> None:
    post = answer(world, "Yes, that suits me.\n\nAna", "<b>Yes</b>, that suits me.")
    [event] = channel(world).parse(as_posted(post))
    assert isinstance(event, InboundMessage)
    assert event.text == ""
    assert event.fetch
    found = ask(channel(world), lambda it: it.complete(event))
    assert found.text.rstrip() == "Yes, that suits me.\n\nAna"
    assert (found.event_id, found.fetch) == (event.event_id, "")
    assert found.token == LETTER.token
    assert found.sender == LETTER.address
    assert found.subject == "Re: Your start time"
    assert found.in_reply_to == ("<there@example.org>",)
    assert found.files == ("map.png",)
    assert ask(channel(world), lambda it: it.complete(found)) is found


def test_an_automatic_reply_is_still_one_when_it_is_fetched(world: Providers) -> None:
    [event] = channel(world).parse(as_posted(answer(world, "I am away", **{"Auto-Submitted": "auto-replied"})))
    assert isinstance(event, InboundMessage)
    found = ask(channel(world), lambda it: it.complete(event))
    assert found.headers["auto-submitted"] == "auto-replied"


def test_the_raw_mail_is_read_where_resend_lends_it_and_our_key_is_not_told_there(
    world: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    [event] = channel(world).parse(as_posted(answer(world, "From the fields")))
    assert isinstance(event, InboundMessage)
    seen: list[Any] = []
    mail = written("From the raw mail")

    def files(request: Any) -> Any:
        seen.append(request)
        if request.path.endswith("mail.eml"):
            return type(json_answer({}))(200, mail.as_bytes(), {})
        link = f"{world.url}/files/mail.eml?signature=1"
        return json_answer({"id": event.fetch, "to": [], "text": "From the fields", "raw": {"download_url": link}})

    monkeypatch.setattr(world.page, "respond", files)
    found = ask(channel(world, api_url=f"{world.url}/files"), lambda it: it.complete(event))
    assert found.text.rstrip() == "From the raw mail"
    assert found.token == LETTER.token
    assert "authorization" not in seen[-1].headers
    assert seen[-1].query == (("signature", "1"),)


def test_a_reply_that_resend_no_longer_has_is_given_up(world: Providers) -> None:
    event = InboundMessage("received:1", LETTER.address, "", fetch="4ef9a417-02e9-4d39-ad75-9611e0fcc33c")
    with pytest.raises(PermanentError, match="no longer"):
        ask(channel(world), lambda it: it.complete(event))
    world.resend.fault("503")
    with pytest.raises(TemporaryError):
        ask(channel(world), lambda it: it.complete(event))


def test_check_knows_a_wrong_key_and_an_unverified_or_unknown_domain(
    world: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(channel(world), lambda it: it.check())
    with pytest.raises(PermanentError, match="RESEND_API_KEY"):
        ask(channel(world, api_key="re_wrong"), lambda it: it.check())
    listed = {"data": [{"name": "mail.example.org", "status": "pending"}, {"name": 7}, None]}
    monkeypatch.setattr(world.resend, "reserve", lambda request: json_answer(listed))
    with pytest.raises(PermanentError, match=r"not verified mail\.example\.org"):
        ask(channel(world), lambda it: it.check())
    with pytest.raises(PermanentError, match=r"does not know b\.example"):
        ask(ResendChannel(world.resend.key, "a@b.example", api_url=world.resend.url), lambda it: it.check())
    ask(ResendChannel(world.resend.key, "onboarding@resend.dev", api_url=world.resend.url), lambda it: it.check())
    world.resend.fault("503")
    with pytest.raises(TemporaryError):
        ask(channel(world), lambda it: it.check())


def test_check_says_that_a_key_for_sending_alone_can_fetch_no_replies(
    world: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json_answer({"name": "restricted_api_key", "message": "This API key is restricted to only send emails"}, 401)
    monkeypatch.setattr(world.resend, "reserve", lambda request: said)
    for work in (lambda it: it.check(), lambda it: it.missed(datetime.now(UTC))):
        with pytest.raises(PermanentError, match="Full access"):
            ask(channel(world), work)
    ask(channel(world, inbound_domain=""), lambda it: it.check())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "abc", "whsec_abc", "a secret of twenty letters"])
def test_a_secret_of_another_form_stops_the_start_and_is_not_repeated(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ResendChannel("re_x", "a@b.example", webhook_secrets=[secret])
    assert "RESEND_WEBHOOK_SECRET" in str(caught.value)
    assert secret not in {"abc", "whsec_abc"} or secret not in str(caught.value)


def test_a_sender_that_is_no_address_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="EMAIL_FROM"):
        ResendChannel("re_x", "the race office")


def written(text: str, html: str = "", **headers: str) -> EmailMessage:
    """A reply to our letter."""
    mail = EmailMessage()
    mail["From"] = f"Ana López <{LETTER.address}>"
    mail["To"] = f"r+{LETTER.token}@reply.example.org"
    mail["Subject"] = "Re: Your start time"
    mail["Message-ID"] = "<answer@example.org>"
    mail["In-Reply-To"] = "<there@example.org>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="map.png")
    return mail


def answer(world: Providers, text: str, html: str = "", **headers: str) -> Post:
    """Ana answers by mail; what Resend posts about it."""
    return world.resend.receive(written(text, html, **headers), LETTER.address, f"r+{LETTER.token}@reply.example.org")


def as_posted(post: Post) -> WebhookRequest:
    """A post as our webhook route hands it on."""
    return WebhookRequest("POST", post.url, {name.lower(): value for name, value in post.headers.items()}, post.body)


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"{}", b'{"id": ""}', b'{"id": 7}', b"[]"])
def test_a_yes_that_is_not_resends_proves_nothing(
    world: Providers, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(world.resend, "reserve", lambda request: Answer(200, body))
    [error] = send(channel(world), LETTER)
    assert type(error) is SendInDoubt
    with pytest.raises(TemporaryError):
        ask(channel(world), lambda it: it.reconcile(APPROVED))


@pytest.mark.parametrize(("status", "whole"), [(302, True), (400, True), (404, True), (413, False)])
def test_an_answer_without_a_name_is_not_resends_and_stops_all(
    world: Providers, monkeypatch: pytest.MonkeyPatch, status: int, whole: bool
) -> None:
    monkeypatch.setattr(world.resend, "reserve", lambda request: Answer(status, b"<html>nginx</html>"))
    [error] = send(channel(world), LETTER)
    assert isinstance(error, PermanentError)
    assert error.whole_campaign is whole
    assert ("RESEND_BASE_URL" in error.sentence) is whole
