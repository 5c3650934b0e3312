"""The whole way with a language model behind it: the real product, and a model server that speaks the real API."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from server.config import Settings
from server.domain.message import Message
from server.domain.usage import Usage
from server.errors import Conflict
from server.llm import prompting
from server.ports import Ledger
from server.services import build
from tests.books import book, records
from tests.emulators.openai import ModelServer, Question, Said
from tests.emulators.openai.brain import sensible
from tests.nursery import popen
from tests.test_story import INSTRUCTION, Desk
from tests.waiting import until

AT_ONCE = 12
"""Rows that the model writes without being kept."""
PEOPLE = [(f"Ana{index} Souza", f"ana{index}@example.org", f"09:{index:02d}") for index in range(40)]
ANA, BEN, CLEO = (name for name, _, _ in PEOPLE[:3])


@dataclass
class Model:
    """A model that can be kept from answering for rows behind the first ones, and counts what it wrote."""

    kept: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    thought: threading.Event = field(default_factory=threading.Event)
    wrote: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def answer(self, question: Question) -> Said:
        """Sensible, after a while."""
        if question.name == "read" and "think" in question.block("data")["reply"]:
            self.thought.wait(60)
        if question.name == "draft":
            name = str(question.block("data")["row"]["Name"])
            self.asked[name] += 1
            if self.kept and name not in {one for one, _, _ in PEOPLE[:AT_ONCE]}:
                self.go.wait(60)
            self.wrote[name] += 1
        return sensible(question)


@dataclass
class Stage:
    """The product, its workbook and its ledger, and the model's server."""

    desk: Desk
    path: Path
    ledger: Ledger
    server: ModelServer
    model: Model
    data_dir: Path
    campaign: str = ""

    def row(self, name: str) -> dict[str, str]:
        return next(record for record in records(self.path) if record["Name"] == name)

    def message(self, name: str) -> Message:
        return next(one for one in self.ledger.messages.of_campaign(self.campaign) if one.person == name)

    def bound(self, tokens: int) -> None:
        """Let the campaign use so many tokens and no more."""

        def save() -> bool:
            with suppress(Conflict):  # a worker was quicker
                self.ledger.campaigns.save(replace(self.ledger.campaigns.get(self.campaign), most_tokens=tokens))
                return True
            return False

        until(save, what="the bound")

    def answer(self, name: str, text: str) -> None:
        """The person answers the mail that came to them."""
        mails = self.desk.get("/api/mailbox")["mails"]
        mail = next(one for one in mails if one["to"] == self.message(name).address)
        self.desk.post(f"/api/mailbox/{mail['id']}/answer", text=text)

    @property
    def used(self) -> Usage:
        """What the ledger counted for the campaign."""
        return sum((one.usage for one in self.ledger.usages.of_campaign(self.campaign)), Usage())


@pytest.fixture
def stage(tmp_path: Path, data_dir: Path, settings: Callable[..., Settings]) -> Iterator[Stage]:
    path = book(tmp_path / "contest.xlsx", ["Name", "Email", "Start time"], PEOPLE)
    model = Model()
    with ModelServer() as server:
        server.answer = model.answer
        variables = {"CELLBACK_DATA_DIR": str(data_dir), "PORT": "0", "CELLBACK_UNDO_SECONDS": "0"}
        printed = tmp_path / "printed"
        environment = {**os.environ, **variables, **server.environment()}
        with (
            printed.open("w") as out,
            popen([sys.executable, "-m", "server", "serve", str(path)], env=environment, stdout=out) as process,
        ):
            desk = Desk(until(lambda: printed.read_text().strip(), what="the printed address"))
            services = build(settings())
            yield Stage(desk, path, services.ledger, server, model, data_dir)
            services.close()
            desk.http.close()
            model.go.set()
            model.thought.set()
            process.terminate()
            assert process.wait(30) == 0


def kill_the_drafting_worker(stage: Stage) -> None:
    """No time for anything."""
    [owner] = {owner for lease, owner in stage.ledger.leases.held() if lease.startswith("draft-")}
    os.kill(int(owner.split("-")[2]), signal.SIGKILL)


def test_it_plans_drafts_sends_and_reads_with_the_model_and_survives_a_killed_worker_and_a_budget(stage: Stage) -> None:
    desk, model = stage.desk, stage.model
    assert desk.get("/api/session")["offline_model"] is False

    # planned by the model, and counted for the campaign that came of it
    campaign = desk.post("/api/campaigns", instruction=INSTRUCTION)
    stage.campaign = campaign["id"]
    here = f"/api/campaigns/{stage.campaign}"
    plan = stage.ledger.campaigns.get(stage.campaign).plan
    assert (plan.made.model, plan.made.prompt, plan.note) == ("emulated-1", prompting.load("plan").id, "")
    assert stage.used == plan.made.usage
    assert stage.used.calls == 1

    # a worker is killed in the midst of drafting
    model.kept = True
    desk.post(f"{here}/draft")
    done = {name for name, _, _ in PEOPLE[:AT_ONCE]}
    until(lambda: set(model.asked) == {name for name, _, _ in PEOPLE}, what="all rows to be asked for")
    until(lambda: all(stage.message(name).text for name in done), what="the first drafts to be stored")
    kill_the_drafting_worker(stage)
    model.kept = False
    model.go.set()
    until(lambda: all(one.text for one in stage.ledger.messages.of_campaign(stage.campaign)), what="all drafts")
    assert {name: model.asked[name] for name in done} == dict.fromkeys(done, 1)
    assert max(model.asked.values()) == 2
    until(lambda: stage.row(CLEO).get("Status") == "Draft", what="the drafts in their cells")
    assert "09:02" in stage.row(CLEO)["Message"]
    made = stage.message(CLEO).drafted_by
    assert (made.prompt, made.model, made.plan) == (prompting.load("draft").id, "emulated-1", 1)
    # What was in flight when the worker was killed can't be counted; all else is.
    assert stage.used.calls == 1 + len(PEOPLE)

    # the budget is used up: drafting stops with a sentence, and goes on when it is raised
    stage.bound(stage.used.tokens + 100)
    desk.post(f"{here}/draft", keys=[stage.message(CLEO).row_key])
    halted = until(lambda: stage.ledger.campaigns.get(stage.campaign).halted, what="the stop")
    assert "The model's budget for this campaign is used up" in halted
    stage.bound(1_000_000)
    desk.post(f"{here}/draft")
    until(lambda: stage.message(CLEO).text, what="the draft that was left")
    until(lambda: stage.row(CLEO)["Status"] == "Draft", what="its cell")

    # out, back, and read
    assert desk.post(f"{here}/approve")["changed"] == len(PEOPLE)
    desk.post(f"{here}/send")
    until(lambda: stage.row(ANA)["Status"] in {"Sent", "Delivered"}, what="the messages to leave")
    stage.answer(CLEO, "Let me think. No, sorry")  # the model takes its time, and nobody else waits for it
    stage.answer(ANA, "Yes, I'll be there")
    until(lambda: stage.row(ANA)["Availability"] == "Yes", what="the answer in its cell")
    ana = stage.row(ANA)
    assert (ana["Status"], ana["Flag"], ana["Reply"]) == ("Confirmed", "sure", "Yes, I'll be there")
    assert float(ana["Confidence"]) >= 0.9
    read = stage.message(ANA).read_by
    assert (read.prompt, read.model, read.usage.calls) == (prompting.load("read").id, "emulated-1", 1)

    assert stage.row(CLEO)["Reply"] == ""
    model.thought.set()
    until(lambda: stage.row(CLEO)["Reply"], what="the reply that took its time")

    # used up again: replies are read offline, for a person to settle
    stage.bound(stage.used.tokens + 100)
    before = len(stage.server.calls)
    stage.answer(BEN, "Yes, I'll be there")
    until(lambda: stage.row(BEN)["Flag"] == "check", what="the flag")
    assert "The model's budget for this campaign is used up" in stage.message(BEN).note
    assert stage.message(BEN).outcome == "confirmed"
    assert stage.row(BEN)["Availability"] == ""
    assert len(stage.server.calls) == before
    assert stage.server.refused == []

    # what was told to nobody
    told = b"".join(one.read_bytes() for one in stage.data_dir.rglob("*.log"))
    assert b"job done" in told
    assert [text for text in (b"Souza", b"@example.org", stage.server.key.encode()) if text in told] == []
