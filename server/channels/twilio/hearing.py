"""What Twilio wants to hear after it has posted: the next words of a call, and that a message gets no automatic answer.

The request is verified by then, and its address is our own: what stands in its query is what we put there.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from server.channels.twilio import events, signature, speech
from server.channels.twilio.signature import Form
from server.domain.message import Choice
from server.domain.reply import WebhookAnswer, WebhookRequest
from server.errors import InvalidInput

XML = "text/xml; charset=utf-8"
NOTHING = WebhookAnswer('<?xml version="1.0" encoding="UTF-8"?><Response/>', XML)
"""An empty answer to a message: without one Twilio logs a warning (12300), with any text it would send that."""
REJECT = WebhookAnswer('<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>', XML)
"""To somebody who calls us: not taken, and so not charged."""

_LONGEST_TITLES = 600
"""Characters of titles, as they stand in an address: it comes twice into instructions of 4,000."""
_LAST = ("last", "1")


def call_query(language: str, choices: tuple[Choice, ...]) -> str:
    """What the address of a call's keys says about it, for `answer`; the titles only as far as they leave room."""
    titles = [("c", choice.title) for choice in choices]
    short = len(urlencode(titles)) <= _LONGEST_TITLES
    return "&" + urlencode([("n", str(len(choices))), ("l", language), *(titles if short else ())], errors="replace")


def answer(request: WebhookRequest) -> WebhookAnswer | None:
    """The answer to a posted form, None where Twilio wants none."""
    if request.method != "POST" or signature.is_json(request):
        return None
    try:
        form, query = signature.read_form(request), signature.read_query(request)
    except InvalidInput:
        return None
    if "CallSid" in form:
        return _to_call(request, form, query)
    return NOTHING if form.first("SmsStatus") in {"received", "receiving"} else None


def _to_call(request: WebhookRequest, form: Form, query: Form) -> WebhookAnswer | None:
    if events.is_incoming(form):
        return REJECT if not form.first("CallbackSource") else None
    if "Digits" not in form:
        return None
    language, choices = query.first("l"), _choices(query)
    if code := events.chosen(form, query):
        title = next((choice.title for choice in choices if choice.code == code), "")
        return WebhookAnswer(speech.thanks(language, title), XML)
    return WebhookAnswer(speech.wrong_key(language, choices, _once_more(request, query)), XML)


def _choices(query: Form) -> list[Choice]:
    """The choices as the address tells them; their digits alone where it had no room for titles."""
    titles = query.getlist("c")
    count = int(query.first("n")) if re.fullmatch(r"[1-9]", query.first("n")) else 0
    return [Choice(str(n), titles[n - 1] if n <= len(titles) else str(n)) for n in range(1, count + 1)]


def _once_more(request: WebhookRequest, query: Form) -> str:
    """Where the next key goes; "" after the second wrong one, so that no call goes on for ever."""
    if query.first(_LAST[0]):
        return ""
    parts = urlsplit(request.url)
    return parts._replace(query=f"{parts.query}&{urlencode([_LAST])}").geturl()
