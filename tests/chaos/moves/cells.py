"""What a person types into cells: theirs, and ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.domain.words import MessageState, Role, Status
from server.flow.records import title_of
from tests.chaos.moves.sheet import edit
from tests.chaos.person import Page, read
from tests.chaos.show import ANSWER, Show

if TYPE_CHECKING:
    from tests.chaos.driver import Driver


def edit_source(rig: Driver) -> str:
    """Another start time: what was approved no longer fits."""
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    start = f"{rig.chance.randint(10, 20)}:{rig.chance.randint(10, 59)}"

    def change(page: Page) -> None:
        for row in page.of(bib):
            row[page.titles.index("Start time")] = start

    edit(rig, show, change)
    show.touched[show.campaign, bib] = time.time()
    return f"start time of {bib} is {start}"


def type_message(rig: Driver) -> str:
    """Another text for one row."""
    rig.count += 1
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    return type_cell(rig, show, bib, Role.MESSAGE, f"Dear {bib}, this is text {rig.count} by hand.")


def type_answer(rig: Driver) -> str:
    """An answer by telephone, or something that is none, a formula among them."""
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    return type_cell(rig, show, bib, ANSWER, rig.chance.choice(("Yes", "No", "No", "calls back", "=1+1")))


def type_status(rig: Driver) -> str:
    """A command, chosen by what the row says; seldom a word that is none."""
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    word = rig.chance.random()
    return type_cell(rig, show, bib, Role.STATUS, lambda seen: _command(seen, word))


def settle_doubt(rig: Driver) -> str:
    """Retry or Sent for a row that is in doubt or failed."""
    show = rig.show()
    states = [MessageState.IN_DOUBT, MessageState.FAILED]
    found = rig.world.ledger.messages.of_campaign(show.campaign, states=states, limit=50)
    if not found:
        return ""
    bib, word = show.bib_of(rig.chance.choice(found)), rig.chance.random()
    return type_cell(rig, show, bib, Role.STATUS, lambda seen: _command(seen, word))


def _command(seen: str, word: float) -> str:
    if seen == Status.IN_DOUBT:
        return "Retry" if word < 0.5 else "Sent"
    if seen == Status.FAILED:
        return "retry"
    if seen in {Status.DRAFT, Status.CHANGED}:
        return "Approved" if word < 0.8 else "Skip"
    if seen == Status.APPROVED:
        return "Skip" if word < 0.1 else ""
    if seen == Status.CHECK_DRAFT:
        return "Redraft"
    if seen == Status.SENT and word < 0.05:
        return "called"
    return ""


def type_cell(rig: Driver, show: Show, bib: str, role: str, value: str | Callable[[str], str]) -> str:
    """Type into one of our cells, by Excel or by another program; nothing is typed where it says so already."""
    if show.torn:
        return ""
    campaign = show.now(rig.world)
    title = title_of(campaign, role)
    other = rig.chance.random() < 0.4
    done: list[str] = []

    def decide(page: Page) -> tuple[str, str]:
        rows = page.of(bib)
        if len(rows) != 1 or page.at(title) is None:
            return "", ""
        before = page.get(rows[0], title)
        wanted = value if isinstance(value, str) else value(before)
        return before, wanted if wanted != before else ""

    def change(page: Page) -> None:
        before, wanted = decide(page)
        if wanted:
            page.of(bib)[0][page.titles.index(title)] = wanted
            _noted(show, bib, role, wanted, before)
            done.append(wanted)

    if other and not show.path.with_name(f"~${show.path.name}").exists():
        before, wanted = decide(read(show.path))
        if wanted:
            earlier = show.typed.get((show.campaign, bib, role))
            _noted(show, bib, role, wanted, before)
            if show.desk.type_as_other_user(bib, title, wanted):
                done.append(wanted)
            else:
                show.untype(bib, role, earlier)
    else:
        show.desk.edit(change)
    rig.tally["edits"] += len(done)
    return f"type {done[0]!r} into {title} of {bib}" if done else ""


def _noted(show: Show, bib: str, role: str, value: str, before: str) -> None:
    """Into the rig's own book, before the product can see it: a permission that comes late would be a false alarm."""
    show.note(bib, role, value, before)
    if role == Role.STATUS and value == "Redraft":
        show.give_up_text(bib)
    if role == Role.STATUS and value in {"Approved", "Retry", "retry"}:
        show.approved[show.campaign].add(bib)
        show.yes[show.campaign, bib] += 1
    if role == Role.STATUS and value == "Sent":
        show.marked.add((show.campaign, bib))
    if role == Role.STATUS and value in {"Retry", "retry"}:
        show.retries[show.campaign, bib] += 1
