"""Lists with commas, semicolons or tabs: turned into a workbook once, which is worked on from then on."""

from __future__ import annotations

import csv
import io
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from server.errors import InvalidInput, NotFound, SheetUnavailable
from server.sheets.ooxml import text

log = logging.getLogger(__name__)

_DELIMITERS = (",", ";", "\t", "|")
_LOOK_AT = 50
_MAKER = "Cellback"
_LIMIT = 128 * 2**20


def convert(csv_path: Path) -> Path:
    """Turn a list into a workbook of the same name beside it, every cell a text; returns the workbook's path.

    A workbook from an earlier conversion is used as it is, never overwritten, as a campaign may live in it: the log
    says so, and `earlier` tells it beforehand. Encoding (UTF-8, UTF-16 with a mark, else Windows-1252) and
    delimiter (comma, semicolon, tab, bar, or a first line `sep=;`) are found.
    Raises NotFound, InvalidInput when it is no list or an unrelated workbook has the name, and SheetUnavailable
    when the workbook can't be written there.
    """
    done = earlier(csv_path)
    if done is not None:
        log.warning("%s is there from an earlier conversion and is used as it is", done.name)
        return done
    rows = _rows(csv_path)
    book = _book(rows, csv_path)
    target = csv_path.with_suffix(".xlsx")
    try:
        _store(book, target)
    except OSError as error:
        raise SheetUnavailable(
            f"{target.name} can't be written beside {csv_path.name}: {(error.strerror or 'an error').lower()}. "
            "Copy the list to a folder where you may write."
        ) from error
    return target


def earlier(csv_path: Path) -> Path | None:
    """The workbook of an earlier conversion of this list, or None.

    Raises InvalidInput when a workbook of that name is there that was not made from a list.
    """
    target = csv_path.with_suffix(".xlsx")
    if not target.exists():
        return None
    try:
        book = load_workbook(target, read_only=True)
        ours = book.properties.category == _MAKER
        book.close()
    except Exception as error:  # openpyxl raises whatever a damaged file provokes
        raise InvalidInput(_unrelated(csv_path, target), detail=type(error).__name__) from error
    if not ours:
        raise InvalidInput(_unrelated(csv_path, target))
    return target


def _unrelated(csv_path: Path, target: Path) -> str:
    return (
        f"{target.name} lies beside {csv_path.name} already and was not made from it. "
        f"Work on {target.name} itself, or rename one of the two."
    )


def _rows(path: Path) -> list[list[str]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{path.name} is not there.") from error
    except OSError as error:
        raise SheetUnavailable(f"{path.name} can't be read: {(error.strerror or 'an error').lower()}.") from error
    if len(data) > _LIMIT:
        raise InvalidInput(f"{path.name} is larger than {_LIMIT >> 20} MB: split it first.")
    content = _decoded(data, path.name)
    delimiter, content = _delimiter(content)
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InvalidInput(f"{path.name} can't be read as a list: a quotation mark may be missing.") from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise InvalidInput(f"{path.name} is empty. Put titles in its first line and a person in each line below.")
    return rows


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise InvalidInput(f"{name} is not a list of plain text. Save it as CSV, or as .xlsx.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(content: str) -> tuple[str, str]:
    """The delimiter, and the content without a line that only names it (Excel's `sep=;`)."""
    first, _, rest = content.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], rest
    lines = list(_lines(content))
    return max(_DELIMITERS, key=lambda mark: _agreement(lines, mark)), content


def _lines(content: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(content)):
        if number == _LOOK_AT:
            return
        yield line


def _agreement(lines: list[str], mark: str) -> tuple[int, int]:
    """How many records have as many fields as the header, when it has more than one; and how many those are."""
    try:
        sizes = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
    except csv.Error:
        return 0, 0
    if not sizes or sizes[0] < 2:
        return 0, 0
    return sum(size == sizes[0] for size in sizes), sizes[0]


def _book(rows: list[list[str]], source: Path) -> Workbook:
    """A workbook of texts: phones and ids keep their zeros, and nothing becomes a formula or a date."""
    book = Workbook(write_only=True)
    book.properties.category = _MAKER
    book.properties.description = f"Made from {source.name}"
    sheet = book.create_sheet(_tab_name(source.stem))
    sheet.freeze_panes = "A2"
    for index in range(max(len(row) for row in rows)):
        longest = max(len(row[index]) if index < len(row) else 0 for row in rows[:_LOOK_AT])
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(max(longest + 2, 9), 48)
    bold, fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, text.fit(value) or None)
            if cell.value is not None:
                cell.data_type = "s"
            cell.number_format = "@"
            if number == 0:
                cell.font, cell.fill = bold, fill
            cells.append(cell)
        sheet.append(cells)
    return book


def _tab_name(stem: str) -> str:
    """A name that Excel accepts for a tab: 31 characters, none of seven signs."""
    return "".join(" " if char in "[]:*?/\\'" else char for char in stem)[:31].strip() or "List"


def _store(book: Workbook, target: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".cellback-", suffix=".tmp", dir=target.parent)
    os.close(descriptor)
    try:
        book.save(name)
        os.chmod(name, 0o666 & ~_umask())
        os.link(name, target)
    finally:
        os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
