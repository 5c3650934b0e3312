"""What is wrong, or worth a question, before anything is drafted: worst kind first, each pointing to its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from server.domain.plan import Route
from server.domain.table import Row, Table
from server.domain.window import summary
from server.domain.words import CellKind, ChannelName, Problem

DAY = 24 * 3600.0


class Level(StrEnum):
    """`block`: these rows can't be sent; `ask`: a person decides; `warn`: worth a look."""

    BLOCK = "block"
    ASK = "ask"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class FaultCell:
    """Where: row key (or "" for the header), column title, and the row's number at the moment of the check."""

    key: str
    column: str
    row: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault, with all the cells it was found in. `columns` are those that it is about, `of` how many rows
    were looked at where it is said of some kind of row only: what a sentence in another language needs."""

    kind: str
    level: Level
    sentence: str
    cells: tuple[FaultCell, ...]
    columns: tuple[str, ...] = ()
    of: int = 0

    @property
    def rows(self) -> int:
        """How many rows its cells stand in."""
        return len({cell.key or cell.row for cell in self.cells})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a row is about: the clean address ("" with the reason in `why`), the person, what stands against it, and the
    route by which they are reached (None without an address). `astray`: the row names a channel that is none of the
    plan's. `silent`: they may be written to freely only after they wrote, and no template is planned."""

    row: Row
    address: str
    person: str
    why: str = ""
    problem: Problem = Problem.NONE
    way: Route | None = None
    astray: bool = False
    silent: bool = False


def sort_out(recipients: Sequence[Recipient]) -> list[Recipient]:
    """Mark rows without an address, rows that repeat a person, and people who share one address.

    The same person and address twice: the first row counts, the others are duplicates. Different people at one
    address are asked about, all of them: nobody but the organiser knows which of them the address belongs to.
    """
    groups: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        if recipient.address:
            groups.setdefault(recipient.address.casefold(), []).append(recipient)
    people = {address: {_name(one): one.person for one in group} for address, group in groups.items()}
    sorted_out = []
    for recipient in recipients:
        address = recipient.address.casefold()
        sorted_out.append(_judge(recipient, groups.get(address, []), people.get(address, {})))
    return sorted_out


def faults(
    table: Table,
    recipients: Sequence[Recipient],
    used: Sequence[str],
    address_columns: Sequence[str],
    channel_column: str = "",
) -> list[Fault]:
    """Everything pre-flight finds in the chosen rows, worst kind first; `used` are the columns a text may use."""
    found: list[Fault] = []

    def add(
        kind: str, level: Level, sentence: str, cells: Sequence[FaultCell], columns: Sequence[str] = (), of: int = 0
    ) -> None:
        if cells:
            found.append(Fault(kind, level, sentence, tuple(cells), tuple(dict.fromkeys(columns)), of))

    def cells(problem: Problem) -> list[FaultCell]:
        return [_cell(one.row, address_columns[0]) for one in recipients if one.problem is problem]

    astray = [_cell(one.row, channel_column) for one in recipients if one.astray]
    add(
        "unknown_channel",
        Level.BLOCK,
        f"{_rows(astray)} a word in “{channel_column}” that is no channel here.",
        astray,
        [channel_column],
    )
    missing = [_cell(one.row, address_columns[0]) for one in recipients if not one.address and not one.astray]
    columns = " or ".join(f"“{column}”" for column in address_columns)
    add("no_address", Level.BLOCK, f"{_rows(missing)} no usable address in {columns}.", missing, address_columns)
    errors = _cells_with(table, recipients, used, lambda kind, _: kind is CellKind.ERROR)
    broken = f"{_rows(errors)} an error such as #REF! in a column that the text uses."
    add("error_cell", Level.BLOCK, broken, errors, [cell.column for cell in errors])
    shared = cells(Problem.SHARED_ADDRESS)
    add("shared_address", Level.ASK, f"{_rows(shared)} an address that different people share. Write to each?", shared)
    double = cells(Problem.DUPLICATE)
    add("duplicate", Level.ASK, f"{_rows(double)} a person and address that stand further up already.", double)
    silent = [one for one in recipients if one.silent]
    columns_of = [_cell(one.row, one.way.address_column if one.way else address_columns[0]) for one in silent]
    windowed = sum(one.way is not None and one.way.channel is ChannelName.WHATSAPP for one in recipients)
    add("window", Level.WARN, summary(len(silent), windowed, DAY), columns_of, of=windowed)
    empty = _cells_with(table, recipients, used, lambda kind, shown: kind is not CellKind.ERROR and not shown.strip())
    empty = [cell for cell in empty if cell.column not in address_columns]
    nothing = f"{_rows(empty)} nothing in a column that the text uses."
    add("empty_cell", Level.WARN, nothing, empty, [cell.column for cell in empty])
    for warning in table.warnings:
        found.append(Fault("sheet", Level.WARN, warning, ()))
    return found


def _judge(recipient: Recipient, group: Sequence[Recipient], people: Mapping[str, str]) -> Recipient:
    if not recipient.address:
        return _with(recipient, Problem.NO_ADDRESS, recipient.why or NONE_THERE)
    if len(people) > 1:
        return _with(
            recipient,
            Problem.SHARED_ADDRESS,
            f"Shares its address with {_others(recipient, people)}. Approve it if that is right.",
        )
    if group and group[0] is not recipient:
        where = f"The same person and address as row {group[0].row.position}, which gets the message."
        return _with(recipient, Problem.DUPLICATE, f"{where} {BOTH}")
    return recipient


NONE_THERE = "There is no address in this row. Write one, and its text follows."
BOTH = "Type Approved to send this one as well."


def _others(recipient: Recipient, people: Mapping[str, str]) -> str:
    """A few names for a cell: a whole club may share one address."""
    few = list(islice((name or "a row without a name" for key, name in people.items() if key != _name(recipient)), 3))
    more = len(people) - 1 - len(few)
    return ", ".join(sorted(few)) + (f" and {more} more" if more else "")


def _with(recipient: Recipient, problem: Problem, why: str) -> Recipient:
    return replace(recipient, why=why, problem=problem)


def _name(recipient: Recipient) -> str:
    return " ".join(recipient.person.split()).casefold()


def _cell(row: Row, column: str) -> FaultCell:
    return FaultCell(row.key, column, row.position)


def _cells_with(
    table: Table, recipients: Sequence[Recipient], used: Sequence[str], test: Callable[[CellKind, str], bool]
) -> list[FaultCell]:
    places: Mapping[str, int | None] = {name: table.find(name) for name in used}
    return [
        _cell(one.row, name)
        for one in recipients
        for name, index in places.items()
        if index is not None and test(one.row.cells[index].kind, one.row.cells[index].shown)
    ]


def _rows(cells: Sequence[FaultCell]) -> str:
    count = len({cell.row for cell in cells})
    return f"{count} rows have" if count != 1 else "1 row has"
