"""Mail that SendGrid's Inbound Parse hands over: raw and taken apart, by a secret in the address or signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import quote

import pytest

from server.channels.sendgrid import SendGridChannel
from server.domain.message import Receipt
from server.domain.reply import InboundMessage, UnknownEvent, WebhookRequest
from server.errors import InvalidInput, SignatureError
from tests.channels import sendgrid_samples as samples
from tests.channels.sendgrid_samples import CONTENT_TYPE, TOKEN, URL, channel_at, form, signed
from tests.contracts.channel import LETTER, WebhookContract, send
from tests.emulators.providers.world import Providers

SECRET = "correct horse battery staple"
INBOUND = f"{URL}/inbound"


def posted(body: bytes, secret: str = SECRET) -> WebhookRequest:
    """The request, its secret in the address."""
    url = f"{INBOUND}?secret={quote(secret)}"
    return WebhookRequest("POST", url, {"content-type": CONTENT_TYPE}, body, CONTENT_TYPE)


def mail(fields: Mapping[str, bytes | str], **files: tuple[str, bytes]) -> InboundMessage:
    """The message in a form."""
    [found] = channel_at().parse(posted(form(fields, files)))
    assert isinstance(found, InboundMessage), found
    return found


class TestBySecret(WebhookContract):
    dated = False
    covers_body = False
    secrets = (SECRET, quote(SECRET))
    bodies = (form(samples.PARSED), form(samples.RAW))
    unknown = form(samples.NOBODY)

    @pytest.fixture
    def channel(self) -> SendGridChannel:
        return channel_at(inbound_secrets=["an older secret of ours", SECRET])

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return posted(body, SECRET if key == "right" else "another")

    def signature_of(self, request: WebhookRequest) -> str:
        return SECRET

    def with_signature(self, request: WebhookRequest, signature: str | None) -> WebhookRequest:
        return replace(request, url=INBOUND if signature is None else f"{INBOUND}?secret={quote(signature)}")


class TestBySignature(WebhookContract):
    """Inbound Parse with a security policy: signed as events are, mails of every character set included."""

    signature_header = "X-Twilio-Email-Event-Webhook-Signature"
    retried = 24 * 3600.0
    bodies = (form(samples.PARSED), form(samples.RAW))
    unknown = form(samples.NOBODY)

    @pytest.fixture
    def channel(self) -> SendGridChannel:
        return channel_at()

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return signed(body, key=key, age=age, url=INBOUND, content_type=CONTENT_TYPE)


@pytest.mark.parametrize("secrets", [[], [""], ["another"]])
def test_without_a_secret_of_ours_the_route_is_closed(secrets: list[str]) -> None:
    channel = channel_at(inbound_secrets=secrets)
    for url in (INBOUND, f"{INBOUND}?secret=", f"{INBOUND}?secret={quote(SECRET)}", f"{INBOUND}?x=1&secret=&secret="):
        with pytest.raises(SignatureError):
            channel.verify(WebhookRequest("POST", url, {}, form(samples.PARSED), CONTENT_TYPE))


def test_the_secret_opens_inbound_mail_alone() -> None:
    channel = channel_at(inbound_secrets=[SECRET])
    with pytest.raises(SignatureError):
        channel.verify(WebhookRequest("POST", f"{URL}?secret={quote(SECRET)}", {}, b"[]", "application/json"))


def test_a_mail_that_was_taken_apart_comes_with_all_that_takes_it_to_its_row() -> None:
    found = mail(samples.PARSED)
    assert found.sender == "ana.lopez@example.org"
    assert found.text.strip() == "Yes, that suits me — Ana"
    assert found.subject == "Re: Your start time"
    assert found.token == TOKEN
    assert found.in_reply_to == (f"<msg_7f3k9w2m4qabcdef.{TOKEN}@mail.example.net>",)
    assert found.at == "2016-07-27T20:53:06+00:00"


def test_a_raw_mail_is_read_in_its_own_character_set() -> None:
    found = mail(samples.RAW)
    assert (found.sender, found.token) == ("ben@example.org", TOKEN)
    assert found.text.strip() == "Ja, das paßt für mich."


def test_each_field_is_read_in_the_character_set_that_the_form_names() -> None:
    """As recorded from SendGrid: nothing is converted on the way."""
    sets = {"subject": "cp850", "text": "windows-1252", "from": "UTF-8", "html": "iso-8859-1", "to": "nonsense"}
    found = mail(
        {
            **samples.PARSED,
            "headers": "Message-ID: <a@b>",
            "subject": b"Como usted pidi\xa2",
            "text": b"the ESP\x92s inbound charset handling\x85",
            "to": b"\xff\xfe",
            "charsets": json.dumps(sets),
        }
    )
    assert found.subject == "Como usted pidió"
    assert found.text == "the ESP’s inbound charset handling…"


@pytest.mark.parametrize(
    "sets", ["", "{", "[]", "null", '{"text": 7}', '{"text": "zip"}', '{"text": "idna"}', "[" * 9999]
)
def test_whatever_is_said_about_character_sets_the_mail_is_read(sets: str) -> None:
    assert mail({**samples.PARSED, "charsets": sets}).text.strip() == "Yes, that suits me — Ana"


@pytest.mark.parametrize(
    "envelope", ["", "{", "[]", "null", '{"to": "x"}', '{"to": [1, null], "from": []}', "[" * 9999]
)
def test_whatever_the_envelope_says_the_token_is_found_in_the_headers(envelope: str) -> None:
    assert mail({**samples.PARSED, "envelope": envelope}).token == TOKEN


def test_the_token_is_found_in_the_envelope_alone() -> None:
    """Where somebody's server rewrote To, or we stood in Bcc."""
    assert mail({**samples.PARSED, "to": "list@example.org", "headers": "Message-ID: <a@b>"}).token == TOKEN


def test_an_empty_envelope_sender_tells_of_an_automatic_reply() -> None:
    envelope = json.dumps({"to": [f"r+{TOKEN}@reply.example.org"], "from": ""})
    assert mail({**samples.PARSED, "envelope": envelope}).headers["return-path"] == "<>"
    assert "return-path" not in mail(samples.PARSED).headers


def test_the_names_of_files_come_along() -> None:
    info = {"attachment1": {"filename": "../p\x00lan.pdf", "type": "application/pdf"}, "x": 7}
    fields = {**samples.PARSED, "attachments": "1", "attachment-info": json.dumps(info)}
    assert mail(fields, attachment1=("plan.pdf", b"\x00\r\n--x\r\n")).files == ("p lan.pdf",)
    assert mail(samples.PARSED, attachment1=('a"b.pdf'.replace('"', "%22"), b"")).files == ('a"b.pdf',)


def test_the_same_mail_has_one_id_however_it_is_handed_over() -> None:
    again = {**samples.RAW, "spam_report": "another", "SPF": "fail"}
    assert mail(samples.RAW).event_id == mail(again).event_id
    assert mail(samples.RAW).event_id != mail(samples.PARSED).event_id


def test_fields_that_a_stranger_writes_behind_their_own_words_change_nothing() -> None:
    """The boundary is always xYzZY: who knows that can end a field in the middle of a mail."""
    evil = b'Yes\r\n--xYzZY\r\nContent-Disposition: form-data; name="from"\r\n\r\neve@example.org'
    body = form({**samples.PARSED, "zz": evil})
    [found] = channel_at().parse(posted(body))
    assert isinstance(found, InboundMessage)
    assert found.sender == "ana.lopez@example.org"


def test_a_form_without_a_mail_is_none() -> None:
    for fields in ({"a": "b"}, {"text": "hi"}, {"from": "ana@example.org"}):
        with pytest.raises(InvalidInput):
            channel_at().parse(posted(form(fields)))


def test_a_mail_of_nobody_about_nothing_is_kept_and_left_alone() -> None:
    [found] = channel_at().parse(posted(form(samples.NOBODY)))
    assert isinstance(found, UnknownEvent)


def test_thirty_megabytes_of_attachments_are_no_trouble() -> None:
    data = b"".join(bytes([n % 251]) * 999 + b"\r\n" for n in range(30_000))
    assert mail(samples.PARSED, attachment1=("big.bin", data)).text.strip() == "Yes, that suits me — Ana"


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("signs", [False, True])
def test_an_emulated_person_is_heard(raw: bool, signs: bool) -> None:
    with Providers() as world:
        emulated = world.sendgrid
        emulated.key, emulated.raw_inbound, emulated.signs_inbound = samples.API_KEY, raw, signs
        [receipt] = send(channel_at(emulated.url), LETTER)
        assert isinstance(receipt, Receipt)
        sent = emulated.sent[0].mail
        assert sent is not None
        reply = EmailMessage()
        reply["From"], reply["To"], reply["Subject"] = LETTER.address, str(sent["Reply-To"]), "Re: Your start time"
        reply["In-Reply-To"] = str(sent["Message-ID"])
        reply.set_content("Yes — 👍\n")
        post = emulated.receive(reply, LETTER.address, str(reply["To"]))
        secrets = [] if signs else [world.keys.inbound_secret]
        channel = channel_at(webhook_keys=[emulated.signing.public], inbound_secrets=secrets)
    headers = {name.lower(): value for name, value in post.headers.items()}
    request = WebhookRequest("POST", post.url, headers, post.body, headers["content-type"])
    channel.verify(request)
    [found] = channel.parse(request)
    assert isinstance(found, InboundMessage)
    assert (found.text.strip(), found.token, found.sender) == ("Yes — 👍", LETTER.token, LETTER.address)
