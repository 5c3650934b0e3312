"""Which secrets a ledger was written with: a mark of each kind in `meta`, the key for blinding, and their renewal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, bindparam, delete, func, or_, select, update

from server.errors import ConfigError
from server.ports import Cipher
from server.store.crypto import SecretCipher
from server.store.schema import meta, metadata

BATCH = 500
"""Records sealed anew in one transaction: some 20 ms, so that no worker waits long."""

_CHECK = "cellback"


def known(connection: Connection, cipher: SecretCipher) -> SecretCipher | None:
    """The cipher that blinds as this ledger does; None when it is new, or keeps no key for blinding yet.

    Raises ConfigError when the ledger was written with a secret that the cipher does not know.
    """
    kept = {row.name: row.value for row in connection.execute(select(meta))}
    if not kept:
        return None
    try:
        opened = cipher.open(bytes.fromhex(kept["seal"])) == _CHECK
        ours = cipher
        if "blinding" in kept:
            ours = cipher.blinding_with(bytes.fromhex(cipher.open(bytes.fromhex(kept["blinding"]))))
    except ConfigError:
        opened = False
    if not opened or kept["blind"] != ours.blind(_CHECK):
        raise ConfigError(
            [
                "The ledger was written with another secret key. Set CELLBACK_SECRET_KEY to the one it was written "
                "with (without one it is in secret.key in the data folder), name that one in "
                "CELLBACK_OLD_SECRET_KEYS, or point DATABASE_URL to a new ledger."
            ]
        )
    return ours if "blinding" in kept else None


def keep(connection: Connection, cipher: SecretCipher) -> SecretCipher:
    """Write the marks of a new ledger, or of one from before the key for blinding was kept."""
    connection.execute(delete(meta))
    connection.execute(meta.insert(), [*_marks(cipher), {"name": "blind", "value": cipher.blind(_CHECK)}])
    return cipher


def _marks(cipher: SecretCipher) -> list[dict[str, str]]:
    sealed = {"seal": _CHECK, "blinding": cipher.blinding.value.hex()}
    return [{"name": name, "value": cipher.seal(value).hex()} for name, value in sealed.items()]


def renew_marks(connection: Connection, cipher: SecretCipher) -> None:
    """Seal the marks under the newest key: from now on the ledger opens with it alone. The last step of a renewal."""
    for mark in _marks(cipher):
        connection.execute(update(meta).where(meta.c.name == mark["name"]).values(value=mark["value"]))


def sealed_tables() -> list[tuple[Table, list[str]]]:
    """Each table with sealed columns, and their names."""
    found = [(t, [c.name for c in t.columns if isinstance(c.type, LargeBinary)]) for t in metadata.sorted_tables]
    return [(table, names) for table, names in found if names]


def renewal(table: Table, names: Sequence[str], cipher: Cipher, after: int) -> Callable[[Connection], tuple[int, int]]:
    """A change that seals the next batch of records behind that one anew; how many, and the last one.

    The records are held, in their order as in every other change, so that nobody's newer text is written over.
    """
    head = cipher.head
    stale = [func.substr(table.c[name], 1, len(head)) != head for name in names]  # what is NULL is not stale
    columns = [table.c.seq, *(table.c[name] for name in names)]
    query = select(*columns).where(table.c.seq > after, or_(*stale)).order_by(table.c.seq).limit(BATCH)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    statement = update(table).where(table.c.seq == bindparam("of_seq")).values(values)

    def change(connection: Connection) -> tuple[int, int]:
        rows = connection.execute(query.with_for_update()).all()
        if not rows:
            return 0, after
        connection.execute(statement, [_anew(row._mapping, names, cipher) for row in rows])
        return len(rows), rows[-1].seq

    return change


def _anew(row: Any, names: Sequence[str], cipher: Cipher) -> dict[str, Any]:
    new = {f"new_{name}": None if row[name] is None else cipher.seal(cipher.open(row[name])) for name in names}
    return {"of_seq": row["seq"], **new}
