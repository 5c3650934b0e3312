"""Runs cases through the product's own planner, drafter and interpreter, with a model or with recorded answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from server.domain import templates
from server.domain.usage import Usage
from server.domain.words import ChannelName
from server.errors import CellbackError, InvalidInput, PermanentError, TemporaryError
from server.flow.interpreting import read_text
from server.llm import prompting
from server.llm.client import Answer, Ask, ModelClient
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter, OfflinePlanner
from server.llm.planner import ModelPlanner
from server.llm.usage import TokenBudget
from server.ports import PlanRequest, ReadRequest
from tests.emulators.openai import ModelServer, Question, Said
from tests.evaluation import recorded, scoring
from tests.evaluation.cases import TODAY, Case, plan_of, table_of
from tests.evaluation.recorded import Record
from tests.evaluation.scoring import Marks, Text

AT_ONCE = 8
"""Calls in flight against a model; recorded answers come one by one."""


@dataclass
class Result:
    """What came of a case. `error` is the sentence where nothing did; `record` the recorded answer that it got."""

    case: Case
    marks: Marks = field(default_factory=dict)
    used: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    error: str = ""
    record: Record | None = None
    heard: list[Record] = field(default_factory=list)
    prompts: set[str] = field(default_factory=set)

    @property
    def outdated(self) -> bool:
        """Whether its answer was recorded with another prompt."""
        return self.record is not None and bool(self.prompts) and self.record.prompt not in self.prompts


class Listening:
    """A client that keeps what it hears."""

    def __init__(self, client: ModelClient, result: Result) -> None:
        self._client, self._result = client, result
        self.failed: CellbackError | None = None

    async def ask(self, ask: Ask[Any], budget: TokenBudget | None = None) -> Answer[Any]:
        """As the client."""
        self._result.prompts.add(ask.prompt.id)
        try:
            answer = await self._client.ask(ask, budget)
        except CellbackError as error:
            self.failed = error
            raise
        self._result.heard.append(recorded.heard(self._result.case.id, ask, answer))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


async def run_all(client: ModelClient, cases: Sequence[Case]) -> list[Result]:
    """All cases against a model, some at once, in their order. Raises what every further case would meet too."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> Result:
        async with gate:
            return await run(client, case)

    try:
        return await asyncio.gather(*(one(case) for case in cases))
    finally:
        await client.close()


async def run_offline(cases: Sequence[Case]) -> list[Result]:
    """All cases with the offline model alone: what a model has to be better than."""
    return [await run(None, case) for case in cases]


async def replay_all(cases: Sequence[Case], records: Sequence[Record]) -> list[Result]:
    """All cases that have a recorded answer against the emulated server, one by one."""
    with _replaying() as (client, server):
        results = []
        for case in cases:
            record = chosen(case, records)
            if record is not None:
                server.answer = _saying(record)
                result = await run(client, case)
                result.record = record
                results.append(result)
        await client.close()
        return results


def chosen(case: Case, records: Sequence[Record]) -> Record | None:
    """The answer to today's prompt, or else to another one of the same name; None when nothing is recorded."""
    mine = [one for one in records if one.case == case.id]
    today = {prompting.load(name).id for name in prompting.names()}
    return next((one for one in mine if one.prompt in today), mine[0] if mine else None)


@contextmanager
def _replaying() -> Iterator[tuple[ModelClient, ModelServer]]:
    with ModelServer(model="recorded") as server:
        yield ModelClient(key=server.key, model=server.model, base_url=server.url), server


def _saying(record: Record) -> Any:
    def said(asked: Question) -> Said:
        return recorded.said(record, asked)

    return said


async def run(client: ModelClient | None, case: Case) -> Result:
    """One case, the whole way; offline without a client. Raises PermanentError for what every other case would meet as
    well."""
    result, budget, started = Result(case), TokenBudget(), time.monotonic()
    listening = Listening(client, result) if client else None
    work = {"plan": _plan, "draft": _draft, "read": _read}[case.task]
    with suppress(TemporaryError, PermanentError):  # kept as `failed`
        result.marks = await work(listening, budget, case)
    result.used, result.seconds = budget.spent, time.monotonic() - started
    if (
        listening and listening.failed is not None
    ):  # readings survive that: what the offline reader makes of it is not meant here
        if getattr(listening.failed, "whole_campaign", False):
            raise listening.failed
        result.error, result.marks = listening.failed.sentence, {}
    return result


async def _plan(client: Any, budget: TokenBudget, case: Case) -> Marks:
    channel = ChannelName(case.given["channel"]) if case.given.get("channel") else None
    request = PlanRequest(case.given["instruction"], table_of(case), channel=channel)
    planner = ModelPlanner(client, OfflinePlanner(), budget=budget) if client else OfflinePlanner()
    try:
        plan = await asyncio.to_thread(planner.plan, request)
    except InvalidInput as error:
        return scoring.of_plan(case, None, [str(error)])
    return scoring.of_plan(case, plan, plan.missing)


async def _draft(client: Any, budget: TokenBudget, case: Case) -> Marks:
    plan, given = plan_of(case), case.given
    drafter = ModelDrafter(client, OfflineDrafter(), budget=budget) if client else OfflineDrafter()
    rows = given.get("rows") or [given["row"]]
    if given.get("way") == "one":
        empty = [title for title in rows[0] if not all(row[title].strip() for row in rows)]
        made = await drafter.template(plan, given["instruction"], empty=empty)
        filled = [tuple(templates.render(one, row).text for one in (made.subject, made.text)) for row in rows]
        return scoring.of_draft(
            case, plan, [Text(*both, row) for both, row in zip(filled, rows, strict=True)], made.doubt
        )
    if given.get("way") == "back":
        made = await drafter.clarify(ReadRequest(given["reply"], plan.question, plan, rows[0]))
    else:
        made = await drafter.draft(plan, given["instruction"], rows[0])
    return scoring.of_draft(case, plan, [Text(made.subject, made.text, rows[0])], made.doubt)


async def _read(client: Any, budget: TokenBudget, case: Case) -> Marks:
    plan, given = plan_of(case), case.given
    interpreter = ModelInterpreter(client, OfflineInterpreter(), budget=budget) if client else OfflineInterpreter()
    request = ReadRequest(
        given["reply"], plan.question, plan, given.get("row", {}), given.get("quoted", ""), given.get("today", TODAY)
    )
    return scoring.of_reading(case, await read_text(interpreter, request))
