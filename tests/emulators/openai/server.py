"""The server: scripted answers, faults by number of request, latency, and counts of calls and tokens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.openai import wire
from tests.emulators.openai.brain import sensible
from tests.emulators.openai.schema import fits
from tests.emulators.openai.wire import Question, Refused, Said
from tests.emulators.providers.faults import FOREVER
from tests.emulators.providers.http import Answer, Request, Server

HTTP_KINDS = frozenset({"429", "500", "503", "hang", "drop", "slow"})
ERRORS: Mapping[str, tuple[int, str, str | None, str | None]] = {
    "quota": (429, "You exceeded your current quota, please check your plan.", None, "insufficient_quota"),
    "key": (401, "Incorrect API key provided: {key}.", None, "invalid_api_key"),
    "forbidden": (403, "You are not allowed to use this model.", None, None),
    "model": (404, "The model `{model}` does not exist or you do not have access to it.", None, "model_not_found"),
    "context": (
        400,
        "This model's maximum context length is 8192 tokens: {text}",
        "messages",
        "context_length_exceeded",
    ),
    "policy": (400, "The prompt triggered our content management policy: {text}", "prompt", "content_filter"),
    "bad": (400, "Something in this is wrong: {text}", "messages", "invalid_value"),
}
SPOILT = frozenset(
    {"truncated", "refusal", "filter", "invalid", "other-form", "empty", "html", "fenced", "no-usage", "huge"}
)
KINDS = HTTP_KINDS | SPOILT | set(ERRORS)
"""Faults by name. Those of HTTP are what they are called; ERRORS are in the API's words (some repeat what
they were sent, as real ones do); the others are answers of 200 that are of no use."""

Script = Said | Callable[[Question], Said]


@dataclass(frozen=True)
class Call:
    """A request and what became of it."""

    question: Question | None
    status: int
    fault: str = ""
    usage: Mapping[str, Any] | None = None


class ModelServer:
    """Speaks as the API while in its `with`. Without a script it answers sensibly, by simple rules of its own."""

    def __init__(
        self,
        *,
        port: int = 0,
        key: str = "sk-emulated-0123456789",
        model: str = "emulated-1",
        latency: float = 0.0,
        logprobs: bool = True,
        refuses: Collection[str] = (),
        at_once: int | None = None,
    ) -> None:
        """`logprobs` False: they are never in an answer. `refuses`: parameters that it does not take. To more than
        `at_once` questions at once it answers 429."""
        self.key, self.model, self.latency, self.logprobs, self.refuses = key, model, latency, logprobs, set(refuses)
        self.calls: list[Call] = []
        self.answer: Script = sensible
        """What it says when no script is left."""
        self._script: list[Script] = []
        self._kinds: list[list[Any]] = []
        self._seen: list[str] = []
        self._places = None if at_once is None else threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._server = Server(self._respond, port)
        self.failures: list[BaseException] = []

    def __enter__(self) -> ModelServer:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        if self.failures:
            raise self.failures[0]

    @property
    def url(self) -> str:
        """OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._server.port}/v1"

    def environment(self) -> dict[str, str]:
        """The settings that lead the product here."""
        return {"OPENAI_API_KEY": self.key, "OPENAI_MODEL": self.model, "OPENAI_BASE_URL": self.url}

    def script(self, *answers: Script) -> None:
        """The next answers, in order; each is used once."""
        with self._lock:
            self._script += answers

    def fault(self, kind: str, *, nth: int = 1, times: int | None = 1, retry_after: str = "") -> None:
        """Let it befall the `nth` request from now, and the `times` - 1 after it (None: all)."""
        assert kind in KINDS, kind
        with self._lock:
            self._kinds.append([kind, nth - 1, times, retry_after])

    @property
    def tokens(self) -> dict[str, int]:
        """What was counted: input, cached (of the input), output."""
        used = [call.usage for call in self.calls if call.usage]
        return {
            "input": sum(one["prompt_tokens"] for one in used),
            "cached": sum(one["prompt_tokens_details"]["cached_tokens"] for one in used),
            "output": sum(one["completion_tokens"] for one in used),
        }

    @property
    def refused(self) -> list[Call]:
        """Requests that were answered by 4xx."""
        return [call for call in self.calls if 400 <= call.status < 500]

    def _respond(self, request: Request) -> Answer:
        try:
            return self._handled(request)
        except Refused as refused:
            self._note(Call(None, refused.answer.status))
            return refused.answer
        except BaseException as error:  # a fault of the emulator's own: told at the end of the `with`
            self.failures.append(error)
            return wire.error(500, "the emulator is broken")

    def _handled(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            self._note(Call(None, 401))
            return self._error("key", {"key": request.headers.get("authorization", "").removeprefix("Bearer ")})
        if request.method == "GET":
            return self._models(request.path)
        if request.path != "/v1/chat/completions":
            return wire.error(404, f"Invalid URL ({request.method} {request.path})")
        kind, after = self._next_kind()
        if kind in {"hang", "drop"}:
            self._note(Call(None, 0, kind))
            return Answer(hang=FOREVER) if kind == "hang" else Answer(cut=True)
        asked = wire.question(request.body)
        if self._places is None:
            return self._answered(asked, kind, after)
        if not self._places.acquire(blocking=False):
            return self._fail("429", asked, after)
        try:
            return self._answered(asked, kind, after)
        finally:
            self._places.release()

    def _answered(self, asked: Question, kind: str, after: str) -> Answer:
        time.sleep(self.latency + (0.2 if kind == "slow" else 0.0))
        self._refuse_options(asked)
        if asked.fields["model"] != self.model:
            return self._fail("model", asked, after)
        if kind in ERRORS or kind in {"429", "500", "503"}:
            return self._fail(kind, asked, after)
        return self._complete(asked, kind)

    def _models(self, path: str) -> Answer:
        model = {"id": self.model, "object": "model", "created": 1, "owned_by": "emulator"}
        if path == "/v1/models":
            return wire.json_answer({"object": "list", "data": [model]})
        if path == f"/v1/models/{self.model}":
            return wire.json_answer(model)
        return self._error("model", {"model": path.rpartition("/")[2]})

    def _refuse_options(self, asked: Question) -> None:
        for name in sorted(self.refuses & set(asked.fields)):
            raise Refused(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )

    def _next_kind(self) -> tuple[str, str]:
        with self._lock:
            for plan in self._kinds:
                if plan[2] == 0:
                    continue
                if plan[1]:
                    plan[1] -= 1
                    continue
                if plan[2] is not None:
                    plan[2] -= 1
                return plan[0], plan[3]
        return "", ""

    def _fail(self, kind: str, asked: Question, after: str) -> Answer:
        self._note(Call(asked, ERRORS[kind][0] if kind in ERRORS else int(kind), kind))
        if kind in ERRORS:
            return self._error(kind, {"model": asked.fields["model"], "text": asked.text, "key": self.key})
        headers = {"retry_after": after} if after else {}
        return wire.error(int(kind), "Rate limit reached." if kind == "429" else "The server had an error.", **headers)

    def _error(self, kind: str, words: Mapping[str, str]) -> Answer:
        status, message, param, code = ERRORS[kind]
        filled = message.format_map({"key": "", "model": "", "text": "", **words})
        return wire.error(status, filled, param=param, code=code)

    def _complete(self, asked: Question, kind: str) -> Answer:
        with self._lock:
            script = self._script.pop(0) if self._script else self.answer
        said = script if isinstance(script, Said) else script(asked)
        if (
            isinstance(said.content, Mapping)
            and asked.schema is not None
            and not fits(dict(said.content), asked.schema)
        ):
            raise AssertionError(f"the scripted answer is not of the form “{asked.name}”")
        said = _spoilt(said, kind)
        usage = self._usage(asked, said)
        body = wire.completion(asked, said, len(self.calls) + 1, usage)
        if not self.logprobs:
            body["choices"][0]["logprobs"] = None
        if kind == "empty":
            body["choices"] = []
        if kind == "no-usage":
            del body["usage"]
        self._note(Call(asked, 200, kind, usage))
        if kind == "html":
            return Answer(
                200, b"<html><body>Sign in to the hotel's network</body></html>", {"Content-Type": "text/html"}
            )
        if kind == "huge":
            return Answer(200, b" " * 9_000_000 + b"{}", {"Content-Type": "application/json"})
        return wire.json_answer(body)

    def _usage(self, asked: Question, said: Said) -> dict[str, Any]:
        """Counted as the API does: a prefix that was seen before is cheaper, from 1024 tokens on, in steps of 128."""
        text, answer = asked.text, "".join(piece for piece, _ in wire._tokens(said))
        with self._lock:
            common = max((_common(text, seen) for seen in self._seen), default=0) // 4
            self._seen = [*self._seen[-20:], text]
        cached = common // 128 * 128 if common >= 1024 else 0
        read, written = wire.counted(text), wire.counted(answer)
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": min(cached, read), "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }

    def _note(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _spoilt(said: Said, kind: str) -> Said:
    """An answer of 200 that is of no use."""
    whole = "".join(piece for piece, _ in wire._tokens(said))
    if kind == "truncated":
        return Said(whole[: len(whole) // 2], finish="length")
    if kind == "refusal":
        return Said("", refusal="I'm sorry, I can't help with that.")
    if kind == "filter":
        return Said("", finish="content_filter")
    if kind == "invalid":
        return Said(whole[:-1] + ",,}")
    if kind == "other-form":
        return Said('{"answer":"yes"}')
    if kind == "fenced":
        return Said(f"```json\n{whole}\n```")
    return said
