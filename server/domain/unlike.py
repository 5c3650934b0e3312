"""Which drafts look unlike the rest, and in what: what a person who can't read a thousand of them reads first. Pure.

Each draft is compared without the row's own values, which are to differ. What is said of one is one thing, the oddest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

FEW = 4
"""Fewer drafts than this are no rest to be unlike."""
MOST_WORDS = 3
"""Words that a reason names."""
USUAL = 0.7
"""A line that so many of the drafts have is one that the others lack."""
SELDOM = 0.02
"""A number in more of the drafts than this is no oddity of one."""


@dataclass(frozen=True, slots=True)
class Text:
    """A draft, and the cells of its row that it may rest on; not `placed`: its row was not found."""

    key: str
    text: str
    subject: str = ""
    values: tuple[str, ...] = ()
    person: str = ""
    placed: bool = True


@dataclass(frozen=True, slots=True)
class Odd:
    """A draft that looks unlike the rest. `kind`: placeholder, number, language, longer, shorter, no_greeting,
    no_question, no_line, line or words; `words` is what is meant (a code for a language), `amount` how many percent of
    the others' length. `score` puts the oddest first."""

    key: str
    kind: str
    score: float
    words: str = ""
    amount: int = 0
    person: str = ""

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return _SENTENCES[self.kind].format(words=self.words, amount=self.amount)


# fmt: off
_SENTENCES = {
    "placeholder": "It holds “{words}”, which looks like something left to fill in.",
    "number": "“{words}” stands in no cell of the row, and in hardly any other draft.",
    "language": "It is in another language than the others.",
    "longer": "It is much longer than the others: {amount}% of their length.",
    "shorter": "It is much shorter than the others: {amount}% of their length.",
    "no_greeting": "It does not begin as the others do: “{words}”.",
    "no_question": "The question of the others is missing: “{words}”.",
    "no_line": "A line of the others is missing: “{words}”.",
    "line": "No other draft says: “{words}”.",
    "words": "It uses words that no other draft does: {words}.",
}
_SMALL = {
    "en": "the and you your is are to of for with please this will can could be at on we it our have if",
    "de": "der die das und sie ihr ihre ist sind zu für mit bitte wir es um am auf nicht uns haben können den dem ein",
    "es": "el la los las y de su sus es para con por favor que en un una usted le lo nos puede gracias al del se",
    "fr": "le la les et vous votre vos est sont pour avec merci de des du un une que nous dans pas ce à au pouvez",
    "pt": "o a os as e de seu sua é para com por favor que em um uma você nos pode obrigado ao do da não se",
    "it": "il la i le e di suo sua è per con che in un una lei ci può grazie al del della non si gli lo",
    "nl": "de het een en u uw is zijn voor met van dat wij op niet ons kunt om aan te bij graag bedankt dit",
}
# fmt: on
_MARKERS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_LEFTOVER = re.compile(
    r"\{\{?[^{}\n]{0,60}\}\}?|\[[^\[\]\n]{1,40}\]|<<?[A-Za-z][^<>\n]{0,40}>>?|_{3,}|\bX{3,}\b|\bTB[CDA]\b|\?{3,}"
    r"|(?i:\blorem ipsum\b)|#(?:REF|N/A|VALUE|NAME)\S*|\bundefined\b|\bNaN\b|\bnull\b"
)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PART = re.compile(r"[^\W_]+")
_SPACE = re.compile(r"\s+")
_GAP = "\x00"


@dataclass(frozen=True, slots=True)
class _Shape:
    """A draft without its row's values: its lines as compared, the same as shown, its words and numbers."""

    text: Text
    lines: tuple[tuple[str, str], ...]
    words: frozenset[str]
    numbers: tuple[str, ...]
    size: int
    bare: str


def odd(texts: Sequence[Text]) -> list[Odd]:
    """The drafts that look unlike the rest, the oddest first; each once, with what is oddest about it."""
    shapes = [_shape(text) for text in texts]
    found = [_leftover(shape) for shape in shapes]
    if len(shapes) >= FEW:
        found += _compared(shapes)
    best: dict[str, Odd] = {}
    for one in found:
        if one is not None and (one.key not in best or one.score > best[one.key].score):
            best[one.key] = one
    return sorted(best.values(), key=lambda one: -one.score)


def _shape(text: Text) -> _Shape:
    subject, _, bare = _without(f"{text.subject}\n{text.text}", text.values).partition("\n")
    lines = tuple(pair for line in bare.splitlines() for pair in _lines(line))
    words = frozenset(word for line in bare.casefold().splitlines() for word in _words(line))
    numbers = tuple(_NUMBER.findall(bare))
    return _Shape(text, lines, words, numbers, len(bare) - bare.count(_GAP), f"{subject}\n{bare}")


def _without(text: str, values: Iterable[str]) -> str:
    """The text with a gap wherever a value of the row stands, whole, or (a name, a date) in parts. No regular
    expression for each row: there may be ten thousand."""
    known = {stripped for value in values if (stripped := value.strip())}
    for value in sorted(known, key=len, reverse=True):
        if len(value) > 1 or value.isdigit():
            text = _cut(text, value)
    own = {part for value in known for part in _PART.findall(value) if len(part) > 1 and not part[0].islower()}
    return _PART.sub(lambda match: _GAP if match[0] in own else match[0], text) if own else text


def _cut(text: str, value: str) -> str:
    """The text with a gap for each whole place of the value."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        inside = (at and text[at - 1].isalnum() and value[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and value[-1].isalnum()
        )
        if inside:
            at = text.find(value, end)
        else:
            text = text[:at] + _GAP + text[end:]
            at = text.find(value, at + 1)
    return text


@lru_cache(4096)
def _lines(line: str) -> tuple[tuple[str, str], ...]:
    """The sentences of a line: as compared, and as shown. Without the rows' values most drafts have the same ones."""
    found = []
    for part in re.split(r"(?<=[.!?])\s+", line):
        folded = _SPACE.sub(" ", part.casefold().replace(_GAP, " ")).strip(" ,.:;!")
        if folded:
            asks = part.rstrip().endswith("?") and not folded.endswith("?")
            found.append((f"{folded}?" if asks else folded, _said(part)))
    return tuple(found)


@lru_cache(4096)
def _words(line: str) -> frozenset[str]:
    return frozenset(_WORD.findall(line))


def _said(part: str) -> str:
    shown = " ".join(part.replace(_GAP, "…").split())
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def _leftover(shape: _Shape) -> Odd | None:
    match = _LEFTOVER.search(shape.bare)
    return _odd(shape, "placeholder", 100, match[0].replace(_GAP, "…")) if match else None


def _compared(shapes: Sequence[_Shape]) -> list[Odd | None]:
    usual = _Usual(shapes)
    found: list[Odd | None] = []
    for shape in shapes:
        found += [usual.language(shape), usual.length(shape)]
        if shape.text.placed:  # else what is the row's own would count as the text's
            found += [usual.number(shape), usual.missing(shape), usual.line(shape), usual.rare(shape)]
    return found


class _Usual:
    """What most of the drafts have in common."""

    def __init__(self, shapes: Sequence[_Shape]) -> None:
        self._all = len(shapes)
        self._lines = Counter(line for shape in shapes for line in {folded for folded, _ in shape.lines})
        self._shown = {folded: shown for shape in shapes for folded, shown in shape.lines}
        self._words = Counter(word for shape in shapes for word in shape.words)
        self._numbers = Counter(number for shape in shapes for number in set(shape.numbers))
        self._first = Counter(shape.lines[0][0] for shape in shapes if shape.lines)
        self._size = median(shape.size for shape in shapes)
        self._spread = median(abs(shape.size - self._size) for shape in shapes)
        self._languages = [_language(shape.words) for shape in shapes]
        known = Counter(one for one in self._languages if one).most_common(1)
        self._language = known[0][0] if known and known[0][1] >= USUAL * self._all else ""
        self._expected = [line for line, count in self._lines.items() if USUAL * self._all <= count < self._all]
        alone = sum(count == 1 for count in self._lines.values())
        self._uniform = alone <= max(2, 0.05 * self._all)
        self._own = {id(shape): sum(self._words[word] == 1 for word in shape.words) for shape in shapes}
        self._usual_own = median(self._own.values())

    def number(self, shape: _Shape) -> Odd | None:
        """A number that its row does not give."""
        strange = [one for one in shape.numbers if self._numbers[one] <= max(1, SELDOM * self._all)]
        return _odd(shape, "number", 90, strange[0]) if strange else None

    def language(self, shape: _Shape) -> Odd | None:
        """Another language than that of most."""
        own = _language(shape.words)
        return _odd(shape, "language", 80, own) if own and self._language and own != self._language else None

    def length(self, shape: _Shape) -> Odd | None:
        """Much longer or shorter than most; what differs a little from row to row is no oddity."""
        if not self._size:
            return None
        share = shape.size / self._size
        far = abs(shape.size - self._size) > max(30.0, 5 * self._spread)
        kind = "longer" if share >= 1.5 else "shorter" if share <= 0.6 else ""
        return (
            _odd(shape, kind, 40 + min(15.0, 10 * abs(share - 1)), amount=round(100 * share)) if kind and far else None
        )

    def missing(self, shape: _Shape) -> Odd | None:
        """A line, a greeting or a question that most have."""
        own = {folded for folded, _ in shape.lines}
        lost = [line for line in self._expected if line not in own]
        if not lost:
            return None
        question = next((line for line in lost if line.endswith("?")), "")
        if question:
            return _odd(shape, "no_question", 70, self._shown[question])
        greeting = next((line for line in lost if self._first[line] >= USUAL * self._all), "")
        if greeting:
            return _odd(shape, "no_greeting", 60, self._shown[greeting])
        return _odd(shape, "no_line", 50, self._shown[lost[0]])

    def line(self, shape: _Shape) -> Odd | None:
        """Something that no other says, where the others all say the same."""
        own = [shown for folded, shown in shape.lines if self._lines[folded] == 1]
        return _odd(shape, "line", 45, own[0]) if own and self._uniform else None

    def rare(self, shape: _Shape) -> Odd | None:
        """Words that no other has, far more than others have of their own."""
        count = self._own[id(shape)]
        if count < 2 or count <= 3 * self._usual_own + 1:
            return None
        strange = sorted(word for word in shape.words if self._words[word] == 1)
        return _odd(shape, "words", 20 + min(15, count), ", ".join(strange[:MOST_WORDS]))


def _language(words: frozenset[str]) -> str:
    """The language that the small words of a text belong to, "" where they do not tell."""
    counts = sorted(((len(words & small), language) for language, small in _MARKERS.items()), reverse=True)
    (most, language), (second, _) = counts[0], counts[1]
    return language if most >= 3 and most >= second + 2 else ""


def _odd(shape: _Shape, kind: str, score: float, words: str = "", amount: int = 0) -> Odd:
    return Odd(shape.text.key, kind, score, words, amount, shape.text.person)
