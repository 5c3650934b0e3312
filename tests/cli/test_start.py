"""Every kind of process refuses bad settings at its start: exit code 1, every fault named, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs import clock, context, worker
from server.__main__ import main
from server.config import load_settings
from server.errors import ConfigError
from tests.books import contestants

BAD = {
    "PORT": "many",
    "SMTP_URL": "http://mail",
    "CELLBACK_SECRET_KEY": "short",
    "CELLBACK_QUIET_HOURS": "at night",
    "CELLBACK_TIME_ZONE": "Mars/Crater",
}
PROGRAMS: dict[str, Callable[[], int]] = {
    "worker": lambda: worker.main(["bulk"]),
    "clock": clock.main,
    "serve": lambda: main(["serve"]),
    "run": lambda: main(["run", "a.xlsx", "--instruction", "Send each person their time"]),
}
WEB = [sys.executable, "-m", "gunicorn", "--config", "python:server.gunicorn", "server:create_app()"]


@pytest.fixture(autouse=True)
def _own_data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(data_dir))
    context.services.cache_clear()


def web(**variables: str) -> tuple[int, str]:
    """How gunicorn ended, and what it said."""
    ended = subprocess.run(WEB, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_lists_every_fault_and_ends(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in BAD.items():
        monkeypatch.setenv(name, value)
    assert PROGRAMS[program]() == 1
    said = capsys.readouterr().err
    assert [name for name in BAD if name not in said] == []
    assert "Traceback" not in said


def test_the_web_server_lists_every_fault_and_ends() -> None:
    code, said = web(**BAD)
    assert code == 1
    assert [name for name in BAD if name not in said] == []
    assert "Traceback" not in said


@pytest.mark.parametrize("program", ["worker", "clock"])
def test_a_process_of_its_own_needs_a_queue_and_a_ledger(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://db/ledger")
    assert PROGRAMS[program]() == 1
    said = capsys.readouterr().err
    assert "DATABASE_URL" in said
    assert "REDIS_URL" in said


def test_the_web_server_needs_a_queue_and_a_ledger() -> None:
    code, said = web(DATABASE_URL="mysql://db/ledger")
    assert code == 1
    assert "DATABASE_URL" in said
    assert "REDIS_URL" in said
    assert "Traceback" not in said


def test_run_and_serve_refuse_a_ledger_that_can_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://db/ledger")
    book = str(contestants(tmp_path / "a.xlsx", 1))
    for arguments in (["serve", book], ["run", book, "--instruction", "Send each contestant their start time"]):
        assert main(arguments) == 1
        assert "DATABASE_URL names mysql" in capsys.readouterr().err


def test_a_fault_of_one_setting_hides_none_between_two(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "many", "SMTP_URL": "smtp://mail", "HOST": "0.0.0.0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        load_settings(_env_file=None)
    said = str(refused.value)
    assert [name for name in ("PORT", "EMAIL_FROM", "PUBLIC_BASE_URL") if name not in said] == []
