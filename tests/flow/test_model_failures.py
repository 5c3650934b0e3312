"""What can go wrong with a model's server, as drafting and reading meet it: the row says so, and the rest goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from server.domain.plan import Plan
from server.domain.reply import Interpretation
from server.domain.words import Flag, MessageState, Outcome, Problem, Status
from server.flow import drafting
from server.llm.client import ModelClient
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter
from server.ports import DraftText, ReadRequest
from tests.emulators.openai import ModelServer
from tests.flow.stage import PLAN, Stage

FOR_THE_ROW = {
    "refusal": (1, "The model refuses to work on this text. A person has to."),
    "filter": (1, "The model refuses to work on this text."),
    "policy": (1, "The model refuses to work on this text."),
    "context": (1, "There is more text than the model can take. Shorten it."),
    "truncated": (2, "The model's answer was cut off."),
    "invalid": (3, "The model gave no answer that could be used."),
    "other-form": (3, "The model gave no answer that could be used."),
    "429": (8, "The model at 127.0.0.1 asks us to slow down."),
    "500": (3, "The model at 127.0.0.1 has trouble of its own just now."),
    "503": (3, "The model at 127.0.0.1 has trouble of its own just now."),
    "drop": (3, "The model at 127.0.0.1 can't be reached just now."),
    "hang": (3, "The model at 127.0.0.1 did not answer in time."),
}
"""Fault -> how many calls of one row it takes until the row says so, and what it says."""

FOR_ALL = {
    "key": "127.0.0.1 does not accept the key in OPENAI_API_KEY.",
    "model": "There is no model “emulated-1” at 127.0.0.1",
    "forbidden": "may not use the model “emulated-1”",
    "quota": "has no credit left",
    "bad": "127.0.0.1 does not accept our requests (HTTP 400).",
    "html": "What answers at 127.0.0.1 is no model server. Correct OPENAI_BASE_URL.",
    "empty": "What answers at 127.0.0.1 is no model server.",
    "huge": "What answers at 127.0.0.1 is no model server.",
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as found:
        yield found


class Asked:
    """A drafter and a reader with a model. Each piece of work has a client of its own: the stage's loops are short."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self.answer_seconds = 30.0
        self.waited: list[float] = []

    async def draft(self, plan: Plan, instruction: str, record: Mapping[str, str]) -> DraftText:
        async with self._client() as client:
            return await ModelDrafter(client, OfflineDrafter()).draft(plan, instruction, record)

    async def template(self, plan: Plan, instruction: str, *, empty: Collection[str] = ()) -> DraftText:
        async with self._client() as client:
            return await ModelDrafter(client, OfflineDrafter()).template(plan, instruction, empty=empty)

    async def clarify(self, request: ReadRequest) -> DraftText:
        async with self._client() as client:
            return await ModelDrafter(client, OfflineDrafter()).clarify(request)

    async def read(self, request: ReadRequest) -> Interpretation:
        async with self._client() as client:
            return await ModelInterpreter(client, OfflineInterpreter()).read(request)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[ModelClient]:
        server = self._server
        client = ModelClient(server.key, server.model, server.url, answer_seconds=self.answer_seconds, sleep=self._wait)
        try:
            yield client
        finally:
            await client.close()

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def asked(server: ModelServer) -> Asked:
    return Asked(server)


@pytest.fixture
def modelled(stage: Stage, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Rows that a model drafts one after the other, and replies that it reads."""
    monkeypatch.setattr(drafting, "CONCURRENCY", 1)
    stage.drafter, stage.interpreter = asked, asked
    stage.instruction = "Send each their start time and ask whether they can come"
    stage.plan = replace(PLAN, template="")
    return stage


@pytest.mark.parametrize("kind", FOR_THE_ROW)
def test_the_row_says_so_and_the_rest_goes_on(modelled: Stage, server: ModelServer, asked: Asked, kind: str) -> None:
    asked.answer_seconds = 1.0 if kind == "hang" else 30.0
    calls, words = FOR_THE_ROW[kind]
    server.fault(kind, nth=2, times=calls)
    modelled.draft()
    ana, ben, cleo = (modelled.of(name) for name in ("Ana", "Ben", "Cleo"))
    assert (ben.text, ben.problem) == ("", Problem.CHECK)
    assert words in ben.note
    assert words in modelled.cell("Ben", "Note")
    assert modelled.cell("Ben", "Status") == Status.CHECK_DRAFT
    for other in (ana, cleo):
        assert (other.state, other.problem) == (MessageState.DRAFTED, Problem.NONE)
        assert other.person in other.text
    assert len(server.calls) == 2 + calls


@pytest.mark.parametrize("kind", FOR_ALL)
def test_what_every_row_would_meet_ends_drafting_and_it_goes_on_when_it_is_mended(
    modelled: Stage, server: ModelServer, kind: str
) -> None:
    server.fault(kind, nth=2)
    modelled.draft()
    assert FOR_ALL[kind] in modelled.campaign.halted
    assert "1 of 3 rows are drafted" in modelled.campaign.halted
    assert modelled.states() == {MessageState.DRAFTED: 1, MessageState.CHOSEN: 2}
    assert len(server.calls) == 2

    drafting.go_on(ledger=modelled.ledger, campaign_id=modelled.campaign_id)
    modelled.write_drafts()
    assert modelled.states() == {MessageState.DRAFTED: 3}
    assert len(server.calls) == 4


@pytest.mark.parametrize("kind", [*FOR_THE_ROW, *FOR_ALL])
def test_a_reply_that_the_model_can_not_read_is_proposed_by_the_offline_reader(
    stage: Stage, server: ModelServer, asked: Asked, kind: str
) -> None:
    asked.answer_seconds = 0.3 if kind == "hang" else 30.0
    stage.interpreter = asked
    stage.out()
    server.fault(kind, times=None)
    stage.reply("Ana", "Yes, I'll be there")
    ana = stage.of("Ana")
    assert (ana.outcome, ana.flag, dict(ana.values)) == (Outcome.CONFIRMED, Flag.CHECK, {"Availability": "Yes"})
    assert ana.confidence <= 0.5
    assert (FOR_THE_ROW[kind][1] if kind in FOR_THE_ROW else FOR_ALL[kind]) in ana.note
    assert stage.cell("Ana", "Status") == Status.REVIEW
    assert stage.cell("Ana", "Availability") == ""


def test_a_stop_is_heard_whatever_the_model_does(stage: Stage, server: ModelServer, asked: Asked) -> None:
    stage.interpreter = asked
    stage.out()
    server.fault("hang", times=None)
    stage.reply("Ana", "STOP")
    assert stage.of("Ana").outcome is Outcome.OPT_OUT
    assert server.calls == []


def test_it_waits_as_long_as_the_server_asks_and_then_writes_the_row(
    modelled: Stage, server: ModelServer, asked: Asked
) -> None:
    server.fault("429", retry_after="7")
    modelled.draft()
    assert asked.waited == [pytest.approx(7.0, abs=0.5)]
    assert modelled.states() == {MessageState.DRAFTED: 3}


def test_a_model_that_stays_away_is_not_asked_for_each_of_many_rows(modelled: Stage, server: ModelServer) -> None:
    for number in range(40):
        modelled.sheet.insert_row(
            number, {"Name": f"Dana{number}", "Email": f"d{number}@example.org", "Start": "10:00"}
        )
    server.fault("500", times=None)
    modelled.draft()
    assert "has trouble of its own just now" in modelled.campaign.halted
    assert modelled.states() == {MessageState.CHOSEN: 43}
    assert len(server.calls) == 30
