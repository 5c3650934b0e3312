"""What a person wrote now, apart from what their mail program repeated; automatic mail.

Own anchor: we know our own address and text, so quotes are found in any language. Signatures are never cut:
every library that does so loses short answers ("- Yes, Friday works"). All scans are linear, over capped text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.quoting import MAX_CHARS, MAX_LINE, MAX_LINES, Ours, flat, head, normalise

__all__ = ["MAX_CHARS", "MAX_LINE", "MAX_LINES", "Parts", "is_automatic", "normalise", "split"]


@dataclass(frozen=True, slots=True)
class Parts:
    """A reply in two: what is new, and what is quoted ("" when nothing is)."""

    visible: str
    quoted: str = ""


def split(text: str, *, our_text: str = "", our_address: str = "") -> Parts:
    """Tell a reply's new words from the quoted ones.

    Cut are: the line over a quote (in any language when it has a day and somebody's address, or stands over our own
    words), lines such as `On ... wrote:`, Outlook's `From: Sent: To:` block, `>` lines and lines equal to what we sent.
    Words under or between `>` lines are kept: people answer there. When nothing would be left, everything is kept.
    """
    whole = normalise(text)
    lines = whole.split("\n")
    ours = Ours(our_text, our_address)
    start, length = head(lines, ours)
    before = [(line, ours.sent(line)) for line in lines[:start]]
    after = _after(lines[start + length :], ours, answered=any(line.strip() and not cut for line, cut in before))
    marked = [*before, *((line, True) for line in lines[start : start + length]), *after]
    visible = normalise("\n".join(line for line, cut in marked if not cut)).strip()
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in visible):
        return Parts(whole.strip())
    return Parts(visible, "\n".join(line for line, cut in marked if cut).strip())


def _after(lines: list[str], ours: Ours, *, answered: bool) -> list[tuple[str, bool]]:
    """What stands under the header: `>` lines and our own words are cut, answers between or under them kept.

    Without `>` the end of a quote can't be seen: when there was an answer above, all of it is quote.
    """
    if any(line.lstrip().startswith(">") for line in lines):
        return [(line, ours.repeats(line) or _wrapped(lines, index)) for index, line in enumerate(lines)]
    if answered or not ours.words:
        return [(line, True) for line in lines]
    return _own_lines(lines, ours)


def _own_lines(lines: list[str], ours: Ours) -> list[tuple[str, bool]]:
    """Cut our own words from under a header; our short lines ("Thank you!") only as far as our text reaches."""
    end = max((index for index, line in enumerate(lines) if ours.repeats(line)), default=-1) + 1
    while end < len(lines) and flat(lines[end]) in ours.all:
        end += 1
    return [(line, index < end and (ours.repeats(line) or flat(line) in ours.all)) for index, line in enumerate(lines)]


def _wrapped(lines: list[str], index: int) -> bool:
    """A piece that a long `>` line lost to the next line: between two `>` lines, starting in lower case."""
    around = lines[index - 1 : index] + lines[index + 1 : index + 2]
    inside = len(around) == 2 and all(line.lstrip().startswith(">") for line in around)
    long_before = inside and len(lines[index - 1]) >= 60
    return long_before and len(lines[index].split()) <= 3 and lines[index][:1].islower()


_AUTOMATIC_HEADERS = (
    *("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"),
    "x-ms-exchange-generated-message-source",
)
_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})

_AUTOMATIC_SUBJECTS = (
    *("out of office", "out of the office", "out-of-office", "automatic reply", "auto reply", "auto-reply"),
    *("autoreply", "auto response", "autoresponse", "away from the office", "vacation reply", "abwesenheitsnotiz"),
    *(
        "automatische antwort",
        "abwesend",
        "abwesenheit",
        "réponse automatique",
        "absence du bureau",
        "absent du bureau",
    ),
    *("respuesta automática", "fuera de la oficina", "risposta automatica", "fuori sede", "resposta automática"),
    *("fora do escritório", "automatisch antwoord", "afwezigheid", "autosvar", "automatiskt svar", "automatisk svar"),
    *("frånvaro", "fraværsmelding", "automatyczna odpowiedź", "automatická odpověď", "poissaolo", "automaattinen"),
    *("автоматический ответ", "автоответ", "отсутствие на рабочем", "自动回复", "自動回覆", "自動応答", "不在通知"),
    *("otomatik yanıt", "automatikus válasz", "자동 회신", "부재중", "رد تلقائي", "מענה אוטומטי"),
    *("undelivered mail", "undeliverable", "delivery status notification", "mail delivery failed", "returned mail"),
)


def is_automatic(headers: Mapping[str, str], subject: str) -> bool:
    """Whether a machine wrote this mail: RFC 3834 headers, bounces, or an out-of-office subject.

    `headers` have lower-case names. `X-Auto-Response-Suppress` is no evidence: people's mail carries it too.
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].split("(")[0].strip().casefold()
    if submitted and submitted != "no":
        return True
    if any(headers.get(name, "no").strip().casefold() not in {"no", ""} for name in _AUTOMATIC_HEADERS):
        return True
    if headers.get("precedence", "").strip().casefold() in _PRECEDENCE:
        return True
    if headers.get("content-type", "").strip().casefold().startswith("multipart/report"):
        return True
    if headers.get("return-path", "").strip() == "<>":
        return True
    return any(words in subject[:300].casefold() for words in _AUTOMATIC_SUBJECTS)
