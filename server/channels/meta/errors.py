"""What Meta's refusal means for a send: one of ours, with a sentence; what Meta said goes to the log, scrubbed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from server.channels.http import Reply, not_taken, retry_after
from server.channels.meta.words import ERRORS, NUMBER, Meaning
from server.channels.said import said
from server.errors import CellbackError, PermanentError, SendInDoubt, TemporaryError

NAME = "Meta"
_NO_SUCH_OBJECT = 33
"""The subcode of 100 for an id that is not there, or not for us to see."""

_PRIVATE = re.compile(r"\S*@\S*|\S*\d[\d\s().+-]{3,}\S*|\S{25,}")
"""What may be an address, a number, a name's token: Meta repeats the access token where it is malformed."""


def refused(reply: Reply) -> CellbackError:
    """The error for an answer to a send that is no yes."""
    error = error_of(reply)
    code, reason = code_of(error), _reason(reply)
    detail = log_line(reply)
    meaning = _meaning(error)
    if meaning is not None:
        return _as_error(meaning, code, detail, reply)
    if not error and reply.status not in {408, 429} and 300 <= reply.status < 500:
        return PermanentError(
            "What answered is not Meta's API. Look at META_BASE_URL, and at proxies on the way.",
            whole_campaign=True,
            detail=detail,
        )
    if reply.status == 408:
        return SendInDoubt(f"{NAME} did not answer clearly: the message may have gone out, or not.", detail=detail)
    return not_taken(NAME, reply, said=reason) or PermanentError(
        f"{NAME} refused this message with code {code or '?'}. Look it up in Meta's list of WhatsApp error codes.",
        whole_campaign=reply.status in {401, 403},
        detail=detail,
        code=code,
    )


def error_of(reply: Reply) -> dict[str, Any]:
    """Meta's `error` object, {} when the body has none: then it was somebody else who answered."""
    error = reply.json().get("error")
    return error if isinstance(error, dict) else {}


def code_of(error: Mapping[str, Any]) -> str:
    """The code of one of Meta's errors, "" where it has none."""
    code = error.get("code")
    return str(code) if isinstance(code, int) else ""


def log_line(reply: Reply) -> str:
    """Status, code and reason, without anything that may be an address or a secret."""
    return f"HTTP {reply.status} {_reason(reply)}".strip()


def _reason(reply: Reply) -> str:
    error = error_of(reply)
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else error.get("error_user_title")
    code = "/".join(str(error[key]) for key in ("code", "error_subcode") if isinstance(error.get(key), int))
    return f"{code and f'code {code}'} {scrubbed(details)}".strip()


def scrubbed(words: object) -> str:
    """One line of what Meta said, without what may be an address, a number or a secret."""
    return said(_PRIVATE.sub("…", words[:400])) if isinstance(words, str) else ""


def _meaning(error: dict[str, Any]) -> Meaning | None:
    code = error.get("code")
    if code == 100 and error.get("error_subcode") == _NO_SUCH_OBJECT:
        return NUMBER
    return ERRORS.get(code) if isinstance(code, int) else None


def _as_error(meaning: Meaning, code: str, detail: str, reply: Reply) -> CellbackError:
    if meaning.again:
        # A wait holds up everybody of this sender: only where Meta speaks of our pace.
        wait = (retry_after(reply.headers) or meaning.wait) if meaning.wait is not None else None
        return TemporaryError(meaning.sentence, retry_after=wait, detail=detail)
    return PermanentError(
        meaning.sentence,
        whole_campaign=meaning.campaign,
        detail=detail,
        code=code,
        opted_out=meaning.opted_out,
        elsewhere=meaning.elsewhere,
    )
