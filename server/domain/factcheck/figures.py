"""Numbers, amounts, codes, links and addresses in a text, as something that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from server.domain.factcheck.calendar import NUMBERS
from server.domain.factcheck.moments import Found

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”«»()\[\]{}|]+"
    r"|\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|org|net|edu|gov|io|app|dev|info|biz|eu|co|de|fr|es|it|nl|pt|uk|"
    r"us|ch|at|be|ca|au|br|mx|ly|me|tv|ai|link|page|site|online|shop|club|events)\b(?:/[^\s<>\"“”«»()\[\]{}|]*)?",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?<![^\s<>()\[\],;:\"“”|])[^\s<>()\[\],;:\"“”|@]{1,64}@[^\s<>()\[\],;:\"“”|@.]{1,63}"
    r"(?:\.[^\s<>()\[\],;:\"“”|@.]{1,63}){1,8}"
)
_PHONE = re.compile(r"(?<![\w.,:/])\+?\(?\d[\d\s().\-/]{5,20}\d(?![\w])")
_CODE = re.compile(
    r"(?<![\w])(?=#?[^\W_])(?=[\w\-/#]{0,64}\d)(?=[\w\-/#]{0,64}[^\W\d_])"
    r"[#]?[^\W_]{1,64}(?:[-/#][^\W_]{1,64}){0,8}(?![\w])"
)
_NUMBER = re.compile(
    r"(?<![\w])(?:\d{1,3}(?:[.,'’   ]\d{3})+(?![\d])|\d+)(?:[.,]\d+)?(?:st|nd|rd|th|º|ª)?(?![^\W\d_]*\d)"
)
_CURRENCIES = {
    "EUR": ("€", "eur", "euro", "euros"),
    "USD": ("$", "us$", "usd", "dollar", "dollars", "dolares", "dólares"),
    "GBP": ("£", "gbp", "pound", "pounds"),
    "CHF": ("chf", "fr.", "sfr.", "franken", "francs"),
    "JPY": ("¥", "jpy", "yen"),
    "INR": ("₹", "inr", "rupees", "rs."),
    "BRL": ("r$", "brl", "reais"),
}
_BY_WORD = {word: code for code, words in _CURRENCIES.items() for word in words}
_MONEY_WORDS = "|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True))
_BEFORE = re.compile(rf"(?:^|(?<![\w]))({_MONEY_WORDS})\s?$", re.IGNORECASE)
_AFTER = re.compile(rf"^\s?({_MONEY_WORDS})(?![\w])", re.IGNORECASE)
_SPELLED = re.compile(
    rf"\b({'|'.join(sorted(NUMBERS, key=len, reverse=True))})\b(?=\s(?:{_MONEY_WORDS}|percent|prozent)\b)"
)


@dataclass(frozen=True, slots=True)
class Number(Found):
    """A number: the values it may mean (1.250 is a thousand to some), and its currency, "" where none is named."""

    values: frozenset[Decimal]
    currency: str = ""


def links(text: str) -> list[Found]:
    """Web addresses, with or without https://, without the punctuation of the sentence around them."""
    found: list[Found] = []
    if "." not in text and "://" not in text:
        return found
    for match in _LINK.finditer(text):
        shown = match.group().rstrip(".,;:!?'’)")
        found.append(Found(match.start(), match.start() + len(shown), shown))
    return found


def link_key(link: str) -> str:
    """A link for comparing: without scheme, www, and the slash at the end; the host in lower case."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", link, flags=re.IGNORECASE).rstrip("/")
    host, slash, path = bare.partition("/")
    return host.casefold() + slash + path


def mails(text: str) -> list[Found]:
    """Mail addresses."""
    found: list[Found] = []
    if "@" not in text:
        return found
    for match in _MAIL.finditer(text):
        shown = match.group().rstrip(".!?'’")
        found.append(Found(match.start(), match.start() + len(shown), shown))
    return found


def phones(text: str) -> list[Found]:
    """Phone numbers: seven digits or more, grouped in any way."""
    return [
        Found(match.start(), match.end(), match.group())
        for match in _PHONE.finditer(text)
        if len(digits(match.group())) >= 7
    ]


def digits(text: str) -> str:
    """Only the digits."""
    return "".join(char for char in text if char.isdigit())


def codes(text: str) -> list[Found]:
    """Words of letters and digits: `B12`, `A-104`, `#7b`."""
    return [Found(match.start(), match.end(), match.group()) for match in _CODE.finditer(text)]


_ORDINAL = re.compile(r"(\d{1,6})(?:st|nd|rd|th|er|e|º|ª)", re.IGNORECASE)


def ordinal(code: str) -> Decimal | None:
    """The number of `1st`, `3rd`, `2e` or `3ª`; None for any other code."""
    found = _ORDINAL.fullmatch(code)
    return Decimal(int(found[1])) if found else None


def code_key(code: str) -> str:
    """A code for comparing."""
    return "".join(char for char in code.casefold() if char.isalnum())


def numbers(text: str) -> list[Number]:
    """Numbers of `flat` text, with the currency beside them."""
    found = []
    for match in _NUMBER.finditer(text):
        shown = re.sub(r"(?:st|nd|rd|th|º|ª)$", "", match.group())
        found.append(Number(match.start(), match.end(), match.group(), values(shown), _currency(text, match)))
    for match in _SPELLED.finditer(text):
        value = frozenset({Decimal(NUMBERS[match.group()])})
        found.append(Number(match.start(), match.end(), match.group(), value, _currency(text, match)))
    return found


def _currency(text: str, match: re.Match[str]) -> str:
    before = _BEFORE.search(text[max(0, match.start() - 9) : match.start()])
    after = _AFTER.match(text[match.end() : match.end() + 10])
    word = (before or after)[1] if before or after else ""  # type: ignore[index]
    return _BY_WORD.get(word.casefold(), "")


_ALONE = re.compile(rf"(?<![\w])({_MONEY_WORDS})(?![\w])", re.IGNORECASE)


def currencies(flat: str) -> frozenset[str]:
    """Currencies that a `flat` text names."""
    return frozenset(_BY_WORD[match[1].casefold()] for match in _ALONE.finditer(flat))


@lru_cache(maxsize=4096)
def values(shown: str) -> frozenset[Decimal]:
    """What a written number may mean: 1,250.50 and 1.250,50 are one, 1.250 is two."""
    bare = re.sub(r"[\s'’  ]", "", shown)
    found = set()
    for thousands, point in ((",", "."), (".", ",")):
        if bare.count(point) > 1:
            continue
        whole, _, part = bare.partition(point)
        if thousands in part or not all(len(group) == 3 for group in whole.split(thousands)[1:]):
            continue
        try:
            found.add(Decimal(f"{whole.replace(thousands, '')}.{part or '0'}").normalize())
        except InvalidOperation:
            continue
    return frozenset(found)
