"""Replies read over IMAP, from a small real server, and from some that are none."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels import imap
from server.channels.imap import Inbox, parse_imap_url
from server.channels.smtp import SmtpChannel
from server.domain.reply import DeliveryEvent, Event, InboundMessage
from server.errors import CellbackError, ConfigError, PermanentError, TemporaryError
from tests.channels.certificates import certificate
from tests.emulators.providers.imap import Imap
from tests.emulators.providers.imap_account import Account
from tests.emulators.smtp import SmtpSink

USER, PASSWORD = "office@example.org", "pass word/1"
TOKEN = "abcdefghjkmnpqrstuvwxyz2"
OURS = f"<msg_7f3k9w2m4qabcdef.{TOKEN}@example.org>"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Imap]:
    made = Imap(USER, PASSWORD)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def account(server: Imap) -> Account:
    """An empty mailbox."""
    server.account = Account()
    server.log.clear()
    return server.account


def url(server: Imap, folder: str = "", password: str = "pass%20word%2F1") -> str:
    return f"imap://office%40example.org:{password}@127.0.0.1:{server.port}{folder}"


def inbox(server: Imap, **options: Any) -> Inbox:
    return Inbox(options.pop("url", url(server)), ours="race@example.org", timeout=5.0, **options)


def mail(text: str = "Yes", number: int = 1, **headers: str) -> bytes:
    made = EmailMessage()
    given = {"From": "Ana <ana@example.org>", "To": USER, "Subject": "Re: Times", "Message-ID": f"<{number}@there.org>"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes().replace(b"\n", b"\r\n")


def now() -> datetime:
    return datetime.now(UTC)


def texts(events: list[Event]) -> list[str]:
    return [event.text.strip() for event in events if isinstance(event, InboundMessage)]


def test_it_reads_replies_in_the_order_in_which_they_came(server: Imap, account: Account) -> None:
    for number in range(3):
        account.add(mail(f"Answer {number}", number, In_Reply_To=OURS))
    found = inbox(server).look(now() - HOUR)
    assert texts(found) == ["Answer 0", "Answer 1", "Answer 2"]
    [first, *_] = found
    assert isinstance(first, InboundMessage)
    assert (first.sender, first.token, first.in_reply_to) == ("ana@example.org", TOKEN, (OURS,))


def test_the_same_mail_has_the_same_id_each_time_and_in_each_process(server: Imap, account: Account) -> None:
    account.add(mail())
    account.add(mail(number=2))
    here = inbox(server)
    looks = [[event.event_id for event in box.look(now() - HOUR)] for box in (here, here, inbox(server))]
    assert looks[0] == looks[1] == looks[2]
    assert len(set(looks[0])) == 2


def test_nothing_in_the_mailbox_changes(server: Imap, account: Account) -> None:
    account.add(mail())
    inbox(server).look(now() - HOUR)
    assert account.inbox.messages[0].flags == set()
    verbs = {line.split()[1] if line.startswith("UID") else line.split()[0] for line in server.log}
    assert verbs == {"CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH"}


def test_it_marks_what_it_read_where_that_is_asked_for(server: Imap, account: Account) -> None:
    account.add(mail())
    inbox(server, url=url(server) + "?seen=mark").look(now() - HOUR)
    assert account.inbox.messages[0].flags == {"\\Seen"}


def test_it_leaves_older_mail_alone(server: Imap, account: Account) -> None:
    account.add(mail("An hour before")).at = time.time() - 3600
    account.add(mail("Of last month", 2)).at = time.time() - 30 * 86400
    account.add(mail("Just now", 3))
    assert texts(inbox(server).look(now() - timedelta(minutes=5))) == ["Just now"]
    fetched = [line for line in server.log if "BODY" in line]
    assert len(fetched) == 1


def test_a_server_whose_clock_is_behind_loses_no_mail(server: Imap, account: Account) -> None:
    account.add(mail()).at = time.time() - 300
    assert len(inbox(server).look(now())) == 1


def test_mail_that_was_moved_into_the_folder_later_is_seen_whatever_its_date(server: Imap, account: Account) -> None:
    here = inbox(server)
    account.add(mail("Seen at once"))
    here.look(now() - HOUR)
    account.add(mail("Moved here by hand", 2)).at = time.time() - 5 * 86400
    assert texts(here.look(now() + HOUR)) == ["Moved here by hand"]
    assert here.look(now() + HOUR) == []


def test_a_mailbox_that_is_counted_anew_is_read_by_date_again(server: Imap, account: Account) -> None:
    here = inbox(server)
    for number in range(4):
        account.add(mail(number=number))
    here.look(now() - HOUR)
    del account.inbox.messages[:3]
    account.renumber()
    account.add(mail("New, with a small number", 9))
    assert texts(here.look(now() - HOUR)) == ["Yes", "New, with a small number"]


def test_a_mailbox_that_is_counted_anew_does_not_come_in_whole(server: Imap, account: Account) -> None:
    here = inbox(server)
    account.add(mail())
    here.look(now() - HOUR)
    account.inbox.validity += 1
    for number in range(2, 30):
        account.add(mail(number=number)).at = time.time() - 30 * 86400
    assert len(here.look(now() - HOUR)) == 1


def test_what_was_not_read_in_time_is_read_at_the_next_look(server: Imap, account: Account) -> None:
    for number in range(3):
        account.add(mail(f"{number}", number))
    here = inbox(server, patience=-1.0)
    assert here.look(now() - HOUR) == []
    here._patience = 60.0
    assert texts(here.look(now() + HOUR)) == ["0", "1", "2"]


def test_a_look_that_broke_off_is_made_again(server: Imap, account: Account) -> None:
    for number in range(3):
        account.add(mail(f"{number}", number))
    here = inbox(server)
    account.drop_after = 6
    with pytest.raises(TemporaryError):
        here.look(now() - HOUR)
    account.drop_after = 0
    assert len(here.look(now() - HOUR)) == 3


def test_of_a_mail_too_large_only_the_headers_are_read(
    server: Imap, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "LARGEST", 5_000)
    account.add(mail("x" * 10_000, In_Reply_To=OURS))
    [event] = inbox(server).look(now() - HOUR)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.token) == ("", TOKEN)
    assert any("BODY.PEEK[HEADER]" in line for line in server.log)
    assert not any("BODY.PEEK[]" in line for line in server.log)


def test_newsletters_and_mail_of_our_own_are_not_taken_along(server: Imap, account: Account) -> None:
    account.add(mail("Buy now", 1, List_Id="<news.example.com>"))
    account.add(mail("Buy more", 2, Precedence="bulk"))
    account.add(mail("A copy of what we sent", 3, From="Race <RACE@example.org>"))
    account.add(mail("An answer by a list", 4, List_Id="<club.example.com>", In_Reply_To=OURS))
    account.add(mail("A letter out of the blue", 5))
    account.add(mail("I am away", 6, Auto_Submitted="auto-replied"))
    assert texts(inbox(server).look(now() - HOUR)) == [
        "An answer by a list",
        "A letter out of the blue",
        "I am away",
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\xff\xfe\x00 no mail at all",
        b"From: \xe4\xf6\xfc <a@b.example>\r\nSubject: \xdf\r\n\r\nGr\xfc\xdfe\r\n",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multi",
        b"From: a@b.example\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\x80\x81\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
        b"A" * 100_000,
    ],
)
def test_a_broken_mail_stops_no_other(server: Imap, account: Account, raw: bytes) -> None:
    account.add(raw)
    account.add(mail("The next one"))
    assert "The next one" in texts(inbox(server).look(now() - HOUR))


def test_a_mail_that_goes_while_it_is_looked_for_is_no_trouble(
    server: Imap, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add(mail("Gone"))
    account.add(mail("Still there", 2))
    details = imap._details

    def then_gone(*given: Any) -> Any:
        found = details(*given)
        del account.inbox.messages[0]
        return found

    monkeypatch.setattr(imap, "_details", then_gone)
    assert texts(inbox(server).look(now() - HOUR)) == ["Still there"]


def test_a_folder_of_its_own_may_be_named(server: Imap, account: Account) -> None:
    account.add(mail("Filed away"), folder="Archive")
    assert texts(inbox(server, url=url(server, "/Archive")).look(now() - HOUR)) == ["Filed away"]
    with pytest.raises(PermanentError, match="no folder “Nowhere”"):
        inbox(server, url=url(server, "/Nowhere")).check()


def test_a_refused_login_says_what_to_do_and_repeats_nothing_of_it(server: Imap, account: Account) -> None:
    box = inbox(server, url=url(server, password="wr%C3%B6ng-w0rd"))
    for work in (box.check, lambda: box.look(now())):
        with pytest.raises(PermanentError, match="app password") as caught:
            work()
        shown = caught.value.sentence + caught.value.detail
        assert not any(secret in shown for secret in ("office", "wr", "w0rd", USER))


def test_a_password_in_other_letters_is_taken(server: Imap, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "password", "wröng-w0rd")
    inbox(server, url=url(server, password="wr%C3%B6ng-w0rd")).check()


@contextlib.contextmanager
def talking(*lines: str, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says a line, then one for each that it hears; after the last one it is silent for good."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                kept.append(connection)
                if tls is not None:
                    connection = tls.wrap_socket(connection, server_side=True)
                    kept.append(connection)
                tag = ""
                for line in lines:
                    if line == "hang up":
                        connection.close()
                        return
                    connection.sendall(line.replace("%", tag).encode() + b"\r\n")
                    tag = connection.recv(5000).decode("ascii", "replace").partition(" ")[0]

        kept: list[socket.socket] = []
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        for connection in kept:
            connection.close()
        thread.join(5)


GREETING = ("* OK ready", "* CAPABILITY IMAP4rev1\r\n% OK done")


@pytest.mark.parametrize(
    ("lines", "kind", "word"),
    [
        ((), TemporaryError, "no answer in time"),
        (("hang up",), TemporaryError, "can't be reached"),
        (("HTTP/1.1 400 Bad Request", "hang up"), TemporaryError, ""),
        (("* BYE too busy", "hang up"), TemporaryError, ""),
        ((*GREETING, "% NO [UNAVAILABLE] later"), TemporaryError, "just now"),
        ((*GREETING, "% NO Too many simultaneous connections"), TemporaryError, "just now"),
        ((*GREETING, "% NO [ALERT] Application-specific password required: office"), PermanentError, "app password"),
        ((*GREETING, "% NO LOGIN failed."), PermanentError, "app password"),
        ((*GREETING, "% OK in", "% NO [SERVERBUG] \x1b[31m"), PermanentError, "no folder “INBOX”"),
        ((*GREETING, "% OK in", "* garbage\x00\r\n% OK done", "* SEARCH one two\r\n% OK done"), TemporaryError, ""),
        ((*GREETING, "% OK in", "% OK done", "* SEARCH 1\r\n% OK done", "% BAD what?"), TemporaryError, "as expected"),
        ((*GREETING, "% OK in", "% OK done", "hang up"), TemporaryError, "can't be reached"),
        ((*GREETING, "% OK in", "% OK done", "* SEARCH 1\r\n% OK done"), TemporaryError, "no answer in time"),
    ],
)
def test_whatever_goes_wrong_there_is_told_in_a_sentence(
    lines: tuple[str, ...], kind: type[CellbackError], word: str
) -> None:
    with talking(*lines) as port:
        box = Inbox(f"imap://office:pass@127.0.0.1:{port}", timeout=0.2)
        with pytest.raises(kind) as caught:
            box.look(now())
    error = caught.value
    assert type(error) is kind
    assert isinstance(error, CellbackError)
    assert word in error.sentence
    assert "office" not in error.sentence
    assert error.sentence.isprintable()


def test_nobody_listening_is_for_now() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryError, match="can't be reached"):
            Inbox(f"imap://a:b@127.0.0.1:{unused.getsockname()[1]}", timeout=1.0).check()


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    with (
        talking(*GREETING, tls=certificate(tmp_path).context()) as port,
        pytest.raises(PermanentError, match="can't be trusted"),
    ):
        Inbox(f"imaps://a:b@127.0.0.1:{port}", timeout=2.0).check()


def test_without_encryption_no_password_leaves_for_another_machine() -> None:
    assert parse_imap_url("imap://a:b@mail.example.org").tls == "starttls"
    assert parse_imap_url("imap://a:b@127.0.0.1").tls == "off"


@pytest.mark.parametrize(
    ("text", "host", "port", "user", "folder"),
    [
        ("imaps://a%40b.example:p%2F@mail.example.org", "mail.example.org", 993, "a@b.example", "INBOX"),
        ("imaps://a@b.example:p%2F@mail.example.org/", "mail.example.org", 993, "a@b.example", "INBOX"),
        ("imap://a:p%2F@mail.example.org:1143/Team/Race%202026", "mail.example.org", 1143, "a", "Team/Race 2026"),
    ],
)
def test_it_reads_the_forms_of_an_address(text: str, host: str, port: int, user: str, folder: str) -> None:
    found = parse_imap_url(text)
    assert (found.host, found.port, found.user, found.folder, found.password) == (host, port, user, folder, "p/")
    assert "p/" not in repr(found)


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(user=PRINTABLE, password=PRINTABLE, folder=PRINTABLE)
def test_whatever_user_password_and_folder_are_called_they_can_be_written(
    user: str, password: str, folder: str
) -> None:
    found = parse_imap_url(f"imaps://{quote(user, safe='')}:{quote(password, safe='')}@b/{quote(folder, safe='')}")
    assert (found.user, found.password, found.folder) == (user, password, folder)


@given(st.text())
def test_any_text_is_an_address_or_a_fault_of_the_settings(text: str) -> None:
    with contextlib.suppress(ConfigError):
        parse_imap_url(f"imaps://{text}")


@pytest.mark.parametrize(
    "text",
    [
        "https://a:s3cret@b",
        "imaps://",
        "imaps://a:s3cret@",
        "imaps://mail.example.org",
        "imaps://s3cret@mail.example.org",
        "imaps://a:s3cret@mail.example.org:nine",
        "imaps://a:s3cret@mail.example.org?tls=off",
        "imaps://a:s3cret@mail.example.org?seen=no",
        "imaps://a:s3cret@mail.example.org/A%0D%0AB",
        "imaps://a%0D:s3cret@mail.example.org",
    ],
)
def test_an_address_of_another_form_stops_the_start_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError, match="IMAP_URL") as caught:
        parse_imap_url(text)
    assert "s3cret" not in str(caught.value)


def test_the_smtp_channel_reads_replies_and_logs_in_there_too(server: Imap, account: Account) -> None:
    account.add(mail("Yes", In_Reply_To=OURS))
    with SmtpSink() as sink:

        def run(work: Callable[[SmtpChannel], Any], imap_url: str = "") -> Any:
            async def all_of_it() -> Any:
                of = SmtpChannel(sink.url, "race@example.org", imap_url=imap_url, timeout=5.0)
                try:
                    return await work(of)
                finally:
                    await of.close()

            return asyncio.run(all_of_it())

        assert texts(run(lambda it: it.missed(now() - HOUR), imap_url=url(server))) == ["Yes"]
        assert run(lambda it: it.missed(now() - HOUR)) == []
        run(lambda it: it.check(), imap_url=url(server))
        with pytest.raises(PermanentError, match="app password"):
            run(lambda it: it.check(), imap_url=url(server, password="no"))


def test_a_bounce_that_comes_to_the_mailbox_is_a_report(server: Imap, account: Account) -> None:
    account.add(BOUNCE.encode().replace(b"\n", b"\r\n"))
    [event] = inbox(server).look(now() - HOUR)
    assert isinstance(event, DeliveryEvent)
    assert (event.token, event.permanent) == (TOKEN, True)


BOUNCE = f"""From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: race@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-Id: <20261121102031.0A1B2C3D4E@mail.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; ana@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ana@example.org>: Recipient address rejected: User unknown

--b1
Content-Type: text/rfc822-headers

From: race@example.org
To: ana@example.org
Subject: Times
Message-ID: {OURS}

--b1--
"""
