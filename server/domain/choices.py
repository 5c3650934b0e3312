"""Answers that can be given with one press: a button, a digit, a key of the telephone.

The payload of a button carries the message's token and the answer's code, so that a press leads to the exact row and
the exact answer without reading a word (facts/channels.md, section 2).
"""

from __future__ import annotations

import re
import unicodedata

from server.domain.message import Choice
from server.domain.plan import AnswerColumn, Plan
from server.domain.table import fold
from server.domain.words import AnswerKind

MOST = 9
"""Digits that can be typed or pressed as one: 1 to 9."""

_PAYLOAD = re.compile(r"v1\.([2-9a-z]{1,64})\.([1-9])")
_AROUND = r"\s.,:;()\[\]{}<>#*_~`'\"“”„‘’«»!،。、"
"""What people (and the marks for bold) put around a digit; a question mark asks, and is none of it."""
_DIGIT = re.compile(rf"[{_AROUND}]*([1-9])[{_AROUND}]*")
_INVISIBLE = frozenset({"Cf", "Me", "Mn"})
"""Marks of writing direction, what turns a digit into a keycap emoji."""
_LONGEST_DIGIT = 40
_NUMBER = re.compile(r"[+-]?\d+")


def offered(plan: Plan) -> tuple[AnswerColumn, tuple[Choice, ...]] | None:
    """The answer column whose values can be pressed, with its choices in order; None when the plan has no such column.

    It is the plan's first answer column, when that is a choice of at most nine values, no two alike. Values that are
    numbers have to stand in their own places (1, 2, 3 …): else a typed 5 would be both a value and the fifth of them.
    """
    first = plan.answer_columns[0] if plan.answer_columns else None
    if first is None or first.kind is not AnswerKind.CHOICE or not 2 <= len(first.allowed) <= MOST:
        return None
    choices = tuple(Choice(str(number), value) for number, value in enumerate(first.allowed, start=1))
    if len({fold(choice.title) for choice in choices} - {""}) < len(choices):
        return None
    if any(_NUMBER.fullmatch(choice.title.strip()) and choice.title.strip() != choice.code for choice in choices):
        return None
    return first, choices


def payload(token: str, choice: Choice) -> str:
    """What a button brings back when it is pressed: 29 characters for our tokens. Meta takes 128 and more."""
    return f"v1.{token}.{choice.code}"


def read_payload(text: str) -> tuple[str, str] | None:
    """(token, code) of a payload of ours, or None for anything else."""
    found = _PAYLOAD.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def digit(text: str) -> str:
    """The code in a message that is nothing but one digit (`1`, ` 2. `, `(1)`, `*3*`, `1️⃣`, `٢`), else ""."""
    if len(text) > _LONGEST_DIGIT:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(_latin(letter) for letter in plain if unicodedata.category(letter) not in _INVISIBLE)
    found = _DIGIT.fullmatch(seen)
    return found[1] if found else ""


def _latin(letter: str) -> str:
    """A digit of any script as 0 to 9, all else as it is."""
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def meant(plan: Plan, code: str) -> tuple[str, str] | None:
    """(answer column, value) that a code stands for in this plan, or None."""
    found = offered(plan)
    if found is None:
        return None
    column, choices = found
    return next(((column.name, choice.title) for choice in choices if choice.code == code), None)
