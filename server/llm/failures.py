"""What can go wrong with a call of a model, as our errors: whether to try again, and what to tell people.

Nothing of a request or an answer gets into them: a server's own message may repeat what it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from server.errors import CellbackError, PermanentError, TemporaryError

LONGEST_WAIT = 3600.0
"""The longest Retry-After that is obeyed at once."""

_OWN_WORDS = 300
"""Characters of a message that is the server's own."""

OPTIONS = ("logprobs", "temperature", "max_completion_tokens", "response_format")
"""What we ask for and can do without: not every server knows it, and some models refuse it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer of 4xx or 5xx: its status, lower-case headers, and the codes (never the message) of its error."""

    status: int
    headers: Mapping[str, str]
    code: str = ""
    param: str = ""
    named: str = ""
    """Which of OPTIONS its message names, "" for none."""


def refused(status: int, headers: Mapping[str, str], body: Any) -> Refused:
    """What of an error's body may be kept. Its form is OpenAI's; of others only the status counts."""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    inner = inner if isinstance(inner, dict) else {"message": inner}
    message = str(inner.get("message", "")).casefold()
    # A long message may repeat the request: what a stranger wrote there is not to switch anything off.
    named = next((option for option in OPTIONS if option in message), "") if len(message) <= _OWN_WORDS else ""
    return Refused(
        status,
        {name.lower(): value for name, value in headers.items()},
        _word(inner.get("code")) or _word(inner.get("type")),
        _word(inner.get("param")),
        named,
    )


def _word(value: object) -> str:
    """A code of theirs, only when it has the form of one."""
    word = value if isinstance(value, str) else ""
    return word if len(word) <= 64 and word.replace("_", "").replace(".", "").replace("-", "").isalnum() else ""


def unwanted(answer: Refused) -> str:
    """Which of OPTIONS a server refused, "" when it was something else."""
    if answer.status not in {400, 403, 404, 422, 501}:
        return ""
    first = answer.param.partition(".")[0]
    if first == "top_logprobs":
        first = "logprobs"
    return first if first in OPTIONS else answer.named


def error_of(where: str, model: str, answer: Refused) -> CellbackError:
    """What the answer means. `where` is the server's host, as the operator knows it."""
    detail = f"HTTP {answer.status} {answer.code}".strip()
    if answer.code in {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}:
        return _for_all(f"The account at {where} has no credit left for the model. Add some there.", detail)
    if answer.status == 429:
        return TemporaryError(
            f"The model at {where} asks us to slow down.", retry_after=retry_after(answer.headers), detail=detail
        )
    if answer.status in {408, 409, 425} or answer.status >= 500:
        return TemporaryError(
            f"The model at {where} has trouble of its own just now.",
            retry_after=retry_after(answer.headers),
            detail=detail,
        )
    return _permanent(where, model, answer, detail)


def asks_to_slow_down(error: TemporaryError) -> bool:
    """Whether the server is well, and only asked too often."""
    return error.detail.startswith("HTTP 429")


def _permanent(where: str, model: str, answer: Refused, detail: str) -> PermanentError:
    if answer.status == 401:
        return _for_all(f"{where} does not accept the key in OPENAI_API_KEY. Put in a valid one.", detail)
    if answer.status == 404 or answer.code == "model_not_found":
        return _for_all(
            f"There is no model “{model[:80]}” at {where}, or the key may not use it. Correct OPENAI_MODEL, or "
            "OPENAI_BASE_URL.",
            detail,
        )
    if answer.status == 403:
        return _for_all(f"The key in OPENAI_API_KEY may not use the model “{model[:80]}” at {where}.", detail)
    if answer.status == 413 or answer.code in {"context_length_exceeded", "string_above_max_length"}:
        return PermanentError("There is more text than the model can take. Shorten it.", detail=detail)
    if answer.code in {"content_filter", "content_policy_violation"}:
        return refusal()
    if 300 <= answer.status < 400:
        return _for_all(f"{where} sends us elsewhere. Put the final address into OPENAI_BASE_URL.", detail)
    return _for_all(f"{where} does not accept our requests (HTTP {answer.status}). See the log.", detail)


def _for_all(sentence: str, detail: str) -> PermanentError:
    return PermanentError(sentence, whole_campaign=True, detail=detail)


def refusal() -> PermanentError:
    """The model (or a filter of its server) will not do it."""
    return PermanentError("The model refuses to work on this text. A person has to.", detail="refusal")


def cut_off() -> PermanentError:
    """The answer ended before its end, twice."""
    return PermanentError("The model's answer was cut off. Try again, or ask for a shorter text.", detail="length")


def unusable() -> PermanentError:
    """Nothing of the form that was asked for, several times."""
    return PermanentError(
        "The model gave no answer that could be used. Try again, or use another model (OPENAI_MODEL).",
        detail="not the form asked for",
    )


def not_an_api(where: str) -> PermanentError:
    """A 200 that is no answer of a chat completions API."""
    return _for_all(f"What answers at {where} is no model server. Correct OPENAI_BASE_URL.", "no completion in it")


def unreachable(where: str, kind: str) -> TemporaryError:
    """No connection; `kind` is the name of the error."""
    return TemporaryError(f"The model at {where} can't be reached just now.", detail=kind)


def too_slow(where: str) -> TemporaryError:
    """No answer in time."""
    return TemporaryError(f"The model at {where} did not answer in time.", detail="timeout")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `retry-after-ms` or `retry-after` (seconds or a date), at most an hour; None without."""
    milliseconds, value = headers.get("retry-after-ms", ""), headers.get("retry-after", "").strip()
    try:
        seconds = float(milliseconds) / 1000 if milliseconds else float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None
