"""Reports of mail servers, tied to the message that they are about, and believed only then."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.bounce_reasons import reason_of, scrubbed
from server.channels.inbound_mail import read_fields, read_mail
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent
from server.domain.words import DeliveryStatus

DOMAIN = "in.example.org"
TOKEN = "abcdefghjkmnpqrstuvwxyz2"
OURS = f"<msg_7f3k9w2m4qabcdef.{TOKEN}@example.org>"
RETURNED = f"From: Races <race@example.org>\nTo: ana@example.net\nMessage-ID: {OURS}\nSubject: Start\n"


def report(
    fields: str, *, words: str = "Sorry.", returned: str = RETURNED, kind: str = "text/rfc822-headers", head: str = ""
) -> bytes:
    """A report by the book (RFC 3464)."""
    return (
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: race@example.org\n"
        f"Subject: Undelivered Mail Returned to Sender\nDate: Mon, 4 May 2026 10:00:00 +0000\n{head}"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
        f"--B\nContent-Type: text/plain\n\n{words}\n"
        f"--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n"
        f"--B\nContent-Type: {kind}\n\n{returned}\n--B--\n"
    ).encode()


def read(raw: bytes, recipients: Sequence[str] = ()) -> DeliveryEvent:
    event = read_mail(raw, inbound_domain=DOMAIN, recipients=recipients)
    assert isinstance(event, DeliveryEvent), event
    return event


FAILED = (
    "Final-Recipient: rfc822; ana@example.net\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <ana@example.net>: user unknown\n"
)


def test_it_ties_a_bounce_to_its_message() -> None:
    event = read(report(FAILED))
    assert event.status is DeliveryStatus.BOUNCED
    assert event.permanent
    assert (event.token, event.provider_id, event.code) == (TOKEN, OURS, "5.1.1")
    assert event.detail == "there is no such mailbox (5.1.1)"
    assert event.address == "ana@example.net"
    assert event.at == "2026-05-04T10:00:00+00:00"
    assert event.event_id == read(report(FAILED)).event_id


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_finds_our_message_in_whatever_is_sent_back(kind: str, newline: str) -> None:
    raw = report(FAILED, kind=kind, returned=f"{RETURNED}\nHello Ana\n").replace(b"\n", newline.encode())
    assert read(raw).token == TOKEN


def test_it_finds_our_message_by_the_reply_address_where_the_provider_gave_the_id() -> None:
    event = read(report(FAILED, returned=f"Message-ID: <other@provider.example>\nReply-To: <r+{TOKEN}@{DOMAIN}>\n"))
    assert (event.token, event.provider_id) == (TOKEN, "")
    assert read(report(FAILED, returned="x: y\n"), recipients=[f"r+{TOKEN}@{DOMAIN}"]).token == TOKEN


@pytest.mark.parametrize(
    ("fields", "status", "permanent", "code"),
    [
        ("Action: failed\nStatus: 5.1.1", DeliveryStatus.BOUNCED, True, "5.1.1"),
        ("Action: failed\nStatus: 5.2.2 (mailbox full)", DeliveryStatus.BOUNCED, True, "5.2.2"),
        ("Action: failed\nStatus: 4.4.7", DeliveryStatus.BOUNCED, False, "4.4.7"),
        (
            "Action: failed (bad)\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 user unknown",
            DeliveryStatus.BOUNCED,
            True,
            "5.1.1",
        ),
        ("Action: Failed\nStatus: 5.0.0", DeliveryStatus.BOUNCED, True, "5.0.0"),
        ("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 spam", DeliveryStatus.BOUNCED, False, "5.7.1"),
        ("Action: failed\nStatus: 5.3.4", DeliveryStatus.BOUNCED, False, "5.3.4"),
        ("Action: delayed\nStatus: 4.4.1", DeliveryStatus.ACCEPTED, False, "4.4.1"),
        ("Status: 4.2.2", DeliveryStatus.ACCEPTED, False, "4.2.2"),
        ("Status: 5.1.1", DeliveryStatus.BOUNCED, True, "5.1.1"),
        ("Action: delivered\nStatus: 2.0.0", DeliveryStatus.DELIVERED, False, ""),
        ("Action: relayed\nStatus: 2.0.0", DeliveryStatus.ACCEPTED, False, ""),
    ],
)
def test_it_tells_gone_for_good_from_not_yet(fields: str, status: DeliveryStatus, permanent: bool, code: str) -> None:
    event = read(report(f"Final-Recipient: rfc822; ana@example.net\n{fields}\n"))
    assert (event.status, event.permanent, event.code) == (status, permanent, code)


def test_it_says_why_a_mail_is_late() -> None:
    event = read(report("Final-Recipient: rfc822; a@b.c\nAction: delayed\nStatus: 4.4.1\n"))
    assert "keep trying" in event.detail
    assert "4.4.1" in event.detail


def test_it_reports_the_one_of_several_recipients_who_failed_and_as_we_wrote_to_them() -> None:
    fields = (
        "Final-Recipient: rfc822; bo@example.net\nAction: relayed\nStatus: 2.0.0\n\n"
        "Original-Recipient: rfc822;ana@example.net\nFinal-Recipient: rfc822; ana@elsewhere.example\n"
        "Action: failed\nStatus: 5.1.1\n"
    )
    event = read(report(fields))
    assert (event.status, event.address) == (DeliveryStatus.BOUNCED, "ana@example.net")


COPY = f"Return-Path: <race@example.org>\nReceived: by x\n{RETURNED}\nHello Ana\n"
IN_WORDS = {
    "qmail": (
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<ana@example.net>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n"
        f"Giving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\n{COPY}"
    ),
    "exim": (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: ana@example.net\n"
        "Auto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender\n\n"
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  ana@example.net\n    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT "
        f"TO:<ana@example.net>:\n    550 No such user here\n\n------ This is a copy of the message. ------\n\n{COPY}"
    ),
    "exchange": (
        "From: System Administrator <postmaster@mx.example>\nSubject: Undeliverable: Start\n\n"
        "Your message did not reach some or all of the intended recipients.\n\n      Subject: Start\n\n"
        "The following recipient(s) could not be reached:\n\n      ana@example.net on 04/05/2026 10:00\n"
        "            #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\n" + COPY
    ),
    "postfix": (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to "
        "Sender\n\nThis is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message "
        "could not\nbe delivered to one or more recipients.\n\n<ana@example.net>: host mx.example.net[192.0.2.1] said: "
        "550 5.1.1\n    <ana@example.net>: Recipient address rejected: User unknown (in reply to RCPT TO)\n\n" + COPY
    ),
    "dragonfly": (
        "From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n\nThis is the DragonFly Mail Agent v0.13 at "
        "mx.example.\n"
        "\nThere was an error delivering your mail to <ana@example.net>.\n\nmx.example.net [192.0.2.1] did not "
        "like our "
        f"RCPT TO:\n550 5.1.1 user unknown\n\nMessage headers follow.\n\n{COPY}"
    ),
}


@pytest.mark.parametrize("program", IN_WORDS)
def test_it_understands_reports_that_are_written_for_people_only(program: str) -> None:
    event = read(IN_WORDS[program].encode())
    assert event.status is DeliveryStatus.BOUNCED
    assert event.permanent
    assert (event.token, event.code, event.address) == (TOKEN, "5.1.1", "ana@example.net")


def test_it_takes_a_warning_for_a_delay() -> None:
    text = (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Warning: message 1abc delayed 24 hours\n\n"
        "A message that you sent has not yet been delivered to one or more of its recipients after more than 24 "
        "hours.\n"
        f"No action is required on your part.\n\n  ana@example.net\n\n{COPY}"
    )
    event = read(text.encode())
    assert (event.status, event.code, event.permanent) == (DeliveryStatus.ACCEPTED, "4.0.0", False)


def test_it_hears_a_complaint() -> None:
    raw = (
        "From: fbl@provider.example\nSubject: FW: Start\nContent-Type: multipart/report; report-type=feedback-report; "
        "boundary=B\n\n--B\nContent-Type: text/plain\n\nAbuse report\n"
        "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
        f"Original-Rcpt-To: <ana@example.net>\n\n--B\nContent-Type: message/rfc822\n\n{RETURNED}\nHello\n--B--\n"
    )
    event = read(raw.encode())
    assert (event.status, event.token, event.address) == (DeliveryStatus.COMPLAINED, TOKEN, "ana@example.net")
    spared = raw.replace("abuse", "not-spam").encode()
    assert isinstance(read_mail(spared, inbound_domain=DOMAIN), UnknownEvent)


def test_it_hears_a_complaint_to_outlook_com() -> None:
    raw = (
        "From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.2\nContent-Type: multipart/mixed; "
        f"boundary=B\n\n--B\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: "
        f"ana@example.net\n{RETURNED}\nx\n--B--\n"
    )
    assert read(raw.encode()).status is DeliveryStatus.COMPLAINED


def test_it_takes_a_receipt_of_the_reader_for_what_it_is() -> None:
    raw = (
        "From: ana@example.net\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n"
        "--B\n\nRead.\n--B\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; "
        "ana@example.net\n"
        f"Original-Message-ID: {OURS}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--B--\n"
    )
    assert read(raw.encode()).status is DeliveryStatus.READ


@pytest.mark.parametrize(
    "returned",
    [
        "Message-ID: <msg_7f3k9w2m4qabcdef@example.org>\nTo: ana@example.net\n",
        "Message-ID: <guess.me@example.org>\nX-Cellback-Message: msg_7f3k9w2m4qabcdef\n",
        f"Reply-To: r+{TOKEN}@elsewhere.example\n",
        "",
    ],
)
def test_it_does_not_let_a_stranger_bounce_a_row_without_its_token(returned: str) -> None:
    event = read_mail(report(FAILED, returned=returned), inbound_domain=DOMAIN)
    assert isinstance(event, UnknownEvent)


@pytest.mark.parametrize("program", IN_WORDS)
def test_it_never_takes_a_report_for_an_answer_even_if_it_is_about_nothing_of_ours(program: str) -> None:
    raw = IN_WORDS[program].replace(OURS, "<x@y>").encode()
    assert isinstance(read_mail(raw, inbound_domain=DOMAIN), UnknownEvent)


@pytest.mark.parametrize(
    "raw",
    [
        "From: ana@example.net\nSubject: Undeliverable?\n\nI got a strange mail from you: it could not be delivered?\n",
        "From: ana@example.net\nSubject: Re: failure notice\n\nYes\n",
        "From: postmaster@example.net\nSubject: Re: Start\n\nYes, that suits me\n",
        "From: bouncer@example.net\nSubject: Re: Start\n\nMy last answer could not be delivered. Yes!\n",
        "Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: ana@example.net\nSubject: Out of office\n\nBack on "
        "Monday\n",
    ],
)
def test_it_takes_a_person_and_an_absence_for_a_message(raw: str) -> None:
    assert isinstance(read_mail(raw.encode(), inbound_domain=DOMAIN), InboundMessage)


def test_it_takes_a_report_that_a_person_forwards_for_their_message() -> None:
    raw = report(FAILED).replace(b"multipart/report", b"multipart/mixed").replace(b"Return-Path: <>\n", b"")
    raw = raw.replace(b"MAILER-DAEMON@mx.example", b"ana@example.net")
    assert isinstance(read_mail(raw, inbound_domain=DOMAIN), InboundMessage)


def test_it_understands_a_report_whose_fields_a_provider_took_apart() -> None:
    event = read_fields(
        sender="Mail Delivery System <MAILER-DAEMON@mx.example>",
        subject="Undelivered Mail Returned to Sender",
        text=IN_WORDS["postfix"].partition("\n\n")[2],
        recipients=[f"r+{TOKEN}@{DOMAIN}"],
        inbound_domain=DOMAIN,
        envelope_sender="",
    )
    assert isinstance(event, DeliveryEvent)
    assert (event.token, event.code) == (TOKEN, "5.1.1")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("550 5.2.1 The email account that you tried to reach is disabled", "5.2.1"),
        ("552 mailbox full", "5.2.2"),
        ("452 4.2.2 over quota", "4.2.2"),
        ("554 delivery error: dd This user doesn't have a yahoo.example account", "5.1.1"),
        ("Host or domain name not found. Name service error for name=x.example", "5.1.2"),
        ("451 Temporary local problem", "4.0.0"),
        ("550-5.7.26 Unauthenticated email, DMARC", "5.7.26"),
        ("host 5.1.1.9 said: 554 blocked using zen.spamhaus.example", "5.7.1"),
        ("nothing known", "5.0.0"),
    ],
)
def test_it_finds_the_reason_in_a_servers_own_words(said: str, code: str) -> None:
    assert reason_of("", said, "").code == code


@settings(max_examples=100)
@given(st.text(max_size=50), st.text(max_size=50))
def test_it_repeats_no_address_and_no_link(before: str, after: str) -> None:
    said = f"{before} <ana.lopez@example.org>: {after} see https://evil.example/x?ana.lopez@example.org"
    for shown in (scrubbed(said), reason_of("5.7.1", said, "").words):
        assert "ana.lopez" not in shown
        assert "evil.example" not in shown
        assert "\n" not in shown
