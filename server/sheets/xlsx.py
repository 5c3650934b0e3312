"""A workbook file on this disk as a Sheet: read as people see it, written by changing only the bytes of our cells."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from server.domain.look import Look
from server.domain.table import CellEdit, NewColumn, Table, fold
from server.errors import InvalidInput, NotFound, SheetChanged, SheetUnavailable
from server.sheets import cautions, dress, edit, files, layout
from server.sheets.ooxml.archive import Archive
from server.sheets.ooxml.cells import Scan
from server.sheets.ooxml.sheet_part import SheetPart
from server.sheets.ooxml.table_part import tables_of
from server.sheets.ooxml.workbook import Tab, Workbook

T = TypeVar("T")

_SETTLED_NS = 2_500_000_000
"""A time of change younger than this when the file was read may hide a second change (FAT counts in 2 s)."""

_SAVING_NS = 5_000_000_000
"""A workbook that was sound and no longer is, changed this lately, may be half saved: some programs write in place."""


class XlsxSheet:
    """One tab of an .xlsx or .xlsm file.

    `path` may be relative or a link: `workbook` is the real file's absolute path. `name` is the tab (case does not
    matter), by default the first visible worksheet. `header_row` fixes the row of titles, else it is found: an
    Excel Table's header, the last frozen row, the row with filter buttons, or the first full row of texts.
    `backup_dir` gets a copy of the file as it was before our first change to it.
    Raises NotFound when file or tab is missing, InvalidInput when the file is no workbook.
    """

    look_seconds = 0.0

    def __init__(
        self,
        path: Path,
        name: str | None = None,
        header_row: int | None = None,
        *,
        backup_dir: Path | None = None,
    ) -> None:
        self._backup_dir = backup_dir
        self.path = Path(os.path.realpath(path))
        self.workbook = str(self.path)
        self.header_row = header_row
        self._state: tuple[files.Stamp, int, str] | None = None
        self._table: Table | None = None
        self.name = self._tab(self._open(files.load(self.path)[0]), name).name

    @property
    def title(self) -> str:
        """The tab's name."""
        return self.name

    def version(self) -> str:
        """Names the file's exact content. Reads the file only when the file system says that it may have changed."""
        now = files.stamp(self.path)
        if self._state and self._state[0] == now and self._state[1] - now[0] > _SETTLED_NS:
            return self._state[2]
        return self._load()[1]

    def read(self, max_age: float = 0.0) -> Table:  # noqa: ARG002 - the port's form
        """The tab as it is now, whatever age would do; an unchanged file is not parsed again.

        A number of more than 11 digits in the format General (a phone, say) shows an exponent, as in Excel: its
        `raw` is exact.
        """
        version, table = self.version(), self._table
        if table is None or table.version != version:
            data, version, stamp = self._load()
            try:
                with _no_collecting():
                    self._table = self._parse(data, version)
            except InvalidInput as error:
                if table and time.time_ns() - stamp[0] < _SAVING_NS:
                    raise SheetUnavailable(f"{self.path.name} is being saved by another program.") from error
                raise
            return self._table
        return table

    def apply(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn] = ()) -> Table | None:
        """Change these cells in the file's bytes, if it is still exactly the one that `table` was read from.

        All other parts of the file stay byte-identical, formulas and the calculation chain among them: results
        that depend on an edited cell are stale until Excel next calculates them. Texts are inline strings, cut at
        32,767 characters with an ellipsis; line ends become line feeds. A text that starts with `=` is a text until
        a person edits the cell in Excel and confirms it (marking it as such would change the styles' part).
        """
        if table.sheet != self.name or table.workbook != self.workbook:
            raise ValueError("the table was read from another sheet")
        if edits or new_columns:
            self.rewrite(table, lambda book, tab: edit.edited(book, tab, table, edits, new_columns))
        return None

    def rewrite(self, table: Table, change: Callable[[Workbook, Tab], Mapping[str, bytes]]) -> str:
        """Replace parts of the file in one step, if it is still exactly the one that `table` was read from.

        `change` gives the parts with their new content. Returns the new version, "" when there were none to replace.
        Raises SheetChanged, SheetUnavailable, PermanentError, and what `change` raises.
        """
        with files.writing(self.path):
            files.refuse_if_open(self.path)
            files.refuse_if_read_only(self.path)
            data, version, stamp = self._load()
            if version != table.version:
                raise SheetChanged(f"{self.path.name} was changed meanwhile: it is read again.")
            workbook = self._open(data)
            parts = change(workbook, self._tab(workbook, self.name))
            if not parts:
                return ""
            changed = workbook.archive.replaced(parts)
            if self._backup_dir:
                files.keep(self._backup_dir, self.path, data)
            if files.stamp(self.path) != stamp:
                raise SheetChanged(f"{self.path.name} was changed meanwhile: it is read again.")
            files.replace(self.path, changed)
        return files.digest(changed)

    def look_into(self, look: Callable[[Workbook, Tab], T]) -> T:
        """What a look into the file's parts tells. Raises NotFound, InvalidInput, SheetUnavailable."""
        workbook = self._open(files.load(self.path)[0])
        return look(workbook, self._tab(workbook, self.name))

    def views(
        self,
        column: str,  # noqa: ARG002 - the port's form
        wanted: Mapping[str, Collection[str]],  # noqa: ARG002
    ) -> Mapping[str, str]:
        """None: a file has one filter, and that is its owner's."""
        return {}

    def dress(self, looks: Sequence[Look]) -> None:
        """Splice colours, lists, hints and widths into the sheet's part and the colours into that of the styles; all
        else stays byte-identical. Colours and hints are what every version of Excel and LibreOffice shows."""
        with files.writing(self.path):
            files.refuse_if_open(self.path)
            files.refuse_if_read_only(self.path)
            table = self.read()
            data, version, stamp = self._load()
            workbook = self._open(data)
            parts = dress.dressed(workbook, self._tab(workbook, self.name), table, looks)
            if not parts:
                return
            changed = workbook.archive.replaced(parts)
            if self._backup_dir:
                files.keep(self._backup_dir, self.path, data)
            if version != table.version or files.stamp(self.path) != stamp:
                raise SheetChanged(f"{self.path.name} was changed meanwhile: it is read again.")
            files.replace(self.path, changed)

    def _load(self) -> tuple[bytes, str, files.Stamp]:
        at = time.time_ns()
        data, stamp = files.load(self.path)
        version = files.digest(data)
        self._state = (stamp, at, version)
        return data, version, stamp

    def _open(self, data: bytes) -> Workbook:
        return Workbook(Archive(data, self.path.name))

    def _tab(self, workbook: Workbook, name: str | None) -> Tab:
        for tab in workbook.tabs:
            if (name is None and tab.visible) or (name is not None and fold(tab.name) == fold(name)):
                return tab
        names = ", ".join(f"“{tab.name}”" for tab in workbook.tabs if tab.visible) or "none"
        wanted = f"no sheet called “{name}”" if name is not None else "no visible worksheet"
        raise NotFound(f"{self.path.name} has {wanted}. Its sheets: {names}.")

    def _parse(self, data: bytes, version: str) -> Table:
        workbook = self._open(data)
        tab = self._tab(workbook, self.name)
        part = SheetPart(workbook.archive.read(tab.part), self.path.name)
        scan = Scan(workbook, part)
        tables = tables_of(workbook, tab.part, part.frame.table_links)
        region = layout.region_of(self.name, scan.lines, part.frame, tables, self.header_row)
        columns = layout.columns_of(region, scan.lines, part.frame)
        key_column = layout.key_column_of(columns)
        return Table(
            workbook=self.workbook,
            sheet=self.name,
            columns=columns,
            rows=layout.rows_of(region, scan.lines, part.frame, key_column),
            version=version,
            header_row=region.header_row,
            key_column=key_column,
            warnings=(
                *layout.warnings_of(region, part.frame, tables, columns, cautions.of_cells(region, scan)),
                *cautions.torn_by_sorting(region, workbook.filter_name(tab)),
            ),
        )


def sheet_names(path: Path) -> list[str]:
    """The visible worksheets of a workbook file, in the order of their tabs. Raises NotFound or InvalidInput."""
    path = Path(os.path.realpath(path))
    return [tab.name for tab in Workbook(Archive(files.load(path)[0], path.name)).tabs if tab.visible]


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A million cells make no cycles: looking for some over and over takes a quarter of the time of a large sheet."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
