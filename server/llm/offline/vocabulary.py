"""What words do in a reply: `vocabulary.txt` and `words/*.txt`, for people to read and extend, as look-up tables.

Marks are letters, so that a clause is a string:

    Y yes            N no              G suits, works    g nice, noted (weak)   A can, will      C come, confirm
    Z can't, won't   X not             B can't at all    b busy, ill (weak)     + see you there  S sorry
    H hedge          I condition       K but, only       L later, other time    Q asks           O somebody else
    W a wish ("I'd love to")           r received (weak)
                                       c come (a bare verb, needs I or can)     t on time (doubtful beside a no)
    F courtesy       0 says nothing    P I, we           U unknown (no entry)   T a time or number of their own

`vocabulary.txt` holds English, and what is plain in any language; `words/` has a file for each language whose words
would mean something else in another one. `[=Y]` over a section: only as a whole clause. A first line `days:` lists the
weekdays, and a phrase with `{day}` stands for as many phrases.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_SECTION = re.compile(r"\[(\S{1,3})\].*")

Phrase = tuple[str, ...]

LANGUAGES = tuple(sorted(path.stem for path in (_HERE / "words").glob("*.txt")))
"""The languages with words of their own; all others (and English) have `vocabulary.txt` alone: ""."""


def load(text: str) -> tuple[dict[Phrase, str], dict[Phrase, str]]:
    """Phrases (as tuples of canonical words) to marks; and those that count only as a whole clause.

    Of two sections with one phrase the first one counts.
    """
    anywhere: dict[Phrase, str] = {}
    alone: dict[Phrase, str] = {}
    mark = ""
    days: list[str] = []
    for line in text.splitlines():
        section = _SECTION.fullmatch(line)
        if section:
            mark = section.group(1)
        elif line.startswith("days:"):
            days = line.partition(":")[2].split()
        elif line and not line.startswith("#"):
            for phrase in _phrases(line, days):
                (alone if mark.startswith("=") else anywhere).setdefault(phrase, mark.lstrip("="))
    return anywhere, alone


def _phrases(line: str, days: list[str]) -> Iterator[Phrase]:
    for phrase in line.split("|"):
        for each in [phrase.replace("{day}", day) for day in days] if "{day}" in phrase else [phrase]:
            yield tuple(each.casefold().split())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The marks of one language's phrases: those found anywhere, and those that count only as a whole clause.

    `whole` gives words that say yes or no in one language and something else in another, or beside other words, their
    mark there.
    """

    phrases: Mapping[Phrase, str]
    alone: Mapping[Phrase, str]
    whole: Mapping[str, str]
    longest: int


PHRASES, ALONE = load((_HERE / "vocabulary.txt").read_text(encoding="utf-8"))

WHOLE = {
    **dict.fromkeys(("y", "n", "ne", "da", "so"), "0"),
    **dict.fromkeys(("k", "nu", "ei", "nie", "ni", "deal", "set"), "U"),
    "si": "I",
}
_BESIDE = {
    "es": {"no": "X"},
    "pt": {"não": "X", "nao": "X", "n": "X", "ñ": "X", "no": "0", "da": "0"},
    "fr": {"ne": "0"},
    "it": {"ne": "0"},
}
"""The same for one language: Spanish "no" is both "no" and "not", Portuguese "no" is "in the"."""


@functools.cache
def vocabulary(language: str = "") -> Vocabulary:
    """The words of a language (one of LANGUAGES, else only the common ones), with and without their accents."""
    own, own_alone = ({}, {}) if language not in LANGUAGES else load(_words(language))
    common = _unaccented(PHRASES) if own else {}  # in English "hâte" is no hate
    phrases = {**common, **_unaccented(own), **PHRASES, **own}
    alone = {**_unaccented(own_alone), **ALONE, **own_alone}
    return Vocabulary(phrases, alone, {**WHOLE, **_BESIDE.get(language, {})}, max(map(len, [*phrases, *alone])))


@functools.cache
def known_words(language: str) -> frozenset[str]:
    """Every word of a language's own phrases: whoever uses several of them writes in it. None for English."""
    if language not in LANGUAGES:
        return frozenset()
    return frozenset(word for phrases in load(_words(language)) for phrase in phrases for word in phrase)


def _words(language: str) -> str:
    return (_HERE / "words" / f"{language}.txt").read_text(encoding="utf-8")


def _unaccented(phrases: Mapping[Phrase, str]) -> dict[Phrase, str]:
    """As people write on phones: `alli estare`."""
    return {tuple(map(unaccented, phrase)): mark for phrase, mark in reversed(list(phrases.items()))}


def unaccented(word: str) -> str:
    """A word without its accents."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


_IN_OUT = {(*who.split(), way) for who in ("i'm", "im", "i am", "we're") for way in ("in", "out")}
IDIOMS = frozenset({("will", "do"), ("can", "do"), ("why", "not"), ("let's", "go"), ("go", "ahead"), *_IN_OUT})
"""Phrases that say yes only when nothing but courtesy stands beside them: "will do", not "will do my taxes"."""
