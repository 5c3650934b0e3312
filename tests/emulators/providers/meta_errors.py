"""Meta's errors. Source: Cloud API, "Error codes"; PyWa's errors.py."""

from __future__ import annotations

import secrets
from typing import Any

from tests.emulators.providers.http import Answer
from tests.emulators.providers.provider import Refused, json_answer

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
ERRORS: dict[int, tuple[int, str]] = {
    1: (500, "An unknown error occurred"),
    2: (503, "Service temporarily unavailable"),
    4: (400, "Application request limit reached"),
    10: (403, "Application does not have permission for this action"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (503, "Service unavailable"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped receiving marketing messages"),
    131051: (400, "Unsupported message type"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131062: (400, "Business-scoped User ID recipients are not supported for this message"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is Paused"),
    132016: (400, "Template is Disabled"),
}
"""Number -> HTTP status and message."""


def answer(code: int, details: str = "", headers: dict[str, str] | None = None) -> Answer:
    """An error as the Graph API words it."""
    status, message = ERRORS[code]
    error: dict[str, Any] = {
        "message": message if code in (1, 2, 190) else f"(#{code}) {message}",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": secrets.token_urlsafe(16),
    }
    if code not in (1, 2, 190):
        error["error_data"] = {"messaging_product": "whatsapp", "details": details or message}
    return json_answer({"error": error}, status, headers)


def refused(code: int, details: str = "") -> Refused:
    """The same, to raise."""
    return Refused(answer(code, details))


def told(code: int) -> dict[str, Any]:
    """An error as a failed status carries it."""
    message = ERRORS[code][1]
    return {"code": code, "title": message, "message": message, "error_data": {"details": message}, "href": HREF}
