"""Messages of the IMAP server: message sets, SEARCH keys, what a FETCH gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

FLAG_KEYS = {"SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DELETED": "\\Deleted",
             "DRAFT": "\\Draft"}  # fmt: skip
HEADER_KEYS = frozenset(("FROM", "TO", "CC", "SUBJECT"))


@dataclass
class Message:
    """One mail. `at` is when it came, in seconds since 1970."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    at: float = 0.0

    @property
    def head(self) -> bytes:
        """The header with its empty line."""
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def header(self, name: str) -> str:
        """A header field, decoded; empty where there is none."""
        value = message_from_bytes(self.head)[name]
        return str(make_header(decode_header(value))) if value else ""


def picked(messages: Sequence[Message], chosen: str, *, by_uid: bool) -> list[tuple[int, Message]]:
    """Those in a message set such as `1,3:5,9:*`, with their sequence numbers."""
    last = (messages[-1].uid if by_uid else len(messages)) if messages else 0
    spans = []
    for part in chosen.split(","):
        low, _, high = part.partition(":")
        ends = [last if end == "*" else int(end) for end in (low, high or low)]
        spans.append((min(ends), max(ends)))
    return [
        (number, message)
        for number, message in enumerate(messages, 1)
        if any(low <= (message.uid if by_uid else number) <= high for low, high in spans)
    ]


def found(messages: Sequence[Message], keys: list[str]) -> list[tuple[int, Message]]:
    """Those that all search keys fit. Raises ValueError for a key that is not known here."""
    if keys[:1] and keys[0].upper() == "CHARSET":
        keys = keys[2:]
    hits = list(enumerate(messages, 1))
    return [hit for hit in hits if _fits(messages, hit, iter(keys))]


def _fits(messages: Sequence[Message], hit: tuple[int, Message], keys: Iterator[str]) -> bool:
    results = [_key(messages, hit, key, keys) for key in keys]
    return all(results)


def _key(messages: Sequence[Message], hit: tuple[int, Message], key: str, rest: Iterator[str]) -> bool:
    number, message = hit
    if key.startswith("("):
        from tests.emulators.providers.imap import tokens

        return _fits(messages, hit, iter(tokens(key[1:-1].encode())))
    name = key.upper()
    if name in ("ALL", "OLD"):
        return True
    if name in FLAG_KEYS:
        return FLAG_KEYS[name] in message.flags
    if name.startswith("UN") and name[2:] in FLAG_KEYS:
        return FLAG_KEYS[name[2:]] not in message.flags
    if name == "NOT":
        return not _key(messages, hit, next(rest), rest)
    if name == "OR":
        first, second = (_key(messages, hit, next(rest), rest) for _ in range(2))
        return first or second
    if name == "UID":
        return hit in picked(messages, next(rest), by_uid=True)
    if re.fullmatch(r"[\d:*,]+", key):
        return (number, message) in picked(messages, key, by_uid=False)
    return _argued(message, name, rest)


def _argued(message: Message, name: str, rest: Iterator[str]) -> bool:
    given = next(rest)
    if name in HEADER_KEYS:
        return given.lower() in message.header(name).lower()
    if name == "HEADER":
        wanted = next(rest)
        return message.header(given) != "" and wanted.lower() in message.header(given).lower()
    if name in ("BODY", "TEXT"):
        body = message.raw if name == "TEXT" else message.raw.partition(b"\r\n\r\n")[2]
        return given.lower().encode() in body.lower()
    if name in ("KEYWORD", "UNKEYWORD"):
        return (given in message.flags) is (name == "KEYWORD")
    if name in ("SINCE", "BEFORE", "ON", "SENTSINCE", "SENTBEFORE", "SENTON"):
        day = datetime.strptime(given, "%d-%b-%Y").replace(tzinfo=UTC).date()
        own = parsedate_to_datetime(message.header("Date")) if name[:4] == "SENT" else datetime.fromtimestamp(
            message.at, UTC)  # fmt: skip
        how = name.removeprefix("SENT")
        return own.date() >= day if how == "SINCE" else own.date() < day if how == "BEFORE" else own.date() == day
    if name in ("LARGER", "SMALLER"):
        return len(message.raw) > int(given) if name == "LARGER" else len(message.raw) < int(given)
    raise ValueError(f"{name} is not known here")


def fetched(message: Message, items: Sequence[str], *, by_uid: bool) -> tuple[bytes, bool]:
    """The data items of one message, and whether looking marks it as seen. Raises ValueError for an unknown item."""
    out, reads = [], False
    wanted = [each.upper() if "[" not in each else each for each in items]
    if by_uid and "UID" not in wanted:
        wanted.insert(0, "UID")
    for item in wanted:
        data, marks = _item(message, item)
        out.append(data)
        reads |= marks
    return b" ".join(out), reads


def _item(message: Message, item: str) -> tuple[bytes, bool]:
    simple = {
        "UID": f"UID {message.uid}",
        "FLAGS": f"FLAGS ({' '.join(sorted(message.flags))})",
        "RFC822.SIZE": f"RFC822.SIZE {len(message.raw)}",
        "INTERNALDATE": f'INTERNALDATE "{datetime.fromtimestamp(message.at, UTC):%d-%b-%Y %H:%M:%S} +0000"',
    }
    if item in simple:
        return simple[item].encode(), False
    if item in ("RFC822", "RFC822.HEADER", "RFC822.TEXT"):
        data = {"RFC822": message.raw, "RFC822.HEADER": message.head,
                "RFC822.TEXT": message.raw[len(message.head) :]}[item]  # fmt: skip
        return _literal(item, data), item != "RFC822.HEADER"
    match = re.fullmatch(r"(?i)BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?", item)
    if match is None:
        raise ValueError(f"{item} is not known here")
    data, name = _section(message, match[2]), f"BODY[{match[2]}]"
    if match[3]:
        data, name = data[int(match[3]) :][: int(match[4])], f"{name}<{match[3]}>"
    return _literal(name, data), match[1] is None


def _section(message: Message, section: str) -> bytes:
    name = section.upper()
    if name == "":
        return message.raw
    if name == "HEADER":
        return message.head
    if name == "TEXT":
        return message.raw[len(message.head) :]
    if name.startswith("HEADER.FIELDS"):
        wanted = set(re.findall(r"[^\s()]+", name.partition("(")[2]))
        inverse = name.startswith("HEADER.FIELDS.NOT")
        fields = re.findall(rb"(?m)^[^\s:]+:.*(?:\r\n[ \t].*)*\r\n", message.head)
        kept = [each for each in fields if (each.partition(b":")[0].decode().upper() in wanted) is not inverse]
        return b"".join(kept) + b"\r\n"
    raise ValueError(f"section {section} is not known here")


def _literal(name: str, data: bytes) -> bytes:
    return f"{name} {{{len(data)}}}\r\n".encode() + data
