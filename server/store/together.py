"""What people who work on one sheet at once ask the ledger again and again: did anything change, who approved what."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Executable, func, select, text

from server.domain.approvals import ApprovedBy, approved_by
from server.domain.words import BEYOND_SEND, MessageState
from server.ports import Cipher
from server.store import codec
from server.store.database import Database
from server.store.schema import audit, campaigns, cell_writes, messages

_PENDING, _DIRTY = text("state = 'pending'"), text("version > rendered AND NOT followed")
"""Written out, so that the partial indexes are seen to fit."""
_APPROVED = [state.value for state in (MessageState.APPROVED, *BEYOND_SEND)]
_ERASED = "erased"
"""What else takes an approval out of the ledger; a purge takes the audit itself."""

KEPT = 64
"""Campaigns whose approvals are kept at hand."""


def revision_of_sheet(database: Database, workbook: str, sheet: str) -> str:
    """A word that changes whenever a campaign of that sheet does: how many there are, and the sums of what only ever
    grows with a change. Of the cells that wait for the sheet it is their number. No text is read."""
    whose = select(campaigns.c.id).where(campaigns.c.workbook == workbook, campaigns.c.sheet == sheet)
    own = campaigns.c.workbook == workbook, campaigns.c.sheet == sheet
    asked: list[Executable] = [
        select(func.count(), func.coalesce(func.sum(campaigns.c.version), 0)).where(*own),
        select(func.count(), func.coalesce(func.sum(messages.c.version), 0)).where(messages.c.campaign_id.in_(whose)),
        select(func.count(), func.count())
        .select_from(cell_writes)
        .where(cell_writes.c.campaign_id.in_(whose), _PENDING),
        select(func.count(), func.count()).select_from(messages).where(messages.c.campaign_id.in_(whose), _DIRTY),
    ]
    with database.reading() as connection:
        found = [connection.execute(query).one() for query in asked]
    return "-".join(f"{count}.{total}" for count, total in found)


class Approvals:
    """Who approved what, by campaign: read anew only after something was approved, or left the approved. While hundreds
    leave the ledger changes all the time, and this does not."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, int, list[ApprovedBy]]] = OrderedDict()

    def of_campaign(self, campaign_id: str) -> list[ApprovedBy]:
        """Of the messages (in all steps) that are approved or have left, the last one who approved first."""
        with self._lock:  # who asks meanwhile wants the same
            since, count, found = self._known.pop(campaign_id, (-1, -1, []))
            newest, now, moved = self._looked(campaign_id, since)
            if since < 0 or newest < since or moved or now != count:
                found = approved_by(self._read(campaign_id))
            self._known[campaign_id] = (newest, now, found)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return list(found)

    def _looked(self, campaign_id: str, since: int) -> tuple[int, int, bool]:
        """The newest entry of the audit, how many messages are approved or beyond, and whether that came to be, or
        ended, for any of them after that entry."""
        own = audit.c.campaign_id == campaign_id
        crossed = audit.c.before.in_(_APPROVED) != audit.c.after.in_(_APPROVED)
        later = select(audit.c.seq).where(own, audit.c.seq > since, crossed | (audit.c.what == _ERASED)).limit(1)
        counted = select(func.count()).where(messages.c.campaign_id == campaign_id, messages.c.state.in_(_APPROVED))
        with self._database.reading() as connection:
            newest = connection.execute(select(func.coalesce(func.max(audit.c.seq), 0)).where(own)).scalar_one()
            moved = since >= 0 and connection.execute(later).first() is not None
            return int(newest), int(connection.execute(counted).scalar_one()), moved

    def _read(self, campaign_id: str) -> Iterator[tuple[str, datetime]]:
        query = select(messages.c.draft).where(messages.c.campaign_id == campaign_id, messages.c.state.in_(_APPROVED))
        with self._database.reading() as connection:
            drafts = connection.execute(query).scalars().all()
        for draft in drafts:
            approval = json.loads(self._cipher.open(draft)).get("approval") if draft else None
            if approval:
                yield approval[0], codec.moment(approval[1])
