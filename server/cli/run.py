"""`run`: a whole campaign without a browser, in one process tree that cleans up behind itself."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, Protocol

from server.campaigns import CampaignService, Overview
from server.cli.progress import Progress
from server.cli.request import Request, edits, others
from server.cli.status import summary
from server.cli.where import rows_where
from server.config import Settings, load_settings
from server.domain.campaign import Campaign
from server.domain.words import CampaignState, MessageState, Outcome
from server.errors import CellbackError, Conflict, InvalidInput, PermanentError, TemporaryError, Unanswered
from server.flow import drafting
from server.flow.writing import WAITS
from server.local.supervisor import Supervisor, running
from server.ports import Channel, Sheet
from server.services import Services, build, take_workbook

LOOK_SECONDS = 0.2
STUCK_SECONDS = 30.0
"""No message moved for so long: look whether the provider can be reached at all."""
SHEET_SECONDS = 30.0
"""How long the last cells may take to get into the sheet, once nothing else is left to do."""
CHECKS = 3
"""Tries to reach the provider before the first message, a second apart."""


class Broken(CellbackError):
    """The campaign can't go on by itself for now; it goes on when `run` is called again."""


def run(request: Request) -> int:
    """Run the campaign as far as it goes; 0, 3 when rows need a person, 1 with a sentence on an error."""
    return drive(
        request.workbook,
        request,
        find=lambda service, workbook: _campaign(service, workbook, request),
        begin=lambda service, campaign_id: service.draft(campaign_id, who="run", first=request.first),
    )


class Wanted(Protocol):
    """How far a campaign is to be taken, and how that is told."""

    @property
    def approve_all(self) -> bool: ...
    @property
    def wait(self) -> float: ...
    @property
    def as_json(self) -> bool: ...


def drive(
    workbook: str,
    wanted: Wanted,
    *,
    find: Callable[[CampaignService, str], Campaign],
    begin: Callable[[CampaignService, str], object],
) -> int:
    """Take the campaign that `find` finds (or makes) in the workbook as far as it goes, in one process tree; `begin`
    asks for its drafts, by its id, once that tree stands. The exit code, as `run` says."""
    _asked.clear()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _interrupt)
    settings = load_settings()
    supervisor = Supervisor(settings, web=wanted.wait > 0)
    supervisor.fork_ahead()
    services = build(settings)
    try:
        taken, note = take_workbook(workbook)
        if note:
            _say(note)
        campaign = find(CampaignService(services), taken)
        with _only_one(settings, campaign), _processes(settings, supervisor) as tree:
            services.use_queue(tree.redis_url)
            code = _Watch(services, tree, wanted, campaign.id, begin).to_the_end()
    finally:
        supervisor.stop()
        services.close()
    return code


_asked = threading.Event()
"""A signal came. An exception raised by one in a finalizer is dropped there: who waits looks here as well."""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


def _campaign(service: CampaignService, workbook: str, request: Request) -> Campaign:
    """The campaign of these very words, with what was asked for, ready to be drafted. Raises InvalidInput."""
    campaign = _found(service, workbook, request)
    if request.leave_out:
        campaign = service.leave_out(campaign.id, request.leave_out)
    try:
        campaign = service.asked_about(campaign)
    except InvalidInput as error:
        named = " ".join(f"--leave-out {shlex.quote(words)}" for words in campaign.plan.missing)
        raise InvalidInput(f"{error.sentence} To leave it out, add {named}.", field=error.field) from error
    if changes := edits(campaign, request):
        campaign = service.edit_plan(campaign.id, changes)
    if request.one_text and not campaign.plan.template:
        campaign = service.write_text(campaign.id, "one")
    if campaign.plan.doubt:
        _say(f"The text for all rows needs a look: {campaign.plan.doubt}")
    return campaign


def _found(service: CampaignService, workbook: str, request: Request) -> Campaign:
    """The campaign of these very words, where there is one; else a new one."""
    sheet = service.services.open_sheet(workbook, request.sheet, request.header_row)
    known = service.find(
        sheet.workbook,
        sheet.name,
        instruction=request.instruction,
        template=request.template,
        channel=request.channel,
        provider=request.provider,
    )
    if known is not None:
        if differ := others(known, request):
            _say(
                f"This campaign was begun with other {' and '.join(differ)}: it goes on as it was begun. "
                "For another campaign use other words in the instruction or template, or cancel this one first."
            )
        return known
    return service.create(
        sheet.workbook,
        sheet.name,
        instruction=request.instruction,
        template=request.template,
        subject=request.subject,
        channel=request.channel,
        provider=request.provider,
        address_column=request.address_column,
        answers=request.answers,
        language=request.language,
        tone=request.tone,
        rows=_rows(sheet, request),
        header_row=request.header_row,
        ways=request.ways,
        who="run",
    )


def _rows(sheet: Sheet, request: Request) -> tuple[str, ...]:
    """Which rows: those named, those that conditions mean, else the visible ones. Raises InvalidInput."""
    if not request.where:
        return request.rows or ("visible",)
    if request.rows not in {(), ("visible",), ("all",)}:
        raise InvalidInput("Name rows by their keys, or by --where, not by both.", field="where")
    return rows_where(sheet, request.where, among_all=request.rows == ("all",))


@contextmanager
def _only_one(settings: Settings, campaign: Campaign) -> Iterator[None]:
    """Two `run`s of one campaign would do no harm, but the second would only watch: say so instead.

    The lock ends with its process, however that ends. Raises Conflict.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock: IO[str]
    with (settings.data_dir / f"run-{campaign.id}.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                "This campaign is being run just now by another `run`. Nothing is sent twice; watch it with `status`."
            ) from error
        yield


@dataclass
class _Tree:
    """The processes that do the work: ours, or those of a `serve` that runs in this data folder already."""

    redis_url: str
    supervisor: Supervisor | None
    checked: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Once a second: respawn what died."""
        if self.supervisor is not None and time.monotonic() - self.checked > 1.0:
            self.checked = time.monotonic()
            for sentence in self.supervisor.check():
                _say(sentence)


@contextmanager
def _processes(settings: Settings, supervisor: Supervisor) -> Iterator[_Tree]:
    """Our own processes, or those of a Cellback that works in this data folder already."""
    try:
        supervisor.start()
    except Conflict:
        other = running(settings)
        if other is None:
            raise
        _say(f"Working with the Cellback that runs already (process {other['pid']}).")
        yield _Tree(other["redis_url"], None)
        return
    try:
        yield _Tree(supervisor.redis_url, supervisor)
    finally:
        supervisor.stop()


class _Watch:
    """Takes one campaign from where it stands to its end, and says how it goes."""

    def __init__(
        self,
        services: Services,
        tree: _Tree,
        request: Wanted,
        campaign_id: str,
        begin: Callable[[CampaignService, str], object],
    ) -> None:
        self.services = services
        self.service = CampaignService(services)
        self.tree = tree
        self.request = request
        self.campaign_id = campaign_id
        self.begin = begin
        self.progress = Progress()

    def to_the_end(self) -> int:
        """Draft, approve, send, wait, and let the sheet catch up; the exit code."""
        fault = ""
        try:
            self._draft()
            if self.request.approve_all:
                self._send()
            if self.request.wait:
                self._answers()
        except Broken as error:
            fault = error.sentence
        finally:
            self.progress.close()
        fault = self._sheet() or fault
        view = self.service.overview(self.campaign_id)
        self._report(view)
        if fault:
            _say(f"cellback: {fault}")
            return 1
        return 3 if view.needs_person else 0

    def _draft(self) -> None:
        self.begin(self.service, self.campaign_id)
        total = sum(self._states().values())
        moved, before = time.monotonic(), -1
        while (campaign := self._campaign()).state is CampaignState.DRAFTING or self._states().get(MessageState.CHOSEN):
            if campaign.halted:
                raise Broken(f"{campaign.halted.removesuffix(drafting.HOW_ON)}Run the same command again to go on.")
            left = self._states().get(MessageState.CHOSEN, 0)
            if left != before:
                before, moved = left, time.monotonic()
            elif time.monotonic() - moved > STUCK_SECONDS:
                self._look_at_the_sheet()
            self.progress.show("Drafting", total - self._states().get(MessageState.CHOSEN, 0), total)
            self._pause()
            if campaign.state is CampaignState.CANCELLED:
                raise Broken("This campaign was cancelled.")

    def _send(self) -> None:
        """Approve what may be approved by itself, send, and wait until every message has ended."""
        if self._campaign().state is CampaignState.PAUSED:
            self.service.resume(self.campaign_id, "run")
        approved, left = self.service.approve(self.campaign_id, None, "run --approve-all")
        if left:
            _say(left)
        waiting = self._states().get(MessageState.APPROVED, 0)
        if waiting and self._campaign().state in {CampaignState.DRAFTED, CampaignState.DONE}:
            self._reach()
            if cost := self.service.estimate(self.campaign_id).sentence:
                _say(cost)
            self.service.send(self.campaign_id, "run", undo_seconds=0)
        total, moved = approved or waiting, time.monotonic()
        before = None
        while self._campaign().state is CampaignState.SENDING:
            states = self._states()
            left_over = states.get(MessageState.APPROVED, 0) + states.get(MessageState.SENDING, 0)
            total = max(total, left_over)
            note = self._campaign().note
            self.progress.show("Sending", total - left_over, total, "" if note.startswith(WAITS) else note)
            if states != before:
                before, moved = states, time.monotonic()
            elif left_over and time.monotonic() - moved > STUCK_SECONDS:
                self._look_at_the_sheet()
                self._reach()
                moved = time.monotonic()
            self._pause()
        campaign = self._campaign()
        if campaign.state is CampaignState.PAUSED:
            raise Broken(f"{campaign.note or 'The campaign was paused.'} Run the same command again to go on.")

    def _look_at_the_sheet(self) -> None:
        """Raises Broken when the campaign waits for its sheet."""
        note = self._campaign().note
        if note.startswith(WAITS):
            raise Broken(f"{note.removeprefix(WAITS)} Nothing is lost: run the same command again to go on.")

    def _reach(self) -> None:
        """Make sure that at least one of the plan's providers can be reached. Raises Broken with what to mend."""
        ways = {(way.channel, way.provider) for way in self._campaign().plan.ways}
        channels = [self.services.channel_for(*way) for way in sorted(ways)]
        away = [fault for channel in channels if (fault := self._fault(channel))]
        if len(away) == len(channels):
            raise Broken(f"{away[0]} Nothing is lost: run the same command again to go on.")
        for sentence in away:
            _say(sentence)

    def _fault(self, channel: Channel) -> str:
        """Why a provider can't be reached, "" when it can; what its account lacks is said, and sending will tell."""

        async def check() -> None:
            try:
                await channel.check()
            finally:
                await channel.close()

        for attempt in range(CHECKS):
            try:
                asyncio.run(check())
                break
            except (Unanswered, PermanentError) as error:
                _say(f"{channel.provider}: {error.sentence}")
                break
            except TemporaryError as error:
                if attempt == CHECKS - 1:
                    return error.sentence
                time.sleep(1.0)
        return ""

    def _answers(self) -> None:
        """Stay up for answers, at most as long as was asked for."""
        deadline = time.monotonic() + self.request.wait
        while (left := deadline - time.monotonic()) > 0:
            sent = self.services.ledger.messages.of_campaign(self.campaign_id, states=[MessageState.SENT])
            open_ones = [one for one in sent if one.outcome in {None, Outcome.AUTOMATIC}]
            if not open_ones:
                return
            self.progress.show("Waiting for answers", len(sent) - len(open_ones), len(sent), f"{left:.0f} s left")
            self._pause(min(1.0, left))

    def _sheet(self) -> str:
        """Let the last cells get into the sheet; a sentence when they can't."""
        deadline = time.monotonic() + SHEET_SECONDS
        backlog = self.services.ledger.cells.backlog(self.campaign_id)
        while backlog and time.monotonic() < deadline:
            self._pause()
            now = self.services.ledger.cells.backlog(self.campaign_id)
            if now < backlog:
                deadline = time.monotonic() + SHEET_SECONDS
            elif self._campaign().note.startswith(WAITS):
                deadline = min(deadline, time.monotonic() + 5.0)
            backlog = now
        if not backlog:
            return ""
        note = self._campaign().note
        why = note.removeprefix(WAITS) if note.startswith(WAITS) else "The sheet could not be written in time."
        return f"{why} {backlog} cells wait: run the same command again, and they are written."

    def _report(self, view: Overview) -> None:
        for word, count in view.statuses.items():
            _say(f"{count:>6}  {word}")
        for fault in view.faults:
            _say(f"        {fault.sentence}")
        if view.chosen > view.rows:
            _say(f"{view.rows} of {view.chosen} rows were tried. Run the same command without --try for the rest.")
        if not self.services.offline_model and not view.campaign.plan.template:
            _say(self.service.spending(self.campaign_id).sentence)
        if self.request.as_json:
            sys.stdout.write(json.dumps(summary(view), ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def _campaign(self) -> Campaign:
        return self.services.ledger.campaigns.get(self.campaign_id)

    def _states(self) -> dict[MessageState, int]:
        return self.services.ledger.messages.states(self.campaign_id)

    def _pause(self, seconds: float = LOOK_SECONDS) -> None:
        time.sleep(seconds)
        if _asked.is_set():
            raise KeyboardInterrupt
        self.tree.check()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
