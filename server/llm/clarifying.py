"""A question back to somebody whose reply does not answer clearly: what a model is asked for, and how its text is held
against what it may say. It is always a person who sends it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from server.domain.plan import Plan
from server.llm import prompting, reading
from server.llm.client import Ask
from server.llm.prompting import Prompt
from server.llm.steering import steers
from server.ports import ReadRequest

LONGEST = 600
"""Characters of a question back: who did not answer a message does not read a longer one."""
LONGEST_REPLY, LONGEST_QUESTION, LONGEST_CELL = 2_000, 4_000, 120
MOST_TOKENS = 800


class Clarification(BaseModel):
    """What a model writes. `needed` are the fields of the answers that are still open."""

    needed: list[str]
    text: str


def ask(prompt: Prompt, request: ReadRequest, titles: tuple[str, ...], *, most: int) -> Ask[Clarification]:
    """The request for a question back; `titles` are the columns whose cells may be shown, `most` is in characters."""
    plan = request.plan
    same = {
        "channel": plan.channel.value,
        "language": plan.language,
        "tone": plan.tone,
        "most_characters": min(most, LONGEST),
        "name_column": plan.name_column,
        "question": asked(request)[:LONGEST_QUESTION],
        "answers": [
            {
                "field": reading.key_of(index),
                "column": column.name[:100],
                "kind": column.kind.value,
                "allowed": list(column.allowed[:300]),
            }
            for index, column in enumerate(plan.answer_columns)
        ],
    }
    data = {
        "row": prompting.cells(request.record, titles, longest=LONGEST_CELL),
        "reply": request.reply[:LONGEST_REPLY],
    }
    return Ask(prompt, Clarification, same, data, most=MOST_TOKENS)


def asked(request: ReadRequest) -> str:
    """What people were asked: the plan's question, else what the reply was asked for."""
    return request.plan.question or request.question


def said(request: ReadRequest) -> str:
    """Everything beside the row that such a text may rest on. The reply is not among it: a person may promise, and
    grant, what it asks for; a drafted text may not."""
    answers = [text for column in request.plan.answer_columns for text in (column.name, *column.allowed)]
    return "\n".join([asked(request), request.plan.subject, *answers])


def steered(request: ReadRequest, titles: Iterable[str]) -> bool:
    """Whether the reply, what it quotes, or a cell speaks to a machine: then no model writes."""
    return any(steers(text) for text in (request.reply, request.quoted, *(request.record.get(t, "") for t in titles)))


def doubts(plan: Plan, made: Clarification) -> list[str]:
    """What is wrong with it as a question back, in sentences."""
    text, known = made.text.strip(), {reading.key_of(index) for index in range(len(plan.answer_columns))}
    found = []
    if text and not any(mark in text for mark in "?？؟"):
        found.append("The text asks nothing.")
    if len(text) > LONGEST:
        found.append(f"The text has {len(text):,} characters; more than {LONGEST:,} are too many for a question back.")
    if known and not known & set(made.needed):
        found.append("The model found no answer missing: see what this question is for.")
    return found
