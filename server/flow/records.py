"""What the verbs need to know about a row of a campaign: its columns in this sheet, its recipient, its fingerprints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from server.domain.campaign import Campaign
from server.domain.fingerprint import identity_of, source_of
from server.domain.message import Message
from server.domain.plan import Plan, Route
from server.domain.preflight import BOTH, Recipient
from server.domain.routes import candidates, mark
from server.domain.table import Row, Table, fold
from server.domain.templates import leftovers
from server.domain.words import ChannelName, Problem, Role
from server.errors import AddressError
from server.ports import ChannelOf


class Astray(AddressError):
    """The row names a channel that is none, or none of the plan's."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a row's message goes: its route, with the provider that carries it, and the clean address there."""

    way: Route
    address: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one table as one plan understands them."""

    table: Table
    plan: Plan
    channel_of: ChannelOf

    def record(self, row: Row) -> Mapping[str, str]:
        """Shown texts by column title."""
        return self.table.record(row)

    def person(self, row: Row) -> str:
        """The name in the row, "" when the plan knows no name column."""
        return self.shown(row, self.plan.name_column)

    def shown(self, row: Row, column: str) -> str:
        """A cell's stripped text, "" where there is no such column."""
        index = self.table.find(column) if column else None
        return row.shown(index).strip() if index is not None else ""

    def raw_address(self, row: Row, column: str) -> str:
        """The address cell as shown; a bare number in full, so that a phone never turns up as 4.479E+11."""
        index = self.table.find(column)
        if index is None:
            return ""
        cell = row.cells[index]
        if isinstance(cell.raw, int) and not isinstance(cell.raw, bool) and "E+" in cell.shown:
            return str(cell.raw)
        return cell.shown.strip()

    def bound(self, row: Row, unreached: Collection[str] = ()) -> Bound:
        """The first route of the row that has a usable address, but for those on which nobody was found.

        Raises AddressError with the reason, InvalidInput for a channel that is not set up here.
        """
        try:
            ways = candidates(self.plan, self.shown(row, self.plan.channel_column), fallback=bool(unreached))
        except ValueError as error:
            raise Astray(str(error)) from None
        why: AddressError | None = None
        for way in ways:
            if not (raw := self.raw_address(row, way.address_column)):
                continue
            channel = self.channel_of(way.channel, way.provider)
            try:
                address = channel.address(raw)
            except AddressError as error:
                why = why or error
                continue
            if mark(way.channel, address) not in unreached:
                return Bound(replace(way, provider=channel.provider), address)
        raise why or AddressError("There is no address in this row." if not unreached else NO_OTHER)

    def recipient(self, row: Row) -> Recipient:
        """Whom the row is about; without a usable address the reason stands in `why`."""
        try:
            bound = self.bound(row)
        except AddressError as error:
            return Recipient(row, "", self.person(row), error.sentence, astray=isinstance(error, Astray))
        return Recipient(row, bound.address, self.person(row), way=bound.way)

    def identity(self, row: Row) -> str:
        """Fingerprint of whom the row is about: the cells as shown, usable or not."""
        raw = "\n".join(self.raw_address(row, column) for column in self.plan.address_columns)
        return identity_of(raw, self.person(row))

    def leftover(self, row: Row, text: str, subject: str) -> str:
        """What of a message must never leave (an unfilled placeholder, `#REF!`, `undefined`), the first one; or ""."""
        found = leftovers(f"{subject}\n{text}", tuple(self.record(row)), self.plan.asked)
        return found[0] if found else ""

    def source(self, row: Row) -> str:
        """Fingerprint of the cells that a text of this plan may rest on, and that say where it goes."""
        return source_of(self.record(row), {*self.plan.read_columns, *self.plan.row_columns})


NO_OTHER = "Nobody was reached at this address, and the row has none on another channel of the plan."


class Written:
    """Who has a message in a campaign, whatever row they stand in now: nobody gets two because rows moved or came."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._to: dict[str, list[tuple[str, str]]] = {}
        for message in messages:
            self.add(message.id, message.address, message.person)

    def add(self, message_id: str, address: str, person: str) -> None:
        """Count this message in."""
        if address:
            self._to.setdefault(address.casefold(), []).append((message_id, person))

    def stands(self, address: str, person: str, besides: str = "") -> tuple[Problem, str]:
        """What stands against another message to them (`besides` is its own id), with a sentence."""
        others = [name for other, name in self._to.get(address.casefold(), ()) if other != besides]
        if not others:
            return Problem.NONE, ""
        if any(_same(name, person) for name in others):
            return Problem.DUPLICATE, f"The same person and address have a message already. {BOTH}"
        return Problem.SHARED_ADDRESS, f"Shares its address with {others[0] or 'a row without a name'}. {IF_RIGHT}"

    def judge(self, recipient: Recipient) -> Recipient:
        """The recipient of a row without a message, with what stands against one."""
        if recipient.problem is Problem.NO_ADDRESS or not recipient.address:
            return recipient
        problem, why = self.stands(recipient.address, recipient.person)
        if problem is Problem.NONE or recipient.problem is Problem.DUPLICATE:
            return recipient
        return replace(recipient, problem=problem, why=why)


IF_RIGHT = "Approve it if that is right."


def _same(name: str, other: str) -> bool:
    return fold(name) == fold(other)


def roles_of(plan: Plan) -> list[str]:
    """The columns that a campaign with this plan needs, in the order in which they stand in the sheet."""
    mails = {way.channel for way in plan.ways} & {ChannelName.EMAIL, ChannelName.OUTBOX}
    subject = [Role.SUBJECT] if mails and plan.subject else []
    head: list[str] = [Role.STATUS, *subject, Role.MESSAGE]
    tail: list[str] = [Role.REPLY, Role.CONFIDENCE, Role.FLAG, Role.NOTE]
    return [str(role) for role in (*head, *(column.name for column in plan.answer_columns), *tail)]


SHARED = 0.3
"""Part of `Sheet.look_seconds` by which a job's look may be older when it begins: jobs that follow each other share."""

TOGETHER = 1.0
"""Seconds: looks at a sheet that belong to one act may share one table where its host counts calls (a file is always
looked at anew). It is never one from before a write of ours."""


def title_of(campaign: Campaign, role: str) -> str:
    """The title that a role's column got in the sheet."""
    return campaign.columns.get(role, role)
