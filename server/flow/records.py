"""What the verbs need to know about a row of a campaign: its columns in this sheet, its recipient, its fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from server.domain.campaign import Campaign
from server.domain.fingerprint import identity_of, source_of
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.preflight import Recipient
from server.domain.table import Row, Table, fold
from server.domain.words import ChannelName, Problem, Role
from server.errors import AddressError
from server.ports import Channel


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one table as one plan understands them."""

    table: Table
    plan: Plan
    channel: Channel

    def record(self, row: Row) -> Mapping[str, str]:
        """Shown texts by column title."""
        return self.table.record(row)

    def person(self, row: Row) -> str:
        """The name in the row, "" when the plan knows no name column."""
        index = self.table.find(self.plan.name_column)
        return row.shown(index).strip() if index is not None else ""

    def raw_address(self, row: Row) -> str:
        """The address cell as shown; a bare number in full, so that a phone never turns up as 4.479E+11."""
        index = self.table.find(self.plan.address_column)
        if index is None:
            return ""
        cell = row.cells[index]
        if isinstance(cell.raw, int) and not isinstance(cell.raw, bool) and "E+" in cell.shown:
            return str(cell.raw)
        return cell.shown.strip()

    def address(self, row: Row) -> str:
        """The clean address. Raises AddressError with the reason."""
        raw = self.raw_address(row)
        if not raw:
            raise AddressError("There is no address in this row.")
        return self.channel.address(raw)

    def recipient(self, row: Row) -> Recipient:
        """Whom the row is about; without a usable address the reason stands in `why`."""
        try:
            return Recipient(row, self.address(row), self.person(row))
        except AddressError as error:
            return Recipient(row, "", self.person(row), error.sentence)

    def identity(self, row: Row) -> str:
        """Fingerprint of whom the row is about: the cells as shown, usable or not."""
        return identity_of(self.raw_address(row), self.person(row))

    def source(self, row: Row) -> str:
        """Fingerprint of the cells that a text of this plan may rest on."""
        plan = self.plan
        return source_of(self.record(row), {*plan.read_columns, plan.name_column, plan.address_column} - {""})


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
            return Problem.DUPLICATE, "The same person and address have a message already."
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
    subject = [Role.SUBJECT] if plan.channel in {ChannelName.EMAIL, ChannelName.OUTBOX} and plan.subject else []
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
