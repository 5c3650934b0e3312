"""What of a plan goes along with each call, and where: what is the same for all rows first, to be read once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.plan import Plan, Settled, parse_answer_column
from server.domain.words import ChannelName
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter
from server.ports import DraftText, ReadRequest
from tests.emulators.openai import ModelServer, Question, Said
from tests.llm.model.conftest import client_of, run

INSTRUCTION = (
    "Send each contestant their start time, mention their T-shirt size and their lane, and ask whether they come"
)
PLAN = Plan(
    ChannelName.EMAIL,
    "smtp",
    "Email",
    "Contestant",
    ("Contestant", "Start time", "Track"),
    (parse_answer_column("Coming=Yes|No"),),
    subject="Your start time",
    question="Will you come?",
    tone="warm",
    counts="A yes or a no.",
    settled=(Settled("T-shirt size"), Settled("lane", "Track")),
)
ROWS = [
    {"Contestant": f"Ana{at} Souza", "Start time": f"09:0{at}", "Track": f"T{at}", "Email": f"ana{at}@example.org"}
    for at in range(3)
]


def asked(server: ModelServer, at: int = -1) -> Question:
    question = server.calls[at].question
    assert question is not None
    return question


def draft(server: ModelServer, row: dict[str, str], plan: Plan = PLAN) -> DraftText:
    client = client_of(server)
    return run(client, lambda: ModelDrafter(client, OfflineDrafter()).draft(plan, INSTRUCTION, row))


def test_a_draft_is_asked_for_in_the_plans_tone_without_what_is_left_out(server: ModelServer) -> None:
    draft(server, ROWS[0])
    same = asked(server).block("campaign")
    assert (same["tone"], same["leave_out"]) == ("warm", ["T-shirt size"])
    assert "mention their T-shirt size and their track, and ask" in same["instruction"]
    assert asked(server).block("data") == {"row": {"Contestant": "Ana0 Souza", "Start time": "09:00", "Track": "T0"}}


def test_only_the_last_message_differs_from_row_to_row(server: ModelServer) -> None:
    for row in ROWS:
        draft(server, row)
    sent = [asked(server, at).fields["messages"] for at in range(3)]
    assert all(one[:2] == sent[0][:2] for one in sent)
    assert len({str(one[2]) for one in sent}) == 3


def test_one_text_is_asked_for_in_the_same_way_and_without_any_cell(server: ModelServer) -> None:
    client = client_of(server)
    drafter = ModelDrafter(client, OfflineDrafter())
    made = run(client, lambda: drafter.template(PLAN, INSTRUCTION, empty=("Track",)))
    same = asked(server).block("campaign")
    assert (same["tone"], same["leave_out"], same["subject_wanted"]) == ("warm", ["T-shirt size"], False)
    assert asked(server).block("data") == {"columns": ["Contestant", "Start time", "Track"], "empty": ["Track"]}
    assert (made.subject, made.made.prompt.split("@")[0]) == ("Your start time", "template")


REQUEST = ReadRequest("maybe", PLAN.question, PLAN, ROWS[0])


def test_a_reply_is_read_by_what_counts(server: ModelServer) -> None:
    client = client_of(server)
    run(client, lambda: ModelInterpreter(client, OfflineInterpreter()).read(REQUEST))
    assert asked(server).block("campaign")["counts"] == "A yes or a no."
    assert "ana0@" not in asked(server).text


@pytest.mark.parametrize(
    ("missing", "doubted"), [("their T-shirt size", False), ("T-Shirt Size", False), ("fee", True)]
)
def test_what_a_person_left_out_is_no_doubt_of_a_draft(server: ModelServer, missing: str, doubted: bool) -> None:
    server.script(Said({"missing": [missing], "subject": "", "text": "Hello Ana0 Souza, you start at 09:00 on T0."}))
    assert bool(draft(server, ROWS[0]).doubt) is doubted


def test_a_subject_that_nobody_planned_is_the_models(server: ModelServer) -> None:
    text = "Hello {{Contestant}}, you start at {{Start time}} on {{Track}}."
    server.script(Said({"missing": [], "subject": "When you start", "text": text}))
    client = client_of(server)
    drafter = ModelDrafter(client, OfflineDrafter())
    made = run(client, lambda: drafter.template(replace(PLAN, subject=""), INSTRUCTION))
    assert (made.subject, made.doubt) == ("When you start", "")
