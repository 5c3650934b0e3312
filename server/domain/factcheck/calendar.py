"""Months, weekdays and their like, as people write them in the languages of the README."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar februari février fevrier févr febrero febbraio fevereiro fev",
    "march mar märz maerz mrz mars marzo março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre settembre setembro set",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
_WEEKDAYS = (
    "monday mon montag lundi lunes lunedì segunda segunda-feira maandag",
    "tuesday tue tues dienstag mardi martes martedì terça terça-feira dinsdag",
    "wednesday wed mittwoch mercredi miércoles mercoledì quarta quarta-feira woensdag",
    "thursday thu thur thurs donnerstag jeudi jueves giovedì quinta quinta-feira donderdag",
    "friday fri freitag vendredi viernes venerdì sexta sexta-feira vrijdag",
    "saturday sat samstag sonnabend samedi sábado sabato zaterdag",
    "sunday sun sonntag dimanche domingo domenica zondag",
)
_NUMBERS = (
    "one eins un uno um één",
    "two zwei deux dos due dois duas twee",
    "three drei trois tres tre três drie",
    "four vier quatre cuatro quattro quatro",
    "five fünf cinq cinco cinque vijf",
    "six sechs seis sei zes",
    "seven sieben sept siete sette sete zeven",
    "eight acht huit ocho otto oito",
    "nine neun neuf nueve nove negen",
    "ten zehn dix diez dieci dez tien",
    "eleven elf onze once undici",
    "twelve zwölf douze doce dodici doze twaalf",
)
_TENS = {
    15: "fifteen fünfzehn quinze quince quindici vijftien",
    20: "twenty zwanzig vingt veinte venti vinte twintig",
    30: "thirty dreißig dreissig trente treinta trenta trinta dertig",
    40: "forty vierzig quarante cuarenta quaranta quarenta veertig",
    50: "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig",
    60: "sixty sechzig soixante sesenta sessanta sessenta zestig",
    100: "hundred hundert cent cien cento cem honderd",
}


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """A word for comparing: lower case, without accents."""
    split = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in split if not unicodedata.combining(char))


def _table(lines: tuple[str, ...], first: int) -> dict[str, int]:
    return {plain(word): number for number, line in enumerate(lines, start=first) for word in line.split()}


MONTHS = _table(_MONTHS, 1)
WEEKDAYS = _table(_WEEKDAYS, 0)
NUMBERS = _table(_NUMBERS, 1) | {plain(word): number for number, line in _TENS.items() for word in line.split()}
_ALSO_ORDINALS = {"segunda", "terca", "quarta", "quinta", "sexta"}
AMBIGUOUS = _ALSO_ORDINALS | frozenset(
    {"may", "mar", "mars", "set", "out", "sept", "sat", "sun", "mon", "gen", "mag", "ago", "sei"}
)
"""Words of the calendar that mean something else too: they count only beside a number."""
