"""Group commit: one thread writes for all callers of the process, many changes to one transaction.

Knows transactions, retries and futures; nothing of what is written.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from server.errors import CellbackError, PermanentError, TemporaryError

Item = TypeVar("Item")
Result = TypeVar("Result")
Handler = Callable[[Connection, Sequence[Item]], Sequence[Result | CellbackError]]
"""Makes many changes of one kind in the given transaction; an error of ours in a result's place fails that item.

It may be called again for the same items after a rollback, so it keeps nothing between calls.
"""

BATCH = 256
"""Most changes in one transaction: some 20 ms of work, so that no caller waits long for the others."""

PATIENCE = 30.0
"""Seconds for which a busy database (another process writes, a deadlock) is tried again."""

_BUSY_SQLITE = frozenset({5, 6})  # SQLITE_BUSY, SQLITE_LOCKED (sqlite.org/rescode.html), in the low byte
_BUSY_POSTGRES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    handler: Handler[Any, Any]
    items: tuple[Any, ...]
    future: Future[Any]
    alone: Callable[[], object] | None = None


class Writer:
    """The only one in the process that changes the database. Its thread starts with the first change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, handler: Handler[Item, Result], item: Item) -> Future[Result]:
        """Queue one change; the future resolves when it is durable, or with what went wrong (nothing is changed then).

        Neighbours in the queue with the same handler are handed to it together.
        """
        future: Future[Result] = Future()
        self._put(_Job(handler, (item,), future))
        return future

    def alone(self, act: Callable[[], object]) -> Future[object]:
        """Run something outside any transaction while nothing else is written here."""
        future: Future[object] = Future()
        self._put(_Job(_nothing, (), future, act))
        return future

    def close(self) -> None:
        """Write what is queued, then stop. Later changes are refused."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            self._queue.put(None)
        if thread is not None:
            thread.join()

    def reset_after_fork(self) -> None:
        """In a forked child: the thread did not come along, and what is queued belongs to the parent."""
        self._queue = SimpleQueue()
        self._lock = threading.Lock()
        self._thread = None

    def _put(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                raise TemporaryError("The ledger is closed: Cellback is stopping. Try again when it runs.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
                self._thread.start()
            self._queue.put(job)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            jobs, stopping = self._take()
            live = [job for job in jobs if job.future.set_running_or_notify_cancel()]
            together = [job for job in live if job.alone is None]
            if together:
                self._settle(together)
            for job in live:
                if job.alone is not None:
                    _run_alone(job, job.alone)

    def _take(self) -> tuple[list[_Job], bool]:
        """Wait for a job, then take all that are queued, up to a batch; True when none will follow."""
        job = self._queue.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == BATCH:
                return jobs, False
            try:
                job = self._queue.get_nowait()
            except Empty:
                return jobs, False
        return jobs, True

    def _settle(self, jobs: Sequence[_Job], last: bool = False) -> None:
        """Commit the jobs together; when one of them can't be done, each one by itself, for the last time.

        When the database itself can't (gone, busy, disk full), all fail at once instead of waiting in turn. Alone a
        job is tried again too: another process may have added the very record that it found missing.
        """
        try:
            results = self._transaction(jobs)
        except Exception as error:
            if last or isinstance(error, OperationalError | InterfaceError):
                for job in jobs:
                    job.future.set_exception(as_ours(error))
                return
            for job in jobs:
                self._settle([job], last=True)
            return
        for job, result in zip(jobs, results, strict=True):
            if isinstance(result, CellbackError):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)

    def _transaction(self, jobs: Sequence[_Job]) -> list[Any]:
        """Results in the order of the jobs, committed. Tried again while the database is busy."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self._engine.begin() as connection:
                    results: list[Any] = []
                    for handler, group in groupby(jobs, key=lambda job: job.handler):
                        results += handler(connection, [item for job in group for item in job.items])
                    if len(results) != len(jobs):
                        raise RuntimeError(f"{len(results)} results for {len(jobs)} changes")
                return results
            except DBAPIError as error:
                if not is_busy(error) or time.monotonic() > until:
                    raise
            # Short and random: SQLite's own waiting has no queue and lets a late comer pass for seconds.
            time.sleep(random.uniform(0.001, 0.004))


def _run_alone(job: _Job, act: Callable[[], object]) -> None:
    try:
        job.future.set_result(act())
    except Exception as error:
        job.future.set_exception(as_ours(error))


def _nothing(_connection: Connection, items: Sequence[object]) -> Sequence[object]:
    return items


def is_busy(error: DBAPIError) -> bool:
    """Whether the database only asks to come back: nothing was changed."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _BUSY_SQLITE
    return getattr(error.orig, "sqlstate", None) in _BUSY_POSTGRES


def as_ours(error: Exception) -> Exception:
    """A fault of the database as an error of ours, without the values of the statement; any other error as it is.

    What the database finds wrong with a statement or its values is our fault and stays one: PermanentError.
    """
    if not isinstance(error, SQLAlchemyError):
        return error
    detail = _detail(error)
    log.warning("the ledger refused: %s", detail)
    if isinstance(error, DataError | IntegrityError | ProgrammingError):
        return PermanentError(
            "The ledger (our database) refused a change, and nothing was changed. This is a fault of Cellback: "
            "please report it with the lines of the log at this moment.",
            detail=detail,
        )
    return TemporaryError(
        "The ledger (our database) can't be used for now; nothing was changed. "
        "Check that it runs and that its disk has room; Cellback tries again by itself.",
        detail=detail,
    )


def _detail(error: SQLAlchemyError) -> str:
    """Kind, code and constraint. Not the text: PostgreSQL's quotes values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return " ".join(str(part) for part in (type(cause).__name__, code, constraint) if part)
