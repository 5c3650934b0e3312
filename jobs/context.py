"""What a worker process keeps from job to job: services, an event loop with its pooled connections, its name."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from jobs import owners
from jobs.reading import Readings
from server import services as wiring
from server.config import load_settings
from server.errors import CellbackError
from server.flow import writing
from server.ports import Sheet

T = TypeVar("T")
log = logging.getLogger("jobs")


@functools.cache
def services() -> wiring.Services:
    """This process's services, from the environment."""
    return wiring.build(load_settings(), background=True)


@functools.cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on this process's one loop, so that connections outlive a job."""
    return _runner().run(work)


def hang_up() -> None:
    """End what waits for a next job that will not come: connections of the loops, readings under way."""
    if readings.cache_info().currsize:
        readings().end()
    if _runner.cache_info().currsize:
        run(services().models.hang_up())


@functools.cache
def readings() -> Readings:
    """This process's readings by a model."""
    return Readings(goodbye=services().models.hang_up)


def owner() -> str:
    """This process, in leases and claims."""
    return owners.name()


def free_leases() -> None:
    """Give back what processes of this machine held that are surely gone: their work goes on at once."""
    leases = services().ledger.leases
    for lease, holder in leases.held():
        if owners.is_gone(holder):
            leases.release(lease, holder)


def wake(job: str, *args: str) -> None:
    """Ask for the next job at once; when the queue is away, the sweep comes by."""
    services().wake(job, *args)


@contextlib.contextmanager
def telling(campaign_id: str) -> Iterator[None]:
    """What keeps a job from its work (a sheet that is gone, a channel not set up) stands in the campaign's note."""
    try:
        yield
    except CellbackError as error:
        log.warning("job waits", extra={"campaign": campaign_id, "kind": type(error).__name__})
        writing.say(ledger=services().ledger, campaign_id=campaign_id, why=error.sentence)


def sheet_or_none(campaign_id: str) -> Sheet | None:
    """The sheet of a campaign, or None while it can't be had."""
    try:
        campaign = services().ledger.campaigns.get(campaign_id)
        return services().open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)
    except CellbackError:
        return None
