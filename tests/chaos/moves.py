"""What the rig can do to the product, each a function of the driver; every choice comes from its random numbers."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from server.domain.words import CampaignState, MessageState, Problem, Role, Status
from server.errors import CellbackError
from server.flow.records import title_of
from tests.chaos.person import BIB, KEY, Page
from tests.chaos.show import ANSWER, Show, address_of

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

Move = Callable[["Driver"], str]
PORTION = 12
"""Rows approved in one go: so that sending goes on all the time."""

# processes


def kill(rig: Driver) -> str:
    """SIGKILL: no time for anything."""
    name = rig.chance.choice(sorted(rig.world.parts))
    group = rig.chance.random() < 0.7
    if not rig.world.signal(name, signal.SIGKILL, whole_group=group):
        return ""
    rig.tally["crashes"] += 1
    return f"SIGKILL {name}{'' if group else ' (first process only)'}"


def kill_senders(rig: Driver) -> str:
    """SIGKILL for both sending workers, at the very moment when the provider has taken a mail."""
    _approve(rig, rig.shows[0])
    before, end = rig.world.company.taken(), time.monotonic() + 2.0
    while rig.world.company.taken() == before and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(rig.chance.uniform(0.0, rig.pace))  # the others are on their way
    for name in ("worker-bulk-1", "worker-bulk-2"):
        rig.tally["crashes"] += rig.world.signal(name, signal.SIGKILL)
    return "SIGKILL both senders"


def terminate(rig: Driver) -> str:
    """SIGTERM: end properly."""
    name = rig.chance.choice(sorted(rig.world.parts))
    if not rig.world.signal(name, signal.SIGTERM, whole_group=False):
        return ""
    rig.tally["ends"] += 1
    return f"SIGTERM {name}"


def freeze(rig: Driver) -> str:
    """SIGSTOP for a while; the longest outlast every lease, and the owner comes back."""
    name = rig.chance.choice(sorted(rig.world.parts))
    seconds = rig.chance.uniform(0.5, rig.longest_sleep)
    if rig.world.parts[name].asleep or not rig.world.signal(name, signal.SIGSTOP):
        return ""
    rig.tally["sleeps"] += 1
    rig.later(seconds, lambda: rig.world.signal(name, signal.SIGCONT), f"SIGCONT {name}")
    return f"SIGSTOP {name} for {seconds:.1f} s"


# Redis


def flush(rig: Driver) -> str:
    """Everything in Redis is gone, and it goes on."""
    rig.world.redis_command("FLUSHALL")
    rig.tally["Redis wipes"] += 1
    return "FLUSHALL"


def restart_redis(rig: Driver) -> str:
    """Redis is away for a while, and comes back with nothing, or with what it kept."""
    if not rig.world.redis.alive():
        return ""
    empty, seconds = rig.chance.random() < 0.7, rig.chance.uniform(0.1, 2.5)
    rig.world.redis_away()
    rig.tally["Redis wipes" if empty else "Redis restarts"] += 1
    rig.later(seconds, lambda: rig.world.redis_back(empty=empty), "Redis is back")
    return f"Redis away for {seconds:.1f} s{', back empty' if empty else ''}"


def fill_redis(rig: Driver) -> str:
    """Redis is out of memory for a while."""
    seconds = rig.chance.uniform(0.5, 2.5)
    rig.world.redis_command("CONFIG", "SET", "maxmemory", "1")
    rig.tally["faults"] += 1
    rig.later(seconds, lambda: rig.world.redis_command("CONFIG", "SET", "maxmemory", "0"), "Redis has memory again")
    return f"Redis out of memory for {seconds:.1f} s"


# the provider

MOODS: tuple[dict[str, Any], ...] = (
    {"final": "451 4.3.0 try later"},
    {"mail": "421 4.7.0 too many mails"},
    {"final": "554 5.7.1 refused"},
    {"mail": "450 4.2.0 busy"},
    {"greylist": True},
    {"per_connection": 2},
    {"banner": "421 4.3.2 not now"},
    {"drop": "banner"},
    {"drop": "body"},
    {"drop": "dot", "faults": 3},
    {"drop": "accepted", "faults": 3},
    {"drop": "mail"},
    {"hang": "rcpt"},
    {"hang": "dot", "faults": 2},
    {"hang": "accepted", "faults": 2},
    {"delay": 0.3},
    {"final_delay": 1.5},
)


def mood(rig: Driver) -> str:
    """The provider misbehaves for a while, and then hangs up on those it kept waiting."""
    script = rig.chance.choice(MOODS)
    seconds = rig.chance.uniform(0.4, 2.5)
    rig.world.company.behave(**{"final_delay": rig.pace, **script})
    rig.tally["faults"] += 1
    rig.later(seconds, rig.calm_provider, "provider behaves")
    return f"provider {script} for {seconds:.1f} s"


# the panel


def approve(rig: Driver) -> str:
    """Say yes to some drafts, and start what is not started."""
    return _approve(rig, rig.show())


def _approve(rig: Driver, show: Show) -> str:
    campaign = show.now(rig.world)
    drafted = rig.world.ledger.messages.of_campaign(
        campaign.id, states=[MessageState.DRAFTED, MessageState.CHANGED], limit=400
    )
    ready = [one for one in drafted if one.problem is Problem.NONE]
    chosen = rig.chance.sample(ready, min(PORTION, len(ready)))
    if not chosen or campaign.state is CampaignState.CANCELLED:
        return ""
    show.approved[campaign.id] |= {show.bib_of(one) for one in chosen}
    done = rig.world.api(f"campaigns/{campaign.id}/approve", {"keys": [one.row_key for one in chosen]})
    if campaign.state in {CampaignState.DRAFTED, CampaignState.DONE, CampaignState.DRAFTING}:
        rig.world.api(f"campaigns/{campaign.id}/send")
    return f"approve {len(chosen)} of {show.letter}{'' if done else ' (no answer)'}"


def pause(rig: Driver) -> str:
    """Pause, and go on later."""
    show = rig.show()
    campaign = show.campaign
    rig.world.api(f"campaigns/{campaign}/pause")
    rig.later(rig.chance.uniform(0.3, 2), lambda: rig.world.api(f"campaigns/{campaign}/resume"), "resume")
    return f"pause {show.letter}"


def cancel(rig: Driver) -> str:
    """Cancel for good, and start another campaign on the same sheet."""
    show = rig.shows[-1]
    if len(show.campaigns) > 1 or not show.approved[show.campaign]:
        return ""
    rig.restart = show
    done = rig.world.api(f"campaigns/{show.campaign}/cancel")
    return f"cancel {show.letter}{'' if done else ' (no answer)'}"


def start_again(rig: Driver, show: Show) -> str:
    """The campaign after a cancelled one, as soon as its sheet can be had."""
    if show.now(rig.world).state is not CampaignState.CANCELLED:
        rig.world.api(f"campaigns/{show.campaign}/cancel")
        return ""
    if show.torn or show.path.with_name(f"~${show.path.name}").exists():
        return ""
    try:
        show.start(rig.world)
    except CellbackError as error:
        return f"no new campaign yet: {type(error).__name__}"
    rig.restart = None
    return f"new campaign on {show.letter}"


# the sheet


def _edit(rig: Driver, show: Show, change: Callable[[Page], None]) -> None:
    rig.tally["edits"] += 1
    show.desk.edit(change)


def sort(rig: Driver) -> str:
    """Sort all columns by one of them."""
    show = rig.show()
    by, down = rig.chance.choice(("Bib", "Name", "Start time", "Status")), rig.chance.random() < 0.5
    mix = rig.chance.random() < 0.3

    def change(page: Page) -> None:
        if mix:
            rig.chance.shuffle(page.rows)
        else:
            page.rows.sort(key=lambda row: page.get(row, by), reverse=down)

    _edit(rig, show, change)
    return f"sort {show.letter} by {by}"


def shuffle(rig: Driver) -> str:
    """The rows in another order, again and again, while results are being written."""
    show = rig.show()
    for _ in range(5):
        _edit(rig, show, lambda page: rig.chance.shuffle(page.rows))
    return f"shuffle {show.letter}"


def insert(rig: Driver) -> str:
    """A new contestant, somewhere in the middle; not part of any campaign."""
    show = rig.show()
    bib = f"X{show.letter}{len(show.strangers):03d}"
    cells = {BIB: bib, "Name": f"Person {bib}", "Email": address_of(bib), "Start time": "12:00"}

    def change(page: Page) -> None:
        page.rows.insert(rig.chance.randint(0, len(page.rows)), [cells.get(title) for title in page.titles])

    show.strangers[bib] = cells
    _edit(rig, show, change)
    return f"insert {bib}"


def copy(rig: Driver) -> str:
    """A row copied with all its cells, its key among them, and made into another person."""
    show = rig.show()
    bib = f"X{show.letter}{len(show.strangers):03d}"

    def change(page: Page) -> None:
        if not (rows := [row for row in page.rows if not page.get(row, BIB).startswith("X")]):
            return
        row = list(rig.chance.choice(rows))
        for title, value in ((BIB, bib), ("Name", f"Person {bib}"), ("Email", address_of(bib))):
            row[page.titles.index(title)] = value
        page.rows.insert(rig.chance.randint(0, len(page.rows)), row)
        show.strangers[bib] = {title: page.get(row, title) for title in page.titles}

    _edit(rig, show, change)
    return f"copy a row as {bib}"


def double(rig: Driver) -> str:
    """A row copied as it is; the copy is deleted a little later."""
    show = rig.show()
    if show.torn:
        return ""
    found: list[str] = []

    def change(page: Page) -> None:
        rows = [row for row in page.rows if not page.get(row, BIB).startswith("X")]
        row = rig.chance.choice(rows)
        found.append(page.get(row, BIB))
        page.rows.insert(rig.chance.randint(0, len(page.rows)), list(row))

    _edit(rig, show, change)
    rig.later(rig.chance.uniform(0.5, 3), lambda: show.desk.edit(undouble), f"delete the copy of {found[0]}")
    return f"double {found[0]}"


def undouble(page: Page) -> None:
    """Delete rows that stand there twice: the later ones."""
    seen: set[str] = set()
    kept = []
    for row in page.rows:
        if page.get(row, BIB) not in seen:
            kept.append(row)
        seen.add(page.get(row, BIB))
    page.rows[:] = kept


def delete(rig: Driver) -> str:
    """Delete a row; sometimes that is undone."""
    show = rig.show()
    if len(show.deleted) > show.count // 10 or show.torn:
        return ""
    back = rig.chance.random() < 0.6
    gone: list[str] = []

    def change(page: Page) -> None:
        rows = [row for row in page.rows if not page.get(row, BIB).startswith("X")]
        row = rig.chance.choice(rows)
        bib = page.get(row, BIB)
        if len(page.of(bib)) > 1:
            return
        gone.append(bib)
        show.deleted[bib] = [page.titles[:], list(row)]
        page.rows.remove(row)

    _edit(rig, show, change)
    if back and gone:
        rig.later(rig.chance.uniform(0.3, 3), lambda: restore(show, gone[0]), f"undo the deletion of {gone[0]}")
    return f"delete {gone}"


def restore(show: Show, bib: str) -> None:
    """A deleted row is back as it was."""
    titles, row = show.deleted.pop(bib)

    def change(page: Page) -> None:
        old = dict(zip(titles, row, strict=False))  # type: ignore[call-overload]
        page.rows.append([old.get(title) for title in page.titles])

    show.desk.edit(change)


def move_columns(rig: Driver) -> str:
    """Columns in another order."""
    show = rig.show()

    def change(page: Page) -> None:
        order = list(range(len(page.titles)))
        place = rig.chance.choice(order)
        order.insert(rig.chance.randrange(len(order)), order.pop(order.index(place)))
        page.titles[:] = [page.titles[index] for index in order]
        page.rows[:] = [[row[index] for index in order] for row in page.rows]

    _edit(rig, show, change)
    return f"move a column of {show.letter}"


def rename(rig: Driver) -> str:
    """One of our columns gets another title."""
    show = rig.show()
    campaign = show.now(rig.world)
    role = rig.chance.choice(sorted(campaign.columns) or [""])
    old = campaign.columns.get(role, "")
    show.renamed += 1
    new = f"{role} no {show.renamed}"

    def change(page: Page) -> None:
        if (place := page.at(old)) is not None:
            page.titles[place] = new

    _edit(rig, show, change)
    return f"rename {old} of {show.letter} to {new}"


def tear(rig: Driver) -> str:
    """Sort everything but the hidden column of keys; undone a little later."""
    show = rig.show()
    if show.torn or rig.restart:
        return ""

    def change(page: Page) -> None:
        place = page.at(KEY)
        bibs = [page.get(row, BIB) for row in page.rows]
        if place is None or len(set(bibs)) < len(bibs):
            return
        keys = [row[place] for row in page.rows]
        show.torn = dict(zip(bibs, map(str, keys), strict=True))
        page.rows.sort(key=lambda row: page.get(row, BIB), reverse=rig.chance.random() < 0.8)
        for row, key in zip(page.rows, keys, strict=True):
            row[place] = key

    _edit(rig, show, change)
    rig.later(rig.chance.uniform(0.3, 2), lambda: mend(show), f"undo the sort without keys of {show.letter}")
    return f"sort {show.letter} without its keys"


def mend(show: Show) -> None:
    """Each row has its own key again."""
    torn, show.torn = show.torn, {}

    def change(page: Page) -> None:
        place = page.at(KEY)
        for row in page.rows if place is not None else []:
            key = torn.get(page.get(row, BIB))
            if key is not None:  # a row that came back meanwhile brought its own
                row[place] = None if key == "None" else key

    if torn:
        show.desk.edit(change)


def hold(rig: Driver) -> str:
    """The workbook is open in Excel for a while: nobody can write."""
    show = rig.show()
    show.desk.open()
    rig.tally["faults"] += 1
    rig.later(rig.chance.uniform(0.3, 2.5), show.desk.close, f"{show.letter} is closed in Excel")
    return f"{show.letter} is open in Excel"


def edit_source(rig: Driver) -> str:
    """Another start time: what was approved no longer fits."""
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    start = f"{rig.chance.randint(10, 20)}:{rig.chance.randint(10, 59)}"

    def change(page: Page) -> None:
        for row in page.of(bib):
            row[page.titles.index("Start time")] = start

    _edit(rig, show, change)
    show.touched[show.campaign, bib] = time.time()
    return f"start time of {bib} is {start}"


def type_message(rig: Driver) -> str:
    """Another text for one row."""
    rig.count += 1
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    return type_cell(rig, show, bib, Role.MESSAGE, f"Dear {bib}, this is text {rig.count} by hand.")


def type_answer(rig: Driver) -> str:
    """An answer by telephone, or something that is none."""
    show = rig.show()
    bib = show.bib(rig.chance.randrange(show.count))
    return type_cell(rig, show, bib, ANSWER, rig.chance.choice(("Yes", "No", "No", "calls back")))


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
        from tests.chaos.person import read

        before, wanted = decide(read(show.path))
        if wanted:
            _noted(show, bib, role, wanted, before)
            if show.desk.type_as_other_user(bib, title, wanted):
                done.append(wanted)
            else:
                show.typed.pop((show.campaign, bib, role), None)
    else:
        show.desk.edit(change)
    rig.tally["edits"] += len(done)
    return f"type {done[0]!r} into {title} of {bib}" if done else ""


def _noted(show: Show, bib: str, role: str, value: str, before: str) -> None:
    """Into the rig's own book, before the product can see it: a permission that comes late would be a false alarm."""
    show.note(bib, role, value, before)
    if role == Role.STATUS and value in {"Approved", "Retry", "retry"}:
        show.approved[show.campaign].add(bib)
    if role == Role.STATUS and value in {"Retry", "retry"}:
        show.retries[show.campaign, bib] += 1


MOVES: dict[Move, float] = {
    kill: 5,
    kill_senders: 3,
    terminate: 1.5,
    freeze: 2,
    flush: 1.5,
    restart_redis: 1.5,
    fill_redis: 1,
    mood: 5,
    approve: 14,
    pause: 0.7,
    cancel: 0.5,
    sort: 3,
    shuffle: 2,
    insert: 1,
    copy: 1,
    double: 1,
    delete: 1,
    move_columns: 1,
    rename: 1,
    tear: 0.7,
    hold: 1.5,
    edit_source: 1,
    type_message: 4,
    type_answer: 4,
    type_status: 4,
    settle_doubt: 4,
}
"""Move -> how often, beside the others."""
