"""`run` from a shell: killed, interrupted, called twice; nobody gets two messages and nobody is missed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.books import book, column, contestants, parts, records
from tests.cli.processes import Shell, run_arguments
from tests.emulators.smtp import Script, SmtpSink
from tests.waiting import until


@pytest.fixture
def shell(ready_data_dir: Path) -> Iterator[Shell]:
    shell = Shell(ready_data_dir)
    yield shell
    until(lambda: not shell.processes(), 15, "everything that was started to end")


@pytest.fixture
def new_shell(data_dir: Path) -> Iterator[Shell]:
    """In a data folder with nothing in it."""
    shell = Shell(data_dir)
    yield shell
    until(lambda: not shell.processes(), 15, "everything that was started to end")


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def mailing(shell: Shell, sink: SmtpSink) -> Shell:
    shell.settings = {"SMTP_URL": sink.url, "EMAIL_FROM": "Contest <contest@example.org>"}
    return shell


def received(sink: SmtpSink) -> Counter[str]:
    return Counter(mail.recipient for mail in sink.mails)


def test_it_runs_a_campaign_and_repeats_its_state(new_shell: Shell, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 5)
    ended = new_shell.campaign(path)
    assert (ended.code, ended.status, ended.json["rows"]) == (0, {"Sent": 5}, 5)
    assert column(path, "Status") == ["Sent"] * 5
    assert "09:03" in records(path)[3]["Message"]
    before = path.read_bytes()
    again = new_shell.campaign(path)
    assert (again.code, again.json) == (0, ended.json)
    assert path.read_bytes() == before


def test_without_approval_it_stops_after_drafting(shell: Shell, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    ended = shell.run("run", path, "--template", "Hi {{Name}}, {{Start time}}.", "--json")
    assert (ended.code, ended.status) == (0, {"Draft": 2})
    assert column(path, "Message") == ["Hi Person 0, 09:00.", "Hi Person 1, 09:01."]


def test_it_exits_with_3_when_rows_need_a_person(shell: Shell, tmp_path: Path) -> None:
    rows = [["Ana", "ana@example.org", "09:40"], ["Ben", "", "09:45"], ["Ana", "ana@example.org", "09:50"]]
    path = book(tmp_path / "a.xlsx", ["Name", "Email", "Start time"], rows)
    ended = shell.campaign(path)
    assert (ended.code, ended.status) == (3, {"Sent": 1, "No address": 1, "Duplicate": 1})
    assert shell.run("status", path, "--json").json == ended.json


def test_it_refuses_to_send_where_nobody_listens_and_goes_on_later(shell: Shell, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 3)
    with SmtpSink() as gone:
        url = gone.url
    shell.settings = {"SMTP_URL": url, "EMAIL_FROM": "contest@example.org"}
    ended = shell.campaign(path, "--channel", "email")
    assert (ended.code, ended.status) == (1, {"Approved": 3})
    assert "can't be reached" in ended.err
    with SmtpSink() as sink:
        assert mailing(shell, sink).campaign(path, "--channel", "email").code == 0
        assert sorted(received(sink).values()) == [1, 1, 1]


def test_a_lost_reply_after_the_final_dot_is_in_doubt_and_never_repeated(
    shell: Shell, sink: SmtpSink, tmp_path: Path
) -> None:
    path = contestants(tmp_path / "a.xlsx", 6)
    sink.script = Script(drop="accepted", faults=2)
    ended = mailing(shell, sink).campaign(path, "--channel", "email")
    assert (ended.code, ended.status) == (3, {"Sent": 4, "In doubt": 2})
    assert shell.campaign(path, "--channel", "email").status == ended.status
    assert set(received(sink).values()) == {1}


def test_it_tries_again_within_seconds_when_it_is_refused_for_now(shell: Shell, sink: SmtpSink, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 4)
    sink.script = Script(greylist=True)
    ended = mailing(shell, sink).campaign(path, "--channel", "email")
    assert (ended.code, ended.status) == (0, {"Sent": 4})
    assert set(received(sink).values()) == {1}


def test_killed_again_and_again_it_sends_to_everybody_and_to_nobody_twice(
    shell: Shell, sink: SmtpSink, tmp_path: Path
) -> None:
    """SIGKILL for the whole command, twice on the way; then it is let to its end."""
    path = contestants(tmp_path / "a.xlsx", 150)
    others = parts(path)
    mailing(shell, sink)
    sink.script = Script(final_delay=0.1)
    kills, chance = 0, random.Random(7)
    while kills < 2:
        aim = len(sink.mails) + chance.randint(20, 60)
        process = shell.start(*run_arguments(path, "--channel", "email"))
        until(
            lambda aim=aim, process=process: len(sink.mails) >= aim or process.poll() is not None, 40, "mails to arrive"
        )
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    ended = shell.campaign(path, "--channel", "email")
    got = received(sink)
    assert max(got.values()) == 1
    assert sum(ended.status.values()) == 150
    doubtful = ended.status.get("In doubt", 0)
    assert ended.status.get("Sent", 0) + doubtful == 150
    assert doubtful <= kills * 64
    status = {record["Email"]: record["Status"] for record in records(path)}
    assert all(got[address] == 1 for address, word in status.items() if word == "Sent")
    assert Counter(status.values()) == Counter(ended.status)
    assert parts(path) == others


def test_a_killed_worker_is_replaced_and_nobody_gets_two_messages(shell: Shell, sink: SmtpSink, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 60)
    sink.script = Script(final_delay=0.3)
    process = mailing(shell, sink).start(*run_arguments(path, "--channel", "email"))
    until(lambda: len(sink.mails) >= 8, 40, "mails to arrive")
    worker = next(pid for pid in shell.processes() if _is_worker(pid, "bulk"))

    os.kill(worker, signal.SIGKILL)
    process.communicate(timeout=60)
    got = received(sink)
    words = Counter(column(path, "Status"))
    assert words["Sent"] + words["In doubt"] == 60
    assert max(got.values()) == 1
    assert len(got) >= words["Sent"]


def test_a_second_run_of_the_same_campaign_says_that_the_first_is_at_work(
    shell: Shell, sink: SmtpSink, tmp_path: Path
) -> None:
    path = contestants(tmp_path / "a.xlsx", 80)
    sink.script = Script(final_delay=1.0)
    first = mailing(shell, sink).start(*run_arguments(path, "--channel", "email"))
    until(lambda: len(sink.mails) >= 1, 40, "mails to arrive")
    second = shell.campaign(path, "--channel", "email")
    sink.script = Script()
    first.communicate(timeout=60)
    assert (second.code, "being run just now" in second.err) == (1, True)
    assert first.returncode == 0
    assert set(received(sink).values()) == {1}


def test_ctrl_c_stops_within_seconds_and_the_next_run_goes_on(shell: Shell, sink: SmtpSink, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 60)
    sink.script = Script(final_delay=1.0)
    process = mailing(shell, sink).start(*run_arguments(path, "--channel", "email"))
    until(lambda: len(sink.mails) >= 8, 40, "mails to arrive")
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - asked < 12
    assert "Nothing is lost" in err
    sink.script = Script()
    ended = shell.campaign(path, "--channel", "email")
    assert (ended.code, ended.status) == (0, {"Sent": 60})
    assert set(received(sink).values()) == {1}


def _is_worker(pid: int, queue: str) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"jobs.worker" in words and queue.encode() in words
