"""The body of a mail as bytes for the wire: the text, the same as HTML, files (RFC 2045, 2046, 2231)."""

from __future__ import annotations

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from urllib.parse import quote

from server.channels.html import as_html
from server.channels.mime import file_name
from server.domain.message import Attachment

LONGEST_LINE = 998
"""Bytes of a line without its line break (RFC 5322, section 2.1.1)."""

_CONTROL_IN_BODY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}")
_COMPOSITE = ("multipart/", "message/")
"""Types whose parts must not be encoded (RFC 2045, section 6.4): a file of one is only a file."""
_PIECE = 60


def content(text: str, files: Sequence[Attachment], *, eight_bit: bool) -> bytes:
    """Headers and body of the whole content, from `Content-Type` on: the text, beside it as HTML, and what goes along.

    `eight_bit`: letters beyond ASCII may travel as they are.
    """
    both = _alternative(text, eight_bit=eight_bit)
    if not files:
        return both
    mark = _boundary()
    parts = b"".join(b"\r\n--%b\r\n%b" % (mark, part) for part in (both, *map(_file, files)))
    bits = b"Content-Transfer-Encoding: 8bit\r\n" if not both.isascii() else b""
    return b'%bContent-Type: multipart/mixed; boundary="%b"\r\n%b\r\n--%b--\r\n' % (bits, mark, parts, mark)


def _alternative(text: str, *, eight_bit: bool) -> bytes:
    """The simplest version first, as readers take the last one they can show (RFC 2046, section 5.1.4)."""
    mark = _boundary()
    plain, rich = _text(text, b"plain", eight_bit=eight_bit), _text(as_html(text), b"html", eight_bit=eight_bit)
    bits = b"" if plain.isascii() and rich.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    return b'%bContent-Type: multipart/alternative; boundary="%b"\r\n\r\n--%b\r\n%b\r\n--%b\r\n%b\r\n--%b--\r\n' % (
        *(bits, mark, mark, plain, mark, rich, mark),
    )


def _boundary() -> bytes:
    """Nobody can have written it into a text: it is random, and made after the text was."""
    return b"=_" + secrets.token_hex(15).encode()


def _text(text: str, kind: bytes, *, eight_bit: bool) -> bytes:
    encoding, data = _encoded(text, eight_bit=eight_bit)
    return b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (kind, encoding, data)


def _encoded(text: str, *, eight_bit: bool) -> tuple[bytes, bytes]:
    """(Content-Transfer-Encoding, bytes). Exact for every text, also one with long lines or control characters."""
    data = _NEWLINE.sub("\r\n", text).encode("utf-8", "replace")
    if max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE and not _CONTROL_IN_BODY.search(data):
        if data.isascii():
            return b"7bit", data
        if eight_bit:
            return b"8bit", data
    # The last line break decides how the encoder breaks lines itself; it is not ours.
    return b"quoted-printable", b2a_qp(data + b"\r\n", istext=True).removesuffix(b"\r\n")


def _file(file: Attachment) -> bytes:
    kind = file.content_type.lower()
    if not _MEDIA_TYPE.fullmatch(kind) or kind.startswith(_COMPOSITE):
        kind = "application/octet-stream"
    head = (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment{_named(file_name(file.name) or 'file')}\r\n\r\n"
    )
    return head.encode() + encodebytes(file.data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _named(name: str) -> str:
    """The name as a parameter: as it is when short and plain, else as RFC 2231 has it, on as many lines as it takes."""
    if name.isascii() and name.isprintable() and len(name) <= _PIECE and not set('"\\%') & set(name):
        return f'; filename="{name}"'
    whole = "utf-8''" + quote(name.encode("utf-8", "replace"), safe="")
    pieces = re.findall(rf"(?:%..|[^%]){{1,{_PIECE // 3}}}", whole)
    if len(pieces) == 1:
        return f";\r\n filename*={whole}"
    return "".join(f";\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces))
