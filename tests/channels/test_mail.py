"""The bytes of a mail, read back with the standard library's parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.mail import LONGEST_LINE, MailWriter, wire_address
from server.domain.message import Outgoing
from server.errors import ConfigError, PermanentError

WRITER = MailWriter("Zeitplan Büro <race@example.org>", inbound_domain="in.example.org", base_url="https://c.example")


def outgoing(**changed: str) -> Outgoing:
    fields = {"message_id": "msg_1", "token": "tok1", "address": "ana@example.org", "text": "Hi", "person": "Ana"}
    return Outgoing(**{**fields, **changed})


def raw(letter: Outgoing, *, eight_bit: bool = True, writer: MailWriter = WRITER) -> bytes:
    return writer.write(letter, wire_address(letter.address), writer.mail_id(letter), eight_bit=eight_bit)


def parsed(letter: Outgoing, *, eight_bit: bool = True, writer: MailWriter = WRITER) -> EmailMessage:
    mail = message_from_bytes(raw(letter, eight_bit=eight_bit, writer=writer), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def test_it_writes_every_header_that_a_good_mail_has() -> None:
    mail = parsed(outgoing(subject="Start", unsubscribe_url="https://c.example/u/tok1", thread="<first@example.org>"))
    assert mail["From"].addresses == (Address("Zeitplan Büro", "race", "example.org"),)
    assert mail["To"].addresses == (Address("Ana", "ana", "example.org"),)
    assert mail["Subject"] == "Start"
    assert mail["Message-ID"] == "<msg_1.tok1@example.org>"
    assert mail["X-Cellback-Message"] == "msg_1"
    assert mail["Reply-To"] == "r+tok1@in.example.org"
    assert mail["In-Reply-To"] == mail["References"] == "<first@example.org>"
    assert mail["List-Unsubscribe"] == "<https://c.example/u/tok1>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "OOF" not in mail["X-Auto-Response-Suppress"]
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_it_leaves_out_what_it_was_not_given() -> None:
    mail = parsed(outgoing(), writer=MailWriter("race@example.org"))
    for header in ("Reply-To", "In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post"):
        assert mail[header] is None
    assert mail["From"] == "race@example.org"


def test_it_keeps_the_unsubscribe_headers_on_one_line_each() -> None:
    url = "https://c.example/u/" + "t" * 200
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw(outgoing(unsubscribe_url=url))


def test_it_writes_the_same_message_id_on_every_try() -> None:
    assert WRITER.mail_id(outgoing(text="one")) == WRITER.mail_id(outgoing(text="one"))
    assert WRITER.mail_id(outgoing()) != WRITER.mail_id(outgoing(message_id="msg_2"))


def test_it_writes_a_test_to_oneself_that_no_mail_program_takes_for_a_copy() -> None:
    first, second = (parsed(outgoing(token="")) for _ in range(2))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Reply-To"] is None


@pytest.mark.parametrize("field", ["subject", "person", "unsubscribe_url", "thread"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\r\n\r\n", "\u2028", "\x0b", "\x85"])
def test_it_lets_no_text_add_a_header(field: str, ending: str) -> None:
    mail = parsed(outgoing(**{field: f"x{ending}Bcc: eve@example.org{ending}{ending}Hello"}))
    assert mail["Bcc"] is None
    assert mail.get_content() == "Hi\r\n"


@pytest.mark.parametrize("address", ["a b@example.org", "a\r\nb@example.org", "a>b@example.org", "ana", "@example.org"])
def test_it_refuses_an_address_that_could_break_the_envelope(address: str) -> None:
    with pytest.raises(PermanentError) as caught:
        wire_address(address)
    assert not caught.value.whole_campaign


def test_it_writes_the_domain_in_ascii() -> None:
    assert wire_address("ana@straße.example").text == "ana@xn--strae-oqa.example"
    assert not wire_address("ana@bücher.example").utf8
    assert wire_address("grüße@bücher.example").utf8


@pytest.mark.parametrize("sender", ["", "race", "race@", "a@example.org, b@example.org"])
def test_it_refuses_a_sender_that_is_no_address(sender: str) -> None:
    with pytest.raises(ConfigError, match="EMAIL_FROM"):
        MailWriter(sender)


@pytest.mark.parametrize(
    ("text", "eight_bit", "encoding"),
    [
        ("plain\n", True, "7bit"),
        ("Grüße\n", True, "8bit"),
        ("Grüße\n", False, "quoted-printable"),
        ("x" * 999, True, "quoted-printable"),
        ("bell\x07", True, "quoted-printable"),
    ],
)
def test_it_encodes_only_where_the_server_or_the_text_asks_for_it(text: str, eight_bit: bool, encoding: str) -> None:
    assert parsed(outgoing(text=text), eight_bit=eight_bit)["Content-Transfer-Encoding"] == encoding


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@settings(max_examples=150)
@given(text=st.one_of(TEXTS, TEXTS.map(lambda text: text * 20)), subject=TEXTS, person=TEXTS, eight_bit=st.booleans())
def test_it_brings_any_text_across_unharmed(text: str, subject: str, person: str, eight_bit: bool) -> None:
    letter = outgoing(text=text, subject=subject, person=person)
    data = raw(letter, eight_bit=eight_bit)
    assert all(len(line) <= LONGEST_LINE for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert eight_bit or data.isascii()
    mail = message_from_bytes(data, policy=policy.default)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().rstrip("\r\n") == "\r\n".join(lines(text)).rstrip("\r\n")
    assert mail["Message-ID"] == "<msg_1.tok1@example.org>"
    assert mail["To"].addresses[0].addr_spec == "ana@example.org"


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


VISIBLE = st.characters(categories=["L", "M", "N", "P", "S", "Zs"])


@settings(max_examples=50)
@given(subject=st.text(VISIBLE, max_size=150), person=st.text(VISIBLE, max_size=10))
def test_it_shows_subject_and_name_as_they_were_written(subject: str, person: str) -> None:
    """Names that fit one encoded word: the standard parser puts a space between two, against RFC 2047."""
    mail = parsed(outgoing(subject=subject, person=person))
    assert " ".join(str(mail["Subject"]).split()) == " ".join(subject.split())
    assert " ".join(mail["To"].addresses[0].display_name.split()) == " ".join(person.split())
