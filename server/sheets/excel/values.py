"""One cell of Graph's grids as a Cell, and a value as Graph must be given it, so that text stays text (rule 10)."""

from __future__ import annotations

import re
from typing import Any

from server.domain.table import BLANK, Cell, CellValue
from server.domain.words import CellKind
from server.sheets import date_format, number_format
from server.sheets.excel.shot import Entry, entry
from server.sheets.lines import Value
from server.sheets.ooxml.text import fit

TEXT = "@"
"""The number format of cells that take what is typed as text."""

_ALWAYS = frozenset("=+-@'\t\n")
_SURELY_TEXT, _WORDS = 40, 3
"""Characters and words from which on a text that begins with a letter is nothing else: the longest that Excel takes
for a date there names a month and the half of the day."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_TRUTHS = frozenset(
    re.findall(
        r"\w+",
        "true false wahr falsch vrai faux verdadero falso verdadeiro vero waar onwaar sand falsk sant sann falskt "
        "tosi epätosi prawda fałsz pravda nepravda igaz hamis adevărat fals doğru yanlış истина ложь істина хибність "
        "αληθησ ψευδησ benar salah tõene väär taisnība nepatiesība tiesa netiesa tačno netačno",
    )
)
"""TRUE and FALSE in languages of Excel."""


def cell_of(value: Any, text: Any, formula: Any, code: Any, kind: Any) -> Cell:
    """The cell, from its places in the five grids."""
    found = entry(value, formula)
    is_formula, shown = bool(found.formula), str(text if text is not None else "")
    if found.value == "" and isinstance(found.value, str):
        return Cell(formula=True) if is_formula else BLANK
    if kind == "Error":
        return Cell(shown or str(found.value), str(found.value), CellKind.ERROR, is_formula)
    if isinstance(found.value, bool):
        return Cell(shown or str(found.value).upper(), found.value, CellKind.BOOLEAN, is_formula)
    if isinstance(found.value, str):
        plain = code in {"General", TEXT, "", None}
        return Cell(found.value if plain or not shown else shown, found.value, CellKind.TEXT, is_formula)
    return _number(found.value, shown, str(code or "General"), is_formula)


def _number(value: int | float, shown: str, code: str, is_formula: bool) -> Cell:
    kind = number_format.parse(code).kind
    moment = date_format.iso(value, kind) if kind is not CellKind.NUMBER else None
    if moment is not None:
        return Cell(shown, moment, kind, is_formula)
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return Cell(shown, int(value) if whole else value, CellKind.NUMBER, is_formula)


def wire(value: CellValue) -> Value:
    """What the cell is to hold: texts without control characters, cut at 32,767 characters; "" clears it."""
    if value is None:
        return ""
    return fit(value) if isinstance(value, str) else value


def written(value: Value, code: str) -> Cell:
    """The cell after that was proven to stand in it, with its number format."""
    if isinstance(value, bool):
        return Cell(str(value).upper(), value, CellKind.BOOLEAN)
    if isinstance(value, int | float):
        return _number(value, number_format.parse(code).number(value), code, is_formula=False)
    return Cell(value, value, CellKind.TEXT) if value else BLANK


def in_format(value: Value, code: str) -> Value:
    """The value as a cell of that format keeps it: cells for text make texts of figures, as they do for people."""
    if code != TEXT or isinstance(value, str):
        return value
    return str(value).upper() if isinstance(value, bool) else number_format.parse("General").number(value)


def typed(content: Entry) -> Value:
    """The content as it must be typed to come to lie there: Excel takes an apostrophe before a text as a sign that it
    is one, and does not keep it."""
    if content.formula:
        return content.formula
    text = content.value
    if not isinstance(text, str) or is_plain(text) or (content.in_text and text[0] not in _ALWAYS):
        return text
    return f"'{text}"


def is_plain(text: str) -> bool:
    """Whether Excel takes the text for nothing else, in any cell and any language."""
    if not text:
        return True
    if text[0] in _ALWAYS or not text[0].isalpha():
        return False
    if len(text) >= _SURELY_TEXT or "_" in text or len(_WORD.findall(text)) >= _WORDS:
        return True
    return not any(char.isnumeric() for char in text) and text.strip().casefold() not in _TRUTHS
