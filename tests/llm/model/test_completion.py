"""What servers that only nearly speak the API answer is read as far as it can be, or said to be none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.usage import Usage
from server.errors import PermanentError
from server.llm import completion
from server.llm.completion import Completion

GOOD: dict[str, Any] = {
    "model": "small-1-2026",
    "choices": [{"message": {"content": "{}"}, "finish_reason": "stop", "logprobs": {"content": [{"token": "{}"}]}}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
}
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["content", "message", "x"]), inner),
    max_leaves=6,
)


def read(found: object) -> Completion:
    return completion.read(json.dumps(found).encode(), where="models.example.org", model="small-1")


def test_an_answer_is_read() -> None:
    assert read(GOOD) == Completion("{}", False, "stop", [{"token": "{}"}], Usage(9, 4, 2, 1), "small-1-2026")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices": [3]}', b"[" * 100_000, b"\xff"])
def test_what_is_no_answer_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(PermanentError, match=r"What answers at models\.example\.org is no model server"):
        completion.read(body, where="models.example.org", model="small-1")


@given(st.sampled_from(["model", "usage"]), odd)
def test_odd_counts_and_names_spoil_no_answer(field: str, value: object) -> None:
    assert read({**GOOD, field: value}).content == "{}"


@pytest.mark.parametrize("name", ["\x1b[31mred", "two\nlines", "\ud800", "", "x" * 81, {"name": "small"}, 3])
def test_a_name_that_is_none_of_a_model_is_not_repeated(name: object) -> None:
    assert read({**GOOD, "model": name}).model == "small-1"


def test_counts_that_cant_be_meant_count_nothing() -> None:
    assert read({**GOOD, "usage": {"prompt_tokens": 10**30, "completion_tokens": -2}}).usage == Usage(0, 0, 0, 1)
    kept = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 50}}
    assert read({**GOOD, "usage": kept}).usage == Usage(9, 9, 2, 1)


@given(st.sampled_from(["logprobs", "finish_reason", "message"]), odd)
def test_an_odd_choice_is_read_or_said_to_be_none(field: str, value: object) -> None:
    try:
        read({**GOOD, "choices": [{**GOOD["choices"][0], field: value}]})
    except PermanentError:
        assert field == "message"
