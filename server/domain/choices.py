"""Answers that can be given with one press: a button, a digit, a key of the telephone.

The payload of a button carries the message's token and the answer's code, so that a press leads to the exact row and
the exact answer without reading a word (facts/channels.md, section 2).
"""

from __future__ import annotations

import re

from server.domain.message import Choice
from server.domain.plan import AnswerColumn, Plan

MOST = 9
"""Digits that can be typed or pressed as one: 1 to 9."""

_PAYLOAD = re.compile(r"v1\.([2-9a-z]{1,64})\.([1-9])")
_DIGIT = re.compile(r"[\s(\[#*'\"“]*([1-9])[\s.)\]!'\"”]*")


def offered(plan: Plan) -> tuple[AnswerColumn, tuple[Choice, ...]] | None:
    """The answer column whose values can be pressed, with its choices in order; None when the plan has no such column.

    It is the plan's first answer column, when that is a choice of at most nine values.
    """
    first = plan.answer_columns[0] if plan.answer_columns else None
    if first is None or not 2 <= len(first.allowed) <= MOST:
        return None
    return first, tuple(Choice(str(number), value) for number, value in enumerate(first.allowed, start=1))


def payload(token: str, choice: Choice) -> str:
    """What a button brings back when it is pressed; 40 characters at most for our tokens."""
    return f"v1.{token}.{choice.code}"


def read_payload(text: str) -> tuple[str, str] | None:
    """(token, code) of a payload of ours, or None for anything else."""
    found = _PAYLOAD.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def digit(text: str) -> str:
    """The code in a message that is nothing but one digit (`1`, ` 2. `, `(1)`), else ""."""
    found = _DIGIT.fullmatch(text[:40])
    return found[1] if found and len(text) <= 40 else ""


def meant(plan: Plan, code: str) -> tuple[str, str] | None:
    """(answer column, value) that a code stands for in this plan, or None."""
    found = offered(plan)
    if found is None:
        return None
    column, choices = found
    return next(((column.name, choice.title) for choice in choices if choice.code == code), None)
