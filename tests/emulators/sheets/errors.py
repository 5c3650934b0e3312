"""Refusals in Google's own shape: {"error": {"code", "message", "status", "details"}}."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""HTTP code -> the word that Google sends with it."""


class ApiError(Exception):
    """An answer other than success. `headers` go out with it."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        details: Iterable[dict[str, Any]] = (),
        headers: dict[str, str] | None = None,
        status: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUSES.get(code, "UNKNOWN")
        self.details = list(details)
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """400: what was asked for makes no sense, or has no place."""
    return ApiError(400, message)


def violations(found: Iterable[tuple[str, str]]) -> ApiError:
    """400 for a body or query that does not fit the API's description: (field, sentence) each."""
    listed = list(found)
    details = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field, "description": text} if field else {"description": text}
                            for field, text in listed],
    }  # fmt: skip
    return ApiError(400, "\n".join(text for _, text in listed), details=[details])


def reason(code: int, message: str, word: str, **metadata: str) -> ApiError:
    """A refusal with an ErrorInfo, as the gates before the API itself (sign-in, scopes, quota) give."""
    info: dict[str, Any] = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": word}
    info["domain"] = "googleapis.com"
    if metadata:
        info["metadata"] = metadata
    return ApiError(code, message, details=[info])


def forbidden() -> ApiError:
    """403: the account may not do this here."""
    return ApiError(403, "The caller does not have permission")


def not_found() -> ApiError:
    """404: there is no such spreadsheet (or metadata), or none that this account may know of."""
    return ApiError(404, "Requested entity was not found.")


PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
"""What Google says about cells that this account may not edit."""
