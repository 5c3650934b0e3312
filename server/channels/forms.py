"""Forms that providers post, read from their raw bytes: url-encoded and multipart, fields in any character set.

By hand, since the web framework decodes every field as UTF-8, and since its parser, made for browsers, takes half a
minute for 30 MB of line breaks: here each byte is looked at a bounded number of times. Values are only decoded when
somebody asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from server.channels.mime import decoded, file_name
from server.domain.reply import WebhookRequest
from server.errors import InvalidInput

MOST_FIELDS = 1_000
LONGEST_HEAD = 16_384
"""Bytes of the headers of one part."""
_LONGEST_NAME = 200
_LONGEST_TEXT = 4_000_000
"""Bytes of a field that are read as text."""

_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)
_FILE_NAME = re.compile(rb'[;\s]filename="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """A form's fields, of several of one name the first; `files` are the names of what came along as files.

    The first, since a stranger who guesses a fixed boundary can only add fields behind their own words.
    """

    raw: Mapping[str, bytes]
    files: tuple[str, ...] = ()
    escaped: bool = False

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def data(self, name: str) -> bytes:
        """The field's bytes, b"" when it is not there."""
        value = self.raw.get(name, b"")
        return unquote_to_bytes(value.replace(b"+", b" ")) if self.escaped else value

    def text(self, name: str, charset: str = "") -> str:
        """The field as text; for an unknown character set UTF-8, else what Windows would have meant."""
        return decoded(self.data(name)[:_LONGEST_TEXT], charset)

    def word(self, name: str, longest: int = _LONGEST_NAME) -> str:
        """A short ASCII field as it stands, "" for a longer or another one. Costs nothing, whatever is posted."""
        value = self.raw.get(name, b"")
        return value.decode("ascii") if len(value) <= longest and value.isascii() else ""


def read_form(request: WebhookRequest) -> Form:
    """The form in a request's body. Raises InvalidInput when there is none, or one of more than 1,000 fields."""
    kind = request.content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _url_encoded(request.body)
    boundary = _BOUNDARY.search(request.content_type) if kind == "multipart/form-data" else None
    if boundary is None:
        raise InvalidInput("The webhook's body is no form.")
    return _multipart(request.body, (boundary[1] or boundary[2]).encode("utf-8", "replace"))


def _url_encoded(body: bytes) -> Form:
    pairs = body.split(b"&", MOST_FIELDS)
    fields: dict[str, bytes] = {}
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        if equals and len(name) <= 3 * _LONGEST_NAME:
            fields.setdefault(unquote_to_bytes(name.replace(b"+", b" ")).decode("utf-8", "replace"), value)
    if not fields or len(pairs) > MOST_FIELDS:
        raise InvalidInput("The webhook's body is no form of a sensible size.")
    return Form(fields, escaped=True)


def _multipart(body: bytes, boundary: bytes) -> Form:
    """RFC 7578, strictly: lines end with CR LF. What stands before the first boundary and after the last is ignored."""
    delimiter = b"--" + boundary
    if body.startswith(delimiter):
        body = b"\r\n" + body
    parts = body.split(b"\r\n" + delimiter, MOST_FIELDS + 1)[1:]
    fields: dict[str, bytes] = {}
    files: list[str] = []
    for part in parts[: MOST_FIELDS + 1]:
        if part.startswith(b"--"):
            break
        start, head, end = part.find(b"\r\n"), part[: LONGEST_HEAD + 4], part.find(b"\r\n\r\n", 0, LONGEST_HEAD + 4)
        name = _NAME.search(head[:end]) if end >= 0 else None
        if name is None or part[:start].strip(b" \t"):
            raise InvalidInput("A part of the webhook's form has no name.")
        content = part[end + 4 :]
        if file := _FILE_NAME.search(head[:end]):
            files.append(file_name(_plain(file[1])))
        fields.setdefault(_plain(name[1])[:_LONGEST_NAME], content)
    else:
        raise InvalidInput("The webhook's form does not end, or has too many fields.")
    if not fields:
        raise InvalidInput("The webhook's form is empty.")
    return Form(fields, tuple(files))


def _plain(quoted: bytes) -> str:
    """A quoted parameter as text (RFC 7578, section 4.2; browsers and libraries escape the quote either way)."""
    return re.sub(r"\\(.)", r"\1", quoted.decode("utf-8", "replace")).replace("%22", '"')
