"""Conditions over a cell, as filters, validation and conditional formats share them (BooleanCondition)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.sheets import entry
from tests.emulators.sheets.grid import EMPTY, Extended
from tests.emulators.sheets.locales import Locale

_TEXT: dict[str, Callable[[str, str], bool]] = {
    "TEXT_EQ": lambda shown, word: shown == word,
    "TEXT_NOT_EQ": lambda shown, word: shown != word,
    "TEXT_CONTAINS": lambda shown, word: word in shown,
    "TEXT_NOT_CONTAINS": lambda shown, word: word not in shown,
    "TEXT_STARTS_WITH": lambda shown, word: shown.startswith(word),
    "TEXT_ENDS_WITH": lambda shown, word: shown.endswith(word),
}
_NUMBER: dict[str, Callable[[float, list[float]], bool]] = {
    "GREATER": lambda value, bounds: value > bounds[0],
    "AFTER": lambda value, bounds: value > bounds[0],
    "GREATER_THAN_EQ": lambda value, bounds: value >= bounds[0],
    "ON_OR_AFTER": lambda value, bounds: value >= bounds[0],
    "LESS": lambda value, bounds: value < bounds[0],
    "BEFORE": lambda value, bounds: value < bounds[0],
    "LESS_THAN_EQ": lambda value, bounds: value <= bounds[0],
    "ON_OR_BEFORE": lambda value, bounds: value <= bounds[0],
    "EQ": lambda value, bounds: value == bounds[0],
    "NOT_EQ": lambda value, bounds: value != bounds[0],
    "BETWEEN": lambda value, bounds: bounds[0] <= value <= bounds[1],
    "NOT_BETWEEN": lambda value, bounds: not bounds[0] <= value <= bounds[1],
}
ARGUMENTS = {"BLANK": 0, "NOT_BLANK": 0, "TEXT_IS_EMAIL": 0, "TEXT_IS_URL": 0, "DATE_IS_VALID": 0}
"""How many values a condition takes where it is not one (or two for a BETWEEN)."""


def values(condition: Mapping[str, Any]) -> list[str]:
    """The condition's values as typed."""
    return [each.get("userEnteredValue", "") for each in condition.get("values", [])]


def holds(condition: Mapping[str, Any], value: Extended | None, shown: str, locale: Locale) -> bool:
    """Whether a cell with that effective value and text meets the condition.

    CUSTOM_FORMULA and ONE_OF_RANGE are met by every cell: the emulator does not compute them.
    """
    kind, wanted = condition.get("type", ""), values(condition)
    if kind in _TEXT:
        return _TEXT[kind](shown.casefold(), wanted[0].casefold())
    if kind == "BLANK":
        return not shown
    if kind == "NOT_BLANK":
        return bool(shown)
    if kind == "ONE_OF_LIST":
        return shown in wanted
    if kind == "BOOLEAN":
        return bool(value and "boolValue" in value)
    if kind == "TEXT_IS_EMAIL":
        return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", shown) is not None
    if kind == "TEXT_IS_URL":
        return re.match(r"https?://\S+$", shown) is not None
    family, _, test = kind.partition("_")
    if family in {"NUMBER", "DATE"} and test in _NUMBER:
        if not value or "numberValue" not in value:
            return False
        return _NUMBER[test](value["numberValue"], [_bound(each, locale) for each in wanted])
    return True


def _bound(text: str, locale: Locale) -> float:
    entered = entry.typed(EMPTY, text, "USER_ENTERED", locale).entered or {}
    return float(entered.get("numberValue", "nan"))
