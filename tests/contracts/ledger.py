"""What every ledger must do: the contract of `ports.Ledger`. Subclass it and give the fixture `ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest
from sqlalchemy import Connection, text

from server.domain import machine
from server.domain.campaign import Campaign
from server.domain.message import Approval, Extras, FilledTemplate, Message
from server.domain.plan import AnswerColumn, Plan
from server.domain.reply import DeliveryEvent, InboundMessage, Interpretation, Reply, StoredEvent, UnknownEvent
from server.domain.words import (
    AnswerKind,
    CampaignState,
    CellWriteState,
    ChannelName,
    DeliveryStatus,
    Flag,
    MessageState,
    Outcome,
    Problem,
    Status,
    SuppressionReason,
)
from server.errors import Conflict, NotFound, TemporaryError
from server.ports import CellWrite, Ledger, Pace, Start, Tally
from server.store import begins
from tests.fakes import FakeClock

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = MessageState

PLAN = Plan(
    channel=ChannelName.EMAIL,
    provider="smtp",
    address_column="Email",
    name_column="Name",
    read_columns=("Name", "Start"),
    answer_columns=(AnswerColumn("Coming", AnswerKind.CHOICE, ("Yes", "No")), AnswerColumn("Time", AnswerKind.TIME)),
    template="Dear {{Name}}, you start at {{Start}}.",
    subject="Your start",
    question="Can you come?",
    language="de",
)


def campaign(campaign_id: str = "c_1", **changes: object) -> Campaign:
    base = Campaign(
        id=campaign_id,
        workbook="/data/contestants.xlsx",
        sheet="Heats",
        name="Start times",
        instruction="Send each contestant their start time — ask “coming?”",
        plan=PLAN,
        header_row=3,
        rows=("r_1", "r_2"),
        columns={"Status": "Status", "Coming": "Coming (Start times)"},
        started_by="organiser@example.org",
        created_at=AT,
        note="Waits for a person.",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def message(number: int = 1, campaign_id: str = "c_1", **changes: object) -> Message:
    base = Message(
        id=f"m_{campaign_id}_{number}",
        campaign_id=campaign_id,
        row_key=f"r_{number}",
        person=f"Zoë {number}",
        address=f"zoe{number}@example.org",
        text="Dear Zoë, 9:30.\nSee you “there” 🏁",
        subject="Your start",
        token=f"token{campaign_id}{number}",
        source="ab" * 16,
        identity="cd" * 16,
        channel=ChannelName.EMAIL,
        carrier="smtp",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def approved(number: int = 1, campaign_id: str = "c_1", **changes: object) -> Message:
    approval = Approval("anna", AT, "ef" * 16)
    return message(number, campaign_id, **{"state": S.APPROVED, "approval": approval, **changes})


def sending(ledger: Ledger, *messages: Message, campaign_id: str = "c_1", **changes: object) -> None:
    """A campaign at work, with these messages."""
    ledger.campaigns.add(campaign(campaign_id, **{"state": CampaignState.SENDING, **changes}))
    ledger.messages.add(messages)


def claim(ledger: Ledger, found: Message, at: datetime = AT) -> Message | None:
    return ledger.messages.claim_soon(found.id, "worker-1", at).result(10)


def stored(number: int = 1, **changes: object) -> StoredEvent:
    event = DeliveryEvent(f"evt{number}", DeliveryStatus.DELIVERED, token="t", address="zoe@example.org", detail="ok")
    return replace(StoredEvent(f"e_{number}", "smtp", event, AT, '{"raw": "ö"}'), **changes)  # type: ignore[arg-type]


def reply(number: int = 1, **changes: object) -> Reply:
    base = Reply(
        id=f"y_{number}",
        event_id=f"e_{number}",
        channel=ChannelName.EMAIL,
        sender="zoe1@example.org",
        visible="Yes, I'll be there",
        received_at=AT + timedelta(minutes=number),
        quoted="> Dear Zoë",
        subject="Re: Your start",
        candidates=("m_1", "m_2"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


READING = Interpretation(Outcome.CONFIRMED, {"Coming": "Yes"}, "Yes, I'll be there", 0.93, Flag.SURE, "A plain yes.")


class LedgerContract:
    """Everything `ports.Ledger` promises."""

    # campaigns

    def test_it_gives_back_a_campaign_as_it_was(self, ledger: Ledger) -> None:
        whole = campaign(start_at=AT + timedelta(seconds=10, microseconds=7))
        ledger.campaigns.add(whole)
        assert ledger.campaigns.get("c_1") == whole

    def test_it_says_so_when_there_is_no_such_campaign(self, ledger: Ledger) -> None:
        with pytest.raises(NotFound, match="c_9"):
            ledger.campaigns.get("c_9")
        with pytest.raises(NotFound):
            ledger.campaigns.move("c_9", CampaignState.DRAFTING)
        with pytest.raises(NotFound):
            ledger.campaigns.save(campaign("c_9"))

    def test_it_refuses_a_campaign_that_is_there(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        with pytest.raises(Conflict):
            ledger.campaigns.add(campaign(name="Another"))
        assert ledger.campaigns.get("c_1").name == "Start times"

    def test_it_lists_the_campaigns_of_a_sheet_newest_first(self, ledger: Ledger) -> None:
        for number, sheet in enumerate(("Heats", "Finals", "Heats")):
            ledger.campaigns.add(campaign(f"c_{number}", sheet=sheet))
        ledger.campaigns.add(campaign("c_other", workbook="/data/other.xlsx"))
        assert [found.id for found in ledger.campaigns.of_sheet("/data/contestants.xlsx")] == ["c_2", "c_1", "c_0"]
        assert [found.id for found in ledger.campaigns.of_sheet("/data/contestants.xlsx", "Heats")] == ["c_2", "c_0"]

    def test_it_saves_a_campaign_once_per_version(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        saved = ledger.campaigns.save(replace(campaign(), name="Finals", columns={"Status": "Stand"}))
        assert saved == ledger.campaigns.get("c_1")
        assert (saved.name, saved.columns, saved.version) == ("Finals", {"Status": "Stand"}, 1)
        with pytest.raises(Conflict):
            ledger.campaigns.save(replace(campaign(), name="Lost"))
        assert ledger.campaigns.get("c_1").name == "Finals"

    def test_saving_does_not_change_the_state(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        saved = ledger.campaigns.save(campaign(state=CampaignState.SENDING))
        assert saved.state is ledger.campaigns.get("c_1").state is CampaignState.PLANNED

    def test_a_move_makes_an_older_copy_stale(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        ledger.campaigns.move("c_1", CampaignState.DRAFTING)
        with pytest.raises(Conflict):
            ledger.campaigns.save(campaign(name="Stale"))

    def test_it_moves_a_campaign_only_along_the_machine(self, ledger: Ledger) -> None:
        for number, old in enumerate(CampaignState):
            for new in CampaignState:
                campaign_id = f"c_{number}_{new.value}"
                ledger.campaigns.add(campaign(campaign_id, state=old))
                may = new is old or new in machine.CAMPAIGN_MOVES[old]
                assert ledger.campaigns.move(campaign_id, new) is may, (old, new)
                assert ledger.campaigns.get(campaign_id).state is (new if may else old)

    def test_it_notes_when_a_campaign_starts_and_ends(self, ledger: Ledger, clock: FakeClock) -> None:
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        start = clock.now() + timedelta(seconds=10)
        assert ledger.campaigns.move("c_1", CampaignState.SENDING, start_at=start, note="Starts soon.")
        found = ledger.campaigns.get("c_1")
        assert (found.start_at, found.note, found.ended_at) == (start, "Starts soon.", None)
        clock.advance(60)
        ledger.campaigns.move("c_1", CampaignState.DONE)
        assert ledger.campaigns.get("c_1").ended_at == clock.now()
        ledger.campaigns.move("c_1", CampaignState.SENDING)
        found = ledger.campaigns.get("c_1")
        assert (found.ended_at, found.start_at, found.note) == (None, start, "")

    def test_live_campaigns_are_those_that_have_not_ended_long_ago(self, ledger: Ledger, clock: FakeClock) -> None:
        for number, state in enumerate((CampaignState.DRAFTED, CampaignState.SENDING, CampaignState.SENDING)):
            ledger.campaigns.add(campaign(f"c_{number}", state=state))
        ledger.campaigns.move("c_1", CampaignState.DONE)
        ledger.campaigns.move("c_2", CampaignState.CANCELLED)
        clock.advance(days=29)
        assert [found.id for found in ledger.campaigns.live()] == ["c_2", "c_1", "c_0"]
        clock.advance(days=2)
        assert [found.id for found in ledger.campaigns.live()] == ["c_0"]

    # messages

    def test_it_gives_back_a_message_as_it_was(self, ledger: Ledger) -> None:
        whole = message(
            step=2,
            follows="m_before",
            template="Dear {{Name}}, again.",
            unanswered=True,
            thread="<p@x>",
            question="When?",
            chunk=7,
            state=S.SENT,
            problem=Problem.SHARED_ADDRESS,
            note="A note.",
            approval=Approval("anna", AT, "ef" * 16),
            owner="worker-1",
            attempts=3,
            claimed_at=AT,
            sent_at=AT + timedelta(microseconds=1),
            due_at=AT + timedelta(hours=1),
            provider="smtp",
            provider_id="<1@example.org>",
            delivery=DeliveryStatus.READ,
            outcome=Outcome.CONFIRMED,
            values={"Coming": "Yes"},
            confidence=0.93,
            flag=Flag.SURE,
            reply="Yes\0\ud800!",
            evidence="Yes",
            settled_by="anna",
            version=4,
            rendered=2,
            channel=ChannelName.WHATSAPP,
            carrier="meta",
            known_as="US.13491",
            unreached=("ab" * 16,),
            extras=Extras(
                ("boss@example.org",), "me@example.org", "r@example.org", "a.pdf", FilledTemplate("x", "de", {"1": "Ö"})
            ),
        )
        sending(ledger, whole)
        assert ledger.messages.get(whole.id) == whole
        bare = Message("m_bare", "c_1", "r_bare")
        ledger.messages.add([bare])
        assert ledger.messages.get("m_bare") == bare

    def test_it_adds_each_row_and_step_once(self, ledger: Ledger) -> None:
        sending(ledger)
        first = [message(number) for number in range(3)]
        again = [replace(found, id=found.id + "x", token=found.token + "x") for found in first]
        assert ledger.messages.add(first) == 3
        assert ledger.messages.add([*again, message(3), replace(message(4), row_key="r_0", step=1)]) == 2
        assert [found.id for found in ledger.messages.of_campaign("c_1")] == [
            *(found.id for found in first),
            message(3).id,
            message(4).id,
        ]
        assert ledger.messages.add([]) == 0

    def test_it_finds_messages_by_row_and_by_what_they_carry(self, ledger: Ledger) -> None:
        one, two = message(1, provider="smtp", provider_id="p1"), message(2, step=1)
        sending(ledger, one, two, message(3, token=""))
        assert ledger.messages.of_row("c_1", "r_1") == one
        assert ledger.messages.of_row("c_1", "r_9") is None
        assert ledger.messages.of_row("c_1", "r_2") == two
        assert ledger.messages.by_token(two.token) == two
        assert ledger.messages.by_token("") is None
        assert ledger.messages.by_token("nobody\0\ud800") is None
        assert ledger.messages.by_provider_id("smtp", "p1") == one
        assert ledger.messages.by_provider_id("other", "p1") is None
        assert ledger.messages.by_provider_id("", "") is None
        with pytest.raises(NotFound, match="m_9"):
            ledger.messages.get("m_9")

    def test_it_lists_messages_in_order_and_in_part(self, ledger: Ledger) -> None:
        states = (S.CHOSEN, S.DRAFTED, S.APPROVED, S.DRAFTED)
        all_ = [message(number, state=states[number % 4], chunk=number // 4) for number in (3, 1, 4, 0, 5, 2, 7, 6)]
        sending(ledger, *all_)
        of_campaign = ledger.messages.of_campaign
        assert of_campaign("c_1") == all_
        assert of_campaign("c_1", states=[S.DRAFTED]) == [found for found in all_ if found.state is S.DRAFTED]
        assert of_campaign("c_1", states=[]) == []
        assert of_campaign("c_1", chunk=1) == [found for found in all_ if found.chunk == 1]
        assert of_campaign("c_1", keys=["r_7", "r_3", "r_0", "r_9"]) == [all_[0], all_[3], all_[6]]
        assert of_campaign("c_1", limit=2, offset=3) == all_[3:5]
        assert of_campaign("c_1", keys=["r_7", "r_3", "r_0"], limit=1, offset=1) == [all_[3]]

    def test_it_counts_words_and_states(self, ledger: Ledger) -> None:
        sending(
            ledger,
            message(1),
            message(2, state=S.DRAFTED),
            message(3, state=S.DRAFTED, problem=Problem.NO_ADDRESS),
            message(4, state=S.SENT, outcome=Outcome.CONFIRMED, flag=Flag.SURE),
            message(5, state=S.SENT, outcome=Outcome.CONFIRMED, flag=Flag.CHECK),
            message(6, state=S.SENT, outcome=Outcome.CONFIRMED, settled_by="anna"),
            message(7, state=S.SENT, delivery=DeliveryStatus.BOUNCED),
            message(8, state=S.SKIPPED, problem=Problem.SUPPRESSED),
        )
        assert {found.status: found.count for found in ledger.messages.tally("c_1")} == {
            None: 1,
            Status.DRAFT: 1,
            Status.NO_ADDRESS: 1,
            Status.CONFIRMED: 2,
            Status.REVIEW: 1,
            Status.BOUNCED: 1,
            Status.OPTED_OUT: 1,
        }
        assert ledger.messages.tally("c_1")[0] == Tally(None, 1)
        assert ledger.messages.states("c_1") == {S.CHOSEN: 1, S.DRAFTED: 2, S.SENT: 4, S.SKIPPED: 1}
        assert ledger.messages.states("c_9") == {}

    def test_it_tells_which_drafts_have_a_problem(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        ledger.messages.add(
            [
                message(1, state=S.DRAFTED),
                message(3, state=S.DRAFTED, problem=Problem.CHECK),
                message(2, state=S.DRAFTED, problem=Problem.CHECK),
                message(4, state=S.DRAFTED, problem=Problem.NO_ADDRESS),
                message(5, state=S.DRAFTED, problem=Problem.CHECK, followed=True),
                message(6, state=S.SKIPPED, problem=Problem.DUPLICATE),
            ]
        )
        assert ledger.messages.problems("c_1") == {Problem.CHECK: ["r_3", "r_2"], Problem.NO_ADDRESS: ["r_4"]}
        assert ledger.messages.problems("c_9") == {}

    def test_it_counts_what_is_bound_for_each_way(self, ledger: Ledger) -> None:
        sms = {"channel": ChannelName.SMS, "carrier": "twilio"}
        sending(ledger, approved(1), approved(2, **sms), approved(3, **sms), message(4, state=S.SENT, **sms))
        ledger.messages.add([Message("m_bare", "c_1", "r_bare", state=S.APPROVED)])
        assert ledger.messages.ways("c_1", [S.APPROVED]) == {
            (None, ""): 1,
            (ChannelName.EMAIL, "smtp"): 1,
            (ChannelName.SMS, "twilio"): 2,
        }
        assert ledger.messages.ways("c_1", [S.FAILED]) == {}

    def test_its_revision_grows_with_every_change(self, ledger: Ledger) -> None:
        sending(ledger, message(1))
        seen = [ledger.messages.revision("c_1")]
        ledger.messages.add([message(2)])
        seen.append(ledger.messages.revision("c_1"))
        for event in (machine.Drafted("One"), machine.Edited("Two", ""), machine.Skipped()):
            ledger.messages.move(message(1).id, event)
            seen.append(ledger.messages.revision("c_1"))
        assert seen == sorted(set(seen))
        assert ledger.messages.revision("c_9") == 0

    def test_a_tabs_revision_changes_with_every_change_of_any_of_its_campaigns(self, ledger: Ledger) -> None:
        def seen() -> str:
            return ledger.campaigns.revision("w.xlsx", "Start times")

        place = {"workbook": "w.xlsx", "sheet": "Start times"}
        words = [seen()]
        sending(ledger, message(1), **place)
        words.append(seen())
        ledger.campaigns.add(campaign("c_2", **place))
        words.append(seen())
        ledger.campaigns.save(replace(ledger.campaigns.get("c_2"), note="Look."))
        words.append(seen())
        ledger.campaigns.move("c_2", CampaignState.CANCELLED, who="anna")
        words.append(seen())
        ledger.messages.add([message(2, "c_2")])
        words.append(seen())
        ledger.messages.move(message(1).id, machine.Drafted("One"))
        words.append(seen())
        ledger.cells.want("c_1", {message(1).id: 1}, [CellWrite("c_1", "r_1", "Status", "Draft")])
        words.append(seen())
        ledger.cells.settle([CellWrite("c_1", "r_1", "Status", "Draft", "Draft", CellWriteState.WRITTEN)])
        words.append(seen())
        assert len(set(words)) == len(words)
        ledger.campaigns.add(campaign("c_3", workbook="w.xlsx", sheet="Another"))
        ledger.campaigns.get("c_2")
        assert seen() == words[-1]

    def test_it_counts_who_approved_what_is_approved_or_has_left(self, ledger: Ledger) -> None:
        def yes(who: str, minutes: int) -> machine.Approved:
            found = message()
            approval = Approval(who, AT + timedelta(minutes=minutes), "ef" * 16)
            return machine.Approved(approval, found.text, found.subject, found.address, found.source, found.identity)

        def seen() -> list[tuple[str, int, int]]:
            found = ledger.messages.approvals("c_1")
            return [(one.who, one.count, int((one.last_at - AT).total_seconds() // 60)) for one in found]

        def move(number: int, event: machine.MessageEvent) -> None:
            assert ledger.messages.move(message(number).id, event) is not None

        sending(ledger, *(message(number, state=S.DRAFTED) for number in range(4)))
        assert seen() == []
        move(0, yes("Anna", 1))
        move(1, yes("Ben", 2))
        move(2, yes("Anna", 3))
        assert seen() == [("Anna", 2, 3), ("Ben", 1, 2)]
        claim(ledger, ledger.messages.get(message(0).id))
        move(0, machine.Accepted("smtp", "p_1", AT))
        assert seen() == [("Anna", 2, 3), ("Ben", 1, 2)]  # it has left
        move(2, machine.Edited("Another text", ""))
        assert seen() == [("Ben", 1, 2), ("Anna", 1, 1)]  # the approval has lapsed
        move(2, yes("Ben", 4))
        assert seen() == [("Ben", 2, 4), ("Anna", 1, 1)]
        move(2, machine.Skipped())
        assert seen() == [("Ben", 1, 2), ("Anna", 1, 1)]
        assert ledger.messages.approvals("c_9") == []

    def test_a_purge_forgets_who_approved(self, ledger: Ledger, clock: FakeClock) -> None:
        self._fill(ledger, clock)
        assert ledger.messages.approvals("c_1")
        ledger.purge(clock.now() + timedelta(seconds=1))
        assert ledger.messages.approvals("c_1") == []

    def test_it_names_chunks_with_work_and_when_the_next_is_due(self, ledger: Ledger) -> None:
        later = AT + timedelta(minutes=5)
        sending(
            ledger,
            approved(1, chunk=2),
            approved(2, chunk=1, due_at=later),
            approved(3, chunk=1, due_at=later + timedelta(minutes=1)),
            message(4, chunk=0, due_at=AT),
        )
        assert ledger.messages.chunks("c_1", [S.APPROVED]) == [1, 2]
        assert ledger.messages.chunks("c_1", [S.APPROVED], due=AT) == [2]
        assert ledger.messages.chunks("c_1", [S.APPROVED], due=later) == [1, 2]
        assert ledger.messages.chunks("c_1", [S.APPROVED, S.CHOSEN]) == [0, 1, 2]
        assert ledger.messages.next_due("c_1") == later
        assert ledger.messages.next_due("c_9") is None

    def test_an_outline_is_the_message_without_what_is_sealed(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign())
        ledger.messages.add([message(1), approved(2, note="Waits.", due_at=AT), approved(3, followed=True)])
        outline = ledger.messages.outlines("c_1", [S.APPROVED])
        whole = approved(2, due_at=AT)
        sealed = {"person": "", "address": "", "text": "", "subject": "", "source": "", "identity": ""}
        assert outline == [replace(whole, approval=None, **sealed)]

    def test_it_tells_how_a_sending_goes(self, ledger: Ledger) -> None:
        hour = timedelta(hours=1)
        later = [approved(number, due_at=AT + number * hour) for number in (3, 4)]
        sending(ledger, approved(1), approved(2, due_at=AT), *later, approved(5), approved(6), message(7))
        for number in (5, 6):
            assert claim(ledger, approved(number), AT - hour if number == 5 else AT)
        assert ledger.messages.move("m_c_1_6", machine.Deferred(AT + 2 * hour, "Busy.")) is not None
        assert ledger.messages.pace("c_1", AT - hour, AT) == Pace(1, 2, 3, AT + 2 * hour)
        assert ledger.messages.pace("c_1", AT, AT) == Pace(0, 2, 3, AT + 2 * hour)
        assert ledger.messages.pace("c_1", AT - hour, AT + 9 * hour) == Pace(1, 5, 0, None)

    def test_a_sending_begins_with_what_it_means_for_each_message(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        ledger.messages.add([approved(1), approved(2, due_at=AT), approved(3), message(4, state=S.DRAFTED)])
        at = AT + timedelta(hours=2)
        start = Start(
            AT, "Bo", {"r_1": machine.Scheduled(at, "Later.")}, machine.SetAside("Bo", "Others."), hours="20:00-09:00"
        )
        begun = ledger.campaigns.begin("c_1", start)
        assert begun == ledger.campaigns.get("c_1")
        assert (begun.state, begun.started_by, begun.start_at, begun.hours) == (
            CampaignState.SENDING,
            "Bo",
            AT,
            start.hours,
        )
        assert begun.started_at is not None
        assert ledger.messages.states("c_1") == {S.APPROVED: 1, S.DRAFTED: 3}
        first = ledger.messages.get("m_c_1_1")
        assert (first.due_at, first.planned_at, first.note) == (at, at, "Later.")

    def test_of_two_that_begin_one_does_and_the_other_changes_nothing(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        ledger.messages.add([approved(1), approved(2)])
        ledger.campaigns.begin("c_1", Start(AT, "Bo"))
        with pytest.raises(Conflict, match="started by Bo"):
            ledger.campaigns.begin("c_1", Start(AT, "Cy", others=machine.SetAside("Cy")))
        assert ledger.messages.states("c_1") == {S.APPROVED: 2}
        assert ledger.campaigns.get("c_1").started_by == "Bo"

    def test_what_is_approved_while_a_part_begins_does_not_slip_in(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process approves between the look at the messages and the hold on their campaign."""
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        ledger.messages.add([approved(1), message(2, state=S.DRAFTED)])
        look = begins.begin

        def overtaken(connection: Connection, *given: Any) -> set[str]:
            found = look(connection, *given)
            connection.execute(text("UPDATE messages SET state = 'approved' WHERE row_key = 'r_2'"))
            return found

        monkeypatch.setattr(begins, "begin", overtaken)
        some = Start(AT, "Bo", {"r_1": machine.Scheduled(None)}, machine.SetAside("Bo"))
        with pytest.raises(Conflict, match="at this very moment"):
            ledger.campaigns.begin("c_1", some)
        assert ledger.campaigns.get("c_1").state is CampaignState.DRAFTED
        assert ledger.campaigns.begin("c_1", Start(AT, "Bo")).state is CampaignState.SENDING

    def test_a_sending_of_nothing_does_not_begin(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        ledger.messages.add([approved(1)])
        with pytest.raises(Conflict):
            ledger.campaigns.begin("c_1", Start(AT, others=machine.SetAside("Cy")))
        assert ledger.messages.states("c_1") == {S.APPROVED: 1}
        assert ledger.campaigns.get("c_1").state is CampaignState.DRAFTED
        with pytest.raises(NotFound):
            ledger.campaigns.begin("c_9", Start(AT))

    def test_what_waited_for_something_else_goes_with_all_others(self, ledger: Ledger) -> None:
        ledger.campaigns.add(campaign(state=CampaignState.DRAFTED))
        ledger.messages.add([approved(1, due_at=AT + timedelta(days=1), planned_at=AT), approved(2)])
        ledger.campaigns.begin("c_1", Start(AT))
        assert [one.due_at for one in ledger.messages.of_campaign("c_1")] == [None, None]

    def test_a_move_is_what_the_machine_says(self, ledger: Ledger) -> None:
        sending(ledger, message())
        drafted = machine.Drafted("Hello", "Subject", "new@example.org", "Zoë", source="s", identity="i")
        moved = ledger.messages.move(message().id, drafted)
        assert moved == machine.after(message(), drafted)
        assert ledger.messages.get(message().id) == moved
        assert ledger.messages.open_to(ChannelName.EMAIL, "new@example.org") == []

    def test_a_move_that_may_not_happen_changes_nothing(self, ledger: Ledger) -> None:
        sending(ledger, message())
        assert ledger.messages.move(message().id, machine.Accepted("smtp", "p1", AT)) is None
        assert ledger.messages.get(message().id) == message()
        with pytest.raises(NotFound, match="m_9"):
            ledger.messages.move("m_9", machine.Skipped())

    def test_moves_of_many_stand_or_fall_each_by_itself(self, ledger: Ledger) -> None:
        sending(ledger, message(1), message(2, state=S.SENT), message(3))
        skip = machine.Skipped("No.")
        first, second, third, none = ledger.messages.move_many(
            [(message(number).id, skip) for number in (1, 2, 3)] + [("m_9", skip)]
        )
        assert (second, none) == (None, None)
        assert first is not None
        assert third is not None
        assert ledger.messages.get(first.id) == first
        assert ledger.messages.states("c_1") == {S.SKIPPED: 2, S.SENT: 1}
        assert ledger.messages.move_many([]) == []

    def test_moves_of_one_message_happen_in_order(self, ledger: Ledger) -> None:
        sending(ledger, message())
        events: list[machine.MessageEvent] = [
            machine.Drafted("One"),
            machine.Edited("Two", ""),
            machine.Drafted("Three"),
            machine.Edited("4", ""),
        ]
        results = ledger.messages.move_many([(message().id, event) for event in events])
        assert [found.text if found else None for found in results] == ["One", "Two", None, "4"]
        found = ledger.messages.get(message().id)
        assert (found.text, found.version) == ("4", 3)

    def test_a_missing_message_does_not_spoil_its_neighbours(self, ledger: Ledger) -> None:
        sending(ledger, *(message(number) for number in range(40)))
        futures: list[Future[Message | None]] = []
        for number in range(40):
            wrong = number % 10 == 3
            futures.append(ledger.messages.move_soon("m_9" if wrong else message(number).id, machine.Skipped()))
        for number, future in enumerate(futures):
            if number % 10 == 3:
                assert isinstance(future.exception(10), NotFound)
            else:
                assert future.result(10)
        assert ledger.messages.states("c_1") == {S.SKIPPED: 36, S.CHOSEN: 4}

    # claims

    def test_a_claim_succeeds_once(self, ledger: Ledger) -> None:
        sending(ledger, approved())
        claimed = claim(ledger, approved())
        assert claimed == machine.after(approved(), machine.Claimed("worker-1", AT))
        assert claim(ledger, approved()) is None
        assert ledger.messages.get(approved().id) == claimed

    def test_of_many_claims_at_once_one_succeeds(self, ledger: Ledger) -> None:
        sending(ledger, *(approved(number) for number in range(10)))
        futures = [ledger.messages.claim_soon(approved(n % 10).id, f"w{n}", AT) for n in range(100)]
        owners = [found.owner for future in futures if (found := future.result(10))]
        assert len(owners) == 10
        assert sorted(found.owner for found in ledger.messages.of_campaign("c_1")) == sorted(owners)

    @pytest.mark.parametrize("state", [state for state in CampaignState if state is not CampaignState.SENDING])
    def test_nothing_is_claimed_unless_the_campaign_is_sending(self, ledger: Ledger, state: CampaignState) -> None:
        sending(ledger, approved(), state=state)
        assert claim(ledger, approved()) is None
        assert ledger.messages.get(approved().id) == approved()

    def test_a_plain_move_does_not_pass_by_the_guards_of_a_claim(self, ledger: Ledger) -> None:
        sending(ledger, approved(), state=CampaignState.PAUSED)
        assert ledger.messages.move(approved().id, machine.Claimed("worker-1", AT)) is None

    def test_nothing_is_claimed_before_it_is_due(self, ledger: Ledger) -> None:
        due = AT + timedelta(seconds=5)
        sending(ledger, approved(due_at=due))
        assert claim(ledger, approved(), due - timedelta(microseconds=1)) is None
        assert claim(ledger, approved(), due)

    def test_nothing_is_claimed_before_its_campaign_begins(self, ledger: Ledger) -> None:
        """A worker that looked before a sending was taken back, and put off to tomorrow."""
        sending(ledger, approved(), start_at=AT + timedelta(days=1))
        assert claim(ledger, approved(), AT + timedelta(hours=23)) is None
        assert claim(ledger, approved(), AT + timedelta(days=1))

    @pytest.mark.parametrize("state", list(CampaignState))
    def test_who_may_not_send_approves_nothing_that_would_leave_by_itself(
        self, ledger: Ledger, state: CampaignState
    ) -> None:
        sending(ledger, message(1, state=S.DRAFTED), message(2, state=S.DRAFTED), state=state)
        one = approved(1)
        assert one.approval is not None
        yes = machine.Approved(one.approval, "Yes", "", one.address, one.source, one.identity)
        leaves = state in {CampaignState.SENDING, CampaignState.DONE}
        assert (ledger.messages.move(one.id, replace(yes, unsent=True)) is None) is leaves
        assert ledger.messages.move("m_c_1_2", yes) is not None

    @pytest.mark.parametrize("channel", [ChannelName.EMAIL, None])
    @pytest.mark.parametrize("reason", list(SuppressionReason))
    def test_a_suppressed_address_is_skipped_instead_of_claimed(
        self, ledger: Ledger, channel: ChannelName | None, reason: SuppressionReason
    ) -> None:
        sending(ledger, approved(1), approved(2))
        ledger.suppressions.add(" ZOE1@Example.org ", channel, reason)
        assert claim(ledger, approved(1)) is None
        found = ledger.messages.get(approved(1).id)
        assert (found.state, found.problem, found.approval) == (S.SKIPPED, Problem.SUPPRESSED, None)
        assert found.note.endswith(".")
        assert claim(ledger, approved(2))

    def test_a_suppression_on_another_channel_does_not_stop_a_claim(self, ledger: Ledger) -> None:
        sending(ledger, approved())
        ledger.suppressions.add(approved().address, ChannelName.SMS, SuppressionReason.OPT_OUT)
        assert claim(ledger, approved())

    def test_a_suppression_stops_the_messages_of_its_channel_whatever_the_campaigns_is(self, ledger: Ledger) -> None:
        phone = {"address": "+41791234567", "channel": ChannelName.SMS, "carrier": "twilio"}
        sending(ledger, approved(1, **phone), approved(2, **{**phone, "channel": ChannelName.WHATSAPP}))
        ledger.suppressions.add("+41791234567", ChannelName.SMS, SuppressionReason.OPT_OUT)
        assert claim(ledger, approved(1)) is None
        assert claim(ledger, approved(2))

    def test_it_counts_the_claims_of_a_channel_over_all_campaigns(self, ledger: Ledger) -> None:
        sending(ledger, approved(1), approved(2, channel=ChannelName.SMS), approved(3))
        sending(ledger, approved(1, "c_2"), campaign_id="c_2")
        for one in (approved(1), approved(2), approved(1, "c_2")):
            claim(ledger, one, AT + timedelta(hours=1))
        assert ledger.messages.claimed_since(ChannelName.EMAIL, AT) == 2
        assert ledger.messages.claimed_since(ChannelName.SMS, AT) == 1
        assert ledger.messages.claimed_since(ChannelName.EMAIL, AT + timedelta(hours=2)) == 0

    def test_a_suppressed_message_of_a_paused_campaign_is_left_alone(self, ledger: Ledger) -> None:
        sending(ledger, approved(), state=CampaignState.PAUSED)
        ledger.suppressions.add(approved().address, None, SuppressionReason.OPT_OUT)
        assert claim(ledger, approved()) is None
        assert ledger.messages.get(approved().id) == approved()

    # finding rows for what comes back

    def test_it_finds_what_was_sent_to_an_address_newest_first(self, ledger: Ledger) -> None:
        address = "zoe@example.org"
        sending(
            ledger,
            message(1, address=address, state=S.SENT, sent_at=AT),
            message(2, address="Zoe@Example.ORG", state=S.IN_DOUBT, claimed_at=AT + timedelta(hours=2)),
            message(3, address=address, state=S.SENT, sent_at=AT + timedelta(hours=1)),
            message(4, address=address, state=S.DRAFTED),
            message(5, state=S.SENT),
            message(6, address="", state=S.SENT),
        )
        ledger.messages.add([message(7, address=address, state=S.SENT, channel=ChannelName.SMS, carrier="twilio")])
        found = ledger.messages.open_to(ChannelName.EMAIL, " zoe@example.org")
        assert [one.row_key for one in found] == ["r_2", "r_3", "r_1"]
        assert [one.row_key for one in ledger.messages.open_to(ChannelName.SMS, address)] == ["r_7"]
        assert ledger.messages.open_to(ChannelName.EMAIL, "") == []

    def test_it_groups_messages_by_address_without_telling_it(self, ledger: Ledger) -> None:
        sending(
            ledger, message(1, address="a@x.org"), message(2), message(3, address="A@x.org"), message(4, address="")
        )
        groups = ledger.messages.addressed("c_1")
        assert sorted(groups.values()) == [[message(1).id, message(3).id], [message(2).id]]
        assert not any("@" in digest for digest in groups)

    # dirty rows and cell writes

    def test_a_message_is_dirty_until_its_cells_were_computed(self, ledger: Ledger) -> None:
        sending(ledger, message(1), message(2))
        sending(ledger, message(1, "c_2", rendered=0), campaign_id="c_2")
        assert ledger.messages.dirty_campaigns() == ["c_1"]
        assert ledger.messages.dirty("c_1", 1) == [message(1)]
        ledger.cells.want("c_1", {message(1).id: 0, message(2).id: 0}, [])
        assert ledger.messages.dirty_campaigns() == []
        ledger.messages.move(message(1).id, machine.Skipped())
        assert [found.id for found in ledger.messages.dirty("c_1", 9)] == [message(1).id]
        ledger.cells.want("c_1", {message(1).id: 1}, [])
        ledger.cells.want("c_1", {message(1).id: 0}, [])
        assert ledger.messages.dirty("c_1", 9) == []

    def test_it_counts_what_is_still_to_be_written(self, ledger: Ledger) -> None:
        sending(ledger, message(1), message(2))
        assert ledger.cells.backlog("c_1") == 2
        cells = [CellWrite("c_1", "r_1", column, "Sent") for column in ("Status", "Note", "Reply")]
        ledger.cells.want("c_1", {message(1).id: 0}, cells)
        assert ledger.cells.backlog("c_1") == 4
        ledger.cells.settle([replace(cells[0], state=CellWriteState.WRITTEN, expected="Sent")])
        ledger.cells.settle([replace(cells[1], state=CellWriteState.CONFLICT)])
        assert ledger.cells.backlog("c_1") == 2
        assert ledger.cells.backlog("c_9") == 0

    def test_a_wanted_cell_is_pending_with_what_is_expected_there(self, ledger: Ledger) -> None:
        sending(ledger)
        first = CellWrite("c_1", "r_1", "Status", "Sent", "old")
        second = CellWrite("c_1", "r_2", "Note", "Grüße 🏁")
        ledger.cells.want("c_1", {}, [first, second])
        assert ledger.cells.pending("c_1", 9) == [first, second]
        assert ledger.cells.pending("c_1", 1) == [first]
        assert ledger.cells.waiting() == ["c_1"]
        assert ledger.cells.of_campaign("c_1") == [first, second]
        assert ledger.cells.of_campaign("c_1", ["r_2", "r_9"]) == [second]

    def test_a_cell_wanted_again_keeps_what_was_last_written(self, ledger: Ledger) -> None:
        sending(ledger)
        cell = CellWrite("c_1", "r_1", "Status", "Sent", "old")
        ledger.cells.want("c_1", {}, [cell])
        ledger.cells.settle([replace(cell, state=CellWriteState.WRITTEN, expected="Sent")])
        assert ledger.cells.waiting() == []
        ledger.cells.want("c_1", {}, [replace(cell, value="Read", expected="ignored")])
        assert ledger.cells.pending("c_1", 9) == [replace(cell, value="Read", expected="Sent")]

    def test_a_cell_that_holds_the_wanted_value_is_not_written_again(self, ledger: Ledger) -> None:
        sending(ledger)
        cell = CellWrite("c_1", "r_1", "Status", "Sent")
        ledger.cells.want("c_1", {}, [cell])
        ledger.cells.settle([replace(cell, state=CellWriteState.WRITTEN, expected="Sent")])
        ledger.cells.want("c_1", {}, [cell])
        assert ledger.cells.pending("c_1", 9) == []
        ledger.cells.settle([replace(cell, state=CellWriteState.WRITTEN, expected="Typed")])
        ledger.cells.want("c_1", {}, [cell])
        assert ledger.cells.pending("c_1", 9) == [replace(cell, expected="Typed")]

    def test_the_cell_that_waits_longest_comes_first(self, ledger: Ledger, clock: FakeClock) -> None:
        sending(ledger)
        cells = [CellWrite("c_1", f"r_{number}", "Status", "A") for number in range(3)]
        for cell in cells:
            ledger.cells.want("c_1", {}, [cell])
            clock.advance(1)
        ledger.cells.settle([replace(cells[0], state=CellWriteState.WRITTEN, expected="A")])
        ledger.cells.want("c_1", {}, [replace(cell, value="B") for cell in cells])
        assert [cell.row_key for cell in ledger.cells.pending("c_1", 9)] == ["r_1", "r_2", "r_0"]

    @pytest.mark.parametrize("outcome", list(CellWriteState))
    def test_a_cell_wanted_anew_during_a_flush_stays_pending(self, ledger: Ledger, outcome: CellWriteState) -> None:
        sending(ledger)
        cell = CellWrite("c_1", "r_1", "Status", "Sent", "old")
        ledger.cells.want("c_1", {}, [cell])
        flushed = ledger.cells.pending("c_1", 9)
        ledger.cells.want("c_1", {}, [replace(cell, value="Read")])
        ledger.cells.settle([replace(one, state=outcome, expected="Sent", note="Found.") for one in flushed])
        assert ledger.cells.pending("c_1", 9) == [replace(cell, value="Read", expected="Sent")]

    @pytest.mark.parametrize("stuck", [CellWriteState.CONFLICT, CellWriteState.GONE])
    def test_a_conflict_stays_one_with_the_new_value_until_it_is_settled(
        self, ledger: Ledger, stuck: CellWriteState
    ) -> None:
        sending(ledger)
        cell = CellWrite("c_1", "r_1", "Coming", "Yes")
        ledger.cells.want("c_1", {}, [cell])
        ledger.cells.settle([replace(cell, state=stuck, note="Somebody wrote “maybe”.")])
        ledger.cells.want("c_1", {}, [replace(cell, value="No")])
        held = replace(cell, value="No", state=stuck, note="Somebody wrote “maybe”.")
        assert ledger.cells.of_campaign("c_1") == [held]
        assert ledger.cells.waiting() == []
        ledger.cells.settle([replace(held, state=CellWriteState.PENDING, expected="maybe", note="")])
        assert ledger.cells.pending("c_1", 9) == [replace(cell, value="No", expected="maybe")]

    @pytest.mark.parametrize("late", [CellWriteState.CONFLICT, CellWriteState.GONE])
    def test_a_late_worker_does_not_unsay_what_was_written_since(self, ledger: Ledger, late: CellWriteState) -> None:
        sending(ledger)
        cell = CellWrite("c_1", "r_1", "Coming", "Yes")
        ledger.cells.want("c_1", {}, [cell])
        written = replace(cell, state=CellWriteState.WRITTEN, expected="Yes")
        ledger.cells.settle([written])
        ledger.cells.settle([replace(cell, state=late, note="What an earlier owner of the lease found.")])
        assert ledger.cells.of_campaign("c_1") == [written]

    def test_no_cell_makes_a_move_that_the_machine_does_not_know(self, ledger: Ledger) -> None:
        sending(ledger)
        for start in CellWriteState:
            for to in CellWriteState:
                cell = CellWrite("c_1", f"r_{start}", f"To {to}", "Yes")
                ledger.cells.want("c_1", {}, [cell])
                ledger.cells.settle([replace(cell, state=start)])
                ledger.cells.settle([replace(cell, state=to)])
                (found,) = [
                    one
                    for one in ledger.cells.of_campaign("c_1")
                    if one.column == f"To {to}"
                    if one.row_key == f"r_{start}"
                ]
                assert found.state is (to if to in machine.CELL_MOVES[start] else start)

    def test_a_settled_cell_that_was_never_wanted_is_left_out(self, ledger: Ledger) -> None:
        sending(ledger)
        ledger.cells.settle([CellWrite("c_1", "r_1", "Status", "Sent", state=CellWriteState.WRITTEN)])
        assert ledger.cells.of_campaign("c_1") == []

    # inbox

    def test_it_stores_each_event_once(self, ledger: Ledger) -> None:
        assert ledger.inbox.store([stored(1), stored(2)]) == ["e_1", "e_2"]
        again = replace(stored(1), id="e_1b")
        other = replace(stored(1), id="e_1c", provider="twilio")
        assert ledger.inbox.store([again, stored(3), replace(stored(3), id="e_3b"), other]) == ["e_3", "e_1c"]
        assert ledger.inbox.store([]) == []
        assert ledger.inbox.waiting(9) == ["e_1", "e_2", "e_3", "e_1c"]
        assert ledger.inbox.waiting(2) == ["e_1", "e_2"]

    @pytest.mark.parametrize(
        "event",
        [
            DeliveryEvent("x", DeliveryStatus.BOUNCED, "t", "p", "a@b.org", "2026", "mailbox full", True),
            InboundMessage("x", "a@b.org", "Yes\0\ud83d", "Re:", "t", ("<1>", "<2>"), {"auto": "no"}, "yes", "2026"),
            UnknownEvent("x\0\ud800", "weird"),
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_it_gives_back_an_event_as_it_was(
        self, ledger: Ledger, event: DeliveryEvent | InboundMessage | UnknownEvent
    ) -> None:
        whole = stored(event=event, raw="\0 raw ö")
        assert ledger.inbox.store([whole]) == ["e_1"]
        assert ledger.inbox.get("e_1") == whole
        assert ledger.inbox.store([replace(whole, id="e_2")]) == []

    def test_a_done_event_waits_no_more(self, ledger: Ledger) -> None:
        ledger.inbox.store([stored(1), stored(2)])
        ledger.inbox.done("e_1", "Delivered.")
        assert ledger.inbox.waiting(9) == ["e_2"]
        assert ledger.inbox.store([replace(stored(1), id="e_1b")]) == []
        for call in (ledger.inbox.get, ledger.inbox.done):
            with pytest.raises(NotFound, match="e_9"):
                call("e_9")

    def test_it_tells_what_waits_of_some_providers_and_from_the_other_end(self, ledger: Ledger) -> None:
        ledger.inbox.store([stored(1), replace(stored(2), provider="gone"), stored(3)])
        assert ledger.inbox.waiting(9, providers={stored(1).provider}) == ["e_1", "e_3"]
        assert ledger.inbox.waiting(9, providers=()) == []
        assert ledger.inbox.waiting(2, newest_first=True) == ["e_3", "e_2"]

    def test_what_waited_too_long_is_let_go_and_stays_stored(self, ledger: Ledger, clock: FakeClock) -> None:
        old = replace(stored(1), received_at=clock.now())
        new = replace(stored(2), received_at=clock.advance(hours=1))
        ledger.inbox.store([old, new])
        assert ledger.inbox.end(new.received_at, "Given up.") == 1
        assert ledger.inbox.end(new.received_at, "Given up.") == 0
        assert ledger.inbox.waiting(9) == ["e_2"]
        assert ledger.inbox.get("e_1") == old

    def test_it_stores_each_reply_once(self, ledger: Ledger) -> None:
        assert ledger.inbox.add_reply(reply()) is True
        assert ledger.inbox.add_reply(replace(reply(), id="y_2", visible="No")) is False
        assert ledger.inbox.reply("y_1") == reply()
        with pytest.raises(NotFound, match="y_2"):
            ledger.inbox.reply("y_2")
        with pytest.raises(NotFound, match="y_9"):
            ledger.inbox.save_reply(reply(9))

    def test_of_two_people_who_take_a_reply_to_different_rows_the_first_does(self, ledger: Ledger) -> None:
        sending(ledger, message(1), message(2))
        ledger.inbox.add_reply(reply(1, message_id=None, campaign_id=None))
        assert ledger.inbox.save_reply(reply(1, message_id=message(1).id, campaign_id="c_1"))
        assert not ledger.inbox.save_reply(reply(1, message_id=message(2).id, campaign_id="c_1"))
        assert ledger.inbox.reply("y_1").message_id == message(1).id

    def test_a_reply_is_unmatched_then_unread_then_read(self, ledger: Ledger) -> None:
        sending(ledger, message(1), message(2))
        for number in (1, 2):
            ledger.inbox.add_reply(reply(number))
        assert ledger.inbox.unmatched(9) == [reply(2), reply(1)]
        assert ledger.inbox.unmatched(1) == [reply(2)]
        assert ledger.inbox.unread(9) == []
        matched = [reply(n, campaign_id="c_1", message_id=message(n).id, matched_by="token") for n in (1, 2)]
        for one in matched:
            ledger.inbox.save_reply(one)
        assert ledger.inbox.unmatched(9) == []
        assert ledger.inbox.unread(9) == ["y_1", "y_2"]
        assert ledger.inbox.unread(1) == ["y_1"]
        assert ledger.inbox.replies("c_1") == [matched[1], matched[0]]
        assert ledger.inbox.replies("c_1", row_key="r_1") == [matched[0]]
        read = replace(matched[0], interpretation=READING, settled_by="anna")
        ledger.inbox.save_reply(read)
        assert ledger.inbox.unread(9) == ["y_2"]
        assert ledger.inbox.reply("y_1") == read

    # suppressions

    def test_a_suppression_stands_on_its_channel_or_on_all(self, ledger: Ledger) -> None:
        ledger.suppressions.add("a@x.org", ChannelName.EMAIL, SuppressionReason.BOUNCE)
        ledger.suppressions.add("+41791234567", None, SuppressionReason.MANUAL)
        stands = ledger.suppressions.stands
        assert stands(" A@X.org", ChannelName.EMAIL) is SuppressionReason.BOUNCE
        assert stands("a@x.org", ChannelName.SMS) is None
        assert stands("b@x.org", ChannelName.EMAIL) is None
        assert stands("+41791234567", ChannelName.VOICE) is SuppressionReason.MANUAL

    def test_a_bounce_does_not_hide_what_a_person_asked_for(self, ledger: Ledger) -> None:
        for reason in (SuppressionReason.BOUNCE, SuppressionReason.OPT_OUT, SuppressionReason.BOUNCE):
            ledger.suppressions.add("a@x.org", ChannelName.EMAIL, reason)
        assert ledger.suppressions.stands("a@x.org", ChannelName.EMAIL) is SuppressionReason.OPT_OUT

    # leases

    def test_a_lease_has_one_owner_until_it_runs_out(self, ledger: Ledger, clock: FakeClock) -> None:
        leases = ledger.leases
        assert leases.holder("chunk") is None
        assert leases.take("chunk", "a", 20)
        assert not leases.take("chunk", "b", 20)
        assert leases.holder("chunk") == "a"
        clock.advance(19)
        assert leases.take("chunk", "a", 20)
        clock.advance(19)
        assert not leases.take("chunk", "b", 20)
        clock.advance(1)
        assert leases.holder("chunk") is None
        assert leases.take("chunk", "b", 20)
        assert not leases.take("chunk", "a", 20)

    def test_it_lists_the_leases_that_are_held(self, ledger: Ledger, clock: FakeClock) -> None:
        ledger.leases.take("b", "w1", 20)
        ledger.leases.take("a", "w2", 10)
        assert ledger.leases.held() == [("a", "w2"), ("b", "w1")]
        clock.advance(15)
        assert ledger.leases.held() == [("b", "w1")]

    def test_a_lease_is_given_back_only_by_its_owner(self, ledger: Ledger) -> None:
        ledger.leases.take("chunk", "a", 20)
        ledger.leases.release("chunk", "b")
        assert ledger.leases.holder("chunk") == "a"
        ledger.leases.release("chunk", "a")
        assert ledger.leases.holder("chunk") is None
        assert ledger.leases.take("chunk", "b", 20)

    # purge

    def test_a_purge_empties_ended_campaigns_and_keeps_counts(self, ledger: Ledger, clock: FakeClock) -> None:
        self._fill(ledger, clock)
        before = clock.now() + timedelta(seconds=1)
        assert ledger.purge(before) == 1
        assert ledger.purge(before) == 0
        found = ledger.messages.get(message(1).id)
        assert (found.state, found.outcome, found.row_key) == (S.SENT, Outcome.CONFIRMED, "r_1")
        said: Mapping[str, object] = {name: attrgetter(name)(found) for name in _PERSONAL}
        assert not any(said.values()), said
        assert ledger.messages.tally("c_1") == [Tally(Status.CONFIRMED, 1)]
        kept = ledger.campaigns.get("c_1")
        assert (kept.instruction, kept.name, kept.started_by, kept.plan.template) == ("", "", "", "")
        assert (kept.plan.channel, kept.plan.address_column, kept.state) == (
            ChannelName.EMAIL,
            "Email",
            CampaignState.DONE,
        )
        assert ledger.cells.of_campaign("c_1") == []
        assert ledger.inbox.replies("c_1") == []
        assert ledger.inbox.unmatched(9) == []
        assert ledger.inbox.waiting(9) == []
        assert ledger.messages.dirty_campaigns() == ["c_2"]
        assert ledger.messages.by_token(message(1).token) is None
        assert ledger.contacts.last_heard(ChannelName.SMS, "+1", "+41791234567") is None
        assert ledger.contacts.address_of(ChannelName.SMS, "US.1") == ""
        assert ledger.suppressions.stands(message(1).address, ChannelName.EMAIL) is SuppressionReason.OPT_OUT

    @pytest.mark.parametrize("left", [CampaignState.PLANNED, CampaignState.DRAFTED, CampaignState.PAUSED])
    def test_a_purge_takes_what_was_left_lying(self, ledger: Ledger, clock: FakeClock, left: CampaignState) -> None:
        ledger.campaigns.add(campaign(state=left, created_at=clock.now()))
        ledger.messages.add([approved()])
        clock.advance(days=5)
        ledger.messages.move(approved().id, machine.Noted("Somebody is at work."))
        touched = clock.now()
        assert ledger.purge(touched) == 0
        clock.advance(hours=23)
        assert ledger.purge(clock.now()) == 0
        clock.advance(hours=2)
        assert ledger.purge(clock.now()) == 1
        assert ledger.messages.get(approved().id).address == ""
        assert ledger.campaigns.get("c_1").instruction == ""
        assert ledger.audit.of_campaign("c_1", 9) == []

    def test_a_purge_leaves_alone_what_has_not_ended_by_then(self, ledger: Ledger, clock: FakeClock) -> None:
        self._fill(ledger, clock)
        other = ledger.messages.get(message(1, "c_2").id)
        assert ledger.purge(clock.now() - timedelta(days=1)) == 0
        assert ledger.messages.get(message(1).id).text
        assert ledger.campaigns.get("c_1").instruction
        assert len(ledger.inbox.replies("c_1")) == 1
        assert ledger.contacts.address_of(ChannelName.SMS, "US.1") == "+41791234567"
        ledger.purge(clock.now() + timedelta(days=999))
        assert ledger.messages.get(other.id) == other
        assert ledger.campaigns.get("c_2").instruction

    def _fill(self, ledger: Ledger, clock: FakeClock) -> None:
        sent: dict[str, Any] = {"state": S.SENT, "provider": "smtp", "provider_id": "p1"}
        sent |= {"known_as": "US.1", "unreached": ("ab",), "extras": Extras(("boss@example.org",), text="Dear Zoë")}
        sent |= {"outcome": Outcome.CONFIRMED}
        said: dict[str, Any] = {
            "flag": Flag.SURE,
            "values": {"Coming": "Yes"},
            "reply": "Yes",
            "evidence": "Yes",
            "note": "A yes.",
        }
        sending(ledger, approved(1, **sent, **said))
        sending(ledger, approved(1, "c_2"), campaign_id="c_2")
        ledger.cells.want("c_1", {}, [CellWrite("c_1", "r_1", "Reply", "Yes")])
        ledger.inbox.store([stored(1)])
        ledger.inbox.add_reply(reply(1, campaign_id="c_1", message_id=message(1).id))
        ledger.inbox.add_reply(reply(2, received_at=clock.now()))
        ledger.suppressions.add(message(1).address, ChannelName.EMAIL, SuppressionReason.OPT_OUT)
        ledger.contacts.heard(ChannelName.SMS, "+1", "+41791234567", clock.now(), "US.1")
        ledger.campaigns.move("c_1", CampaignState.DONE)

    # the whole

    def test_it_answers_when_asked_whether_it_is_there(self, ledger: Ledger) -> None:
        ledger.ping()

    def test_closing_writes_what_is_queued_and_then_refuses(self, ledger: Ledger) -> None:
        sending(ledger, *(message(number) for number in range(50)))
        futures = [ledger.messages.move_soon(message(number).id, machine.Skipped()) for number in range(50)]
        ledger.close()
        assert all(future.done() and future.result() for future in futures)
        with pytest.raises(TemporaryError):
            ledger.messages.move(message(1).id, machine.Skipped())
        ledger.close()


_PERSONAL = (
    "person",
    "address",
    "subject",
    "text",
    "note",
    "source",
    "identity",
    "approval",
    "reply",
    "values",
    "evidence",
    "settled_by",
    "token",
    "provider_id",
    "known_as",
    "unreached",
    "extras.text",
)
