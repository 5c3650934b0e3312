"""Recorded answers: how a run without a key gets through, and how the answers of a model are kept.

A line is one answer to one case: `case`, `prompt` (its id), `by` (who gave it), `answer` (the JSON), `sure` (how
probable single fields were), `wrong` (a sentence where it is wrong on purpose, as models are now and then).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from server.llm.client import Answer, Ask
from tests.emulators.openai import Question, Said
from tests.emulators.openai.schema import fits

HERE = Path(__file__).parent / "recorded"
BY_HAND = "by hand"


@dataclass(frozen=True)
class Record:
    """One recorded answer."""

    case: str
    prompt: str
    by: str
    answer: dict[str, Any]
    sure: dict[str, float] = field(default_factory=dict)
    wrong: str = ""

    def line(self) -> str:
        """As the file holds it; what is empty is left out."""
        shown = {name: value for name, value in vars(self).items() if value or name == "answer"}
        return json.dumps(shown, ensure_ascii=False)


def load(task: str) -> list[Record]:
    """What is recorded for a task; [] where nothing is."""
    path = HERE / f"{task}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Record(**json.loads(line)) for line in lines if line.strip()]


def save(task: str, records: Iterable[Record]) -> None:
    """Put these in the place of what was recorded."""
    HERE.mkdir(exist_ok=True)
    (HERE / f"{task}.jsonl").write_text("".join(f"{record.line()}\n" for record in records), "utf-8")


def heard(case: str, ask: Ask[Any], answer: Answer[Any]) -> Record:
    """An answer as it was given, to be recorded."""
    sure = {path: round(level, 6) for path, level in answer.certain.items()}
    return Record(case, ask.prompt.id, answer.model, answer.value.model_dump(mode="json"), sure)


def merged(before: Iterable[Record], now: Iterable[Record]) -> list[Record]:
    """The new answers, and those of before to cases that have none now."""
    new = list(now)
    return [*new, *(one for one in before if one.case not in {other.case for other in new})]


def said(record: Record, asked: Question) -> Said:
    """The recorded answer as the server gives it, brought into the form that is asked for today."""
    answer = fitted(record.answer, asked.schema or {}) if asked.schema else record.answer
    certain = record.answer.get("certainty")
    return Said(answer, certain=certain if isinstance(certain, float) and 0 < certain <= 1 else 0.99, sure=record.sure)


def accept(records: Iterable[Record], prompts: Mapping[str, str]) -> list[Record]:
    """The records as answers to today's prompts (name -> id): somebody looked at what changed."""
    return [replace(one, prompt=prompts.get(one.prompt.partition("@")[0], one.prompt)) for one in records]


def fitted(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """A recorded value in a form that may have changed since: fields that are new are empty, those that went are left
    out."""
    root = root or schema
    if "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return fitted(value, found, root)
    if "properties" in schema:
        given = value if isinstance(value, Mapping) else {}
        return {name: fitted(given.get(name), one, root) for name, one in schema["properties"].items()}
    if schema.get("type") == "array" and isinstance(value, list):
        return [fitted(one, schema["items"], root) for one in value]
    return value if fits(value, dict(schema), dict(root)) else _empty(schema, root)


def _empty(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    choices = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if "anyOf" in schema:
        return None if len(choices) < len(schema["anyOf"]) else fitted(None, choices[0], root)
    return {"string": "", "array": [], "number": 0.0, "integer": 0, "boolean": False}.get(schema.get("type", ""))
