"""What campaigns' calls of a model used, in the ledger."""

from __future__ import annotations

from concurrent.futures import Future

from sqlalchemy import Connection, select

from server.domain.usage import Usage, Used
from server.store.database import Database
from server.store.schema import usage

_COUNTS = ("calls", "input", "cached", "output")


class SqlUsages:
    """`ports.Usages` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, campaign_id: str, used: Used) -> None:
        """Count a call (or several) in; durable when it returns."""
        self.add_soon(campaign_id, used).result()

    def add_soon(self, campaign_id: str, used: Used) -> Future[None]:
        """The same through the group commit, for many callers at once."""
        named = {"campaign_id": campaign_id, "prompt": used.prompt, "model": used.model}
        counts = {name: getattr(used.usage, name) for name in _COUNTS}
        insert = self._database.insert(usage)
        statement = insert.on_conflict_do_update(
            index_elements=["campaign_id", "prompt", "model"],
            set_={name: usage.c[name] + insert.excluded[name] for name in _COUNTS},
        )

        def change(connection: Connection) -> None:
            connection.execute(statement, named | counts)

        return self._database.write_soon(change)

    def of_campaign(self, campaign_id: str) -> list[Used]:
        """All of it, one record for each prompt and model, in the order of their first use."""
        query = select(usage).where(usage.c.campaign_id == campaign_id).order_by(usage.c.seq)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [Used(row.prompt, row.model, Usage(row.input, row.cached, row.output, row.calls)) for row in rows]
