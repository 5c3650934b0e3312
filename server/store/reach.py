"""How far a campaign's messages got, and when, from plain columns: nothing sealed is opened here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, or_, select

from server.domain.machine import LOST
from server.domain.reach import Reach, Stage
from server.domain.timeline import Slice
from server.domain.words import DeliveryStatus, MessageState, Outcome, Status
from server.store import codec
from server.store.database import Database
from server.store.rows import word_of
from server.store.schema import EMPTY, TOLD, messages, replies

_TOLD = tuple(messages.c[name] for name in TOLD)
_SENT = MessageState.SENT.value
_LOST = [word.value for word in LOST]
_HAD = [DeliveryStatus.DELIVERED.value, DeliveryStatus.READ.value, DeliveryStatus.COMPLAINED.value]
_MICROS = 1_000_000

_Test = Callable[[FromClause], ColumnElement[bool]]
"""What is asked of a message, whichever of its row's it is."""


def reach(database: Database, campaign_id: str, rested: datetime) -> Reach:
    """`ports.Messages.reach`: one look at each message, however many stages there are."""
    sums = [func.sum(case((_has(stage, rested), 1), else_=0)) for stage in Stage]
    query = select(*_TOLD, *sums).where(*_shown(campaign_id)).group_by(*_TOLD)
    stages: Counter[Stage] = Counter()
    told: Counter[Status | None] = Counter()
    with database.reading() as connection:
        for row in connection.execute(query):
            found = dict(zip(Stage, map(int, row[len(_TOLD) :]), strict=True))
            stages.update(found)
            told[word_of(row[: len(_TOLD)])] += found[Stage.SENT]
    return Reach(
        {stage: stages[stage] for stage in Stage}, {word: told[word] for word in (*Status, None) if told[word]}
    )


def rows_at(database: Database, campaign_id: str, stage: Stage, rested: datetime) -> set[str]:
    """`ports.Messages.rows_at`."""
    query = select(messages.c.row_key).where(*_shown(campaign_id), _has(stage, rested))
    with database.reading() as connection:
        return set(connection.execute(query).scalars())


def written_to(database: Database, campaign_id: str) -> int:
    """`ports.Messages.written_to`."""
    query = select(func.count()).select_from(messages).where(*_shown(campaign_id), _any_step(_went))
    with database.reading() as connection:
        return connection.execute(query).scalar_one()


def slices(database: Database, campaign_id: str, seconds: int) -> list[Slice]:
    """`ports.Messages.slices`."""
    size = seconds * _MICROS
    sent = select(messages.c.sent_at.label("at")).where(
        messages.c.campaign_id == campaign_id, messages.c.state == _SENT, messages.c.sent_at.is_not(None)
    )
    with database.reading() as connection:
        went = {int(slot): int(count) for slot, count in connection.execute(_slots(sent, size))}
        back = {int(slot): int(count) for slot, count in connection.execute(_slots(_answers(campaign_id), size))}
    found = sorted(went.keys() | back.keys())
    return [Slice(codec.moment(slot * size), went.get(slot, 0), back.get(slot, 0)) for slot in found]


def _slots(moments: Select[Any], size: int) -> Select[Any]:
    """(number of the slice, how many) for a query's column `at`."""
    slot = (moments.subquery().c.at // size).label("slot")
    return select(slot, func.count()).group_by(slot)


def _answers(campaign_id: str) -> Select[Any]:
    """When each row that has an answer was first heard of."""
    other = messages.alias("other")
    same_row = and_(other.c.campaign_id == campaign_id, other.c.row_key == messages.c.row_key)
    answer = and_(other.c.outcome.is_not(None), other.c.outcome != Outcome.AUTOMATIC.value)
    heard = select(func.min(replies.c.received_at).label("at")).join(messages, messages.c.id == replies.c.message_id)
    heard = heard.where(replies.c.campaign_id == campaign_id, exists().where(same_row, answer))
    return heard.group_by(messages.c.row_key)


def _shown(campaign_id: str) -> tuple[ColumnElement[bool], ...]:
    return messages.c.campaign_id == campaign_id, messages.c.followed.is_(False)


def _has(stage: Stage, rested: datetime) -> ColumnElement[bool]:
    """What makes a row, by its shown message, one of that stage."""
    match stage:
        case Stage.SENT:
            return _any_step(_went)
        case Stage.DELIVERED:
            return _any_step(_arrived)
        case Stage.READ:
            return _any_step(lambda one: and_(_went(one), one.c.delivery == DeliveryStatus.READ.value))
        case Stage.REMINDED:
            again, silent = _any_step(_went_again), _any_step(_unanswered, followed=True)
            return and_(messages.c.step > 0, again, silent)
        case Stage.SILENT:
            return and_(_went(messages), ~_just_reminded(rested), *_silent())
        case Stage.RESTING:
            return and_(_went(messages), _just_reminded(rested), *_silent())


def _any_step(test: _Test, *, followed: bool = False) -> ColumnElement[bool]:
    """The shown message fits, or an earlier one of its row does: only rows that were written to again have any."""
    other = messages.alias("other")
    same_row = and_(other.c.campaign_id == messages.c.campaign_id, other.c.row_key == messages.c.row_key)
    earlier = and_(messages.c.step > 0, exists().where(same_row, other.c.followed.is_(True), test(other)))
    return earlier if followed else or_(test(messages), earlier)


def _went(one: FromClause) -> ColumnElement[bool]:
    return one.c.state == _SENT


def _went_again(one: FromClause) -> ColumnElement[bool]:
    return and_(_went(one), one.c.step > 0)


def _arrived(one: FromClause) -> ColumnElement[bool]:
    return and_(_went(one), or_(one.c.delivery.in_(_HAD), one.c.outcome.is_not(None)))


def _unanswered(one: FromClause) -> ColumnElement[bool]:
    return and_(_went(one), or_(one.c.outcome.is_(None), one.c.outcome == Outcome.AUTOMATIC.value))


def _silent() -> tuple[ColumnElement[bool], ...]:
    """As `flow.following` chooses whom to remind."""
    lost = messages.c.delivery.in_(_LOST)
    return messages.c.outcome.is_(None), messages.c.settled.is_(False), messages.c.token != EMPTY, ~lost


def _just_reminded(rested: datetime) -> ColumnElement[bool]:
    last = func.coalesce(messages.c.claimed_at, 0)
    return and_(messages.c.step > 0, last > codec.micros(rested))
