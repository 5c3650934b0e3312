"""Our own sentences in the language of whoever asks. What they say is decided elsewhere, in English; cells keep that.

A sentence is recognised by its pattern (catalogue/<language>.json: English with named holes -> the same in the
language). What stands in a hole is not touched, unless the translation marks it `{~so}`: then it is a sentence, or a
piece of one, itself. What no pattern fits stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
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


def say(text: str, tag: str, depth: int = DEEPEST) -> str:
    """Sentences of ours in that language: the whole text by one pattern, else one sentence after the other."""
    if not text or tag == OTHERWISE or tag not in spoken() or not depth:
        return text
    book = _book(tag)
    if (whole := book.say(text, depth)) is not None:
        return whole
    parts = re.split(r"(?<=[.?!]) ", text)
    if len(parts) > SENTENCES:
        return text
    told, at = [], 0
    while at < len(parts):
        end, sentence = _longest(book, parts, at, depth)
        told.append(sentence)
        at = end
    return " ".join(told)


def _longest(book: _Book, parts: list[str], at: int, depth: int) -> tuple[int, str]:
    """As many of the parts from there on as one pattern fits, and where they end; one that none fits stays."""
    for end in range(len(parts), at, -1):
        if (sentence := book.say(" ".join(parts[at:end]), depth)) is not None:
            return end, sentence
    return at + 1, parts[at]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One sentence: how to recognise it, and how it is said. `weight`: its letters that are no hole."""

    english: str
    head: str
    tail: str
    needle: str
    shape: re.Pattern[str]
    words: str
    weight: int

    def say(self, text: str, tag: str, depth: int) -> str | None:
        """The text in the language, None when it is another sentence."""
        if self.needle not in text or not text.startswith(self.head) or not text.endswith(self.tail):
            return None
        found = self.shape.fullmatch(text)
        if found is None:
            return None
        return HOLE.sub(lambda hole: say(found[hole[2]], tag, depth - 1) if hole[1] else found[hole[2]], self.words)


class _Book:
    """A language's sentences, found by their first words. The pattern with the most letters of its own wins."""

    def __init__(self, tag: str, entries: Mapping[str, str]) -> None:
        self.tag = tag
        self.plain = {english: words for english, words in entries.items() if not HOLE.search(english)}
        patterns = [_pattern(english, words) for english, words in entries.items() if HOLE.search(english)]
        patterns.sort(key=lambda one: -one.weight)
        self.open = [one for one in patterns if " " not in one.head]
        firsts = {one.head.split(" ", 1)[0] for one in patterns if " " in one.head}
        self.by_first = {first: list(_of(patterns, first)) for first in firsts}

    def say(self, text: str, depth: int) -> str | None:
        """What one of the patterns makes of the whole text; None when none fits it."""
        if (plain := self.plain.get(text)) is not None:
            return plain
        for one in self.by_first.get(text.split(" ", 1)[0], self.open):
            if (told := one.say(text, self.tag, depth)) is not None:
                return told
        return None


def _of(patterns: Iterable[_Pattern], first: str) -> Iterator[_Pattern]:
    for one in patterns:
        if " " not in one.head or one.head.split(" ", 1)[0] == first:
            yield one


def _pattern(english: str, words: str) -> _Pattern:
    holes = list(HOLE.finditer(english))
    starts = [0, *(hole.end() for hole in holes)]
    ends = [*(hole.start() for hole in holes), len(english)]
    literals = [english[start:end] for start, end in zip(starts, ends, strict=True)]
    shape = re.escape(literals[0])
    for hole, before, after in zip(holes, literals, literals[1:], strict=False):
        quoted = before.endswith("“") and after.startswith("”")
        inner = r"\d[\d.,]*" if hole[2] in FIGURES else r"[^“”]*" if quoted else r".+?"
        shape += f"(?P<{hole[2]}>{inner}){re.escape(after)}"
    return _Pattern(
        english=english,
        head=literals[0],
        tail=literals[-1],
        needle=max(literals, key=len),
        shape=re.compile(shape, re.DOTALL),
        words=words,
        weight=sum(map(len, literals)),
    )


@cache
def _book(tag: str) -> _Book:
    return _Book(tag, json.loads((CATALOGUE / f"{tag}.json").read_text(encoding="utf-8")))
