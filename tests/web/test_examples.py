"""Instructions offered for a sheet."""

from __future__ import annotations

import pytest

from server.web.examples import WORDS, examples


def test_it_makes_instructions_from_the_columns() -> None:
    made = examples(["Name", "E-mail", "Start time", "Stage", "T-shirt"])
    assert made[0] == "Send each person their start time and ask them to confirm"
    assert "stage" in made[1]
    assert "t-shirt" in made[2]


@pytest.mark.parametrize("titles", [[], ["Name", "Email"], ["", "Row key", "Status", "Message"], ["{{x}}"]])
def test_it_always_has_one(titles: list[str]) -> None:
    assert examples(titles) == ["Ask each person whether they can come, yes or no"]


@pytest.mark.parametrize(
    ("language", "titles", "first"),
    [
        ("de-CH", ["Name", "Telefon", "Startzeit", "Halle"], "Schicke allen „Startzeit“ und bitte um Bestätigung"),
        ("es", ["Nombre", "Correo", "Hora", "Sala"], "Envía a cada persona «Hora» y pide que lo confirme"),
        ("fr", ["Nom", "Courriel", "Montant"], "Rappelle gentiment « Montant » à chaque personne"),
        ("ja", ["Name", "Fee"], "Remind each person kindly of their fee"),
    ],
)
def test_it_speaks_the_panels_language(language: str, titles: list[str], first: str) -> None:
    made = examples(titles, language)
    assert made[0].startswith(first)
    assert not any("{" in one for one in made)


@pytest.mark.parametrize("language", WORDS)
def test_no_instruction_is_made_of_how_to_reach_somebody(language: str) -> None:
    plumbing = ["Name", "Nom", "Nombre", "Vorname", "E-Mail", "Courriel", "Correo", "Telefon", "Téléphone", "Móvil"]
    assert examples(plumbing, language) == [WORDS[language].plain]
