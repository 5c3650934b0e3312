"""Where a quote begins in a reply: the line or the block that mail programs put over it, in any language.

A line with a day and somebody's address, or with our own words right under it, needs no dictionary; the words below
are for the rest. All scans are linear, over capped text.
"""

from __future__ import annotations

import re

MAX_CHARS = 20_000
MAX_LINES = 400
MAX_LINE = 500
_LONGEST_NAME = 120
"""The normaliser's caps; with them no reply can hang a reader (measured on hostile samples)."""

_WROTE = (
    *("wrote", "writes", "schrieb", "a écrit", "écrit", "escribió", "ha scritto", "scrive", "escreveu", "schreef"),
    *("skrev", "napisał", "napisał(a)", "napisała", "napsal", "napsal(a)", "kirjoitti", "yazdı", "şunu yazdı", "írta"),
    *(
        "a scris",
        "написал",
        "написала",
        "пишет",
        "написав",
        "έγραψε",
        "כתב",
        "כתב/ה",
        "כתבה",
        "كتب",
        "写道",
        "のメール",
    ),
    *(
        "さんは書きました",
        "님이 작성",
        "쓴 글",
        "đã viết",
        "menulis",
        "寫道",
        "pisze",
        "пише",
        "написав(ла)",
        "написал(а)",
    ),
    *("şunları yazdı", "γράφει"),
)
"""How mail programs end the line over a quote ("On ... wrote:")."""

_FROM = (
    *("from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "kimden", "gönderen", "feladó"),
    *("expéditeur", "от кого", "发件人", "寄件者", "差出人", "보낸 사람", "מאת", "من", "από"),
    *("từ", "de la", "寄件人", "送信者", "откога", "pengirim"),
)
"""The first label of the block that Outlook puts over a quote."""

_LABEL = re.compile(r"[*_]{0,2}([^\W\d_][\w .'-]{0,24})[*_]{0,2}\s?[:：]")
_DASHED = re.compile(r"-{2,}(?:[^-]|-(?!-)){2,80}-{2,}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)\d?\d[:.h]\d\d(?![.\d])")
_DATED = re.compile(f"{_YEAR.pattern}|{_CLOCK.pattern}")
_MAILBOX = re.compile(r"<[^<>\s@]{1,100}@[^<>\s@]{1,200}>")
_DIGITS = {start + value: str(value) for start in (0x660, 0x6F0) for value in range(10)}
"""Arabic and Persian digits."""
_TURNING = re.compile("[\u202d\u202e]")
"""Marks that show letters in another order than they stand in: “yes\u202e ton lliw I” looks like “yes I will not”."""
_STRIP = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")


def normalise(text: str) -> str:
    """Plain line ends, no invisible marks, runs of blank lines made one, and the caps above. A mark that turns letters
    round becomes �, so that both people and readers notice."""
    lines: list[str] = []
    seen = _TURNING.sub("\ufffd", text[:MAX_CHARS])
    for line in _STRIP.sub("", seen).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = line[:MAX_LINE].rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
        if len(lines) == MAX_LINES:
            break
    return "\n".join(lines).strip("\n")


class Ours:
    """What we know of our own message: its lines, its words, its address."""

    def __init__(self, text: str, address: str) -> None:
        whole = normalise(text)
        self.lines = {flat(line) for line in whole.split("\n") if len(line) >= 15 and len(line.split()) >= 3}
        self.all = {flat(line) for line in whole.split("\n")}
        self.words = flat(whole)
        local, _, domain = address.strip().casefold().partition("@")
        self.address = f"{local}@{domain}" if domain else ""
        self.domain = f"@{domain}" if domain else ""

    def sent(self, line: str) -> bool:
        """A quoted line, or a longer one that equals a line of ours (short ones may well be the answer)."""
        return line.lstrip().startswith(">") or flat(line) in self.lines

    def repeats(self, line: str) -> bool:
        """A piece of our text, as a mail program may have wrapped it."""
        bare = flat(line)
        return self.sent(line) or (len(bare) >= 15 and bare in self.words)

    def named(self, line: str) -> bool:
        """Our reply address, or its domain, stands there."""
        return bool(self.domain) and self.domain in line.casefold()


def flat(line: str) -> str:
    """A line as it compares with another: without marks, doubled spaces and capitals."""
    return " ".join(line.lstrip("> \t").split()).casefold()


def head(lines: list[str], ours: Ours) -> tuple[int, int]:
    """Where the first header over a quote starts, and how many lines it has; (len, 0) when there is none."""
    quoted = False
    for index, line in enumerate(lines):
        quoted = quoted or line.lstrip().startswith(">")
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        block = _outlook(lines, index)
        if block:
            return index, block
        near = [line.strip() for line in lines[index + 1 : index + 4]]
        marked = near[:1] != [] and near[0].startswith(">")
        below = "" if quoted else next((line for line in near if line), "")
        for start in (index, index - 1, index - 2):
            piece = lines[max(start, 0) : index + 1]
            if start < 0 or not all(part.strip() for part in piece):
                break
            if _introduces(" ".join(part.strip() for part in piece), ours, below=below, quoted_next=marked):
                start = _opening(lines, start, index)
                return start, index + 1 - start
    return len(lines), 0


def _opening(lines: list[str], start: int, end: int) -> int:
    """Where a header begins whose date, or whose name, stands in the line above the part that was recognised."""
    above = lines[start - 1] if start else ""
    named = lines[start].lstrip().startswith("<") or (_MAILBOX.search(above) and not _MAILBOX.search(lines[start]))
    if above.strip() and named and len(above) <= _LONGEST_NAME:
        return start - 1
    undated = not any(_DATED.search(line) for line in lines[start : end + 1])
    return start - 1 if undated and _DATED.search(above) else start


def _introduces(line: str, ours: Ours, *, below: str, quoted_next: bool) -> bool:
    """Whether a (joined) line says that a quote follows; `below` is the line that may be its first, "" under a quote,
    where people answer, with dates too."""
    if len(line) > MAX_LINE or not line:
        return False
    bare = line.strip("*_ ").rstrip(":： ").casefold()
    colon = line.rstrip("*_ ").endswith((":", "："))
    if _DASHED.fullmatch(line) and any(char.isalpha() for char in line):
        return True
    if ours.named(line) and (colon or quoted_next) and not line.rstrip().endswith("?"):
        return True
    if not colon and not quoted_next:
        return False
    plain = line.translate(_DIGITS)
    if colon and _DATED.search(plain) and _MAILBOX.search(line):
        return True  # a day and somebody's address, in any language
    if colon and _YEAR.search(plain) and below and (ours.repeats(below) or flat(below) in ours.all):
        return True  # a day, and our own words under it
    dated = any(char.isdigit() for char in line) and (":" in line[:-1] or "," in line or "@" in line or "/" in line)
    exact = bool(_YEAR.search(plain) and _CLOCK.search(plain))  # "4.5.2026 klo 10.00", where no comma stands
    return (dated or exact) and any(_ends(bare, word) for word in _WROTE)


def _ends(bare: str, word: str) -> bool:
    """The line ends in the word, or holds it before a name (German puts "schrieb Cellback <r@...>:")."""
    return bare.endswith(word) or f" {word} " in bare


def _outlook(lines: list[str], index: int) -> int:
    """Length of the block of labels (From, Sent, To ...) that starts here, 0 when there is none."""
    first = _LABEL.match(lines[index].strip())
    if first is None or not (_is_from(first) or _dated_first(lines, index)):
        if not (set(lines[index].strip()) <= {"_"} and len(lines[index].strip()) >= 10):
            return 0
        rest = next((i for i in range(index + 1, min(index + 3, len(lines))) if lines[i].strip()), None)
        inner = _outlook(lines, rest) if rest is not None else 0
        return inner + (rest - index) if inner and rest is not None else 0
    length = 1
    while index + length < len(lines) and length < 8 and _LABEL.match(lines[index + length].strip()):
        length += 1
    return length if length >= 3 else 0


def _is_from(label: re.Match[str]) -> bool:
    return label.group(1).strip().casefold() in _FROM


def _dated_first(lines: list[str], index: int) -> bool:
    """A block that begins with its date or subject, and names the sender, with an address, in one of the next lines."""
    for line in lines[index + 1 : index + 4]:
        label = _LABEL.match(line.strip())
        if label is None:
            return False
        if _is_from(label):
            return bool(_MAILBOX.search(line))
    return False
