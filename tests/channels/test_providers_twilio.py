"""The emulated Twilio, spoken to by Twilio's own client and believed by its own validator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

from tests.emulators.providers import Answer, Post, Providers
from tests.emulators.providers.receiver import Receiver
from tests.emulators.providers.twilio_messages import segments

ANA = "+447900900123"
HOOK = "https://cellback.example.org/webhooks/twilio?t=t0k"


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    shared.clear()
    return shared


@pytest.fixture
def client(world: Providers) -> Iterator[Client]:
    with connected(world) as made:
        yield made


@contextmanager
def connected(world: Providers, token: str = "") -> Iterator[Client]:
    """Twilio's client, with its connections closed in the end."""
    made = Client(world.twilio.account_sid, token or world.twilio.auth_token)
    made.api.base_url = made.content.base_url = world.twilio.url
    with made.http_client.session:
        yield made


def sms(client: Client, world: Providers, **changes: Any) -> Any:
    return client.messages.create(**{"to": ANA, "from_": world.twilio.from_number, "body": "Coming?", **changes})


def whatsapp(client: Client, world: Providers, **changes: Any) -> Any:
    given = {"to": f"whatsapp:{ANA}", "from_": world.twilio.whatsapp_from, "status_callback": HOOK, **changes}
    return client.messages.create(**given)


def params(post: Post) -> dict[str, str]:
    return dict(parse_qsl(post.body.decode(), keep_blank_values=True))


def believed(world: Providers, post: Post) -> bool:
    validator = RequestValidator(world.twilio.auth_token)
    return bool(validator.validate(post.url, params(post), post.headers["X-Twilio-Signature"]))


def test_twilios_client_sends_and_its_validator_believes_each_status(world: Providers, client: Client) -> None:
    message = sms(client, world, status_callback=f"{HOOK}#rc=3&rp=all")
    assert (message.status, message.direction, message.num_segments) == ("queued", "outbound-api", "1")
    assert world.phone(ANA).texts == ["Coming?"]
    posts = world.twilio.deliver()
    assert [params(post)["MessageStatus"] for post in posts] == ["sent", "delivered"]
    assert all(post.url == HOOK and believed(world, post) for post in posts)
    assert message.fetch().status == "delivered"


def test_a_messaging_service_begins_with_accepted(world: Providers, client: Client) -> None:
    changes = {"from_": None, "messaging_service_sid": world.twilio.messaging_service, "status_callback": HOOK}
    assert sms(client, world, **changes).status == "accepted"
    assert [params(post)["MessageStatus"] for post in world.twilio.deliver()] == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "0790"}, 21211),
        ({"to": "+44790 0900123"}, 21211),
        ({"from_": "+15550001111"}, 21659),
        ({"from_": None}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "cellback/hook"}, 21609),
        ({"content_sid": "HX" + "0" * 32}, 21655),
        ({"content_variables": "[]"}, 21656),
        ({"validity_period": 36001}, 20001),
        ({"to": f"whatsapp:{ANA}"}, 21910),
        ({"messaging_service_sid": "MG" + "0" * 32}, 21705),
    ],
)
def test_it_refuses_what_twilios_description_forbids(
    world: Providers, client: Client, changes: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        sms(client, world, **changes)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert not world.twilio.sent


def test_it_refuses_strangers_landlines_closed_regions_and_too_many(world: Providers, client: Client) -> None:
    world.phone("+4930123456").landline = True
    world.twilio.closed_regions.add("+98")
    world.twilio.fault("429")
    for to, code, status in ((ANA, 20429, 429), ("+4930123456", 21614, 400), ("+989121234567", 21408, 403)):
        with pytest.raises(TwilioRestException) as caught:
            sms(client, world, to=to)
        assert (caught.value.code, caught.value.status) == (code, status)
    with connected(world, "wrong") as stranger, pytest.raises(TwilioRestException) as caught:
        sms(stranger, world)
    assert (caught.value.code, caught.value.status) == (20003, 401)


@pytest.mark.parametrize(("how", "code"), [({"registered": False}, "30034"), ({"reachable": False}, "30003")])
def test_some_messages_fail_after_they_were_taken(
    world: Providers, client: Client, how: dict[str, bool], code: str
) -> None:
    vars(world.phone(ANA)).update(how)
    sms(client, world, status_callback=HOOK)
    last = params(world.twilio.deliver()[-1])
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", code)
    assert world.phone(ANA).texts == []


def test_stop_is_obeyed_until_start(world: Providers, client: Client) -> None:
    post = world.twilio.text(ANA, " stop ")
    assert post is not None
    assert believed(world, post)
    assert {"Body": " stop ", "From": ANA, "NumMedia": "0"}.items() <= params(post).items()
    with pytest.raises(TwilioRestException) as caught:
        sms(client, world)
    assert caught.value.code == 21610
    world.twilio.advanced_opt_out = True
    start = world.twilio.text(ANA, "START")
    world.twilio.advanced_opt_out = False
    assert start is not None
    assert params(start)["OptOutType"] == "START"
    assert sms(client, world).status == "queued"


def test_the_list_finds_what_was_lost_in_an_outage(world: Providers, client: Client) -> None:
    sms(client, world)
    world.twilio.delivers_inbound = False
    assert world.twilio.text(ANA, "Yes") is None
    world.twilio.delivers_inbound = True
    hour = timedelta(hours=1)
    found = client.messages.list(to=world.twilio.from_number, date_sent_after=datetime.now(UTC) - hour)
    assert [(each.body, each.direction, each.status) for each in found] == [("Yes", "inbound", "received")]
    assert client.messages.list(date_sent_after=datetime.now(UTC) + hour) == []
    world.twilio.deliver()
    assert len(client.messages.list(date_sent=datetime.now(UTC).date(), page_size=1)) == 2
    assert [each.body for each in client.messages.list(from_=ANA)] == ["Yes"]


def test_whatsapp_outside_the_24_hours_takes_templates_alone(world: Providers, client: Client) -> None:
    template = world.twilio.template("ask", "Hello {{1}}, coming?", {"v1.t0k.yes": "Yes", "v1.t0k.no": "No"})
    whatsapp(client, world, body="Hello")
    whatsapp(client, world, content_sid=template.sid, content_variables='{"1": "Ana"}')
    ends = [params(post) for post in world.twilio.deliver() if params(post)["MessageStatus"] in ("failed", "delivered")]
    assert [(end["MessageStatus"], end.get("ErrorCode")) for end in ends] == [("failed", "63016"), ("delivered", None)]
    assert world.phone(ANA).texts == ["Hello Ana, coming?"]
    pressed = world.twilio.press(ANA, "Yes")
    assert pressed is not None
    assert believed(world, pressed)
    told = params(pressed)
    assert (told["ButtonPayload"], told["ButtonText"], told["Body"]) == ("v1.t0k.yes", "Yes", "Yes")
    assert told["OriginalRepliedMessageSid"] == world.twilio.sent[-1].id
    assert (told["From"], told["WaId"], told["ProfileName"]) == (f"whatsapp:{ANA}", ANA[1:], "Somebody")
    whatsapp(client, world, body="See you")
    assert params(world.twilio.deliver()[-1])["MessageStatus"] == "delivered"
    world.clock.advance(hours=24)
    whatsapp(client, world, body="Still coming?")
    assert params(world.twilio.deliver()[-1])["ErrorCode"] == "63016"


@pytest.mark.parametrize(("approval", "code"), [("paused", "63041"), ("disabled", "63042"), ("pending", "63027")])
def test_a_template_that_is_not_approved_fails(world: Providers, client: Client, approval: str, code: str) -> None:
    template = world.twilio.template("ask", "Hello", approval=approval)
    whatsapp(client, world, content_sid=template.sid)
    assert params(world.twilio.deliver()[-1])["ErrorCode"] == code


def test_somebody_may_not_be_on_whatsapp(world: Providers, client: Client) -> None:
    world.phone(ANA).whatsapp = False
    whatsapp(client, world, content_sid=world.twilio.template("ask", "Hello").sid)
    assert params(world.twilio.deliver()[-1])["ErrorCode"] == "63003"


def test_templates_are_listed_with_their_approval(world: Providers, client: Client) -> None:
    made = world.twilio.template("ask", "Hello {{1}}", {"y": "Yes"})
    [content] = client.content.v1.contents.list()
    assert (content.sid, content.friendly_name) == (made.sid, "ask")
    assert content.types["twilio/quick-reply"]["actions"][0]["id"] == "y"
    assert client.content.v1.contents(made.sid).approval_fetch().fetch().whatsapp["status"] == "approved"
    [listed] = client.content.v1.content_and_approvals.list()
    assert listed.approval_requests["status"] == "approved"


def test_the_account_shows_its_numbers_and_senders(world: Providers, client: Client) -> None:
    client.messaging.base_url = world.twilio.url
    assert client.api.accounts(world.twilio.account_sid).fetch().status == "active"
    [number] = client.incoming_phone_numbers.list(phone_number=world.twilio.from_number)
    assert number.capabilities["voice"]
    [sender] = client.messaging.v2.channels_senders.list(channel="whatsapp")
    assert (sender.sender_id, sender.status) == (world.twilio.whatsapp_from, "ONLINE")
    service = client.messaging.v1.services(world.twilio.messaging_service).fetch()
    assert service.inbound_request_url == world.hook("twilio")


def call(client: Client, world: Providers, **changes: Any) -> Any:
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=f"{world.posts.public}/webhooks/twilio?step=answer", timeout=5)
    gather.say("Will you come? Press 1 or 2.", language="en-GB")
    response.append(gather)
    response.say("Goodbye.")
    given = {"to": ANA, "from_": world.twilio.from_number, "twiml": str(response), **changes}
    return client.calls.create(**given)


def test_a_call_is_heard_a_key_is_pressed_and_the_answer_is_spoken() -> None:
    thanks = Answer(200, str(_said("Thank you.")).encode(), {"Content-Type": "text/xml"})
    with Receiver() as product, Providers(target=product.url) as world, connected(world) as client:
        world.phone(ANA).keys = "1"
        events = ["initiated", "ringing", "answered", "completed"]
        made = call(client, world, status_callback=f"{product.url}/webhooks/twilio", machine_detection="Enable",
                    status_callback_event=events)  # fmt: skip
        product.answers.extend([Answer(), Answer(), Answer(), thanks])
        posts = world.twilio.deliver()
        assert [params(post)["CallStatus"] for post in posts] == [
            "initiated", "ringing", "in-progress", "in-progress", "completed"]  # fmt: skip
        assert all(believed(world, post) for post in posts)
        assert (params(posts[3])["Digits"], params(posts[3])["AnsweredBy"]) == ("1", "human")
        assert world.twilio.placed[0].heard == ["Will you come? Press 1 or 2.", "Thank you."]
        assert world.twilio.placed[0].languages[0] == "en-GB"
        fetched = made.fetch()
        assert (fetched.status, fetched.answered_by) == ("completed", "human")


def _said(text: str) -> VoiceResponse:
    response = VoiceResponse()
    response.say(text)
    return response


@pytest.mark.parametrize(
    ("picks_up", "status", "answered_by"),
    [("busy", "busy", None), ("no-answer", "no-answer", None), ("machine", "completed", "machine_start")],
)
def test_a_call_may_meet_no_person(
    world: Providers, client: Client, picks_up: str, status: str, answered_by: str | None
) -> None:
    world.phone(ANA).picks_up, world.phone(ANA).keys = picks_up, "1"
    made = call(client, world, status_callback=HOOK, machine_detection="Enable")
    [post] = world.twilio.deliver()
    assert (params(post)["CallStatus"], params(post).get("AnsweredBy")) == (status, answered_by)
    assert made.fetch().status == status
    assert world.twilio.placed[0].pressed == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "12"}, 21211),
        ({"from_": "+15550001111"}, 21210),
        ({"url": "https://example.org/twiml"}, 21205),
        ({"twiml": "<Response/>" + " " * 4000}, 21205),
        ({"machine_detection": "Yes"}, 20001),
        ({"status_callback_event": ["finished"]}, 20001),
    ],
)
def test_it_refuses_calls_that_twilios_description_forbids(
    world: Providers, client: Client, changes: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        call(client, world, **changes)
    assert (caught.value.code, caught.value.status) == (code, 400)


def test_broken_twiml_ends_a_call_with_an_apology(world: Providers, client: Client) -> None:
    call(client, world, twiml="<Response><Say>Hello</Say><Dance/></Response>")
    world.twilio.deliver()
    placed = world.twilio.placed[0]
    assert placed.heard == ["An application error has occurred. Goodbye."]
    assert placed.warnings == ["12200: Dance is not allowed in Response"]


def test_it_counts_segments_as_carriers_do() -> None:
    assert [segments("x" * 160), segments("x" * 161), segments("ü" * 160), segments("€" * 81)] == [1, 2, 1, 2]
    assert [segments("“" * 70), segments("“" * 71), segments("😀" * 35), segments("😀" * 36)] == [1, 2, 1, 2]
