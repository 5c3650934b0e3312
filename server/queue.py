"""Job names, the queue each one goes to, and the RQ adapter of the Queue port.

Jobs are named by strings, so that nothing here imports `jobs/`; `tests/test_layout.py` resolves each of them.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.domain.figures import QueueFigures
from server.errors import TemporaryError

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue as RQ

DRAFT = "jobs.drafting.draft_chunk"
"""(campaign_id, chunk)"""
SEND = "jobs.sending.send_chunk"
"""(campaign_id, chunk)"""
RECEIVE = "jobs.receiving.receive"
"""(event_id)"""
INTERPRET = "jobs.interpreting.interpret"
"""(reply_id)"""
SYNC = "jobs.writing.sync"
"""(campaign_id): read what people changed in the sheet, write what is pending"""

RECONCILE = "jobs.reconciling.reconcile"
"""(campaign_id): ask the provider about sends in doubt"""

CATCH_UP = "jobs.catching_up.catch_up"
"""(channel, provider): ask what its webhooks may have lost"""

FAST = "fast"
"""Inbound, write-back and what a person waits for."""
BULK = "bulk"
"""Drafting and sending."""

JOBS: dict[str, str] = {
    DRAFT: BULK,
    SEND: BULK,
    RECEIVE: FAST,
    INTERPRET: FAST,
    SYNC: FAST,
    RECONCILE: BULK,
    CATCH_UP: BULK,
}
"""Job name -> queue."""

CLOCK_LEASE = "clock"
"""Held in the ledger by the clock that ticks, for 10 s at a time."""

JOB_SECONDS = 15 * 60
"""A job that runs longer is broken off; chunks are made to take a fraction of it."""
FAILURE_SECONDS = 24 * 3600
"""How long RQ remembers a failed job, for whoever looks. The ledger knows what is open, so that no work hangs on it."""
WAITING_SECONDS = 3600
"""How long the mark of a waiting job lives, so that marks do not pile up. One that is gone costs a double at most."""


class RqQueue:
    """The Queue port over RQ: unique while waiting, never blocked by a job that runs, has ended or was lost.

    RQ's own `unique` counts a job for as long as its record lives, so that work which arrives while the same job is
    at its end would be dropped. Here every job has an id of its own, `<job>-<args>-<eight random characters>`, and a
    mark `cellback:waiting:<job>-<args>` names the last one. Only while that one's status is `queued` is a second one
    left out. A worker sets `started` before it calls the function, so whoever finds `queued` knows that the function
    is still to come and will see their work. One that was taken from the queue by a worker that died before starting
    it lies in RQ's intermediate list, and does not count either.
    """

    def __init__(self, redis_url: str, jobs: Mapping[str, str] | None = None) -> None:
        self._url = redis_url
        self._jobs = JOBS if jobs is None else jobs
        self._queues: dict[str, RQ] = {}

    def enqueue(self, job: str, *args: str) -> None:
        """Ask for a job of `queue.JOBS` with string arguments; see the port."""
        from redis.exceptions import WatchError

        name = f"{job.rpartition('.')[2]}-{'-'.join(args)}".rstrip("-")
        queue = self._queue(self._jobs[job])
        with self._words():
            while True:
                with contextlib.suppress(WatchError):  # another process asks for the same just now: look again
                    return self._enqueue_once(queue, job, name, args)

    def ping(self) -> None:
        """Raises TemporaryError when Redis does not answer."""
        with self._words():
            self._connection.ping()

    def figures(self) -> dict[str, QueueFigures]:
        """Each queue in numbers. Raises TemporaryError."""
        with self._words():
            return {name: self._figures(self._queue(name)) for name in sorted(set(self._jobs.values()))}

    def close(self) -> None:
        """Give back connections."""
        if "_connection" in self.__dict__:
            self._connection.close()

    def _figures(self, queue: RQ) -> QueueFigures:
        """RQ keeps a set of workers a queue; a worker of ours writes a `last_heartbeat` every few seconds."""
        from rq import Worker

        beats = [worker.last_heartbeat for worker in Worker.all(queue=queue) if worker.last_heartbeat]
        first = next(iter(queue.get_jobs(0, 1)), None)
        return QueueFigures(
            waiting=queue.count,
            oldest=_ago(first.enqueued_at) if first is not None and first.enqueued_at else 0.0,
            heard=_ago(max(beats)) if beats else None,
        )

    def _enqueue_once(self, queue: RQ, job: str, name: str, args: tuple[str, ...]) -> None:
        from rq.utils import as_text

        mark = f"cellback:waiting:{name}"
        with self._connection.pipeline() as pipe:
            pipe.watch(mark)  # type: ignore[no-untyped-call]
            last = pipe.get(mark)
            if last is not None and self._waits(queue, as_text(last)):
                return
            pipe.multi()
            made = queue.enqueue_call(
                job,
                args=args,
                job_id=f"{name}-{secrets.token_hex(4)}",
                timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=FAILURE_SECONDS,
                pipeline=pipe,
            )
            pipe.set(mark, made.id, ex=WAITING_SECONDS)
            pipe.execute()

    def _waits(self, queue: RQ, job_id: str) -> bool:
        with self._connection.pipeline(transaction=False) as pipe:
            pipe.hget(f"rq:job:{job_id}", "status")
            pipe.lpos(queue.intermediate_queue_key, job_id)
            status, taken = pipe.execute()
        return bool(status == b"queued" and taken is None)

    def _queue(self, name: str) -> RQ:
        from rq import Queue as RQ
        from rq.serializers import JSONSerializer

        if name not in self._queues:
            self._queues[name] = RQ(name, connection=self._connection, serializer=JSONSerializer)
        return self._queues[name]

    @functools.cached_property
    def _connection(self) -> Redis:
        """A pool that is safe over forks; one new try when a kept connection turns out dead, then an error at once."""
        return connect(self._url, socket_timeout=5, socket_connect_timeout=2)

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            raise TemporaryError(
                "The queue (Redis) can't be reached. Work goes on by itself once it is back.",
                detail=type(error).__name__,
            ) from error


def _ago(moment: datetime) -> float:
    """Seconds since then, by this machine's clock."""
    return max(0.0, (datetime.now(UTC) - moment).total_seconds())


def connect(redis_url: str, **options: Any) -> Redis:
    """A Redis client that tries once more on a connection found dead, and no more."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(redis_url, retry=Retry(NoBackoff(), 1), **options)
