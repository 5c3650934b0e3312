"""From the organiser's "they" to the recipient's "you", in English."""

from __future__ import annotations

import re

_SWAPS = (
    (r"they(?:'|’)(re|ve|ll|d)\b", r"you'\1"),
    (r"(?:they|he or she|she or he|he/she|s/he) (?:is|was)\b", "you are"),
    (r"(?:they|he or she|she or he|he/she|s/he) (?:has)\b", "you have"),
    (r"(?:he|she) (can|could|will|would|should|must|may|might)\b", r"you \1"),
    (r"(?:he|she) (?:is)\b", "you are"),
    (r"(?:he|she) (?:has)\b", "you have"),
    (r"(?:each|every) \w+ (?:is)\b", "you are"),
    (r"(?:each|every) \w+ (can|could|will|would|should|must)\b", r"you \1"),
    (r"they\b", "you"),
    (r"(?:themselves|themself|himself|herself)\b", "yourself"),
    (r"theirs\b", "yours"),
    (r"(?:his or her|his/her|her or his|their|his|her)\b", "your"),
    (r"them\b", "you"),
    (r"him\b", "you"),
)
_PATTERNS = tuple((re.compile(rf"\b{pattern}", re.IGNORECASE), to) for pattern, to in _SWAPS)
_STILL_THIRD = re.compile(r"\b(?:he|she|each|everyone|everybody) ?(?:\w+s)?\b", re.IGNORECASE)
_THIRD = re.compile(r"\b(?:he|she)\b|\bhe or she\b|\bhe/she\b", re.IGNORECASE)


def second_person(words: str) -> str | None:
    """`their start time` -> `your start time`; None when a verb would have to change (`she needs`)."""
    for pattern, to in _PATTERNS:
        words = pattern.sub(to, words)
    return None if _THIRD.search(words) else words.strip()


def sentence(words: str) -> str:
    """Capital letter in front, full stop behind."""
    words = words.strip()
    if not words:
        return ""
    closed = words if words[-1] in ".!?…" else f"{words}."
    return closed[0].upper() + closed[1:]
