"""The outbox to the sheet: one record a cell, its newest wanted value and what the sheet was last seen to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, text, update

from server.domain.audit import Entry, Kind
from server.domain.machine.cells import CELL_MOVES, MOVERS, TOLD
from server.domain.words import CellWriteState
from server.ports import CellWrite, Cipher, Clock
from server.store import codec
from server.store.audit import note
from server.store.database import Database
from server.store.moves import IDS, batched
from server.store.schema import cell_writes, messages

_PENDING, _DIRTY = text("state = 'pending'"), text("version > rendered AND NOT followed")
"""Written out, so that the partial indexes are seen to fit."""
_STORED = select(cell_writes).where(
    cell_writes.c.campaign_id == bindparam("campaign"), cell_writes.c.row_key.in_(bindparam("keys", expanding=True))
)
_HELD = (
    select(messages.c.seq)
    .where(messages.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(messages.c.seq)
    .with_for_update()
)
_SHOWN = select(messages.c.row_key, messages.c.id).where(
    messages.c.campaign_id == bindparam("of"),
    messages.c.row_key.in_(bindparam("keys", expanding=True)),
    messages.c.followed.is_(False),
)
_RENDERED = (
    update(messages)
    .where(messages.c.id == bindparam("of_id"), messages.c.rendered < bindparam("of_version"))
    .values(rendered=bindparam("of_version"))
)


class SqlCellWrites:
    """`ports.CellWrites` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def want(self, campaign_id: str, rendered: Mapping[str, int], writes: Iterable[CellWrite]) -> None:
        """Make these cells PENDING with their new value, and note which messages have been computed.

        A cell that is WRITTEN with that very value stays so: there is nothing to write, and a person who changed it
        since then keeps their word. A CONFLICT or GONE cell stays so, with the new value.
        """
        wanted = list(writes)
        versions = [{"of_id": message_id, "of_version": version} for message_id, version in rendered.items()]

        def change(connection: Connection) -> None:
            if versions:
                self._note_rendered(connection, versions)
            self._want(connection, campaign_id, wanted)

        if wanted or versions:
            self._database.write(change)

    def pending(self, campaign_id: str, limit: int) -> list[CellWrite]:
        """PENDING cells, those first that have waited longest."""
        query = select(cell_writes).where(cell_writes.c.campaign_id == campaign_id, _PENDING)
        return self._read(query.order_by(cell_writes.c.wanted_at, cell_writes.c.seq).limit(limit))

    def waiting(self) -> list[str]:
        """Campaigns that have PENDING cells."""
        query = select(cell_writes.c.campaign_id).where(_PENDING).distinct().order_by(cell_writes.c.campaign_id)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def backlog(self, campaign_id: str) -> int:
        """PENDING cells of a campaign, and messages whose cells were not computed yet."""
        cells = select(func.count()).select_from(cell_writes).where(cell_writes.c.campaign_id == campaign_id, _PENDING)
        dirty = select(func.count()).select_from(messages).where(messages.c.campaign_id == campaign_id)
        dirty = dirty.where(_DIRTY)
        with self._database.reading() as connection:
            return int(connection.execute(cells).scalar_one()) + int(connection.execute(dirty).scalar_one())

    def of_campaign(self, campaign_id: str, keys: Iterable[str] | None = None) -> list[CellWrite]:
        """All cells we have ever wanted there (of those rows)."""
        if keys is None:
            query = select(cell_writes).where(cell_writes.c.campaign_id == campaign_id)
            return self._read(query.order_by(cell_writes.c.seq))
        with self._database.reading() as connection:
            rows = self._stored(connection, campaign_id, set(keys))
        return [self._cell(row) for row in sorted(rows, key=lambda row: row.seq)]

    def settle(self, writes: Iterable[CellWrite]) -> None:
        """Store the outcome of a flush, cell by cell; a cell wanted anew meanwhile stays PENDING.

        Only a conflict and a row that is gone leave an audit entry: one for every cell of every row, each time its
        status moves, would bury what a person looks for. Cells that a purge has taken away meanwhile are left out, and
        so is what `machine.CELL_MOVES` does not allow from the stored state.
        """
        settled = list(writes)

        def change(connection: Connection) -> None:
            for campaign_id in {write.campaign_id for write in settled}:
                here = [write for write in settled if write.campaign_id == campaign_id]
                self._settle(connection, campaign_id, here)

        if settled:
            self._database.write(change)

    def _want(self, connection: Connection, campaign_id: str, wanted: Sequence[CellWrite]) -> None:
        stored = self._by_place(connection, campaign_id, wanted)
        now = codec.micros(self._clock.now())
        new: dict[tuple[str, str], dict[str, Any]] = {}
        for write in wanted:
            row = stored.get((write.row_key, write.column))
            if row is None:
                new[write.row_key, write.column] = self._record(campaign_id, write, now)
            else:
                self._want_again(connection, row, write.value, now)
        if new:
            connection.execute(cell_writes.insert(), list(new.values()))

    def _note_rendered(self, connection: Connection, versions: Sequence[dict[str, Any]]) -> None:
        """Held in one order first, as moves do: else two writers could wait for each other in a ring."""
        for some in batched(sorted(version["of_id"] for version in versions), IDS):
            connection.execute(_HELD, {"ids": some})
        connection.execute(_RENDERED, versions)

    def _want_again(self, connection: Connection, row: Row[Any], value: str, now: int) -> None:
        stored = self._cell(row)
        if stored.value == value and (stored.state is not CellWriteState.WRITTEN or stored.expected == value):
            return
        values: dict[str, Any] = {"value": self._cipher.seal(value)}
        if stored.state is CellWriteState.WRITTEN:
            values |= {"state": CellWriteState.PENDING.value, "note": None, "wanted_at": now}
        connection.execute(update(cell_writes).where(cell_writes.c.seq == row.seq).values(values))

    def _settle(self, connection: Connection, campaign_id: str, settled: Sequence[CellWrite]) -> None:
        stored = self._by_place(connection, campaign_id, settled)
        at = self._clock.now()
        now, kept_out = codec.micros(at), []
        for write in settled:
            row = stored.get((write.row_key, write.column))
            if row is None:
                continue
            after, before = _after_flush(self._cell(row), write), CellWriteState(row.state)
            if after.state is not before and after.state not in CELL_MOVES[before]:
                continue
            if after.state in TOLD and after.state is not before:
                kept_out.append((before, after))
            values: dict[str, Any] = {"state": after.state.value, "expected": self._cipher.seal(after.expected)}
            values["note"] = self._cipher.seal(after.note) if after.note else None
            if after.state is CellWriteState.PENDING and after.state is not before:
                values["wanted_at"] = now
            guard = and_(cell_writes.c.seq == row.seq, cell_writes.c.state == row.state)
            connection.execute(update(cell_writes).where(guard).values(values))
        self._note(connection, campaign_id, kept_out, at)

    def _note(
        self, connection: Connection, campaign_id: str, found: Sequence[tuple[CellWriteState, CellWrite]], at: datetime
    ) -> None:
        ids: dict[str, str] = {}
        for some in batched(sorted({cell.row_key for _, cell in found}), IDS):
            found_ids = connection.execute(_SHOWN, {"of": campaign_id, "keys": some})
            ids.update((row.row_key, row.id) for row in found_ids)
        entries = [
            Entry(
                at,
                Kind.CELL,
                MOVERS[old, cell.state][0],
                cell.state.value,
                why=f"{cell.column}: {cell.note}",
                before=old.value,
                after=cell.state.value,
                campaign_id=campaign_id,
                message_id=ids.get(cell.row_key),
                entity=cell.row_key,
            )
            for old, cell in found
        ]
        note(connection, entries, self._cipher)

    def _by_place(
        self, connection: Connection, campaign_id: str, writes: Sequence[CellWrite]
    ) -> dict[tuple[str, str], Row[Any]]:
        rows = self._stored(connection, campaign_id, {write.row_key for write in writes}, lock=True)
        return {(row.row_key, row.column): row for row in rows}

    def _stored(
        self, connection: Connection, campaign_id: str, keys: set[str], *, lock: bool = False
    ) -> list[Row[Any]]:
        query = _STORED.order_by(cell_writes.c.seq)
        query = query.with_for_update() if lock else query
        rows: list[Row[Any]] = []
        for some in batched(sorted(keys), IDS):
            rows += connection.execute(query, {"campaign": campaign_id, "keys": some}).all()
        return rows

    def _record(self, campaign_id: str, write: CellWrite, now: int) -> dict[str, Any]:
        return {
            "campaign_id": campaign_id,
            "row_key": write.row_key,
            "column": write.column,
            "state": CellWriteState.PENDING.value,
            "value": self._cipher.seal(write.value),
            "expected": self._cipher.seal(write.expected),
            "note": None,
            "wanted_at": now,
        }

    def _cell(self, row: Row[Any]) -> CellWrite:
        return CellWrite(
            campaign_id=row.campaign_id,
            row_key=row.row_key,
            column=row.column,
            value=self._cipher.open(row.value),
            expected=self._cipher.open(row.expected),
            state=CellWriteState(row.state),
            note=self._cipher.open(row.note) if row.note else "",
        )

    def _read(self, query: Select[Any]) -> list[CellWrite]:
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [self._cell(row) for row in rows]


def _after_flush(stored: CellWrite, write: CellWrite) -> CellWrite:
    """The outcome, unless another value was wanted since: then what was pending, or has just come right, is PENDING."""
    if stored.value == write.value or (stored.state in TOLD and write.state in TOLD):
        return write
    return replace(write, state=CellWriteState.PENDING, note="")
