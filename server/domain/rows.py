"""Row identity: which row carries which key, and which rows a campaign is about. Pure decisions over a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from server.domain.keys import new_row_key
from server.domain.table import Row, Table

IdentityOf = Callable[[Row], str]
"""Fingerprint of whom a row is about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows that a campaign is about, and why the others are not among them."""

    rows: tuple[Row, ...]
    total: int
    hidden: int = 0
    missing: tuple[str, ...] = ()
    """Keys that were asked for and are in no row."""


def choose(table: Table, wanted: Collection[str]) -> Choice:
    """Rows by the words of the command line: {"visible"}, {"all"}, or keys. Rows without any data never count."""
    filled = [row for row in table.rows if not row.empty]
    if "all" in wanted:
        return Choice(tuple(filled), len(filled))
    if "visible" in wanted:
        seen = tuple(row for row in filled if not row.hidden)
        return Choice(seen, len(filled), hidden=len(filled) - len(seen))
    keys = set(wanted)
    found = tuple(row for row in filled if row.key in keys)
    return Choice(found, len(filled), missing=tuple(sorted(keys - {row.key for row in found})))


def assign_keys(table: Table, identity_of: IdentityOf, known: Mapping[str, str]) -> dict[int, str]:
    """New keys for rows that have none and for copies: position -> key.

    Of several rows under one key the one keeps it whose identity the ledger knows under that key, else the first
    one; a copied row is a new record.
    """
    fresh: dict[int, str] = {}
    taken = {row.key for row in table.rows if row.key}
    for key, rows in table.by_key().items():
        keeper = _keeper(rows, identity_of, known.get(key)) if len(rows) > 1 else rows[0]
        fresh.update({row.position: _unused(taken) for row in rows if row is not keeper})
    for row in table.rows:
        if not row.key and not row.empty:
            fresh[row.position] = _unused(taken)
    return fresh


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key was found; `row` None with the reason in words."""

    row: Row | None
    why: str = ""


GONE = "The row is no longer in the sheet."


class Locator:
    """Finds rows by their keys in one read of the sheet, and notices keys that were torn from their rows.

    A key column that was left out of a sort stays behind while the records move. Then the key's row is about
    somebody else, and the person it belongs to stands under another key: no value may be written to either.
    An address that was merely corrected is found under no other key, and is no tear.
    """

    def __init__(self, table: Table, identity_of: IdentityOf) -> None:
        self._rows = table.by_key()
        self._identity_of = identity_of
        self._elsewhere: dict[str, list[Row]] | None = None
        self._table = table

    def find(self, key: str, identity: str) -> Place:
        """The row of a key, given the identity that the ledger holds for it ("" when it holds none)."""
        rows = self._rows.get(key, [])
        if not rows:
            return Place(None, GONE)
        if len(rows) > 1:
            same = [row for row in rows if identity and self._identity_of(row) == identity]
            if len(same) != 1:
                return Place(None, "Several rows carry this row's key: it was copied. Write to none of them.")
            return Place(same[0])
        if identity and self._identity_of(rows[0]) != identity and self._torn(key, identity):
            return Place(None, "The row keys were sorted apart from their rows. Undo that sort, and it goes on.")
        return Place(rows[0])

    def _torn(self, key: str, identity: str) -> bool:
        if self._elsewhere is None:
            self._elsewhere = {}
            for row in self._table.rows:
                self._elsewhere.setdefault(self._identity_of(row), []).append(row)
        return any(row.key != key for row in self._elsewhere.get(identity, []))


def _keeper(rows: list[Row], identity_of: IdentityOf, identity: str | None) -> Row:
    return next((row for row in rows if identity and identity_of(row) == identity), rows[0])


def _unused(taken: set[str]) -> str:
    key = new_row_key()
    while key in taken:
        key = new_row_key()
    taken.add(key)
    return key


def numbers(rows: Iterable[Row]) -> str:
    """Row numbers for a sentence: "4, 7 and 9", at most five of them."""
    places = [str(row.position) for row in rows]
    if len(places) > 5:
        return f"{', '.join(places[:5])} and {len(places) - 5} more"
    return " and ".join([", ".join(places[:-1]), places[-1]] if len(places) > 1 else places)
