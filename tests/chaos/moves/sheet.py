"""What a person does to rows and columns: sorts, inserts, copies, deletes, moves, renames, holds the file."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.errors import SheetChanged, SheetUnavailable
from server.sheets.bench import Bench
from server.sheets.xlsx import XlsxSheet
from tests.chaos.person import BIB, KEY, Page
from tests.chaos.show import Gone, Show

if TYPE_CHECKING:
    from tests.chaos.driver import Driver


def edit(rig: Driver, show: Show, change: Callable[[Page], None]) -> None:
    """Open, change, save, close; and count it."""
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

    edit(rig, show, change)
    return f"sort {show.letter} by {by}"


def bench_sort(rig: Driver) -> str:
    """The desk sorts the file in its place, whole rows, while workers write to it; nobody has it open for that."""
    show = rig.show()
    by, down = rig.chance.choice(("Bib", "Name", "Start time")), rig.chance.random() < 0.5
    sheet = XlsxSheet(show.path)
    for _ in range(40):
        try:
            table = sheet.read()
            column = table.find(by)
            if column is None:
                return ""
            Bench(sheet).sort(table, column, descending=down)
        except (SheetChanged, SheetUnavailable):
            time.sleep(0.03)
        else:
            rig.tally["edits"] += 1
            return f"the desk sorts {show.letter} by {by}"
    return f"the desk could not sort {show.letter}"


def shuffle(rig: Driver) -> str:
    """The rows in another order, again and again, while results are being written."""
    show = rig.show()
    for _ in range(5):
        edit(rig, show, lambda page: rig.chance.shuffle(page.rows))
    return f"shuffle {show.letter}"


def insert(rig: Driver) -> str:
    """A new contestant, somewhere in the middle; not part of any campaign."""
    show = rig.show()
    bib = f"X{show.letter}{len(show.strangers):03d}"
    cells = {BIB: bib, "Name": show.name_of(bib), "Email": show.address_of(bib), "Start time": "12:00"}

    def change(page: Page) -> None:
        page.rows.insert(rig.chance.randint(0, len(page.rows)), [cells.get(title) for title in page.titles])

    show.strangers[bib] = cells
    edit(rig, show, change)
    return f"insert {bib}"


def copy(rig: Driver) -> str:
    """A row copied with all its cells, its key among them, and made into another person."""
    show = rig.show()
    bib = f"X{show.letter}{len(show.strangers):03d}"

    def change(page: Page) -> None:
        if not (rows := [row for row in page.rows if not page.get(row, BIB).startswith("X")]):
            return
        row = list(rig.chance.choice(rows))
        for title, value in ((BIB, bib), ("Name", show.name_of(bib)), ("Email", show.address_of(bib))):
            row[page.titles.index(title)] = value
        page.rows.insert(rig.chance.randint(0, len(page.rows)), row)
        show.strangers[bib] = {title: page.get(row, title) for title in page.titles}

    edit(rig, show, change)
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

    edit(rig, show, change)
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
        show.deleted[bib] = Gone(page.titles[:], list(row), len(show.renames))
        page.rows.remove(row)

    edit(rig, show, change)
    if back and gone:
        rig.later(rig.chance.uniform(0.3, 3), lambda: restore(show, gone[0]), f"undo the deletion of {gone[0]}")
    return f"delete {gone}"


def restore(show: Show, bib: str) -> None:
    """A deleted row is back as it was."""
    gone = show.deleted[bib]

    def change(page: Page) -> None:
        cells = dict(zip(gone.titles, gone.row, strict=False))
        for old, new in show.renames[gone.renames :]:
            cells[new] = cells.pop(old, None)
        page.rows.append([cells.get(title) for title in page.titles])

    show.desk.edit(change)
    del show.deleted[bib]


def move_columns(rig: Driver) -> str:
    """Columns in another order."""
    show = rig.show()

    def change(page: Page) -> None:
        order = list(range(len(page.titles)))
        place = rig.chance.choice(order)
        order.insert(rig.chance.randrange(len(order)), order.pop(order.index(place)))
        page.titles[:] = [page.titles[index] for index in order]
        page.rows[:] = [[row[index] for index in order] for row in page.rows]

    edit(rig, show, change)
    return f"move a column of {show.letter}"


def rename(rig: Driver) -> str:
    """One of our columns gets another title."""
    show = rig.show()
    campaign = show.now(rig.world)
    role = rig.chance.choice(sorted(campaign.columns) or [""])
    old = campaign.columns.get(role, "")
    new = f"{role} no {len(show.renames) + 1}"

    def change(page: Page) -> None:
        if (place := page.at(old)) is not None:
            page.titles[place] = new
            show.renames.append((old, new))

    edit(rig, show, change)
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

    edit(rig, show, change)
    rig.later(rig.chance.uniform(0.3, 2), lambda: mend(show), f"undo the sort without keys of {show.letter}")
    return f"sort {show.letter} without its keys"


def mend(show: Show) -> None:
    """Each row has its own key again."""
    torn = show.torn

    def change(page: Page) -> None:
        place = page.at(KEY)
        for row in page.rows if place is not None else []:
            key = torn.get(page.get(row, BIB))
            if key is not None:  # a row that came back meanwhile brought its own
                row[place] = None if key == "None" else key

    if torn:
        show.desk.edit(change)
        show.torn = {}


def hold(rig: Driver) -> str:
    """The workbook is open in Excel for a while: nobody can write."""
    show = rig.show()
    show.desk.open()
    rig.tally["faults"] += 1
    rig.later(rig.chance.uniform(0.3, 2.5), show.desk.close, f"{show.letter} is closed in Excel")
    return f"{show.letter} is open in Excel"
