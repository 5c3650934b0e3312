"""`serve`: starts everything and keeps it running, until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from server.config import load_settings
from server.errors import ConfigError, NotFound
from server.local.supervisor import Supervisor, running
from server.services import Services, build, is_online, take_workbook

SAMPLE = "contestants.xlsx"


def serve(workbook: str | None) -> int:
    """Open the workbook (the last one, or the sample), print the desk's address, run until SIGTERM or Ctrl-C.

    Raises ConfigError, NotFound, InvalidInput.
    """
    settings = load_settings()
    supervisor = Supervisor(settings, web=True)
    supervisor.fork_ahead()
    services = build(settings)
    note = _open(services, workbook)
    already = running(settings)
    if already is not None:
        if not already["base_url"]:
            raise ConfigError(
                [f"A `run` is at work in {settings.data_dir} (process {already['pid']}). Wait for its end."]
            )
        _say(services, already["base_url"], note)
        sys.stderr.write(f"Cellback runs already (process {already['pid']}).\n")
        return 0
    services.ledger.ping()
    services.close()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sys.stderr.write("Cellback is starting ...\n")
    supervisor.start()
    try:
        _say(services, supervisor.base_url, note)
        while not stop.wait(1.0):
            for sentence in supervisor.check():
                sys.stderr.write(f"{sentence}\n")
    finally:
        sys.stderr.write("Cellback is stopping ...\n")
        supervisor.stop()
    return 0


def _open(services: Services, workbook: str | None) -> str:
    """Choose what the desk shows; a note about it for the person."""
    if workbook:
        taken, note = take_workbook(workbook)
        sheet = services.open_sheet(taken)
        sheet.read()
        services.set_default_workbook(sheet.workbook)
        return note
    try:
        if is_online(services.default_workbook) or Path(services.default_workbook).exists():
            return ""
    except NotFound:
        pass  # the first start
    sample = services.settings.data_dir / SAMPLE
    if not sample.exists():
        from server.local.sample import create

        sample.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        create(sample)
    services.set_default_workbook(str(sample.resolve()))
    return ""


def _say(services: Services, base_url: str, note: str) -> None:
    if note:
        sys.stderr.write(f"{note}\n")
    sys.stderr.write(f"Workbook: {services.default_workbook}\nOpen this address in your browser (Ctrl-C stops):\n")
    sys.stderr.flush()
    sys.stdout.write(f"{base_url}/?token={services.settings.access_token()}\n")
    sys.stdout.flush()
