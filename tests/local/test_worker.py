"""Workers in processes of their own, on a real Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from server.local.redis import EmbeddedRedis
from server.queue import RqQueue
from tests.local.conftest import Start
from tests.local.sample_jobs import FAIL, HOLD, JOBS, NOTE
from tests.waiting import until

Traces = Callable[[str], list[str]]


@pytest.fixture
def queue(redis_db: str) -> Iterator[RqQueue]:
    queue = RqQueue(redis_db, JOBS)
    yield queue
    queue.close()


def test_it_runs_jobs_in_a_process_of_its_own(queue: RqQueue, start_worker: Start, traces: Traces) -> None:
    queue.enqueue(NOTE, "a")
    worker = start_worker()
    queue.enqueue(NOTE, "b")

    until(lambda: traces("a") and traces("b"))
    assert traces("a") == traces("b") == [str(worker.pid)]
    assert worker.pid != os.getpid()


def test_a_job_asked_for_while_it_runs_is_run_again(
    queue: RqQueue, start_worker: Start, traces: Traces, data_dir: Path
) -> None:
    start_worker()
    queue.enqueue(HOLD, "a")
    until(lambda: traces("a") == ["started"])

    queue.enqueue(HOLD, "a")
    queue.enqueue(HOLD, "a")
    (data_dir / "a.go").touch()

    queue.enqueue(NOTE, "last")
    until(lambda: traces("last"))
    assert traces("a") == ["started", "done"] * 2


def test_a_job_is_run_again_after_its_worker_was_killed(
    queue: RqQueue, start_worker: Start, traces: Traces, data_dir: Path
) -> None:
    worker = start_worker()
    queue.enqueue(HOLD, "a")
    until(lambda: traces("a") == ["started"])
    worker.kill()
    worker.wait()

    queue.enqueue(HOLD, "a")
    (data_dir / "a.go").touch()
    start_worker()

    until(lambda: traces("a") == ["started", "started", "done"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_a_long_job_to_stop_and_ends_with_0(
    queue: RqQueue, start_worker: Start, traces: Traces, number: signal.Signals
) -> None:
    worker = start_worker()
    queue.enqueue(HOLD, "a")
    until(lambda: traces("a") == ["started"])

    asked = time.monotonic()
    worker.send_signal(number)

    assert worker.wait(10) == 0
    assert time.monotonic() - asked < 3
    assert traces("a") == ["started", "stopped"]


def test_an_idle_worker_ends_at_once(queue: RqQueue, start_worker: Start, traces: Traces) -> None:
    worker = start_worker()
    queue.enqueue(NOTE, "a")
    until(lambda: traces("a"))

    worker.terminate()

    assert worker.wait(3) == 0


def test_a_failed_job_leaves_no_personal_data_and_the_worker_goes_on(
    queue: RqQueue, start_worker: Start, traces: Traces, redis_db: str
) -> None:
    worker = start_worker()
    queue.enqueue(FAIL, "a")
    queue.enqueue(NOTE, "b")
    until(lambda: traces("b"))
    worker.terminate()
    _, log = worker.communicate(timeout=10)

    assert "ValueError" in log
    assert "tests/local/sample_jobs.py" in log
    assert "ada@" not in log
    with Redis.from_url(redis_db) as redis:
        [key] = redis.keys("rq:job:fail-a-*")
        failed = Job.fetch(key.decode().removeprefix("rq:job:"), connection=redis, serializer=JSONSerializer)
        assert failed.latest_result().exc_string == "ValueError"


def test_it_ends_with_1_when_redis_is_away_at_the_end_of_a_job(
    data_dir: Path, start_worker: Start, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = EmbeddedRedis(data_dir / "redis")
    try:
        monkeypatch.setenv("REDIS_URL", redis.start())
        worker = start_worker()
        queue = RqQueue(redis.url, JOBS)
        queue.enqueue(HOLD, "a")
        until(lambda: traces("a") == ["started"])
        queue.close()
        redis.stop()
        (data_dir / "a.go").touch()

        assert worker.wait(10) == 1
    finally:
        redis.stop()


@pytest.mark.parametrize(
    ("arguments", "code", "words"), [([], 2, "Usage"), (["slow"], 2, "Usage"), (["fast"], 1, "REDIS_URL")]
)
def test_it_says_how_to_start_it(arguments: list[str], code: int, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "jobs.worker", *arguments], capture_output=True, text=True, timeout=30
    )

    assert ended.returncode == code
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
