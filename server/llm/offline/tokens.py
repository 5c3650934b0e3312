"""A reply as clauses of marked words, each with its place in the text, so that evidence is always the reply's own."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.away_words import WEEKDAYS
from server.llm.offline.columns import words
from server.llm.offline.vocabulary import IDIOMS, PHRASES, Vocabulary, vocabulary

MAX_TOKENS = 3_000
_TOKEN = re.compile(r"\d+(?:[:.,/\-]\d+)*%?(?:[^\W\d_]+\d*)?|[^\W\d_]\w*(?:['’`´\-][^\W_]+)*|\n|[^\w\s]|_+")
_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'", "‘": "'"})
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\ufe0f\u00ad\U0001f3fb-\U0001f3ff]")
_STOPS = frozenset('.,;:!?…。！？、，；：()[]\n–—|"“”„«»')
_CONJUNCTIONS = words(
    """and but because as since due so although though however und aber weil denn et mais parce puisque y pero
    porque pues e ma perché mas porque maar want och ale bo protože и но потому"""
)
_DAYS = words(
    """monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun tomorrow
    tonight morning afternoon evening noon mornings afternoons evenings montag dienstag mittwoch
    donnerstag freitag samstag sonntag morgen vormittag nachmittag abend lundi mardi mercredi jeudi
    vendredi samedi dimanche demain matin après-midi soir lunes martes miércoles jueves viernes
    sábado domingo mañana tarde noche
    lunedì martedì mercoledì giovedì venerdì segunda terça quarta quinta sexta amanhã domani"""
) | frozenset(WEEKDAYS)
_TYPO_WORDS = {
    first: list(group)
    for first, group in itertools.groupby(
        sorted(
            key[0] for key, mark in PHRASES.items() if len(key) == 1 and len(key[0]) >= 5 and mark in {*"YGCcBHSFAZ+g"}
        ),
        key=lambda word: word[0],
    )
}
"""By their first letter, which few people get wrong: "incorrect" is no typo of "correct"."""


@dataclass(slots=True)
class Token:
    """A word, number, emoji or stop: its canonical form, its span in the reply, its marks (see vocabulary)."""

    text: str
    start: int
    end: int
    mark: str = ""
    typo: bool = False
    joined: bool = False
    """Part of a phrase of several words."""
    idiom: bool = False
    """Starts a phrase that means something only by itself (see vocabulary.IDIOMS)."""


@dataclass(slots=True)
class Clause:
    """Words between two stops, with the stop that ended it. `signature` tells what stands under a sign-off."""

    tokens: list[Token]
    stop: str = ""
    signature: bool = False

    @property
    def marks(self) -> str:
        """The marks of its words, in order."""
        return "".join(token.mark for token in self.tokens)


def tokenise(text: str) -> list[Token]:
    """Words, numbers, emoji and stops of a text, at most MAX_TOKENS, in their canonical form."""
    found = []
    for match in _TOKEN.finditer(text):
        word = canonical(match.group(0))
        if word:
            found.append(Token(word, match.start(), match.end()))
        if len(found) == MAX_TOKENS:
            break
    return found


def canonical(word: str) -> str:
    """Lower case, plain apostrophes, no invisible marks, `yesss` as `yes`."""
    if word == "\n":
        return word
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", word)).translate(_APOSTROPHES).casefold().strip()
    folded = unicodedata.normalize("NFC", folded)
    if (folded,) in PHRASES or not folded[:1].isalpha():
        return folded
    return re.sub(r"([^\W\d_])\1{2,}", r"\1", folded) if len(folded) < 200 else folded[:200]


def clauses(text: str, known: Collection[str] = (), language: str = "") -> list[Clause]:
    """The marked clauses of a reply. `known` are words of the question and the row: they say nothing new."""
    found: list[Clause] = []
    current: list[Token] = []
    for token in tokenise(text):
        if token.text in _STOPS or token.text in {"-", "*", "•"}:
            if current or token.text in "?!….\n":
                found.extend(_conjoined(current, token.text, known, language))
                current = []
        else:
            current.append(token)
    found.extend(_conjoined(current, "", known, language))
    _greetings(found)
    _signature(found)
    _dashed_signature(found, text)
    return found


def _conjoined(tokens: list[Token], stop: str, known: Collection[str], language: str) -> list[Clause]:
    """Mark the words between two stops, then part them at "and", "but", "because"."""
    _mark(tokens, known, vocabulary(language), language)
    found = [Clause([])]
    for token in tokens:
        if token.text in _CONJUNCTIONS and not token.joined and len(tokens) > 1:
            if found[-1].tokens:
                found.append(Clause([]))
            if token.mark == "K":
                found[-1].tokens.append(token)
        else:
            found[-1].tokens.append(token)
    found[-1].stop = stop
    return found


def _mark(tokens: list[Token], known: Collection[str], meanings: Vocabulary, language: str) -> None:
    """Longest phrase first; the marks of a phrase stand on its first word, the others get none."""
    if _alone(tokens, meanings):
        return
    index = 0
    while index < len(tokens):
        length = _fit(tokens, index, meanings)
        if length:
            said = tuple(token.text for token in tokens[index : index + length])
            mark = meanings.phrases[said]
            only = length == len(tokens) and index == 0
            for token in tokens[index : index + length]:
                token.joined = length > 1
            tokens[index].idiom = said in IDIOMS
            tokens[index].mark = mark if only or length > 1 else meanings.whole.get(tokens[index].text, mark)
            if length > 1 and any(word in _DAYS and word not in known for word in said):
                tokens[index].mark += "" if mark == "F" else "T"  # "see you Saturday", and Friday was asked about
            index += length
            continue
        tokens[index].mark = _single(tokens[index], known, language)
        index += 1
    _month_of_may(tokens, known)
    if sum(bool(set(token.mark) - set("F0SY")) for token in tokens) > 1:
        for token in tokens:
            token.mark = "U" if token.idiom else token.mark


def _month_of_may(tokens: list[Token], known: Collection[str]) -> None:
    """`Friday 8 May` hedges nothing."""
    for index, token in enumerate(tokens):
        near = tokens[max(index - 1, 0) : index + 2]
        if token.text == "may" and token.mark == "H" and any(other.text[0].isdigit() for other in near):
            token.mark = "0" if "may" in known else "T"


def _alone(tokens: list[Token], meanings: Vocabulary) -> bool:
    """Mark a clause that is one phrase with nothing but a word of thanks beside it, where that makes it plain."""
    own = list(tokens)
    while own and meanings.phrases.get((own[-1].text,)) == "F":
        own.pop()
    mark = meanings.alone.get(tuple(token.text for token in own)) if own else None
    if mark is None:
        return False
    for token in own:
        token.joined = len(own) > 1
    own[0].mark = mark
    for token in tokens[len(own) :]:
        token.mark = "F"
    return True


def _fit(tokens: list[Token], index: int, meanings: Vocabulary) -> int:
    """The words of the phrase to take here: a longer one that starts within it goes first ("i am | not coming")."""
    length = _phrase(tokens, index, meanings)
    spare = meanings.phrases.get((tokens[index].text,)) in {"P", "0"}  # a longer one, or as long without its "I"
    least = length if spare else length + 1
    later = next((at for at in range(index + 1, index + length) if _phrase(tokens, at, meanings) >= least), 0)
    return _phrase(tokens[:later], index, meanings) if later else length


def _phrase(tokens: list[Token], index: int, meanings: Vocabulary) -> int:
    """How many words the longest phrase has that starts here, 0 when there is none."""
    said = tuple(token.text for token in tokens[index : index + meanings.longest])
    return next((length for length in range(len(said), 0, -1) if said[:length] in meanings.phrases), 0)


def _single(token: Token, known: Collection[str], language: str) -> str:
    """The mark of a word that the vocabulary lacks: known from the question, a number, a typo, or unknown."""
    if token.text in known:
        return "0"
    if token.text[0].isdigit() or token.text in _DAYS:
        return "T"
    if not any(char.isalnum() for char in token.text):
        return "U" if unicodedata.category(token.text[0]) in {"So", "Sk"} else ""
    if len(token.text) >= 6 and token.text.isalpha():
        first = _TYPO_WORDS.get(token.text[0], [])
        close = difflib.get_close_matches(token.text[:30], first, n=1, cutoff=0.86)
        # in other languages than English a letter more is another person, or the future
        if close and (not language or sorted(close[0]) == sorted(token.text)):
            token.typo = True
            return PHRASES[(close[0],)]
    return "U"


def _greetings(found: list[Clause]) -> None:
    """`Hi Maria,`: unknown words behind a greeting are a name."""
    for clause in found[:3]:
        greeted = False
        for count, token in enumerate(clause.tokens):
            greeted = greeted or (token.mark == "F" and count == 0)
            if greeted and token.mark == "U" and count <= 4 and token.text.isalpha():
                token.mark = "F"


_SIGN_OFFS = frozenset(
    words.casefold()
    for words in (
        *(
            "best",
            "regards",
            "best regards",
            "kind regards",
            "warm regards",
            "best wishes",
            "all the best",
            "sincerely",
        ),
        *("yours", "yours sincerely", "cheers", "thanks", "thank you", "many thanks", "br", "kr", "love", "xx", "x"),
        *("lg", "vg", "mfg", "viele grüße", "liebe grüße", "mit freundlichen grüßen", "freundliche grüße", "gruß"),
        *("beste grüße", "grüße", "danke", "vielen dank", "cordialement", "bien cordialement", "amicalement", "bises"),
        *(
            "merci",
            "saludos",
            "un saludo",
            "saludos cordiales",
            "gracias",
            "muchas gracias",
            "atentamente",
            "un abrazo",
        ),
        *("saluti", "cordiali saluti", "abraços", "groeten", "groetjes", "mvg", "mvh", "hälsningar", "pozdrawiam"),
    )
)
_POSTSCRIPT = frozenset({"ps", "p.s", "pps", "nb", "edit", "update"})


def _signature(found: list[Clause]) -> None:
    """What follows a sign-off, or a last short line of names, is a signature: its unknown words say nothing."""
    for index, clause in enumerate(found):
        said = " ".join(token.text for token in clause.tokens)
        rest = [later for later in found[index + 1 :] if later.tokens]
        short = sum(len(later.tokens) for later in rest) <= 4
        if said in _SIGN_OFFS and (clause.stop == "\n" or _newline_next(found, index) or short):
            for later in rest:
                if later.tokens[0].text in _POSTSCRIPT:
                    break
                # "Thanks, I'll come by tomorrow" is more than a name
                later.signature = len(later.tokens) <= 2 or not set(later.marks) & set("YNCGAZBXHIKLW+")
            return
    last = [clause for clause in found if clause.tokens][-1:]
    if last and len(found) > 1 and found[-1] is last[0] and _is_name_line(found, last[0]):
        last[0].signature = True


_DASHES = re.compile(r"\n--[ \t]*\n")


def _dashed_signature(found: list[Clause], text: str) -> None:
    """What stands under a line of two dashes, as mail programs put it over a signature (RFC 3676, section 4.3)."""
    dashes = _DASHES.search(text)
    for clause in found if dashes else ():
        if clause.tokens and dashes and clause.tokens[0].start >= dashes.end():
            clause.signature = True


def courtesy(tokens: list[Token]) -> set[int]:
    """The ids of the words of set phrases of courtesy: the "morning" of "good morning" answers nothing."""
    found: set[int] = set()
    inside = False
    for token in tokens:
        inside = token.joined and (token.mark == "F" or (inside and not token.mark))
        if inside:
            found.add(id(token))
    return found


def _newline_next(found: list[Clause], index: int) -> bool:
    return index + 1 < len(found) and not found[index + 1].tokens and found[index + 1].stop == "\n"


def _is_name_line(found: list[Clause], last: Clause) -> bool:
    """One to three unknown words alone on the last line, with nothing behind them."""
    before = found[found.index(last) - 1]
    alone = before.stop == "\n" and not last.stop
    return alone and len(last.tokens) <= 3 and set(last.marks) <= {"U", "0"}
