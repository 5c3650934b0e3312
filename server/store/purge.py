"""Personal data leaves the ledger: what is emptied, and what stays (counts, states, suppressions)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from server.domain.plan import Plan
from server.domain.words import CampaignState
from server.ports import Cipher
from server.store import codec
from server.store.database import Database
from server.store.schema import (
    EMPTY,
    accounts,
    audit,
    campaigns,
    cell_writes,
    contacts,
    events,
    leases,
    links,
    messages,
    names,
    replies,
)

LEFT = (CampaignState.PLANNED, CampaignState.DRAFTED, CampaignState.PAUSED)
"""Where people leave campaigns that they never end."""

IDLE = timedelta(days=1)
"""What nobody has ended is theirs to go on with for so long, whatever purge is asked for."""


UNUSED = timedelta(days=90)
"""What renews a person's access to Microsoft has ended by itself when it was not used for so long."""


def purge(database: Database, cipher: Cipher, before: datetime, now: datetime) -> int:
    """Empty what belongs to campaigns that ended before that moment, or were left lying since; take away events
    received before it.

    How many messages were emptied. It asks what is still there, not what was purged once, so that what came in late
    goes with the next purge. Raises TemporaryError.
    """
    limit, over = codec.micros(before), _over(before, now)
    unused = codec.micros(min(before, now - UNUSED))

    def change(connection: Connection) -> tuple[int, int]:
        emptied = _empty_messages(connection, over)
        return emptied, _empty_campaigns(connection, cipher, over) + _take_away(connection, limit, over, unused)

    emptied, others = database.write(change)
    if emptied or others:
        database.shed()
    return emptied


def _over(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Campaigns that ended before that moment, and those left lying in which nothing has happened since."""
    last = select(audit.c.at).where(audit.c.campaign_id == campaigns.c.id).order_by(audit.c.seq.desc()).limit(1)
    touched = func.coalesce(last.scalar_subquery(), campaigns.c.created_at, 0)
    left = and_(campaigns.c.ended_at.is_(None), campaigns.c.state.in_([state.value for state in LEFT]))
    return or_(campaigns.c.ended_at < codec.micros(before), and_(left, touched < codec.micros(min(before, now - IDLE))))


def _empty_messages(connection: Connection, over: ColumnElement[bool]) -> int:
    """Token and provider's id go too: no late report or reply brings new data to an emptied row.

    `rendered` catches up, so that emptied texts are never taken for something to write into the sheet.
    """
    full = or_(
        messages.c.draft.is_not(None),
        messages.c.answer.is_not(None),
        messages.c.note.is_not(None),
        messages.c.blind != EMPTY,
        messages.c.token != EMPTY,
        messages.c.provider_id != EMPTY,
    )
    ended = select(campaigns.c.id).where(over)
    emptied = update(messages).where(messages.c.campaign_id.in_(ended), full)
    sealed = {"draft": None, "answer": None, "note": None}
    clear = {"blind": "", "token": "", "provider_id": "", "rendered": messages.c.version}
    return connection.execute(emptied.values(sealed | clear)).rowcount


def _empty_campaigns(connection: Connection, cipher: Cipher, over: ColumnElement[bool]) -> int:
    """Of the plan, the columns, the channel and the routes stay."""
    done = 0
    for row in connection.execute(select(campaigns).where(over)).all():
        words = json.loads(cipher.open(row.words))
        plan = codec.read(Plan, words["plan"])
        bare = Plan(plan.channel, plan.provider, plan.address_column, plan.name_column, plan.read_columns)
        bare = replace(bare, routes=plan.routes, channel_column=plan.channel_column)
        empty = {"name": "", "instruction": "", "plan": codec.plain(bare), "started_by": "", "note": ""}
        if words != empty:
            values = {"words": cipher.seal(codec.to_json(empty)), "version": row.version + 1}
            connection.execute(update(campaigns).where(campaigns.c.seq == row.seq).values(values))
            done += 1
    return done


def _take_away(connection: Connection, before: int, over: ColumnElement[bool], unused: int) -> int:
    """Cell writes, replies and audit of those campaigns, replies of no row; and of long ago events, leases, links,
    accounts and contacts."""
    ended = select(campaigns.c.id).where(over)
    unmatched = and_(replies.c.campaign_id.is_(None), replies.c.received_at < before)
    placeless = and_(audit.c.campaign_id.is_(None), audit.c.at < before)
    gone = (
        delete(cell_writes).where(cell_writes.c.campaign_id.in_(ended)),
        delete(replies).where(or_(replies.c.campaign_id.in_(ended), unmatched)),
        delete(audit).where(or_(audit.c.campaign_id.in_(ended), placeless)),
        delete(events).where(events.c.received_at < before),
        delete(leases).where(leases.c.until < before),
        delete(links).where(links.c.until < before),
        delete(accounts).where(accounts.c.since < unused),
        delete(contacts).where(contacts.c.heard_at < before),
        delete(names).where(names.c.since < before),
    )
    return sum(connection.execute(statement).rowcount for statement in gone)
