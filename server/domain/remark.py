"""What a person's remark about drafts asks for (“shorter”, “in Spanish where the country is Spain”), as far as code
understands it: for which rows it is meant, in which language, how long, in which manner. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from server.domain.table import fold

LONGEST = 500
"""Characters of one remark."""
MOST_LINES = 5
"""Remarks that are kept with a draft, the newest last."""

# fmt: off
_NAMES = {
    "en": "english englisch inglés ingles anglais",
    "es": "spanish spanisch español espanol castellano espagnol",
    "de": "german deutsch alemán aleman allemand",
    "fr": "french französisch franzosisch francés frances français francais",
    "pt": "portuguese portugiesisch portugués portugues português portugais",
    "it": "italian italienisch italiano italien",
    "nl": "dutch niederländisch holandés neerlandés néerlandais nederlands",
    "pl": "polish polnisch polaco polonais polski", "tr": "turkish türkisch turco turc türkçe",
    "ar": "arabic arabisch árabe arabe العربية", "uk": "ukrainian ukrainisch ucraniano ukrainien українська",
    "ru": "russian russisch ruso russe русский",
}
_SHORTER = "shorter short brief briefer concise kürzer kurz knapper corto breve court bref courte"
_FORMAL = "formal förmlich förmlicher formeller formell formel formelle politer höflicher"
_INFORMAL = ("informal casual friendly friendlier warmer freundlicher freundlich locker lockerer amable cercano "
             "cordial amical amicale chaleureux informel")
_FILLING = ("a an bit little much please make it them more and be the text texts somewhat bitte etwas viel mach es "
            "mehr und die den texte por favor más mas un poco muy y el los textos hazlo plus peu et le les s'il vous "
            "plaît rends write rewrite translate translated to into in auf en schreib schreibe übersetze escribe "
            "traduce écris traduis")
_LANGUAGE_TITLES = frozenset(("language", "lang", "sprache", "idioma", "lengua", "langue", "língua", "lingua", "taal"))
# fmt: on
LANGUAGES = {name: code for code, names in _NAMES.items() for name in names.split()}
"""What a language may be called, in several of them -> its code."""

_OF_MANNER: dict[str, str] = {
    **dict.fromkeys(_SHORTER.split(), "shorter"),
    **dict.fromkeys(_FORMAL.split(), "formal"),
    **dict.fromkeys(_INFORMAL.split(), "informal"),
}
_FILLER = frozenset(_FILLING.split())
_IF = r"(?:where|if|when|wherever|wo|wenn|falls|donde|si|cuando|où|quand|lorsque)"
_THE = r"(?:(?:the|der|die|das|el|la|le|column|spalte|columna|colonne)\s+|l['’])*"
_IS = r"(?:is|are|says|shows|equals|ist|lautet|es|dice|est|vaut|=)"
_CONDITION = re.compile(rf"(?i)(?:^|[\s,;])(?:only\s+)?{_IF}\s+{_THE}(.{{1,80}}?)\s*(?<!\w){_IS}(?!\w)\s*(.{{1,120}})$")
_CONDITIONAL = re.compile(rf"(?i)(?<!\w)(?:{_IF}|for those|for rows|für alle|para quienes|pour ceux)(?!\w)")
_COLUMN_SAYS = re.compile(
    r"(?i)(?:in|auf|en|dans)\s+(?:the|der|el|la)?\s*(?:language|sprache|idioma|langue)\s+(?:of|in|under|aus|de|der|del)\s+"
    rf"{_THE}(.{{1,80}})$"
)
_THEIR = re.compile(
    r"(?i)(?:in|auf|en|dans)\s+(?:their|the row['’]s|ihrer|su|leur)\s+(?:own\s+)?(?:language|sprache|idioma|langue)$"
)
_QUOTES = " \t.,;:!\"'“”„«»"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a remark asks for. `words` is the remark without its condition; the condition is that `column` shows
    `value`. `language` is a code; with `language_column` each row's cell names its language. `manner` is "formal",
    "informal" or "". `unread` are words that code does not understand (a model may), `conditional` that a condition is
    among them."""

    words: str
    column: str = ""
    value: str = ""
    language: str = ""
    language_column: str = ""
    shorter: bool = False
    manner: str = ""
    unread: str = ""
    conditional: bool = False

    def meant(self, record: Mapping[str, str]) -> bool:
        """Whether it is meant for this row."""
        return not self.column or fold(record.get(self.column, "")) == fold(self.value)

    def language_of(self, record: Mapping[str, str]) -> str:
        """The language for this row, "" where the remark names none or the cell names none that is known."""
        return named(record.get(self.language_column, "")) if self.language_column else self.language


def named(text: str) -> str:
    """The code of the language that a cell names: “Spanish”, “español”, “es”, “es-MX”; "" for anything else."""
    word = fold(text).strip(_QUOTES)
    code = re.split(r"[-_]", word)[0]
    return LANGUAGES.get(word, "") or (code if code in _NAMES else "")


def read(remark: str, titles: Iterable[str] = ()) -> Wish:
    """What a remark asks for, its newest line last; `titles` are the columns that a condition may name."""
    columns = {fold(title): title for title in titles if title.strip()}
    found = [_line(line.strip(), columns) for line in remark.splitlines() if line.strip()]
    whole = Wish(remark.strip()) if len(found) != 1 else found[0]
    if len(found) > 1:
        for one in found:
            whole = replace(
                whole,
                language=one.language or whole.language,
                shorter=one.shorter or whole.shorter,
                manner=one.manner or whole.manner,
                unread=" ".join(part for part in (whole.unread, one.unread) if part),
                conditional=one.conditional or whole.conditional,
            )
    return whole


def added(before: str, words: str) -> str:
    """The remarks that are kept with a draft, with one more: each once, the newest last, a few at most."""
    lines = [line for line in before.splitlines() if line.strip() and fold(line) != fold(words)]
    return "\n".join([*lines, " ".join(words.split())][-MOST_LINES:])


def _line(line: str, columns: Mapping[str, str]) -> Wish:
    words, column, value = line, "", ""
    if (found := _CONDITION.search(line)) and (title := columns.get(fold(found[1].strip(_QUOTES)))):
        words, column, value = line[: found.start()].strip(_QUOTES), title, found[2].strip(_QUOTES)
    wish = Wish(words.strip(), column, value)
    bare = words.strip(_QUOTES)
    if (found := _COLUMN_SAYS.search(bare)) and (title := columns.get(fold(found[1].strip(_QUOTES)))):
        return replace(wish, language_column=title, words=bare)
    if _THEIR.search(bare) and (own := [columns[name] for name in columns if name in _LANGUAGE_TITLES]):
        return replace(wish, language_column=own[0], words=bare)
    if _CONDITIONAL.search(bare):
        return replace(wish, unread=bare, conditional=True)
    return _worded(wish, bare)


def _worded(wish: Wish, bare: str) -> Wish:
    unread = []
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+", fold(bare)):
        if code := LANGUAGES.get(word):
            wish = replace(wish, language=code)
        elif (manner := _OF_MANNER.get(word)) == "shorter":
            wish = replace(wish, shorter=True)
        elif manner:
            wish = replace(wish, manner=manner)
        elif word not in _FILLER:
            unread.append(word)
    return replace(wish, unread=" ".join(unread))
