"""Which drafts look unlike the rest: by what, and that nobody who looks like the rest is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.unlike import FEW, Odd, Text, odd

NAMES = ["Ana Silva", "Ben Okafor", "Chiara Rossi", "Dmitri Petrov", "Elif Kaya", "Greta Lund"]


def text(number: int, name: str = "", time: str = "") -> Text:
    name, time = name or NAMES[number % len(NAMES)], time or f"{9 + number % 9:02}:{number % 60:02}"
    body = (
        f"Hello {name},\n\nyour start time is {time}. Please come to the side entrance in good time.\n\n"
        "Could you please confirm your availability? Just reply yes or no.\n\nThank you!"
    )
    return Text(str(number), body, "Your start time", (name, time), name)


def found(odd_one: str, subject: str = "", values: tuple[str, ...] = ("Ana Silva", "09:00")) -> Odd | None:
    """What is said of one such draft among twenty of the others."""
    others = [text(number) for number in range(20)]
    ones = [one for one in odd([*others, Text("odd", odd_one, subject, values)]) if one.key == "odd"]
    assert len(ones) <= 1
    return ones[0] if ones else None


USUAL = text(0, "Ana Silva", "09:00").text


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        (USUAL.replace("09:00", "[START TIME]"), "placeholder", "[START TIME]"),
        (USUAL.replace("09:00", "{{Start}}"), "placeholder", "{{Start}}"),
        (USUAL.replace("09:00", "17:45"), "number", "17:45"),
        (USUAL.replace("Could you please confirm your availability? ", ""), "no_question", ""),
        (USUAL.replace("Hello Ana Silva,", "Dear friend,"), "no_greeting", ""),
        (USUAL.replace("\n\nThank you!", ""), "no_line", "Thank you!"),
        (USUAL + " There is cake.", "line", ""),
        (USUAL + " " + "It goes on and on and says what nobody asked for at all. " * 9, "longer", ""),
    ],
)
def test_it_says_what_makes_a_draft_differ(changed: str, kind: str, words: str) -> None:
    one = found(changed)
    assert one is not None
    assert (one.kind, one.words if words else "") == (kind, words)
    assert one.sentence.count("{") == words.count("{"), "the sentence is filled"


def test_another_language_is_named_by_its_code() -> None:
    spanish = "Hola Ana Silva:\n\nsu hora de inicio es 09:00. Por favor, venga con tiempo a la entrada.\n\n¡Gracias!"
    one = found(spanish)
    assert one is not None
    assert (one.kind, one.words) == ("language", "es")


def test_values_of_the_row_make_no_draft_odd() -> None:
    long = "Maria del Carmen Fernandez de la Vega y Montemayor von Hohenstein"
    assert (
        found(text(0, long, "Saturday 14 May, 17:45 to 18:15").text, values=(long, "Saturday 14 May, 17:45 to 18:15"))
        is None
    )
    assert found(USUAL.replace("09:00", "[A] 9"), values=("Ana Silva", "[A] 9")) is None, "the cell says so"


def test_the_oddest_comes_first() -> None:
    texts = [text(number) for number in range(20)]
    texts[3] = replace(texts[3], text=texts[3].text.replace("\n\nThank you!", ""))
    texts[9] = replace(texts[9], text=texts[9].text.replace("Thank you!", "Thank you, XXX!"))
    assert [one.key for one in odd(texts)] == ["9", "3"]


def test_of_a_few_drafts_only_what_is_wrong_by_itself_is_told() -> None:
    few = [text(number) for number in range(FEW - 2)]
    assert odd([*few, Text("odd", "Something else altogether.")]) == []
    assert [one.kind for one in odd([*few, Text("odd", "Hello {{Name}}")])] == ["placeholder"]


def test_a_number_is_no_oddity_where_the_row_was_not_found() -> None:
    others = [text(number) for number in range(20)]
    lost = Text("odd", USUAL.replace("09:00", "17:45"), "", ("Ana Silva",), placed=False)
    assert [one.kind for one in odd([*others, lost]) if one.key == "odd"] == []


@given(st.lists(st.sampled_from(NAMES), min_size=5, max_size=40), st.data())
def test_drafts_that_differ_in_their_rows_values_alone_are_alike(names: list[str], data: st.DataObject) -> None:
    times = st.times().map(lambda at: f"{at:%H:%M}")
    assert odd([text(number, name, data.draw(times)) for number, name in enumerate(names)]) == []


@given(st.lists(st.builds(Text, st.uuids().map(str), st.text(), st.text(), st.tuples(st.text())), max_size=8))
def test_it_bears_any_text_and_names_each_draft_once(texts: list[Text]) -> None:
    keys = [one.key for one in odd(texts)]
    assert len(keys) == len(set(keys))
    assert all(one.sentence for one in odd(texts))
