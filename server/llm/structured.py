"""Answers of a fixed form: the JSON schema of a pydantic model as servers want it, reading an answer back, and how
probable its tokens made each of its fields."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

LONGEST_ANSWER = 60_000
"""Characters; more than any answer of ours may have."""

_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


class NotTheForm(ValueError):
    """An answer that is not of the form that was asked for. Says nothing of what it was."""


@lru_cache(maxsize=256)
def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """The schema by the rules of structured outputs: every object closed, every property required, no defaults."""
    made: dict[str, Any] = _strict(shape.model_json_schema())
    return made


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _strict(value) for key, value in node.items() if key not in {"default", "title"}}
    if isinstance(node.get("properties"), dict):
        made["properties"] = {name: _strict(value) for name, value in node["properties"].items()}
        made["required"] = list(node["properties"])
        made["additionalProperties"] = False
    return made


def read(content: str, shape: type[T]) -> T:
    """The answer as an object of that form. Raises NotTheForm.

    A fence of three backticks around it, as servers without structured outputs let models write, is taken off.
    """
    if len(content) > LONGEST_ANSWER:
        raise NotTheForm
    fenced = _FENCED.fullmatch(content)
    try:
        return shape.model_validate_json(fenced.group(1) if fenced else content)
    except (ValidationError, ValueError, RecursionError):
        raise NotTheForm from None


def certainties(content: str, tokens: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """How probable each field's value was: the path of the field ("outcome", "answers.a1") -> 0..1.

    `tokens` are the `logprobs.content` of an answer. {} when they are not the content's own: some servers count
    differently, and a wrong number is worse than none.
    """
    spans: list[tuple[int, int, float]] = []
    place = 0
    for token in tokens:
        text, logprob = token.get("token"), token.get("logprob")
        if not isinstance(text, str) or not isinstance(logprob, int | float) or isinstance(logprob, bool):
            return {}
        if not content.startswith(text, place):
            return {}
        spans.append((place, place + len(text), math.exp(min(float(logprob), 0.0)) if logprob == logprob else 0.0))
        place += len(text)
    if not spans or place != len(content):
        return {}
    found = {}
    for path, start, end in fields(content):
        found[path] = math.prod(sure for first, last, sure in spans if first < end and start < last)
    return found


def fields(content: str) -> Iterator[tuple[str, int, int]]:
    """Every value that is no object or list, with where it stands in the JSON text. Nothing for what is no JSON."""
    try:
        yield from list(_fields(content, _skip(content, 0), ""))
    except (ValueError, IndexError, RecursionError):
        return


_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _fields(text: str, place: int, path: str) -> Iterator[tuple[str, int, int]]:
    if text[place] != "{":
        _, end = _DECODER.raw_decode(text, place)
        if text[place] != "[":
            yield path, place, end
        return
    place = _skip(text, place + 1)
    while text[place] != "}":
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ":":
            raise ValueError
        place = _skip(text, place + 1)
        yield from _fields(text, place, f"{path}.{key}" if path else str(key))
        _, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] == ",":
            place = _skip(text, place + 1)
