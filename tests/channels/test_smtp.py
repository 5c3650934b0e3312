"""Mail over SMTP, against a server that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from server.channels.smtp import SmtpChannel
from server.domain.message import Attachment, Receipt
from server.domain.reply import WebhookRequest
from server.errors import (
    ConfigError,
    InvalidInput,
    PermanentError,
    SendInDoubt,
    SignatureError,
    TemporaryError,
)
from tests.channels.certificates import certificate
from tests.contracts.channel import LETTER, Case, SendContract, Taken, send
from tests.emulators.smtp import Script, SmtpSink, read_record

SENDER = "Race Office <race@example.org>"
TIMEOUT = 1.0
"""Long enough for a busy machine to answer in; silence is tested with less where the outcome is the same."""

MISFORTUNES = {
    Case.UNREACHABLE: {"drop": "banner"},
    Case.NOT_NOW: {"rcpt": {LETTER.address: f"451 4.7.1 <{LETTER.address}>: come back later"}},
    Case.LOST_BEFORE: {"drop": "data"},
    Case.SILENT_BEFORE: {"hang": "data"},
    Case.ADDRESS_REFUSED: {"rcpt": {LETTER.address: f"550 5.1.1 <{LETTER.address}> ana.lopez: nobody here"}},
    Case.ACCOUNT_REFUSED: {"login": "535 5.7.8 race-office may not come in with pass/word 1"},
    Case.TAKEN_ANSWER_LOST: {"drop": "accepted"},
    Case.TAKEN_SILENT: {"hang": "accepted"},
}


class EmulatedServer:
    """An SMTP server that wants a login."""

    secrets = ("race-office", "pass/word 1", "cGFzcy93b3JkIDE=")

    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink
        sink.script.users = {"race-office": "pass/word 1"}
        url = f"smtp://race-office:pass%2Fword%201@127.0.0.1:{sink.port}"
        self.channel = SmtpChannel(url, SENDER, timeout=TIMEOUT, concurrency=4)

    def befall(self, case: Case) -> None:
        self._sink.script = Script(users=self._sink.script.users, **MISFORTUNES[case])

    def behave(self) -> None:
        self._sink.script = Script(users=self._sink.script.users)

    def taken(self) -> Sequence[Taken]:
        return [Taken(mail.message_id, mail.recipient, mail.text) for mail in self._sink.mails]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        yield server


def channel(sink: SmtpSink, url: str = "", **options: object) -> SmtpChannel:
    return SmtpChannel(url or sink.url, SENDER, **{"timeout": TIMEOUT, **options})


def letters(count: int) -> list:
    return [replace(LETTER, message_id=f"msg_{n}", address=f"person{n}@example.org") for n in range(count)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply to the final dot gets no more time than any other."""
    monkeypatch.setattr("server.channels.smtp_connection.FINAL_PATIENCE", 1)


class TestContract(SendContract):
    @pytest.fixture
    def provider(self, sink: SmtpSink, impatient: None) -> EmulatedServer:
        return EmulatedServer(sink)


def test_it_says_later_when_nobody_listens_or_the_name_is_unknown() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for host in (f"127.0.0.1:{unused.getsockname()[1]}", "mail.nowhere.invalid:25"):
            [error] = send(SmtpChannel(f"smtp://{host}", SENDER, timeout=TIMEOUT), LETTER)
            assert isinstance(error, TemporaryError)
            assert f"{host} can't be reached" in error.sentence


@pytest.mark.parametrize("step", ["banner", "mail", "rcpt", "data"])
@pytest.mark.parametrize("kind", ["hang", "drop"])
def test_it_says_later_when_the_server_fails_before_the_mail_was_given_away(
    sink: SmtpSink, kind: str, step: str
) -> None:
    setattr(sink.script, kind, step)
    [error] = send(channel(sink, timeout=0.2), LETTER)
    assert isinstance(error, TemporaryError)
    assert sink.mails == []


def test_it_says_later_when_the_server_dies_in_the_middle_of_a_long_mail(sink: SmtpSink) -> None:
    """The final dot has not left us, so the mail can't have been taken (RFC 5321, section 4.1.1.4)."""
    sink.script.hang = "body"
    [error] = send(channel(sink, timeout=0.3), replace(LETTER, text=f"{'a long mail ' * 80}\n" * 12_000))
    assert isinstance(error, TemporaryError)


@pytest.mark.parametrize("misfortune", [{"drop": "dot"}, {"hang": "dot"}, {"final": "150 hm"}, {"final": "garbage"}])
def test_it_says_in_doubt_when_the_final_dot_has_left_us_without_a_clear_reply(
    sink: SmtpSink, impatient: None, misfortune: dict[str, str]
) -> None:
    """Although here the mail was not taken: from our side that can't be known."""
    sink.script = Script(**misfortune)
    [error] = send(channel(sink), LETTER)
    assert isinstance(error, SendInDoubt)
    assert sink.mails == []


def test_it_names_the_message_to_look_for_when_in_doubt(sink: SmtpSink) -> None:
    sink.script.drop = "accepted"
    [error] = send(channel(sink), LETTER)
    assert isinstance(error, SendInDoubt)
    assert LETTER.message_id in error.sentence


@pytest.mark.parametrize(
    ("script", "kind", "whole_campaign"),
    [
        ({"banner": "421 4.3.2 going down"}, TemporaryError, None),
        ({"banner": "554 5.7.1 not from your network"}, PermanentError, True),
        ({"mail": "451 4.3.0 disk full"}, TemporaryError, None),
        ({"mail": "553 5.7.1 not your sender"}, PermanentError, True),
        ({"mail": "552 5.3.4 too large"}, PermanentError, False),
        ({"mail": "530 5.7.0 log in first"}, PermanentError, True),
        ({"greylist": True}, TemporaryError, None),
        ({"data": "451 4.3.0 not now"}, TemporaryError, None),
        ({"data": "554 5.5.1 no"}, PermanentError, False),
        ({"final": "421 4.3.2 going down"}, TemporaryError, None),
        ({"final": "452 4.3.1 no room"}, TemporaryError, None),
        ({"final": "554 5.7.1 looks like spam"}, PermanentError, False),
    ],
)
def test_it_tells_not_now_from_never_and_this_mail_from_all_mail(
    sink: SmtpSink, script: dict[str, object], kind: type[Exception], whole_campaign: bool | None
) -> None:
    sink.script = Script(**script)
    [error] = send(channel(sink), LETTER)
    assert type(error) is kind
    assert getattr(error, "whole_campaign", None) is whole_campaign
    assert sink.mails == []


def test_it_goes_on_with_the_other_rows_when_one_address_is_refused(sink: SmtpSink) -> None:
    sink.script.rcpt = {"person3@example.org": "550 5.1.1 nobody here", "person5@example.org": "450 4.2.0 mailbox busy"}
    results = send(channel(sink, concurrency=1), *letters(8))
    kinds = [type(result) for result in results]
    assert kinds[3] is PermanentError
    assert kinds[5] is TemporaryError
    assert kinds.count(Receipt) == len(sink.mails) == 6
    assert sink.connections == 1, "a refusal is no reason to connect anew"


def test_it_carries_many_mails_over_few_connections(sink: SmtpSink) -> None:
    send(channel(sink, concurrency=3), *letters(60))
    assert len(sink.mails) == 60
    assert sink.connections <= 3


@pytest.mark.parametrize("concurrency", [1, 4])
def test_it_connects_anew_when_the_server_has_had_enough_of_a_connection(sink: SmtpSink, concurrency: int) -> None:
    sink.script.per_connection = 5
    results = send(channel(sink, concurrency=concurrency), *letters(30))
    assert all(isinstance(result, Receipt) for result in results)
    assert sorted(mail.message_id for mail in sink.mails) == sorted(letter.message_id for letter in letters(30))


def test_it_connects_anew_when_the_server_was_restarted(sink: SmtpSink) -> None:
    async def work() -> None:
        mailer = channel(sink)
        await mailer.send(LETTER)
        sink.__exit__()
        sink.__enter__()
        await mailer.send(LETTER)
        await mailer.close()

    asyncio.run(work())
    assert len(sink.mails) == 2


def test_it_does_not_use_a_connection_that_was_idle_for_long(sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        mailer = channel(sink)
        await mailer.send(LETTER)
        monkeypatch.setattr("server.channels.smtp_connection.IDLE_SECONDS", 0.0)
        await mailer.send(LETTER)
        await mailer.close()

    asyncio.run(work())
    assert sink.connections == 2


def test_it_does_not_take_the_answer_to_a_cancelled_send_for_the_answer_to_the_next(sink: SmtpSink) -> None:
    async def work() -> None:
        mailer = channel(sink, timeout=5.0)
        await mailer.send(LETTER)
        sink.script.final_delay = 0.2
        sending = asyncio.create_task(mailer.send(LETTER))
        while len(sink.mails) < 2:
            await asyncio.sleep(0.005)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await mailer.send(LETTER)
        await mailer.close()

    asyncio.run(work())
    assert len(sink.mails) == 3
    assert sink.connections == 2


@pytest.mark.parametrize(
    "address", [LETTER.address, "race@example.org", "ANA.LOPEZ@EXAMPLE.ORG", "eve@elsewhere.example"]
)
def test_it_repeats_no_address_that_the_server_says(sink: SmtpSink, address: str) -> None:
    sink.script.final = f"554 5.7.1 <{address}>: not for {address.partition('@')[2]}"
    [error] = send(channel(sink), LETTER)
    assert isinstance(error, PermanentError)
    assert "554 5.7.1" in error.sentence
    assert address not in error.sentence + error.detail


def test_it_waits_longer_for_the_reply_to_the_final_dot_than_for_any_other(sink: SmtpSink) -> None:
    sink.script.final_delay = TIMEOUT * 1.2
    [receipt] = send(channel(sink), LETTER)
    assert isinstance(receipt, Receipt)


def test_it_gives_the_same_mail_the_same_id_on_every_try(sink: SmtpSink) -> None:
    """So that a second copy could be known, and a doubtful one be looked for in the server's log."""
    sink.script.drop, sink.script.faults = "accepted", 1
    _, receipt = send(channel(sink, concurrency=1), LETTER, LETTER)
    assert isinstance(receipt, Receipt)
    assert [mail.parsed["Message-ID"] for mail in sink.mails] == [receipt.provider_id] * 2


def test_it_says_goodbye(sink: SmtpSink) -> None:
    send(channel(sink), LETTER)
    assert sink.log[-1] == "QUIT"


def test_it_logs_in_when_the_url_has_a_user(sink: SmtpSink) -> None:
    sink.script.users = {"race@office": "p@ss:w/rd"}
    url = f"smtp://race%40office:p%40ss%3Aw%2Frd@127.0.0.1:{sink.port}"
    assert isinstance(send(channel(sink, url), LETTER)[0], Receipt)
    assert sink.mails[0].user == "race@office"


def test_it_says_later_when_the_login_fails_for_now(sink: SmtpSink) -> None:
    sink.script.users, sink.script.login = {"race": "x"}, "454 4.7.0 try again"
    assert type(send(channel(sink, f"smtp://race:x@127.0.0.1:{sink.port}"), LETTER)[0]) is TemporaryError


def test_it_stops_the_campaign_when_the_server_knows_no_login(sink: SmtpSink) -> None:
    [error] = send(channel(sink, f"smtp://race:x@127.0.0.1:{sink.port}"), LETTER)
    assert isinstance(error, PermanentError)
    assert error.whole_campaign


def test_it_encrypts_when_the_server_offers_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.cert))
    for implicit in (False, True):
        with SmtpSink(tls=files.context(), implicit_tls=implicit) as sink:
            assert isinstance(send(channel(sink), LETTER)[0], Receipt)
            assert sink.mails[0].encrypted


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("password", ["right", "wrong"])
def test_it_leaves_no_encrypted_connection_open_while_the_server_lingers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, implicit: bool
) -> None:
    """TLS wants a goodbye from both sides; to wait for the server's could hold the socket for half a minute."""
    files = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.cert))
    with SmtpSink(Script(users={"race": "right"}, linger=0.1), tls=files.context(), implicit_tls=implicit) as sink:
        url = sink.url.replace("://", f"://race:{password}@")
        with warnings.catch_warnings(record=True) as left_open:
            warnings.simplefilter("always", ResourceWarning)
            [result] = send(channel(sink, url), LETTER)
            gc.collect()
    assert isinstance(result, Receipt if password == "right" else PermanentError)
    assert left_open == []


@pytest.mark.parametrize("implicit", [False, True])
def test_it_refuses_a_certificate_that_nobody_vouches_for(tmp_path: Path, implicit: bool) -> None:
    with SmtpSink(tls=certificate(tmp_path).context(), implicit_tls=implicit) as sink:
        [error] = send(channel(sink), LETTER)
    assert isinstance(error, PermanentError)
    assert error.whole_campaign
    assert "self-signed" in error.sentence.replace(" ", "-")
    assert sink.mails == []


def test_it_does_not_send_unencrypted_when_encryption_is_required(sink: SmtpSink) -> None:
    [error] = send(channel(sink, f"{sink.url}?tls=required"), LETTER)
    assert isinstance(error, PermanentError)
    assert error.whole_campaign
    assert "no encryption" in error.sentence
    assert not any(line.startswith("MAIL") for line in sink.log)


def test_it_never_gives_a_password_to_another_machine_in_the_clear() -> None:
    assert SmtpChannel("smtp://u:p@mail.example.org", SENDER)._server.start_tls is True
    assert SmtpChannel("smtp://mail.example.org", SENDER)._server.start_tls is None
    assert SmtpChannel("smtp://u:p@127.0.0.1", SENDER)._server.start_tls is None


def test_it_says_so_when_smtps_meets_a_server_without_tls(sink: SmtpSink) -> None:
    [error] = send(channel(sink, f"smtps://127.0.0.1:{sink.port}"), LETTER)
    assert isinstance(error, PermanentError | TemporaryError)
    assert "SMTP_URL" in error.sentence


def test_it_writes_to_an_international_address_only_where_that_is_offered(sink: SmtpSink) -> None:
    letter = replace(LETTER, address="grüße@bücher.example", person="Grüße")
    assert isinstance(send(channel(sink), letter)[0], Receipt)
    assert "SMTPUTF8" in next(line for line in sink.log if line.startswith("MAIL"))
    assert sink.mails[0].recipient == "grüße@xn--bcher-kva.example"
    sink.script.extensions = ()
    [error, other] = send(channel(sink), letter, LETTER)
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert isinstance(other, Receipt)


def test_it_writes_plain_ascii_for_a_server_without_8bitmime(sink: SmtpSink) -> None:
    sink.script.extensions = ()
    send(channel(sink), replace(LETTER, text="Grüße 👋\n"))
    assert sink.mails[0].raw.isascii()
    assert sink.mails[0].text == "Grüße 👋\n"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.org",
        "smtp://",
        "smtp://secret:word@host:nonsense",
        "smtp://secret:word@host:99999",
        "smtp://secret:word@host?tls=maybe",
        "smtp://secret:word@host?verify=no",
        "smtps://secret:word@host?tls=off",
    ],
)
def test_it_refuses_a_url_that_it_does_not_understand_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="SMTP_URL") as caught:
        SmtpChannel(url, SENDER)
    assert "word" not in str(caught.value).replace("password", "")


def test_it_believes_no_webhook() -> None:
    request = WebhookRequest("POST", "https://c.example/webhooks/smtp", {}, b"[]")
    mailer = SmtpChannel("smtp://127.0.0.1", SENDER)
    with pytest.raises(SignatureError):
        mailer.verify(request)
    with pytest.raises(InvalidInput):
        mailer.parse(request)


def test_the_emulator_keeps_what_it_took_when_it_is_killed(tmp_path: Path) -> None:
    record = tmp_path / "mails.jsonl"
    command = [sys.executable, "-m", "tests.emulators.smtp", "--record", str(record), "--script", '{"delay": 0.001}']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as server:
        try:
            assert server.stdout is not None
            url = f"smtp://127.0.0.1:{server.stdout.readline().strip()}"
            assert all(isinstance(result, Receipt) for result in send(SmtpChannel(url, SENDER), *letters(5)))
        finally:
            server.kill()
    assert sorted(mail.message_id for mail in read_record(record)) == [f"msg_{n}" for n in range(5)]


def test_it_gives_everybody_their_copy_and_takes_files_along(sink: SmtpSink) -> None:
    files = (Attachment("bill.pdf", "application/pdf", b"%PDF" * 1000),)
    letter = replace(LETTER, cc=("bo@example.org", "cy@example.org"), sender="office@example.org", attachments=files)
    [receipt] = send(channel(sink), letter)
    assert isinstance(receipt, Receipt)
    [mail] = sink.mails
    assert (mail.recipient, mail.copies) == (LETTER.address, ("bo@example.org", "cy@example.org"))
    assert mail.sender == "race@example.org", "reports come back to us, whoever the mail is from"
    assert mail.parsed["From"] == "office@example.org"
    assert [part.get_filename() for part in mail.parsed.iter_attachments()] == ["bill.pdf"]


def test_it_sends_nothing_when_somebody_who_gets_a_copy_is_refused(sink: SmtpSink) -> None:
    sink.script.rcpt = {"bo@example.org": "550 5.1.1 nobody here"}
    [error] = send(channel(sink), replace(LETTER, cc=("bo@example.org",)))
    assert isinstance(error, PermanentError)
    assert not error.whole_campaign
    assert "copy" in error.sentence
    assert "bo@example.org" not in error.sentence + error.detail
    assert sink.mails == []


def test_it_says_what_it_can_carry(sink: SmtpSink) -> None:
    limits = channel(sink).limits()
    assert limits.files
    assert limits.copies
    assert limits.subjects
