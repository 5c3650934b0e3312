"""A worker process: RQ's SimpleWorker on one queue, under our settings. `python -m jobs.worker fast|bulk`

One queue a process: on several RQ takes jobs with BLPOP and loses them when it is killed.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from redis.exceptions import RedisError
from rq import SimpleWorker, worker_registration
from rq.job import Job
from rq.queue import Queue
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from server import logs
from server.config import load_settings
from server.errors import ConfigError
from server.queue import JOBS, connect

log = logging.getLogger("jobs.worker")

STOP_SECONDS = 25.0
"""A job that has not looked at `stopping()` for so long after SIGTERM is broken off with the process."""


BEAT_SECONDS = 5.0
"""How often a worker says that it lives; `/readyz` waits for four of them."""


class _Stop:
    """A plain flag rather than an Event: it is set in a signal handler, where taking a lock could wait for ever."""

    asked = False


def stopping() -> bool:
    """Whether this worker was asked to end: a job that can stop in between returns early, and is found by the sweep."""
    return _Stop.asked


class ChunkWorker(SimpleWorker):
    """RQ's in-process worker: quick to stop, quick to notice lost Redis, and without personal data in log and Redis."""

    max_connection_wait_time = 5.0
    _failure = ""

    def beat(self) -> None:
        """Say that this worker lives, and register again where Redis was wiped. Raises RedisError."""
        self.heartbeat()
        [queue] = self.queues
        if self.connection.sismember(WORKERS_BY_QUEUE_KEY % queue.name, self.key):
            return
        with self.connection.pipeline() as pipe:
            pipe.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipe)
            pipe.execute()

    def handle_warm_shutdown_request(self) -> None:
        """SIGTERM or SIGINT: the job under way is told by `stopping()`."""
        _Stop.asked = True

    def set_shutdown_requested_date(self) -> None:
        """Nothing: called in a signal handler, in the middle of a job, it must not talk to Redis."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log what may be logged: no message of a foreign exception, since it may quote a cell or an address."""
        kind, error, trace = exc_info
        self._failure = kind.__name__
        log.error("job failed", extra={"job": job.id}, exc_info=(kind, error, _outside_rq(trace)))

    def handle_job_failure(
        self, job: Job, queue: Queue, started_job_registry: StartedJobRegistry | None = None, exc_string: str = ""
    ) -> None:
        """Keep only the type of what went wrong in Redis, for the same reason."""
        kept = self._failure if exc_string.startswith("Traceback") else exc_string
        super().handle_job_failure(job, queue, started_job_registry, exc_string=kept)

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Run it and log how long it took."""
        started = time.monotonic()
        done = super().perform_job(job, queue)
        if done:
            log.info("job done", extra={"job": job.id, "seconds": round(time.monotonic() - started, 3)})
        return done


def _outside_rq(trace: TracebackType | None) -> TracebackType | None:
    """The trace from the job's own function on."""
    while trace is not None and trace.tb_next is not None and "/rq/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    return trace


def work(queue: str, redis_url: str, jobs: Mapping[str, str] = JOBS, *, debug: bool = False) -> int:
    """Work on one queue until asked to stop; the exit code: 0 when it was asked, 1 when Redis went away or worse.

    The settings are those measured to find a killed worker's job again within 76 s instead of 810 s
    (`--worker-ttl 30 --maintenance-interval 15 --job-monitoring-interval 5`).
    """
    for name in sorted(name for name, where in jobs.items() if where == queue):
        importlib.import_module(name.rpartition(".")[0])
    threading.Thread(target=_end_at_last, daemon=True, name="end").start()
    try:
        worker = ChunkWorker(
            [queue],
            connection=connect(redis_url, socket_connect_timeout=5),
            serializer=JSONSerializer,
            worker_ttl=30,
            maintenance_interval=15,
            job_monitoring_interval=5,
            log_job_description=False,
        )
        log.info("worker started", extra={"queue": queue, "pid": os.getpid()})
        with _beating(worker):
            worker.work(logging_level="DEBUG" if debug else "WARNING")
    except RedisError as error:
        log.warning("worker lost Redis", extra=logs.describe(error))
    log.info("worker ended", extra={"queue": queue, "asked": stopping()})
    return 0 if stopping() else 1


@contextlib.contextmanager
def _beating(worker: ChunkWorker) -> Iterator[None]:
    """Beat in a thread: RQ's own beats stop while a job runs, and its record does not come back after FLUSHALL."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS) and not stopping():
            try:
                worker.beat()
            except RedisError as error:  # the worker's own thread waits for Redis, or ends
                log.debug("beat lost", extra=logs.describe(error))

    thread = threading.Thread(target=beat, daemon=True, name="beat")
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _end_at_last() -> None:
    """Everything ends: so does a worker whose job does not look."""
    while not stopping():
        time.sleep(1)
    time.sleep(STOP_SECONDS)
    log.error("worker broken off: its job did not stop in time")
    os._exit(1)


def main(arguments: list[str]) -> int:
    """The command line."""
    from jobs import context  # brings the ledger, which the tests' own workers do without

    queues = sorted(set(JOBS.values()))
    if len(arguments) != 1 or arguments[0] not in queues:
        sys.stderr.write(f"Usage: python -m jobs.worker {'|'.join(queues)}\n")
        return 2
    try:
        settings = load_settings()
        context.services().prepare()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    logs.setup(f"worker-{arguments[0]}", settings.log)
    code = work(arguments[0], settings.redis_url, debug=settings.log == "debug")
    context.hang_up()
    return code


if __name__ == "__main__":
    # As `__main__` this module would have a flag of its own, beside the one that jobs see.
    from jobs import worker

    sys.exit(worker.main(sys.argv[1:]))
