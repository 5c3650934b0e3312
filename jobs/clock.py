"""The clock: every second it asks the ledger what is open and wakes workers for it. `python -m jobs.clock`

Two of them at once do no harm; a lease keeps the second one quiet all the same.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

from jobs import context
from server import logs
from server.config import load_settings
from server.domain.campaign import Campaign
from server.domain.words import CampaignState, ChannelName
from server.errors import CellbackError, ConfigError, TemporaryError
from server.flow.sweeping import Job, open_work
from server.queue import CATCH_UP, CLOCK_LEASE, INTERPRET

log = logging.getLogger("jobs.clock")

TICK_SECONDS = 1.0
LEASE_SECONDS = 10.0
"""How long a clock that says nothing more is waited for; `/readyz` tells by this lease whether one ticks."""
PURGE_SECONDS = 3600.0
QUIET_SECONDS, DONE_SECONDS = 60.0, 300.0
"""Longest time between two looks at a sheet whose host counts calls, while nothing happens: before a campaign has
ended, and after. What happens there meanwhile is seen then, or at once where the host tells us (a trigger)."""
ASK_SECONDS = 60.0
"""How often a provider is asked about a campaign's sends in doubt."""
READ_SECONDS = 10.0
"""How often a reply is brought to a worker that reads with a model: its job ends at once, and what waits beside it for
the model is not seen from here. Each second anew, some 500 of them would take all of a worker's time."""


@dataclass
class _Look:
    """When a campaign's sheet is to be looked at next, and how its ledger stood then."""

    due: float
    wait: float
    revision: int


class Clock:
    """Ticks until it is asked to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._versions: dict[str, str] = {}
        self._looks: dict[str, _Look] = {}
        self._asked: dict[str, float] = {}
        self._brought: dict[str, float] = {}
        self._caught_up: dict[tuple[ChannelName, str], float] = {}
        self._purged = float("-inf")

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Let the present tick be the last one."""
        self._stop.set()

    def run(self) -> None:
        """Tick; whatever goes wrong in one tick is logged and tried again in the next."""
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self.tick()
            except (CellbackError, OSError) as error:
                log.warning("tick failed", extra=logs.describe(error))
            except Exception:
                log.exception("tick failed unexpectedly")
            self._stop.wait(max(0.05, TICK_SECONDS - (time.monotonic() - started)))

    def tick(self) -> None:
        """Enqueue what is open; purge once an hour."""
        services = context.services()
        context.free_leases()
        if not services.ledger.leases.take(CLOCK_LEASE, context.owner(), LEASE_SECONDS):
            return
        work = open_work(
            ledger=services.ledger,
            clock=services.clock,
            changed=self._changed,
            ask_again=self._ask_again,
            providers=services.providers,
        )
        for job, args in (*self._without_brought(work), *self._to_catch_up()):
            services.queue.enqueue(job, *args)
        services.report_deliveries()
        if time.monotonic() - self._purged > PURGE_SECONDS:
            self._purged = time.monotonic()
            services.purge(services.clock.now() - timedelta(days=services.settings.purge_days))

    def _without_brought(self, work: Iterable[Job]) -> Iterator[Job]:
        """The jobs, but for replies that a model may just be reading."""
        now, by_model = time.monotonic(), not context.services().offline_model
        self._brought = {reply: at for reply, at in self._brought.items() if now - at < READ_SECONDS}
        for job, args in work:
            if job == INTERPRET and by_model:
                if args[0] in self._brought:
                    continue
                self._brought[args[0]] = now
            yield job, args

    def _to_catch_up(self) -> Iterator[Job]:
        """Channels that it is time to ask what their webhooks may have lost: all of them at start."""
        for (name, provider), channel in context.services().channels.items():
            if name is ChannelName.OUTBOX:  # the local mailbox keeps what it could not post
                continue
            asked = self._caught_up.get((name, provider), float("-inf"))
            if time.monotonic() - asked >= channel.limits().ask_every:
                self._caught_up[name, provider] = time.monotonic()
                yield CATCH_UP, (name.value, provider)

    def _ask_again(self, campaign: Campaign) -> bool:
        asked = self._asked.get(campaign.id, float("-inf"))
        if time.monotonic() - asked < ASK_SECONDS:
            return False
        self._asked[campaign.id] = time.monotonic()
        return True

    def _changed(self, campaign: Campaign) -> bool:
        sheet = context.sheet_or_none(campaign.id)
        if sheet is not None and sheet.look_seconds:
            return self._is_due(campaign, sheet.look_seconds)
        try:
            version = sheet.version() if sheet else ""
        except CellbackError:
            return False
        changed = bool(version) and self._versions.get(campaign.id) != version
        self._versions[campaign.id] = version
        return changed

    def _is_due(self, campaign: Campaign, seconds: float) -> bool:
        """Whether it is time to look at a sheet whose host counts calls: often while something happens, then ever
        more rarely. The look itself is the worker's, who needs it anyway."""
        now, revision = time.monotonic(), context.services().ledger.messages.revision(campaign.id)
        look = self._looks.setdefault(campaign.id, _Look(now, seconds, revision))
        if revision != look.revision:
            look.revision, look.wait, look.due = revision, seconds, min(look.due, now + seconds)
        if now < look.due:
            return False
        look.due = now + look.wait
        quiet = DONE_SECONDS if campaign.state is CampaignState.DONE else QUIET_SECONDS
        look.wait = min(look.wait * 1.5, max(quiet, seconds))
        return True


def main() -> int:
    """The command line."""
    try:
        settings = load_settings()
        context.services().prepare()
        logs.setup("clock", settings.log)
        clock = Clock()
        signal.signal(signal.SIGTERM, clock.stop)
        signal.signal(signal.SIGINT, clock.stop)
        clock.run()
    except (ConfigError, TemporaryError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        if context.services.cache_info().currsize:
            context.services().close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
