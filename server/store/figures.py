"""The ledger in numbers, from its indexes: nothing sealed is opened here."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Column, Connection, Table, TextClause, and_, func, or_, select, text

from server.domain.figures import Figures, Waiting
from server.domain.usage import Usage, Used
from server.domain.words import CampaignState, ChannelName, MessageState, Status
from server.store import codec
from server.store.database import Database
from server.store.rows import word_of
from server.store.schema import TOLD, campaigns, cell_writes, events, labels, messages, replies, usage

_TOLD = tuple(messages.c[name] for name in TOLD)
# Written out, so that the partial indexes are seen to fit.
_PENDING, _STALE = text("state = 'pending'"), text("version > rendered AND NOT followed")
_NOT_DONE, _UNREAD = text("NOT done"), text("message_id IS NOT NULL AND NOT interpreted")
_UNMATCHED = text("message_id IS NULL")


def figures(database: Database, now: datetime) -> Figures:
    """The numbers at this moment. Raises TemporaryError."""
    with database.reading() as connection:
        states = select(campaigns.c.state, func.count()).group_by(campaigns.c.state)
        return Figures(
            campaigns={CampaignState(state): count for state, count in connection.execute(states)},
            messages=_messages(connection),
            due=_due(connection, now),
            stale=_count(connection, messages, _STALE),
            cells=_waiting(connection, cell_writes.c.wanted_at, _PENDING),
            events=_waiting(connection, events.c.received_at, _NOT_DONE),
            replies=_waiting(connection, replies.c.received_at, _UNREAD),
            unmatched=_count(connection, replies, _UNMATCHED),
            reviews=_reviews(connection),
            used=_used(connection),
        )


def _messages(connection: Connection) -> Counter[tuple[ChannelName, Status | None]]:
    """From an index, the channels included; a message that is bound for none yet counts on its campaign's."""
    named = connection.execute(select(campaigns.c.id, campaigns.c.channel)).all()
    own = {campaign_id: ChannelName(channel) for campaign_id, channel in named}
    columns = (messages.c.campaign_id, messages.c.channel, *_TOLD)
    query = select(*columns, func.count()).where(messages.c.followed.is_(False)).group_by(*columns)
    counts: Counter[tuple[ChannelName, Status | None]] = Counter()
    for campaign_id, channel, *told, count in connection.execute(query):
        if channel or campaign_id in own:  # not one that was added between the two looks
            counts[ChannelName(channel) if channel else own[campaign_id], word_of(told)] += count
    return counts


def _reviews(connection: Connection) -> dict[tuple[str, str, bool], int]:
    kind = (labels.c.prompt, labels.c.model, labels.c.right)
    rows = connection.execute(select(*kind, func.count()).group_by(*kind).order_by(*kind))
    return {(prompt, model, right): count for prompt, model, right, count in rows}


def _used(connection: Connection) -> tuple[Used, ...]:
    sums = (func.sum(usage.c[name]) for name in ("input", "cached", "output", "calls"))
    made = (usage.c.prompt, usage.c.model)
    rows = connection.execute(select(*made, *sums).group_by(*made).order_by(*made))
    return tuple(Used(prompt, model, Usage(*map(int, counts))) for prompt, model, *counts in rows)


def _due(connection: Connection, now: datetime) -> int:
    moment = codec.micros(now)
    sending = and_(
        campaigns.c.state == CampaignState.SENDING.value,
        or_(campaigns.c.start_at.is_(None), campaigns.c.start_at <= moment),
    )
    query = select(func.count()).select_from(messages).join(campaigns, campaigns.c.id == messages.c.campaign_id)
    query = query.where(sending, messages.c.state == MessageState.APPROVED.value)
    query = query.where(or_(messages.c.due_at.is_(None), messages.c.due_at <= moment))
    return int(connection.execute(query).scalar_one())


def _count(connection: Connection, of: Table, which: TextClause) -> int:
    return int(connection.execute(select(func.count()).select_from(of).where(which)).scalar_one())


def _waiting(connection: Connection, since: Column[int], which: TextClause) -> Waiting:
    """How many fit, and the earliest `since` among them."""
    count, oldest = connection.execute(select(func.count(), func.min(since)).where(which)).one()
    return Waiting(int(count), codec.moment_or_none(oldest))
