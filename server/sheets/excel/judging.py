"""What a write really did, told from the cells before and after it. Pure.

Graph compares nothing when it writes, and its echo may be wrong, so a sort between our look and our write puts values
into other people's rows. Every cell that changed is held against what was meant for the row that it is in: rows are
known by their key, and those without by their other cells; columns by their titles.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.sheets.excel.shot import NOTHING, Entry, Place, Shot
from server.sheets.excel.writing import Row

Column = tuple[str, int]
"""A column: its title, and which of those that have it."""


@dataclass
class Verdict:
    """`open` are rows whose values do not stand where they should; `back` is what to put where our values hit by
    mistake, by place in the sheet as it is now. `moved` tells that somebody moved or typed what they are about:
    decide anew. `beside` are places beyond the table's rows that may have got a value of ours: that, and what was
    there before."""

    open: list[Row] = field(default_factory=list)
    back: dict[Place, Entry] = field(default_factory=dict)
    moved: bool = False
    beside: dict[Place, tuple[Entry, Entry]] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether any value of ours lies where it should not."""
        return bool(self.back or self.beside)

    def rows(self) -> list[Row]:
        """What to put back, row by row."""
        found: dict[int, dict[int, Entry]] = defaultdict(dict)
        for (row, column), content in self.back.items():
            found[row][column] = content
        return [Row(number, cells, "key") for number, cells in found.items()]


@dataclass
class _Record:
    """A row as it was seen: its number, its key, its cells by column."""

    number: int
    key: str
    cells: dict[Column, Entry]


class Judge:
    """Holds a write against what came of it.

    `key` is the title of the column of row keys, "" without one. `was` is what the table that was decided on showed,
    `before` and `after` the last looks around the write, `rows` what was to be written, by its place in `was`.
    """

    def __init__(self, key: str, was: Shot, before: Shot, after: Shot, rows: Sequence[Row]) -> None:
        self._key = key
        self._rows = rows
        self._after = after
        self._before_columns = _columns(before)
        self._was_columns = _columns(was)
        titles, self._titles = self._header(before, after)
        self._after_columns = _named(titles, after.block.left)
        self._ours: dict[Column, list[Entry]] = defaultdict(list)
        for columns in (self._was_columns, self._before_columns, self._after_columns):
            names = {number: name for name, number in columns.items()}
            for row in rows:
                for number, content in row.cells.items():
                    if number in names:
                        self._ours[names[number]].append(content)
        names = {number: name for name, number in self._was_columns.items()}
        self._meant = [{names[number]: content for number, content in row.cells.items()} for row in rows]
        loose = set(self._ours)
        self._was = _records(was, self._was_columns, key)
        self._was_at = {record.number: record for record in self._was}
        self._before = _records(before, self._before_columns, key)
        self._now = _records(after, self._after_columns, key)
        self._from_before = _Matcher(self._before, loose)
        self._from_was = _Matcher(self._was, loose)

    def verdict(self) -> Verdict:
        """The verdict."""
        found = Verdict(beside=dict(self._titles))
        done = self._cells(found)
        before_at = {record.number: record for record in self._before}
        now_at = {record.number: record for record in self._now}
        for index, row in enumerate(self._rows):
            if done[index]:
                continue
            found.open.append(row)
            for one in (before_at.get(row.number), now_at.get(row.number)):
                found.moved |= one is None or not self._is_as_it_was(index, one)
        self._beyond(found)
        return found

    def _cells(self, found: Verdict) -> Counter[int]:
        """Look at every row of now; how often each row of ours stands (twice, where somebody copied its row since)."""
        places = {row.number: index for index, row in enumerate(self._rows)}
        done: Counter[int] = Counter()
        for record in self._now:
            old, origin = self._from_before.find(record), self._from_was.find(record)
            index = places.get(origin.number) if origin is not None else None
            meant = self._meant[index] if index is not None else {}
            stands = index is not None
            for column, content in record.cells.items():
                past = old.cells.get(column, NOTHING) if old is not None else NOTHING
                wanted = meant.get(column)
                if wanted is not None and origin is not None:
                    untouched = past.same(origin.cells.get(column, NOTHING)) or past.same(wanted)
                    if content.same(wanted) and untouched:
                        continue
                    stands = False
                if content.same(past):
                    continue
                if any(content.same(one) for one in self._ours.get(column, ())):
                    found.back[record.number, self._after_columns[column]] = past
                elif wanted is not None:
                    found.moved = True  # somebody typed there after us: it is theirs
            if stands and index is not None:
                done[index] += 1
        return done

    def _is_as_it_was(self, index: int, record: _Record) -> bool:
        """Whether the row at the place of one of ours is that one, with its cells as they were."""
        row = self._rows[index]
        origin = self._was_at.get(row.number)
        if origin is None or (self._key and origin.key != record.key):
            return False
        looked = self._meant[index] if row.proof == "key" else origin.cells
        return all(record.cells.get(column, NOTHING).same(origin.cells.get(column, NOTHING)) for column in looked)

    def _header(self, before: Shot, after: Shot) -> tuple[list[str], dict[Place, tuple[Entry, Entry]]]:
        """The titles of now, without those that our values hit because rows were inserted above, and what to put back
        there."""
        then, now = before.titles(), after.titles()
        ours = {content.value for row in self._rows for content in row.cells.values() if not content.formula}
        back: dict[Place, tuple[Entry, Entry]] = {}
        if len(then) == len(now):
            for offset, (old, new) in enumerate(zip(then, now, strict=True)):
                if new != old and new in ours and new not in then:
                    back[after.header, after.block.left + offset] = Entry(new), Entry(old)
                    now[offset] = old
        return now, back

    def _beyond(self, found: Verdict) -> None:
        """Places that were written to and are not among the table's rows now."""
        block = self._after.block
        for row in self._rows:
            for number, content in row.cells.items():
                place = (row.number, number)
                if not content.same(NOTHING) and (not block.holds(*place) or row.number < self._after.header):
                    found.beside[place] = content, NOTHING


class _Matcher:
    """Finds the row of another moment that a row is: by its key, else by the cells that we did not touch."""

    def __init__(self, records: Sequence[_Record], loose: set[Column]) -> None:
        keys = Counter(record.key for record in records if record.key)
        self._loose = loose
        self._at = {record.number: record for record in records}
        self._by_key = {record.key: record for record in records if keys[record.key] == 1}
        self._by_cells: dict[tuple[tuple[Column, Entry], ...], deque[_Record]] = defaultdict(deque)
        for record in records:
            if record.key not in self._by_key:
                self._by_cells[self._signature(record)].append(record)

    def find(self, record: _Record) -> _Record | None:
        """That row; of several that are alike one that was not found yet."""
        if record.key in self._by_key:
            return self._by_key[record.key]
        alike = self._by_cells.get(self._signature(record))
        if not alike:
            return self._similar(record)
        same = next((one for one in alike if one.number == record.number), alike[0])
        if len(alike) > 1:
            alike.remove(same)
        return same

    def _similar(self, record: _Record) -> _Record | None:
        """The row at the same place, when somebody only typed into it."""
        old = self._at.get(record.number)
        if old is None or old.key or record.key:
            return None
        columns = [c for c, content in old.cells.items() if c not in self._loose and not content.same(NOTHING)]
        kept = sum(old.cells[column].same(record.cells.get(column, NOTHING)) for column in columns)
        return old if kept and 2 * kept >= len(columns) else None

    def _signature(self, record: _Record) -> tuple[tuple[Column, Entry], ...]:
        return tuple(
            (column, Entry("", content.formula) if content.formula else content)
            for column, content in record.cells.items()
            if column not in self._loose and not content.same(NOTHING)
        )


def _columns(shot: Shot) -> dict[Column, int]:
    return _named(shot.titles(), shot.block.left)


def _named(titles: Sequence[str], left: int) -> dict[Column, int]:
    """Numbers of columns by title, and by which of those with that title."""
    seen: Counter[str] = Counter()
    found: dict[Column, int] = {}
    for number, title in enumerate(titles, left):
        found[title, seen[title]] = number
        seen[title] += 1
    return found


def _records(shot: Shot, columns: Mapping[Column, int], key: str) -> list[_Record]:
    key_at = columns.get((key, 0)) if key else None
    return [
        _Record(
            row,
            str(shot.at(row, key_at).value) if key_at is not None else "",
            {column: shot.at(row, number) for column, number in columns.items()},
        )
        for row in shot.rows
    ]
