"""The emulated server is as strict as the real one, as far as the package and the vendor's guide tell."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.emulators.openai import ModelServer, Said

MESSAGES: list[Any] = [{"role": "user", "content": "Say hello"}]
FORM = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}


def sdk(server: ModelServer, **more: Any) -> OpenAI:
    return OpenAI(**{"api_key": server.key, "base_url": server.url, "max_retries": 0, **more})


def complete(server: ModelServer, **more: Any) -> Any:
    with sdk(server) as client:
        return client.chat.completions.create(**{"model": server.model, "messages": MESSAGES, **more})


def test_the_vendors_own_client_understands_it(server: ModelServer) -> None:
    server.script(Said({"word": "hello"}, sure={"word": 0.5}))
    form = {"type": "json_schema", "json_schema": {"name": "greeting", "schema": FORM, "strict": True}}
    found = complete(server, response_format=form, logprobs=True)
    choice = found.choices[0]
    assert (choice.message.content, choice.finish_reason) == ('{"word":"hello"}', "stop")
    assert "".join(token.token for token in choice.logprobs.content) == choice.message.content
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens
    assert found.usage.prompt_tokens_details.cached_tokens == 0


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"extra_body": {"surprise": 1}}, "surprise"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "pirate", "content": "x"}]}, "messages[0]"),
        ({"temperature": 3}, "temperature"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"response_format": {"type": "poem"}}, "response_format.type"),
    ],
)
def test_what_the_api_does_not_take_is_refused(server: ModelServer, more: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        complete(server, **more)
    assert caught.value.param == param


@pytest.mark.parametrize(
    "schema",
    [
        {**FORM, "additionalProperties": True},
        {key: value for key, value in FORM.items() if key != "additionalProperties"},
        {**FORM, "required": []},
        {**FORM, "properties": {"word": {"type": "string", "default": "x"}}},
        {**FORM, "properties": {"word": {}}},
        {"type": "array", "items": {"type": "string"}},
    ],
)
def test_a_form_that_is_not_strict_is_refused(server: ModelServer, schema: dict[str, Any]) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "greeting", "schema": schema, "strict": True}}
    with pytest.raises(openai.BadRequestError, match="Invalid schema for response_format 'greeting'"):
        complete(server, response_format=form)


def test_a_wrong_key_and_an_unknown_model_are_refused(server: ModelServer) -> None:
    with sdk(server, api_key="sk-wrong") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
    with pytest.raises(openai.NotFoundError) as caught:
        complete(server, model="another")
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("quota", openai.RateLimitError),
        ("drop", openai.APIConnectionError),
    ],
)
def test_faults_are_what_the_vendors_client_knows(server: ModelServer, kind: str, error: type[Exception]) -> None:
    server.fault(kind, nth=2)
    server.answer = Said("hello")
    assert complete(server).choices[0].message.content == "hello"
    with pytest.raises(error):
        complete(server)
    assert complete(server).choices[0].message.content == "hello"


def test_a_scripted_answer_of_another_form_is_the_tests_own_fault() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "greeting", "schema": FORM, "strict": True}}
    server = ModelServer()
    server.__enter__()
    server.script(Said({"other": 1}))
    with pytest.raises(openai.InternalServerError):
        complete(server, response_format=form)
    with pytest.raises(AssertionError, match="greeting"):
        server.__exit__()


def test_it_counts_calls_and_tokens(server: ModelServer) -> None:
    server.answer = Said("hello")
    for _ in range(3):
        complete(server, messages=[{"role": "user", "content": "x" * 8_000}])
    assert len(server.calls) == 3
    assert server.tokens["input"] == 6_000
    assert 3_000 < server.tokens["cached"] <= 4_000
