"""Claims and receipts, and webhook events, that the ledger makes durable in a second on SQLite (synchronous FULL).

Baseline in the same run: what one would write first, plain text in one small table, a transaction per change.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.domain.campaign import Campaign
from server.domain.machine import Accepted
from server.domain.message import Approval, Message
from server.domain.plan import Plan
from server.domain.reply import InboundMessage, StoredEvent
from server.domain.words import CampaignState, ChannelName, MessageState
from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher

ROWS = 5000
CALLERS = 64
WEB_THREADS = 16
TEXT = "Dear contestant, you start at 9:30 in heat 4. Can you come? " * 6
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def main() -> None:
    """Print rates, and each as a ratio to the baseline."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Plainly(Path(folder) / "plain.db")
        ledger = open_ledger(f"sqlite:///{folder}/ledger.db", SecretCipher("a secret only for this benchmark"))
        print(f"fdatasync of 4 KiB here: {_fdatasync(Path(folder)):.2f} ms")
        base = _rate("claim + receipt, plain, a transaction each", ROWS, plain.pairs)
        _add(ledger)
        _rate("claim + receipt, ledger, one caller", ROWS, lambda: asyncio.run(_send(ledger, 1, "a")), base)
        _rate(
            f"claim + receipt, ledger, {CALLERS} callers", ROWS, lambda: asyncio.run(_send(ledger, CALLERS, "b")), base
        )
        base = _rate("event stored, plain, a transaction each", ROWS, plain.events)
        _rate("event stored, ledger, one caller", ROWS, lambda: _receive(ledger, 1), base)
        _rate(f"event stored, ledger, {WEB_THREADS} threads", ROWS, lambda: _receive(ledger, WEB_THREADS), base)
        _rate("row added to the ledger", ROWS, lambda: _add_rows(ledger, "c"))
        _rate("row read from the ledger", ROWS, lambda: ledger.messages.of_campaign("c_a"))
        ledger.close()


class Plainly:
    """The baseline: sqlite3, no encryption, no state machine, no suppressions; only the guard by state."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, state TEXT, address TEXT, text TEXT, ref TEXT)")
        self._db.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT)")
        rows = [(n, "approved", f"person{n}@example.org", TEXT, "") for n in range(ROWS)]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def pairs(self) -> None:
        """A transaction for each claim, one for each receipt."""
        for n in range(ROWS):
            self._db.execute("UPDATE rows SET state = 'sending' WHERE id = ? AND state = 'approved'", (n,))
            self._db.execute("UPDATE rows SET state = 'sent', ref = ? WHERE id = ? AND state = 'sending'", (f"p{n}", n))

    def events(self) -> None:
        """A transaction for each event."""
        for n in range(ROWS):
            self._db.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (f"e{n}", TEXT))


def _add(ledger: SqlLedger) -> None:
    for which in "abc":
        plan = Plan(ChannelName.EMAIL, "smtp", "Email")
        ledger.campaigns.add(
            Campaign(f"c_{which}", "w.xlsx", "Sheet1", "Start", "Send", plan, CampaignState.SENDING, created_at=NOW)
        )
    _add_rows(ledger, "a")
    _add_rows(ledger, "b")


def _add_rows(ledger: SqlLedger, which: str) -> None:
    ledger.messages.add(
        Message(
            id=f"{which}{n}",
            campaign_id=f"c_{which}",
            row_key=f"r_{n}",
            state=MessageState.APPROVED,
            address=f"person{n}@example.org",
            text=TEXT,
            token=f"{which}{n}",
            approval=Approval("anna", NOW, "f" * 32),
        )
        for n in range(ROWS)
    )


async def _send(ledger: SqlLedger, callers: int, which: str) -> None:
    """As the sending job does it: many coroutines on one loop, each claims, sends (nothing here), and notes it."""
    waiting = iter(range(ROWS))

    async def caller() -> None:
        for n in waiting:
            claimed = await asyncio.wrap_future(ledger.messages.claim_soon(f"{which}{n}", "worker", NOW))
            receipt = Accepted("smtp", f"{which}{n}", NOW)
            noted = await asyncio.wrap_future(ledger.messages.move_soon(f"{which}{n}", receipt))
            assert claimed is not None
            assert noted is not None

    jobs: list[Coroutine[Any, Any, None]] = [caller() for _ in range(callers)]
    await asyncio.gather(*jobs)


def _receive(ledger: SqlLedger, threads: int) -> None:
    def store(n: int) -> None:
        event = InboundMessage(f"{threads}-{n}", f"person{n}@example.org", TEXT)
        assert ledger.inbox.store([StoredEvent(f"e{threads}-{n}", "smtp", event, NOW, TEXT)])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(store, range(ROWS)))


def _rate(what: str, count: int, act: Callable[[], object], base: float | None = None) -> float:
    cpu, start = time.process_time(), time.perf_counter()
    act()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    ratio = f"  x{count / seconds / base:.2f}" if base else ""
    print(f"{what:48} {count / seconds:8.0f}/s  {cpu / count * 1e6:5.0f} us CPU{ratio}", flush=True)
    return count / seconds


def _fdatasync(folder: Path) -> float:
    """Median milliseconds."""
    times = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(100):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return sorted(times)[50] * 1000
