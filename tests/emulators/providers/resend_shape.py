"""The body of POST /emails and /emails/batch, from resend-openapi (SendEmailRequest), and Resend's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.emulators.providers.mail import bare, decoded, is_address
from tests.emulators.providers.shape import check

TEXT = {"type": "string"}
ONE_OR_MANY = {"any": [TEXT, {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 50}]}
TAG_TEXT = {"type": "string", "minLength": 1, "maxLength": 256, "pattern": r"[A-Za-z0-9_-]*"}
ATTACHMENT = {"type": "object", "properties": dict.fromkeys(
    ("content", "filename", "path", "content_type", "content_id"), TEXT)}  # fmt: skip
MAIL: Mapping[str, Any] = {
    "type": "object",
    "required": ["from", "to", "subject"],
    "properties": {
        "from": TEXT, "to": ONE_OR_MANY, "subject": TEXT, "bcc": ONE_OR_MANY, "cc": ONE_OR_MANY,
        "reply_to": ONE_OR_MANY, "html": TEXT, "text": TEXT, "headers": {"type": "object", "other": TEXT},
        "scheduled_at": TEXT, "attachments": {"type": "array", "items": ATTACHMENT}, "topic_id": TEXT,
        "tags": {"type": "array", "items": {
            "type": "object", "required": ["name", "value"], "properties": {"name": TAG_TEXT, "value": TAG_TEXT}}},
        "template": {"type": "object", "required": ["id"], "properties": {
            "id": TEXT, "variables": {"type": "object", "other": {"any": [TEXT, {"type": "number"}]}}}},
    },
}  # fmt: skip
BATCH_MAIL = {**MAIL, "properties": {
    name: shape for name, shape in MAIL["properties"].items()
    if name not in ("attachments", "scheduled_at")}}  # fmt: skip
BATCH: Mapping[str, Any] = {"type": "array", "minItems": 1, "maxItems": 100, "items": BATCH_MAIL}
MAX_BYTES = 40 * 1024 * 1024
FORMAT = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."

Wrongness = tuple[int, str, str]
"""status, name, message"""


def wrong(shape: Mapping[str, Any], body: Any) -> Wrongness | None:
    """The first thing that Resend would say against it; None for a good one."""
    for each in check(shape, body):
        field = each.path.rpartition(".")[2] if each.why == "unknown" else each.path or "body"
        if each.why == "required":
            return 422, "missing_required_field", f"Missing `{field}` field."
        if each.why == "unknown":
            return 422, "validation_error", f"Unrecognized field `{field}`."
        if each.path.startswith("tags") and each.why == "pattern":
            return 422, "validation_error", "Tags should only contain ASCII letters, numbers, underscores, or dashes."
        return 422, "validation_error", f"Invalid `{field}` field: {each.why} ({each.detail})."
    for mail in body if isinstance(body, list) else [body]:
        if found := _rules(mail):
            return found
    return None


def _rules(mail: Mapping[str, Any]) -> Wrongness | None:
    if not is_address(bare(mail["from"])):
        return 422, "invalid_from_address", f"Invalid `from` field. {FORMAT}"
    for field in ("to", "cc", "bcc", "reply_to"):
        given = mail.get(field, [])
        for each in [given] if isinstance(given, str) else given:
            if not is_address(bare(each)):
                return 422, "validation_error", f"Invalid `{field}` field. {FORMAT}"
    if "html" not in mail and "text" not in mail and "template" not in mail:
        return 422, "validation_error", "Missing `html` or `text` field."
    if any("\n" in text or "\r" in text for text in _lines(mail)):
        return 422, "validation_error", "The \\n is not allowed in the `subject` or `headers` field."
    return _attachments(mail.get("attachments", []))


def _lines(mail: Mapping[str, Any]) -> Iterable[str]:
    yield mail["subject"]
    yield from mail.get("headers", {}).keys()
    yield from mail.get("headers", {}).values()


def _attachments(files: Iterable[Mapping[str, str]]) -> Wrongness | None:
    size = 0
    for file in files:
        if "content" not in file and "path" not in file:
            return 422, "invalid_attachment", "Attachment must have either a `content` or `path`."
        try:
            size += len(decoded(file.get("content", "")))
        except ValueError:
            return 422, "invalid_attachment", "The attachment `content` must be base64."
    if size > MAX_BYTES:
        return 422, "validation_error", "The email exceeds 40MB after Base64 encoding of the attachments."
    return None
