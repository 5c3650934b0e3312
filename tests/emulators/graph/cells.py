"""One cell: what lies in it, and what people and Graph see of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass

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
        code = number_format.parse(self.number_format)
        return code.text(self.value) if isinstance(self.value, str) else code.number(self.value)

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
