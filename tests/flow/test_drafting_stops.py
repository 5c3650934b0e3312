"""Drafts as they come: stored while others are being written, begun once, and ended by what every row would meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from server.domain.plan import Plan
from server.domain.words import CampaignState, MessageState, Problem
from server.errors import CellbackError, PermanentError, TemporaryError
from server.flow import campaigning, drafting, planning, tray
from server.flow.sweeping import DRAFT
from server.ports import DraftText
from tests.flow.stage import Stage

AWAY = TemporaryError("The model can't be reached just now.")
USED_UP = PermanentError("The budget is used up.", whole_campaign=True)
REFUSED = PermanentError("The model refuses to work on this text.")
MANY = 30


@dataclass
class Scripted:
    """Writes a text, or fails as it was told to for that name; a row in `waits` is only done after its event."""

    fails: Mapping[str, CellbackError] = field(default_factory=dict)
    always: CellbackError | None = None
    waits: Mapping[str, asyncio.Event] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    async def draft(self, plan: Plan, instruction: str, record: Mapping[str, str]) -> DraftText:
        del plan, instruction
        name = record["Name"]
        self.begun.append(name)
        await asyncio.sleep(0)
        if name in self.waits:
            await self.waits[name].wait()
        if error := self.always or self.fails.get(name):
            raise error
        return DraftText(f"Hello {name}, {record['Start']}")


def names(count: int) -> list[str]:
    return [f"{first}{second}" for first in "ABCDEFGHIJ" for second in ("na", "ra", "lo", "mi", "ti")][:count]


@pytest.fixture
def crowd(make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Thirty people, chosen; eight texts at once."""
    monkeypatch.setattr(drafting, "CONCURRENCY", 8)
    stage = make_stage([(name, f"{name}@example.org", "09:00") for name in names(MANY)])
    stage.create()
    again(stage)
    return stage


def again(stage: Stage) -> None:
    """Somebody asks for drafts."""
    drafting.go_on(ledger=stage.ledger, campaign_id=stage.campaign_id)
    planning.prepare(ledger=stage.ledger, sheet=stage.sheet, channel_of=stage.channel_of, campaign=stage.campaign)
    stage.ledger.campaigns.move(stage.campaign_id, CampaignState.DRAFTING)


async def drafts(stage: Stage, drafter: Scripted) -> int:
    done = await drafting.draft_chunk(
        ledger=stage.ledger,
        sheet=stage.sheet,
        channel_of=stage.channel_of,
        clock=stage.clock,
        drafter=drafter,  # type: ignore[arg-type]
        campaign=stage.campaign,
        chunk=0,
        owner="w_1",
        stopping=lambda: stage.stop,
    )
    campaigning.advance(ledger=stage.ledger, campaign=stage.campaign)
    return done


def draft(stage: Stage, drafter: Scripted) -> int:
    return asyncio.run(drafts(stage, drafter))


def waiting(stage: Stage) -> int:
    return stage.states().get(MessageState.CHOSEN, 0)


def jobs(stage: Stage) -> list[str]:
    return [job for job, _ in stage.open_work() if job == DRAFT]


def test_a_slow_row_keeps_no_other_from_its_cell(crowd: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray, "FLUSH_SECONDS", 0.01)

    async def watched() -> None:
        slow = asyncio.Event()
        drafting_all = asyncio.create_task(drafts(crowd, Scripted(waits={"Ana": slow})))
        while waiting(crowd) > 1:
            assert not drafting_all.done()
            await asyncio.sleep(0.005)
        assert crowd.of("Ana").state is MessageState.CHOSEN
        slow.set()
        assert await drafting_all == MANY

    asyncio.run(asyncio.wait_for(watched(), 20))
    assert waiting(crowd) == 0


def test_a_killed_worker_loses_only_what_was_in_flight_and_nothing_is_written_twice(
    crowd: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray, "FLUSH_SECONDS", 0.01)
    first = Scripted()

    async def killed() -> None:
        first.waits = {name: asyncio.Event() for name in names(MANY)[10:]}
        work = asyncio.create_task(drafts(crowd, first))
        while waiting(crowd) > MANY - 10:
            await asyncio.sleep(0.005)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    asyncio.run(asyncio.wait_for(killed(), 20))
    in_flight = set(first.begun) - {one.person for one in crowd.messages() if one.state is MessageState.DRAFTED}
    assert len(in_flight) <= drafting.CONCURRENCY
    second = Scripted()
    draft(crowd, second)
    assert waiting(crowd) == 0
    assert set(first.begun) & set(second.begun) == in_flight
    assert len(second.begun) == len(set(second.begun))


def test_a_worker_that_is_to_stop_begins_no_further_row(crowd: Stage) -> None:
    drafter = Scripted()
    crowd.stop = True
    assert draft(crowd, drafter) == 0
    assert drafter.begun == []
    assert jobs(crowd) == [DRAFT], "the sweep finds the rest"


def test_what_every_row_would_meet_ends_drafting_with_a_sentence(crowd: Stage) -> None:
    drafter = Scripted(fails={"Bna": USED_UP})
    draft(crowd, drafter)
    assert len(drafter.begun) < MANY
    assert waiting(crowd) >= MANY - len(drafter.begun) + 1
    assert crowd.of("Bna").state is MessageState.CHOSEN, "the row itself has done nothing wrong"
    done = MANY - waiting(crowd)
    assert crowd.campaign.state is CampaignState.DRAFTED
    assert crowd.campaign.told == (
        f"The budget is used up. {done} of {MANY} rows are drafted. Draft again, and it goes on with the rest."
    )


def test_nothing_wakes_a_drafting_that_was_ended_until_somebody_asks(crowd: Stage) -> None:
    draft(crowd, Scripted(always=USED_UP))
    assert (waiting(crowd), jobs(crowd)) == (MANY, [])
    late = Scripted()
    assert draft(crowd, late) == 0
    assert late.begun == [], "a job that was waiting in the queue finds nothing to do"
    again(crowd)
    assert (crowd.campaign.told, jobs(crowd)) == ("", [DRAFT])
    assert draft(crowd, Scripted()) == MANY
    assert crowd.campaign.state is CampaignState.DRAFTED


def test_redraft_typed_into_the_sheet_asks_too(crowd: Stage) -> None:
    draft(crowd, Scripted(fails={"Fna": USED_UP}))
    crowd.sync()
    assert jobs(crowd) == []
    crowd.type("Ana", "Status", "Redraft")
    crowd.sync()
    assert (crowd.campaign.halted, jobs(crowd)) == ("", [DRAFT])


def test_what_is_drafted_of_it_can_be_sent_to_its_end(crowd: Stage) -> None:
    draft(crowd, Scripted(fails={"Fna": USED_UP}))
    crowd.approve()
    crowd.start()
    crowd.send()
    assert jobs(crowd) == []
    assert crowd.campaign.state is CampaignState.DONE
    sent = crowd.states()[MessageState.SENT]
    again(crowd)
    assert draft(crowd, Scripted()) == MANY - sent


def test_one_row_that_fails_says_so_and_the_rest_goes_on(crowd: Stage) -> None:
    assert draft(crowd, Scripted(fails={"Ana": AWAY, "Bna": REFUSED})) == MANY
    assert (crowd.of("Ana").problem, crowd.of("Ana").note) == (
        Problem.CHECK,
        f"{AWAY.sentence} Type Redraft for another try.",
    )
    assert (crowd.of("Bna").problem, crowd.of("Bna").note) == (Problem.CHECK, REFUSED.sentence)
    assert crowd.of("Cna").problem is Problem.NONE


def test_few_rows_that_fail_in_a_row_say_so(crowd: Stage) -> None:
    some = dict.fromkeys(names(MANY)[-(tray.FAILED_IN_A_ROW - 1) :], AWAY)
    assert draft(crowd, Scripted(fails=some)) == MANY
    assert {one.person for one in crowd.messages() if one.problem is Problem.CHECK} == set(some)


def test_a_server_that_is_away_is_not_asked_for_every_row(crowd: Stage) -> None:
    drafter = Scripted(always=AWAY)
    draft(crowd, drafter)
    assert len(drafter.begun) < tray.FAILED_IN_A_ROW + drafting.CONCURRENCY
    assert waiting(crowd) == MANY, "none of them has to be redrafted by hand"
    assert crowd.campaign.told.startswith(f"{AWAY.sentence} 0 of {MANY} rows are drafted.")
    assert jobs(crowd) == []


def test_a_fault_of_ours_in_one_row_is_said_there_and_met_once(crowd: Stage) -> None:
    drafter = Scripted()
    drafter.fails = {"Ana": ValueError("odd")}  # type: ignore[dict-item]
    assert draft(crowd, drafter) == MANY
    assert crowd.of("Ana").problem is Problem.CHECK
    assert crowd.of("Ana").note.startswith("The text could not be written: a fault in Cellback")
    assert waiting(crowd) == 0
