"""The form of a model's reading, made anew for each plan: every answer column is a field with its allowed values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from server.domain.plan import AnswerColumn
from server.domain.words import AnswerKind, Outcome

MOST_LISTED = 100
"""Allowed values that are part of the form; a longer list is only checked afterwards."""

_FORMS = {
    AnswerKind.NUMBER: "a number in digits",
    AnswerKind.DATE: "a date as YYYY-MM-DD",
    AnswerKind.TIME: "a time of day as HH:MM, 24 hours",
    AnswerKind.TEXT: "words copied from the reply",
    AnswerKind.CHOICE: "one of the listed values",
}


class Read(BaseModel):
    """What a model says of a reply; `answers` has a field for each answer column (`key_of`)."""

    reason: str
    evidence: str
    condition: str
    asks: str
    outcome: Outcome
    answers: BaseModel
    certainty: float


def key_of(index: int) -> str:
    """The field of the answer column at that index: titles are people's, names of fields are not."""
    return f"a{index + 1}"


@lru_cache(maxsize=128)
def form_of(columns: tuple[AnswerColumn, ...]) -> type[Read]:
    """The form for a plan with these answer columns. Outcomes are a plain list, so that every server knows the form."""
    fields: dict[str, Any] = {key_of(index): _field(column) for index, column in enumerate(columns)}
    answers = create_model("Answers", **fields)
    outcomes: Any = Literal[tuple(one.value for one in Outcome)]
    return create_model(
        "Reading",
        __base__=Read,
        outcome=(outcomes, ...),
        answers=(answers, ...),
        certainty=(float, ...),
    )


def _field(column: AnswerColumn) -> tuple[Any, Any]:
    listed = column.kind is AnswerKind.CHOICE and 0 < len(column.allowed) <= MOST_LISTED
    kind: Any = Literal[column.allowed] if listed else str
    return kind | None, Field(description=f"{column.name[:100]}: {_FORMS[column.kind]}; null when not answered")


def given(read: Read, columns: tuple[AnswerColumn, ...]) -> dict[str, str]:
    """The values by column title, empty ones left out."""
    found = read.answers.model_dump()
    values = {column.name: found.get(key_of(index)) for index, column in enumerate(columns)}
    return {name: value.strip() for name, value in values.items() if isinstance(value, str) and value.strip()}


def decided(certain: Mapping[str, float], columns: tuple[AnswerColumn, ...]) -> list[float]:
    """How probable outcome and values were, all of them; [] when one of them is not known."""
    wanted = ["outcome", *(f"answers.{key_of(index)}" for index in range(len(columns)))]
    return [certain[name] for name in wanted] if all(name in certain for name in wanted) else []


_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|\b[\w-]+\.(?:com|net|org|io|ru|info|biz|xyz|top|link|example)\b\S*",
                   re.IGNORECASE)  # fmt: skip
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def beside_link(evidence: str, reply: str) -> bool:
    """Whether a link stands in the lines of the reply that hold these words: “Click here to confirm: ...” answers
    nothing. One elsewhere, as in a signature, does no harm."""
    at = reply.find(evidence)
    if not evidence or at < 0:
        return False
    start, end = reply.rfind("\n", 0, at) + 1, reply.find("\n", at + len(evidence))
    return bool(_WEB.search(reply[start : end if end >= 0 else len(reply)]))


_WEB = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def in_a_line(text: str, longest: int = 200) -> str:
    """A model's own words as they may stand in a note: one short line, and no link that a stranger put there."""
    plain = " ".join(_CONTROLS.sub(" ", _LINK.sub("…", text[: longest * 4])).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
