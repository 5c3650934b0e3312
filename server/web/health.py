"""Whether this process is alive, and whether what it needs is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Response

from server import logs
from server.errors import CellbackError, ConfigError, TemporaryError
from server.ports import Ledger, Queue
from server.queue import CLOCK_LEASE, JOBS
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Health

log = logging.getLogger(__name__)
QUEUES = sorted(set(JOBS.values()))
HEARD_SECONDS = 20.0
"""Workers beat every 5 s, in the middle of a job as well (`jobs.worker`)."""

routes = blueprint("health", "Health", secured=False)


@routes.get("/healthz", responses={200: Health})
def alive() -> Health:
    """This process answers"""
    return Health(status="ok")


@routes.get("/readyz", responses={200: Health, 503: Health})
def ready() -> Response:
    """Ledger and queue answer, each queue has a worker, the clock ticks; what is missing is named"""
    services = here().services
    checks = {"ledger": _check(services.ledger.ping), "queue": _check(services.queue.ping)}
    checks |= _workers(services.queue)
    checks["clock"] = _check(lambda: _ticking(services.ledger))
    well = all(word == "ok" for word in checks.values())
    health = Health(status="ok" if well else "failing", checks=checks)
    return Response(health.model_dump_json(), 200 if well else 503, mimetype="application/json")


def _workers(queue: Queue) -> dict[str, str]:
    """A word on the workers of each queue."""
    try:
        found = queue.figures()
    except (CellbackError, ConfigError):  # why is told by the queue's own check
        return {f"worker-{name}": "Not known without the queue." for name in QUEUES}
    return {f"worker-{name}": _word(name, found[name].heard) for name in QUEUES}


def _word(queue: str, heard: float | None) -> str:
    if heard is None:
        return f"No worker works on “{queue}”. Start one: python -m jobs.worker {queue}"
    if heard > HEARD_SECONDS:
        return f"No worker on “{queue}” was heard of for {heard:.0f} s. Look at its log, or start it again."
    return "ok"


def _ticking(ledger: Ledger) -> None:
    if ledger.leases.holder(CLOCK_LEASE) is None:
        raise TemporaryError("The clock does not tick: nothing finds open work again. Start it: python -m jobs.clock")


def _check(ping: Callable[[], None]) -> str:
    try:
        ping()
    except (CellbackError, ConfigError) as error:
        log.warning("not ready", extra=logs.describe(error))
        return str(error)
    return "ok"
