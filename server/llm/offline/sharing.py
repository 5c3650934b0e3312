"""Telling a row its own values: which columns some words name, and the sentence that carries them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.table import fold
from server.domain.templates import ERROR_CELL
from server.llm.offline import columns
from server.llm.offline.instruction import Clause
from server.llm.offline.person import second_person, sentence
from server.llm.offline.phrases import PHRASES

_PIECES = re.compile(r"\s*(?:,\s*(?:and|und|et|y)\s|,|\s(?:and|und|et|y|&|as well as)\s)\s*", re.IGNORECASE)
_FLUFF = re.compile(r"\b(?:individual|own|personal|respective|exact|assigned)\s+", re.IGNORECASE)
_BEHIND = re.compile(r"\s(?:on|for|at|in|by|from|with|to|so|because)\s", re.IGNORECASE)
_OWNED = re.compile(r"(?:your|the|our|this|these|an?)\s", re.IGNORECASE)
_WH = re.compile(r"(?:when|where|which|what|who|how|at what)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences for the text, and a doubt ("" when there is none)."""

    text: str
    doubt: str = ""


def shared(words: str, titles: Sequence[str]) -> tuple[str, ...]:
    """The columns that `their start time, room and group` names; for `their details` all of them, up to eight."""
    named = columns.mentioned(words, titles)
    if not named and _details(words):
        return tuple(title for title in titles if not columns.is_contact(title))[:8]
    named = named or columns.mentioned(_BEHIND.split(words)[0], titles)
    found = {fold(title): title for piece in items_of(words, titles) for title in columns.mentioned(piece, titles)}
    found |= {fold(title): title for title in named if fold(title) not in found}
    return tuple(found.values())


def without(words: str, titles: Sequence[str], left_out: Sequence[str]) -> str:
    """The words without the things that are to be left out; all of them, where none is."""
    if not left_out:
        return words
    items = items_of(words, titles)
    kept = [piece for piece in items if not any(_same(piece, words) for words in left_out)]
    return words if len(kept) == len(items) else " and ".join(kept)


def _same(piece: str, words: str) -> bool:
    """Whether a listed thing is the one that these words name: nothing else of meaning stands in it."""
    noun = _BEHIND.split(piece)[0]
    return bool(columns.content(words)) and not columns.residue(noun, [words]) and not columns.residue(words, [noun])


def tell(clause: Clause, titles: Sequence[str], record: Mapping[str, str], language: str) -> Told:
    """The values that a SHARE clause names, as sentences. A doubt names what no column is called, or an empty cell."""
    named = shared(clause.words, titles)
    said = second_person(clause.words) or ""
    if not named:
        if clause.reminder and said and language == "en" and not _OWNED_BY_ROW.match(clause.words):
            return Told(f"This is a reminder of {said}.")
        return Told("", _nothing(clause.words))
    cells = {title: record.get(title, "").strip() for title in named}
    missing = "" if language != "en" or _details(clause.words) else _unnamed(clause.words, titles)
    doubt = " ".join(part for part in (missing, cell_doubt(cells)) if part)
    shown = {title: value for title, value in cells.items() if value}
    if not shown:
        return Told("", doubt)
    if len(named) == 1 and language == "en" and "\n" not in shown[named[0]]:
        text = _single(said, named[0], shown[named[0]], titles)
        return Told(f"{PHRASES.get(language, PHRASES['en']).reminder} {text}" if clause.reminder else text, doubt)
    lines = [f"{title}: {value}" for title, value in shown.items()]
    return Told("\n".join([_intro(clause, said, language, complete=not missing), "", *lines]), doubt)


def _intro(clause: Clause, said: str, language: str, *, complete: bool) -> str:
    """The line over a list of values: in the instruction's own words where they are a plain noun phrase."""
    phrases = PHRASES.get(language, PHRASES["en"])
    plain = language == "en" and complete and _OWNED.match(said) and not _WH.match(said) and len(said.split()) <= 15
    if plain and clause.reminder:
        return f"This is a reminder of {said}."
    if plain and not _details(clause.words):
        noun = _FLUFF.sub("", said)
        return f"Here {'are' if len(_PIECES.split(noun)) > 1 or _plural(noun) else 'is'} {noun}:"
    return f"{phrases.reminder} {phrases.details}" if clause.reminder else phrases.details


_OWNED_BY_ROW = re.compile(r"(?:their|his|her)\b", re.IGNORECASE)


def cell_doubt(cells: Mapping[str, str]) -> str:
    """A sentence that names the cells that are empty or hold an error, "" when all are fine."""
    empty = [f"“{title}”" for title, shown in cells.items() if not shown.strip()]
    broken = [f"“{title}” shows {shown}" for title, shown in cells.items() if ERROR_CELL.match(shown.strip())]
    sentences = [f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty in this row."] if empty else []
    return " ".join([*sentences, *(f"{each} in this row." for each in broken)])


def in_sentence(title: str, language: str) -> str:
    """A title within a sentence: `Start time` -> start time, while `ID card`, `T-shirt` and German nouns stay."""
    lowered = language != "de" and len(title) > 1 and title[1].islower()
    return title[0].lower() + title[1:] if lowered else title


def items_of(words: str, titles: Sequence[str]) -> list[str]:
    """The things listed; a title that itself holds "and" stays whole."""
    whole = columns.mentioned(words, titles)
    if len(whole) == 1 and " and " in whole[0].casefold() and not columns.residue(words, whole):
        return [words]
    return [piece for piece in _PIECES.split(words) if piece.strip()]


def _single(said: str, title: str, shown: str, titles: Sequence[str]) -> str:
    """`Your start time is 09:40.` in the instruction's own words where they are a noun phrase."""
    noun = _FLUFF.sub("", said).strip(" .,;:")
    phrase = bool(_OWNED.match(noun)) and not _WH.match(noun) and len(noun.split()) <= 10
    if not phrase or len(items_of(noun, titles)) > 1 or "{" in noun:
        alone = len(items_of(noun, titles)) == 1
        short = alone and not _WH.match(noun) and len(noun.split()) <= 4
        bare = noun if short and columns.mentioned(noun, [title]) else ""
        noun = bare or in_sentence(title, "en")
        noun = noun if _OWNED.match(noun) else f"your {noun}"
    noun = re.sub(r"^an?\s", "your ", noun)
    return sentence(f"{noun} {'are' if _plural(noun) else 'is'} {shown}")


def _plural(noun: str) -> bool:
    head = re.split(r"\s(?:of|for|on|at|in|from|to|with)\s", noun)[0].split()[-1].casefold()
    return head.endswith("s") and not head.endswith(("ss", "us", "is", "address"))


def _details(words: str) -> bool:
    return bool(set(columns.content(words)) & columns.DETAILS)


def _unnamed(words: str, titles: Sequence[str]) -> str:
    """A doubt for a listed thing that no column is called."""
    items = items_of(words, titles)
    lost = [piece.strip(" .") for piece in items if columns.content(piece) and not columns.mentioned(piece, titles)]
    return _nothing(lost[0]) if lost and len(items) > 1 else ""


def _nothing(words: str) -> str:
    return (
        f"The instruction names “{words.strip()[:80]}”, and no column is called that. "
        "Name the column, or write the text with {{placeholders}}."
    )
