"""Reads one address out of a cell's shown text: mail addresses and phone numbers. Sends nothing, looks nothing up."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from server.domain.numbers import variants
from server.errors import AddressError

SPECIAL_USE_DOMAIN_NAMES.clear()
"""The library's own switch: names such as `.test` and `.local` are for the mail server to refuse, not for us."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e"))
"""Characters that copying from web pages and mail programs leaves behind."""

_MAIL = re.compile(r"""[^\s<>()\[\],;:"|/\\]+@[^\s<>()\[\],;:"'|/\\]+""")
_LOOSE_AT = re.compile(r"\s*@\s*")
_MAILTO = re.compile(r"mailto:([^?\s>]*)(\?[^\s>]*)?", re.IGNORECASE)
LONGEST_CELL = 1_000
"""Characters of a cell that may hold an address: an address itself has 320 at most."""
_EDGES = " \t\r\n,;.'"

_MEANT = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmal.com": "gmail.com",
    "gnail.com": "gmail.com",
    "gamil.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmai.com": "hotmail.com",
    "yaho.com": "yahoo.com",
    "outlok.com": "outlook.com",
    "iclod.com": "icloud.com",
}
_ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "vom": "com", "comm": "com", "nett": "net", "ogr": "org"}
"""None of these endings is a top-level domain, so nobody's true address is refused."""

CELLS = 50_000
"""Cells whose address is known already: the same sheet is gone through again and again, before and while it is sent."""

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
_ROUNDED = re.compile(r"(?=\d{11})[1-9]\d+0{6,}")
"""What 4.47901E+11 becomes once somebody has the spreadsheet show all digits: six of them are all that was left."""
_DECIMALS = re.compile(r"([+\d ]+)[.,]0+")
_WRITTEN = re.compile(r"[+\d\s().-]{6,30}")
_PLUS = ("+", "\uff0b", "tel:+")
_FOREIGN_MOBILE = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE]
"""A landline as written, another country's mobile with the plus that a spreadsheet drops: not ours to choose."""
_BETWEEN_NUMBERS = re.compile(r"[,;|/\n]|\s(?:or|and|oder|und|ou|et|o|y)\s", re.IGNORECASE)


@lru_cache(CELLS)
def mail_address(text: str) -> str:
    """The one mail address in a cell, its domain in lower case and NFC; what stands before the @ keeps its case.

    Takes `Name <a@b>`, `mailto:` links, stray spaces and a trailing comma. Addresses of test and private networks
    (`.test`, `.local`, `localhost`) pass: whether mail can go there is for the mail server to say.
    Raises AddressError with a sentence for the `Note` cell.
    """
    shown = _shown(text)
    if len(text) > LONGEST_CELL:
        raise AddressError(f"“{shown}” is too long for a mail address.")
    candidate = _single_mail(_MAILTO.sub(r"\1", _clean(text).replace("\uff20", "@")), shown)
    try:
        found = validate_email(candidate, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise AddressError(f"“{shown}” is no mail address: {_lower_first(str(error))}") from None
    domain = found.domain.lower()
    if "." not in domain and domain != "localhost":
        raise AddressError(f"“{shown}” is no mail address: what follows the @ has no ending such as .org.")
    _refuse_typo(found.local_part, domain)
    return f"{found.local_part}@{domain}"


def _single_mail(text: str, shown: str) -> str:
    """The part of the text that is meant as the address."""
    if not text.strip(_EDGES):
        raise AddressError("There is no mail address in the cell.")
    if "@" not in text:
        raise AddressError(f"“{shown}” is no mail address: the @ is missing.")
    found = _distinct(_MAIL.findall(text)) or _distinct(_MAIL.findall(_LOOSE_AT.sub("@", text)))
    if len(found) > 1:
        raise AddressError(f"The cell holds {len(found)} mail addresses (“{shown}”): keep the one to write to.")
    if found:
        return found[0]
    return text.strip(_EDGES)


def _distinct(addresses: list[str]) -> list[str]:
    """Each address once: `a@b <mailto:a@b>`, as Outlook copies it, is one."""
    seen = {address.strip(_EDGES).casefold(): address.strip(_EDGES) for address in reversed(addresses)}
    return list(reversed(seen.values()))


def _refuse_typo(local: str, domain: str) -> None:
    ending = domain.rpartition(".")[2]
    meant = _MEANT.get(domain)
    if meant is None and ending in _ENDINGS:
        meant = domain.removesuffix(ending) + _ENDINGS[ending]
    if meant is not None:
        raise AddressError(f"“{local}@{domain}” looks mistyped: is {local}@{meant} meant?")


@lru_cache(CELLS)
def phone_number(text: str, region: str) -> str:
    """The one phone number in a cell, in E.164 form (`+447900900123`).

    `region` is the country (ISO 3166) of numbers written without one. A number written with its plus has only to
    be possible, since numbering plans change faster than our tables; any other has to be a valid one, also one
    that lost its plus or its leading zero to the spreadsheet. Raises AddressError with a sentence for the cell.
    """
    shown = _shown(text)
    if len(text) > LONGEST_CELL:
        raise AddressError(f"“{shown}” is too long for a phone number.")
    plain = _clean(text).strip(_EDGES)
    if not plain:
        raise AddressError("There is no phone number in the cell.")
    if decimals := _DECIMALS.fullmatch(plain):
        plain = decimals[1]
    if _SCIENTIFIC.fullmatch(plain) or _ROUNDED.fullmatch(plain):
        raise AddressError(
            f"“{shown}” lost digits: the spreadsheet keeps it as a rounded number. "
            "Format the column as text and type the phone number again, with its plus."
        )
    if _several_numbers(plain):
        raise AddressError(f"The cell holds several phone numbers (“{shown}”): keep the one to write to.")
    number = _known(plain, region, shown)
    if number.extension:
        raise AddressError(f"“{shown}” has an extension: messages reach only direct numbers.")
    return _e164(number)


def _several_numbers(text: str) -> bool:
    return sum(_digits(part) >= 6 for part in _BETWEEN_NUMBERS.split(text)) > 1


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _known(text: str, region: str, shown: str) -> PhoneNumber:
    """The number; one in an older form, as WhatsApp still shows it (+521… in Mexico), in that of today."""
    try:
        return _parsed(text, region, shown)
    except AddressError:
        older = "+" + re.sub(r"\D", "", text) if _WRITTEN.fullmatch(text) else ""
        for other in variants(older)[1:]:
            return _parsed(other, region, shown)
        raise


def _parsed(text: str, region: str, shown: str) -> PhoneNumber:
    """The number as written, else as one whose plus was lost. Raises AddressError."""
    written = _read(text, region)
    if written is not None and text.startswith(_PLUS) and phonenumbers.is_possible_number(written):
        return written
    regained = _read("+" + re.sub(r"\D", "", text).removeprefix("00"), region)
    valid = [number for number in (written, regained) if number is not None and phonenumbers.is_valid_number(number)]
    if not valid:
        raise AddressError(
            f"“{shown}” is no phone number that we know. Write it with its country code, as in +447900900123."
        )
    if [phonenumbers.number_type(number) for number in valid] == _FOREIGN_MOBILE and not text.startswith("0"):
        raise AddressError(
            f"“{shown}” can be {_e164(valid[0])} or {_e164(valid[1])}: write it with its plus and country code."
        )
    return valid[0]


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _read(text: str, region: str) -> PhoneNumber | None:
    if sum(letter.isalpha() for letter in text) > 10:
        return None
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def any_address(text: str, region: str) -> str:
    """A mail address when there is an @, else a phone number. Raises AddressError."""
    if "@" in text or "\uff20" in text:
        return mail_address(text)
    if _digits(text) >= 5:
        return phone_number(text, region)
    if not _clean(text).strip(_EDGES):
        raise AddressError("There is no address in the cell.")
    raise AddressError(f"“{_shown(text)}” is neither a mail address (the @ is missing) nor a phone number.")


def _clean(text: str) -> str:
    return text.translate(_INVISIBLE).replace("\u00a0", " ").replace("\u202f", " ")


def _shown(text: str) -> str:
    """The cell's text, short enough for a sentence."""
    one_line = " ".join(_clean(text[:LONGEST_CELL]).split())
    return one_line if len(one_line) <= 60 else one_line[:59] + "…"


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


@lru_cache(CELLS)
def zones_of(address: str) -> tuple[str, ...]:
    """Time zones of a phone number in E.164, by its prefix; () for a mail address, or when nothing tells."""
    if not address.startswith("+"):
        return ()
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_number

    try:
        found = time_zones_for_number(parse(address))
    except NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != "Etc/Unknown")
