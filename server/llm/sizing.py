"""How large a call of the model is before any was made: a rough guess from what would be sent."""

from __future__ import annotations

from server.domain.plan import Plan
from server.domain.usage import Usage
from server.llm import prompting

CHARACTERS_A_TOKEN = 4
"""As most texts have it."""
FORM = 400
"""Characters of a call around the organiser's and the row's words: names of fields, marks."""
WRITTEN = 150
"""Tokens of a text of some sentences, with its subject."""


def of_a_draft(plan: Plan, instruction: str, row: int) -> Usage:
    """What one text from a row with so many characters may take."""
    prompt = prompting.load("draft")
    answers = sum(len(text) for column in plan.answer_columns for text in (column.name, *column.allowed))
    size = len(prompt.text) + len(instruction) + len(plan.question) + answers + FORM + row
    return Usage(input=size // CHARACTERS_A_TOKEN, output=WRITTEN, calls=1)
