"""What a spreadsheet's locale changes: separators, the order of a date, names of months and days, words for true."""

from __future__ import annotations

from dataclasses import dataclass

_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GERMAN_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_GERMAN_DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True)
class Locale:
    """`order` is how a typed date is read; `date` and `time` are the default patterns; `currency` its default sign."""

    name: str
    decimal: str = "."
    group: str = ","
    order: str = "mdy"
    date: str = "M/d/yyyy"
    time: str = "h:mm:ss am/pm"
    currency: str = '"$"#,##0.00'
    true: str = "TRUE"
    false: str = "FALSE"
    months: tuple[str, ...] = _ENGLISH_MONTHS
    days: tuple[str, ...] = _ENGLISH_DAYS
    short_day: int = 3
    """Letters of a shortened name of a day."""

    @property
    def arguments(self) -> str:
        """What parts the arguments of a function: a semicolon where the comma is taken."""
        return ";" if self.decimal == "," else ","


LOCALES = {
    each.name: each
    for each in (
        Locale("en_US"),
        Locale("en_GB", order="dmy", date="dd/MM/yyyy", time="HH:mm:ss", currency='"£"#,##0.00'),
        Locale("de_DE", ",", ".", "dmy", "dd.MM.yyyy", "HH:mm:ss", '#,##0.00 "€"', "WAHR", "FALSCH",
               _GERMAN_MONTHS, _GERMAN_DAYS, 2),
        Locale("de_CH", ".", "’", "dmy", "dd.MM.yyyy", "HH:mm:ss", '"CHF" #,##0.00', "WAHR", "FALSCH",
               _GERMAN_MONTHS, _GERMAN_DAYS, 2),
        Locale("fr_FR", ",", "\u202f", "dmy", "dd/MM/yyyy", "HH:mm:ss", '#,##0.00 "€"', "VRAI", "FAUX",
               _FRENCH_MONTHS, _FRENCH_DAYS),
        Locale("sv_SE", ",", "\u00a0", "ymd", "yyyy-MM-dd", "HH:mm:ss", '#,##0.00 "kr"', "SANT", "FALSKT"),
        Locale("ja_JP", order="ymd", date="yyyy/MM/dd", time="H:mm:ss", currency='"¥"#,##0'),
    )
}  # fmt: skip
"""The locales that the emulator knows; it refuses others, as Google refuses what is none."""


def locale(name: str) -> Locale:
    """Raises KeyError for one that the emulator doesn't know."""
    return LOCALES[name]
