"""The reckoning: what the ledger says against the provider's record, the sheet, and the rig's own book."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from server.domain.audit import WHAT, Entry
from server.domain.campaign import Campaign
from server.domain.cells import status
from server.domain.machine import Approved
from server.domain.message import Message
from server.domain.words import Command, MessageState, Problem, Role
from server.flow.records import title_of
from tests.chaos.person import KEY, Page, read
from tests.chaos.provider import Left
from tests.chaos.replies import replies
from tests.chaos.row import RowLook, about, row_is_asked
from tests.chaos.show import ANSWER, DOMAIN, Show, Typed, bib_of
from tests.chaos.thoughts import thoughts

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

LISTENING_SECONDS = 20.0
"""How long, under fire, a person's word in a cell may need to be heard. In peace it takes about a second."""

KINDS = (
    *("duplicates", "missed", "wrong-row writes", "lost replies", "overwritten human edits"),
    *("wrong texts", "stops broken", "forgeries taken", "leaks"),
    *("answered and reminded", "asked twice", "orders obeyed", "untold"),
)
_STILL = {
    "skip": {MessageState.DRAFTED, MessageState.APPROVED},
    "sent": {MessageState.IN_DOUBT},
    "retry": {MessageState.IN_DOUBT, MessageState.FAILED},
    "approved": {MessageState.DRAFTED},
}
"""Where a message stands when its command was not heard."""
APPROVED = WHAT[Approved]
COMMANDS = {command.value.casefold() for command in Command}


@dataclass
class Report:
    """Violations by kind, and how much was looked at."""

    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, sentence: str) -> None:
        """One violation."""
        assert kind in KINDS
        self.found[kind].append(sentence)

    @property
    def total(self) -> int:
        """All violations."""
        return sum(len(sentences) for sentences in self.found.values())


def check(rig: Driver, still_open: list[str]) -> Report:
    """Look at everything; the ledger says that nothing is open (or what is)."""
    report = Report()
    for words in still_open:
        report.add("missed", f"still open: {words}")
    for show in rig.shows:
        left = rig.left(show)
        report.counts["messages"] += len(left)
        page = read(show.path)
        known: set[str] = set()
        for campaign_id in show.campaigns:
            campaign = rig.world.ledger.campaigns.get(campaign_id)
            rows = rig.rows(campaign_id)
            mine = {one.id for row in rows.values() for one in row}
            known |= mine
            _Look(rig, show, campaign, rows, [one for one in left if one.message_id in mine], page, report).all()
        for one in left:
            if one.message_id not in known:
                report.add("wrong texts", f"{one.address} got a message of nobody's: {one.text!r}")
        _strangers(show, page, report, alone=len(show.campaigns) == 1)
    replies(rig, report)
    _stops(rig, report)
    if rig.world.model is not None:
        thoughts(rig, rig.world.model, report)
    return report


@dataclass
class _Look:
    """One campaign on its workbook."""

    rig: Driver
    show: Show
    campaign: Campaign
    rows: dict[str, list[Message]]
    left: list[Left]
    page: Page
    report: Report

    def all(self) -> None:
        """Every invariant of a campaign."""
        by_message: dict[str, list[Left]] = defaultdict(list)
        for one in self.left:
            by_message[one.message_id].append(one)
            if bib_of(one.address) not in one.text:
                self.report.add("wrong texts", f"{bib_of(one.address)} got {one.text!r}")
        for steps in self.rows.values():
            row = RowLook(self.rig, self.campaign, steps, by_message)
            message, bib = row.shown, self.show.bib_of(row.shown)
            for step in steps:
                self.report.counts["sends blocked"] += step.problem is Problem.SUPPRESSED
                self._sends(bib, step, by_message[step.id])
            self.report.counts[f"ended {message.state.value.replace('_', ' ')}"] += 1
            row.all(self.report)
            if not self._of_deleted_copy(bib, message):
                self._cells(bib, message)
                self._person(bib, row)
        for bib, count in Counter(bib_of(one.address) for one in self.left).items():
            if count > self.show.yes[self.campaign.id, bib]:
                self.report.add("duplicates", f"{bib} got {count} messages of one campaign, with fewer a yes")
        everything = [one for steps in self.rows.values() for one in steps]
        for sentence in self.rig.recipients.stops.broken(self.show.channel, everything):
            self.report.add("stops broken", sentence)

    def _of_deleted_copy(self, bib: str, message: Message) -> bool:
        """Planned while a copy of the row stood in the sheet: that had a key of its own, and is deleted again."""
        keys = {key for key, steps in self.rows.items() if self.show.bib_of(steps[0]) == bib}
        rows = self.page.of(bib)
        return len(rows) == 1 and self.page.get(rows[0], KEY) in keys - {message.row_key}

    def _sends(self, bib: str, message: Message, left: list[Left]) -> None:
        yes, again = bib in self.show.approved[self.campaign.id], self.show.retries[self.campaign.id, bib]
        trail = self.rig.world.ledger.audit.of_message(message.id)
        if len(left) > 1 + again:
            self.report.add("duplicates", f"{bib} got {len(left)} messages with {again} retries: {_told(trail)}")
        if len(left) > sum(entry.what == APPROVED for entry in trail):
            self.report.add("duplicates", f"{bib} got more messages than approvals: {about(message)}; {_told(trail)}")
        if left and not yes:
            self.report.add("duplicates", f"{bib} got a message that nobody approved: {about(message)}")
        told_why = message.state is MessageState.CHOSEN and self.campaign.halted
        if message.state in {MessageState.CHOSEN, MessageState.APPROVED, MessageState.SENDING} and not told_why:
            self.report.add("missed", f"{bib} is still {message.state.value}: {about(message)}")
        by_hand = message.note.startswith("Marked as sent") or (self.campaign.id, bib) in self.show.marked
        if message.state is MessageState.SENT and not left and not by_hand:
            self.report.add("missed", f"{bib} is Sent, and nothing left: {about(message)}")
        if message.state is MessageState.SENT and left and not any(_same(message.text, one.text) for one in left):
            self.report.add("wrong texts", f"{bib} got {left[-1].text!r}, approved was {message.text!r}")
        if left and message.state not in {MessageState.SENT, MessageState.IN_DOUBT} and not again:
            self.report.add("missed", f"{bib} got a message, and the ledger says {message.state.value}")

    def _cells(self, bib: str, message: Message) -> None:
        """Our cells in the row hold what belongs to its person."""
        rows = self.page.of(bib)
        if len(rows) != 1 or self.page.get(rows[0], KEY) != message.row_key:
            if bib not in self.show.deleted and rows:
                self.report.add("wrong-row writes", f"{bib}: {len(rows)} rows, key {self.page.get(rows[0], KEY)!r}")
            return
        self.report.counts["cells"] += 5
        cell = {role: self.page.get(rows[0], title_of(self.campaign, role)) for role in self.campaign.columns}
        copied = self.show.strangers.get(bib, {})  # of a copied row, drafted for since, the texts are the person's
        for role in (Role.MESSAGE, Role.REPLY):
            title = title_of(self.campaign, role)
            if cell[role] and bib not in cell[role] and cell[role] != copied.get(title):
                self.report.add("wrong-row writes", f"{role} of {bib} says {cell[role]!r}")
        word = status(message)
        typed = self._typed(bib, Role.STATUS)
        free = typed is not None and typed.value.casefold() not in COMMANDS
        if not free and cell[Role.STATUS] != (word.value if word else ""):
            what = f"Status of {bib} says {cell[Role.STATUS]!r}, the ledger {word}: {about(message)}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.STATUS)}")
        if cell[Role.REPLY] != message.reply:
            what = f"Reply of {bib} says {cell[Role.REPLY]!r}, the ledger {message.reply!r}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.REPLY)}")
        if self._typed(bib, Role.MESSAGE) is None and cell[Role.MESSAGE] != message.text:
            what = f"Message of {bib} says {cell[Role.MESSAGE]!r}, the ledger {message.text!r}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.MESSAGE)}")

    def _person(self, bib: str, row: RowLook) -> None:
        """What the person typed was obeyed, or stands there still."""
        message = row.shown
        rows = self.page.of(bib)
        if len(rows) != 1 or bib in self.show.deleted:
            return
        for role in (Role.MESSAGE, Role.STATUS, ANSWER):
            typed = self._typed(bib, role)
            if typed is None:
                continue
            self.report.counts["typed"] += 1
            cell = self.page.get(rows[0], title_of(self.campaign, role))
            if cell != typed.value and self._beside(rows[0], role, typed.value):
                continue
            for fault in self._faults(role, typed, cell, bib, row):
                self.report.add(
                    "overwritten human edits",
                    f"{role} of {bib}: {typed.value!r} typed over {typed.before!r} at {typed.at - self._zero():.1f}; "
                    f"{fault}; cell {cell!r}; {about(message)}; {self._write(message, role)}",
                )

    def _beside(self, row: list[object], role: str, value: str) -> bool:
        """Whether the value stands in a column that was ours until the person renamed it.

        A column that holds nothing of ours yet can't be known again: it is the person's from then on, as it is.
        """
        ours = set(self.campaign.columns.values())
        others = (title for title in self.page.titles if title.startswith(f"{role} no ") and title not in ours)
        return any(self.page.get(row, title) == value for title in others)

    def _faults(self, role: str, typed: Typed, cell: str, bib: str, row: RowLook) -> Iterator[str]:
        message = row.shown
        claimed = message.claimed_at.timestamp() if message.claimed_at else 0.0
        if role == Role.MESSAGE:
            if cell != typed.value and not row.holds(typed.value):
                yield "it is nowhere any more"
            late = typed.at + LISTENING_SECONDS
            if any(one.at > late and typed.value not in one.text for one in row.left_of_then(typed.at)):
                yield "another text left long after"
        elif role == ANSWER:
            if cell != typed.value:
                yield "it was replaced"
        elif row.began(message) < typed.at or typed.value.casefold() not in COMMANDS:  # else of the step before
            yield from self._command(typed, cell, bib, row, claimed)

    def _command(self, typed: Typed, cell: str, bib: str, row: RowLook, claimed: float) -> Iterator[str]:
        message = row.shown
        word = typed.value.casefold()
        edited = self._typed(bib, Role.MESSAGE)
        later = max(edited.at if edited else 0.0, self.show.touched.get((self.campaign.id, bib), 0.0))
        if word not in COMMANDS:
            if cell != typed.value:
                yield "it was replaced"
        elif word == "remind":
            if not row_is_asked(row) and claimed < typed.at:
                yield "not obeyed"
        elif word == "skip" and claimed > typed.at + LISTENING_SECONDS:
            yield "sent all the same"
        elif message.state in _STILL.get(word, ()) and claimed < typed.at:
            obeyed = word == "approved" and (later > typed.at or message.note or message.problem is not Problem.NONE)
            if not obeyed:
                yield "not obeyed"

    def _typed(self, bib: str, role: str) -> Typed | None:
        return self.show.typed.get((self.campaign.id, bib, role))

    def _write(self, message: Message, role: str) -> str:
        """What the ledger remembers of that cell."""
        title = title_of(self.campaign, role)
        found = self.rig.world.ledger.cells.of_campaign(self.campaign.id, [message.row_key])
        writes = [
            f"{one.state.value} {one.value!r} expects {one.expected!r} {one.note}"
            for one in found
            if one.column == title
        ]
        return f"cell write {title!r}: {writes}"

    def _zero(self) -> float:
        return self.rig.time() - (time.monotonic() - self.rig.began)


def _stops(rig: Driver, report: Report) -> None:
    """Who asked not to be written to is known, and nothing that was not signed as it should be was believed."""
    postman, stops = rig.recipients.postman, rig.recipients.stops
    stops.look(postman.accepted)
    report.counts["stops"] += len(stops.known)
    for sentence in stops.faults(postman.accepted):
        report.add("stops broken", sentence)
    for event_id in postman.fooled:
        report.add("forgeries taken", event_id)


def _strangers(show: Show, page: Page, report: Report, *, alone: bool) -> None:
    """Rows that were added by hand are nobody's business."""
    for bib, cells in show.strangers.items() if alone else ():
        for row in page.of(bib):
            for title, value in cells.items():
                if title in page.titles and title != KEY and page.get(row, title) != value:
                    report.add("wrong-row writes", f"{title} of the added row {bib} says {page.get(row, title)!r}")


def leaks(logs: Path) -> list[str]:
    """Lines of log files that hold somebody's address or name."""
    found = []
    for path in sorted(logs.rglob("*.log*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if DOMAIN in line or re.search(r"Person X?[ABCD][\da-j]", line):
                found.append(f"{path.name}: {line[:300]}")
    return found


def _same(ours: str, theirs: str) -> bool:
    return " ".join(ours.split()) in " ".join(theirs.split())


def _told(trail: list[Entry]) -> str:
    """The audit of a message in short: what tells how it came to this."""
    return ", ".join(f"{entry.at:%M:%S.%f} {entry.what} ({entry.before} -> {entry.after})" for entry in trail)
