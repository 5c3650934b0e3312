"""gunicorn's settings, for the supervisor and the Procfile alike: `gunicorn --config python:server.gunicorn`.

One process with threads: SQLite has one writer, and one process with 16 threads was the quickest arrangement measured
with it. Every thread can be kept busy by a page that follows progress.
"""

from __future__ import annotations

import logging

from server import logs
from server.config import load_settings
from server.errors import ConfigError
from server.services import build
from server.starting import begin

begin()
try:
    settings = load_settings()
except ConfigError as error:
    raise SystemExit(str(error)) from error  # anything else gunicorn shows as a traceback

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "gthread"
workers = 1
threads = 16
graceful_timeout = 3
"""Seconds that requests under way get at a stop; a page that follows progress would go on for ever."""
keepalive = 5
control_socket_disable = True
loglevel = "warning"


def on_starting(_arbiter: object) -> None:
    """Refuse what can't work before a worker is made: gunicorn would start such workers again and again."""
    services = build(settings)
    try:
        services.prepare()
    except ConfigError as error:
        raise SystemExit(str(error)) from error
    finally:
        services.close()


def post_worker_init(_worker: object) -> None:
    """From here on everything is logged our way; what goes wrong before is told in full by gunicorn itself."""
    logs.setup("web", settings.log)
    server = logging.getLogger("gunicorn.error")
    server.handlers.clear()
    server.propagate = True
