"""Bodies of forms, both ways: url-encoded and multipart, with repeated names kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import parse_qsl

from tests.emulators.providers.http import Request


@dataclass(frozen=True)
class Part:
    """A field of a form; a file where it has a name of its own."""

    name: str
    data: bytes
    filename: str = ""
    content_type: str = ""

    @property
    def text(self) -> str:
        """As UTF-8."""
        return self.data.decode("utf-8")


def parts(request: Request) -> list[Part]:
    """The fields in their order. Raises ValueError when the body is no form (or not UTF-8 where it is url-encoded)."""
    if request.content_type == "application/x-www-form-urlencoded" or not request.body:
        pairs = parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=5000)
        return [Part(name, value.encode()) for name, value in pairs]
    if request.content_type != "multipart/form-data":
        raise ValueError(f"a form was expected, not {request.content_type or 'nothing'}")
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    found: EmailMessage = message_from_bytes(head + request.body, policy=policy.HTTP)
    if not found.is_multipart() or found.defects:
        raise ValueError("the multipart body is broken")
    return [_part(each) for each in found.iter_parts() if isinstance(each, EmailMessage)]


def _part(message: EmailMessage) -> Part:
    given = message["Content-Disposition"].params
    data = bytes(message.get_payload(decode=True) or b"")
    return Part(given.get("name", ""), data, given.get("filename", ""), message.get_content_type())


def fields(request: Request) -> dict[str, list[str]]:
    """Name -> values, without files. Raises ValueError."""
    found: dict[str, list[str]] = {}
    for part in parts(request):
        if not part.filename:
            found.setdefault(part.name, []).append(part.text)
    return found


def multipart(given: Iterable[Part]) -> tuple[bytes, str]:
    """A body, and its Content-Type with the boundary."""
    boundary = f"xYzZY{secrets.token_hex(10)}"
    out = bytearray()
    for part in given:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{part.name}"'.encode()
        if part.filename:
            safe = part.filename.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
            out += f'; filename="{safe}"'.encode()
        out += b"\r\n"
        if part.content_type:
            out += f"Content-Type: {part.content_type}\r\n".encode()
        out += b"\r\n" + part.data + b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return bytes(out), f"multipart/form-data; boundary={boundary}"
