"""One truth for colours and words: readable, the panel's own, and complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.domain.look import (
    LONGEST_NOTE,
    NOTES,
    PAINT,
    STATUS_CHOICES,
    STATUS_TONES,
    Paint,
    Tone,
    of_answer,
    of_role,
)
from server.domain.words import Command, Role, Status

PANEL = Path(__file__).parents[2] / "server" / "web" / "static" / "panel"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tone", PAINT)
def test_every_text_can_be_read_on_its_fill(tone: Tone) -> None:
    assert contrast(*PAINT[tone]) >= 4.5


def test_the_measure_of_contrast_is_the_one_of_the_web() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_word_has_a_colour_and_it_is_the_one_of_the_panel() -> None:
    script = (PANEL / "words.js").read_text("utf-8")
    block = re.search(r"const TONES = \{(.*?)\};", script, re.DOTALL)
    assert block is not None
    shown = {
        word: tone
        for tone, words in re.findall(r"(\w+): \[(.*?)\]", block[1], re.DOTALL)
        for word in re.findall(r'"([^"]+)"', words)
    }
    assert shown == {str(word): str(tone) for word, tone in STATUS_TONES.items()}
    assert set(STATUS_TONES) == set(Status)


@pytest.mark.parametrize("tone", PAINT)
def test_the_colours_are_those_of_the_panel(tone: Tone) -> None:
    light = (PANEL / "panel.css").read_text("utf-8").partition("@media")[0]
    assert f"--{tone}: {PAINT[tone].ink};" in light
    assert f"--{tone}-wash: {PAINT[tone].fill};" in light


def test_nothing_that_may_be_typed_is_called_wrong_and_it_fits_a_list_of_excel() -> None:
    assert set(STATUS_CHOICES) == {word.value for word in (*Status, *Command)}
    assert len(",".join(STATUS_CHOICES)) <= 255
    assert STATUS_CHOICES[:4] == ("Approved", "Skip", "Retry", "Redraft")


def test_every_column_is_told_in_words_that_fit_a_hint() -> None:
    assert set(NOTES) == set(Role)
    many = tuple(f"A value of some length {n}" for n in range(40))
    notes = [*NOTES.values(), of_answer("Fits", ("Yes", "No")).note, of_answer("Fits", many).note]
    assert all(note.endswith(".") and len(note) <= LONGEST_NOTE for note in notes)


def test_what_is_plain_has_no_colour_of_its_own() -> None:
    assert of_role(Role.NOTE, "Note").words_by_tone() == {}
    assert of_role(Role.FLAG, "Flag").words_by_tone() == {Tone.GOOD: ("sure",), Tone.WARN: ("check",)}
    assert Tone.PLAIN not in PAINT
    assert all(isinstance(paint, Paint) for paint in PAINT.values())
