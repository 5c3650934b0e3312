"""One phone, several numbers: how WhatsApp and the phone's own country may write the same line differently.

WhatsApp keeps the id under which somebody once registered, also where the country has since changed its numbers, and
carriers deliver to either form. A reply may so come from another number than the one that was written to. Sources:

- Brazil: ANATEL put a ninth digit, 9, before mobile numbers (2012 to 2016); WhatsApp ids from before lack it (Gupshup
  and Zoko help, "inconsistencies for mobile numbers and their WhatsApp IDs in Brazil & Mexico"). Old mobile numbers
  began with 6 to 9; what begins with 2 to 5 is a landline (libphonenumber, metadata of BR).
- Mexico: since August 2019 calls from abroad need no 1 behind +52; WhatsApp ids from before have it (same pages).
- Argentina: mobile numbers have a 9 behind +54 when they are called from abroad (libphonenumber, metadata of AR), which
  WhatsApp ids have and people often leave out.
"""

from __future__ import annotations

import re

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\+55([1-9]\d)9([6-9]\d{7})"), r"+55\1\2"),
    (re.compile(r"\+55([1-9]\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
    (re.compile(r"\+521([2-9]\d{9})"), r"+52\1"),
    (re.compile(r"\+52([2-9]\d{9})"), r"+521\1"),
    (re.compile(r"\+549([1-8]\d{9})"), r"+54\1"),
    (re.compile(r"\+54([1-8]\d{9})"), r"+549\1"),
)
"""A form, and the other one of the same line. Each pair leads back: see the tests."""


def variants(e164: str) -> tuple[str, ...]:
    """The number itself, then how else the same phone may be written, all in E.164; only itself where nothing is known.

    The same numbers come out for each of them, whichever comes first.
    """
    other = next((form.sub(into, e164) for form, into in _FORMS if form.fullmatch(e164)), None)
    return (e164,) if other is None else (e164, other)


def same_phone(one: str, other: str) -> bool:
    """Whether two numbers in E.164 are written for the same phone."""
    return other in variants(one)
