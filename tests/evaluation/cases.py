"""The cases, as their files hold them: a JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from server.domain.plan import AnswerColumn, Plan, parse_answer_column
from server.domain.table import Cell, Column, Row, Table
from server.domain.words import CellKind, ChannelName

HERE = Path(__file__).parent / "cases"
Task = Literal["plan", "draft", "read"]
TASKS: tuple[Task, ...] = ("plan", "draft", "read")
TODAY = "2026-05-04"


@dataclass(frozen=True)
class Case:
    """One case. `given` is what the product gets, `right` what must come of it, both as in the file."""

    task: Task
    id: str
    kind: str
    language: str
    given: dict[str, Any]
    right: dict[str, Any]


def cases(task: Task) -> list[Case]:
    """All cases of a task, in the order of their file."""
    lines = (HERE / f"{task}.jsonl").read_text("utf-8").splitlines()
    found = [Case(task, **json.loads(line)) for line in lines if line.strip()]
    assert len({case.id for case in found}) == len(found), f"an id of {task}.jsonl stands there twice"
    return found


def table_of(case: Case) -> Table:
    """The sheet of a plan case: `columns` (titles), `rows` (shown texts)."""
    columns = tuple(Column(title, chr(65 + index)) for index, title in enumerate(case.given["columns"]))
    rows = tuple(Row(2 + place, "", tuple(map(_cell, row))) for place, row in enumerate(case.given["rows"]))
    return Table("book.xlsx", case.given.get("sheet", "Sheet1"), columns, rows, "1")


def _cell(text: str) -> Cell:
    return Cell(text, text or None, CellKind.TEXT if text else CellKind.BLANK)


def plan_of(case: Case) -> Plan:
    """The plan that a draft or a reading is made by."""
    given = case.given
    titles = list(given.get("row") or (given.get("rows") or [{}])[0])
    return Plan(
        ChannelName(given.get("channel", "email")),
        "outbox",
        "Email",
        given.get("name", "Name" if "Name" in titles else ""),
        read_columns=tuple(given.get("read", titles)),
        answer_columns=answers_of(case),
        subject=given.get("subject", ""),
        question=given.get("question", ""),
        language=case.language,
        tone=given.get("tone", ""),
        counts=given.get("counts", ""),
    )


def answers_of(case: Case) -> tuple[AnswerColumn, ...]:
    """The answer columns, written as on the command line and parted by semicolons."""
    return tuple(parse_answer_column(text) for text in case.given.get("answers", "").split(";") if text)
