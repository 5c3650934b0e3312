"""What a remark about drafts asks for, as far as code understands it, in the four languages of the panel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.remark import LONGEST, MOST_LINES, added, named, read

TITLES = ["Name", "Country", "Language", "Start time"]


@pytest.mark.parametrize("words", ["shorter", "a bit shorter, please", "kürzer", "más corto", "plus court"])
def test_shorter_is_understood_in_each_language(words: str) -> None:
    wish = read(words, TITLES)
    assert (wish.shorter, wish.unread, wish.manner, wish.language) == (True, "", "", "")


@pytest.mark.parametrize(
    ("words", "language"),
    [("in Spanish", "es"), ("auf Spanisch", "es"), ("en inglés", "en"), ("en allemand", "de"), ("Polish", "pl")],
)
def test_a_language_is_known_by_its_names(words: str, language: str) -> None:
    assert (read(words).language, read(words).unread) == (language, "")


@pytest.mark.parametrize(
    ("words", "manner"),
    [
        ("more formal", "formal"), ("förmlicher", "formal"), ("más formal", "formal"), ("plus formel", "formal"),
        ("friendlier", "informal"), ("freundlicher", "informal"), ("más cercano", "informal"),
        ("plus amical", "informal"),
    ],
)  # fmt: skip
def test_the_panel_s_quick_remarks_are_understood(words: str, manner: str) -> None:
    assert (read(words).manner, read(words).unread) == (manner, "")


@pytest.mark.parametrize(
    "words",
    [
        "in Spanish where the country is Spain", "auf Spanisch, wo Country = Spain", "in Spanish if Country is “Spain”",
        "en español donde Country es Spain", "en espagnol où Country est Spain",
    ],
)  # fmt: skip
def test_a_condition_names_a_column_and_what_it_shows(words: str) -> None:
    wish = read(words, TITLES)
    assert (wish.column, wish.value, wish.language, wish.conditional) == ("Country", "Spain", "es", False)
    assert "Spain" not in wish.words
    assert wish.meant({"Country": " spain "})
    assert not wish.meant({"Country": "Portugal"})
    assert not wish.meant({})


def test_a_condition_that_names_no_column_is_left_to_a_model() -> None:
    wish = read("in Spanish if they live near the sea", TITLES)
    assert (wish.column, wish.conditional, wish.language) == ("", True, "")
    assert wish.unread


def test_a_column_may_say_each_row_s_language() -> None:
    for words in ("in the language of the column Language", "in their language"):
        wish = read(words, TITLES)
        assert wish.language_column == "Language"
        assert [wish.language_of({"Language": cell}) for cell in ("Spanish", "de", "fr-CA", "?", "")] == [
            "es", "de", "fr", "", "",
        ]  # fmt: skip


def test_later_remarks_add_to_earlier_ones_and_win_over_them() -> None:
    wish = read("shorter\nin Spanish\nin German")
    assert (wish.shorter, wish.language) == (True, "de")
    assert added("shorter\nin Spanish", " Shorter ") == "in Spanish\nShorter"
    assert added("", "in   Spanish\n") == "in Spanish"
    many = ""
    for number in range(MOST_LINES + 3):
        many = added(many, f"no {number}")
    assert many.splitlines()[-1] == f"no {MOST_LINES + 2}"
    assert len(many.splitlines()) == MOST_LINES


@given(st.text(max_size=LONGEST), st.lists(st.text(max_size=20), max_size=5))
def test_any_words_are_borne(words: str, titles: list[str]) -> None:
    wish = read(words, titles)
    assert wish.column in {"", *titles}
    assert named(words) in {"", "en", "es", "de", "fr", "pt", "it", "nl", "pl", "tr", "ar", "uk", "ru"}
