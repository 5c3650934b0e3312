"""What a text is as an SMS: checked against a straightforward count and against the standard's figures."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.sms import BASIC, EXTENSION, REPLACEMENTS, Encoding, cost, plain, segments, suggest

GSM = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=700)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
TYPOGRAPHIC = st.text(st.sampled_from([*sorted(REPLACEMENTS), "a", "é", "{"]), max_size=200)


@pytest.mark.parametrize(
    ("text", "encoding", "count", "left"),
    [
        ("", Encoding.GSM7, 0, 160),
        ("a" * 160, Encoding.GSM7, 1, 0),
        ("a" * 161, Encoding.GSM7, 2, 145),
        ("a" * 306, Encoding.GSM7, 2, 0),
        ("a" * 307, Encoding.GSM7, 3, 152),
        ("€" * 80, Encoding.GSM7, 1, 0),
        ("a" * 152 + "€" + "a" * 10, Encoding.GSM7, 2, 141),  # the escape is not cut in two
        ("я" * 70, Encoding.UCS2, 1, 0),
        ("я" * 71, Encoding.UCS2, 2, 63),
        ("👋" * 35, Encoding.UCS2, 1, 0),
        ("👋" * 36, Encoding.UCS2, 2, 61),  # 33 pairs fit into 67 units, not 33 and a half
        ("a" * 1600, Encoding.GSM7, 11, 83),
    ],
)
def test_it_counts_as_the_standard_says(text: str, encoding: Encoding, count: int, left: int) -> None:
    size = segments(text)
    assert (size.encoding, size.segments, size.left) == (encoding, count, left)


def test_it_has_the_whole_alphabet() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


def test_it_names_the_characters_that_force_unicode() -> None:
    found = segments("Hi Ana 👋, “10:20” suits? 👋").odd
    assert [(one.character, one.name) for one in found] == [
        ("👋", "WAVING HAND SIGN"),
        ("“", "LEFT DOUBLE QUOTATION MARK"),
        ("”", "RIGHT DOUBLE QUOTATION MARK"),
    ]


def test_it_has_a_name_even_for_what_unicode_names_not() -> None:
    assert segments("\x07").odd[0].name == "U+0007"


def test_it_suggests_plain_characters_where_they_save_segments() -> None:
    text = "You start at 10:20 – does “that” suit you…\u00a0? " + "x" * 60
    assert segments(text).segments == 2
    assert {one.character: one.instead for one in suggest(text)} == {
        "–": "-", "“": '"', "”": '"', "…": "...", "\u00a0": " "
    }  # fmt: skip
    assert plain(text) == 'You start at 10:20 - does "that" suit you... ? ' + "x" * 60
    assert segments(plain(text)).segments == 1


@pytest.mark.parametrize("text", ["plain", "“да”", "naïve ç – ê", "👨\u200d👩", "می\u200cخواهم"])
def test_it_suggests_nothing_where_nothing_would_be_gained(text: str) -> None:
    assert suggest(text) == ()
    assert plain(text) == text


@settings(deadline=None)
@given(GSM)
def test_plain_texts_are_counted_in_septets(text: str) -> None:
    size = segments(text)
    assert size.encoding is Encoding.GSM7
    assert size.units == sum(2 if letter in EXTENSION else 1 for letter in text)
    assert not size.odd


@settings(deadline=None)
@given(ANY)
def test_no_segment_holds_more_than_it_may_and_none_is_too_many(text: str) -> None:
    size = segments(text)
    single, each = (160, 153) if size.encoding is Encoding.GSM7 else (70, 67)
    assert size.units >= len(text)
    if size.segments <= 1:
        assert size.left == single - size.units >= 0
        return
    assert size.units > single
    assert 0 <= size.left < each
    # One unit a segment may stay unused, where a pair would not have fitted.
    assert (size.segments - 1) * (each - 1) < size.units <= size.segments * each


@settings(deadline=None)
@given(ANY)
def test_unicode_is_blamed_on_characters_of_the_text_only(text: str) -> None:
    size = segments(text)
    assert (size.encoding is Encoding.UCS2) == bool(size.odd)
    assert {one.character for one in size.odd} == {letter for letter in text if letter not in BASIC | EXTENSION}
    if size.encoding is Encoding.UCS2:
        assert size.units == len(text.encode("utf-16-le")) // 2


@settings(deadline=None)
@given(TYPOGRAPHIC)
def test_what_it_suggests_makes_the_text_plain(text: str) -> None:
    if suggest(text):
        assert segments(plain(text)).encoding is Encoding.GSM7
    else:
        assert plain(text) == text


def test_it_never_takes_a_letter_from_anybody() -> None:
    letters = {one for one in REPLACEMENTS if unicodedata.category(one).startswith("L")}
    assert letters == {"ﬁ", "ﬂ"}


def test_it_multiplies_prices_exactly() -> None:
    assert cost(3, Decimal("0.0079")) == Decimal("0.0237")
