"""A few formulas, enough for the sheets of tests: arithmetic, comparison, &, references, and the functions below.

What is none of these shows #NAME?, as in a sheet. References move with their cells: see `moved` and `shifted`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from tests.emulators.sheets import a1, formats
from tests.emulators.sheets.grid import Cell, Extended, Sheet, Spreadsheet
from tests.emulators.sheets.locales import locale

_REFERENCE = re.compile(
    r"(?P<text>\"[^\"]*\")|(?P<title>'(?:[^']|'')*'!|\w+!)?(?<![\w.])(?P<c>\$?[A-Z]{1,3})(?P<r>\$?\d+)(?![\w(!])"
)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"]|"")*") | (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<error>\#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?))
    | (?P<range>(?:'(?:[^']|'')*'!|\w+!)?\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?(?![\w(]))
    | (?P<name>[A-Za-z][A-Za-z0-9.]*) | (?P<mark><=|>=|<>|[-+*/^&=<>(),;%])
    )\s*""",
    re.VERBOSE,
)
_DEPTH = 40
_TYPES = {shown: kind for kind, shown in formats.ERRORS.items()}


class _Wrong(Exception):
    """The formula's result is an error value."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def effective(book: Spreadsheet, sheet: Sheet, cell: Cell, depth: int = 0) -> Extended | None:
    """The cell's effective value: what was typed, or what its formula comes to."""
    if cell.entered is None or "formulaValue" not in cell.entered:
        return cell.entered
    if cell.result is not None:
        return cell.result
    try:
        if depth > _DEPTH:
            raise _Wrong("REF")
        value = _Run(book, sheet, depth).value(cell.entered["formulaValue"])
    except _Wrong as wrong:
        return {"errorValue": {"type": wrong.kind, "message": f"The formula comes to {wrong.kind}."}}
    return _extended(value)


def _extended(value: Any) -> Extended:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return {"numberValue": int(value) if whole else value}
    return {"stringValue": "" if value is None else str(value)}


@lru_cache(maxsize=4096)
def _tokens(formula: str) -> tuple[tuple[str, str], ...]:
    found, at = [], 1
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None or match.end() == at:
            raise _Wrong("ERROR")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tuple(found)


class _Run:
    """One evaluation, by recursive descent."""

    def __init__(self, book: Spreadsheet, sheet: Sheet, depth: int) -> None:
        self.book, self.sheet, self.depth = book, sheet, depth
        self.tokens: tuple[tuple[str, str], ...] = ()
        self.at = 0

    def value(self, formula: str) -> Any:
        self.tokens = _tokens(formula)
        found = self._compared()
        if self.at < len(self.tokens):
            raise _Wrong("ERROR")
        return found[0] if isinstance(found, list) else found

    def _next(self, *marks: str) -> str:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "mark" and text in marks:
                self.at += 1
                return text
        return ""

    def _compared(self) -> Any:
        left = self._joined()
        while mark := self._next("=", "<>", "<=", ">=", "<", ">"):
            right = self._joined()
            if isinstance(left, str) or isinstance(right, str):
                left, right = str(left or "").casefold(), str(right or "").casefold()
            else:
                left, right = left or 0, right or 0
            left = {"=": left == right, "<>": left != right, "<=": left <= right, ">=": left >= right,
                    "<": left < right, ">": left > right}[mark]  # fmt: skip
        return left

    def _joined(self) -> Any:
        left = self._sum()
        while self._next("&"):
            left = self._text(left) + self._text(self._sum())
        return left

    def _sum(self) -> Any:
        left = self._product()
        while mark := self._next("+", "-"):
            right = _number(self._product())
            left = _number(left) + right if mark == "+" else _number(left) - right
        return left

    def _product(self) -> Any:
        left = self._signed()
        while mark := self._next("*", "/", "^"):
            right = _number(self._signed())
            if mark == "/" and right == 0:
                raise _Wrong("DIVIDE_BY_ZERO")
            left = {"*": lambda a, b: a * b, "/": lambda a, b: a / b, "^": lambda a, b: a**b}[mark](
                _number(left), right
            )
        return left

    def _signed(self) -> Any:
        if mark := self._next("-", "+"):
            value = _number(self._signed())
            return -value if mark == "-" else value
        value = self._atom()
        while self._next("%"):
            value = _number(value) / 100
        return value

    def _atom(self) -> Any:
        if self.at >= len(self.tokens):
            raise _Wrong("ERROR")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "number":
            return float(text)
        if kind == "error":
            raise _Wrong(_TYPES[text])
        if kind == "range":
            found = self._cells(text)
            return found if ":" in text else found[0]
        if kind == "name":
            return self._called(text.upper())
        if text == "(":
            inner = self._compared()
            if not self._next(")"):
                raise _Wrong("ERROR")
            return inner
        raise _Wrong("ERROR")

    def _cells(self, text: str) -> list[Any]:
        title, cells = a1.split(text)
        sheet = self.sheet if title is None else self.book.titled(title)
        part = a1.cells(cells.replace("$", ""), sheet.id) if sheet and cells else None
        if sheet is None or part is None:
            raise _Wrong("REF")
        part = part.within(sheet.row_count, sheet.column_count)
        assert part.bottom is not None
        assert part.right is not None
        return [self._held(sheet, row, column)
                for row in range(part.top, part.bottom) for column in range(part.left, part.right)]  # fmt: skip

    def _held(self, sheet: Sheet, row: int, column: int) -> Any:
        value = effective(self.book, sheet, sheet.cell(row, column), self.depth + 1)
        if not value:
            return None
        if "errorValue" in value:
            raise _Wrong(value["errorValue"]["type"])
        return next(iter(value.values()))

    def _called(self, name: str) -> Any:
        if name in {"TRUE", "FALSE"} and not self._next("("):
            return name == "TRUE"
        if name not in {"TRUE", "FALSE"} and not self._next("("):
            raise _Wrong("NAME")
        arguments: list[Any] = []
        if not self._next(")"):
            while True:
                arguments.append(self._compared())
                if not self._next(",", ";"):
                    break
            if not self._next(")"):
                raise _Wrong("ERROR")
        if name not in FUNCTIONS:
            raise _Wrong("NAME")
        try:
            return FUNCTIONS[name](*arguments)
        except (TypeError, IndexError) as error:
            raise _Wrong("N_A") from error

    def _text(self, value: Any) -> str:
        extended = _extended(value)
        return formats.shown(Cell(), extended, locale(self.book.locale)) if value is not None else ""


def _number(value: Any) -> float:
    if value is None:
        return 0
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise _Wrong("VALUE") from None
    return float(value)


def _flat(values: tuple[Any, ...]) -> list[float]:
    spread = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return [each for each in spread if isinstance(each, int | float) and not isinstance(each, bool)]


def _missing() -> Any:
    raise _Wrong("N_A")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *values: sum(_flat(values)),
    "MIN": lambda *values: min(_flat(values), default=0),
    "MAX": lambda *values: max(_flat(values), default=0),
    "COUNT": lambda *values: len(_flat(values)),
    "IF": lambda test, yes, no=False: yes if test else no,
    "TIME": lambda hour, minute, second: (_number(hour) * 3600 + _number(minute) * 60 + _number(second)) / 86400 % 1,
    "DATE": lambda year, month, day: formats.serial(date(int(year), int(month), int(day))),
    "CONCATENATE": lambda *values: "".join(str(value) for value in values if value is not None),
    "UPPER": lambda text: str(text or "").upper(),
    "LOWER": lambda text: str(text or "").lower(),
    "TRIM": lambda text: " ".join(str(text or "").split()),
    "HYPERLINK": lambda url, label=None: url if label is None else label,
    "NA": _missing,
    "ROUND": lambda value, places=0: round(_number(value) + 1e-12, int(places)),
}
"""What a formula may call."""


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads after its cell was copied so many rows down and columns right."""

    def shift(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        column, row = match["c"], match["r"]
        at_column = a1.number(column) if not column.startswith("$") else -1
        at_row = int(row) if not row.startswith("$") else 0
        if at_column >= 0:
            at_column += columns
            column = a1.letter(at_column) if at_column >= 0 else ""
        if at_row:
            at_row += rows
            row = str(at_row)
        if not column or (at_row < 1 and not row.startswith("$")):
            return "#REF!"
        return f"{match['title'] or ''}{column}{row}"

    return _REFERENCE.sub(shift, formula)


def shifted(formula: str, here: str, title: str, place: Callable[[int, int], tuple[int, int] | None]) -> str:
    """The formula after cells of the sheet `title` moved: `place` gives a cell's new row and column, None when gone.

    `here` is the title of the sheet that the formula stands on.
    """

    def shift(match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        named = match["title"]
        target = a1.split(named + "A1")[0] if named else here
        if (target or "").casefold() != title.casefold():
            return match[0]
        column, row = match["c"], match["r"]
        found = place(int(row.lstrip("$")) - 1, a1.number(column.lstrip("$")))
        if found is None:
            return "#REF!"
        fixed_column, fixed_row = ("$" if text.startswith("$") else "" for text in (column, row))
        return f"{named or ''}{fixed_column}{a1.letter(found[1])}{fixed_row}{found[0] + 1}"

    return _REFERENCE.sub(shift, formula)
