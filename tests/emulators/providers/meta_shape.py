"""The body of POST /<phone number id>/messages. Source: Cloud API reference, "Messages"."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
ID = {"type": "string", "minLength": 1, "maxLength": 256}


def _texted(most: int) -> dict[str, Any]:
    return {"type": "object", "required": ["text"], "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": most}}}  # fmt: skip


HEADER = {"type": "object", "required": ["type"], "properties": {
    "type": {"type": "string", "enum": ["text", "image", "video", "document"]},
    "text": {"type": "string", "minLength": 1, "maxLength": 60},
    **{kind: {"type": "object", "other": TEXT} for kind in ("image", "video", "document")}}}  # fmt: skip
BUTTON = {"type": "object", "required": ["type", "reply"], "properties": {
    "type": {"type": "string", "enum": ["reply"]},
    "reply": {"type": "object", "required": ["id", "title"], "properties": {
        "id": ID, "title": {"type": "string", "minLength": 1, "maxLength": 20}}}}}  # fmt: skip
ROW = {"type": "object", "required": ["id", "title"], "properties": {
    "id": {**ID, "maxLength": 200}, "title": {"type": "string", "minLength": 1, "maxLength": 24},
    "description": {"type": "string", "maxLength": 72}}}  # fmt: skip
SECTION = {"type": "object", "required": ["rows"], "properties": {
    "title": {"type": "string", "maxLength": 24},
    "rows": {"type": "array", "minItems": 1, "maxItems": 10, "items": ROW}}}  # fmt: skip
ACTION = {"type": "object", "properties": {
    "buttons": {"type": "array", "minItems": 1, "maxItems": 3, "items": BUTTON},
    "button": {"type": "string", "minLength": 1, "maxLength": 20},
    "sections": {"type": "array", "minItems": 1, "maxItems": 10, "items": SECTION}}}  # fmt: skip
INTERACTIVE = {"type": "object", "required": ["type", "body", "action"], "properties": {
    "type": {"type": "string", "enum": ["button", "list"]}, "header": HEADER, "body": _texted(4096),
    "footer": _texted(60), "action": ACTION}}  # fmt: skip
PARAMETER = {"type": "object", "required": ["type"], "properties": {
    "type": {"type": "string", "enum": ["text", "payload", "currency", "date_time", "image", "document", "video"]},
    "text": TEXT, "payload": ID, "parameter_name": TEXT,
    **{kind: {"type": "object", "other": True}
       for kind in ("currency", "date_time", "image", "document", "video")}}}  # fmt: skip
COMPONENT = {"type": "object", "required": ["type"], "properties": {
    "type": {"type": "string", "enum": ["header", "body", "button", "HEADER", "BODY", "BUTTON"]},
    "sub_type": {"type": "string", "enum": ["quick_reply", "url", "QUICK_REPLY", "URL"]},
    "index": {"any": [{"type": "string", "pattern": r"\d"}, {"type": "integer"}]},
    "parameters": {"type": "array", "items": PARAMETER}}}  # fmt: skip
TEMPLATE = {"type": "object", "required": ["name", "language"], "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 512},
    "language": {"type": "object", "required": ["code"], "properties": {
        "code": {"type": "string", "minLength": 2}, "policy": {"type": "string", "enum": ["deterministic"]}}},
    "components": {"type": "array", "items": COMPONENT}}}  # fmt: skip
MEDIA = {"type": "object", "properties": {
    "id": TEXT, "link": TEXT, "caption": {"type": "string", "maxLength": 1024}, "filename": TEXT}}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["messaging_product"],
    "properties": {
        "messaging_product": {"type": "string", "enum": ["whatsapp"]},
        "recipient_type": {"type": "string", "enum": ["individual"]},
        "to": TEXT, "recipient": TEXT,
        "type": {"type": "string", "enum": ["text", "template", "interactive", "image", "document", "reaction"]},
        "text": {"type": "object", "required": ["body"], "properties": {
            "body": {"type": "string", "minLength": 1, "maxLength": 4096}, "preview_url": {"type": "boolean"}}},
        "template": TEMPLATE, "interactive": INTERACTIVE,
        "image": MEDIA, "document": MEDIA,
        "reaction": {"type": "object", "properties": {"message_id": TEXT, "emoji": TEXT}},
        "context": {"type": "object", "required": ["message_id"], "properties": {"message_id": TEXT}},
        "biz_opaque_callback_data": {"type": "string", "maxLength": 512},
        "ttl": {"any": [{"type": "integer"}, TEXT]},
    },
}  # fmt: skip
READ: dict[str, Any] = {
    "type": "object",
    "required": ["messaging_product", "status", "message_id"],
    "properties": {"messaging_product": {"type": "string", "enum": ["whatsapp"]}, "message_id": TEXT,
                   "status": {"type": "string", "enum": ["read"]},
                   "typing_indicator": {"type": "object", "properties": {"type": TEXT}}},
}  # fmt: skip
