"""Messages in the ledger: adding, finding, counting; `moves` changes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, null, or_, select, text

from server.domain.approvals import ApprovedBy
from server.domain.machine import LOST, Claimed, MessageEvent
from server.domain.message import Message
from server.domain.reach import Reach, Stage
from server.domain.timeline import Slice
from server.domain.words import BEYOND_SEND, ChannelName, MessageState, Problem, Status
from server.errors import CellbackError, NotFound
from server.ports import Cipher, Clock, Pace, Step, Tally
from server.store import codec, reach, steps
from server.store.database import Database
from server.store.moves import IDS, Move, batched, happen
from server.store.rows import blind, to_message, to_row, word_of
from server.store.schema import EMPTY, SILENT, TOLD, messages
from server.store.together import Approvals

_TOLD = tuple(messages.c[name] for name in TOLD)

_SHOWN = messages.c.followed.is_(False)
_SEALED = {"draft", "note", "answer"}
_DIRTY, _SILENT = text("version > rendered AND NOT followed"), text(SILENT)
"""Written out, so that the partial indexes are seen to fit."""

ADDED = 1000
"""Messages added in one transaction: others write in between."""
FOLLOWED = 500
"""Rows written to again in one transaction: others write in between."""


def _is(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


class SqlMessages:
    """`ports.Messages` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._approvals = Approvals(database, cipher)

    def add(self, new: Iterable[Message]) -> int:
        """Store new messages, leaving out those whose (campaign, row key, step) is there; how many were new.

        In transactions of a thousand: one that is cut short goes on where it stopped when it is repeated.
        """
        statement = self._database.insert(messages).on_conflict_do_nothing(
            index_elements=["campaign_id", "row_key", "step"]
        )
        added = 0
        for some in batched(list(new), ADDED):
            rows = [to_row(message, self._cipher) for message in some]

            def change(connection: Connection, rows: Sequence[dict[str, Any]] = rows) -> int:
                return len(connection.execute(statement.returning(messages.c.seq), rows).all())

            added += self._database.write(change)
        return added

    def get(self, message_id: str) -> Message:
        """Raises NotFound."""
        found = self._one(select(messages).where(messages.c.id == message_id))
        if found is None:
            raise NotFound(f"The message {message_id} is not in the ledger.")
        return found

    def of_row(self, campaign_id: str, row_key: str) -> Message | None:
        """The message that a row shows, or None."""
        return next((one for one in self.steps(campaign_id, row_key) if not one.followed), None)

    def steps(self, campaign_id: str, row_key: str) -> list[Message]:
        """All messages of a row in the order of their steps."""
        query = select(messages).where(messages.c.campaign_id == campaign_id, messages.c.row_key == row_key)
        return self._read(query.order_by(messages.c.step))

    def follow(self, wanted: Sequence[Step]) -> list[Message | None]:
        """Write to rows again, each by its next step: the messages, None where a row may not be written to again."""
        results: list[Message | None] = []
        for some in batched(list(wanted), FOLLOWED):

            def change(connection: Connection, some: Sequence[Step] = some) -> list[Message | None]:
                return steps.follow(connection, some, self._cipher, self._clock.now())

            results += self._database.write(change)
        return results

    def fall_back(self, message_id: str, note: str = "", who: str = "") -> Message:
        """Take out of its row what surely reached nobody; the message that the row shows then. Raises NotFound."""
        self.get(message_id)
        return self.fall_back_all([message_id], note, who)[0]

    def fall_back_all(self, message_ids: Sequence[str], note: str = "", who: str = "") -> list[Message]:
        """The same for many, in their order."""
        results: list[Message] = []
        for some in batched(list(message_ids), FOLLOWED):

            def change(connection: Connection, some: Sequence[str] = some) -> list[Message]:
                return steps.fall_back(connection, some, note, who, self._cipher, self._clock.now())

            results += self._database.write(change)
        return results

    def silent(self, campaign_id: str, before: datetime, limit: int) -> list[str]:
        """Ids of messages that went out before that moment and have no answer, oldest first."""
        query = select(messages.c.id).where(messages.c.campaign_id == campaign_id, _SILENT)
        query = query.where(messages.c.claimed_at <= codec.micros(before))
        query = query.where(messages.c.delivery.not_in([word.value for word in LOST]))
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(messages.c.claimed_at).limit(limit)).scalars())

    def of_campaign(
        self,
        campaign_id: str,
        *,
        states: Iterable[MessageState] | None = None,
        chunk: int | None = None,
        keys: Iterable[str] | None = None,
        words: Collection[Status | None] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Message]:
        """Messages (in these states, of these rows, at these status words) in the order they were added."""
        query = select(messages).where(messages.c.campaign_id == campaign_id, _SHOWN)
        if states is not None:
            query = query.where(messages.c.state.in_([state.value for state in states]))
        if chunk is not None:
            query = query.where(messages.c.chunk == chunk)
        if words is not None:
            query = query.where(self._at_words(campaign_id, words))
        if keys is None:
            return self._read(query.order_by(messages.c.seq).limit(limit).offset(offset))
        return self._of_keys(query, sorted(set(keys)), limit, offset)

    def _at_words(self, campaign_id: str, words: Collection[Status | None]) -> ColumnElement[bool]:
        """Which messages stand at one of these words: what makes a word is plain, so that no text is read for it."""
        query = select(*_TOLD).where(messages.c.campaign_id == campaign_id, _SHOWN).distinct()
        with self._database.reading() as connection:
            there = [told for told in connection.execute(query).all() if word_of(told) in words]
        same = [and_(*(_is(column, value) for column, value in zip(_TOLD, told, strict=True))) for told in there]
        return or_(false(), *same)

    def outlines(self, campaign_id: str, states: Iterable[MessageState]) -> list[Message]:
        """Messages in these states, in the order they were added, without what is sealed."""
        plain = [null().label(one.name) if one.name in _SEALED else one for one in messages.c]
        query = select(*plain).where(messages.c.campaign_id == campaign_id, _SHOWN)
        return self._read(query.where(messages.c.state.in_([state.value for state in states])).order_by(messages.c.seq))

    def tally(self, campaign_id: str) -> list[Tally]:
        """Counts per status word, in the order of the words, without reading any text."""
        query = select(*_TOLD, func.count()).where(messages.c.campaign_id == campaign_id, _SHOWN).group_by(*_TOLD)
        counts: Counter[Status | None] = Counter()
        with self._database.reading() as connection:
            for *told, count in connection.execute(query).all():
                counts[word_of(told)] += count
        return [Tally(word, counts[word]) for word in (None, *Status) if counts[word]]

    def states(self, campaign_id: str) -> dict[MessageState, int]:
        """Counts per state, without reading any text."""
        query = select(messages.c.state, func.count()).where(messages.c.campaign_id == campaign_id, _SHOWN)
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(messages.c.state)).all()
        return {MessageState(state): count for state, count in rows}

    def problems(self, campaign_id: str) -> dict[Problem, list[str]]:
        """The row keys of drafts that have a problem, in the order they were added, without reading any text."""
        kinds = [problem.value for problem in Problem if problem is not Problem.NONE]  # named, for an index's sake
        query = select(messages.c.seq, messages.c.problem, messages.c.row_key).where(_SHOWN)
        query = query.where(messages.c.campaign_id == campaign_id, messages.c.state == MessageState.DRAFTED.value)
        found: dict[Problem, list[str]] = {}
        with self._database.reading() as connection:
            rows = connection.execute(query.where(messages.c.problem.in_(kinds))).all()
        for _, problem, key in sorted(rows):
            found.setdefault(Problem(problem), []).append(key)
        return found

    def ways(self, campaign_id: str, states: Iterable[MessageState]) -> dict[tuple[ChannelName | None, str], int]:
        """How many messages in these states are bound for each channel and carrier, without reading any text."""
        way = (messages.c.channel, messages.c.carrier)
        query = (
            select(*way, func.count())
            .where(_SHOWN)
            .where(messages.c.campaign_id == campaign_id, messages.c.state.in_([state.value for state in states]))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(*way)).all()
        return {(ChannelName(channel) if channel else None, carrier): count for channel, carrier, count in rows}

    def revision(self, campaign_id: str) -> int:
        """A number that grows with every change of any message of the campaign."""
        query = select(func.count(), func.sum(messages.c.version)).where(messages.c.campaign_id == campaign_id)
        with self._database.reading() as connection:
            count, versions = connection.execute(query).one()
        return int(count) + int(versions or 0)

    def chunks(self, campaign_id: str, states: Iterable[MessageState], *, due: datetime | None = None) -> list[int]:
        """Chunks that hold messages in these states (with `due`: that have no `due_at`, or no later one), in order."""
        query = (
            select(messages.c.chunk)
            .where(_SHOWN)
            .where(messages.c.campaign_id == campaign_id, messages.c.state.in_([state.value for state in states]))
        )
        if due is not None:
            query = query.where(or_(messages.c.due_at.is_(None), messages.c.due_at <= codec.micros(due)))
        with self._database.reading() as connection:
            return list(connection.execute(query.distinct().order_by(messages.c.chunk)).scalars())

    def pace(self, campaign_id: str, since: datetime, now: datetime) -> Pace:
        """How a sending goes at that moment, without reading any text."""
        claimed = and_(messages.c.claimed_at >= codec.micros(since), messages.c.state != MessageState.APPROVED.value)
        waits = messages.c.state == MessageState.APPROVED.value
        later = and_(waits, messages.c.due_at > codec.micros(now))
        query = select(
            func.count().filter(claimed),
            func.count().filter(waits),
            func.count().filter(later),
            func.min(messages.c.due_at).filter(later),
        ).where(messages.c.campaign_id == campaign_id, _SHOWN)
        with self._database.reading() as connection:
            went, waiting, put_off, next_at = connection.execute(query).one()
        return Pace(int(went), int(waiting) - int(put_off), int(put_off), codec.moment_or_none(next_at))

    def approvals(self, campaign_id: str) -> list[ApprovedBy]:
        """Who approved how many of the messages that are approved or have left, the last one first."""
        return self._approvals.of_campaign(campaign_id)

    def next_due(self, campaign_id: str) -> datetime | None:
        """The earliest `due_at` among APPROVED messages that wait for another try, or None."""
        query = (
            select(func.min(messages.c.due_at))
            .where(_SHOWN)
            .where(messages.c.campaign_id == campaign_id, messages.c.state == MessageState.APPROVED.value)
        )
        with self._database.reading() as connection:
            return codec.moment_or_none(connection.execute(query).scalar())

    def move(self, message_id: str, event: MessageEvent) -> Message | None:
        """Let the event happen; the message after it, or None. Durable when it returns. Raises NotFound."""
        return self.move_soon(message_id, event).result()

    def move_soon(self, message_id: str, event: MessageEvent) -> Future[Message | None]:
        """The same through the group commit, for many callers at once."""
        return self._database.submit(self._happen, (message_id, event))

    def move_many(self, moves: Sequence[Move]) -> list[Message | None]:
        """The same for many messages in one transaction; each stands or falls by itself (a missing one is None)."""
        if not moves:
            return []
        return self._database.submit(self._happen_all, tuple(moves)).result()

    def claim_soon(self, message_id: str, owner: str, at: datetime) -> Future[Message | None]:
        """Claim for sending, guarded as `moves.happen` says; None when it may not be sent now."""
        return self.move_soon(message_id, Claimed(owner, at))

    def by_token(self, token: str) -> Message | None:
        """The message that carries the token."""
        query = select(messages).where(messages.c.token == token, messages.c.token != EMPTY)
        return self._one(query) if token else None

    def by_provider_id(self, provider: str, provider_id: str) -> Message | None:
        """The message that a provider knows by that id."""
        query = select(messages).where(messages.c.provider == provider, messages.c.provider_id == provider_id)
        return self._one(query.where(messages.c.provider_id != EMPTY)) if provider_id else None

    def open_to(self, channel: ChannelName, address: str) -> list[Message]:
        """Messages that a provider has or may have, to that address on that channel, newest first."""
        digest = blind(self._cipher, address)
        if not digest:
            return []
        query = select(messages).where(messages.c.blind == digest, messages.c.blind != EMPTY)
        query = query.where(messages.c.channel == channel.value)
        query = query.where(messages.c.state.in_([state.value for state in BEYOND_SEND]))
        newest = func.coalesce(messages.c.sent_at, messages.c.claimed_at, 0).desc()
        return self._read(query.order_by(newest, messages.c.seq.desc()))

    def claimed_since(self, channel: ChannelName, since: datetime) -> int:
        """How many messages were claimed on that channel since then, over all campaigns."""
        query = select(func.count()).select_from(messages)
        query = query.where(messages.c.channel == channel.value, messages.c.claimed_at >= codec.micros(since))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def reach(self, campaign_id: str, rested: datetime) -> Reach:
        """How far the campaign's messages got, row by row, without reading any text."""
        return reach.reach(self._database, campaign_id, rested)

    def rows_at(self, campaign_id: str, stage: Stage, rested: datetime) -> set[str]:
        """The keys of the rows that `reach` counts at that stage."""
        return reach.rows_at(self._database, campaign_id, stage, rested)

    def written_to(self, campaign_id: str) -> int:
        """How many rows `reach` counts as sent."""
        return reach.written_to(self._database, campaign_id)

    def slices(self, campaign_id: str, seconds: int) -> list[Slice]:
        """What was sent and came back, in slices of so many seconds, oldest first."""
        return reach.slices(self._database, campaign_id, seconds)

    def addressed(self, campaign_id: str) -> dict[str, list[str]]:
        """Blinded address -> message ids of the campaign, in the order they were added."""
        query = select(messages.c.blind, messages.c.id).where(messages.c.campaign_id == campaign_id, _SHOWN)
        query = query.where(messages.c.blind != EMPTY).order_by(messages.c.seq)
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for digest, message_id in connection.execute(
                query.where(messages.c.blind != EMPTY).order_by(messages.c.seq)
            ):
                found.setdefault(digest, []).append(message_id)
        return found

    def dirty(self, campaign_id: str, limit: int) -> list[Message]:
        """Messages whose cells have not been computed since their last change."""
        query = select(messages).where(messages.c.campaign_id == campaign_id)
        return self._read(query.where(_DIRTY).order_by(messages.c.seq).limit(limit))

    def dirty_campaigns(self) -> list[str]:
        """Campaigns that have dirty messages."""
        query = select(messages.c.campaign_id).where(_DIRTY).distinct()
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(messages.c.campaign_id)).scalars())

    def _happen(self, connection: Connection, moves: Sequence[Move]) -> Sequence[Message | CellbackError | None]:
        return happen(connection, moves, self._cipher, self._clock.now())

    def _happen_all(self, connection: Connection, groups: Sequence[Sequence[Move]]) -> list[list[Message | None]]:
        results = []
        for moves in groups:
            some = happen(connection, moves, self._cipher, self._clock.now())
            results.append([None if isinstance(result, CellbackError) else result for result in some])
        return results

    def _of_keys(self, query: Select[Any], keys: list[str], limit: int | None, offset: int) -> list[Message]:
        """Any number of keys: read in pieces, then put in order."""
        found: list[tuple[int, Message]] = []
        with self._database.reading() as connection:
            for some in batched(keys, IDS):
                rows = connection.execute(query.where(messages.c.row_key.in_(some)))
                found += [(row.seq, to_message(row, self._cipher)) for row in rows]
        found.sort(key=lambda pair: pair[0])
        return [message for _, message in found][offset : None if limit is None else offset + limit]

    def _one(self, query: Select[Any]) -> Message | None:
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else to_message(row, self._cipher)

    def _read(self, query: Select[Any]) -> list[Message]:
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [to_message(row, self._cipher) for row in rows]
