"""What the verbs need to know about a row of a campaign: its columns in this sheet, its recipient, its fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.campaign import Campaign
from server.domain.fingerprint import identity_of, source_of
from server.domain.plan import Plan
from server.domain.preflight import Recipient
from server.domain.table import Row, Table
from server.domain.words import ChannelName, Role
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


def roles_of(plan: Plan) -> list[str]:
    """The columns that a campaign with this plan needs, in the order in which they stand in the sheet."""
    subject = [Role.SUBJECT] if plan.channel in {ChannelName.EMAIL, ChannelName.OUTBOX} and plan.subject else []
    head: list[str] = [Role.STATUS, *subject, Role.MESSAGE]
    tail: list[str] = [Role.REPLY, Role.CONFIDENCE, Role.FLAG, Role.NOTE]
    return [str(role) for role in (*head, *(column.name for column in plan.answer_columns), *tail)]


def title_of(campaign: Campaign, role: str) -> str:
    """The title that a role's column got in the sheet."""
    return campaign.columns.get(role, role)
