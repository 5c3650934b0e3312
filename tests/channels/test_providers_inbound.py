"""How answers come back from the emulated vendors of mail: forms, MIME, metadata, an IMAP mailbox."""

from __future__ import annotations

import contextlib
import imaplib
import json
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from imap_tools import AND, MailBoxUnencrypted
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.emulators.providers import Post, Providers
from tests.emulators.providers.mail import File, read, text_of
from tests.emulators.providers.replying import STYLES, stripped

ANA = "ana@example.org"
HTTP = httpx.Client(verify=False, trust_env=False)
REPLIES = "r+t0k@reply.example.org"
ASKED = "Will you come?\nWe start at 12:30."


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with HTTP, Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    shared.clear()
    shared.sendgrid.raw_inbound = shared.sendgrid.signs_inbound = shared.mailgun.raw_inbound = False
    ask(shared)
    return shared


def ask(world: Providers) -> None:
    """A mail by each vendor, to Ana."""
    HTTP.post(
        f"{world.sendgrid.url}/v3/mail/send",
        headers={"Authorization": f"Bearer {world.sendgrid.key}"},
        json={
            "from": {"email": "run@example.org", "name": "City Run"},
            "reply_to": {"email": REPLIES},
            "subject": "Start",
            "headers": {"Message-ID": "<first@example.org>", "References": "<zero@example.org>"},
            "personalizations": [{"to": [{"email": ANA}]}],
            "content": [{"type": "text/plain", "value": ASKED}],
        },
    ).raise_for_status()
    body = {"from": "City Run <run@example.org>", "to": ANA, "subject": "Start", "text": ASKED, "reply_to": REPLIES}
    HTTP.post(
        f"{world.resend.url}/emails", json=body, headers={"Authorization": f"Bearer {world.resend.key}"}
    ).raise_for_status()
    form = {"from": "City Run <run@example.org>", "to": ANA, "subject": "Start", "text": ASKED, "h:Reply-To": REPLIES}
    vendor = world.mailgun
    HTTP.post(f"{vendor.url}/v3/{vendor.domain}/messages", data=form, auth=("api", vendor.key)).raise_for_status()


@dataclass(frozen=True)
class Form:
    """A post as Flask's own reader sees it."""

    form: dict[str, str]
    files: dict[str, bytes]


def form(post: Post) -> Form:
    """Read it."""
    builder = EnvironBuilder(method="POST", data=post.body, content_type=post.headers["Content-Type"])
    with contextlib.closing(builder), contextlib.closing(Request(builder.get_environ())) as request:
        return Form(request.form.to_dict(), {name: file.read() for name, file in request.files.items()})


def test_an_answer_goes_where_reply_to_says_and_names_what_it_answers(world: Providers) -> None:
    world.sendgrid.reply(ANA, "Yes")
    mail = world.mailbox(ANA).items[-1].mail
    assert mail is not None
    assert (mail["To"], mail["Subject"]) == (REPLIES, "Re: Start")
    assert mail["In-Reply-To"] == "<first@example.org>"
    assert mail["References"] == "<zero@example.org> <first@example.org>"
    world.sendgrid.reply(ANA, "Yes", linked=False, author="Ben <ben@example.org>", subject="Hi")
    other = world.mailbox(ANA).items[-1].mail
    assert other is not None
    assert (other["In-Reply-To"], other["From"], other["Subject"]) == (None, "Ben <ben@example.org>", "Hi")


@pytest.mark.parametrize("style", STYLES)
def test_each_mail_program_quotes_in_its_own_way(world: Providers, style: str) -> None:
    world.sendgrid.reply(ANA, "Yes, gladly", style=style)
    mail = world.mailbox(ANA).items[-1].mail
    assert mail is not None
    text = text_of(mail)
    assert text.startswith("Yes, gladly\n")
    assert ("We start at 12:30." in text) is (style != "bare")
    assert (mail.get_body(("html",)) is not None) is (style != "bare")
    marks = {
        "gmail": r"On \w{3}, \d\d \w{3} \d{4} at \d\d:\d\d, City Run <run@example.org> wrote:\n\n> Will you come\?",
        "outlook": r"_{32}\nFrom: City Run <run@example.org>\nSent: ",
        "apple": r"Sent from my iPhone\n\n> On \d+ \w{3} \d{4}, at \d\d:\d\d, City Run",
        "bare": r"\AYes, gladly\n\Z",
    }
    assert re.search(marks[style], text)


def test_sendgrid_posts_a_parsed_mail_with_the_charset_of_each_text(world: Providers) -> None:
    post = world.sendgrid.reply(ANA, "Ja, schön", charset="iso-8859-1", files=(File("plan.txt", "text/plain", b"x"),))
    assert urlsplit(post.url).path == "/webhooks/sendgrid/inbound"
    assert parse_qs(urlsplit(post.url).query)["secret"] == [world.keys.inbound_secret]
    posted = form(post)
    charsets = json.loads(posted.form["charsets"])
    assert charsets["text"] == "iso-8859-1"
    assert "Ja, schön".encode("iso-8859-1") in post.body
    assert json.loads(posted.form["envelope"]) == {"to": [REPLIES], "from": ANA}
    assert "In-Reply-To: <first@example.org>" in posted.form["headers"]
    assert posted.files == {"attachment1": b"x"}
    assert json.loads(posted.form["attachment-info"])["attachment1"]["filename"] == "plan.txt"


def test_sendgrid_posts_a_raw_mail_in_the_field_email(world: Providers) -> None:
    world.sendgrid.raw_inbound = world.sendgrid.signs_inbound = True
    post = world.sendgrid.reply(ANA, "Yes")
    posted = form(post)
    assert "text" not in posted.form
    assert text_of(read(posted.form["email"].encode())).startswith("Yes\n")
    assert "X-Twilio-Email-Event-Webhook-Signature" in post.headers


def test_resend_posts_metadata_and_keeps_the_body_to_be_fetched(world: Providers) -> None:
    posts = [world.resend.reply(ANA, text) for text in ("Yes", "No, sorry")]
    told = json.loads(posts[-1].body)
    assert told["type"] == "email.received"
    assert "text" not in told["data"]
    assert told["data"]["to"] == [REPLIES]
    fetched = resend(world, f"/emails/receiving/{told['data']['email_id']}")
    assert fetched["text"].startswith("No, sorry\n")
    assert fetched["headers"]["in-reply-to"].endswith("amazonses.com>")
    newest = resend(world, "/emails/receiving?limit=1")
    assert (newest["has_more"], [each["id"] for each in newest["data"]]) == (True, [told["data"]["email_id"]])
    older = resend(world, f"/emails/receiving?after={told['data']['email_id']}")
    assert [each["id"] for each in older["data"]] == [json.loads(posts[0].body)["data"]["email_id"]]


def resend(world: Providers, path: str) -> Any:
    return HTTP.get(world.resend.url + path, headers={"Authorization": f"Bearer {world.resend.key}"}).json()


def test_mailgun_posts_a_parsed_mail_or_its_mime(world: Providers) -> None:
    post = world.mailgun.reply(ANA, "Yes")
    posted = form(post)
    assert urlsplit(post.url).path == "/webhooks/mailgun/inbound"
    assert (posted.form["recipient"], posted.form["sender"], posted.form["stripped-text"]) == (REPLIES, ANA, "Yes")
    assert ["To", REPLIES] in json.loads(posted.form["message-headers"])
    assert {"timestamp", "token", "signature", "body-plain", "body-html"} <= set(posted.form)
    world.mailgun.raw_inbound = True
    post = world.mailgun.reply(ANA, "Yes")
    assert urlsplit(post.url).path == "/webhooks/mailgun/inbound/mime"
    assert text_of(read(form(post).form["body-mime"].encode())).startswith("Yes\n")


def test_an_out_of_office_notice_says_that_no_person_wrote_it(world: Providers) -> None:
    world.mailbox(ANA).away = "Away until Monday."
    world.deliver()
    notices = [item.mail for item in world.mailbox(ANA).items if item.note == "out of office"]
    assert [notice["Auto-Submitted"] for notice in notices if notice] == ["auto-generated"] * 3
    world.mailgun.away(ANA, exchange=False)
    gmail = world.mailbox(ANA).items[-1].mail
    assert gmail is not None
    assert (gmail["Auto-Submitted"], gmail["Precedence"]) == ("auto-replied", "bulk")


def test_a_bounce_is_a_report_as_rfc_3464_has_it(world: Providers) -> None:
    world.sendgrid.bounce(ANA, "552 5.2.2 Mailbox full")
    mail = world.mailbox(ANA).items[-1].mail
    assert mail is not None
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "delivery-status")
    explanation, status, original = mail.iter_parts()
    assert "Mailbox full" in explanation.get_content()
    fields = list(status.walk())[-1]
    assert (fields["Action"], fields["Status"], fields["Final-Recipient"]) == ("failed", "5.2.2", f"rfc822; {ANA}")
    assert "<first@example.org>" in str(original.get_payload())


def test_mail_over_smtp_is_answered_into_an_imap_mailbox(world: Providers) -> None:
    smtp(world, ANA)
    world.smtp.reply(ANA, "Yes “gladly”", style="outlook")
    with imaplib.IMAP4("127.0.0.1", urlsplit(world.smtp.imap_url).port or 0) as client:
        assert client.login(world.smtp.user, world.smtp.password)[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
        assert client.uid("search", "UNSEEN") == ("OK", [b"1"])
        _, data = client.uid("fetch", "1", "(UID FLAGS BODY.PEEK[])")
        mail = message_from_bytes(data[0][1], policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert (mail["In-Reply-To"], text_of(mail)[:12]) == ("<1@example.org>", "Yes “gladly”")
        assert client.uid("search", "UNSEEN")[1] == [b"1"]
        assert client.uid("store", "1", "+FLAGS", "(\\Seen)") == ("OK", [b"1 (UID 1 FLAGS (\\Seen))"])
        assert client.uid("search", "UNSEEN")[1] == [b""]
        with pytest.raises(imaplib.IMAP4.error, match="not known"):
            client.uid("search", "NONSENSE", "1")


def smtp(world: Providers, *to: str) -> None:
    with smtplib.SMTP("127.0.0.1", urlsplit(world.smtp.smtp_url).port or 0) as client:
        client.login(world.smtp.user, world.smtp.password)
        for address in to:
            raw = f"From: run@example.org\r\nReply-To: {REPLIES}\r\nTo: {address}\r\nSubject: Start\r\n"
            client.sendmail("bounces@example.org", [address], f"{raw}Message-ID: <1@example.org>\r\n\r\nComing?\r\n")


def test_imap_tools_reads_marks_and_moves_what_came(world: Providers) -> None:
    world.mailbox("ben@example.org").bounce("550 5.1.1 No such user")
    smtp(world, ANA, "ben@example.org")
    world.deliver()
    world.smtp.reply(ANA, "Yes")
    port = urlsplit(world.smtp.imap_url).port or 0
    with MailBoxUnencrypted("127.0.0.1", port).login(world.smtp.user, world.smtp.password) as box:
        found = list(box.fetch(AND(seen=False), mark_seen=False))
        assert [mail.subject for mail in found] == ["Undelivered Mail Returned to Sender", "Re: Start"]
        assert found[0].to == ("bounces@example.org",)
        assert found[1].text.startswith("Yes")
        box.flag([mail.uid or "" for mail in found], "\\Seen", True)
        assert list(box.fetch(AND(seen=False))) == []
        box.move([found[0].uid or ""], "Archive")
        assert [mail.uid for mail in box.fetch()] == [found[1].uid]
        assert box.folder.status("Archive")["MESSAGES"] == 1


def test_an_idle_mailbox_tells_of_new_mail(world: Providers) -> None:
    smtp(world, ANA)
    port = urlsplit(world.smtp.imap_url).port or 0
    with MailBoxUnencrypted("127.0.0.1", port).login(world.smtp.user, world.smtp.password) as box:
        box.idle.start()  # type: ignore[no-untyped-call]
        world.smtp.reply(ANA, "Yes")
        assert box.idle.poll(timeout=5) == [b"* 1 EXISTS"]
        box.idle.stop()  # type: ignore[no-untyped-call]


def test_one_click_unsubscribes_where_the_mail_offers_it(world: Providers) -> None:
    with pytest.raises(LookupError, match="no one-click"):
        world.resend.unsubscribe(ANA)
    link = f"{world.posts.public}/u/t0k"
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    body = {"from": "run@example.org", "to": ANA, "subject": "Start", "text": ASKED, "headers": headers}
    key = {"Authorization": f"Bearer {world.resend.key}"}
    HTTP.post(f"{world.resend.url}/emails", json=body, headers=key).raise_for_status()
    post = world.resend.unsubscribe(ANA)
    assert (post.url, post.body) == (link, b"List-Unsubscribe=One-Click")


def test_a_quote_is_cut_about_as_mailgun_does() -> None:
    assert stripped("Yes\n\nOn Mon, 4 May 2026 at 12:30, A <a@b.org> wrote:\n\n> Hi") == ("Yes", "")
    assert stripped("Yes\n-- \nAna") == ("Yes", "Ana")
