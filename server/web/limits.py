"""How large a body may be, by path: set before anything reads it."""

from __future__ import annotations

from flask import Flask, request

KIB = 1024
WEBHOOK = 4 * 1024 * KIB
"""The largest body that a provider documents is Meta's of 3 MB (Cloud API, "Webhooks"); SendGrid's have 768 KB."""

MAIL = 32 * KIB * KIB
"""SendGrid hands over mails of 30 MB (docs of Inbound Parse), Mailgun of 25 MB."""

WORKBOOK = 50 * KIB * KIB
FORM = 64 * KIB
"""What a multipart form adds around its file."""

CALL = 4 * 1024 * KIB
"""An API call: the longest is a list of 100,000 row keys."""


ARRIVAL = 16 * KIB
"""Who has no session yet: an identity token has about 1,200 characters."""

EXCEL_ARRIVAL = 32 * KIB
"""The same from Excel: an access token may carry the groups of a person."""


def cap() -> None:
    """Runs before every request. A larger body becomes 413 when it is read."""
    if request.path.startswith("/webhooks/") and "/inbound" in request.path:
        request.max_content_length, request.max_form_memory_size = MAIL, MAIL
    elif request.path.startswith("/webhooks/"):
        request.max_content_length = WEBHOOK
    elif request.path == "/api/workbooks":
        request.max_content_length = WORKBOOK + FORM
    elif request.path == "/api/google/session":
        request.max_content_length = ARRIVAL
    elif request.path == "/api/excel/session":
        request.max_content_length = EXCEL_ARRIVAL
    elif request.path.startswith("/u/"):
        request.max_content_length = FORM
    else:
        request.max_content_length = CALL


def set_on(app: Flask) -> None:
    """Put the limits to work."""
    app.before_request(cap)
