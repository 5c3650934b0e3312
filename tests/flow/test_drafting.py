"""Two workers over the same rows: a text is written once, and never from what the row no longer says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from server.domain.machine import Redrafting
from server.domain.plan import Plan
from server.domain.words import CampaignState, MessageState
from server.flow import drafting, planning
from server.flow.sweeping import DRAFT
from server.ports import DraftText
from tests.flow.stage import Stage


@dataclass
class SlowDrafter:
    """Takes a moment for a text, and lets things happen in the middle of the first one."""

    meanwhile: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def draft(self, plan: Plan, instruction: str, record: Mapping[str, str]) -> DraftText:
        del plan, instruction
        self.asked.append(record["Name"])
        text = f"Hello {record['Name']}, you start at {record['Start']}."
        happens, self.meanwhile = self.meanwhile, lambda: None
        happens()
        await (self.gate.wait() if self.gate else asyncio.sleep(0.01))
        return DraftText(text)


@pytest.fixture
def chosen(stage: Stage) -> Stage:
    stage.create()
    planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=stage.campaign)
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.DRAFTING)
    return stage


async def draft(stage: Stage, drafter: SlowDrafter, owner: str) -> int:
    return await drafting.draft_chunk(
        ledger=stage.ledger,
        sheet=stage.sheet,
        channel_of=stage.channel_of,
        clock=stage.clock,
        drafter=drafter,
        campaign=stage.campaign,
        chunk=0,
        owner=owner,
        stopping=lambda: False,
    )


def test_two_workers_at_once_write_each_text_once(chosen: Stage) -> None:
    drafter = SlowDrafter()

    async def both() -> list[int]:
        return await asyncio.gather(draft(chosen, drafter, "w_1"), draft(chosen, drafter, "w_2"))

    assert sorted(asyncio.run(both())) == [0, 3]
    assert sorted(drafter.asked) == ["Ana", "Ben", "Cleo"]


def test_the_sweep_leaves_a_chunk_alone_that_is_being_drafted(chosen: Stage) -> None:
    seen = []
    drafter = SlowDrafter(lambda: seen.append([job for job, _ in chosen.open_work() if job == DRAFT]))
    assert DRAFT in [job for job, _ in chosen.open_work()]
    asyncio.run(draft(chosen, drafter, "w_1"))
    assert seen == [[]]


def test_the_lease_is_kept_while_a_slow_model_writes(chosen: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "LEASE_SECONDS", 0.02)
    took: list[str] = []
    take = chosen.ledger.leases.take

    def counted(name: str, owner: str, seconds: float) -> bool:
        took.append(owner)
        return take(name, owner, seconds)

    monkeypatch.setattr(chosen.ledger.leases, "take", counted)
    asyncio.run(draft(chosen, SlowDrafter(), "w_1"))
    assert len(took) > 1


def test_a_text_from_before_a_redraft_does_not_land(chosen: Stage) -> None:
    """A worker without a lease any more comes back with a text from what the row said then."""

    def redrafted() -> None:
        chosen.write_drafts(owner="w_2")
        chosen.type("Ana", "Start", "11:11")
        chosen.ledger.messages.move(chosen.of("Ana").id, Redrafting())

    def lost() -> None:
        chosen.ledger.leases.release(f"draft-{chosen.campaign_id}-0", "w_1")

    drafter = SlowDrafter(lost)

    async def late() -> None:
        drafter.gate = asyncio.Event()
        writing = asyncio.create_task(draft(chosen, drafter, "w_1"))
        while not drafter.asked:
            await asyncio.sleep(0)
        await asyncio.to_thread(redrafted)
        drafter.gate.set()
        await writing

    asyncio.run(late())
    assert chosen.of("Ana").state is MessageState.CHOSEN
    chosen.write_drafts(owner="w_2")
    assert "11:11" in chosen.of("Ana").text
