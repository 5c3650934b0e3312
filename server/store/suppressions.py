"""Addresses that must not be written to, as blinded digests: no address can be read from here."""

from __future__ import annotations

from sqlalchemy import Connection, select

from server.domain.words import ChannelName, SuppressionReason
from server.errors import InvalidInput
from server.ports import Cipher, Clock
from server.store import codec
from server.store.database import Database
from server.store.rows import blind
from server.store.schema import suppressions

_LASTING = [SuppressionReason.OPT_OUT.value, SuppressionReason.COMPLAINT.value]
"""What a person said themselves; a bounce that comes later does not hide it."""


class SqlSuppressions:
    """`ports.Suppressions` on a database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def add(self, address: str, channel: ChannelName | None, reason: SuppressionReason) -> None:
        """Block an address on one channel, or on all (None). Raises InvalidInput for an empty address."""
        digest = blind(self._cipher, address)
        if not digest:
            raise InvalidInput("There is no address to block: the row's address is empty.", field="address")
        statement = self._database.insert(suppressions).values(
            blind=digest,
            channel=channel.value if channel else "",
            reason=reason.value,
            since=codec.micros(self._clock.now()),
        )
        statement = statement.on_conflict_do_update(
            index_elements=["blind", "channel"],
            set_={"reason": reason.value},
            where=suppressions.c.reason.not_in(_LASTING),
        )

        def change(connection: Connection) -> None:
            connection.execute(statement)

        self._database.write(change)

    def stands(self, address: str, channel: ChannelName) -> SuppressionReason | None:
        """Why the address is blocked on that channel, or None; what was said of this channel comes first."""
        query = select(suppressions.c.reason).where(
            suppressions.c.blind == blind(self._cipher, address), suppressions.c.channel.in_([channel.value, ""])
        )
        with self._database.reading() as connection:
            reason = connection.execute(query.order_by(suppressions.c.channel.desc())).scalar()
        return None if reason is None else SuppressionReason(reason)
