"""SIGTERM in the middle of a campaign, with a mail server that takes its time: it ends soon, and no receipt is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.words import MessageState
from server.local.redis import EmbeddedRedis
from server.local.supervisor import child_environment, running
from server.queue import SEND
from tests.nursery import Born, popen
from tests.outages.conftest import Plant
from tests.waiting import gone, until

SECONDS = 8.0
"""What a person, or a process manager, waits without a second thought."""
SLOW = 1.5
"""Seconds until the mail server says that it took a mail."""


@pytest.fixture
def slow(own_plant: Plant) -> Plant:
    own_plant.sink.script.final_delay = SLOW
    return own_plant


@pytest.fixture
def redis(data_dir: Path) -> Iterator[str]:
    """A Redis that outlives the worker."""
    redis = EmbeddedRedis(data_dir)
    yield redis.start()
    redis.stop()


def nothing_lost(plant: Plant) -> None:
    """Every mail that the server took is known to have been sent, and nothing hangs in between."""
    states = plant.states
    assert states[MessageState.SENT] == len(plant.sink.mails) > 0
    assert set(plant.received.values()) == {1}
    assert set(states) == {MessageState.SENT, MessageState.APPROVED}


def ended_in_time(process: Born | subprocess.Popen[str]) -> None:
    began = time.monotonic()
    process.terminate()
    assert process.wait(30) == 0
    assert time.monotonic() - began < SECONDS


def test_serve_stops_with_every_receipt_written_down(slow: Plant) -> None:
    command = [sys.executable, "-m", "server", "serve", str(slow.workbook)]
    log = (slow.settings.data_dir / "serve.log").open("wb")
    with (
        log,
        popen(command, env=child_environment(slow.settings), stdout=log, stderr=log) as serve,
    ):
        try:
            slow.until(lambda: running(slow.settings) or serve.poll() is not None, what="serve to start")
            found = running(slow.settings)
            assert found is not None, Path(log.name).read_text()
            slow.services.use_queue(found["redis_url"])
            slow.sending(10)  # the second handful is under way, the first is answered
            ended_in_time(serve)
        finally:
            serve.kill()
    nothing_lost(slow)
    assert running(slow.settings) is None


def test_a_lone_worker_stops_with_every_receipt_written_down(slow: Plant, redis: str) -> None:
    slow.services.use_queue(redis)
    environment = child_environment(slow.settings.model_copy(update={"redis_url": redis}))
    with popen([sys.executable, "-m", "jobs.worker", "bulk"], env=environment) as worker:
        try:
            slow.approved()
            slow.service.send(slow.campaign_id, undo_seconds=0)
            slow.services.queue.enqueue(SEND, slow.campaign_id, "0")  # there is no clock that would
            until(lambda: len(slow.sink.mails) >= 10, 30, "mails")
            ended_in_time(worker)
        finally:
            worker.kill()
    nothing_lost(slow)


def test_two_signals_are_no_more_than_one(slow: Plant) -> None:
    """Ctrl-C twice, or a process manager that repeats itself: a worker still brings its receipts home."""
    slow.start()
    slow.sending(10)
    worker = slow.worker()
    for _ in range(3):
        os.kill(worker, signal.SIGTERM)
        time.sleep(0.05)
    until(lambda: gone(worker), SECONDS, "the worker to end")
    nothing_lost(slow)
