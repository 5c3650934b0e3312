"""Our own sentences in the language of whoever asks. What they say is decided elsewhere, in English; cells keep that.

A sentence is recognised by its pattern (catalogue/<language>.json: English with named holes -> the same in the
language). What stands in a hole is not touched, unless the translation marks it `{~so}`: then it is a sentence, or a
piece of one, itself. What no pattern fits stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from flask import has_request_context, request
from pydantic import PlainSerializer

from server.web.languages import OTHERWISE, spoken

CATALOGUE = Path(__file__).parent / "catalogue"
HOLE = re.compile(r"(?<!(?<!\{)\{)\{(~?)([a-z_]+\d*)\}")
"""A named hole: braces of a placeholder, `{{so}}`, are none."""
FIGURES = frozenset(
    {
        "amount",
        "approved",
        "count",
        "days",
        "edited",
        "fixed",
        "length",
        "messages",
        "most",
        "position",
        "tokens",
        "unicode",
        "unmet",
        "version",
    }
)
"""Holes that hold a number."""
FIGURE = r"\d[\d.,]*"
BREAK = re.compile(r"(?<=[.?!…]) ")
SENTENCES = 16
"""More than these in one text are not ours."""
DEEPEST = 4

_chosen: ContextVar[str] = ContextVar("language", default="")


def language() -> str:
    """The language to answer in: that of `speaking`, else what the present request accepts best, else English."""
    if not (known := _chosen.get()) and has_request_context():
        known = request.accept_languages.best_match(spoken()) or ""
    return known or OTHERWISE


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speak that language within: for what is said after the request's handler has returned."""
    before = _chosen.set(tag)
    try:
        yield
    finally:
        _chosen.reset(before)


def said(text: str) -> str:
    """Sentences of ours in the language to answer in."""
    return say(text, language())


Sentence = Annotated[str, PlainSerializer(said, return_type=str, when_used="json")]
"""A field that holds sentences of ours (never what people wrote): it is said in the language of who asks."""


def opened(text: str) -> str:
    """A first sentence that lost its full stop, in the language to answer in."""
    return said(f"{text}.").removesuffix(".")


Opening = Annotated[str, PlainSerializer(opened, return_type=str, when_used="json")]
"""The same for a sentence without its full stop."""


def say(text: str, tag: str) -> str:
    """Sentences of ours in that language, one after the other, or several by one pattern that holds others."""
    return text if tag == OTHERWISE or tag not in spoken() else _told(_book(tag), text, DEEPEST)[1]


Told = tuple[int, str]
"""How many letters stayed as they were, and the text."""


def _told(book: _Book, text: str, depth: int) -> Told:
    """The text cut into sentences so that the fewest letters stay as they are: that is how it was put together."""
    ends = [0, *(end for end in (one.end() for one in BREAK.finditer(text)) if _unquoted(text, end)), len(text) + 1]
    if not text or not depth or len(ends) - 1 > SENTENCES:
        return len(text), text
    best: list[Told] = [(0, "")]
    for last in range(1, len(ends)):
        ways = []
        for first in range(last - 1, -1, -1):
            part = text[ends[first] : ends[last] - 1]
            told = book.say(part, depth) or ((len(part), part) if first == last - 1 else None)
            if told is not None:
                ways.append((best[first][0] + told[0], f"{best[first][1]} {told[1]}" if first else told[1]))
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1]


def _unquoted(text: str, end: int) -> bool:
    """Whether what stands before is no open quotation: what we quote is never taken apart."""
    return text.count("“", 0, end) == text.count("”", 0, end)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One sentence: how to recognise it, and how it is said. `weight`: its letters that are no hole."""

    head: str
    tail: str
    needle: str
    shape: re.Pattern[str]
    words: str
    holes: tuple[tuple[str, bool], ...]
    weight: int


class _Book:
    """A language's sentences, found by their first or last words. The pattern with the most letters of its own wins."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.plain = {english: words for english, words in entries.items() if not HOLE.search(english)}
        patterns = [_pattern(english, words) for english, words in entries.items() if HOLE.search(english)]
        patterns.sort(key=lambda one: -one.weight)
        self.open: list[_Pattern] = []
        self.by_first: dict[str, list[_Pattern]] = {}
        self.by_last: dict[str, list[_Pattern]] = {}
        for one in patterns:
            if " " in one.head:
                self.by_first.setdefault(_first(one.head), []).append(one)
            elif " " in one.tail:
                self.by_last.setdefault(one.tail.rsplit(" ", 1)[1], []).append(one)
            else:
                self.open.append(one)

    def say(self, text: str, depth: int) -> Told | None:
        """What the best pattern makes of the whole text; None when none fits it."""
        if (plain := self.plain.get(text)) is not None:
            return 0, plain
        if " " not in text:
            return None
        found: tuple[_Pattern, re.Match[str]] | None = None
        first, two, last = text.split(" ", 1)[0], _first(text), text.rsplit(" ", 1)[1]
        alone = self.by_first.get(first, ()) if first != two else ()
        for known in (self.by_first.get(two, ()), alone, self.by_last.get(last, ()), self.open):
            for one in known:
                if found is not None and one.weight <= found[0].weight:
                    break
                if one.needle in text and text.startswith(one.head) and text.endswith(one.tail):
                    match = one.shape.fullmatch(text)
                    if match is not None:
                        found = one, match
                        break
        return self._fill(*found, depth) if found else None

    def _fill(self, pattern: _Pattern, match: re.Match[str], depth: int) -> Told:
        filled = {
            name: _told(self, match[name], depth - 1) if ours else (len(match[name]), match[name])
            for name, ours in pattern.holes
        }
        return sum(one[0] for one in filled.values()), HOLE.sub(lambda hole: filled[hole[2]][1], pattern.words)


def _first(text: str) -> str:
    """The first two words, where there are as many whole ones; else the first."""
    words = text.split(" ", 2)
    return " ".join(words[:2]) if len(words) == 3 else words[0]


def _pattern(english: str, words: str) -> _Pattern:
    holes = list(HOLE.finditer(english))
    starts = [0, *(hole.end() for hole in holes)]
    ends = [*(hole.start() for hole in holes), len(english)]
    literals = [english[start:end] for start, end in zip(starts, ends, strict=True)]
    shape = re.escape(literals[0])
    for hole, before, after in zip(holes, literals, literals[1:], strict=False):
        quoted = before.endswith("“") and after.startswith("”")
        inner = FIGURE if hole[2] in FIGURES else r"[^“”]*" if quoted else r".+?"
        shape += f"(?P<{hole[2]}>{inner}){re.escape(after)}"
    return _Pattern(
        head=literals[0],
        tail=literals[-1],
        needle=max(literals, key=len),
        shape=re.compile(shape, re.DOTALL),
        words=words,
        holes=tuple((hole[2], bool(hole[1])) for hole in HOLE.finditer(words)),
        weight=sum(map(len, literals)),
    )


@cache
def _book(tag: str) -> _Book:
    return _Book(json.loads((CATALOGUE / f"{tag}.json").read_text(encoding="utf-8")))
