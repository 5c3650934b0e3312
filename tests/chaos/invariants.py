"""The reckoning: what the ledger says against the provider's record, the sheet, and the rig's own book."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from server.domain.audit import WHAT, Entry
from server.domain.campaign import Campaign
from server.domain.cells import status
from server.domain.machine import Approved
from server.domain.message import Message
from server.domain.words import Command, MessageState, Outcome, Problem, Role
from server.flow.records import title_of
from tests.chaos.person import KEY, Page, read
from tests.chaos.provider import Left
from tests.chaos.recipients import FORGED
from tests.chaos.show import ANSWER, DOMAIN, Show, Typed, bib_of

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

LISTENING_SECONDS = 20.0
"""How long, under fire, a person's word in a cell may need to be heard. In peace it takes about a second."""

KINDS = (
    *("duplicates", "missed", "wrong-row writes", "lost replies", "overwritten human edits"),
    *("wrong texts", "stops broken", "forgeries taken", "leaks"),
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
        for campaign_id in show.campaigns:
            campaign = rig.world.ledger.campaigns.get(campaign_id)
            messages = rig.world.ledger.messages.of_campaign(campaign_id)
            mine = {one.id for one in messages}
            look = _Look(rig, show, campaign, messages, [one for one in left if one.message_id in mine], page, report)
            look.all()
        _strangers(show, page, report, alone=len(show.campaigns) == 1)
    _replies(rig, report)
    _stops(rig, report)
    return report


@dataclass
class _Look:
    """One campaign on its workbook."""

    rig: Driver
    show: Show
    campaign: Campaign
    messages: list[Message]
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
        for message in self.messages:
            self.report.counts["sends blocked"] += message.problem is Problem.SUPPRESSED
            self.report.counts[f"ended {message.state.value.replace('_', ' ')}"] += 1
            bib = self.show.bib_of(message)
            self._sends(bib, message, by_message[message.id])
            if not self._of_deleted_copy(bib, message):
                self._cells(bib, message)
                self._person(bib, message, by_message[message.id])
        for bib, count in Counter(bib_of(one.address) for one in self.left).items():
            if count > 1 + self.show.retries[self.campaign.id, bib]:
                self.report.add("duplicates", f"{bib} got {count} messages of one campaign")
        for sentence in self.rig.recipients.stops.broken(self.show.channel, self.messages):
            self.report.add("stops broken", sentence)

    def _of_deleted_copy(self, bib: str, message: Message) -> bool:
        """Planned while a copy of the row stood in the sheet: that had a key of its own, and is deleted again."""
        keys = {one.row_key for one in self.messages if self.show.bib_of(one) == bib}
        rows = self.page.of(bib)
        return len(rows) == 1 and self.page.get(rows[0], KEY) in keys - {message.row_key}

    def _sends(self, bib: str, message: Message, left: list[Left]) -> None:
        yes, again = bib in self.show.approved[self.campaign.id], self.show.retries[self.campaign.id, bib]
        trail = self.rig.world.ledger.audit.of_message(message.id)
        if len(left) > 1 + again:
            self.report.add("duplicates", f"{bib} got {len(left)} messages with {again} retries: {_told(trail)}")
        if len(left) > sum(entry.what == APPROVED for entry in trail):
            self.report.add("duplicates", f"{bib} got more messages than approvals: {_about(message)}; {_told(trail)}")
        if left and not yes:
            self.report.add("duplicates", f"{bib} got a message that nobody approved: {_about(message)}")
        if message.state in {MessageState.CHOSEN, MessageState.APPROVED, MessageState.SENDING}:
            self.report.add("missed", f"{bib} is still {message.state.value}: {_about(message)}")
        by_hand = message.note.startswith("Marked as sent")
        told = self._typed(bib, Role.STATUS)
        if message.state is MessageState.SENT and not left and not by_hand and not (told and told.value == "Sent"):
            self.report.add("missed", f"{bib} is Sent, and nothing left: {_about(message)}")
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
        for role in (Role.MESSAGE, Role.REPLY):
            if cell[role] and bib not in cell[role]:
                self.report.add("wrong-row writes", f"{role} of {bib} says {cell[role]!r}")
        word = status(message)
        typed = self._typed(bib, Role.STATUS)
        free = typed is not None and typed.value.casefold() not in COMMANDS
        if not free and cell[Role.STATUS] != (word.value if word else ""):
            what = f"Status of {bib} says {cell[Role.STATUS]!r}, the ledger {word}: {_about(message)}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.STATUS)}")
        if cell[Role.REPLY] != message.reply:
            what = f"Reply of {bib} says {cell[Role.REPLY]!r}, the ledger {message.reply!r}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.REPLY)}")
        if self._typed(bib, Role.MESSAGE) is None and cell[Role.MESSAGE] != message.text:
            what = f"Message of {bib} says {cell[Role.MESSAGE]!r}, the ledger {message.text!r}"
            self.report.add("wrong-row writes", f"{what}; {self._write(message, Role.MESSAGE)}")

    def _person(self, bib: str, message: Message, left: list[Left]) -> None:
        """What the person typed was obeyed, or stands there still."""
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
            for fault in self._faults(role, typed, cell, bib, message, left):
                self.report.add(
                    "overwritten human edits",
                    f"{role} of {bib}: {typed.value!r} typed over {typed.before!r} at {typed.at - self._zero():.1f}; "
                    f"{fault}; cell {cell!r}; {_about(message)}; {self._write(message, role)}",
                )

    def _beside(self, row: list[object], role: str, value: str) -> bool:
        """Whether the value stands in a column that was ours until the person renamed it.

        A column that holds nothing of ours yet can't be known again: it is the person's from then on, as it is.
        """
        ours = set(self.campaign.columns.values())
        others = (title for title in self.page.titles if title.startswith(f"{role} no ") and title not in ours)
        return any(self.page.get(row, title) == value for title in others)

    def _faults(
        self, role: str, typed: Typed, cell: str, bib: str, message: Message, left: list[Left]
    ) -> Iterator[str]:
        claimed = message.claimed_at.timestamp() if message.claimed_at else 0.0
        if role == Role.MESSAGE:
            if cell != typed.value and message.text != typed.value and not any(typed.value in one.text for one in left):
                yield "it is nowhere any more"
            if any(one.at > typed.at + LISTENING_SECONDS and typed.value not in one.text for one in left):
                yield "another text left long after"
        elif role == ANSWER:
            if cell != typed.value:
                yield "it was replaced"
        else:
            yield from self._command(typed, cell, bib, message, claimed)

    def _command(self, typed: Typed, cell: str, bib: str, message: Message, claimed: float) -> Iterator[str]:
        word = typed.value.casefold()
        edited = self._typed(bib, Role.MESSAGE)
        later = max(edited.at if edited else 0.0, self.show.touched.get((self.campaign.id, bib), 0.0))
        if word not in COMMANDS:
            if cell != typed.value:
                yield "it was replaced"
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


def _replies(rig: Driver, report: Report) -> None:
    """Every answer that was taken with 2xx is in the ledger, once, at the right person, and shows in its row."""
    inbox = rig.world.ledger.inbox
    campaigns = [key for show in rig.shows for key in show.campaigns]
    replies = [reply for key in campaigns for reply in inbox.replies(key)] + inbox.unmatched(100_000)
    by_ref = defaultdict(list)
    for reply in replies:
        for ref in re.findall(r"Ref (\S+)", reply.visible):
            by_ref[ref].append(reply)
    accepted = {key.removeprefix("answer:") for key in rig.recipients.postman.accepted if key.startswith("answer:")}
    report.counts["answers"] += len(accepted)
    shown = {
        one.id: one
        for show in rig.shows
        for key in show.campaigns
        for one in rig.world.ledger.messages.of_campaign(key)
    }
    asked = Counter(rig.recipients.refs[ref] for ref in accepted)
    vague = {shown[rig.recipients.refs[ref]].address for ref in accepted & rig.recipients.bare}
    for reply in replies:
        if FORGED in reply.visible:
            report.add("forgeries taken", f"the ledger holds {reply.visible!r}")
    for ref in accepted:
        found = by_ref[ref]
        if len(found) != 1:
            report.add("lost replies", f"answer {ref} is in the ledger {len(found)} times")
            continue
        message = shown[rig.recipients.refs[ref]]
        taken = found[0].message_id
        bare = ref in rig.recipients.bare
        if taken and taken != message.id and not (bare and shown[taken].address == message.address):
            report.add("wrong-row writes", f"answer {ref} was taken to another row")
        late = found[0].automatic and message.outcome is not Outcome.AUTOMATIC  # it never replaces an answer
        alone = asked[message.id] == 1 and (not bare or taken == message.id)
        alone = alone and (message.address not in vague or len(_of_person(shown.values(), message)) == 1)
        if alone and taken and not late and ref not in message.reply:
            report.add("lost replies", f"answer {ref} is not in its row: {message.reply!r}, {_about(message)}")


def _of_person(messages: Iterable[Message], message: Message) -> list[Message]:
    return [one for one in messages if one.address == message.address]


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
            if DOMAIN in line or re.search(r"Person X?[ABC]\d", line):
                found.append(f"{path.name}: {line[:300]}")
    return found


def _same(ours: str, theirs: str) -> bool:
    return " ".join(ours.split()) in " ".join(theirs.split())


def _about(message: Message) -> str:
    claimed = f"claimed {message.claimed_at:%H:%M:%S}" if message.claimed_at else "never claimed"
    came = f"outcome {message.outcome}, settled by {message.settled_by or 'nobody'}"
    return f"{message.state.value}, {message.attempts} attempts, {claimed}, {came}, {message.note!r}"


def _told(trail: list[Entry]) -> str:
    """The audit of a message in short: what tells how it came to this."""
    return ", ".join(f"{entry.at:%M:%S.%f} {entry.what} ({entry.before} -> {entry.after})" for entry in trail)
