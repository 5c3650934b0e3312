"""The bytes of a mail, read back with the standard library's parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.mail import MailWriter, wire_address
from server.channels.mail_parts import LONGEST_LINE
from server.domain.message import Attachment, Outgoing
from server.errors import ConfigError, PermanentError

WRITER = MailWriter("Zeitplan Büro <race@example.org>", inbound_domain="in.example.org", base_url="https://c.example")


def outgoing(**changed: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "message_id": "msg_1",
        "token": "tok1",
        "address": "ana@example.org",
        "text": "Hi",
        "person": "Ana",
    }
    return Outgoing(**{**fields, **changed})


def raw(letter: Outgoing, *, eight_bit: bool = True, writer: MailWriter = WRITER) -> bytes:
    return writer.write(letter, wire_address(letter.address), writer.mail_id(letter), eight_bit=eight_bit)


def parsed(letter: Outgoing, *, eight_bit: bool = True, writer: MailWriter = WRITER) -> EmailMessage:
    mail = message_from_bytes(raw(letter, eight_bit=eight_bit, writer=writer), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [defect for part in mail.walk() for defect in part.defects]
    return mail


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """The text as it stands there, lines ended by CRLF."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


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
    assert body(mail) == "Hi"


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
    mail = parsed(outgoing(text=text), eight_bit=eight_bit)
    part = mail.get_body(("plain",))
    assert part is not None
    assert part["Content-Transfer-Encoding"] == encoding
    assert (mail["Content-Transfer-Encoding"] == "8bit") == (encoding == "8bit")


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
    assert isinstance(mail, EmailMessage)
    plain, rich = mail.iter_parts()
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == "\r\n".join(lines(text))
    assert rich.get_content_type() == "text/html"
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


def test_it_writes_the_same_words_as_simple_html_beside_the_text() -> None:
    mail = parsed(outgoing(text="Hi <Ana>,\n\nsee https://a.example/x?a=1&b=2\n"))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert body(mail) == "Hi <Ana>,\r\n\r\nsee https://a.example/x?a=1&b=2\r\n"
    assert "Hi &lt;Ana&gt;," in body(mail, "html")
    assert '<a href="https://a.example/x?a=1&amp;b=2">' in body(mail, "html")


NAMES = [
    "bill.pdf",
    "Rechnung März.pdf",
    'quote".pdf',
    "per%20cent.pdf",
    "ملف.pdf",
    "x" * 110 + ".pdf",
    "日本語" * 30 + ".pdf",
    "semi;colon=.pdf",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("eight_bit", [True, False])
def test_it_takes_files_along_under_their_names(name: str, eight_bit: bool) -> None:
    data = bytes(range(256)) * 40
    files = (Attachment(name, "application/pdf", data), Attachment("b.txt", "text/plain", b"two\n"))
    letter = outgoing(text="Grüße", attachments=files)
    mail = parsed(letter, eight_bit=eight_bit)
    assert all(len(line) <= LONGEST_LINE for line in raw(letter, eight_bit=eight_bit).split(b"\r\n"))
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type(), first.get_content()) == (name, "application/pdf", data)
    assert (second.get_filename(), second.get_payload(decode=True)) == ("b.txt", b"two\n")
    assert body(mail) == "Grüße"
    assert "Grüße" in body(mail, "html")


def test_it_takes_an_empty_file_along() -> None:
    [file] = parsed(outgoing(attachments=(Attachment("a.csv", "text/csv", b""),))).iter_attachments()
    assert file.get_payload(decode=True) == b""


@pytest.mark.parametrize(
    "kind", ["", "text", "text/plain\r\nBcc: x@y", "multipart/mixed", "message/rfc822", "a/b; c=d"]
)
def test_it_calls_a_file_of_an_odd_type_just_a_file(kind: str) -> None:
    mail = parsed(outgoing(attachments=(Attachment("a.bin", kind, b"data"),)))
    [file] = mail.iter_attachments()
    assert (file.get_content_type(), file.get_content()) == ("application/octet-stream", b"data")
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nBcc: eve@example.org", 'x"; filename="y', "", "\u202egpj.exe"]
)
def test_it_lets_no_file_name_add_a_header_or_a_folder(name: str) -> None:
    mail = parsed(outgoing(attachments=(Attachment(name, "text/plain", b"data"),)))
    [file] = mail.iter_attachments()
    given = file.get_filename() or ""
    assert mail["Bcc"] is None
    assert file["Bcc"] is None
    assert given
    assert not set(given) & set("/\\\r\n\u202e")


def test_it_writes_copies_and_whoever_sends_and_answers() -> None:
    letter = outgoing(
        cc=("bo@example.org", "cy@bücher.example"), sender="office@example.org", reply_to="boss@example.org"
    )
    mail = parsed(letter)
    assert mail["Cc"] == "bo@example.org, cy@xn--bcher-kva.example"
    assert mail["From"] == "office@example.org"
    assert mail["Reply-To"] == "r+tok1@in.example.org, boss@example.org", "ours first: answers come home to their row"
    assert mail["Message-ID"] == "<msg_1.tok1@example.org>"
    assert parsed(letter, writer=MailWriter("race@example.org"))["Reply-To"] == "boss@example.org"


def test_it_keeps_many_copies_on_lines_that_are_not_too_long() -> None:
    letter = outgoing(cc=tuple(f"{'p' * 60}{n}@example.org" for n in range(40)))
    assert all(len(line) <= LONGEST_LINE for line in raw(letter).split(b"\r\n"))
    assert len(parsed(letter)["Cc"].addresses) == 40


@pytest.mark.parametrize("field", ["sender", "reply_to"])
@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: eve@x.example", "a@b.example, eve@x.example", "a <b@c.example>"]
)
def test_it_refuses_an_address_that_could_add_a_header(field: str, address: str) -> None:
    with pytest.raises(PermanentError):
        raw(outgoing(**{field: address}))
    with pytest.raises(PermanentError):
        raw(outgoing(cc=(address,)))
