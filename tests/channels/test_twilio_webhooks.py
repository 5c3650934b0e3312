"""What Twilio posts: recorded forms with made-up people, signed over address and fields."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.twilio import TwilioSms, TwilioVoice, TwilioWhatsApp
from server.channels.twilio.hearing import NOTHING
from server.channels.twilio.words import CALLS, ERRORS, FINAL, MESSAGES, meaning
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookAnswer, WebhookRequest
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import InvalidInput, SignatureError
from tests.contracts.channel import WebhookContract
from tests.emulators.providers.signing import twilio

ACCOUNT, KEY = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"
TOKEN = "abcdefghjkmnpqrstuvwxyz2"
URL = "https://cellback.example.org/webhooks/twilio"
SID, OTHER, CALL = "SM" + "1" * 32, "MM" + "2" * 32, "CA" + "3" * 32
PHONE, OURS = "+447900900123", "+15005550006"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

STATUS = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "From": OURS,
    "To": PHONE,
    "MessageSid": SID,
    "SmsSid": SID,
}
INBOUND = {
    "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "Body": "Yes, fine", "From": PHONE, "To": OURS,
    "FromCountry": "GB", "MessageSid": SID, "SmsMessageSid": SID, "SmsSid": SID, "SmsStatus": "received",
    "NumMedia": "0", "NumSegments": "1",
}  # fmt: skip
WHATSAPP = {
    **INBOUND, "From": f"whatsapp:{PHONE}", "To": "whatsapp:+14155238886", "WaId": PHONE[1:], "ProfileName": "=1+1",
    "MessageType": "text", "ExternalUserId": "whatsapp:GB.4566546130240823", "Forwarded": "false",
}  # fmt: skip
PRESSED = {
    **WHATSAPP, "MessageSid": OTHER, "Body": "Yes", "ButtonText": "Yes", "ButtonPayload": f"v1.{TOKEN}.1",
    "MessageType": "button", "OriginalRepliedMessageSid": SID, "OriginalRepliedMessageSender": "whatsapp:+14155238886",
}  # fmt: skip
ENDED = {
    "AccountSid": ACCOUNT, "CallSid": CALL, "CallStatus": "completed", "Direction": "outbound-api", "From": OURS,
    "To": PHONE, "Called": PHONE, "Caller": OURS, "CallDuration": "12", "AnsweredBy": "human", "SequenceNumber": "3",
    "CallbackSource": "call-progress-events", "Timestamp": "Sat, 21 Nov 2026 10:20:30 +0000",
}  # fmt: skip
KEYS = {**ENDED, "CallStatus": "in-progress", "Digits": "1", "FinishedOnKey": ""}


def status(word: str, **more: str) -> dict[str, str]:
    return {**STATUS, "MessageStatus": word, "SmsStatus": word, **more}


def signed(
    fields: Mapping[str, str] | Iterable[tuple[str, str]] | bytes, *, key: str = KEY, url: str = URL, **headers: str
) -> WebhookRequest:
    if isinstance(fields, bytes):
        content = fields
        pairs = parse_qsl(content.decode("latin-1"), keep_blank_values=True)
    else:
        pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
        content = urlencode(pairs).encode()
    given = {"x-twilio-signature": twilio(key, url, pairs), **{name.lower(): value for name, value in headers.items()}}
    return WebhookRequest("POST", url, given, content, FORM)


def parsed(fields: Mapping[str, str], *, query: str = "") -> Event:
    [event] = made().parse(signed(fields, url=URL + query))
    return event


def report(word: str, **more: str) -> DeliveryEvent:
    event = parsed(status(word, **more), query=f"?token={TOKEN}")
    assert isinstance(event, DeliveryEvent)
    return event


def reply(fields: Mapping[str, str], **more: str) -> InboundMessage:
    event = parsed({**fields, **more})
    assert isinstance(event, InboundMessage)
    return event


def made(*keys: str) -> TwilioSms:
    return TwilioSms(ACCOUNT, keys or (KEY,), OURS, public_url="https://cellback.example.org")


@pytest.fixture
def channel() -> TwilioSms:
    return made()


def body(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


class TestContract(WebhookContract):
    signature_header = "X-Twilio-Signature"
    dated = False
    bodies = (
        *(body(status(word)) for word in MESSAGES if MESSAGES[word] is not DeliveryStatus.FAILED),
        body(status("failed", ErrorCode="63016")),
        body(status("undelivered", ErrorCode="30003", ErrorMessage="Unreachable destination handset")),
        body(status("canceled")),
        body(INBOUND),
        body(PRESSED),
        *(body({**ENDED, "CallStatus": word}) for word in CALLS),
        body(KEYS),
    )
    unknown = body(status("partially_delivered"))
    secrets = (KEY, PHONE[1:], TOKEN)

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return signed(body, key=KEY if key == "right" else "f" * 32)


@pytest.mark.parametrize("kind", [TwilioSms, TwilioWhatsApp, TwilioVoice])
def test_any_of_the_three_channels_reads_all_that_twilio_posts(kind: type[TwilioSms]) -> None:
    channel = kind(ACCOUNT, [KEY], OURS)
    for fields, where in ((INBOUND, ChannelName.SMS), (WHATSAPP, ChannelName.WHATSAPP), (KEYS, ChannelName.VOICE)):
        channel.verify(signed(fields))
        [event] = channel.parse(signed(fields))
        assert isinstance(event, InboundMessage)
        assert event.channel is where


def test_it_believes_both_tokens_while_they_are_changed() -> None:
    for key in (KEY, "f" * 32):
        made("f" * 32, KEY).verify(signed(INBOUND, key=key))


def test_it_believes_a_signature_over_the_very_address_only() -> None:
    token = f"{URL}?token={TOKEN}"
    made().verify(signed(status("sent"), url=token))
    for other in (URL, token + "2", token.replace("https", "http"), token.replace("cellback.example", "example")):
        with pytest.raises(SignatureError):
            made().verify(replace(signed(status("sent"), url=token), url=other))


def test_it_keeps_repeated_fields_when_it_checks() -> None:
    pairs = [*INBOUND.items(), ("MediaUrl0", "https://a.example"), ("MediaUrl0", "https://b.example")]
    made().verify(signed(pairs))
    with pytest.raises(SignatureError):
        made().verify(replace(signed(pairs), body=urlencode(pairs[:-1]).encode()))


def test_it_believes_a_shared_key_signature_and_no_unknown_kind(caplog: pytest.LogCaptureFixture) -> None:
    text = URL + "".join(name + value for name, value in sorted(INBOUND.items()))
    sha256 = base64.b64encode(hmac.new(KEY.encode(), text.encode(), hashlib.sha256).digest()).decode()
    name = "x-twilio-webhooks-signature-settings"
    request = signed(INBOUND)
    strong = {"x-twilio-signature": sha256, name: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    made().verify(replace(request, headers=strong))
    for odd in ("algorithm=NONE", "algorithm=hmac_md5", "algorithm=\nforged log line"):
        with pytest.raises(SignatureError):
            made().verify(replace(request, headers={**request.headers, name: odd}))
    assert not caplog.records


def test_it_believes_json_only_where_a_digest_of_it_is_signed() -> None:
    content = json.dumps([{"type": "com.twilio.messaging.message.sent"}]).encode()
    url = f"{URL}?bodySHA256={hashlib.sha256(content).hexdigest()}"
    headers = {"x-twilio-signature": twilio(KEY, url, [])}
    request = WebhookRequest("POST", url, headers, content, "application/json")
    made().verify(request)
    assert isinstance(made().parse(request)[0], UnknownEvent)
    plain = {"x-twilio-signature": twilio(KEY, URL, [])}
    for forged in (
        replace(request, body=content + b" "),
        replace(request, url=URL, headers=plain),
        replace(request, body=b"\xff"),
        replace(request, content_type="text/plain"),
    ):
        with pytest.raises(SignatureError):
            made().verify(forged)
    for odd in (b"", b"7", b"{", b"[" * 100_000, b"\xff"):
        with pytest.raises(InvalidInput):
            made().parse(replace(request, body=odd))


@pytest.mark.parametrize(
    ("word", "ours"),
    [("queued", DeliveryStatus.ACCEPTED), ("sent", DeliveryStatus.ACCEPTED), ("delivered", DeliveryStatus.DELIVERED),
     ("read", DeliveryStatus.READ), ("undelivered", DeliveryStatus.FAILED), ("failed", DeliveryStatus.FAILED)],
)  # fmt: skip
def test_a_report_leads_to_its_message_by_our_token_and_by_its_sid(word: str, ours: DeliveryStatus) -> None:
    event = report(word)
    assert (event.status, event.token, event.provider_id, event.address) == (ours, TOKEN, SID, PHONE)
    assert event.event_id == f"{SID}:{word}"


def test_a_report_that_comes_twice_is_one_event_and_each_status_one_of_its_own() -> None:
    assert report("sent").event_id == report("sent", ErrorCode="1").event_id
    assert len({report(word).event_id for word in MESSAGES}) == len(MESSAGES)


@pytest.mark.parametrize(
    ("code", "permanent", "opted_out", "elsewhere", "words"),
    [
        ("21610", True, True, False, "STOP"),
        ("30003", False, False, False, "out of reach"),
        ("30005", True, False, True, "unknown to its carrier"),
        ("30006", True, False, True, "landline"),
        ("30007", True, False, False, "spam"),
        ("30034", True, False, False, "A2P 10DLC"),
        ("63003", True, False, True, "not on WhatsApp"),
        ("63016", True, False, False, "24 hours"),
        ("63018", False, False, False, "later"),
        ("99999", True, False, False, "twilio.com/docs/api/errors/99999"),
        ("", True, False, False, "did not say why"),
        ("<b>", True, False, False, "did not say why"),
    ],
)
def test_a_failure_says_what_to_do(code: str, permanent: bool, opted_out: bool, elsewhere: bool, words: str) -> None:
    event = report("undelivered", ErrorCode=code, ErrorMessage=f"about {PHONE}")
    assert (event.permanent, event.opted_out, event.elsewhere) == (permanent, opted_out, elsewhere)
    assert words in event.detail
    assert PHONE not in event.detail


def test_every_error_has_words_for_the_person_who_meets_it() -> None:
    for code in ERRORS:
        found = meaning(code)
        assert found.words[0].isupper()
        assert not found.words.endswith(".")
        assert not (found.later and (found.opted_out or found.elsewhere or found.account)), code


def test_a_text_of_a_person_is_theirs_alone() -> None:
    event = reply(INBOUND)
    assert (event.text, event.sender, event.ours) == ("Yes, fine", PHONE, OURS)
    assert (event.token, event.button, event.files, event.in_reply_to) == ("", "", (), ())


def test_a_name_that_somebody_gave_themselves_is_never_used() -> None:
    assert "=1+1" not in repr(reply(WHATSAPP))


def test_a_whatsapp_reply_tells_who_and_to_what() -> None:
    event = reply(WHATSAPP, OriginalRepliedMessageSid=SID)
    assert (event.sender, event.user_id, event.in_reply_to) == (PHONE, "GB.4566546130240823", (SID,))


def test_a_person_without_a_number_is_known_by_what_whatsapp_gives() -> None:
    assert reply(WHATSAPP, From="whatsapp:GB.4566546130240823", WaId="").sender == "GB.4566546130240823"
    assert reply(WHATSAPP, From="whatsapp:", WaId="447900900124").sender == "+447900900124"


def test_a_button_with_our_payload_is_row_and_answer_and_any_other_its_words() -> None:
    assert (reply(PRESSED).token, reply(PRESSED).button) == (TOKEN, "1")
    other = reply(PRESSED, ButtonPayload="v1.$$.1", ButtonText="Yes")
    assert (other.token, other.button, other.text) == ("", "Yes", "Yes")
    chosen = reply(WHATSAPP, ListId=f"v1.{TOKEN}.3", ListTitle="Maybe", Body="")
    assert (chosen.token, chosen.button, chosen.text) == (TOKEN, "3", "Maybe")


def test_pictures_are_named_by_their_kind_and_a_place_is_words() -> None:
    media = {"NumMedia": "3", "MediaContentType0": "image/jpeg", "MediaContentType1": "../../etc", "Body": ""}
    assert reply(INBOUND, **media).files == ("file1.jpg", "file2", "file3")
    place = {"Latitude": "51.5", "Longitude": "-0.1", "Label": "The start", "Body": ""}
    assert reply(WHATSAPP, **place).text == "Location: The start, 51.5, -0.1"


@pytest.mark.parametrize("word", ["STOP", "stop", "UNSUBSCRIBE", "Start", "HELP"])
def test_stop_words_stay_words(word: str) -> None:
    assert reply(INBOUND, Body=word, OptOutType="STOP").text == word


@pytest.mark.parametrize(
    "fields",
    [
        {**WHATSAPP, "MessageType": "reaction", "Body": "👍"},
        {**INBOUND, "From": ""},
        {**INBOUND, "MessageSid": "../x", "SmsSid": ""},
        {**KEYS, "Digits": "#"},
        {**KEYS, "To": ""},
        {**ENDED, "Direction": "inbound"},
        {"Hello": "there"},
    ],
)
def test_what_is_no_answer_is_kept_and_is_none(fields: Mapping[str, str]) -> None:
    assert isinstance(parsed(fields), UnknownEvent)


def test_a_message_without_any_words_is_a_message_all_the_same() -> None:
    assert reply(INBOUND, Body="").text == ""
    assert reply(INBOUND, Body="\x00hi").text == "hi"


@pytest.mark.parametrize(
    ("query", "pressed", "answers"),
    [("&n=2", "2", True), ("&n=2", "3", False), ("&n=x", "9", True), ("", "5", True), ("&n=2", "12", False),
     ("&n=2", "٢", False), ("&n=2", "", False)],
)  # fmt: skip
def test_only_a_key_that_was_offered_is_an_answer(query: str, pressed: str, answers: bool) -> None:
    event = parsed({**KEYS, "Digits": pressed}, query=f"?token={TOKEN}{query}")
    assert isinstance(event, InboundMessage) is answers
    if isinstance(event, InboundMessage):
        assert (event.button, event.token) == (pressed, TOKEN)


def test_a_completed_call_was_heard_by_a_person_unless_a_machine_took_it() -> None:
    for who, ours in (("human", DeliveryStatus.DELIVERED), ("unknown", DeliveryStatus.DELIVERED),
                      ("", DeliveryStatus.DELIVERED), ("machine_start", DeliveryStatus.FAILED),
                      ("machine_end_beep", DeliveryStatus.FAILED), ("fax", DeliveryStatus.FAILED)):  # fmt: skip
        event = parsed({**ENDED, "AnsweredBy": who})
        assert isinstance(event, DeliveryEvent)
        assert event.status is ours
        assert event.at == "2026-11-21T10:20:30+00:00"


def test_every_final_word_is_a_known_one() -> None:
    assert {*MESSAGES, *CALLS} >= FINAL


def test_twilio_hears_nothing_but_that_a_text_gets_no_automatic_answer() -> None:
    channel = made()
    for fields in (INBOUND, WHATSAPP, PRESSED):
        assert channel.answer(signed(fields)) == NOTHING
    for fields in (status("sent"), ENDED, {"Hello": "there"}):
        assert channel.answer(signed(fields)) == WebhookAnswer()
    assert channel.answer(replace(signed(INBOUND), body=b"\xff")) == WebhookAnswer()


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([*PRESSED, *KEYS, "Latitude", "ListId"]), st.text(max_size=40)),
    st.text(max_size=40),
)
def test_no_words_of_strangers_upset_it(fields: dict[str, str], token: str) -> None:
    request = signed(urlencode(fields, errors="replace").encode() or b"a=b", url=f"{URL}?{urlencode({'token': token})}")
    channel = made()
    channel.verify(request)
    [event] = channel.parse(request)
    assert event.event_id
    channel.answer(request)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_upset_it(content: bytes) -> None:
    request = WebhookRequest("POST", URL, {"x-twilio-signature": "x"}, content, FORM)
    with pytest.raises(SignatureError):
        made().verify(request)
    try:
        events: Sequence[Event] = made().parse(request)
    except InvalidInput:
        return
    assert all(event.event_id for event in events)


def test_it_logs_nothing_of_what_is_posted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for fields in (INBOUND, PRESSED, KEYS, ENDED, status("failed", ErrorCode="63016")):
        made().verify(signed(fields))
        made().parse(signed(fields))
        made().answer(signed(fields))
    assert not caplog.records


def test_it_reads_the_ids_of_what_stands_in_for_twilio() -> None:
    for sid in ("SMtest123", "MM-1", "SM" + "A1" * 16):
        [event] = made().parse(signed({**INBOUND, "MessageSid": sid}))
        assert isinstance(event, InboundMessage)
        assert event.event_id == f"{sid}:received"


def test_one_signature_can_not_make_two_messages() -> None:
    """In what is signed nothing stands between a value and the next field's name: an id must not take that up."""
    for sid in ("SMtest123", SID):
        fields = {**INBOUND, "MessageSid": sid}
        once = signed(fields)
        behind = min(name for name in fields if name > "MessageSid")
        fields["MessageSid"] = f"{sid}{behind}{fields.pop(behind)}"
        again = replace(once, body=body(fields))
        made().verify(again)
        assert all(isinstance(event, UnknownEvent) for event in made().parse(again))


@pytest.mark.parametrize(
    ("code", "all_of_them"), [("63041", True), ("30002", True), ("30034", False), ("30006", False), ("", False)]
)
def test_it_tells_the_accounts_trouble_from_one_persons(code: str, all_of_them: bool) -> None:
    """An unregistered number is refused by carriers of the US alone."""
    [event] = made().parse(signed(status("undelivered", ErrorCode=code)))
    assert isinstance(event, DeliveryEvent)
    assert event.whole_campaign is all_of_them
