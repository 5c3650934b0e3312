"""What made a plan, a text or a reading is kept with it: prompt, model, tokens, version of the plan."""

from __future__ import annotations

from dataclasses import replace

from server.domain.usage import NOT_MADE, Made, Usage
from server.llm import prompting
from server.llm.drafter import ModelDrafter
from server.llm.offline import OfflineDrafter, OfflinePlanner
from server.llm.planner import ModelPlanner
from server.ports import PlanRequest
from tests.emulators.openai import ModelServer
from tests.llm.model.conftest import client_of, run
from tests.llm.model.test_interpreter import read, request
from tests.llm.model.test_tracing import PLAN, ROW
from tests.llm.sheet import CONTESTANTS, table

THIRD = replace(PLAN, version=3)


def by(server: ModelServer, prompt: str, *, plan: int = 3) -> Made:
    """What the server counted for all calls so far, under that prompt."""
    used = Usage(server.tokens["input"], server.tokens["cached"], server.tokens["output"], len(server.calls))
    return Made(prompting.load(prompt).id, "emulated-1", used, plan)


def test_of_a_text(server: ModelServer) -> None:
    client = client_of(server)
    made = run(client, lambda: ModelDrafter(client, OfflineDrafter()).draft(THIRD, "Send their start time", ROW)).made
    assert made == by(server, "draft")


def test_of_one_text_for_all_rows(server: ModelServer) -> None:
    client = client_of(server)
    made = run(client, lambda: ModelDrafter(client, OfflineDrafter()).template(THIRD, "Send their start time")).made
    assert made == by(server, "template")


def test_of_a_reading(server: ModelServer) -> None:
    asked = request("Yes, I'll be there")
    assert read(server, replace(asked, plan=replace(asked.plan, version=3))).made == by(server, "read")


def test_of_a_plan(server: ModelServer) -> None:
    wanted = PlanRequest("Send each contestant their start time", table(*CONTESTANTS))
    assert ModelPlanner(client_of(server), OfflinePlanner()).plan(wanted).made == by(server, "plan", plan=1)


def test_tries_that_came_to_nothing_count_with_the_one_that_did_not(server: ModelServer) -> None:
    server.fault("invalid")
    made = read(server, request("Yes, I'll be there")).made
    assert made.usage.calls == 2
    assert made == by(server, "read", plan=1)


def test_what_was_made_without_the_model_does_not_say_otherwise(server: ModelServer) -> None:
    server.fault("key")
    assert read(server, request("Yes, I'll be there")).made == NOT_MADE
    client = client_of(server)
    filled = replace(PLAN, template="Hello {{Name}}!")
    assert run(client, lambda: ModelDrafter(client, OfflineDrafter()).draft(filled, "", ROW)).made == NOT_MADE
