"""What Resend posts, signed by Svix: recorded forms with made-up people."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.channels.resend import ResendChannel
from server.channels.resend_events import STATUSES
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.words import DeliveryStatus
from server.errors import InvalidInput, SignatureError
from tests.contracts.channel import WebhookContract
from tests.emulators.providers.signing import svix

NOW = 1_795_000_000.0
SECRET = "whsec_" + b64encode(b"a signing secret of ours").decode()
OTHER = "whsec_" + b64encode(b"somebody else's secret..").decode()
TOKEN = "abcdefghjkmnpqrstuvwxyz2"
URL = "https://cellback.example.org/webhooks/resend"
MAIL: dict[str, Any] = {
    "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
    "created_at": "2026-11-21T10:20:30.123Z",
    "from": "Race Office <race@example.org>",
    "to": ["ana.lopez@example.org"],
    "subject": "Your start time",
    "tags": {"cellback_token": TOKEN, "cellback_message": "msg_7f3k9w2m4qabcdef"},
}
BOUNCE = {
    "message": "The recipient's email provider sent a hard bounce message.",
    "type": "Permanent",
    "subType": "General",
    "diagnosticCode": ["smtp; 550 5.1.1 user unknown"],
}
REPLY: dict[str, Any] = {
    "email_id": "3a9f8c2b-1e5d-4f8a-9c7b-2d6e5f8a9c7b",
    "created_at": "2026-11-21T11:00:00.000Z",
    "from": "Ana López <ana.lopez@example.org>",
    "to": [f"r+{TOKEN}@reply.example.org"],
    "bcc": [],
    "cc": [],
    "message_id": "<CAF=answer@mail.example.org>",
    "subject": "Re: Your start time",
    "attachments": [{"id": "2a0c9ce0", "filename": "map.png", "content_type": "image/png"}],
}


def body(kind: str, data: object = MAIL, **more: object) -> bytes:
    data = {**data, **more} if isinstance(data, dict) else data
    return json.dumps({"type": kind, "created_at": "2026-11-21T10:20:31.000Z", "data": data}).encode()


def signed(content: bytes, *, secret: str = SECRET, age: float = 0.0, event_id: str = "") -> WebhookRequest:
    event_id, at = event_id or f"msg_{abs(hash(content))}", str(int(NOW - age))
    headers = {"svix-id": event_id, "svix-timestamp": at, "svix-signature": svix(secret, event_id, at, content)}
    return WebhookRequest("POST", URL, headers, content, "application/json")


@pytest.fixture
def channel() -> ResendChannel:
    return made()


def made(*secrets: str, **options: Any) -> ResendChannel:
    given = {"inbound_domain": "reply.example.org", "webhook_secrets": secrets or (SECRET,), **options}
    return ResendChannel("re_key", "Race Office <race@example.org>", now=lambda: NOW, **given)


class TestContract(WebhookContract):
    signature_header = "svix-signature"
    bodies = (
        *(body(kind) for kind in STATUSES if kind not in {"email.bounced", "email.suppressed", "email.failed"}),
        body("email.bounced", bounce=BOUNCE),
        body("email.suppressed", suppressed={**BOUNCE, "type": "Suppressed", "reason": "previous_bounce"}),
        body("email.failed", failed={"reason": "reached_daily_quota"}),
        body("email.received", REPLY),
    )
    unknown = body("contact.created", {"id": "e169aa45", "email": "ana.lopez@example.org"})
    secrets = (SECRET, SECRET.removeprefix("whsec_"), "re_key")

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return signed(body, secret=SECRET if key == "right" else OTHER, age=age)


def read(content: bytes, **options: Any) -> Any:
    [event] = made(**options).parse(signed(content))
    return event


def test_a_report_names_the_message_in_both_ways_and_when_it_came_to_be() -> None:
    event = read(body("email.delivered"))
    assert event == DeliveryEvent(
        event_id=event.event_id,
        status=DeliveryStatus.DELIVERED,
        token=TOKEN,
        provider_id=MAIL["email_id"],
        address="ana.lopez@example.org",
        at="2026-11-21T10:20:31.000Z",
    )


def test_a_hard_bounce_is_told_from_a_passing_one_with_what_the_server_said() -> None:
    event = read(body("email.bounced", bounce=BOUNCE))
    assert (event.status, event.permanent, event.code) == (DeliveryStatus.BOUNCED, True, "General")
    assert event.detail == "smtp; 550 5.1.1 user unknown"
    event = read(body("email.bounced", bounce={**BOUNCE, "type": "Transient", "subType": "MailboxFull"}))
    assert (event.status, event.permanent, event.code) == (DeliveryStatus.BOUNCED, False, "MailboxFull")


def test_an_address_that_complained_before_wants_no_more_and_one_that_bounced_only_does_not_get_it() -> None:
    for reason, opted_out in (("previous_complaint", True), ("previous_bounce", False)):
        event = read(body("email.suppressed", suppressed={"message": "On the list", "reason": reason, "type": "x"}))
        assert (event.status, event.permanent) == (DeliveryStatus.FAILED, True)
        assert (event.opted_out, event.code) == (opted_out, reason)


def test_an_event_about_several_recipients_blames_none_of_them() -> None:
    assert read(body("email.bounced", to=["a@example.org", "b@example.org"])).address == ""


def test_tags_are_read_in_both_forms_in_which_they_were_seen() -> None:
    listed = [{"name": "cellback_token", "value": TOKEN}, {"name": 7}, None]
    assert read(body("email.sent", tags=listed)).token == TOKEN
    assert read(body("email.sent", tags="x")).token == ""


def test_a_reply_is_announced_with_its_outside_and_where_to_fetch_it() -> None:
    event = read(body("email.received", REPLY))
    assert event == InboundMessage(
        event_id=f"received:{REPLY['email_id']}",
        sender="ana.lopez@example.org",
        text="",
        subject="Re: Your start time",
        token=TOKEN,
        headers={"message-id": "<CAF=answer@mail.example.org>"},
        at="2026-11-21T11:00:00.000Z",
        ours=f"r+{TOKEN}@reply.example.org",
        files=("map.png",),
        fetch=REPLY["email_id"],
    )


def test_a_reply_is_one_event_whichever_post_tells_of_it() -> None:
    one, other = (made().parse(signed(body("email.received", REPLY), event_id=name)) for name in ("msg_1", "msg_2"))
    assert one == other


def test_mail_to_other_addresses_of_the_account_is_not_read() -> None:
    assert isinstance(read(body("email.received", REPLY, to=["sales@other.example"])), UnknownEvent)
    kept = read(body("email.received", REPLY, to=["race@example.org"]))
    assert (kept.token, kept.ours) == ("", "race@example.org")


def test_a_token_for_another_domain_is_none() -> None:
    event = read(body("email.received", REPLY, to=[f"r+{TOKEN}@reply.example.org.evil.example", "race@example.org"]))
    assert event.token == ""


def test_every_secret_and_every_signature_is_tried_while_they_are_rotated() -> None:
    request = signed(body("email.sent"))
    made(OTHER, SECRET).verify(request)
    several = f"v1,AAAA v1a,{'A' * 88} {request.headers['svix-signature']}"
    made().verify(replace(request, headers={**request.headers, "svix-signature": several}))
    with pytest.raises(SignatureError):
        made(OTHER).verify(request)


def test_a_signature_of_another_version_is_not_believed() -> None:
    request = signed(body("email.sent"))
    given = request.headers["svix-signature"].replace("v1,", "v2,")
    with pytest.raises(SignatureError):
        made().verify(replace(request, headers={**request.headers, "svix-signature": given}))


@pytest.mark.parametrize(("age", "believed"), [(299, True), (301, False), (-299, True), (-301, False)])
def test_a_signature_holds_for_five_minutes_either_way(age: float, believed: bool) -> None:
    request = signed(body("email.sent"), age=age)
    if believed:
        made().verify(request)
    else:
        with pytest.raises(SignatureError, match="too old"):
            made().verify(request)


def test_the_id_and_the_time_are_signed_too() -> None:
    request = signed(body("email.sent"))
    for header, value in (("svix-id", "msg_other"), ("svix-timestamp", str(int(NOW) - 1))):
        with pytest.raises(SignatureError):
            made().verify(replace(request, headers={**request.headers, header: value}))


def test_without_a_secret_nothing_is_believed() -> None:
    channel = ResendChannel("re_key", "race@example.org", now=lambda: NOW)
    with pytest.raises(SignatureError, match="RESEND_WEBHOOK_SECRET"):
        channel.verify(signed(body("email.sent"), secret="whsec_"))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys([*MAIL, *REPLY, "bounce", "suppressed", "failed"], JSON))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from([*STATUSES, "email.received", "x"]), data=FIELDS)
def test_whatever_stands_in_the_fields_it_stays_one_event_that_can_be_kept(kind: str, data: dict[str, Any]) -> None:
    try:
        [event] = made().parse(signed(body(kind, {**MAIL, **data})))
    except InvalidInput:
        pytest.fail("it is an object")
    repr(event).encode()
    event.event_id.encode()


def test_what_a_mail_server_says_repeats_no_address() -> None:
    said = "smtp; 550 5.1.1 <ana.lopez@example.org>: no user Ana.Lopez here\r\n" + "x" * 500
    event = read(body("email.bounced", bounce={**BOUNCE, "diagnosticCode": [said]}))
    assert event.detail.startswith("smtp; 550 5.1.1 <…>: no user … here")
    assert len(event.detail) <= 160


def test_a_secret_without_its_beginning_is_believed() -> None:
    content = body("email.delivered")
    made(SECRET.removeprefix("whsec_")).verify(signed(content))


def test_a_bounce_of_a_mail_with_copies_blocks_nobody() -> None:
    """Resend does not say whose mailbox it was."""
    alone, copied = (
        read(body("email.bounced", {**MAIL, "tags": {"cellback_token": TOKEN, **tags}}, bounce=BOUNCE))
        for tags in ({}, {"cellback_copies": "1"})
    )
    assert (alone.permanent, copied.permanent) == (True, False)
