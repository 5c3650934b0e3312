"""The local mailbox: the outbox provider's own store, as a company would keep it. Knows no ledger and no webhook."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.domain.choices import payload
from server.domain.keys import new_id
from server.domain.message import Outgoing
from server.domain.words import ChannelName
from server.errors import NotFound, TemporaryError
from server.ports import Cipher

_BUSY_SECONDS = 20.0
"""How long a write waits for another process's write."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL,
    token TEXT NOT NULL,
    sealed BLOB NOT NULL,
    at REAL NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0,
    opened_at REAL,
    channel TEXT NOT NULL DEFAULT 'outbox'
);
CREATE TABLE IF NOT EXISTS answer (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_of ON answer (mail_id);
CREATE INDEX IF NOT EXISTS mail_unreported ON mail (seq) WHERE reported = 0;
"""


PHONES = (ChannelName.SMS, ChannelName.WHATSAPP)
"""Channels whose messages reach a phone; all others come into the mailbox."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as its recipient sees it; `id` is the provider's id, `answers` are oldest first.

    `choices` are what can be pressed, each with its title and what pressing it brings back.
    """

    id: str
    message_id: str
    token: str
    address: str
    person: str
    subject: str
    text: str
    unsubscribe_url: str
    at: datetime
    opened_at: datetime | None
    answers: tuple[str, ...]
    channel: ChannelName = ChannelName.OUTBOX
    choices: tuple[tuple[str, str], ...] = ()


class Mailbox:
    """All mails, newest first. Several processes and threads may use one file at once."""

    def __init__(self, path: Path, cipher: Cipher) -> None:
        """`path` is made with its folder when it isn't there, readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        self._cipher = cipher
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        with self._use():
            # NORMAL outlives the death of a process, if not of the machine: enough for a mailbox on one's desk.
            self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")
            self._db.execute("PRAGMA foreign_keys=ON")
            self._db.execute("PRAGMA secure_delete=ON")
            if not any(row[1] == "channel" for row in self._db.execute("PRAGMA table_info(mail)")):
                with suppress(sqlite3.OperationalError):  # another process was quicker
                    self._db.execute("ALTER TABLE mail ADD COLUMN channel TEXT NOT NULL DEFAULT 'outbox'")

    def put(self, outgoing: Outgoing, channel: ChannelName = ChannelName.OUTBOX) -> str:
        """Take a message that came by that channel; returns the id given to it. Putting it again is a second
        mail, as with most providers.

        Raises TemporaryError when it can't be stored now: then nothing is.
        """
        mail_id = new_id("mail")
        sealed = self._cipher.seal(
            json.dumps(
                [
                    *(outgoing.address, outgoing.person, outgoing.subject, outgoing.text, outgoing.unsubscribe_url),
                    [(choice.title, payload(outgoing.token, choice)) for choice in outgoing.choices],
                ]
            )
        )
        with self._use() as db:
            db.execute(
                "INSERT INTO mail (id, message_id, token, sealed, at, channel) VALUES (?, ?, ?, ?, ?, ?)",
                (mail_id, outgoing.message_id, outgoing.token, sealed, time.time(), channel.value),
            )
        return mail_id

    def list(
        self, limit: int, offset: int = 0, query: str = "", *, phones: bool | None = None
    ) -> tuple[Sequence[Mail], int]:
        """Mails, newest first, and how many there are; with `phones` only those that reached one, or only the others.

        With `query`, those in whose address, name, subject, text or answers it occurs, whatever its case; sealed
        texts can't be searched by the database, so this opens all of them (some ten thousand a second).
        """
        words = ", ".join(f"'{channel.value}'" for channel in PHONES)
        where = "" if phones is None else f"WHERE channel {'IN' if phones else 'NOT IN'} ({words})"
        if query:
            found = [mail for mail in self._mails(f"{where} ORDER BY seq DESC") if _holds(mail, query.casefold())]
            return found[offset : offset + limit], len(found)
        with self._use() as db:
            (total,) = db.execute(f"SELECT count(*) FROM mail {where}").fetchone()  # noqa: S608 - our own words
        return self._mails(f"{where} ORDER BY seq DESC LIMIT ? OFFSET ?", limit, offset), int(total)

    def get(self, mail_id: str) -> Mail:
        """Raises NotFound."""
        found = self._mails("WHERE id = ?", mail_id)
        if not found:
            raise NotFound("This mail is no longer in the mailbox.")
        return found[0]

    def find(self, message_id: str) -> str:
        """The id of the mail that carries our message, "" when none does."""
        with self._use() as db:
            row = db.execute("SELECT id FROM mail WHERE message_id = ? ORDER BY seq LIMIT 1", (message_id,)).fetchone()
        return str(row[0]) if row else ""

    def open(self, mail_id: str) -> Mail:
        """The mail, from now on an opened one. Raises NotFound."""
        with self._use() as db:
            db.execute("UPDATE mail SET opened_at = coalesce(opened_at, ?) WHERE id = ?", (time.time(), mail_id))
        return self.get(mail_id)

    def note_answer(self, mail_id: str, text: str) -> None:
        """Keep what the recipient answered, to show it beside the mail. Raises NotFound."""
        self.get(mail_id)
        with self._use() as db:
            db.execute(
                "INSERT INTO answer (mail_id, sealed, at) VALUES (?, ?, ?)",
                (mail_id, self._cipher.seal(text), time.time()),
            )

    def unreported(self, limit: int) -> Sequence[str]:
        """Ids of mails whose delivery has not been reported yet, oldest first."""
        with self._use() as db:
            rows = db.execute("SELECT id FROM mail WHERE reported = 0 ORDER BY seq LIMIT ?", (limit,)).fetchall()
        return [row[0] for row in rows]

    def reported(self, mail_ids: Iterable[str]) -> None:
        """The delivery of these mails has been reported."""
        with self._use() as db:
            ids = json.dumps(list(mail_ids))
            db.execute("UPDATE mail SET reported = 1 WHERE id IN (SELECT value FROM json_each(?))", (ids,))

    def count_by_message(self) -> dict[str, int]:
        """Our message id -> how many mails there are of it. More than one is what must never happen."""
        with self._use() as db:
            return dict(db.execute("SELECT message_id, count(*) FROM mail GROUP BY message_id").fetchall())

    def purge(self, before: datetime) -> int:
        """Remove mails taken before that moment, with their answers; how many."""
        with self._use() as db:
            return db.execute("DELETE FROM mail WHERE at < ?", (before.timestamp(),)).rowcount

    def renew_keys(self) -> int:
        """Seal anew what is not sealed under the newest key; how many texts. Broken off, it can be repeated."""
        done = 0
        for table in ("mail", "answer"):
            while rows := self._stale(table):
                with self._use() as db:
                    db.execute("BEGIN IMMEDIATE")
                    anew = [(self._cipher.seal(self._cipher.open(sealed)), seq) for seq, sealed in rows]
                    db.executemany(f"UPDATE {table} SET sealed = ? WHERE seq = ?", anew)  # noqa: S608 - our own words
                    db.execute("COMMIT")
                done += len(rows)
        return done

    def _stale(self, table: str) -> Sequence[tuple[int, bytes]]:
        """The next texts of a table under a former key; they never change, so that they need not be held."""
        query = f"SELECT seq, sealed FROM {table} WHERE substr(sealed, 1, ?) <> ? LIMIT 500"  # noqa: S608
        with self._use() as db:
            return db.execute(query, (len(self._cipher.head), self._cipher.head)).fetchall()

    def of_address(self, address: str) -> Sequence[Mail]:
        """All mails to an address, newest first."""
        folded = address.strip().casefold()
        return [mail for mail in self._mails("ORDER BY seq DESC") if mail.address.strip().casefold() == folded]

    def erase(self, mails: Iterable[Mail]) -> None:
        """Take these mails away, with their answers."""
        with self._use() as db:
            ids = json.dumps([mail.id for mail in mails])
            db.execute("DELETE FROM mail WHERE id IN (SELECT value FROM json_each(?))", (ids,))
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _mails(self, where: str, *values: object) -> Sequence[Mail]:
        with self._use() as db:
            rows = db.execute(
                f"SELECT id, message_id, token, sealed, at, opened_at, channel FROM mail {where}",  # noqa: S608 - our own words
                values,
            ).fetchall()
            answers = {row[0]: self._answers(db, row[0]) for row in rows}
        return [self._mail(row, answers[row[0]]) for row in rows]

    def _answers(self, db: sqlite3.Connection, mail_id: str) -> Sequence[bytes]:
        return [row[0] for row in db.execute("SELECT sealed FROM answer WHERE mail_id = ? ORDER BY seq", (mail_id,))]

    def _mail(self, row: tuple[str, str, str, bytes, float, float | None, str], answers: Iterable[bytes]) -> Mail:
        mail_id, message_id, token, sealed, at, opened_at, channel = row
        address, person, subject, text, unsubscribe_url, *more = json.loads(self._cipher.open(sealed))
        return Mail(
            id=mail_id,
            message_id=message_id,
            token=token,
            address=address,
            person=person,
            subject=subject,
            text=text,
            unsubscribe_url=unsubscribe_url,
            at=datetime.fromtimestamp(at, UTC),
            opened_at=None if opened_at is None else datetime.fromtimestamp(opened_at, UTC),
            answers=tuple(self._cipher.open(answer) for answer in answers),
            channel=ChannelName(channel),
            choices=tuple((title, code) for title, code in (more[0] if more else ())),
        )

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """The database, for one thread at a time. A statement of its own is a transaction of its own."""
        with self._lock:
            try:
                yield self._db
            except sqlite3.OperationalError as error:
                raise TemporaryError("The local mailbox can't be used for now.", detail=str(error)) from None


def _holds(mail: Mail, query: str) -> bool:
    return any(query in text.casefold() for text in (mail.address, mail.person, mail.subject, mail.text, *mail.answers))
