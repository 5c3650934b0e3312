"""What a draft may say: what its row or the instruction says, in any usual form."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.factcheck import ground, name_words, sentence, unfounded
from server.domain.factcheck.check import visible

TODAY = datetime.date(2026, 11, 21)
ROW = {
    "Name": "Ana Silva",
    "Start time": "09:40",
    "Date": "12 Dec 2026",
    "Fee": "€1,250.00",
    "Room": "B12",
    "Phone": "+44 7900 900123",
    "Link": "https://race.example.org/ana",
    "Guests": "3",
}
SAID = "Tell each contestant their start time and fee. Sign as Jo Park, office@race.example.org. Doors open at noon."
OTHERS = ("Ben Okafor", "Will Smith", "Mei Tanaka", "Ana Lopez")


def doubted(text: str, language: str = "en", row: dict[str, str] | None = None) -> tuple[str, ...]:
    rests = ground(ROW if row is None else row, SAID, others=name_words(OTHERS), language=language, today=TODAY)
    return unfounded(text, rests)


@pytest.mark.parametrize(
    "text",
    [
        "Hi Ana, you start at 09:40, 9:40, 9.40, 9:40 AM, 9:40am, 9:40 a.m. or 9h40.",
        "You start at 9:40 on 12 December 2026, December 12, 12/12/2026, 2026-12-12, 12.12.2026 or Saturday the 12th.",
        "The fee is €1,250, 1250 EUR, 1.250,00 €, EUR 1250 or 1250 euros.",
        "Your room is B12 (b12). Bring 3 guests, or three guests.",
        "Call +447900900123, 07900 900123 or 7900-900123. See race.example.org/ana or https://race.example.org/ana.",
        "Doors open at 12:00. Write to office@race.example.org.\n\nBest regards,\nJo Park",
        "Dear Ana Silva,\n\nWill you come? May we count on you? Mark it in your calendar.\n\nKind Regards\nJo",
        "Ana's room is B12. Please reply Yes or No. PS: RSVP by e-mail, ok?",
        "hi ana, you start at 9:40",
        "",
        "   \n",
    ],
)
def test_it_knows_what_the_row_and_the_instruction_say_in_any_usual_form(text: str) -> None:
    assert doubted(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You start at 09:45.", ("09:45",)),
        ("You start at 9:40 PM.", ("9:40 PM",)),
        ("You start at 10.", ("10",)),
        ("See you on 13 December 2026.", ("13 December 2026",)),
        ("See you on 12 December 2027.", ("12 December 2027",)),
        ("See you on Sunday, 12 December.", ("Sunday",)),
        ("See you tomorrow.", ("tomorrow",)),
        ("See you in February.", ("February",)),
        ("The fee is €1,260.", ("1,260",)),
        ("The fee is $1,250.", ("1,250",)),
        ("The fee is 12 euros.", ("12",)),
        ("The late fee is fifteen euros.", ("fifteen",)),
        ("Your room is B13.", ("B13",)),
        ("Bring 4 guests.", ("4",)),
        ("Call +447900900124.", ("+447900900124",)),
        ("See https://race.example.org/ben.", ("https://race.example.org/ben",)),
        ("See www.arts.example.", ("www.arts.example",)),
        ("Write to jo@race.example.org.", ("jo@race.example.org",)),
        ("Hi Ben,\nyou start at 9:40.", ("Ben",)),
        ("hi ben,\nyou start at 9:40", ("ben",)),
        ("Dear Mei,\nyou start at 9:40.", ("Mei",)),
        ("Hi Ana Lopez,\nyou start at 9:40.", ("Lopez",)),
        ("Ask for Maria at the desk.", ("Maria",)),
        ("You start at 9:40.\n\nBest regards,\nMaria", ("Maria",)),
        ("You start at 9:40 after Will.", ("Will",)),
    ],
)
def test_it_names_what_neither_says(text: str, words: tuple[str, ...]) -> None:
    assert tuple(word.rstrip(".") for word in doubted(text)) == words


def test_it_takes_no_german_noun_for_a_name_but_knows_other_rows_names() -> None:
    assert doubted("Hallo Ana,\ndein Auftritt beginnt um 9:40 Uhr am 12. Dezember. Viele Grüße", "de") == ()
    assert doubted("Hallo Ana,\nnach Ben Okafor beginnst du um 9:40 Uhr.", "de") == ("Ben", "Okafor")


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Guten Tag Ana Souza,\n\nhier sind Ihre Angaben: 09:40", ()),
        ("nl", "Beste Ana Souza,\n\nHier zijn uw gegevens: 09:40", ()),
        ("fr", "Bonjour Ana Souza, hier à 09:40", ("hier",)),
        ("es", "Hola, Ana Souza: a las 09:40 de la mañana", ()),
        ("es", "Hola, Ana Souza: mañana a las 09:40", ("mañana",)),
        ("it", "Gentile Ana Souza, Le ricordiamo che La aspettiamo alle 09:40, e con Lei", ()),
        ("en", "Hello Ana Souza, you and Lei start at 09:40", ("Lei",)),
    ],
)
def test_it_knows_what_a_word_means_in_the_language(language: str, text: str, words: tuple[str, ...]) -> None:
    assert unfounded(text, ground({"Name": "Ana Souza", "Start": "09:40"}, "", language=language)) == words


def test_it_takes_am_before_a_date_for_german() -> None:
    assert doubted("Um 12:00 am 12. Dezember öffnet die Halle.", "de") == ()


def test_it_lets_a_text_name_the_year_or_the_weekday_of_a_date_without_one() -> None:
    row = {"Name": "Ana", "Date": "12 Dec"}
    assert doubted("See you on Saturday, 12 December 2026.", row=row) == ()
    assert doubted("See you on 12 December 2029.", row=row) == ("12 December 2029",)


def test_it_says_what_is_doubted_in_a_sentence() -> None:
    assert sentence(()) == ""
    assert sentence(("10:30",)) == "The text says “10:30”, which neither this row nor the instruction says."
    assert sentence(("a", "b", "c")).startswith("The text says “a”, “b” and “c”,")
    assert len(sentence(["x" * 100] * 20)) < 400


@given(st.text(max_size=400), st.dictionaries(st.text(max_size=20), st.text(max_size=80), max_size=5))
def test_it_bears_any_text_and_finds_its_words_in_it(text: str, row: dict[str, str]) -> None:
    for word in doubted(text, row=row):
        assert word in visible(text)


@pytest.mark.parametrize("text", ["the 1st floor", "3ª planta", "le 2e étage", "0º"])
def test_an_ordinal_rests_on_itself_and_pays_nothing(text: str) -> None:
    assert unfounded(text, ground({"Floor": text}, "")) == ()
    assert unfounded("It costs 3 €.", ground({"Floor": "3ª planta"}, "")) == ("3",)


@given(st.text(max_size=300))
def test_a_text_rests_on_itself(text: str) -> None:
    rests = ground({"Text": text}, "", today=TODAY)
    assert unfounded(text, rests) == ()
