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

from tests.books import column, contestants, parts, records
from tests.cli.processes import Shell, run_arguments
from tests.emulators.smtp import Script, SmtpSink
from tests.waiting import until


@pytest.fixture
def shell(ready_data_dir: Path) -> Iterator[Shell]:
    shell = Shell(ready_data_dir)
    yield shell
    until(lambda: not shell.processes(), 30, "everything that was started to end")


@pytest.fixture
def new_shell(data_dir: Path) -> Iterator[Shell]:
    """In a data folder with nothing in it; each command is started anew."""
    shell = Shell(data_dir, anew=True)
    yield shell
    until(lambda: not shell.processes(), 30, "everything that was started to end")


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
        return Path(f"/proc/{pid}/comm").read_text().strip() == f"worker-{queue}"
    except OSError:
        return False
