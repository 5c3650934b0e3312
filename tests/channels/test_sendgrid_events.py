"""What SendGrid reports of mails: signed, in batches, in its words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from server.channels.sendgrid import SendGridChannel
from server.domain.message import Receipt
from server.domain.reply import DeliveryEvent, UnknownEvent, WebhookRequest
from server.domain.words import DeliveryStatus
from server.errors import ConfigError, SignatureError
from tests.channels import sendgrid_samples as samples
from tests.channels.sendgrid_samples import API_KEY, KEY, URL, channel_at, signed
from tests.contracts.channel import LETTER, WebhookContract, send
from tests.emulators.providers.signing import SendGridKey
from tests.emulators.providers.world import Providers


class TestEvents(WebhookContract):
    signature_header = "X-Twilio-Email-Event-Webhook-Signature"
    retried = 24 * 3600.0
    secrets = (API_KEY, KEY.public)
    bodies = (
        samples.batch(samples.PROCESSED, samples.DEFERRED, samples.DELIVERED),
        samples.batch(samples.BOUNCE, samples.BLOCKED, samples.SOFT, samples.DROPPED),
        samples.batch(samples.OPEN, samples.MACHINE, samples.CLICK),
        samples.batch(samples.SPAM, samples.UNSUBSCRIBE, samples.GROUP),
    )
    unknown = samples.batch(samples.RESUBSCRIBE)

    @pytest.fixture
    def channel(self) -> SendGridChannel:
        return channel_at()

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return signed(body, key=key, age=age)

    def batch(self, count: int) -> bytes:
        return samples.batch(*({**samples.DELIVERED, "sg_event_id": f"event-{n}"} for n in range(count)))


def read(event: Mapping[str, Any]) -> DeliveryEvent:
    [found] = channel_at().parse(signed(samples.batch(event)))
    assert isinstance(found, DeliveryEvent)
    return found


@pytest.mark.parametrize(
    ("event", "status", "permanent", "opted_out"),
    [
        (samples.PROCESSED, DeliveryStatus.ACCEPTED, False, False),
        (samples.DEFERRED, DeliveryStatus.ACCEPTED, False, False),
        (samples.DELIVERED, DeliveryStatus.DELIVERED, False, False),
        (samples.BOUNCE, DeliveryStatus.BOUNCED, True, False),
        (samples.BLOCKED, DeliveryStatus.BOUNCED, False, False),
        (samples.SOFT, DeliveryStatus.BOUNCED, False, False),
        (samples.DROPPED, DeliveryStatus.FAILED, False, False),
        ({**samples.DROPPED, "reason": "Bounced Address"}, DeliveryStatus.BOUNCED, True, False),
        ({**samples.DROPPED, "reason": "Spam Reporting Address"}, DeliveryStatus.COMPLAINED, False, False),
        ({**samples.DROPPED, "reason": "Unsubscribed Address"}, DeliveryStatus.FAILED, False, True),
        (samples.OPEN, DeliveryStatus.READ, False, False),
        (samples.MACHINE, DeliveryStatus.DELIVERED, False, False),
        (samples.CLICK, DeliveryStatus.READ, False, False),
        (samples.SPAM, DeliveryStatus.COMPLAINED, False, False),
        (samples.UNSUBSCRIBE, DeliveryStatus.DELIVERED, False, True),
        (samples.GROUP, DeliveryStatus.DELIVERED, False, True),
    ],
)
def test_its_words_become_ours(
    event: Mapping[str, Any], status: DeliveryStatus, permanent: bool, opted_out: bool
) -> None:
    found = read(event)
    assert (found.status, found.permanent, found.opted_out) == (status, permanent, opted_out)
    assert found.event_id == event["sg_event_id"]
    assert (found.token, found.provider_id) == (samples.TOKEN, "14c5d75ce93")
    assert found.at == "2026-11-21T10:00:00+00:00"


def test_what_a_mail_server_says_repeats_no_address() -> None:
    found = read(samples.BOUNCE)
    assert found.detail == "550 5.1.1 <…>: The email account that you tried to reach does not exist."
    assert found.code == "5.1.1"
    assert read({**samples.BOUNCE, "reason": "550 no user Ana.Lopez here"}).detail == "550 no user … here"


def test_a_late_bounce_without_their_id_is_known_by_ours() -> None:
    """Asynchronous bounces come without sg_message_id ("Event Webhook Reference")."""
    [found] = channel_at().parse(signed(samples.batch({**samples.BOUNCE, "sg_message_id": None})))
    assert isinstance(found, DeliveryEvent)
    assert (found.token, found.provider_id) == (samples.TOKEN, "")


def test_mail_that_others_send_through_the_account_is_none_of_ours() -> None:
    alien = {**samples.DELIVERED, "cellback_token": None, "sg_message_id": None}
    [found] = channel_at().parse(signed(samples.batch(alien)))
    assert found == UnknownEvent(samples.DELIVERED["sg_event_id"], "delivered")


@pytest.mark.parametrize(
    "stamp", ["", "179525520", "17952552000", "1795255200 ", "+795255200", "１７９５２５５２００", "abc"]
)
def test_a_timestamp_of_another_form_is_refused(stamp: str) -> None:
    body = samples.batch(samples.DELIVERED)
    request = signed(body)
    headers = {**request.headers, "x-twilio-email-event-webhook-timestamp": stamp}
    headers["x-twilio-email-event-webhook-signature"] = KEY.sign(stamp, body)
    with pytest.raises(SignatureError):
        channel_at().verify(replace(request, headers=headers))


def test_no_byte_can_move_from_the_body_to_the_timestamp() -> None:
    """Nothing stands between them in what is signed."""
    stamp = str(int(time.time()))
    good = KEY.sign(stamp, b"[]")
    headers = {"x-twilio-email-event-webhook-signature": good, "x-twilio-email-event-webhook-timestamp": f"{stamp}["}
    with pytest.raises(SignatureError):
        channel_at().verify(WebhookRequest("POST", URL, headers, b"]"))


def test_two_keys_are_believed_while_they_are_rotated_and_none_when_there_is_none() -> None:
    new, request = SendGridKey(), signed(samples.batch(samples.DELIVERED))
    channel_at(webhook_keys=[new.public, KEY.public]).verify(request)
    for keys in ([new.public], []):
        with pytest.raises(SignatureError):
            channel_at(webhook_keys=keys).verify(request)


@pytest.mark.parametrize("key", ["x", "", "MFkw", "-----BEGIN", API_KEY])
def test_a_setting_that_is_no_key_stops_the_start(key: str) -> None:
    with pytest.raises(ConfigError, match="SENDGRID_WEBHOOK_PUBLIC_KEY"):
        channel_at(webhook_keys=[key])


def test_an_emulated_fate_comes_back_to_its_message() -> None:
    with Providers() as world:
        world.mailbox(LETTER.address).bounce()
        world.sendgrid.key = API_KEY
        channel = channel_at(world.sendgrid.url, webhook_keys=[world.sendgrid.signing.public])
        [result] = send(channel, LETTER)
        assert isinstance(result, Receipt)
        [post] = world.sendgrid.deliver()
    headers = {name.lower(): value for name, value in post.headers.items()}
    request = WebhookRequest("POST", URL, headers, post.body, headers["content-type"])
    channel.verify(request)
    events = [event for event in channel.parse(request) if isinstance(event, DeliveryEvent)]
    assert [event.status for event in events] == [DeliveryStatus.ACCEPTED, DeliveryStatus.BOUNCED]
    assert {(event.token, event.provider_id) for event in events} == {(LETTER.token, result.provider_id)}
