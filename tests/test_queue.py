"""The RQ adapter of the Queue port, against a real Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from server.errors import TemporaryError
from server.queue import BULK, FAST, JOBS, SEND, SYNC, RqQueue


@pytest.fixture
def queue(redis_db: str) -> Iterator[RqQueue]:
    queue = RqQueue(redis_db)
    yield queue
    queue.close()


@pytest.fixture
def redis(redis_db: str) -> Iterator[Redis]:
    with Redis.from_url(redis_db) as connection:
        yield connection


def lengths(queue: RqQueue) -> dict[str, int]:
    return {name: found.waiting for name, found in queue.figures().items()}


def test_it_puts_each_job_on_its_own_queue(queue: RqQueue) -> None:
    queue.enqueue(SEND, "c_1", "0")
    queue.enqueue(SEND, "c_1", "1")
    queue.enqueue(SYNC, "c_1")

    assert lengths(queue) == {BULK: 2, FAST: 1}


def test_it_queues_the_same_job_once_while_it_waits(queue: RqQueue) -> None:
    for _ in range(3):
        queue.enqueue(SEND, "c_1", "0")

    assert lengths(queue)[BULK] == 1


def test_it_queues_one_job_when_many_ask_at_the_same_moment(queue: RqQueue) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: queue.enqueue(SEND, "c_1", "0"), range(64)))

    assert lengths(queue)[BULK] == 1


@pytest.mark.parametrize("status", ["started", "finished", "failed", "stopped"])
def test_it_queues_a_job_again_when_the_last_one_no_longer_waits(queue: RqQueue, redis: Redis, status: str) -> None:
    queue.enqueue(SEND, "c_1", "0")
    job_id = redis.lpop("rq:queue:bulk").decode()
    redis.hset(f"rq:job:{job_id}", "status", status)

    queue.enqueue(SEND, "c_1", "0")

    assert lengths(queue)[BULK] == 1


def test_it_queues_a_job_again_that_a_dead_worker_had_taken(queue: RqQueue, redis: Redis) -> None:
    queue.enqueue(SEND, "c_1", "0")
    redis.blmove("rq:queue:bulk", "rq:queue:bulk:intermediate", 1)

    queue.enqueue(SEND, "c_1", "0")

    assert lengths(queue)[BULK] == 1


def test_it_queues_a_job_again_after_redis_was_wiped(queue: RqQueue, redis: Redis) -> None:
    queue.enqueue(SEND, "c_1", "0")
    redis.flushall()

    queue.enqueue(SEND, "c_1", "0")

    assert lengths(queue)[BULK] == 1


def test_it_refuses_a_job_that_nobody_knows(queue: RqQueue) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("jobs.sending.send_everything", "c_1")
    assert lengths(queue) == {BULK: 0, FAST: 0}


def test_it_says_in_words_that_redis_is_away() -> None:
    queue = RqQueue("unix:///nowhere/redis.sock")

    for ask in (lambda: queue.enqueue(SYNC, "c_1"), queue.ping, queue.figures):
        with pytest.raises(TemporaryError, match=r"queue \(Redis\) can't be reached"):
            ask()


def test_it_never_asks_rq_to_retry(queue: RqQueue, redis: Redis) -> None:
    queue.enqueue(SEND, "c_1", "0")

    [key] = redis.keys("rq:job:send_chunk-c_1-0-*")
    assert redis.hget(key, "retries_left") is None
    assert redis.hget(key, "result_ttl") == b"0"


def test_every_job_has_one_of_two_queues() -> None:
    assert set(JOBS.values()) == {FAST, BULK}


def test_it_tells_how_long_the_oldest_job_waits_and_that_nobody_works(queue: RqQueue) -> None:
    before = time.time()
    queue.enqueue(SYNC, "c_1")
    queue.enqueue(SYNC, "c_2")
    found = queue.figures()
    assert 0.0 <= found[FAST].oldest <= time.time() - before
    assert (found[BULK].oldest, found[FAST].heard) == (0.0, None)
