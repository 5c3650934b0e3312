"""Calls of a language model over the chat completions API, which OpenAI and most compatible servers speak.

Answers have a fixed form (a pydantic model). Retries, time limits and budgets are ours: the package's own would try
twice more in silence and wait ten minutes. No prompt and no answer is ever in a log or an error.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from server.domain.usage import Made, Usage, Used
from server.errors import CellbackError, PermanentError, TemporaryError
from server.llm import completion, failures, prompting, structured
from server.llm.completion import Completion
from server.llm.gate import Gate
from server.llm.prompting import Prompt
from server.llm.tracing import NONE, Spans
from server.llm.usage import TokenBudget

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

ANSWER_SECONDS = 60.0
TRIES = 3
"""Calls that may fail in a passing way before the row says so."""
SLOW_TRIES = 8
"""The same for being asked to slow down: all questions of the loop wait then, and fewer are asked at once."""
AT_ONCE = 64
"""Questions at the server at once, for each event loop."""
PATIENCE = 30.0
"""The longest that is waited between two tries; asked to wait longer we give up for now, and say until when."""
HOLD_SECONDS = 0.05
"""How often a call that does not fit into a budget beside those in flight looks whether it does."""
CHARACTERS_A_TOKEN = 2
"""A careful guess for what is set aside in a budget: most texts have three or four."""


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One question. `same` is equal for all rows of a campaign, `data` this row's own (what strangers wrote).

    `most` bounds the answer in tokens, `temperature` None leaves it to the server.
    """

    prompt: Prompt
    shape: type[T]
    same: Mapping[str, Any]
    data: Mapping[str, Any]
    most: int = 1000
    certainties: bool = False
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer of the form asked for. `certain` tells how probable each field's value was (by its path), {} where
    the server gives no probabilities. `prompt` is the prompt's id, `usage` what all tries took."""

    value: T
    certain: Mapping[str, float]
    usage: Usage
    model: str
    prompt: str

    def made(self, plan: int) -> Made:
        """What is kept with a text or a reading that is made of the answer by that version of a plan."""
        return Made(self.prompt, self.model, self.usage, plan)


@dataclass
class ModelClient:
    """One model at one server. Its connections belong to event loops: each has its own.

    `key` goes to `base_url` and nowhere else: redirects are not followed. `tries`, `patience`, `answer_seconds` and
    `sleep` are for tests.
    """

    key: str = field(repr=False)
    model: str
    base_url: str
    tries: int = TRIES
    patience: float = PATIENCE
    answer_seconds: float = ANSWER_SECONDS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spans: Spans = NONE
    at_once: int = AT_ONCE
    _without: set[str] = field(default_factory=set, init=False, repr=False)
    _clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )
    _gates: WeakKeyDictionary[asyncio.AbstractEventLoop, Gate] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def where(self) -> str:
        """The server, as sentences name it."""
        return urlsplit(self.base_url).hostname or "the model server"

    async def ask(self, ask: Ask[T], budget: TokenBudget | None = None) -> Answer[T]:
        """One answer, with bounded retries.

        Raises TemporaryError (unreachable, too slow, 429, 5xx), PermanentError (bad key, no such model, a refusal,
        an answer that is cut off or of another form, a budget that is used up); none of them says what was asked.
        """
        most, failed, slowed, took, gate = ask.most, 0, 0, list[Usage](), self._gate()
        while True:
            entered = await gate.enter()
            try:
                with self.spans.call(
                    ask.prompt.id, self.model, self.where, budget.campaign if budget else ""
                ) as called:
                    answer = await self._once(ask, most, budget, took)
                    called.heard(answer.model, answer.reason, took[-1])
                    gate.went_well()
                    value = _value(answer, ask.shape)
                certain = structured.certainties(answer.content, answer.tokens)
                return Answer(value, certain, sum(took, Usage()), answer.model, ask.prompt.id)
            except _CutOff:
                if most > ask.most:
                    raise failures.cut_off() from None
                most *= 2  # once: a longer text than was foreseen
                continue
            except structured.NotTheForm:
                failed += 1
                if failed >= self.tries:
                    raise failures.unusable() from None
                continue
            except TemporaryError as error:
                slow = failures.asks_to_slow_down(error)
                slowed, failed = slowed + slow, failed + (not slow)
                wait = error.retry_after if error.retry_after is not None else _backoff(slowed + failed)
                if failed >= self.tries or slowed >= SLOW_TRIES or wait > self.patience:
                    raise
                if slow:
                    gate.slow_down(entered, wait)
                    continue
            finally:
                gate.leave()
            await self.sleep(wait)

    async def check(self) -> None:
        """See that the server knows the key and the model, without asking it anything.

        Some servers list their models and tell of none alone. Raises TemporaryError, or PermanentError with what to do.
        """
        try:
            raw = await self._call(lambda sdk: sdk.models.with_raw_response.retrieve(self.model))
        except PermanentError as error:
            if not error.detail.startswith("HTTP 404") or self.model not in await self._listed():
                raise
        else:
            if completion.record(raw.content).get("id") is None:
                raise failures.not_an_api(self.where)

    @property
    def lacks(self) -> frozenset[str]:
        """What of `failures.OPTIONS` the server has refused so far."""
        return frozenset(self._without)

    async def close(self) -> None:
        """Hang up the connections of the running event loop."""
        with self._lock:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def wait_for(self, work: Callable[[], Awaitable[R]]) -> R:
        """Run a piece of work from code that can't await, on a loop of its own, and hang up behind it."""

        async def whole() -> R:
            try:
                return await work()
            finally:
                await self.close()

        found: list[R | BaseException] = []

        def run() -> None:
            try:
                found.append(asyncio.run(whole()))
            except BaseException as error:  # handed to the caller below
                found.append(error)

        thread = threading.Thread(target=run, name="model", daemon=True)
        thread.start()
        thread.join()
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    async def _listed(self) -> set[str]:
        """Names of the server's models, none where it lists none. Raises TemporaryError."""
        try:
            raw = await self._call(lambda sdk: sdk.models.with_raw_response.list())
        except PermanentError:
            return set()
        found = completion.record(raw.content).get("data")
        return {str(one.get("id")) for one in found if isinstance(one, dict)} if isinstance(found, list) else set()

    async def _once(self, ask: Ask[T], most: int, budget: TokenBudget | None, took: list[Usage]) -> Completion:
        """One call, counted in the budget and in `took`; again at once without an option that the server refuses."""
        messages = prompting.messages(ask.prompt, ask.same, ask.data)
        size = sum(len(message["content"]) for message in messages)
        worst = Usage(size // CHARACTERS_A_TOKEN, 0, most, 1)
        started = time.monotonic()
        if budget is not None:
            await _held(budget, worst)
        used, model = Usage(), self.model
        try:
            while True:
                try:
                    raw = await self._call(lambda sdk: self._send(sdk, ask, messages, most))
                    answer = completion.read(raw.content, where=self.where, model=self.model)
                    break
                except _Unwanted as unwanted:
                    self._without.add(unwanted.option)
            used = answer.usage if answer.usage.tokens else Usage(size // 4, 0, len(answer.content) // 4, 1)
            model = answer.model
            return answer
        except TemporaryError as error:
            # A request whose answer was lost may have been charged for: what went in counts, at least.
            used = Usage(worst.input, calls=1) if error.detail in {"timeout", "lost"} else Usage()
            raise
        except asyncio.CancelledError:  # its process ends: the same
            used = Usage(worst.input, calls=1)
            raise
        finally:
            took.append(used)
            if budget is not None:
                budget.settle(worst, Used(ask.prompt.id, model, used))
            log.debug("model asked", extra=self._noted(ask.prompt, used, time.monotonic() - started))

    def _noted(self, prompt: Prompt, used: Usage, seconds: float) -> dict[str, object]:
        tokens = {"tokens_in": used.input, "tokens_cached": used.cached, "tokens_out": used.output}
        return {"prompt": prompt.id, "model": self.model[:80], "seconds": round(seconds, 3), **tokens}

    async def _send(self, sdk: AsyncOpenAI, ask: Ask[T], messages: list[dict[str, str]], most: int) -> Any:
        given: dict[str, Any] = {"model": self.model, "messages": messages}
        limit = "max_tokens" if "max_completion_tokens" in self._without else "max_completion_tokens"
        given[limit] = most
        if ask.temperature is not None and "temperature" not in self._without:
            given["temperature"] = ask.temperature
        if ask.certainties and "logprobs" not in self._without:
            given["logprobs"] = True
        schema = structured.strict_schema(ask.shape)
        if "response_format" not in self._without:
            form = {"name": ask.prompt.name, "schema": schema, "strict": True}
            given["response_format"] = {"type": "json_schema", "json_schema": form}
        else:
            told = f"{ask.prompt.text}\n\nAnswer with one JSON object of this schema and nothing else:\n"
            told += json.dumps(schema, ensure_ascii=False)
            given["messages"] = [{"role": "system", "content": told}, *messages[1:]]
        return await sdk.chat.completions.with_raw_response.create(**given)

    async def _call(self, call: Callable[[AsyncOpenAI], Awaitable[Any]]) -> Any:
        """One request; what goes wrong as our errors, or _Unwanted."""
        import openai

        try:
            async with asyncio.timeout(2 * self.answer_seconds):  # over all: the client's own holds between bytes
                return await call(self._sdk())
        except (openai.APITimeoutError, TimeoutError):
            raise failures.too_slow(self.where) from None
        except openai.APIStatusError as error:
            answer = failures.refused(
                error.status_code, error.response.headers, completion.body(error.response.content)
            )
            if (option := failures.unwanted(answer)) and option not in self._without:
                raise _Unwanted(option) from None
            raise self._failed(answer) from None
        except openai.APIConnectionError as error:
            kind = _kind(error.__cause__)
            raise (
                failures.not_an_api(self.where) if kind == "TooMuch" else failures.unreachable(self.where, kind)
            ) from None
        except openai.OpenAIError as error:
            log.warning("the model's answer was not understood", extra={"kind": type(error).__name__})
            raise failures.not_an_api(self.where) from None

    def _failed(self, answer: failures.Refused) -> CellbackError:
        error = failures.error_of(self.where, self.model, answer)
        log.info("the model's server refused", extra={"status": answer.status, "code": answer.code})
        return error

    def _gate(self) -> Gate:
        """The running loop's own: its waiting ones wait on that loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._gates:
                self._gates[loop] = Gate(self.at_once, self.sleep)
            return self._gates[loop]

    def _sdk(self) -> AsyncOpenAI:
        """The running loop's own client: a connection can't be carried from one loop to another."""
        loop = asyncio.get_running_loop()
        with self._lock:
            client = self._clients.get(loop)
            if client is None:
                from server.llm.connection import connect  # half a second and 50 MB, which nobody pays without a model

                client = self._clients[loop] = connect(self.key, self.base_url, self.answer_seconds)
        return client


class _CutOff(Exception):
    """The answer ended before its end."""


def _value(answer: Completion, shape: type[T]) -> T:
    """What was answered, in the form asked for. Raises PermanentError for a refusal, _CutOff, NotTheForm."""
    if answer.refusal or answer.reason == "content_filter":
        raise failures.refusal()
    if answer.reason == "length":
        raise _CutOff
    return structured.read(answer.content, shape)


class _Unwanted(Exception):
    """The server refuses an option that we can do without."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option


def _backoff(failed: int) -> float:
    """0.5, 1, 2 ... at most 8 seconds, spread so that many rows do not come back at once."""
    return min(0.5 * 2.0 ** (failed - 1), 8.0) * (0.5 + random.random())


def _kind(error: BaseException | None) -> str:
    """ "lost" where the request may have been read, else the name of what went wrong."""
    name = type(error).__name__
    return "lost" if name in {"ReadError", "RemoteProtocolError", "WriteError"} else name


async def _held(budget: TokenBudget, worst: Usage) -> None:
    """Set a call aside. Those in flight are set aside at their worst, and most of it comes back: only what was spent
    says that a budget is used up. Raises what `hold` raises."""
    while True:
        try:
            budget.hold(worst)
        except PermanentError:
            if not budget.in_flight:
                raise
        else:
            return
        await asyncio.sleep(HOLD_SECONDS)
