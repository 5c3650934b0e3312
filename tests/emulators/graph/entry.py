"""What Excel makes of something that is written to a cell: as if a person in the United States had typed it."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.utils.datetime import to_excel

from server.sheets import number_format
from tests.emulators.graph.cells import Cell, Value
from tests.emulators.graph.errors import invalid_argument

LONGEST = 32_767

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?%?")
_MOMENTS: tuple[tuple[str, str], ...] = (
    ("%m/%d/%Y", "m/d/yyyy"),
    ("%m/%d/%y", "m/d/yyyy"),
    ("%m-%d-%Y", "m/d/yyyy"),
    ("%Y-%m-%d", "m/d/yyyy"),
    ("%d-%b-%Y", "d-mmm-yy"),
    ("%d-%b-%y", "d-mmm-yy"),
    ("%b %d, %Y", "d-mmm-yy"),
    ("%d %b %Y", "d-mmm-yy"),
    ("%m/%d/%Y %H:%M", "m/d/yyyy h:mm"),
    ("%Y-%m-%d %H:%M", "m/d/yyyy h:mm"),
    ("%H:%M", "h:mm"),
    ("%H:%M:%S", "h:mm:ss"),
    ("%I:%M %p", "h:mm AM/PM"),
)
_DAY_AND_MONTH = ("%m/%d", "%m-%d", "%d-%b", "%d %b", "%b %d")
"""Typed without a year: Excel adds the present one."""


def enter(given: Any, cell: Cell, *, year: int) -> None:
    """Put a value into a cell that has its number format already. Raises GraphError when Excel would not take it."""
    cell.quoted, cell.formula = False, ""
    if isinstance(given, bool):
        cell.value = given
    elif isinstance(given, int | float):
        cell.value = number_format.parse("General").number(given) if cell.number_format == "@" else given
    elif isinstance(given, str):
        _enter_text(given, cell, year)
    else:
        raise invalid_argument()


def _enter_text(given: str, cell: Cell, year: int) -> None:
    if len(given) > LONGEST:
        raise invalid_argument()
    if given.startswith("'"):
        cell.value, cell.quoted = given[1:], True
    elif cell.number_format == "@":
        cell.value = given
    elif len(given) > 1 and given[0] in "=+-@" and _number(given) is None:
        cell.formula = given if given[0] == "=" else "=" + given
        cell.value = calculate(cell.formula)
    else:
        cell.value, code = read(given, year)
        if code and cell.number_format == "General":
            cell.number_format = code


def read(text: str, year: int) -> tuple[Value, str]:
    """What a text is taken for, and the number format that comes with it ("" for none)."""
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return stripped.upper() == "TRUE", ""
    number = _number(stripped)
    if number is not None:
        return number, "0%" if stripped.endswith("%") else "#,##0" if "," in stripped else ""
    return _moment(stripped, year) or (text, "")


def calculate(formula: str) -> Value:
    """The result of a formula of figures alone; `#NAME?` for any other. Raises GraphError when it can't be read."""
    body = formula[1:]
    if not _balanced(body) or re.search(r"[-+*/^&=<>,]\s*$", body):
        raise invalid_argument()
    try:
        result = _evaluate(ast.parse(body.strip().replace("^", "**"), mode="eval").body)
    except ZeroDivisionError:
        return "#DIV/0!"
    except (SyntaxError, ValueError, OverflowError, RecursionError):
        return "#NAME?"
    return result


def _number(text: str) -> int | float | None:
    match = _NUMBER.fullmatch(text)
    if match is None or not re.search(r"\d", text) or re.fullmatch(r"[eE].*", text):
        return None
    plain = text.rstrip("%").replace(",", "")
    value = float(plain) / (100 if text.endswith("%") else 1)
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _moment(text: str, year: int) -> tuple[Value, str] | None:
    if len(text) > 25 or not any(sign.isdigit() for sign in text):
        return None
    for form, code in _MOMENTS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  (a cell knows no zone)
        except ValueError:
            continue
        if found.year == 1900 and "y" not in code:
            return serial(found.time()), code
        return serial(found if "h" in code else found.date()), code
    for form in _DAY_AND_MONTH:
        try:
            return serial(datetime.strptime(f"{year} {text}", f"%Y {form}").date()), "d-mmm"  # noqa: DTZ007
        except ValueError:
            continue
    return None


def serial(moment: datetime | date | time | timedelta) -> int | float:
    """Excel's number for a moment: days since the end of 1899."""
    found: float = to_excel(moment)  # type: ignore[no-untyped-call]
    return int(found) if float(found).is_integer() else found


_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _evaluate(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.BinOp(left, kind, right) if type(kind) in _OPERATORS:
            return _OPERATORS[type(kind)](_evaluate(left), _evaluate(right))
        case ast.UnaryOp(kind, operand) if type(kind) in _OPERATORS:
            return _OPERATORS[type(kind)](_evaluate(operand))
    raise ValueError


def _balanced(body: str) -> bool:
    unquoted = re.sub(r'"(?:[^"]|"")*"', "", body)
    depth = 0
    for sign in unquoted:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0 and '"' not in unquoted
