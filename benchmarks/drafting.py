"""Drafting rows in the flow: what holding each text against its row costs, and how many a model's texts a second."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

from server.domain.plan import Plan
from server.domain.words import CampaignState, MessageState
from server.flow import drafting, planning
from server.flow.checking import Checker
from server.llm.client import ModelClient
from server.llm.drafter import ModelDrafter
from server.llm.offline import OfflineDrafter
from server.ports import Drafter
from server.store import open_ledger
from tests.databases import CIPHER
from tests.emulators.openai import ModelServer
from tests.fakes import FakeClock, FakeSheet
from tests.flow.stage import PLAN, Stage

ROWS = 3_000
ASKED = 1_000
LATENCY = 0.05
INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
FIRST = "Ana Ben Chiara Dmitri Elif Femi Greta Hana Igor Jonas".split()  # noqa: SIM905
LAST = "Silva Okafor Rossi Petrov Kaya Lund Sato Novak Weber Mensah Dubois".split()  # noqa: SIM905


def main() -> None:
    """Print rows a second: filled templates and offline texts by the processor's clock, a model's by the one on the
    wall, over an emulated server."""
    for what, plan in (("template", PLAN), ("offline", replace(PLAN, template=""))):
        bare, held = _unchecked(plan), _timed(plan, ROWS, OfflineDrafter(), time.process_time)[0]
        many = _timed(plan, 3 * ROWS, OfflineDrafter(), time.process_time)[0] / 3
        for rows, note, took in ((ROWS, "unchecked", bare), (ROWS, "", held), (3 * ROWS, "", many)):
            print(f"{what:9} {rows:5} rows {note:10} {ROWS / took:6.0f} a processor second  {bare / took:.2f}x")
    with ModelServer(latency=LATENCY) as server:
        client = ModelClient(server.key, server.model, server.url)
        seconds, doubted = _timed(
            replace(PLAN, template=""), ASKED, ModelDrafter(client, OfflineDrafter()), time.monotonic
        )
        asked = len(server.calls)
    best = drafting.CONCURRENCY / LATENCY
    print(f"model     {ASKED} rows, {LATENCY * 1000:.0f} ms an answer        {ASKED / seconds:7.0f}/s  of {best:.0f}/s")
    print(f"          {asked} calls, {doubted} drafts to look at")


def _unchecked(plan: Plan) -> float:
    with mock.patch.multiple(Checker, doubts=mock.Mock(return_value=[]), leftover=mock.Mock(return_value="")):
        return _timed(plan, ROWS, OfflineDrafter(), time.process_time)[0]


def _timed(plan: Plan, rows: int, drafter: Drafter, clock: Callable[[], float]) -> tuple[float, int]:
    """Seconds by that clock that drafting took, and how many drafts a person has to look at."""
    with _stage(plan, rows) as stage:
        chunks = stage.ledger.messages.chunks(stage.campaign_id, [MessageState.CHOSEN])
        began = clock()
        asyncio.run(_draft(stage, drafter, chunks))
        took = clock() - began
        assert stage.states() == {MessageState.DRAFTED: rows}, stage.states()
        return took, sum(bool(one.note) for one in stage.messages())


async def _draft(stage: Stage, drafter: Drafter, chunks: list[int]) -> None:
    for chunk in chunks:
        await drafting.draft_chunk(
            ledger=stage.ledger,
            sheet=stage.sheet,
            channel_of=stage.channel_of,
            clock=stage.clock,
            drafter=drafter,
            campaign=stage.campaign,
            chunk=chunk,
            owner="w_1",
            stopping=lambda: False,
        )


@contextmanager
def _stage(plan: Plan, rows: int) -> Iterator[Stage]:
    people = [
        (f"{FIRST[at % 10]} {LAST[at % 11]}{'abcdefg'[at % 7]}", f"p{at}@example.org", f"{8 + at % 10:02}:{at % 60:02}")
        for at in range(rows)
    ]
    with tempfile.TemporaryDirectory() as folder:
        clock = FakeClock()
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'ledger.db'}", CIPHER, clock=clock)
        stage = Stage(ledger, clock, FakeSheet(("Name", "Email", "Start"), people), plan=plan)
        ledger.campaigns.save(replace(stage.create(), instruction=INSTRUCTION))
        campaign, sheet = stage.campaign, stage.sheet
        planning.prepare(ledger=ledger, sheet=sheet, channel_of=stage.channel_of, campaign=campaign)
        ledger.campaigns.move(stage.campaign_id, CampaignState.DRAFTING)
        yield stage
        ledger.close()
