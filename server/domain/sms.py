"""How long a text is as an SMS: its encoding, its segments, and the characters that make it dear.

Source: 3GPP TS 23.038 (formerly GSM 03.38), section 6.2.1, for the alphabet; TS 23.040 for long messages, whose header
takes 6 bytes of the 140 of each segment: 153 of 160 septets, or 67 of 70 code units of UTF-16.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet that every phone knows: one septet each."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Behind an escape: two septets each, which never stand in two segments."""

REPLACEMENTS = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "′": "'", "‹": "'", "›": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-", "•": "-", "·": ".", "…": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u200a": " ", "\t": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\u200e": "", "\u200f": "",
    "\u2028": "\n", "\u2029": "\n", "×": "x", "ﬁ": "fi", "ﬂ": "fl",
}  # fmt: skip
"""What word processors put in place of plain characters, and the plain ones. No letter of any language is among them;
what joins letters of other scripts goes only where there are none (see `suggest`)."""


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "GSM-7"
    UCS2 = "Unicode"


_SIZES = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
"""Units that fit into a single segment, and into each of several."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A character that a plain SMS can't carry, by its Unicode name; `instead` is what could stand there, None where
    nothing could without changing the text's words."""

    character: str
    name: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """A text as an SMS: segments, units used (septets, or code units of UTF-16), units left in the last segment."""

    encoding: Encoding
    segments: int
    units: int
    left: int
    odd: tuple[Odd, ...] = ()


def segments(text: str) -> Size:
    """How a text is cut for sending. An empty text has no segment."""
    odd = tuple(_odd(character) for character in dict.fromkeys(text) if not _plain(character))
    encoding = Encoding.UCS2 if odd else Encoding.GSM7
    costs = [_cost(character, encoding) for character in text]
    units = sum(costs)
    single, each = _SIZES[encoding]
    if units <= single:
        return Size(encoding, 1 if text else 0, units, single - units, odd)
    count, used = 1, 0
    for cost_of_one in costs:  # an escaped character and a surrogate pair never stand in two segments
        if used + cost_of_one > each:
            count, used = count + 1, 0
        used += cost_of_one
    return Size(encoding, count, units, each - used, odd)


def suggest(text: str) -> tuple[Odd, ...]:
    """The typographic characters of a text that plain ones could replace, so that it takes fewer segments.

    Empty when replacing them all would leave the text in Unicode: it would lose its looks and gain nothing.
    """
    found = segments(text).odd
    if not found or any(one.instead is None for one in found):
        return ()
    return found


def plain(text: str) -> str:
    """The text with everything replaced that `suggest` names; the same text where it names nothing."""
    return text.translate({ord(one.character): one.instead for one in suggest(text)})


def cost(count: int, price: Decimal) -> Decimal:
    """What so many segments cost at a price for each."""
    return count * price


def _plain(character: str) -> bool:
    return character in BASIC or character in EXTENSION


def _cost(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _odd(character: str) -> Odd:
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return Odd(character, name, REPLACEMENTS.get(character))
