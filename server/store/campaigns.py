"""Campaigns in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select, update

from server.domain.audit import Entry, Kind
from server.domain.campaign import Campaign
from server.domain.machine import CAMPAIGN_MOVES
from server.domain.machine.campaigns import MOVERS
from server.domain.plan import Plan
from server.domain.words import Actor, CampaignState
from server.errors import Conflict, NotFound
from server.ports import Cipher, Clock, Start
from server.store import begins, codec
from server.store.audit import note as note_down
from server.store.database import Database
from server.store.schema import campaigns
from server.store.together import revision_of_sheet

LIVE = timedelta(days=30)
"""How long a finished campaign still counts as live: answers keep coming."""

_SEALED_MOMENTS = ("begun_at", "refused_since", "started_at", "scheduled_at")
"""Beside the words, so that a ledger from before they were kept needs no change."""
_BOUNDS: tuple[str, ...] = ("halted", "trial", "sure_at", "most_tokens", "most_cost", "dressed", "undressed")
_BOUNDS += ("at_column", "at_day", "at_time", "at_zone", "hours")
"""The same."""

_AT_WORK = frozenset({CampaignState.SENDING, CampaignState.PAUSED})
_ENDED = frozenset({CampaignState.DONE, CampaignState.CANCELLED})


class SqlCampaigns:
    """`ports.Campaigns` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def add(self, campaign: Campaign) -> None:
        """Store a new campaign. Raises Conflict when its id is taken."""
        values = {"id": campaign.id, "state": campaign.state.value} | self._values(campaign)

        statement = self._database.insert(campaigns).on_conflict_do_nothing(index_elements=["id"])

        def change(connection: Connection) -> bool:
            if connection.execute(statement.returning(campaigns.c.seq), values).first() is None:
                return False
            self._note(connection, campaign, campaign, Actor.ORGANISER, campaign.started_by, campaign.note)
            return True

        if not self._database.write(change):
            raise Conflict(f"The campaign {campaign.id} is in the ledger already.")

    def get(self, campaign_id: str) -> Campaign:
        """Raises NotFound."""
        found = self._read(select(campaigns).where(campaigns.c.id == campaign_id))
        if not found:
            raise _missing(campaign_id)
        return found[0]

    def of_sheet(self, workbook: str, sheet: str | None = None) -> list[Campaign]:
        """Campaigns of a workbook (and tab), newest first."""
        query = select(campaigns).where(campaigns.c.workbook == workbook).order_by(campaigns.c.seq.desc())
        return self._read(query if sheet is None else query.where(campaigns.c.sheet == sheet))

    def revision(self, workbook: str, sheet: str) -> str:
        """A word that changes whenever a campaign of that tab does."""
        return revision_of_sheet(self._database, workbook, sheet)

    def live(self) -> list[Campaign]:
        """Campaigns that have not ended, or ended less than 30 days ago, newest first."""
        since = codec.micros(self._clock.now() - LIVE)
        query = select(campaigns).where(or_(campaigns.c.ended_at.is_(None), campaigns.c.ended_at > since))
        return self._read(query.order_by(campaigns.c.seq.desc()))

    def save(self, campaign: Campaign) -> Campaign:
        """Store changed fields (all but id and state); returns it as stored. Raises Conflict, NotFound."""
        new = replace(campaign, version=campaign.version + 1)
        values = self._values(new)

        def change(connection: Connection) -> Campaign:
            guard = and_(campaigns.c.id == campaign.id, campaigns.c.version == campaign.version)
            if connection.execute(update(campaigns).where(guard).values(values)).rowcount:
                state = connection.execute(select(campaigns.c.state).where(campaigns.c.id == campaign.id)).scalar_one()
                return replace(new, state=CampaignState(state))
            if connection.execute(select(campaigns.c.id).where(campaigns.c.id == campaign.id)).first() is None:
                raise _missing(campaign.id)
            raise Conflict("The campaign was changed by somebody else meanwhile. Look at it again, then repeat it.")

        return self._database.write(change)

    def move(
        self,
        campaign_id: str,
        to: CampaignState,
        *,
        start_at: datetime | None = None,
        note: str = "",
        who: str = "",
    ) -> bool:
        """Change the state if the machine allows it (or it is that one already). Raises NotFound.

        The note is replaced when the state changes, kept when it does not and none is given. A change of state
        leaves an audit entry; `who` is the person who asked for it, where one did.
        """

        def change(connection: Connection) -> bool:
            query = select(campaigns).where(campaigns.c.id == campaign_id).with_for_update(key_share=True)
            row = connection.execute(query).first()
            if row is None:
                raise _missing(campaign_id)
            old = self._campaign(row)
            if old.state is not to and to not in CAMPAIGN_MOVES[old.state]:
                return False
            new = self._moved(old, to, start_at, note)
            if new != old:
                values = self._values(replace(new, version=old.version + 1)) | {"state": to.value}
                guard = and_(campaigns.c.seq == row.seq, campaigns.c.version == old.version)
                connection.execute(update(campaigns).where(guard).values(values))
            if old.state is not to:
                others = [actor for actor in MOVERS[old.state, to] if actor is not Actor.ORGANISER]
                actor = others[0] if others and not who else Actor.ORGANISER
                self._note(connection, old, new, actor, who, note)
            return True

        return self._database.write(change)

    def begin(self, campaign_id: str, start: Start) -> Campaign:
        """Begin to send, in one transaction with what that means for each approved message. Raises Conflict."""

        def change(connection: Connection) -> Campaign:
            known = begins.begin(connection, campaign_id, start, self._cipher, self._clock.now())
            query = select(campaigns).where(campaigns.c.id == campaign_id).with_for_update(key_share=True)
            row = connection.execute(query).first()
            if row is None:
                raise _missing(campaign_id)
            old = self._campaign(row)
            if old.state in _AT_WORK:
                raise Conflict(old.at_work("UTC" if start.by is None else start.by.zone))
            if CampaignState.SENDING not in CAMPAIGN_MOVES[old.state]:
                raise Conflict(f"This campaign is {old.state.value}: it can't be sent.")
            if not begins.left(connection, campaign_id, start, known):
                raise Conflict("Nothing of this is approved (any more): approve the drafts first.")
            new = replace(
                self._moved(old, CampaignState.SENDING, start.at, ""),
                started_by=start.who or old.started_by,
                started_at=self._clock.now(),
                scheduled_at=start.scheduled_at,
                at_column=start.by.column if start.by else "",
                at_day=start.by.day.isoformat() if start.by else "",
                at_time=start.by.at.isoformat("minutes") if start.by else "",
                at_zone=start.by.zone if start.by else "",
                hours=start.hours,
                version=old.version + 1,
            )
            values = self._values(new) | {"state": new.state.value}
            connection.execute(update(campaigns).where(campaigns.c.seq == row.seq).values(values))
            self._note(connection, old, new, Actor.ORGANISER, start.who, "")
            return new

        return self._database.write(change)

    def _note(self, connection: Connection, old: Campaign, new: Campaign, actor: Actor, who: str, why: str) -> None:
        states = (old.state.value, new.state.value)
        entry = Entry(self._clock.now(), Kind.CAMPAIGN, actor, new.state.value, who, why, *states, new.id)
        note_down(connection, [entry], self._cipher)

    def _moved(self, old: Campaign, to: CampaignState, start_at: datetime | None, note: str) -> Campaign:
        new = replace(old, state=to, start_at=start_at or old.start_at)
        if to is CampaignState.DRAFTED:  # taken back: no moment is chosen any more
            new = replace(new, scheduled_at=None, at_column="", at_day="", at_time="", at_zone="", hours=None)
        if old.state is to:
            return replace(new, note=note or old.note)
        begun = (start_at or self._clock.now()) if to is CampaignState.SENDING else old.begun_at
        ended = self._clock.now() if to in _ENDED else None
        return replace(new, note=note, ended_at=ended, begun_at=begun, refused_since=None, stopped={})

    def _read(self, query: Select[Any]) -> list[Campaign]:
        with self._database.reading() as connection:
            return [self._campaign(row) for row in connection.execute(query)]

    def _values(self, campaign: Campaign) -> dict[str, Any]:
        """All columns but id and state."""
        words = {
            "name": campaign.name,
            "instruction": campaign.instruction,
            "plan": codec.plain(campaign.plan),
            "started_by": campaign.started_by,
            "note": campaign.note,
            "stopped": dict(campaign.stopped),
            "adopted": campaign.adopted,
        } | {name: getattr(campaign, name) for name in _BOUNDS}
        words |= {name: codec.micros_or_none(getattr(campaign, name)) for name in _SEALED_MOMENTS}
        moments = {name: getattr(campaign, name) for name in ("created_at", "start_at", "ended_at")}
        return {
            "workbook": campaign.workbook,
            "sheet": campaign.sheet,
            "channel": campaign.plan.channel.value,
            "header_row": campaign.header_row,
            "rows": codec.to_json(list(campaign.rows)),
            "columns": codec.to_json(dict(campaign.columns)),
            "words": self._cipher.seal(codec.to_json(words)),
            "version": campaign.version,
        } | {name: codec.micros_or_none(at) for name, at in moments.items()}

    def _campaign(self, row: Row[Any]) -> Campaign:
        words: Mapping[str, Any] = json.loads(self._cipher.open(row.words))
        moments: Mapping[str, Any] = {name: codec.moment_or_none(words.get(name)) for name in _SEALED_MOMENTS}
        bounds: Mapping[str, Any] = {name: words[name] for name in _BOUNDS if name in words}
        return Campaign(
            id=row.id,
            workbook=row.workbook,
            sheet=row.sheet,
            name=words["name"],
            instruction=words["instruction"],
            plan=codec.read(Plan, words["plan"]),
            state=CampaignState(row.state),
            header_row=row.header_row,
            rows=tuple(json.loads(row.rows)),
            columns=json.loads(row.columns),
            started_by=words["started_by"],
            created_at=codec.moment_or_none(row.created_at),
            start_at=codec.moment_or_none(row.start_at),
            ended_at=codec.moment_or_none(row.ended_at),
            note=words["note"],
            stopped=words.get("stopped", {}),
            adopted=None if words.get("adopted") is None else tuple(words["adopted"]),
            version=row.version,
            **moments,
            **bounds,
        )


def _missing(campaign_id: str) -> NotFound:
    return NotFound(f"The campaign {campaign_id} is not in the ledger. It may belong to another data folder.")
