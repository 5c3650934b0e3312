"""The local mailbox, its provider's signed webhooks, and the people behind it."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from server.channels.outbox import (
    SIGNATURE_HEADER,
    Mailbox,
    OutboxChannel,
    Recipient,
    signature,
    signing_key,
)
from server.domain.message import Outgoing
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.words import ChannelName, DeliveryStatus
from server.errors import NotFound, TemporaryError
from server.store.crypto import SecretCipher
from tests.contracts.channel import LETTER, Case, SendContract, Taken, WebhookContract, send

SECRET = "a secret of more than thirty-two characters"
CIPHER = SecretCipher(SECRET)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path / "data" / "outbox.db", CIPHER)
    yield box
    box.close()


class MailboxProvider:
    """The mailbox as the provider of the contract."""

    secrets = (SECRET,)

    def __init__(self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self._mailbox, self._monkeypatch = mailbox, monkeypatch
        self.channel = OutboxChannel(mailbox, SECRET)

    def befall(self, case: Case) -> None:
        assert case is Case.NOT_NOW
        self._mailbox._db.execute("PRAGMA query_only=ON")

    def behave(self) -> None:
        self._mailbox._db.execute("PRAGMA query_only=OFF")

    def taken(self) -> Sequence[Taken]:
        mails, _ = self._mailbox.list(1000)
        return [Taken(mail.message_id, mail.address, mail.text) for mail in reversed(mails)]


class TestSending(SendContract):
    impossible = frozenset(Case) - {Case.NOT_NOW}

    @pytest.fixture
    def provider(self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> MailboxProvider:
        return MailboxProvider(mailbox, monkeypatch)


EVENT = {"mail": "mail_1", "token": "tok1", "address": "ana@example.org", "at": "2026-11-21T10:00:00+00:00"}


def body(*events: dict[str, object]) -> bytes:
    return json.dumps([{**EVENT, **event} for event in events]).encode()


class TestWebhook(WebhookContract):
    signature_header = SIGNATURE_HEADER
    bodies = (
        body({"id": "delivered:mail_1", "type": "delivered"}, {"id": "delivered:mail_2", "type": "delivered"}),
        body({"id": "opened:mail_1", "type": "opened"}),
        body({"id": "bounced:mail_1", "type": "bounced", "detail": "no such person"}),
        body({"id": "answer_1", "type": "answer", "text": "yes!", "subject": "Re: Your start time"}),
    )
    unknown = body({"id": "x_1", "type": "forwarded"})

    @pytest.fixture
    def channel(self, mailbox: Mailbox) -> OutboxChannel:
        return OutboxChannel(mailbox, SECRET)

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return signed(body, secret=SECRET if key == "right" else "another secret", age=age)


def signed(body: bytes, *, secret: str = SECRET, age: float = 0.0) -> WebhookRequest:
    timestamp = str(int(time.time() - age))
    header = f"t={timestamp},v1={signature(signing_key(secret), timestamp, body)}"
    headers = {SIGNATURE_HEADER.lower(): header, "content-type": "application/json"}
    return WebhookRequest("POST", "http://127.0.0.1/webhooks/outbox", headers, body, "application/json")


@pytest.mark.parametrize("bad", [b"{}", b"null", b'"x"', b"[1]", b"[null]", b'[{"id":"a"}, 2]'])
def test_it_refuses_json_that_is_no_list_of_events(mailbox: Mailbox, bad: bytes) -> None:
    TestWebhook().test_it_refuses_a_body_of_another_form(OutboxChannel(mailbox, SECRET), bad)


@pytest.mark.parametrize(
    "event", [{"type": "answer"}, {"type": "delivered"}, {"type": 7}, {}, {"type": "answer", "address": ["a"]}]
)
def test_it_keeps_an_event_that_lacks_what_it_needs(mailbox: Mailbox, event: dict[str, object]) -> None:
    """Refusing it would make the provider post the whole batch again, for ever."""
    request = signed(json.dumps([event]).encode())
    [parsed] = OutboxChannel(mailbox, SECRET).parse(request)
    assert isinstance(parsed, UnknownEvent)
    assert parsed.event_id


class Receiver:
    """A web server that keeps what is posted to it, as our webhook route would see it."""

    def __init__(self) -> None:
        self.requests: list[WebhookRequest] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append(WebhookRequest("POST", self.path, headers, data))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/outbox"

    def __enter__(self) -> Receiver:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def sent(mailbox: Mailbox, letter: Outgoing = LETTER) -> str:
    return mailbox.put(letter)


def heard(mailbox: Mailbox, receiver: Receiver) -> list:
    """The events that our side finds in what was posted, after checking each signature."""
    channel = OutboxChannel(mailbox, SECRET)
    for request in receiver.requests:
        channel.verify(request)
    return [event for request in receiver.requests for event in channel.parse(request)]


def test_an_answer_arrives_with_all_that_takes_it_to_its_row(mailbox: Mailbox, receiver: Receiver) -> None:
    mail_id = sent(mailbox)
    Recipient(mailbox, SECRET, receiver.url).answer(mail_id, "Yes — 👍")
    [event] = heard(mailbox, receiver)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.token, event.sender) == ("Yes — 👍", LETTER.token, LETTER.address)
    assert event.in_reply_to == (mail_id,)
    assert event.subject == "Re: Your start time"
    assert event.headers == {}
    assert mailbox.get(mail_id).answers == ("Yes — 👍",)


def test_an_out_of_office_looks_like_one(mailbox: Mailbox, receiver: Receiver) -> None:
    Recipient(mailbox, SECRET, receiver.url).answer(sent(mailbox), "I am away", automatic=True)
    [event] = heard(mailbox, receiver)
    assert isinstance(event, InboundMessage)
    assert event.headers == {"auto-submitted": "auto-replied"}
    assert event.subject.startswith("Automatic reply: ")


def test_two_answers_are_two_events_with_the_same_words(mailbox: Mailbox, receiver: Receiver) -> None:
    recipient, mail_id = Recipient(mailbox, SECRET, receiver.url), sent(mailbox)
    recipient.answer(mail_id, "yes")
    recipient.answer(mail_id, "yes")
    first, second = heard(mailbox, receiver)
    assert first.event_id != second.event_id


def test_opening_a_mail_is_reported_as_read_and_only_one_event_however_often(
    mailbox: Mailbox, receiver: Receiver
) -> None:
    recipient, mail_id = Recipient(mailbox, SECRET, receiver.url), sent(mailbox)
    assert mailbox.get(mail_id).opened_at is None
    opened = [recipient.opened(mail_id).opened_at for _ in range(2)]
    assert opened[0] == opened[1] is not None
    first, second = heard(mailbox, receiver)
    assert isinstance(first, DeliveryEvent)
    assert first.status is DeliveryStatus.READ
    assert first.event_id == second.event_id


def test_deliveries_are_reported_in_batches_once(mailbox: Mailbox, receiver: Receiver) -> None:
    ids = [sent(mailbox, replace(LETTER, message_id=f"msg_{n}")) for n in range(7)]
    recipient = Recipient(mailbox, SECRET, receiver.url)
    assert recipient.deliver() == 7
    assert recipient.deliver() == 0
    assert len(receiver.requests) == 1
    events = heard(mailbox, receiver)
    assert [event.provider_id for event in events] == ids
    assert {event.status for event in events} == {DeliveryStatus.DELIVERED}


@pytest.mark.parametrize("status", [302, 401, 500])
def test_what_was_not_taken_is_reported_again(mailbox: Mailbox, receiver: Receiver, status: int) -> None:
    recipient, mail_id = Recipient(mailbox, SECRET, receiver.url), sent(mailbox)
    receiver.status = status
    with pytest.raises(TemporaryError):
        recipient.deliver()
    with pytest.raises(TemporaryError, match=str(status)):
        recipient.answer(mail_id, "yes")
    assert mailbox.get(mail_id).answers == ()
    receiver.status = 200
    assert recipient.deliver() == 1


def test_it_says_so_when_our_own_server_is_away(mailbox: Mailbox) -> None:
    with Receiver() as receiver:
        url = receiver.url
    with pytest.raises(TemporaryError, match="Is it running"):
        Recipient(mailbox, SECRET, url).answer(sent(mailbox), "yes")


def test_an_answer_to_a_mail_that_is_gone_says_so(mailbox: Mailbox, receiver: Receiver) -> None:
    with pytest.raises(NotFound):
        Recipient(mailbox, SECRET, receiver.url).answer("mail_gone", "yes")
    assert receiver.requests == []


def test_a_second_put_of_the_same_message_is_a_second_mail(mailbox: Mailbox) -> None:
    """As with most providers: so that a test sees what a person would."""
    send(OutboxChannel(mailbox, SECRET), LETTER, LETTER)
    assert mailbox.count_by_message() == {LETTER.message_id: 2}


def test_the_mailbox_lists_newest_first_and_page_by_page(mailbox: Mailbox) -> None:
    for n in range(5):
        sent(mailbox, replace(LETTER, message_id=f"msg_{n}"))
    mails, total = mailbox.list(2, 1)
    assert [mail.message_id for mail in mails] == ["msg_3", "msg_2"]
    assert total == 5


@pytest.mark.parametrize("query", ["BEA", "bea@example", "ünïque", "wednesday"])
def test_the_mailbox_finds_mails_by_name_address_text_and_answer(mailbox: Mailbox, query: str) -> None:
    sent(mailbox)
    found_id = sent(mailbox, replace(LETTER, person="Bea", address="bea@example.org", text="something Ünïque"))
    mailbox.note_answer(found_id, "Wednesday is fine")
    mails, total = mailbox.list(10, query=query)
    assert [mail.id for mail in mails] == [found_id]
    assert total == 1


def test_the_mailbox_file_shows_no_person(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.note_answer(sent(mailbox), "my private answer")
    folder = tmp_path / "data"
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    for private in ("ana.lopez", "López", "10:20", "Your start time", "my private answer"):
        assert private.encode() not in content
    assert stat.S_IMODE((folder / "outbox.db").stat().st_mode) == 0o600


def test_a_purge_removes_what_is_old_with_its_answers(mailbox: Mailbox) -> None:
    mailbox.note_answer(sent(mailbox), "yes")
    assert mailbox.purge(datetime.now(UTC) - timedelta(minutes=1)) == 0
    assert mailbox.purge(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert mailbox.list(10) == ([], 0)
    assert mailbox._db.execute("SELECT count(*) FROM answer").fetchone() == (0,)


_WRITER = """
import sys
from pathlib import Path
from server.channels.outbox import Mailbox
from server.domain.message import Outgoing
from server.store.crypto import SecretCipher
box = Mailbox(Path(sys.argv[1]), SecretCipher(sys.argv[2]))
for _ in range(25):
    box.put(Outgoing("msg_1", "tok1", "ana@example.org", "Hi"))
"""


def test_several_processes_use_one_mailbox_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "outbox.db"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), SECRET]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    box = Mailbox(path, CIPHER)
    assert box.count_by_message() == {"msg_1": 50}
    box.close()


def test_a_mailbox_from_before_there_were_phones_is_opened_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    old = sqlite3.connect(path)
    old.execute(
        "CREATE TABLE mail (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL, "
        "token TEXT NOT NULL, sealed BLOB NOT NULL, at REAL NOT NULL, reported INTEGER NOT NULL DEFAULT 0, "
        "opened_at REAL)"
    )
    sealed = CIPHER.seal(json.dumps(["ana@example.org", "Ana", "Start", "Are you in?", ""]))
    old.execute("INSERT INTO mail (id, message_id, token, sealed, at) VALUES ('mail_1', 'm_1', 't', ?, 0)", (sealed,))
    old.commit()
    old.close()
    (mail,), total = Mailbox(path, CIPHER).list(10, phones=False)
    assert (mail.person, mail.channel, mail.choices, total) == ("Ana", ChannelName.OUTBOX, (), 1)
