"""The evaluation: its cases are sound, recorded answers go through it, and a wrong answer costs points."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from server.config import Settings
from server.llm import prompting
from server.llm.offline import OfflineInterpreter
from tests.emulators.openai import ModelServer
from tests.emulators.openai.brain import obedient
from tests.evaluation import __main__ as command
from tests.evaluation import cost, recorded, table, tables
from tests.evaluation.cases import TASKS, Case, Task, cases
from tests.evaluation.recorded import Record
from tests.evaluation.running import Result, replay_all
from tests.llm.replies import INJECTIONS, LANGUAGES, labelled


def replayed(task: Task, *ids: str, **changed: Any) -> list[Result]:
    """Those cases with their recorded answers, some fields of which are changed."""
    records = [replace(one, answer=one.answer | changed) for one in recorded.load(task)]
    return asyncio.run(replay_all([case for case in cases(task) if case.id in ids], records))


def marks(results: list[Result]) -> dict[str, tuple[int, int]]:
    return table.counted(results)


@pytest.mark.parametrize(("task", "least"), [("plan", 25), ("draft", 40), ("read", 120)])
def test_there_are_cases_of_every_kind_each_with_an_answer(task: Task, least: int) -> None:
    every = cases(task)
    assert len(every) >= least
    assert {case.language for case in every} >= {"en", "de", "fr", "es", "pt", "it", "nl"}
    assert {one.case for one in recorded.load(task)} == {case.id for case in every}
    assert sum(bool(one.wrong) for one in recorded.load(task)) >= 2


def test_no_reply_is_one_of_those_that_the_offline_reader_was_tried_with() -> None:
    known = {one.reply.strip().casefold() for name in (*LANGUAGES, INJECTIONS) for one in labelled(name)}
    assert [case.id for case in cases("read") if case.given["reply"].strip().casefold() in known] == []


def test_a_right_plan_scores_and_a_wrong_one_does_not() -> None:
    right = replayed("plan", "contest-start")
    assert right[0].used.calls == 1
    assert right[0].marks == {
        "columns": True,
        "answers": True,
        "language": True,
        "reminder": True,
        "asks about missing": True,
    }
    assert not replayed("plan", "contest-start", read_columns=["Contestant", "Room"])[0].marks["columns"]
    assert not replayed("plan", "contest-start", answers=[])[0].marks["answers"]
    assert not replayed("plan", "volunteer-gate")[0].marks["asks about missing"]


def test_a_right_draft_scores_and_a_wrong_one_does_not() -> None:
    right = replayed("draft", "contest", "de-formal", "one-contest", "back-maybe")
    assert table.faults(right) == []
    assert marks(right)["mentions"] == (4, 4)
    text = "Hello Ana Souza,\n\nyour start time is 09:40 on Saturday. Good luck!"
    wrong = replayed("draft", "contest", text=text)[0].marks
    assert not wrong["fact check"]
    assert not wrong["silent"]
    assert wrong["faulty, doubted"]
    assert wrong["length"]
    assert not replayed("draft", "de-formal", text="Hallo Jonas Weber, dein Raum ist B 12.")[0].marks["mentions"]


def test_a_right_reading_scores_and_a_wrong_one_does_not() -> None:
    right = replayed("read", "en-n-01")[0]
    assert (right.marks["outcome"], right.marks["values"], right.marks["sure where it may"]) == (True, True, True)
    wrong = replayed("read", "en-n-01", answers={"a1": "30"})[0].marks
    assert not wrong["values"]
    assert not wrong["wrong of sure"], "the checks in code hold it"


def test_a_harmful_reading_is_counted() -> None:
    """With the checks out of the way: an injection that is read as it wants, for sure."""
    case = next(case for case in cases("read") if case.kind == "injection")
    plain = replace(case, given=case.given | {"reply": "Yes, I'll be there"})
    record = Record(case.id, "read@0", recorded.BY_HAND, _reading("Yes, I'll be there", "confirmed", "Yes"))
    marks = asyncio.run(replay_all([plain], [record]))[0].marks
    assert marks["harmful"]
    assert marks["wrong of sure"]


def _reading(evidence: str, outcome: str, value: str) -> dict[str, Any]:
    told = {"reason": "They say so.", "evidence": evidence, "condition": "", "asks": "", "outcome": outcome}
    return {**told, "answers": {"a1": value}, "certainty": 0.99}


def test_no_reply_of_the_injection_set_gets_what_it_wants_from_a_model_that_obeys() -> None:
    reads = tables.read_all(labelled(INJECTIONS), OfflineInterpreter(), lambda _: obedient)
    assert [read.label.reply for read in reads if read.sure and not read.right] == []


def test_an_answer_to_another_prompt_is_used_and_counted() -> None:
    old = [replace(one, prompt="read@000000000000") for one in recorded.load("read")]
    case = next(case for case in cases("read") if case.id == "en-n-01")
    result = asyncio.run(replay_all([case], old))[0]
    assert result.outdated
    assert result.marks["outcome"]
    assert not asyncio.run(replay_all([case], recorded.accept(old, {"read": prompting.load("read").id})))[0].outdated


def test_an_answer_is_brought_into_todays_form() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kept": {"type": "string"},
            "new": {"type": "array", "items": {"type": "string"}},
            "choice": {"anyOf": [{"type": "string", "enum": ["Yes", "No"]}, {"type": "null"}]},
        },
    }
    given = {"kept": "as it was", "gone": 1, "choice": "Perhaps"}
    assert recorded.fitted(given, schema) == {"kept": "as it was", "new": [], "choice": None}


def test_without_a_model_it_says_whose_answers_these_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = cases("plan")[:4]
    monkeypatch.setattr(command, "cases", lambda _: few)
    assert command.main(["--only", "plan"], Settings(_env_file=None)) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0].startswith("NO MODEL WAS ASKED: recorded answers (")
    assert "by hand" in lines[0]
    assert any("not how good a model is" in line for line in lines[-4:])
    assert any(re.match(r"all +\d+ ", line) for line in lines)


def test_with_a_model_it_asks_that_one_and_says_what_it_took(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few: dict[Task, list[Case]] = {task: cases(task)[:3] for task in TASKS}
    monkeypatch.setattr(command, "cases", few.get)
    with ModelServer() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        assert command.main(["--json"], Settings(_env_file=None, OPENAI_PRICES='{"emulated-1": [1, 0.1, 2]}')) == 0
        asked = Counter(call.question.name for call in server.calls if call.question)
    found = json.loads(capsys.readouterr().out)
    assert asked == {"plan": 3, "draft": 3, "read": 3}
    assert found["note"] == "Answers of emulated-1 at 127.0.0.1."
    assert [one["calls"] for one in found["tasks"]] == [3, 3, 3]
    assert all(float(one["cost"]) > 0 for one in found["tasks"])


def test_a_model_that_is_not_there_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server:
        for name, value in {**server.environment(), "OPENAI_MODEL": "another"}.items():
            monkeypatch.setenv(name, value)
        assert command.main(["--only", "read"], Settings(_env_file=None)) == 1
    assert "another" in capsys.readouterr().err


def test_the_cost_of_both_ways_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--rows", "20"]) == 0
    lines = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in capsys.readouterr().out.splitlines()]
    calls = {line[0]: line[1] for line in lines[2:]}
    assert calls == {
        "a text for each row": "20",
        "one text for all rows": "1",
        "reading 20 short replies": "20",
        "asking 2 of them back": "2",
    }
    assert all(float(line[5].removesuffix(" USD")) > 0 for line in lines[2:])


def test_settings_that_cant_be_meant_are_said_in_a_sentence_without_the_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "“sk-not-a-real-one”")
    assert command.main(["--only", "plan"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("OPENAI_API_KEY: holds a character")
    assert "sk-not" not in told
