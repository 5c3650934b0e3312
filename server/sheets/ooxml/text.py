"""Text in the XML of a workbook: entities, the `_xHHHH_` escapes of spreadsheets, and how long a cell's text may be."""

from __future__ import annotations

import re

LIMIT = 32_767
"""Characters in one cell, counted in UTF-16 units (Excel specifications and limits)."""

_ENTITY = re.compile(rb"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"', b"apos": "'"}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEWLINE = re.compile(r"\r\n?")


def decode(raw: bytes) -> str:
    """Character data or an attribute's value as text."""
    if b"&" in raw:
        raw = _ENTITY.sub(lambda match: _character(match).encode(), raw)
    text = raw.decode("utf-8")
    return _NEWLINE.sub("\n", text) if "\r" in text else text


def _character(match: re.Match[bytes]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return chr(int(match[2])) if match[2] else _NAMED[match[3]]


def unescape(text: str) -> str:
    """A cell's text without `_xHHHH_` escapes; halves of a surrogate pair become the one character they stand for."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def fit(text: str) -> str:
    """A text that a cell can hold: line ends as `\\n`, no control characters, cut at the limit with an ellipsis."""
    clean = _FORBIDDEN.sub("", _NEWLINE.sub("\n", text))
    if len(clean) * 2 <= LIMIT:
        return clean
    units = clean.encode("utf-16-le")
    if len(units) <= LIMIT * 2:
        return clean
    return units[: (LIMIT - 1) * 2].decode("utf-16-le", "ignore") + "…"


def encode(text: str) -> bytes:
    """A fitting text as character data, so that `unescape(decode(...))` gives it back."""
    text = _ESCAPED.sub(lambda match: "_x005F" + match[0], text) if "_x" in text else text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode("utf-8")


def attribute(text: str) -> bytes:
    """A text as the value of an attribute between double quotes; a line end becomes a reference."""
    return encode(text).replace(b'"', b"&quot;").replace(b"\n", b"&#10;").replace(b"\t", b"&#9;")
