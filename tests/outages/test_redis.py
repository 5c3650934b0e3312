"""Redis is a convenience: killed, emptied, full, it costs time, never a message, and nobody hears twice."""

from __future__ import annotations

import contextlib
import time

import pytest
from redis.exceptions import RedisError

from server.domain.words import MessageState
from tests.outages.conftest import ROWS, Plant


def all_is_well(plant: Plant) -> None:
    """No worker died in the middle of a send, so that nothing may be in doubt either."""
    plant.until(plant.done, what="the campaign to end")
    assert plant.states == {MessageState.SENT: ROWS}
    assert set(plant.received.values()) == {1}
    assert len(plant.received) == ROWS
    plant.until(lambda: plant.words == {"Sent": ROWS}, what="the cells to say Sent")


@pytest.mark.parametrize("empty", [True, False], ids=["and comes back empty", "and comes back"])
def test_redis_is_killed_in_mid_campaign(plant: Plant, empty: bool) -> None:
    plant.sending()
    plant.kill_redis(empty=empty)
    all_is_well(plant)
    assert any("Redis ended and was started again" in sentence for sentence in plant.said)


def test_redis_is_wiped_again_and_again(plant: Plant) -> None:
    plant.approved()
    with plant.redis as redis:
        plant.service.send(plant.campaign_id, undo_seconds=0)
        redis.flushall()  # with the job that was just asked for
        plant.until(lambda: len(plant.sink.mails) >= 8, what="mails to arrive")
        for mails in range(10, 50, 8):
            redis.flushall()
            plant.until(lambda mails=mails: len(plant.sink.mails) >= mails, what="more mails")
    all_is_well(plant)


def test_redis_is_full_and_has_room_again(plant: Plant) -> None:
    plant.sending()
    with plant.redis as redis:
        redis.config_set("maxmemory", 1)
        with pytest.raises(RedisError):
            redis.set("a", "b")
        plant.until(lambda: any("worker" in sentence for sentence in plant.said), what="a worker that can't go on")
        redis.config_set("maxmemory", 0)
    all_is_well(plant)


def test_workers_are_known_again_after_a_wipe(plant: Plant) -> None:
    queue = plant.services.queue
    plant.until(lambda: all(found.heard is not None for found in queue.figures().values()), what="workers")
    with plant.redis as redis, contextlib.suppress(RedisError):
        redis.flushall()
    assert {found.heard for found in queue.figures().values()} == {None}
    began = time.monotonic()
    plant.until(lambda: all(found.heard is not None for found in queue.figures().values()), what="workers")
    assert time.monotonic() - began < 10
