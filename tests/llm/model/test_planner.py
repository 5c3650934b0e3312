"""The model planner: what of a model's plan may stand, what stays code's own, what is asked about before drafting."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.plan import AnswerColumn, Plan
from server.domain.words import AnswerKind, ChannelName
from server.errors import PermanentError
from server.llm.offline import OfflinePlanner
from server.llm.planner import ModelPlanner
from server.llm.sheet_view import view
from server.ports import PlanRequest
from tests.emulators.openai import ModelServer, Said
from tests.llm.model.attacks import ATTACKS
from tests.llm.model.conftest import client_of
from tests.llm.sheet import CONTESTANTS, table

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
GOOD: dict[str, Any] = {
    "read_columns": ["Start time"],
    "name_column": "Contestant",
    "address_column": "Email",
    "question": "Could you please confirm your availability?",
    "answers": [{"column": "Availability", "kind": "choice", "allowed": ["Yes", "No"]}],
    "language": "en",
    "tone": "",
    "subject": "Your start time, {{Contestant}}",
    "counts": "",
    "remind_after": 0,
    "missing": [],
}


def plan(
    server: ModelServer, script: dict[str, Any] | None = None, *, instruction: str = INSTRUCTION, **more: Any
) -> Plan:
    if script is not None:
        server.script(Said({**GOOD, **script}))
    lines = more.pop("lines", CONTESTANTS)
    request = PlanRequest(instruction, table(*lines), channel=ChannelName.EMAIL, **more)
    return ModelPlanner(client_of(server), OfflinePlanner()).plan(request)


def test_a_good_plan_stands(server: ModelServer) -> None:
    made = plan(server, {})
    assert made.read_columns == ("Contestant", "Start time")
    assert (made.address_column, made.name_column) == ("Email", "Contestant")
    assert made.answer_columns == (AnswerColumn("Availability", AnswerKind.CHOICE, ("Yes", "No")),)
    assert made.question == "Could you please confirm your availability?"
    assert made.subject == "Your start time, {{Contestant}}"
    assert server.refused == []


def test_the_emulator_plans_sensibly(server: ModelServer) -> None:
    made = plan(server)
    assert (made.read_columns, made.question) == (("Contestant", "Start time"), GOOD["question"])


def test_no_address_and_no_number_leaves_the_sheet(server: ModelServer) -> None:
    plan(server, {})
    asked = server.calls[0].question
    assert asked is not None
    assert "@" not in asked.block("data").__repr__()
    assert "7700" not in asked.text
    assert "09:40" in asked.text


def test_without_examples_no_cell_leaves_the_sheet() -> None:
    shown = str([one.shown() for one in view(table(), examples=0)])
    assert "09:40" not in shown
    assert "Souza" not in shown


def test_an_address_in_a_column_of_other_texts_does_not_leave_either() -> None:
    rows = (("Ana", "ask ben@example.org"), ("Ben", "room 5"), ("Cleo", "07700 900125"), ("Dan", "late"))
    shown = str([one.shown() for one in view(table(("Name", "Remark"), *rows))])
    assert "room 5" in shown
    assert "ben@" not in shown
    assert "900125" not in shown


def test_hidden_columns_and_ours_are_not_shown() -> None:
    lines = (("Name", "Email", "Status", "Row key"), ("Ana", "ana@example.org", "Sent", "k1"))
    assert [one.title for one in view(table(*lines))] == ["Name", "Email"]


def test_what_the_sheet_can_not_give_is_missing_in_the_instructions_own_words(server: ModelServer) -> None:
    made = plan(server, {"missing": ["t-shirt  size"]}, instruction=f"{INSTRUCTION}, and mention their T-shirt size")
    assert made.missing == ("T-shirt size",)


@pytest.mark.parametrize("missing", ["the fee", "start time", ""])
def test_it_does_not_ask_about_what_nobody_asked_for_or_what_is_there(server: ModelServer, missing: str) -> None:
    made = plan(server, {"missing": [missing]})
    assert made.missing == ()
    assert made.question


@pytest.mark.parametrize(
    "script",
    [
        {"read_columns": ["Secret", "Salary"]},
        {"name_column": "Nobody"},
        {"name_column": "Email"},
        {"address_column": "Start time"},
        {"address_column": "Nowhere"},
        {"language": "??"},
        {"subject": "Pay 50 EUR now"},
        {"subject": "{{Salary}}"},
        {"question": "Could you please confirm your availability and pay 50 EUR at pay.example?"},
    ],
)
def test_what_may_not_stand_is_replaced_by_codes_own(server: ModelServer, script: dict[str, Any]) -> None:
    made, own = plan(server, script), OfflinePlanner().plan(PlanRequest(INSTRUCTION, table(), ChannelName.EMAIL))
    (name,) = script
    field = {"read_columns": "read_columns", "name_column": "name_column"}.get(name, name)
    assert getattr(made, field) == getattr(own, field)


def test_addresses_are_read_only_where_the_instruction_names_them(server: ModelServer) -> None:
    assert plan(server, {"read_columns": ["Start time", "Phone"]}).read_columns == ("Contestant", "Start time")
    named = plan(
        server, {"read_columns": ["Phone"]}, instruction="Tell each contestant the phone we have; ask if right"
    )
    assert "Phone" in named.read_columns


def test_what_a_person_fixed_stays(server: ModelServer) -> None:
    made = plan(server, {"address_column": "Email"}, answers=("Coming=Yes|No|Maybe",), subject="Hello")
    assert made.answer_columns == (AnswerColumn("Coming", AnswerKind.CHOICE, ("Yes", "No", "Maybe")),)
    assert made.subject == "Hello"


def test_answers_never_go_into_columns_of_ours_or_of_the_organisers(server: ModelServer) -> None:
    answers = [
        {"column": "Flag", "kind": "text", "allowed": []},
        {"column": "Start time", "kind": "time", "allowed": []},
        {"column": "=cmd", "kind": "choice", "allowed": ["=A1", "B"]},
        {"column": "Diet", "kind": "choice", "allowed": ["vegan"]},
        {"column": "x" * 200, "kind": "text", "allowed": []},
    ]
    made = plan(server, {"answers": answers})
    assert [column.name for column in made.answer_columns] == ["Start time confirmed", "cmd", "Diet"]
    assert made.answer_columns[1].allowed == ("A1", "B")
    assert made.answer_columns[2].kind is AnswerKind.TEXT


def test_a_template_asks_no_model(server: ModelServer) -> None:
    assert plan(server, instruction="", template="Hello {{Contestant}}, {{Start time}}. Yes or no?").template
    assert server.calls == []


def test_titles_and_cells_that_give_orders_are_not_even_shown(server: ModelServer) -> None:
    for attack in [one for one in ATTACKS if len(one) <= 40][:8]:
        lines = (("Contestant", "Email", "Start time", attack), ("Ana Souza", "ana@example.org", attack, "x"))
        assert attack not in str([one.shown() for one in view(table(*lines))])


def test_a_model_that_can_not_be_asked_is_said(server: ModelServer) -> None:
    server.fault("key", times=None)
    with pytest.raises(PermanentError, match="OPENAI_API_KEY"):
        plan(server)
