"""The files that an operator starts from: settings, Procfile, the programs they name."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from server.config import Settings, load_settings
from server.local.supervisor import Supervisor, child_environment
from server.queue import JOBS

ROOT = Path(__file__).parent.parent
VARIABLES = {str(field.validation_alias) for field in Settings.model_fields.values()}
SETTING = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)


def example() -> dict[str, str]:
    return dict(SETTING.findall((ROOT / ".env.example").read_text(encoding="utf-8")))


def test_the_example_explains_every_setting_and_no_other() -> None:
    assert set(example()) == VARIABLES


def test_the_example_can_be_used_as_it_is(data_dir: Path) -> None:
    path = data_dir / ".env"
    lines = [f"{name}={value}" for name, value in example().items() if value]
    path.write_text("\n".join(lines), encoding="utf-8")

    settings = load_settings(_env_file=path)

    assert settings.email_from == "Race office <office@example.org>"


def test_the_example_shows_the_defaults_that_there_are() -> None:
    shown = example()
    for name, field in Settings.model_fields.items():
        if str(field.default) not in {"", "None"}:
            assert shown[str(field.validation_alias)] == str(field.default), name


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def test_production_runs_what_the_supervisor_runs(data_dir: Path) -> None:
    settings = load_settings(_env_file=None, CELLBACK_DATA_DIR=data_dir)
    ours = {name: command[2:] for name, command in Supervisor(settings, web=True).programs().items()}
    theirs = {name: shlex.split(command) for name, command in procfile().items()}

    assert set(theirs) == set(ours)
    assert all(theirs[name][-len(ours[name]) :] == list(ours[name]) for name in ours)


def test_every_queue_has_a_worker_in_production() -> None:
    commands = [*procfile().values(), *(ROOT / "compose.yaml").read_text(encoding="utf-8").splitlines()]
    for queue in set(JOBS.values()):
        assert sum(command.endswith(f"python -m jobs.worker {queue}") for command in commands) == 2


def test_gunicorn_takes_its_settings_and_finds_the_application(data_dir: Path) -> None:
    settings = load_settings(_env_file=None, CELLBACK_DATA_DIR=data_dir, PORT=0, REDIS_URL="redis://127.0.0.1:1/0")
    command = [sys.executable, "-m", "gunicorn", "--check-config", "--config", "python:server.gunicorn"]

    checked = subprocess.run(
        [*command, "server:create_app()"], env=child_environment(settings), capture_output=True, text=True, timeout=60
    )

    assert checked.returncode == 0, checked.stderr
