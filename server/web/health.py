"""Whether this process is alive, and whether what it needs is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Response

from server.errors import CellbackError, ConfigError
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Health

log = logging.getLogger(__name__)
routes = blueprint("health", "Health", secured=False)


@routes.get("/healthz", responses={200: Health})
def alive() -> Health:
    """This process answers"""
    return Health(status="ok")


@routes.get("/readyz", responses={200: Health, 503: Health})
def ready() -> Response:
    """Ledger and queue answer; which one does not is named"""
    services = here().services
    checks = {"ledger": _check(lambda: services.ledger.ping()), "queue": _check(lambda: services.queue.ping())}
    well = all(word == "ok" for word in checks.values())
    health = Health(status="ok" if well else "failing", checks=checks)
    return Response(health.model_dump_json(), 200 if well else 503, mimetype="application/json")


def _check(ping: Callable[[], None]) -> str:
    try:
        ping()
    except (CellbackError, ConfigError) as error:
        log.warning("not ready", exc_info=error)
        return str(error)
    return "ok"
