"""Mails that came in, as events: read right, and read at all whatever strangers send."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.inbound_mail import header_lines, header_pairs, read_fields, read_mail
from server.channels.tokens import token_in
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent

DOMAIN = "in.example.org"
TOKEN = "abcdefghjkmnpqrstuvwxyz2"
OURS = f"<msg_7f3k9w2m4qabcdef.{TOKEN}@example.org>"


def mail(text: str = "Yes, Friday works\n", *, html: str = "", **headers: str) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    given = {
        "From": "Ana López <ana@example.org>",
        "To": f"Races <r+{TOKEN}@{DOMAIN}>",
        "Subject": "Re: Startzeit für Ana",
    }
    for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        if value:
            letter[name] = value
    if text:
        letter.set_content(text)
    if html and text:
        letter.add_alternative(html, subtype="html")
    elif html:
        letter.set_content(html, subtype="html")
    return letter


def read(letter: EmailMessage | bytes, **options: object) -> InboundMessage:
    raw = letter if isinstance(letter, bytes) else letter.as_bytes()
    event = read_mail(raw, **{"inbound_domain": DOMAIN, **options})  # type: ignore[arg-type]
    assert isinstance(event, InboundMessage)
    return event


def test_it_reads_a_persons_answer() -> None:
    letter = mail(Message_ID="<new@mail.example>", In_Reply_To=OURS, Date="Mon, 4 May 2026 10:00:00 +0200")
    event = read(letter)
    assert (event.sender, event.subject, event.token) == ("ana@example.org", "Re: Startzeit für Ana", TOKEN)
    assert event.text.strip() == "Yes, Friday works"
    assert event.in_reply_to == (OURS,)
    assert event.at == "2026-05-04T08:00:00+00:00"
    assert event.html == ""
    assert event.event_id == read(letter).event_id
    assert event.event_id.startswith("mail:")


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To"])
def test_it_finds_our_address_in_whichever_header_it_stands(header: str) -> None:
    letter = mail(To="")
    letter[header] = f"Somebody <else@example.org>, R+{TOKEN.upper()}@IN.example.org"
    assert read(letter).token == TOKEN


def test_it_finds_our_address_in_the_envelope_first() -> None:
    letter = mail(To=f"r+{'b' * 24}@{DOMAIN}")
    assert read(letter, recipients=[f"r+{TOKEN}@{DOMAIN}"]).token == TOKEN


@pytest.mark.parametrize(
    "address",
    [
        f"r+{TOKEN}@evil.example",
        f"r+{TOKEN}@{DOMAIN}.evil.example",
        f"r+{TOKEN}@x{DOMAIN}",
        f"r+@{DOMAIN}",
        f"r@{DOMAIN}",
    ],
)
def test_it_takes_no_token_from_an_address_that_is_not_ours(address: str) -> None:
    assert token_in([address], DOMAIN) == ""


def test_it_finds_the_token_in_the_message_id_that_is_answered() -> None:
    """Where Reply-To was lost, and the provider gave our mail an id of its own."""
    assert read(mail(To="office@example.org", References=f"<x@y> {OURS} <z@y>")).token == TOKEN


def test_it_lists_what_is_answered_newest_first_and_each_once() -> None:
    event = read(mail(In_Reply_To="<c@x>", References="<a@x> <b@x> <c@x>"))
    assert event.in_reply_to == ("<c@x>", "<b@x>", "<a@x>")
    assert len(read(mail(References=" ".join(f"<{n}@x>" for n in range(300)))).in_reply_to) == 20


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ('"ana@good.example" <eve@bad.example>', "eve@bad.example"),
        ('"ana@good.example, at home" <eve@bad.example>', "eve@bad.example"),
        ('"x <ana@good.example>" <eve@bad.example>', "eve@bad.example"),
        ("ana@good.example <eve@bad.example>", "eve@bad.example"),
        ("=?utf-8?q?x_=3Cana=40good=2Eexample=3E?= <eve@bad.example>", "eve@bad.example"),
        ("Lopez, Ana <ana@example.org>, Bo <bo@example.org>", "ana@example.org"),
        ("ana@example.org (Ana, at home <not@this.one>)", "ana@example.org"),
        ("Ana", ""),
        ("", ""),
    ],
)
def test_it_takes_the_sender_from_the_address_and_never_from_a_name(header: str, sender: str) -> None:
    raw = f"From: {header}\r\nSender: bot@example.org\r\nReturn-Path: <x@example.org>\r\n\r\nYes\r\n".encode()
    assert read(raw).sender == sender


def test_it_reads_marked_up_text_when_there_is_no_plain_one_and_keeps_it() -> None:
    event = read(mail("", html="<p>Yes</p><script>x()</script><blockquote>Hello Ana</blockquote>"))
    assert event.text == "Yes\n\n> Hello Ana"
    assert "<script>" in event.html, "kept as it came, for whoever looks at the original; never shown as HTML"
    assert read(mail(" \n", html="<p>Yes</p>")).text == "Yes"
    assert read(mail("Yes\n", html="<p>No</p>")).text.strip() == "Yes"


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8", "utf-16", "koi8-r", "shift_jis", "gb2312"])
def test_it_reads_every_character_set(charset: str) -> None:
    text = {"koi8-r": "Да, в пятницу", "shift_jis": "はい、大丈夫です", "gb2312": "好的"}.get(charset, "Grüße, ça va")
    letter = mail("x")
    letter.set_payload(text.encode(charset))
    letter.replace_header("Content-Type", f'text/plain; charset="{charset}"')
    letter.replace_header("Content-Transfer-Encoding", "8bit")
    assert read(letter).text == text


@pytest.mark.parametrize("charset", ["", "us-ascii", "x-unknown", "utf-8; x", "punycode", "hex", "\xff"])
@pytest.mark.parametrize("data", ["Grüße".encode(), "Grüße".encode("cp1252")])
def test_it_makes_up_for_a_wrong_character_set(charset: str, data: bytes) -> None:
    raw = b"From: a@b.example\r\nContent-Type: text/plain; charset=" + charset.encode("latin1") + b"\r\n\r\n" + data
    assert read(raw).text in {"Grüße", "Gr\ufffd\ufffde", "Gr\ufffde"}


def test_it_puts_lines_together_that_the_senders_program_had_wrapped() -> None:
    head = b"From: a@b.example\r\nContent-Type: text/plain; format=flowed\r\n\r\n"
    raw = head + b"I can come \r\non Friday.\r\n> old \r\n> text\r\n"
    assert read(raw).text == "I can come on Friday.\n> old \n> text\n"


def test_it_names_what_came_along_without_folders_and_tricks() -> None:
    letter = mail()
    for name in ("../../etc/passwd", "C:\\temp\\a.pdf", "bill\u202efdp.exe", "x" * 300 + ".jpg", "Fötö.png"):
        letter.add_attachment(b"data", maintype="application", subtype="octet-stream", filename=name)
    letter.add_attachment(mail(Subject="The other mail"))
    names = read(letter).files
    assert names[:3] == ("passwd", "a.pdf", "billfdp.exe")
    assert len(names[3]) < 130
    assert names[4:] == ("Fötö.png", "The other mail.eml")


def test_it_does_not_read_an_enclosed_mail_as_the_answer() -> None:
    letter = mail("See below\n")
    letter.add_attachment(mail("No, never\n", To=f"r+{'b' * 24}@{DOMAIN}"))
    event = read(letter)
    assert (event.text.strip(), event.token) == ("See below", TOKEN)


def test_it_keeps_the_headers_that_tell_automatic_mail_and_no_others() -> None:
    event = read(mail(Auto_Submitted="auto-replied", Precedence="bulk", Received="from secret.example"))
    assert event.headers["auto-submitted"] == "auto-replied"
    assert event.headers["precedence"] == "bulk"
    assert "received" not in event.headers
    assert read(mail(), envelope_sender="").headers["return-path"] == "<>"


@pytest.mark.parametrize(
    "subject", ["Re: a\u2028b\x85c", "=?utf-8?q?Re=3A_a=0D=0ABcc=3A_x?=", "=?utf-8?b?!!!?=", "\x00"]
)
def test_it_keeps_a_subject_on_one_line(subject: str) -> None:
    found = read(f"From: a@b.example\r\nSubject: {subject}\r\n\r\nx".encode()).subject
    assert found == "".join(char for char in found if char.isprintable())


def test_it_gives_an_event_the_providers_own_id_where_there_is_one() -> None:
    assert read(mail(), event_id="evt-1").event_id == "evt-1"


def test_it_names_a_mail_by_message_id_and_sender_or_else_by_its_bytes() -> None:
    one, other = read(mail(Message_ID="<a@x>")), read(mail("Other text\n", Message_ID="<a@x>"))
    assert one.event_id == other.event_id
    assert read(mail(Message_ID="<a@x>", From="eve@example.org")).event_id != one.event_id
    assert read(mail("a\n")).event_id != read(mail("b\n")).event_id


def test_it_reads_the_fields_of_providers_that_take_mails_apart() -> None:
    event = read_fields(
        sender="Ana <ana@example.org>",
        recipients=[f"r+{TOKEN}@{DOMAIN}"],
        subject="Re: x",
        html="<p>Yes</p>",
        headers=[("In-Reply-To", OURS), ("Auto-Submitted", "no"), ("Message-Id", "<a@x>")],
        files=["../a.pdf"],
        inbound_domain=DOMAIN,
    )
    assert isinstance(event, InboundMessage)
    assert (event.sender, event.text, event.token, event.files) == ("ana@example.org", "Yes", TOKEN, ("a.pdf",))
    assert event.in_reply_to == (OURS,)
    assert event.html == "<p>Yes</p>"


def test_it_rather_believes_the_header_than_a_sender_that_was_decoded() -> None:
    raw = "=?utf-8?q?ana=40good=2Eexample=2C?= <eve@bad.example>"
    event = read_fields(sender="ana@good.example, <eve@bad.example>", text="Yes", headers={"From": raw})
    assert isinstance(event, InboundMessage)
    assert event.sender == "eve@bad.example"


def test_it_reads_headers_in_the_forms_of_sendgrid_and_mailgun() -> None:
    assert header_lines("Received: by x\n  with y\nTo: a@b\n\njunk") == [("Received", "by x with y"), ("To", "a@b")]
    assert header_pairs('[["To", "a@b"], ["X"], 3]') == [("To", "a@b")]
    assert header_pairs("{") == header_pairs("{}") == header_pairs("[" * 100_000) == []


def test_halves_of_characters_in_headers_lose_no_mail() -> None:
    pairs = header_pairs('[["From", "\\ud800 <ana@example.org>"], ["To", "r+\\udc80"], ["Subject", "\\ud800"]]')
    event = read_fields(sender="\ud800", text="Yes \ud800", subject="\udfff", headers=pairs)
    assert isinstance(event, InboundMessage)
    assert (event.sender, event.text.strip()) == ("ana@example.org", "Yes")


HOSTILE = {
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500)),
    "blank lines": b"From: a@b.c\r\n\r\n" + b"\n" * 3_000_000,
    "many mailboxes": b"From: " + b"<a@b>," * 300_000 + b"\r\n\r\nx",
    "many parameters": b"Content-Type: text/plain" + b"; a=b" * 200_000 + b"\r\n\r\nx",
    "many words": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\r\n\r\nx",
    "one line": b"From: a@b.c\r\n\r\n" + b"A" * 5_000_000,
    "brackets": b"From: " + b"(" * 500_000 + b"\r\n\r\nx",
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
    "costly headers": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"".join(b"--b\r\nContent-Type: text/plain; name=%d%b\r\n\r\nx\r\n" % (n, b'"' * 4_000) for n in range(190)),
    "punycode": b"Content-Type: text/plain; charset=punycode\r\n\r\na-" + b"x" * 200_000,
    "report": b"Content-Type: message/delivery-status\r\n\r\n" + b"Status: 5.1.1\r\n\r\n" * 20_000,
    "markup": b"Content-Type: text/html\r\n\r\n" + b"<div><blockquote>" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_never_hangs(name: str) -> None:
    began = time.process_time()
    read_mail(HOSTILE[name], inbound_domain=DOMAIN)
    assert time.process_time() - began < 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_it_reads_any_bytes(raw: bytes) -> None:
    assert isinstance(read_mail(raw, inbound_domain=DOMAIN), InboundMessage | DeliveryEvent | UnknownEvent)


PIECES = st.sampled_from(
    [
        *(
            b"From: ",
            b"To: r+",
            b"Content-Type: ",
            b"multipart/report; report-type=delivery-status; boundary=b",
            b"--b",
        ),
        *(b"--b--", b"\r\n", b"\n\n", b"message/rfc822", b"message/delivery-status", b"text/html; charset=", b"utf-7"),
        *(b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"=?utf-8?b?/w==?=", b"=?x?q?=ff?=", b"\xff"),
        *(
            b"Content-Disposition: attachment; filename*0*=a'b'%ff",
            b"<a@b>",
            b'"',
            b"(",
            b"<",
            b"\x00",
            b"Status: 5.1.1",
        ),
        *(b"References: ", b"Date: ", b"x-uuencode", b"begin 666 a", b"[[", b"@[", b",", b";"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_it_reads_any_mail_like_bytes(raw: bytes) -> None:
    assert isinstance(read_mail(raw, inbound_domain=DOMAIN), InboundMessage | DeliveryEvent | UnknownEvent)
