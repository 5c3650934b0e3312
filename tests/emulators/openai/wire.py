"""The wire format of chat completions: what a request may hold, and how answers and errors look."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tests.emulators.openai.schema import BadSchema, refuse
from tests.emulators.providers.http import Answer

FIELDS = frozenset(CompletionCreateParamsNonStreaming.__annotations__)
ROLES = frozenset({"system", "developer", "user", "assistant"})
_BLOCK = re.compile(r"<(campaign|data)>\n(.*)\n</\1>", re.DOTALL)
_PIECES = re.compile(r" ?[^\W\d_]{1,5}|\d{1,3}|\s+|.", re.DOTALL)


class Refused(Exception):
    """An answer of 4xx."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.answer = error(status, message, param=param, code=code)


@dataclass(frozen=True)
class Question:
    """A request that was taken: its fields, and what our prompts put into it."""

    fields: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the form that was asked for, "" without one."""
        form = self.fields.get("response_format") or {}
        return str(form.get("json_schema", {}).get("name", ""))

    @property
    def schema(self) -> dict[str, Any] | None:
        """The form that was asked for."""
        form = self.fields.get("response_format") or {}
        found: dict[str, Any] | None = form.get("json_schema", {}).get("schema")
        return found

    @property
    def text(self) -> str:
        """All messages, one after the other."""
        return "\n".join(_content(message) for message in self.fields["messages"])

    def block(self, name: str) -> dict[str, Any]:
        """The JSON of `<campaign>` or `<data>`, {} when there is none."""
        for message in self.fields["messages"][1:]:
            found = _BLOCK.fullmatch(_content(message))
            if found and found.group(1) == name:
                data: dict[str, Any] = json.loads(found.group(2))
                return data
        return {}


@dataclass(frozen=True)
class Said:
    """An answer. A mapping becomes JSON, a text goes out as it is. `certain` is the probability of each field's first
    token, `sure` that of single ones (by path: "outcome", "answers.a1")."""

    content: Mapping[str, Any] | str
    certain: float = 0.99
    sure: Mapping[str, float] = field(default_factory=dict)
    finish: str = "stop"
    refusal: str = ""


def question(body: bytes) -> Question:
    """The request, looked at strictly. Raises Refused."""
    try:
        given = json.loads(body)
    except ValueError:
        raise Refused("We could not parse the JSON body of your request.") from None
    if not isinstance(given, dict):
        raise Refused("The body of your request must be a JSON object.")
    for name in given:
        if name not in FIELDS:
            raise Refused(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    if not isinstance(given.get("model"), str) or not given["model"]:
        raise Refused("you must provide a model parameter")
    _messages(given.get("messages"))
    _numbers(given)
    _form(given.get("response_format"))
    return Question(given)


def _messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refused("Invalid 'messages': empty array.", param="messages", code="empty_array")
    for index, message in enumerate(messages):
        if (
            not isinstance(message, dict)
            or set(message) - {"role", "content", "name"}
            or message.get("role") not in ROLES
        ):
            raise Refused(f"Invalid value for 'messages[{index}]'.", param=f"messages[{index}]", code="invalid_value")
        if not isinstance(message.get("content"), str):
            raise Refused("Invalid type for 'content'.", param=f"messages[{index}].content", code="invalid_type")


def _numbers(given: Mapping[str, Any]) -> None:
    if given.get("stream"):
        raise Refused("This server does not stream.", param="stream", code="unsupported_value")
    if "max_tokens" in given and "max_completion_tokens" in given:
        raise Refused("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    for name in ("max_tokens", "max_completion_tokens"):
        if name in given and (type(given[name]) is not int or given[name] < 1):
            raise Refused(f"Invalid '{name}': integer below minimum value.", param=name, code="integer_below_min_value")
    temperature = given.get("temperature", 1)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
        raise Refused("Invalid 'temperature'.", param="temperature", code="decimal_above_max_value")
    if "logprobs" in given and type(given["logprobs"]) is not bool:
        raise Refused("Invalid type for 'logprobs'.", param="logprobs", code="invalid_type")
    if "top_logprobs" in given and not given.get("logprobs"):
        raise Refused("'top_logprobs' needs 'logprobs'.", param="top_logprobs")


def _form(form: Any) -> None:
    if form is None:
        return
    kind = form.get("type") if isinstance(form, dict) else None
    if kind not in {"text", "json_object", "json_schema"}:
        raise Refused("Invalid value for 'response_format'.", param="response_format.type", code="invalid_value")
    if kind != "json_schema":
        return
    told = form.get("json_schema")
    if not isinstance(told, dict) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(told.get("name", ""))):
        raise Refused("Missing 'response_format.json_schema.name'.", param="response_format.json_schema.name")
    if set(told) - {"name", "schema", "strict", "description"}:
        raise Refused("Unknown parameter in 'json_schema'.", param="response_format.json_schema")
    if told.get("strict"):
        try:
            refuse(told.get("schema"))
        except BadSchema as bad:
            raise Refused(
                f"Invalid schema for response_format '{told['name']}': {bad}",
                param="response_format.json_schema.schema",
            ) from None


def completion(given: Question, said: Said, number: int, usage: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as the API gives it."""
    pieces = list(_tokens(said))
    content = "".join(piece for piece, _ in pieces)
    shown = [
        {"token": piece, "logprob": sure, "bytes": list(piece.encode(errors="replace")), "top_logprobs": []}
        for piece, sure in pieces
    ]
    message = {"role": "assistant", "content": None if said.refusal else content, "refusal": said.refusal or None}
    return {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": given.fields["model"],
        "choices": [
            {
                "index": 0,
                "message": message | {"annotations": []},
                "logprobs": {"content": shown, "refusal": None} if given.fields.get("logprobs") else None,
                "finish_reason": said.finish,
            }
        ],
        "usage": dict(usage),
        "service_tier": "default",
        "system_fingerprint": "fp_emulated",
    }


def _tokens(said: Said) -> Iterator[tuple[str, float]]:
    """The answer in tokens, each with its logarithm."""
    if isinstance(said.content, str):
        for piece in _PIECES.findall(said.content):
            yield piece, math.log(said.certain)
        return
    for text, path in _json(said.content, ""):
        sure = said.sure.get(path, said.certain) if path else 1.0
        for index, piece in enumerate(_PIECES.findall(text)):
            yield piece, math.log(max(sure, 1e-12)) if index == 0 else -1e-6


def _json(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """JSON in pieces, each field's value with its path."""
    if not isinstance(value, Mapping):
        yield json.dumps(value, ensure_ascii=False), path
        return
    yield "{", ""
    for index, (key, child) in enumerate(value.items()):
        yield f"{',' if index else ''}{json.dumps(key)}:", ""
        yield from _json(child, f"{path}.{key}" if path else key)
    yield "}", ""


def counted(text: str) -> int:
    """About how many tokens a text has: one for four characters."""
    return -(-len(text) // 4)


def _content(message: Mapping[str, Any]) -> str:
    return str(message["content"])


def error(status: int, message: str, *, param: str | None = None, code: str | None = None, **headers: str) -> Answer:
    """An error as the API gives it."""
    kind = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}
    told = {"message": message, "type": kind.get(status, "invalid_request_error"), "param": param, "code": code}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return json_answer({"error": told}, status, **names)


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    """JSON, with the header by which the vendor finds a request again."""
    return Answer(
        status,
        json.dumps(body, ensure_ascii=False).encode(errors="replace"),
        {"Content-Type": "application/json", "x-request-id": "req_emulated", **headers},
    )
