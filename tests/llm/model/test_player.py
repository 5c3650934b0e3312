"""`make run MODEL=emulated`: the product with a model that somebody can play with, and that answers sensibly."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.domain.plan import Plan, parse_answer_column
from server.domain.words import ChannelName, Outcome
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter, OfflinePlanner
from server.llm.planner import ModelPlanner
from server.ports import PlanRequest, ReadRequest
from tests.emulators.openai import ModelServer
from tests.emulators.openai.play import play
from tests.emulators.openai.player import plays
from tests.llm.model.conftest import client_of, run
from tests.llm.sheet import table

ROW = {"Contestant": "Ana Souza", "Start time": "09:40", "Room": "5"}
PLAN = Plan(
    ChannelName.EMAIL,
    "outbox",
    "Email",
    "Contestant",
    read_columns=tuple(ROW),
    answer_columns=(parse_answer_column("Availability=Yes|No"),),
    question="Could you please confirm your availability?",
)


@pytest.fixture
def player(server: ModelServer) -> Iterator[ModelServer]:
    server.answer = plays
    yield server
    assert server.refused == []


def plan(player: ModelServer, instruction: str) -> Plan:
    planner = ModelPlanner(client_of(player), OfflinePlanner())
    return planner.plan(PlanRequest(instruction, table(), channel=ChannelName.EMAIL))


def test_it_plans_what_the_instruction_names(player: ModelServer) -> None:
    made = plan(
        player, "Send each contestant their start time and ask them to confirm availability, remind after 3 days"
    )
    assert made.read_columns == ("Contestant", "Start time")
    assert [column.name for column in made.answer_columns] == ["Availability"]
    assert made.remind_after == 3
    assert made.missing == ()


def test_it_notices_what_no_column_holds(player: ModelServer) -> None:
    made = plan(
        player, "Tell each contestant their room, mention their shirt size, and ask which meal: meat, fish or none"
    )
    assert made.missing == ("shirt size",)
    assert made.answer_columns[0].allowed == ("meat", "fish", "none")


@pytest.mark.parametrize("channel", [ChannelName.EMAIL, ChannelName.SMS])
def test_its_texts_pass_the_checks(player: ModelServer, channel: ChannelName) -> None:
    client, given = client_of(player), PLAN.with_channel(channel, "")
    drafter = ModelDrafter(client, OfflineDrafter())
    each = run(client, lambda: drafter.draft(given, "Send the start time and room", ROW))
    assert "your start time is 09:40, and your room is 5." in each.text
    one = run(client, lambda: drafter.template(given, "Send the start time and room", empty=["Contestant"]))
    assert "{{Contestant|there}}" in one.text
    back = run(client, lambda: drafter.clarify(ReadRequest("Maybe?", PLAN.question, given, ROW)))
    assert "come back to your question" in back.text
    assert [made.doubt for made in (each, one, back)] == ["", "", ""]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("Yes, I'll be there", Outcome.CONFIRMED),
        ("no sorry, can't", Outcome.DECLINED),
        ("No problem, yes", Outcome.CONFIRMED),
        ("Could we do it later?", Outcome.RESCHEDULE),
        ("maybe", Outcome.UNCLEAR),
        ("Where is it?", Outcome.QUESTION),
        ("You have the wrong person", Outcome.WRONG_PERSON),
        ("yes if my train is on time", Outcome.CONFIRMED),
    ],
)
def test_it_reads_plain_answers(player: ModelServer, reply: str, outcome: Outcome) -> None:
    client = client_of(player)
    reader = ModelInterpreter(client, OfflineInterpreter())
    made = run(client, lambda: reader.read(ReadRequest(reply, PLAN.question, PLAN, ROW, today="2026-05-04")))
    assert made.outcome is outcome


@pytest.mark.parametrize(
    ("answers", "reply", "value"),
    [("N=number", "three of us", "3"), ("D=date", "Friday works", "2026-05-08"), ("T=time", "at 9.30", "09:30")],
)
def test_it_finds_numbers_days_and_times(player: ModelServer, answers: str, reply: str, value: str) -> None:
    client = client_of(player)
    column = parse_answer_column(answers)
    given = Plan(ChannelName.EMAIL, "outbox", "Email", answer_columns=(column,), question="What is it?")
    reader = ModelInterpreter(client, OfflineInterpreter())
    made = run(client, lambda: reader.read(ReadRequest(reply, given.question, given, {}, today="2026-05-04")))
    assert made.values == {column.name: value}


def test_the_product_runs_with_it(tmp_path: Path) -> None:
    with play(tmp_path, {}, latency=0.0) as running:
        url, token = running.product.url, running.product.address.partition("token=")[2]
        asked = {"instruction": "Send each contestant their start time and ask them to confirm availability"}
        request = urllib.request.Request(f"{url}/api/campaigns", json.dumps(asked).encode())
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            made: dict[str, Any] = json.load(answer)
        assert [call.question.name for call in running.model.calls if call.question] == ["plan"]
        assert made["plan"]["read_columns"] == ["Name", "Start time"]
