"""One cell: what lies in it, and what people and Graph see of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.formula.translate import Translator

from server.sheets import number_format
from tests.emulators.graph.address import cell_name

Value = str | int | float | bool
"""What Graph reads from a cell; "" when it is blank."""

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!")


@dataclass(slots=True)
class Cell:
    """`quoted` is the apostrophe before a text, which nobody sees."""

    value: Value = ""
    formula: str = ""
    number_format: str = "General"
    locked: bool = True
    quoted: bool = False

    @property
    def blank(self) -> bool:
        return self.value == "" and not self.formula

    @property
    def text(self) -> str:
        """As people see it in a cell that is wide enough."""
        if isinstance(self.value, bool):
            return str(self.value).upper()
        if self.value == "" or is_error(self.value):
            return str(self.value)
        return _shown(self.value, self.number_format)

    @property
    def entry(self) -> Value:
        """What Graph calls its formula: the formula, or else the value."""
        return self.formula or self.value

    @property
    def kind(self) -> str:
        """Graph's word for the type of its value."""
        if self.value == "":
            return "Empty"
        if isinstance(self.value, bool):
            return "Boolean"
        if is_error(self.value):
            return "Error"
        return "String" if isinstance(self.value, str) else "Double"

    def moved(self, before: tuple[int, int], after: tuple[int, int]) -> Cell:
        """The cell at another place, its formula still looking at its neighbours there."""
        found = copy.copy(self)
        if self.formula and before != after:
            found.formula = Translator(self.formula, origin=cell_name(*before)).translate_formula(cell_name(*after))
        return found

    def clear(self) -> None:
        """Empty it; format and lock stay."""
        self.value, self.formula, self.quoted = "", "", False


@lru_cache(maxsize=65536)
def _shown(value: str | int | float, code: str) -> str:
    """Remembered: a tab of a thousand rows is read again and again, and few of its cells have changed."""
    found = number_format.parse(code)
    return found.text(value) if isinstance(value, str) else found.number(value)


def is_error(value: Value) -> bool:
    """Whether a value is one of Excel's errors."""
    return value in ERRORS


def order(cell: Cell) -> tuple[int, float, str]:
    """A key to sort cells that are not blank as Excel does: figures, texts, truth values, errors."""
    value = cell.value
    if isinstance(value, bool):
        return (2, float(value), "")
    if isinstance(value, str):
        return (3, 0.0, "") if is_error(value) else (1, 0.0, value.casefold())
    return (0, float(value), "")
