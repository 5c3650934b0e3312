"""What of a chat completion counts. Servers that only nearly speak the API are read as far as they can be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.usage import Usage
from server.llm import failures

NAME = re.compile(r"[\w.:/@+-]{1,80}", re.ASCII)
"""What names of models look like: a server that says something else there is not repeated, in cell, ledger or span."""
_MOST_TOKENS = 100_000_000
"""Of a single call; what says more counts nothing."""


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer as it came: its text, whether it is a refusal, why it ended, its tokens with their probabilities."""

    content: str
    refusal: bool
    reason: str
    tokens: list[Mapping[str, Any]]
    usage: Usage
    model: str


def read(content: bytes, *, where: str, model: str) -> Completion:
    """The first choice of an answer of 200. Raises PermanentError when it is none of a chat completions API."""
    found = record(content)
    choices = found.get("choices")
    choice = _record(choices[0]) if isinstance(choices, list) and choices else {}
    message = choice.get("message")
    if not isinstance(message, dict):
        raise failures.not_an_api(where)
    text, tokens = message.get("content"), _record(choice.get("logprobs")).get("content")
    return Completion(
        text if isinstance(text, str) else "",
        bool(message.get("refusal")),
        str(choice.get("finish_reason", "")),
        [one for one in tokens if isinstance(one, dict)] if isinstance(tokens, list) else [],
        _usage(_record(found.get("usage"))),
        named if isinstance(named := found.get("model"), str) and NAME.fullmatch(named) else model,
    )


def record(content: bytes) -> dict[str, Any]:
    """A body as a JSON object, {} when it is none."""
    return _record(body(content))


def body(content: bytes) -> Any:
    """A body as JSON, None when it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _usage(counts: Mapping[str, Any]) -> Usage:
    """What was counted; servers that count nothing give none."""
    taken = _count(counts.get("prompt_tokens"))
    cached = _count(_record(counts.get("prompt_tokens_details")).get("cached_tokens"))
    return Usage(taken, min(cached, taken), _count(counts.get("completion_tokens")), 1)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value <= _MOST_TOKENS else 0
