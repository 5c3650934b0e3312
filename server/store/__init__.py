"""The ledger on SQLite or PostgreSQL. Nothing here decides what may happen to a message: `domain.machine` does."""

from server.store.ledger import SqlLedger, open_ledger

__all__ = ["SqlLedger", "open_ledger"]
