"""What Mailgun posts: reports and mails, with a signature that covers none of their content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote_plus

import pytest

from server.channels.mailgun import MailgunChannel
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent, WebhookAnswer, WebhookRequest
from server.domain.words import DeliveryStatus
from server.errors import InvalidInput, SignatureError
from tests.channels import mailgun_samples as samples
from tests.channels.mailgun_samples import SIGNING_KEY, TOKEN, channel_at, posted, routed, signature
from tests.contracts.channel import LETTER, WebhookContract, send
from tests.emulators.providers import signing
from tests.emulators.providers.world import Providers


def resigned(body: bytes, *, key: str, age: float) -> bytes:
    """A sample with a signature of that key and age over its own token; what is no sample stays as it is."""
    try:
        given = json.loads(body)
        token = given["signature"]["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return body
    fresh = signature(b"", key=key, age=age)
    secret = SIGNING_KEY if key == "right" else "0" * 32
    fresh |= {"token": token, "signature": signing.mailgun(secret, fresh["timestamp"], token)}
    return json.dumps({**given, "signature": fresh}).encode()


class TestEvents(WebhookContract):
    covers_body = False
    retried = 8 * 3600.0
    secrets = (SIGNING_KEY,)
    bodies = tuple(
        posted(event).body
        for event in (
            *(samples.ACCEPTED, samples.DELIVERED, samples.HARD, samples.SOFT, samples.OLD, samples.LATER),
            *(samples.KNOWN_BAD, samples.KNOWN_OUT, samples.REJECTED, samples.OPENED, samples.BOT, samples.CLICKED),
            *(samples.UNSUBSCRIBED, samples.COMPLAINED),
        )
    )
    unknown = posted(samples.STORED).body

    @pytest.fixture
    def channel(self) -> MailgunChannel:
        return channel_at()

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        request = posted(samples.DELIVERED)
        return replace(request, body=resigned(body, key=key, age=age))

    def signature_of(self, request: WebhookRequest) -> str:
        return str(json.loads(request.body)["signature"]["signature"])

    def with_signature(self, request: WebhookRequest, signature: str | None) -> WebhookRequest:
        body = json.loads(request.body)
        body["signature"] = {**body["signature"], "signature": signature}
        return replace(request, body=json.dumps(body).encode())


class TestMail(WebhookContract):
    """By a route, url-encoded, as mails without attachments are."""

    covers_body = False
    retried = 8 * 3600.0
    secrets = (SIGNING_KEY,)
    bodies = (routed(samples.PARSED, encoded=True).body, routed(samples.RAW, encoded=True).body)
    unknown = routed({"recipient": "x@reply.example.org", "event": "delivered"}, encoded=True).body

    @pytest.fixture
    def channel(self) -> MailgunChannel:
        return channel_at()

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        request = routed(samples.PARSED, encoded=True)
        fields = dict(pair.split(b"=", 1) for pair in body.split(b"&") if b"=" in pair)
        if b"token" in fields:
            token = fields[b"token"].decode()
            fresh = signature(b"", key=key, age=age)
            secret = SIGNING_KEY if key == "right" else "0" * 32
            fields |= {
                b"timestamp": fresh["timestamp"].encode(),
                b"signature": signing.mailgun(secret, fresh["timestamp"], token).encode(),
            }
            body = b"&".join(name + b"=" + value for name, value in fields.items())
        return replace(request, body=body)

    def signature_of(self, request: WebhookRequest) -> str:
        return request.body.partition(b"signature=")[2].partition(b"&")[0].decode()

    def with_signature(self, request: WebhookRequest, signature: str | None) -> WebhookRequest:
        pairs = [pair for pair in request.body.split(b"&") if not pair.startswith(b"signature=")]
        if signature is not None:
            pairs.append(b"signature=" + quote_plus(signature).encode())
        return replace(request, body=b"&".join(pairs))


def read(event: Mapping[str, Any]) -> DeliveryEvent:
    [found] = channel_at().parse(posted(event))
    assert isinstance(found, DeliveryEvent)
    return found


@pytest.mark.parametrize(
    ("event", "status", "permanent", "opted_out"),
    [
        (samples.ACCEPTED, DeliveryStatus.ACCEPTED, False, False),
        (samples.DELIVERED, DeliveryStatus.DELIVERED, False, False),
        (samples.HARD, DeliveryStatus.BOUNCED, True, False),
        (samples.NOBODY, DeliveryStatus.BOUNCED, True, False),
        (samples.SOFT, DeliveryStatus.BOUNCED, False, False),
        (samples.OLD, DeliveryStatus.BOUNCED, False, False),
        (samples.SPAM, DeliveryStatus.BOUNCED, False, False),
        (samples.LATER, DeliveryStatus.ACCEPTED, False, False),
        (samples.KNOWN_BAD, DeliveryStatus.BOUNCED, True, False),
        (samples.KNOWN_OUT, DeliveryStatus.FAILED, False, True),
        (samples.KNOWN_SPAM, DeliveryStatus.COMPLAINED, False, False),
        (samples.REJECTED, DeliveryStatus.FAILED, False, False),
        (samples.OPENED, DeliveryStatus.READ, False, False),
        (samples.BOT, DeliveryStatus.DELIVERED, False, False),
        (samples.CLICKED, DeliveryStatus.READ, False, False),
        (samples.UNSUBSCRIBED, DeliveryStatus.DELIVERED, False, True),
        (samples.COMPLAINED, DeliveryStatus.COMPLAINED, False, False),
    ],
)
def test_its_words_become_ours(
    event: Mapping[str, Any], status: DeliveryStatus, permanent: bool, opted_out: bool
) -> None:
    found = read(event)
    assert (found.status, found.permanent, found.opted_out) == (status, permanent, opted_out)
    assert found.token == TOKEN
    assert found.provider_id == f"<msg_7f3k9w2m4qabcdef.{TOKEN}@mail.example.org>", "as the receipt has it"
    assert found.at == "2026-11-21T10:00:00.372891+00:00"


def test_what_a_mail_server_says_repeats_no_address() -> None:
    found = read(samples.HARD)
    assert found.detail == "5.1.1 <…>: The email account that you tried to reach does not exist."
    assert found.code == "5.1.1"
    assert read(samples.given_up("bounce", code=550, message="no user Ana.Lopez")).detail == "no user …"


def test_one_signature_can_not_say_two_things() -> None:
    """It covers no content: whoever got hold of one could say anything with it, were it not for the id."""
    good = posted(samples.DELIVERED)
    given = json.loads(good.body)["signature"]
    forged = json.dumps({"signature": given, "event-data": samples.COMPLAINED}).encode()
    mail = "&".join(f"{name}={value}" for name, value in {**given, "from": "ana@x.org", "body-plain": "yes"}.items())
    kind = samples.URL_ENCODED
    forgeries = [
        replace(good, body=forged),
        WebhookRequest("POST", f"{samples.URL}/inbound", {"content-type": kind}, mail.encode(), kind),
    ]
    channel = channel_at()
    [true] = channel.parse(good)
    for forgery in forgeries:
        channel.verify(forgery)
        [found] = channel.parse(forgery)
        assert found.event_id == true.event_id
    [other] = channel.parse(posted(samples.HARD))
    assert other.event_id != true.event_id


def test_no_digit_can_move_from_the_token_to_the_timestamp() -> None:
    """Nothing stands between them in what is signed: with 21 Nov 2026 and a token that begins with 1 ..."""
    given = signature(b"")
    token = "1" + given["token"][1:]
    right = signing.mailgun(SIGNING_KEY, given["timestamp"], token)
    moved = {"timestamp": given["timestamp"] + "1", "token": token[1:], "signature": right}
    request = replace(posted(samples.DELIVERED), body=json.dumps({"signature": moved, "event-data": {}}).encode())
    with pytest.raises(SignatureError):
        channel_at().verify(request)


@pytest.mark.parametrize(
    "stamp", ["", "179525520", "17952552000", "+795255200", "１７９５２５５２００", "1e9", None, 1.5e9]
)
def test_a_timestamp_of_another_form_is_refused(stamp: object) -> None:
    token = "a" * 50
    given = {"timestamp": stamp, "token": token, "signature": signing.mailgun(SIGNING_KEY, str(stamp), token)}
    request = replace(posted(samples.DELIVERED), body=json.dumps({"signature": given}).encode())
    with pytest.raises(SignatureError):
        channel_at().verify(request)


def test_two_keys_are_believed_while_they_are_rotated_and_none_when_there_is_none() -> None:
    request = posted(samples.DELIVERED)
    channel_at(signing_keys=["1" * 32, SIGNING_KEY]).verify(request)
    for keys in ([], [""], ["1" * 32]):
        with pytest.raises(SignatureError):
            channel_at(signing_keys=keys).verify(request)


def test_it_answers_what_alone_ends_the_repeating() -> None:
    """200: a 204 counts as refused (user manual, "Webhook retries")."""
    assert channel_at().answer(posted(samples.DELIVERED)) == WebhookAnswer("stored\n")


# Mails.


def mail(request: WebhookRequest) -> InboundMessage:
    channel = channel_at()
    channel.verify(request)
    [found] = channel.parse(request)
    assert isinstance(found, InboundMessage), found
    return found


@pytest.mark.parametrize("encoded", [False, True])
def test_a_mail_that_was_taken_apart_comes_with_all_that_takes_it_to_its_row(encoded: bool) -> None:
    found = mail(routed(samples.PARSED, encoded=encoded))
    assert found.sender == "ana.lopez@example.org"
    assert found.text.startswith("Best, would be 5pm\nOn Mon"), "an answer that was taken for a signature is an answer"
    assert found.subject == "Re: Your start time"
    assert found.token == TOKEN
    assert found.in_reply_to == (f"<msg_7f3k9w2m4qabcdef.{TOKEN}@mail.example.org>",)
    assert found.at == "2026-10-12T01:31:04+00:00"


@pytest.mark.parametrize("encoded", [False, True])
def test_a_raw_mail_is_read_in_its_own_character_set(encoded: bool) -> None:
    found = mail(routed(samples.RAW, encoded=encoded))
    assert (found.sender, found.token) == ("ben@example.org", TOKEN)
    assert found.text.strip() == "Ja, das paßt für mich."


def test_the_names_of_files_come_along() -> None:
    files = {"attachment-1": ("plan für Ana.pdf", b"\x00\r\n--x\r\n"), "attachment-2": ("../b.txt", b"")}
    assert mail(routed({**samples.PARSED, "attachment-count": "2"}, files)).files == ("plan für Ana.pdf", "b.txt")


def test_an_empty_envelope_sender_tells_of_an_automatic_reply() -> None:
    assert mail(routed({**samples.PARSED, "sender": ""})).headers["return-path"] == "<>"
    assert "return-path" not in mail(routed(samples.PARSED)).headers


@pytest.mark.parametrize("headers", ["", "{", "{}", "null", "[1]", '[["a"]]', "[[1, null]]", "[" * 9999])
def test_whatever_its_headers_say_the_mail_is_read(headers: str) -> None:
    found = mail(routed({**samples.PARSED, "message-headers": headers}))
    assert (found.sender, found.token) == ("ana.lopez@example.org", TOKEN)


def test_what_the_route_posts_in_an_old_form_is_kept_and_left_alone() -> None:
    [found] = channel_at().parse(routed({"event": "delivered", "recipient": "ana@example.org"}))
    assert isinstance(found, UnknownEvent)
    assert found.name == "delivered"


@pytest.mark.parametrize("body", [b"{}", b'{"event-data": []}', b"[]", b"null"])
def test_json_without_an_event_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        channel_at().parse(replace(posted(samples.DELIVERED), body=body))


@pytest.mark.parametrize("raw", [False, True])
def test_an_emulated_person_is_heard(raw: bool) -> None:
    with Providers() as world:
        world.mailgun.key, world.mailgun.signing_key, world.mailgun.raw_inbound = samples.API_KEY, SIGNING_KEY, raw
        send(channel_at(world.mailgun.url), LETTER)
        reply = EmailMessage()
        reply["From"], reply["To"] = LETTER.address, str(world.mailgun.sent[0].mail["Reply-To"])  # type: ignore[index]
        reply["Subject"], reply["In-Reply-To"] = "Re: Your start time", world.mailgun.sent[0].id
        reply.set_content("Yes — 👍\n")
        post = world.mailgun.receive(reply, LETTER.address, str(reply["To"]))
    headers = {name.lower(): value for name, value in post.headers.items()}
    found = mail(WebhookRequest("POST", post.url, headers, post.body, headers["content-type"]))
    assert (found.text.strip(), found.token, found.sender) == ("Yes — 👍", LETTER.token, LETTER.address)
    assert found.in_reply_to == (world.mailgun.sent[0].id,)
