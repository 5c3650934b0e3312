"""The supervisor with real children: what it starts, keeps running, and takes along."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from server.config import Settings, load_settings
from server.errors import ConfigError, Conflict
from server.local.services import FILE
from server.local.supervisor import Supervisor, answers, child_environment, running
from server.queue import RqQueue
from tests.local.sample_jobs import HOLD, JOBS, NOTE
from tests.waiting import gone, until

MakeSettings = Callable[..., Settings]
Traces = Callable[[str], list[str]]


class SampleSupervisor(Supervisor):
    """Runs workers for the sample jobs, and a web server of one line."""

    app = "tests.local.sample_web:app"

    def programs(self) -> dict[str, Sequence[str]]:
        found = super().programs()
        for name, command in found.items():
            if name.startswith("worker"):
                found[name] = [sys.executable, "-m", "tests.local.sample_jobs", command[-1]]
            elif name == "web":
                found[name] = [*command[:-1], self.app]
        return found


def supervise(settings: Settings, *, web: bool = False) -> SampleSupervisor:
    return SampleSupervisor(settings, web=web, clock=False, workers={"fast": 1})


@pytest.fixture
def supervisor(settings: MakeSettings, traces: Traces) -> Iterator[SampleSupervisor]:
    supervisor = supervise(settings(PORT=0))
    yield supervisor
    supervisor.stop()


def test_it_runs_jobs_and_stops_everything_within_seconds(supervisor: SampleSupervisor, traces: Traces) -> None:
    queue = RqQueue(supervisor.start()["redis_url"], JOBS)
    queue.enqueue(HOLD, "a")
    until(lambda: traces("a"))
    queue.close()
    pids = supervisor.pids()

    began = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - began < 4
    assert traces("a") == ["started", "stopped"]
    assert all(gone(pid) for pid in pids.values())
    assert running(supervisor.settings) is None


def test_it_starts_a_killed_worker_again(supervisor: SampleSupervisor, traces: Traces) -> None:
    queue = RqQueue(supervisor.start()["redis_url"], JOBS)
    first = supervisor.pids()["worker-fast"]
    os.kill(first, signal.SIGKILL)
    until(lambda: "worker-fast" not in supervisor.pids())

    said = until(supervisor.check)
    assert "worker-fast was ended by SIGKILL. It starts again in" in said[0]
    assert "worker-fast.log" in said[0]
    assert until(supervisor.check) == ["worker-fast was started again."]

    queue.enqueue(NOTE, "a")
    until(lambda: traces("a"))
    queue.close()
    assert traces("a") == [str(supervisor.pids()["worker-fast"])] != [str(first)]
    assert supervisor.check() == []


def test_it_starts_a_killed_redis_again_with_what_it_held(supervisor: SampleSupervisor, traces: Traces) -> None:
    queue = RqQueue(supervisor.start()["redis_url"], JOBS)
    queue.enqueue(NOTE, "a")
    until(lambda: traces("a"))
    os.kill(supervisor._redis._process.pid, signal.SIGKILL)

    assert "Redis ended and was started again" in until(supervisor.check)[0]

    queue.enqueue(NOTE, "b")
    until(lambda: (supervisor.check(), traces("b"))[1])  # a worker at the end of its job is started again, too
    queue.close()


def test_a_second_one_in_the_same_folder_learns_of_the_first(supervisor: SampleSupervisor) -> None:
    assert running(supervisor.settings) is None
    services = supervisor.start()
    second = supervise(supervisor.settings)

    with pytest.raises(Conflict, match=rf"already \(process {os.getpid()}"):
        second.start()
    assert running(supervisor.settings) == services
    assert stat.S_IMODE((supervisor.settings.data_dir / FILE).stat().st_mode) == 0o600
    RqQueue(services["redis_url"]).ping()
    assert supervisor.check() == []


KILLED = """
import sys, time
from server.config import load_settings
from tests.local.test_supervisor import supervise
supervisor = supervise(load_settings(_env_file=None), web=True)
supervisor.start()
print(*supervisor.pids().values(), supervisor._redis._process.pid, flush=True)
time.sleep(600)
"""


def test_everything_dies_with_it_even_when_it_is_killed(settings: MakeSettings, traces: Traces) -> None:
    chosen = settings(PORT=0)
    owner = subprocess.Popen(
        [sys.executable, "-c", KILLED], env=child_environment(chosen), stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    with owner, owner.stdout:
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        found = running(chosen)
        assert found is not None
        assert found["pid"] == owner.pid
        owner.kill()

    assert len(pids) == 3
    until(lambda: all(gone(pid) for pid in pids), what="children to end")
    until(
        lambda: not answers("127.0.0.1", int(found["base_url"].rpartition(":")[2])), what="gunicorn's own child to end"
    )
    assert running(chosen) is None
    with supervise(chosen):
        assert running(chosen) is not None


def test_it_serves_on_a_free_port_and_says_where(settings: MakeSettings, traces: Traces) -> None:
    with supervise(settings(PORT=0), web=True) as supervisor:
        assert running(supervisor.settings)["base_url"] == supervisor.base_url
        with urllib.request.urlopen(supervisor.base_url, timeout=5) as answer:
            assert answer.read() == b"hello"


def test_children_do_not_hear_our_terminal(supervisor: SampleSupervisor) -> None:
    supervisor.start()

    assert all(os.getsid(pid) != os.getsid(0) for pid in supervisor.pids().values())


def test_it_says_that_the_port_is_taken_before_it_starts_anything(settings: MakeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        supervisor = supervise(settings(PORT=port), web=True)

        with pytest.raises(ConfigError, match=rf"Port {port} is in use by another program.*PORT={port + 1} make run"):
            supervisor.start()

    assert supervisor.pids() == {}
    assert not (supervisor.settings.data_dir / "redis").exists()
    assert running(supervisor.settings) is None


def test_it_says_why_the_web_server_does_not_start(settings: MakeSettings, traces: Traces) -> None:
    supervisor = supervise(settings(PORT=0), web=True)
    supervisor.app = "tests.local.sample_web:broken()"

    with pytest.raises(ConfigError, match=r"web server did not start\. .*web\.log says: .*no web today"):
        supervisor.start()

    assert "no web today" in (supervisor.settings.data_dir / "log" / "web.log").read_text()
    assert running(supervisor.settings) is None


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "unix:///nowhere/redis.sock"])
def test_it_says_that_nobody_answers_at_redis_url(settings: MakeSettings, url: str) -> None:
    with pytest.raises(ConfigError, match=r"REDIS_URL: no Redis answers at (127\.0\.0\.1:1|/nowhere)") as raised:
        supervise(settings(REDIS_URL=url)).start()
    assert "secret" not in str(raised.value)


def test_it_uses_the_redis_that_is_given(settings: MakeSettings, redis_db: str, traces: Traces) -> None:
    with supervise(settings(REDIS_URL=redis_db)) as supervisor:
        queue = RqQueue(redis_db, JOBS)
        queue.enqueue(NOTE, "a")
        until(lambda: traces("a"))
        queue.close()
        assert supervisor.redis_url == redis_db
    assert not (supervisor.settings.data_dir / "redis").exists()


def test_it_refuses_a_data_folder_that_can_not_be_used(data_dir: Path, settings: MakeSettings) -> None:
    (data_dir / "file").touch()

    with pytest.raises(ConfigError, match="CELLBACK_DATA_DIR"):
        supervise(settings(CELLBACK_DATA_DIR=data_dir / "file")).start()


def test_children_come_to_the_same_settings(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(
        PORT=5123,
        CELLBACK_SECRET_KEY="s" * 40,
        SMTP_URL="smtp://u:p@127.0.0.1:2525",
        EMAIL_FROM="Desk <desk@example.org>",
    )

    for name, value in child_environment(chosen).items():
        monkeypatch.setenv(name, value)

    assert load_settings(_env_file=None) == chosen


def test_it_runs_what_production_runs(settings: MakeSettings) -> None:
    programs = Supervisor(settings(), web=True, workers={"fast": 1, "bulk": 2}).programs()

    assert [*programs] == ["worker-fast", "worker-bulk", "worker-bulk-2", "clock", "web"]
    assert programs["worker-bulk-2"][1:] == ["-m", "jobs.worker", "bulk"]
    assert programs["web"][-1] == "server:create_app()"
