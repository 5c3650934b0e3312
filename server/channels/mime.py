"""A mail as parts that can be worked with: headers, text, names of files, what a report encloses. Nothing is believed.

The standard parser trips over hostile headers and takes minutes for hostile bodies; here every header is cut before it
is parsed, runs of encoded attachments are left out, and what still goes wrong costs that header or part only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import EmailPolicy, compat32
from io import BytesIO
from itertools import islice
from typing import Any

ADDRESSED = frozenset({"from", "to", "cc", "reply-to", "sender", "delivered-to", "x-original-to", "return-path"})
"""Headers that are kept as they were written: a name that was decoded could pass for an address."""
REPORTS = frozenset(
    {
        *("message/delivery-status", "message/global-delivery-status", "message/feedback-report"),
        "message/disposition-notification",
    }
)
"""Parts that are written for machines."""
LONGEST_HEADER = 4_000
"""Characters of one header that the structured parser sees: it is quadratic."""
LONGEST_LIST = 100_000
"""Characters of a header that we only search (To with hundreds of people)."""
MOST_PARSED = 12_000
"""Characters of all such headers of a mail that it sees; of later ones what stands at their beginning counts."""
MOST_HEADERS = 500
MOST_PARTS = 200
DEEPEST = 20
LONGEST_TEXT = 200_000
"""Characters of a text that are kept: far more than any reader looks at."""

_SMALL = 200_000
_MOST_LINES = 20_000
_LONGEST_RUN = 1_000
_MOST_BYTES = 8_000_000
_MANY_BOUNDARIES, _FEW_LINES = 60, 600
"""Each level of nesting makes every line dearer."""
_MOST_DASHED = 2_000
_PLAIN_CHARSETS = frozenset({"", "us-ascii", "ascii", "utf-8", "utf8", "iso-8859-1", "latin1"})
"""Said so often where something else is meant that they count for nothing."""
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "unicode-escape", "undefined"})
"""Codecs of Python's that no mail is written in; punycode is quadratic."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_HALF = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")
"""Halves of characters that are no raw bytes in disguise (PEP 383)."""
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_PATH = re.compile(r"[\\/]")
_DIRECTION = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `headers` have lower-case names and one-line values, in order, also repeated
    ones; they are decoded, but for those with addresses.

    `plain` and `html` are its own texts, `files` the names of what is attached. `reports` are the texts of its
    machine-readable parts by media type, `returned` the headers of the mail that a report sends back.
    """

    headers: tuple[tuple[str, str], ...]
    plain: str = ""
    html: str = ""
    files: tuple[str, ...] = ()
    reports: tuple[tuple[str, str], ...] = ()
    returned: str = ""

    def header(self, name: str) -> str:
        """The first header of that (lower-case) name, "" when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, *names: str) -> Iterator[str]:
        """Every header of these names."""
        return (value for key, value in self.headers if key in names)


class _Wary(EmailPolicy):
    """Parses a header only up to a bound, each once, and takes for text what can't be parsed or takes too long.

    One for each mail: its parts may have hundreds of headers that cost a tenth of a second each.
    """

    seen: Any = None
    """(name, value) -> the header, of those that were met."""
    spent: Any = None
    """[characters of those that were parsed]"""

    def __init__(self, **given: Any) -> None:
        new: dict[str, Any] = {"seen": {}, "spent": [0]}
        super().__init__(**given, **new)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        key = name.lower(), value[:LONGEST_HEADER]
        if key not in self.seen:
            self.seen[key] = self._parsed(*key)
        return self.seen[key]

    def _parsed(self, name: str, value: Any) -> Any:
        self.spent[0] += len(value)
        if self.spent[0] <= MOST_PARSED:
            with suppress(Exception):  # the parser raises IndexError, AttributeError and others on what strangers send
                return super().header_fetch_parse(name, value)
        return self.header_factory("x-unstructured", one_line(str(value)[:200]))


def read(raw: bytes) -> Mail:
    """The mail in these bytes. Never raises: what can't be taken apart comes back as text."""
    data = _without_bulk(raw)
    try:
        message = BytesParser(policy=_Wary()).parsebytes(data)
        return _Reading().read(message)
    except Exception:  # RecursionError by nesting, and what nobody has thought of
        return _as_it_is(data)


def _as_it_is(data: bytes) -> Mail:
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    try:
        headers = headers_of(BytesHeaderParser(policy=compat32).parsebytes(head[: 4 * LONGEST_LIST]).raw_items())
    except Exception:  # not even headers
        headers = ()
    return Mail(headers, plain=cleaned(body[:LONGEST_TEXT].decode("utf-8", "replace")))


def _without_bulk(raw: bytes) -> bytes:
    """Without what lies deep in long runs of encoded lines (attachments), and bounded in lines and bytes.

    Attachments are known by their names only, and a boundary never looks like an encoded line.
    """
    boundaries = raw[: _MOST_BYTES * 4].lower().count(b"boundary=")
    most = _MOST_LINES if boundaries <= _MANY_BOUNDARIES else _FEW_LINES
    if len(raw) <= _SMALL and raw.count(b"\n") <= most:
        return raw
    kept: list[bytes] = []
    size = run = dashed = 0
    for line in BytesIO(raw):
        dashed += line.startswith(b"--")
        run = run + 1 if len(line) >= 60 and b" " not in line and not line.startswith(b"--") else 0
        if run > _LONGEST_RUN:
            continue
        kept.append(line)
        size += len(line)
        if len(kept) >= most or size >= _MOST_BYTES or dashed >= _MOST_DASHED:
            break
    return b"".join(kept)[:_MOST_BYTES]


class _Reading:
    """One pass over the parts of a mail."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._html: list[str] = []
        self._files: list[str] = []
        self._reports: list[tuple[str, str]] = []
        self._returned: list[str] = []
        self._parts = 0

    def read(self, message: Message) -> Mail:
        self._take(message, 0)
        return Mail(
            headers_of(message.raw_items()),
            "\n".join(self._plain)[:LONGEST_TEXT],
            "\n".join(self._html)[: 5 * LONGEST_TEXT],
            tuple(self._files),
            tuple(self._reports),
            "\n".join(self._returned)[:LONGEST_TEXT],
        )

    def _take(self, part: Message, depth: int) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST:
            return
        kind = part.get_content_type()
        if kind in REPORTS:
            self._reports.append((kind, _blocks(part)))
        elif kind in {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"} or (
            kind == "message/rfc822-headers"
        ):
            self._take_enclosed(part, kind)
        elif part.is_multipart():
            self._take_children(part, kind, depth)
        else:
            self._take_leaf(part, kind)

    def _take_children(self, part: Message, kind: str, depth: int) -> None:
        children = [child for child in _payload(part) if isinstance(child, Message)]
        if kind == "multipart/alternative":
            children = _chosen(children)
        for child in children:
            self._take(child, depth + 1)

    def _take_leaf(self, part: Message, kind: str) -> None:
        name = _file_name(part)
        if name or part.get_content_disposition() == "attachment":
            if len(self._files) < 50:
                self._files.append(name or "unnamed file")
        elif kind == "text/plain":
            self._plain.append(_unfolded(part, content(part)))
        elif kind == "text/html":
            self._html.append(content(part))
        elif kind.startswith("text/") and not self._plain and kind != "text/calendar":
            self._plain.append(content(part))

    def _take_enclosed(self, part: Message, kind: str) -> None:
        inner = next((child for child in _payload(part) if isinstance(child, Message)), None)
        if inner is None:
            self._returned.append(content(part))
            return
        headers = headers_of(inner.raw_items())
        self._returned.append("\n".join(f"{name}: {value}" for name, value in headers))
        subject = next((value for name, value in headers if name == "subject"), "")
        if kind == "message/rfc822" and len(self._files) < 50:
            self._files.append(f"{file_name(subject) or 'mail'}.eml")


def _chosen(children: list[Message]) -> list[Message]:
    """Of alternatives the plain one, with the marked-up one beside it for when the plain one is empty."""
    plain = [child for child in children if child.get_content_type() == "text/plain"][:1]
    rich = [child for child in children if child.get_content_type() != "text/plain"][-1:]
    return [*plain, *rich]


def _payload(part: Message) -> list[Any]:
    found = part.get_payload()
    return found if isinstance(found, list) else []


def _blocks(part: Message) -> str:
    """The header blocks of a report as text; one that was encoded against the rules is decoded."""
    inner = [child for child in _payload(part) if isinstance(child, Message)]
    if not inner:
        return content(part)[:LONGEST_TEXT]
    blocks = []
    for block in inner[:MOST_PARTS]:
        lines = [f"{name}: {value}" for name, value in headers_of(block.raw_items())]
        body = block.get_payload()
        blocks.append("\n".join([*lines, *([body] if isinstance(body, str) else [])]))
    return "\n\n".join(blocks)[:LONGEST_TEXT]


def content(part: Message) -> str:
    """The text of a part: its own character set, else UTF-8, else what Windows would have meant."""
    try:
        data = part.get_payload(decode=True)
    except Exception:  # broken encodings
        data = None
    if not isinstance(data, bytes):
        data = str(part.get_payload() or "").encode("utf-8", "replace")
    return cleaned(decoded(data[: 4 * LONGEST_TEXT], str(part.get_content_charset() or "")))


def decoded(data: bytes, charset: str) -> str:
    """Bytes as text; a character set that is unknown or wrong is made up for. Never raises."""
    if charset.lower() not in _PLAIN_CHARSETS | _NO_CHARSETS:
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError, UnicodeError, TypeError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if charset.lower().startswith("utf") else "cp1252", "replace")


def cleaned(text: str) -> str:
    """Plain line ends, no control characters but tabs, no halves of characters."""
    return _BAD.sub("", text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n"))


def _unfolded(part: Message, text: str) -> str:
    """Lines that the sender's program had wrapped, whole again (RFC 3676)."""
    if str(part.get_param("format") or "").lower() != "flowed" or len(text) > LONGEST_TEXT:
        return text
    glue = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    open_line = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line
        flows = line.endswith(" ") and line != "-- " and not quoted
        bare = line[:-1] if flows else line
        if open_line and not quoted:
            lines[-1] += glue + bare
        else:
            lines.append(bare)
        open_line = flows
    return "\n".join(lines)


def headers_of(items: Iterable[tuple[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Headers with lower-case names and one-line values, decoded but for those that hold addresses."""
    found = []
    for name, value in islice(items, MOST_HEADERS):
        key = str(name).lower()
        found.append((key, plain(str(value)) if key in ADDRESSED else words(str(value))))
    return tuple(found)


def plain(value: str) -> str:
    """A header's value on one line, as it was written."""
    if value.isascii():
        return one_line(value[:LONGEST_LIST])
    return one_line(decoded(_HALF.sub(" ", value[:LONGEST_LIST]).encode("utf-8", "surrogateescape"), "utf-8"))


def words(value: str) -> str:
    """A header's value as people read it: encoded words decoded, one line, bounded."""
    text = plain(value)
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text[:LONGEST_HEADER])
        text = "".join(
            piece if isinstance(piece, str) else decoded(piece, kind) if kind else piece.decode("raw-unicode-escape")
            for piece, kind in pieces
        )
    except Exception:  # HeaderParseError, binascii.Error, ValueError: it stays as it was written
        return text
    return one_line(text)


def one_line(text: str) -> str:
    """Without anything that could end a line or is half a character."""
    return _CONTROL.sub(" ", text).strip()


def _file_name(part: Message) -> str:
    try:
        return file_name(words(str(part.get_filename() or "")))
    except Exception:  # RFC 2231 with a character set that is none
        return "unnamed file"


def file_name(text: str) -> str:
    """A stranger's name for a file: no folders, no control characters, nothing that turns the writing around."""
    bare = _PATH.split(_DIRECTION.sub("", one_line(text)))[-1].strip(" .")
    if len(bare) <= 120:
        return bare
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:100]}….{ending}" if dot and len(ending) <= 10 else bare[:119] + "…"
