"""What Meta posts: messages and statuses, one by one, whatever else stands beside them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.meta import MetaWhatsApp
from server.channels.meta.words import STATUSES
from server.domain.message import Choice, FilledTemplate
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookAnswer, WebhookRequest
from server.domain.words import DeliveryStatus
from server.errors import InvalidInput, SignatureError
from tests.channels import meta
from tests.channels.meta import ANA, events, posted
from tests.channels.test_meta import NOTE
from tests.contracts.channel import WebhookContract, send
from tests.emulators.providers.world import Providers

SECRET, OTHER, VERIFY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "11111111111111111111111111111111", "our-own-word"
NUMBER_ID, WABA_ID = "106540352242922", "102290129340398"
TOKEN = NOTE.token
CONTACT = {"profile": {"name": "Ana"}, "wa_id": "447900900123", "user_id": "GB.13491208655302741918"}
BASE = {"from": "447900900123", "from_user_id": "GB.13491208655302741918", "timestamp": "1749416383"}
STATUS = {"timestamp": "1750030073", "recipient_id": "447900900123", "biz_opaque_callback_data": TOKEN}


def entry(*changes: dict[str, Any]) -> bytes:
    body = {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": list(changes)}]}
    return json.dumps(body).encode()


def change(field: str = "messages", number_id: str = NUMBER_ID, **value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": number_id}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def message(n: int = 1, **content: Any) -> dict[str, Any]:
    return {**BASE, "id": f"wamid.M{n}", **content}


def messages(*found: dict[str, Any]) -> bytes:
    return entry(change(contacts=[CONTACT], messages=list(found)))


def failed(code: int, title: str = "Something") -> dict[str, Any]:
    return {**STATUS, "id": f"wamid.F{code}", "status": "failed", "errors": [{"code": code, "title": title}]}


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def pressed(payload: str, title: str) -> dict[str, Any]:
    return {"type": "button", "button": {"payload": payload, "text": title}}


def replied(kind: str, payload: str, title: str) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, kind: {"id": payload, "title": title}}}


@pytest.fixture
def channel() -> MetaWhatsApp:
    return MetaWhatsApp("EAAtoken", NUMBER_ID, app_secrets=[SECRET], verify_token=VERIFY)


def request(body: bytes, secret: str = SECRET) -> WebhookRequest:
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signature, "content-type": "application/json"}
    return WebhookRequest("POST", "https://cellback.example.org/webhooks/meta", headers, body, "application/json")


def parse(body: bytes) -> list[Event]:
    return MetaWhatsApp("EAAtoken", NUMBER_ID, app_secrets=[SECRET]).parse(request(body))


def one(**content: Any) -> InboundMessage:
    [event] = parse(messages(message(**content)))
    assert isinstance(event, InboundMessage)
    return event


class TestWebhook(WebhookContract):
    signature_header = "X-Hub-Signature-256"
    dated = False
    bodies = (
        messages(message(1, **text("yes!"), context={"from": "15550783881", "id": "wamid.S1"})),
        messages(message(2, **pressed(f"v1.{TOKEN}.1", "Yes"))),
        messages(message(3, **replied("button_reply", f"v1.{TOKEN}.2", "No"))),
        messages(message(4, **replied("list_reply", f"v1.{TOKEN}.3", "Later"))),
        messages(message(5, type="image", image={"caption": "my knee", "mime_type": "image/jpeg", "id": "1"})),
        entry(
            change(statuses=[{**STATUS, "id": "wamid.S1", "status": word} for word in ("sent", "delivered", "read")])
        ),
        entry(change(statuses=[failed(131026), failed(131050)])),
    )
    unknown = messages(message(9, type="reaction", reaction={"message_id": "wamid.S1", "emoji": "👍"}))
    secrets = (SECRET, VERIFY, "447900900123", TOKEN, "EAAtoken")

    @pytest.fixture(name="channel")
    def _channel(self, channel: MetaWhatsApp) -> MetaWhatsApp:
        return channel

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return request(body, SECRET if key == "right" else OTHER)

    def batch(self, count: int) -> bytes:
        """Messages and statuses of many people, as after an outage."""
        people = [
            {"profile": {"name": "x"}, "wa_id": str(447900000000 + n), "user_id": f"GB.{n}"} for n in range(count // 2)
        ]
        written = [{**message(n, **text("yes")), "from": str(447900000000 + n)} for n in range(count // 2)]
        reports = [{**STATUS, "id": f"wamid.S{n}", "status": "delivered"} for n in range(count - count // 2)]
        return entry(change(contacts=people, messages=written, statuses=reports))


def test_ten_thousand_events_take_a_fraction_of_a_second(channel: MetaWhatsApp) -> None:
    posted_at_once = request(TestWebhook().batch(10_000))
    began = time.process_time()
    channel.verify(posted_at_once)
    assert len(channel.parse(posted_at_once)) == 10_000
    assert time.process_time() - began < 0.5


def test_it_believes_either_secret_while_one_is_replaced() -> None:
    both = MetaWhatsApp("EAAtoken", NUMBER_ID, app_secrets=["", OTHER, SECRET])
    for secret in (OTHER, SECRET):
        both.verify(request(b"{}", secret))


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_it_believes_nothing_without_a_secret(secrets: tuple[str, ...]) -> None:
    with pytest.raises(SignatureError):
        MetaWhatsApp("EAAtoken", NUMBER_ID, app_secrets=secrets).verify(request(b"{}", ""))


def test_it_answers_a_post_with_a_word_so_that_meta_gets_its_200(channel: MetaWhatsApp) -> None:
    """An answer without a body goes out as 204, and Meta would post for a week."""
    assert channel.answer(request(b"{}")).body


def asks(query: str) -> WebhookRequest:
    return WebhookRequest("GET", f"https://cellback.example.org/webhooks/meta?{query}", {}, b"")


def test_it_repeats_the_challenge_to_who_knows_our_word(channel: MetaWhatsApp) -> None:
    query = f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY}"
    assert channel.answer(asks(query)) == WebhookAnswer("1158201444", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.challenge=1158201444",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=our-own-wor",
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=%C3%BC%FF",
        f"hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.challenge=a%0d%0ab&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.challenge={'9' * 201}&hub.verify_token={VERIFY}",
        "&".join(f"a{n}=1" for n in range(30)) + f"&hub.mode=subscribe&hub.challenge=1&hub.verify_token={VERIFY}",
    ],
)
def test_it_repeats_nothing_to_anybody_else(channel: MetaWhatsApp, query: str) -> None:
    with pytest.raises(SignatureError):
        channel.answer(asks(query))


def test_nobody_knows_a_word_that_is_not_set() -> None:
    without = MetaWhatsApp("EAAtoken", NUMBER_ID)
    with pytest.raises(SignatureError):
        without.answer(asks("hub.mode=subscribe&hub.challenge=1&hub.verify_token="))


def test_a_text_says_who_wrote_when_to_which_number_and_in_answer_to_what() -> None:
    assert one(**text("yes!"), context={"from": "15550783881", "id": "wamid.S1"}) == InboundMessage(
        event_id="wamid.M1",
        sender=ANA,
        text="yes!",
        in_reply_to=("wamid.S1",),
        at="2025-06-08T20:59:43+00:00",
        ours=NUMBER_ID,
        user_id="GB.13491208655302741918",
    )


@pytest.mark.parametrize(
    "content",
    [
        pressed(f"v1.{TOKEN}.2", "No"),
        replied("button_reply", f"v1.{TOKEN}.2", "No"),
        replied("list_reply", f"v1.{TOKEN}.2", "No"),
    ],
)
def test_a_press_names_row_and_answer_without_any_context(content: dict[str, Any]) -> None:
    event = one(**content)
    assert (event.token, event.button, event.text, event.in_reply_to) == (TOKEN, "2", "No", ())


def test_a_press_of_another_button_is_what_it_says() -> None:
    event = one(**pressed("Stop promotions", "Stop promotions"))
    assert (event.token, event.button, event.text) == ("", "Stop promotions", "Stop promotions")


def test_it_knows_somebody_who_tells_no_number() -> None:
    person = {"profile": {"name": "x", "username": "@ana"}, "user_id": "US.123"}
    hidden = {"from_user_id": "US.123", "id": "wamid.M1", **text("yes")}
    for contacts in ([person], []):
        [event] = parse(entry(change(contacts=contacts, messages=[hidden])))
        assert isinstance(event, InboundMessage)
        assert (event.sender, event.user_id, event.text) == ("", "US.123", "yes")


def test_a_lone_contact_is_who_wrote_only_where_nothing_says_otherwise() -> None:
    somebody = {"wa_id": "447900900111", "user_id": "GB.1"}
    named = {"from": "447900900222", "id": "wamid.1", **text("yes")}
    nameless = {"id": "wamid.2", **text("yes")}
    found = parse(entry(change(contacts=[somebody], messages=[named, nameless])))
    assert [(e.sender, e.user_id) for e in found if isinstance(e, InboundMessage)] == [
        ("+447900900222", ""),
        ("+447900900111", "GB.1"),
    ]


def test_each_of_several_people_in_one_change_is_who_they_are() -> None:
    people = [{"wa_id": "447900900111", "user_id": "GB.1"}, {"wa_id": "447900900222", "user_id": "GB.2"}]
    written = [
        {"from": "447900900222", "id": "wamid.2", **text("two")},
        {"from": "447900900111", "id": "wamid.1", **text("one")},
        {"from": "447900900333", "id": "wamid.3", **text("three")},
    ]
    found = parse(entry(change(contacts=people, messages=written)))
    assert [(e.sender, e.user_id) for e in found if isinstance(e, InboundMessage)] == [
        ("+447900900222", "GB.2"),
        ("+447900900111", "GB.1"),
        ("+447900900333", ""),
    ]


@pytest.mark.parametrize(
    ("content", "words", "files"),
    [
        ({"type": "image", "image": {"mime_type": "image/jpeg", "caption": "see"}}, "see", ("image.jpg",)),
        ({"type": "audio", "audio": {"mime_type": "audio/ogg; codecs=opus", "voice": True}}, "", ("audio.ogg",)),
        ({"type": "video", "video": {"mime_type": "video/x-odd"}}, "", ("video",)),
        ({"type": "sticker", "sticker": {"mime_type": "image/webp"}}, "", ("sticker.webp",)),
        ({"type": "document", "document": {"filename": "../../etc/\r\npasswd"}}, "", (".. .. etc passwd",)),
        (
            {"type": "location", "location": {"latitude": 37.5, "longitude": -122, "name": "HQ"}},
            "HQ\n37.500000, -122.000000",
            (),
        ),
        (
            {"type": "contacts", "contacts": [{"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+44 1"}]}]},
            "Bo +44 1",
            (),
        ),
        ({"type": "edit", "edit": {"original_message_id": "wamid.M0", "message": text("no")}}, "no", ()),
    ],
)
def test_what_is_no_text_still_reaches_the_row(content: dict[str, Any], words: str, files: tuple[str, ...]) -> None:
    event = one(**content)
    assert (event.text, event.files) == (words, files)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"type": "reaction", "reaction": {"message_id": "wamid.S1", "emoji": "👍"}}, "reaction"),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, "unsupported"),
        ({"type": "interactive"}, "interactive"),
        (
            {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}},
            "interactive nfm_reply",
        ),
        ({"type": "button", "button": {"payload": "x"}}, "button"),
        ({"type": "system", "system": {"type": "user_changed_number", "wa_id": "1"}}, "system user_changed_number"),
        ({"type": "order", "order": {"text": ""}}, "order"),
        ({"type": "revoke", "revoke": {"original_message_id": "x"}}, "revoke"),
        ({"type": "edit", "edit": {"message": {"type": "edit", "edit": {"message": text("x")}}}}, "edit"),
        ({"type": "text"}, "text"),
        ({**text("in a group"), "group_id": "G1"}, "text"),
        ({}, "broken"),
    ],
)
def test_what_is_no_answer_is_kept_and_never_taken_for_one(content: dict[str, Any], name: str) -> None:
    [event] = parse(messages(message(**content)))
    assert isinstance(event, UnknownEvent)
    assert event.name == name


def test_what_came_to_another_number_is_not_ours() -> None:
    """Several numbers of an account, of one app, post to one address."""
    found = parse(
        entry(
            change(number_id="999", messages=[message(1, **text("yes"))]),
            change(contacts=[CONTACT], messages=[message(2, **text("no"))]),
            change("account_update", number_id=""),
        )
    )
    assert [type(event) for event in found] == [UnknownEvent, InboundMessage, UnknownEvent]
    assert [event.name for event in found if isinstance(event, UnknownEvent)] == [
        "messages of another number",
        "account_update",
    ]


def test_one_broken_part_costs_no_other() -> None:
    good, bad = message(1, **text("yes")), {"id": 7, "type": ["text"]}
    body = json.loads(messages(bad, good))
    body["entry"] = [None, *body["entry"], {"changes": "?"}, {"changes": [None, {"field": "messages"}]}]
    found = parse(json.dumps(body).encode())
    assert [event.text for event in found if isinstance(event, InboundMessage)] == ["yes"]
    assert len(found) == 6


def test_half_a_character_and_nul_can_be_stored() -> None:
    event = one(**text("yes\ud83d\x00!"))
    assert event.text == "yes\ufffd!"


def test_an_endless_id_becomes_a_short_one() -> None:
    [event] = parse(messages({**message(**text("yes")), "id": "w" * 5000}))
    assert isinstance(event, InboundMessage)
    assert len(event.event_id) < 100


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"{}", b'{"entry": {}}', b'{"entry": null}', b"NaN"])
def test_it_refuses_json_that_is_no_post_of_metas(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse(body)


def test_it_keeps_a_post_about_something_else() -> None:
    for body in (b'{"object": "page", "entry": [{"id": "1"}]}', b'{"object":"whatsapp_business_account","entry":[]}'):
        [event] = parse(body)
        assert isinstance(event, UnknownEvent)


@pytest.mark.parametrize("word", STATUSES)
def test_it_knows_metas_words_for_where_a_message_stands(word: str) -> None:
    [event] = parse(entry(change(statuses=[{**STATUS, "id": "wamid.S1", "status": word}])))
    assert isinstance(event, DeliveryEvent)
    assert event == DeliveryEvent(
        event_id=f"wamid.S1:{word}",
        status=STATUSES[word],
        token=TOKEN,
        provider_id="wamid.S1",
        address=ANA,
        at="2025-06-15T23:27:53+00:00",
        permanent=word == "failed",
    )


@pytest.mark.parametrize(
    ("code", "permanent", "opted_out", "elsewhere"),
    [
        (131026, True, False, True),
        (131050, True, True, False),
        (131047, True, False, False),
        (131049, False, False, False),
        (131000, False, False, False),
        (999999, True, False, False),
    ],
)
def test_it_says_why_a_message_failed(code: int, permanent: bool, opted_out: bool, elsewhere: bool) -> None:
    [event] = parse(entry(change(statuses=[failed(code, "Something odd.")])))
    assert isinstance(event, DeliveryEvent)
    assert event.status is DeliveryStatus.FAILED
    assert (event.code, event.permanent, event.opted_out, event.elsewhere) == (
        str(code),
        permanent,
        opted_out,
        elsewhere,
    )
    assert event.detail
    assert not event.detail.endswith(".")
    if code == 999999:
        assert event.detail == "Something odd (Meta's code 999999)"


@pytest.mark.parametrize("word", ["deleted", "warning", "", "constructor"])
def test_a_status_it_does_not_know_is_kept(word: str) -> None:
    [event] = parse(entry(change(statuses=[{**STATUS, "id": "wamid.S1", "status": word}])))
    assert isinstance(event, UnknownEvent)


def test_somebody_who_switches_marketing_off_has_opted_out() -> None:
    wants = {"wa_id": "447900900123", "detail": "User requested to stop marketing messages", "value": "stop"}
    stop, resume = {**wants, "timestamp": 1731705721}, {**wants, "value": "resume"}
    found = parse(entry(change("user_preferences", user_preferences=[stop, resume])))
    assert isinstance(found[0], DeliveryEvent)
    assert (found[0].opted_out, found[0].address, found[0].status) == (True, ANA, DeliveryStatus.UNKNOWN)
    assert isinstance(found[1], UnknownEvent)


def test_errors_of_the_account_are_kept() -> None:
    [event] = parse(entry(change(errors=[{"code": 130429, "title": "Rate limit hit"}])))
    assert event == UnknownEvent(event.event_id, "error 130429")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(NUMBER_ID),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["entry", "changes", "value", "field", "metadata", "phone_number_id", "messages", "statuses",
                         "type", "text", "body", "id", "from", "errors", "code", "contacts", "user_preferences"])
        | st.text(max_size=3),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(JSON)
def test_it_takes_anything_in_an_entry(found: Any) -> None:
    for value in (
        {"entry": [{"changes": [found]}]},
        {"entry": [{"changes": [change(messages=[found], statuses=[found])]}]},
    ):
        body = json.dumps({"object": "whatsapp_business_account", **value}).encode()
        first, second = parse(body), parse(body)
        assert [event.event_id for event in first] == [event.event_id for event in second]
        assert all(event.event_id for event in first)
        assert not any(isinstance(event, DeliveryEvent) and event.status is DeliveryStatus.BOUNCED for event in first)


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    meta.empty(shared).phone(ANA).windows[shared.meta.phone_number_id] = shared.clock()
    return shared


YES, NO = Choice("1", "Yes"), Choice("2", "No")


def test_it_believes_meta_and_answers_its_handshake(world: Providers) -> None:
    asked = world.meta.handshake()
    assert meta.channel(world).answer(posted(asked)).body == asked.headers["X-Challenge"]
    with pytest.raises(SignatureError):
        meta.channel(world).answer(posted(world.meta.handshake("another")))


def test_what_happens_to_a_message_comes_back_with_its_token(world: Providers) -> None:
    world.phone(ANA).reads = True
    send(meta.channel(world), NOTE)
    world.meta.batch = 10
    found = events(world, *world.meta.deliver())
    world.meta.batch = 1
    assert [event.status for event in found if isinstance(event, DeliveryEvent)] == [
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.READ,
    ]
    assert {event.token for event in found if isinstance(event, DeliveryEvent)} == {TOKEN}
    assert {event.provider_id for event in found if isinstance(event, DeliveryEvent)} == {world.meta.sent[0].id}


def test_a_number_without_whatsapp_may_be_reached_elsewhere(world: Providers) -> None:
    world.phone(ANA).whatsapp = False
    send(meta.channel(world), NOTE)
    [event] = events(world, *world.meta.deliver())
    assert isinstance(event, DeliveryEvent)
    assert (event.code, event.elsewhere, event.address) == ("131026", True, ANA)


def test_a_text_outside_the_window_comes_back_as_failed(world: Providers) -> None:
    world.phone(ANA).windows.clear()
    send(meta.channel(world), NOTE)
    [event] = events(world, *world.meta.deliver())
    assert isinstance(event, DeliveryEvent)
    assert event.code == "131047"
    assert "choose an approved template" in event.detail


@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("context", [True, False])
def test_a_pressed_button_leads_to_its_row_and_answer(world: Providers, template: bool, context: bool) -> None:
    world.meta.template("start", "Hello there.", ["Yes", "No"])
    filled = FilledTemplate("start") if template else None
    send(meta.channel(world), replace(NOTE, template=filled, choices=(YES, NO)))
    [event] = events(world, world.meta.press(ANA, "No", context=context))
    assert isinstance(event, InboundMessage)
    assert (event.token, event.button, event.sender, event.text) == (TOKEN, "2", ANA, "No")
    assert event.in_reply_to == ((world.meta.sent[0].id,) if context else ())


def test_a_quoted_answer_names_our_message_and_a_mexican_one_its_old_number(world: Providers) -> None:
    world.phone("+525512345678").windows[world.meta.phone_number_id] = world.clock()
    send(meta.channel(world), replace(NOTE, address="+525512345678"))
    item = world.phone("+525512345678").last()
    [event] = events(world, world.meta.whatsapp("+525512345678", "sí, está bien", answers=item))
    assert isinstance(event, InboundMessage)
    assert (event.in_reply_to, event.sender) == ((world.meta.sent[0].id,), "+5215512345678")
    assert event.text == "sí, está bien"


def test_a_hidden_number_a_thumb_and_a_poll(world: Providers) -> None:
    send(meta.channel(world), NOTE)
    world.phone(ANA).number_hidden = True
    hidden, *others = events(
        world, world.meta.whatsapp(ANA, "yes"), world.meta.react(ANA, "👍"), world.meta.unsupported(ANA)
    )
    assert isinstance(hidden, InboundMessage)
    assert (hidden.sender, hidden.user_id) == ("", world.phone(ANA).user_id)
    assert all(isinstance(event, UnknownEvent) for event in others)


@pytest.mark.parametrize(("code", "all_of_them"), [(131042, True), (131048, True), (132015, True), (131026, False)])
def test_it_tells_the_accounts_trouble_from_one_persons(code: int, all_of_them: bool) -> None:
    [event] = parse(entry(change(statuses=[failed(code)])))
    assert isinstance(event, DeliveryEvent)
    assert event.whole_campaign is all_of_them
