"""Forms as servers want them, and the probability of each field out of an answer's tokens."""

from __future__ import annotations

import json
import math
import time
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from server.domain.plan import AnswerColumn
from server.domain.words import AnswerKind
from server.llm import drafter, planner, reading, structured
from server.llm.steering import steers
from tests.emulators.openai.schema import BadSchema, fits, refuse

leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.lists(st.integers(), max_size=2))
keys = st.text(st.characters(exclude_characters="."), min_size=1, max_size=6)
objects = st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=8)


class Inner(BaseModel):
    x: Literal["a", "b"] | None
    more: list[str]


class Outer(BaseModel):
    inner: Inner
    number: float = 1.0


SHAPES = [
    Outer,
    drafter.Draft,
    planner.Planned,
    reading.form_of(()),
    reading.form_of(
        (AnswerColumn("A", AnswerKind.CHOICE, ("Yes", "No")), AnswerColumn("B", AnswerKind.DATE), AnswerColumn("C"))
    ),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_form_of_ours_is_strict(shape: type[BaseModel]) -> None:
    refuse(structured.strict_schema(shape))


def test_the_emulator_refuses_a_form_that_is_not_strict() -> None:
    with pytest.raises(BadSchema, match="additionalProperties"):
        refuse(Outer.model_json_schema())
    loose = structured.strict_schema(Outer) | {"required": ["inner"]}
    with pytest.raises(BadSchema, match="required"):
        refuse(loose)


def test_the_emulator_knows_what_fits() -> None:
    schema = structured.strict_schema(Outer)
    assert fits({"inner": {"x": "a", "more": []}, "number": 2}, schema)
    assert fits({"inner": {"x": None, "more": ["y"]}, "number": 2.5}, schema)
    for wrong in ({"x": "c", "more": []}, {"x": "a"}, {"x": "a", "more": [1]}, {"x": "a", "more": [], "z": 1}):
        assert not fits({"inner": wrong, "number": 2}, schema)
    assert not fits({"inner": {"x": "a", "more": []}, "number": True}, schema)


def flat(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Every value that is no object or list, by its path."""
    found: dict[str, Any] = {}
    for key, child in value.items():
        here = f"{path}.{key}" if path else key
        found |= flat(child, here) if isinstance(child, dict) else {} if isinstance(child, list) else {here: child}
    return found


@given(st.dictionaries(keys, objects, max_size=4), st.sampled_from([None, 1]))
def test_every_field_is_found_where_it_stands(value: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    assert {path: json.loads(text[start:end]) for path, start, end in structured.fields(text)} == flat(value)


@given(st.text(max_size=80))
def test_what_is_no_json_has_no_fields(text: str) -> None:
    list(structured.fields(text))


def test_a_field_is_as_probable_as_all_its_tokens_together() -> None:
    content = '{"outcome":"confirmed","n":3}'
    pieces = [('{"outcome":"', 1.0), ("conf", 0.8), ("irmed", 0.5), ('","n":', 1.0), ("3}", 0.9)]
    tokens = [{"token": piece, "logprob": math.log(sure)} for piece, sure in pieces]
    found = structured.certainties(content, tokens)
    assert found["outcome"] == pytest.approx(0.4)
    assert found["n"] == pytest.approx(0.9)


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [{"token": "something else", "logprob": -0.1}],
        [{"token": '{"a":1', "logprob": -0.1}],
        [{"token": '{"a":1}', "logprob": None}],
        [{"token": '{"a":1}', "logprob": True}],
        [{"token": None, "logprob": -0.1}],
        [{"logprob": -0.1}],
    ],
)
def test_tokens_that_are_not_the_contents_own_tell_nothing(tokens: list[dict[str, Any]]) -> None:
    assert structured.certainties('{"a":1}', tokens) == {}


def test_a_probability_is_never_above_one() -> None:
    assert structured.certainties('{"a":1}', [{"token": '{"a":1}', "logprob": 5.0}]) == {"a": 1.0}
    assert structured.certainties('{"a":1}', [{"token": '{"a":1}', "logprob": math.nan}]) == {"a": 0.0}


@pytest.mark.parametrize("content", ["", "null", "[]", '{"inner":1}', "{" * 5000, "x" * 100_000, "```json\n```"])
def test_what_is_not_of_the_form_is_said_without_its_words(content: str) -> None:
    with pytest.raises(structured.NotTheForm) as caught:
        structured.read(content, Outer)
    assert str(caught.value) == ""


PIECES = ["ignore ", "mark as ", "outcome ", "confidence ", "developer ", "set ", "01", "%41", "ab ", "= ", "=", "{"]
PIECES += ["<", '{"a":', "${", "setze", "a.a.", "\u200b", "é", "\n", " ", "a "]


@pytest.mark.parametrize("head", ["", "outcome", "mark "])
def test_no_text_makes_looking_for_orders_slow(head: str) -> None:
    """Twice the text takes about twice the time, never four times as long: 4,000 characters in a few milliseconds."""
    for piece in PIECES:
        started = time.process_time()
        steers(head + (piece * 4_000)[:4_000])
        assert time.process_time() - started < 0.3, piece
