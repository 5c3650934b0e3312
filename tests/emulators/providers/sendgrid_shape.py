"""The body of POST /v3/mail/send, from sendgrid-oai (spec/paths/mail_send/mail_send.json), and SendGrid's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.emulators.providers.mail import decoded, is_address
from tests.emulators.providers.shape import Wrong, check

TEXT = {"type": "string"}
FULL = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}
PERSON = {"type": "object", "properties": {"email": TEXT, "name": TEXT}, "required": ["email"]}
MANY = {"type": "array", "items": PERSON, "minItems": 1, "maxItems": 1000}
STRINGS = {"type": "object", "other": TEXT}
SWITCH = {"type": "object", "properties": {"enable": FLAG}}


def _setting(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"enable": FLAG, **fields}}


MAIL_SETTINGS = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("bypass_list_management", "bypass_spam_management", "bypass_bounce_management",
                         "bypass_unsubscribe_management", "sandbox_mode"), SWITCH),
        "footer": _setting(text=TEXT, html=TEXT),
    },
}  # fmt: skip
TRACKING_SETTINGS = {
    "type": "object",
    "properties": {
        "click_tracking": _setting(enable_text=FLAG),
        "open_tracking": _setting(substitution_tag=TEXT),
        "subscription_tracking": _setting(text=TEXT, html=TEXT, substitution_tag=TEXT),
        "ganalytics": _setting(**dict.fromkeys(
            ("utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign"), TEXT)),
    },
}  # fmt: skip
PERSONALIZATION = {
    "type": "object",
    "required": ["to"],
    "properties": {
        "from": PERSON, "to": MANY, "cc": MANY, "bcc": MANY, "subject": FULL, "headers": STRINGS,
        "substitutions": STRINGS, "dynamic_template_data": {"type": "object", "other": True},
        "custom_args": STRINGS, "send_at": {"type": "integer"},
    },
}  # fmt: skip
ATTACHMENT = {
    "type": "object",
    "required": ["content", "filename"],
    "properties": {"content": FULL, "type": FULL, "filename": FULL, "content_id": TEXT,
                   "disposition": {"type": "string", "enum": ["inline", "attachment"]}},
}  # fmt: skip
MAIL = {
    "type": "object",
    "required": ["personalizations", "from"],
    "properties": {
        "personalizations": {"type": "array", "items": PERSONALIZATION, "minItems": 1, "maxItems": 1000},
        "from": PERSON, "reply_to": PERSON, "reply_to_list": MANY, "subject": FULL,
        "content": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["type", "value"], "properties": {"type": FULL, "value": FULL}}},
        "attachments": {"type": "array", "items": ATTACHMENT},
        "template_id": TEXT, "headers": STRINGS, "custom_args": STRINGS, "sections": STRINGS,
        "categories": {"type": "array", "maxItems": 10, "items": {"type": "string", "maxLength": 255}},
        "send_at": {"type": "integer"}, "batch_id": TEXT, "ip_pool_name": {**TEXT, "minLength": 2, "maxLength": 64},
        "asm": {"type": "object", "required": ["group_id"], "properties": {
            "group_id": {"type": "integer"}, "groups_to_display": {"type": "array", "items": {"type": "integer"}}}},
        "mail_settings": MAIL_SETTINGS, "tracking_settings": TRACKING_SETTINGS,
    },
}  # fmt: skip
RESERVED = frozenset((
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
))  # fmt: skip
MAX_ARGS = 10_000
AHEAD = 72 * 3600
HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message."
WORDS = {
    "personalizations": "The personalizations field is required and must have at least one personalization.",
    "from": "The from object must be provided for every email send. It is an object that requires the email "
    "parameter, but may also contain a name parameter.  e.g. {\"email\" : \"example@example.com\"}  or "
    "{\"email\" : \"example@example.com\", \"name\" : \"Example Recipient\"}.",
    "subject": "The subject is required. You can get around this requirement if you use a template with a subject "
    "defined or if every personalization has a subject defined.",
    "content": "Unless a valid template_id is provided, the content parameter is required. There must be at least "
    "one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one "
    "block is required.",
}  # fmt: skip


def errors(body: Any, now: float) -> list[dict[str, str | None]]:
    """All that SendGrid would say against a mail, in its form; empty for a good one."""
    found = [_error(_worded(wrong), wrong.path) for wrong in check(MAIL, body)]
    return found or [_error(words, path) for path, words in _rules(body, now)]


def _error(message: str, path: str) -> dict[str, str | None]:
    return {"message": message, "field": path or None, "help": f"{HELP}{path}" if path else None}


def _worded(wrong: Wrong) -> str:
    top = wrong.path.rpartition(".")[2]
    if wrong.why in ("required", "size") and wrong.path in WORDS:
        return WORDS[wrong.path]
    if wrong.path == "":
        return "Bad Request"
    return {
        "unknown": f"Additional property {top} is not allowed",
        "required": f"The {top} parameter is required.",
        "type": f"Invalid type. Expected: {wrong.detail}.",
        "choice": f"{top} must be one of the following: {wrong.detail}",
    }.get(wrong.why, f"The {top} parameter must have a length of {wrong.detail}.")


def _rules(body: dict[str, Any], now: float) -> Iterator[tuple[str, str]]:
    """What the shape can't say."""
    templated = bool(body.get("template_id"))
    pieces = body["personalizations"]
    if not templated and not body.get("subject") and not all(piece.get("subject") for piece in pieces):
        yield "subject", WORDS["subject"]
    if not templated and not body.get("content"):
        yield "content", WORDS["content"]
    yield from _content(body.get("content", []))
    if "reply_to" in body and "reply_to_list" in body:
        yield "reply_to", "reply_to is mutually exclusive with reply_to_list."
    yield from _addresses(body)
    for index, piece in enumerate(pieces):
        yield from _piece(piece, f"personalizations.{index}", now)
    yield from _piece(body, "", now)
    for index, file in enumerate(body.get("attachments", [])):
        try:
            decoded(file["content"])
        except ValueError:
            yield f"attachments.{index}.content", "The attachment content must be base64 encoded."


def _content(blocks: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    kinds = [block["type"] for block in blocks]
    if "text/plain" in kinds[1:]:
        yield "content", "If present, text/plain must be first, followed by text/html, followed by any other content."
    if any(kinds.count(kind) > 1 for kind in ("text/plain", "text/html")):
        yield "content", "If present, text/plain and text/html may only be provided once."


def _addresses(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    lists = {"from": [body["from"]], "reply_to": [body["reply_to"]] if "reply_to" in body else []}
    lists["reply_to_list"] = body.get("reply_to_list", [])
    for index, piece in enumerate(body["personalizations"]):
        for kind in ("to", "cc", "bcc"):
            lists[f"personalizations.{index}.{kind}"] = piece.get(kind, [])
        everybody = [each["email"].lower() for kind in ("to", "cc", "bcc") for each in piece.get(kind, [])]
        if len(everybody) != len(set(everybody)):
            yield f"personalizations.{index}", (
                "Each email address in the personalization block should be unique between to, cc, and bcc. "
                "We found the first duplicate instance in the personalizations field.")  # fmt: skip
    for path, people in lists.items():
        for index, each in enumerate(people):
            if not is_address(each["email"]):
                where = f"{path}.{index}.email" if path.startswith("pers") else f"{path}.email"
                yield where, "Does not contain a valid address."


def _piece(piece: dict[str, Any], path: str, now: float) -> Iterator[tuple[str, str]]:
    dot = f"{path}." if path else ""
    for name in piece.get("headers", {}):
        if name.lower() in RESERVED:
            yield f"{dot}headers.{name}", f"The header {name} is reserved and may not be overwritten."
        elif not name.isascii() or any(each in name for each in " :\r\n"):
            yield f"{dot}headers.{name}", "Header names must be ASCII characters, without spaces."
    args = piece.get("custom_args", {})
    if sum(len(name.encode()) + len(value.encode()) for name, value in args.items()) > MAX_ARGS:
        yield f"{dot}custom_args", "The total size of the custom_args may not exceed 10,000 bytes."
    if piece.get("send_at", 0) > now + AHEAD:
        yield f"{dot}send_at", "Scheduling more than 72 hours in advance is forbidden."
