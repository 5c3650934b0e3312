"""Use cases of the numbers around a plan: which rows a campaign means, which get nothing and why, and all cells of a
fault. What is counted and what is listed come from the same look at the sheet."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from server.domain.campaign import Campaign
from server.domain.preflight import Recipient
from server.domain.rows import choose
from server.domain.table import Row, Table
from server.flow import planning
from server.flow.records import Reader
from server.services import Services

T = TypeVar("T")


class Kind(StrEnum):
    """Why a row gets a message, or none."""

    CHOSEN = "chosen"
    HIDDEN = "hidden"
    OTHER = "other"
    SENT = "sent"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row with the reason, and the column where it is seen."""

    key: str
    row: int
    person: str
    reason: str
    column: str


KEPT = 8
"""Lists that are remembered, so that turning a page does not survey the whole sheet again."""


class Recent:
    """The last lists, each of one state of a plan and a sheet. Forgetting one costs time, never truth."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: OrderedDict[tuple[object, ...], Sequence[object]] = OrderedDict()

    def kept(self, state: tuple[object, ...], make: Callable[[], Sequence[T]]) -> Sequence[T]:
        """What `make` makes of that state, made once. The state must name all that it is made from, and what it is."""
        with self._lock:
            if state in self._lists:
                self._lists.move_to_end(state)
                return cast("Sequence[T]", self._lists[state])
        found = make()
        with self._lock:
            self._lists[state] = found
            while len(self._lists) > KEPT:
                self._lists.popitem(last=False)
        return found


def rows_of(services: Services, campaign: Campaign, table: Table, kind: Kind) -> list[LeftOut]:
    """The rows of a kind, in the order of the sheet."""
    reader = Reader(table, campaign.plan, services.channel_for)
    if kind in {Kind.HIDDEN, Kind.OTHER}:
        taken = {row.position for row in choose(table, campaign.rows).rows}
        rest = [row for row in table.rows if not row.empty and row.position not in taken]
        by_hand = "visible" not in campaign.rows
        if by_hand is (kind is Kind.HIDDEN):
            return []
        return _rows(reader, rest, "Not among the chosen rows." if by_hand else "Hidden in the sheet.")
    found = planning.survey(table, campaign.plan, services.channel_for, campaign.rows)
    if kind is Kind.SENT:
        kept = {one.row.key for one in found.recipients}
        return _rows(reader, [row for row in found.choice.rows if row.key not in kept], "Already sent to.")
    wanted = [one for one in found.recipients if bool(one.address) is (kind is Kind.CHOSEN)]
    return [_recipient(campaign, one) for one in wanted]


def _recipient(campaign: Campaign, one: Recipient) -> LeftOut:
    column = one.way.address_column if one.way else campaign.plan.address_column
    if one.astray:
        column = campaign.plan.channel_column or column
    return LeftOut(one.row.key, one.row.position, one.person, one.address or one.why, column)


def _rows(reader: Reader, rows: Sequence[Row], reason: str) -> list[LeftOut]:
    column = reader.plan.name_column or reader.plan.address_column
    return [LeftOut(row.key, row.position, reader.person(row), reason, column) for row in rows]
