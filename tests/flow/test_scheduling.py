"""Who goes and when: some of the approved, at a moment, at each row's own; taken back, moved, told beforehand."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.forecast import Forecast, Sender, Waiting, forecast
from server.domain.machine import Retried
from server.domain.quiet import Hours, QuietHours, parse_quiet_hours
from server.domain.words import CampaignState, MessageState, Status
from server.errors import Conflict, InvalidInput, PermanentError
from server.flow import campaigning
from server.flow.scheduling import Wish, going, start_of
from server.ports import Start
from tests.flow.stage import PLAN, Stage

S = MessageState
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where the stage's clock begins."""
TIMES = (
    ("Ana", "ana@example.org", "2026-03-02 10:00"),
    ("Ben", "ben@example.org", "2026-03-02 11:00"),
    ("Cleo", "cleo@example.org", "soon"),
)


def ready(stage: Stage) -> Stage:
    stage.draft()
    stage.approve()
    return stage


def timed(make_stage: Callable[..., Stage]) -> Stage:
    """Three rows whose column Start says when; no text is made from it."""
    plan = replace(PLAN, read_columns=("Name",), template="Hello {{Name}}")
    return ready(make_stage(TIMES, plan))


def keys(stage: Stage, *names: str) -> set[str]:
    return {stage.of(name).row_key for name in names}


def test_who_is_not_among_them_is_a_draft_again_and_nothing_of_it_is_lost(stage: Stage) -> None:
    ready(stage).begin(Wish(keys=keys(stage, "Ana", "Cleo")))
    stage.send()
    stage.sync()
    assert stage.states() == {S.SENT: 2, S.DRAFTED: 1}
    ben = stage.of("Ben")
    assert (ben.approval, ben.text, ben.due_at) == (None, "Hello Ben, you start at 09:45. Can you come?", None)
    assert stage.cell("Ben", "Status") == Status.DRAFT
    assert stage.cell("Ben", "Note") == "Others were sent without it."
    assert [one.shown for one in stage.ledger.audit.of_message(ben.id) if one.what == "set aside"] == ["Ana"]
    stage.open_work()  # nothing is left to send: it is done
    assert stage.approve([ben.row_key]).count == 1
    stage.ledger.campaigns.begin(stage.campaign_id, Start(stage.clock.now()))
    stage.send()
    assert stage.states() == {S.SENT: 3}


def test_what_is_approved_between_the_look_and_the_press_does_not_slip_in(stage: Stage) -> None:
    stage.draft()
    stage.approve(list(keys(stage, "Ana")))
    wish = Wish(keys=keys(stage, "Ana"))
    seen = going(
        ledger=stage.ledger, sheet=stage.sheet, campaign=stage.campaign, wish=wish, now=stage.clock.now(), zone="UTC"
    )
    stage.approve(list(keys(stage, "Ben")))
    start = start_of(seen, wish, now=stage.clock.now(), undo_seconds=0, who="Ana")
    stage.ledger.campaigns.begin(stage.campaign_id, start)
    stage.send()
    assert stage.states() == {S.SENT: 1, S.DRAFTED: 2}


def test_nothing_leaves_before_the_chosen_moment_and_a_pause_does_not_bring_it_forward(stage: Stage) -> None:
    ready(stage).begin(Wish(at=NINE + timedelta(hours=3)))
    stage.clock.advance(hours=1)
    assert stage.send() == []
    campaigning.pause(ledger=stage.ledger, campaign=stage.campaign)
    campaigning.resume(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
    assert stage.send() == []
    assert stage.send_chunk().sent == 0
    stage.clock.advance(hours=2)
    stage.send()
    assert stage.states() == {S.SENT: 3}


def test_a_scheduled_sending_is_taken_back_whole_until_its_time(stage: Stage) -> None:
    ready(stage).begin(Wish(at=NINE + timedelta(hours=3)))
    stage.clock.advance(hours=2, minutes=59)
    campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
    assert stage.campaign.state is CampaignState.DRAFTED
    assert stage.states() == {S.APPROVED: 3}
    stage.begin(Wish())
    stage.send()
    assert stage.states() == {S.SENT: 3}
    with pytest.raises(Conflict):
        campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)


def test_a_sending_that_was_taken_back_holds_up_no_reply(stage: Stage) -> None:
    """Of a moment that nobody chooses any more nothing is left: a pause ends when somebody resumes."""
    ready(stage).begin(Wish(at=NINE + timedelta(hours=3)))
    campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
    assert stage.campaign.scheduled_at is None
    stage.start()  # as a reply at once does
    assert not campaigning.to_undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
    campaigning.pause(ledger=stage.ledger, campaign=stage.campaign)
    campaigning.resume(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
    stage.send()
    assert stage.states() == {S.SENT: 3}


class TestARowsOwnTime:
    def test_each_goes_at_its_own_and_who_has_none_stays_a_draft(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        going = stage.begin(Wish(at_column="Start"))
        assert going.times is not None
        assert going.times.no_time == list(keys(stage, "Cleo"))
        assert stage.of("Cleo").state is S.DRAFTED
        stage.sync()
        assert stage.cell("Ana", "Note") == "Goes out Mon 02 Mar 10:00."
        assert stage.send() == []
        stage.clock.advance(hours=1)
        stage.send()
        assert (stage.of("Ana").state, stage.of("Ben").state) == (S.SENT, S.APPROVED)
        stage.clock.advance(hours=1)
        stage.send()
        assert stage.of("Ben").state is S.SENT

    def test_a_later_time_is_obeyed_at_the_last_moment(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.type("Ana", "Start", "2026-03-02 15:00")
        stage.clock.advance(hours=1)
        stage.send()
        ana = stage.of("Ana")
        assert (ana.state, ana.due_at) == (S.APPROVED, NINE + timedelta(hours=6))
        assert stage.channel.to("ana@example.org") == []

    def test_a_sooner_time_counts_as_soon_as_the_sheet_is_looked_at(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.sync()
        stage.type("Ben", "Start", "2026-03-02 09:30")
        stage.sync()
        stage.clock.advance(minutes=30)
        stage.send()
        assert stage.of("Ben").state is S.SENT

    def test_an_old_date_that_is_typed_lets_nothing_leave(self, make_stage: Callable[..., Stage]) -> None:
        """A slip in the year: at Send such a row stays a draft, and so it does afterwards."""
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.sync()
        stage.type("Ana", "Start", "2025-03-02 10:30")
        stage.sync()
        assert stage.send() == []
        stage.clock.advance(hours=1)
        stage.send()
        ana = stage.of("Ana")
        assert (ana.state, ana.note) == (S.DRAFTED, "Not sent: “2025-03-02 10:30” in Start is over.")
        assert stage.channel.to("ana@example.org") == []

    def test_a_time_that_is_just_over_still_counts(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.clock.advance(minutes=40)
        stage.type("Ana", "Start", "2026-03-02 09:30")
        stage.sync()
        stage.send()
        assert stage.of("Ana").state is S.SENT

    def test_who_comes_late_sends_what_was_due(self, make_stage: Callable[..., Stage]) -> None:
        """No worker ran for a day: the cells say what they said."""
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.clock.advance(days=1)
        stage.send()
        assert stage.states() == {S.SENT: 2, S.DRAFTED: 1}

    def test_what_can_no_longer_be_read_goes_to_a_person(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.type("Ana", "Start", "when she likes")
        stage.clock.advance(hours=1)
        stage.send()
        ana = stage.of("Ana")
        assert ana.state is S.DRAFTED
        assert ana.note == "Not sent: “when she likes” in Start is no time that can be read for sure."

    def test_quiet_hours_move_it_once_and_not_round_and_round(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start", hours="09:30-12:00"))
        stage.clock.advance(hours=1)
        stage.send()
        for _ in range(3):
            stage.sync()
            assert stage.send() == []
        assert stage.of("Ana").due_at == NINE + timedelta(hours=3)
        stage.clock.advance(hours=2)
        stage.send()
        assert stage.states() == {S.SENT: 2, S.DRAFTED: 1}

    def test_it_is_taken_back_until_the_first_has_left(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.clock.advance(minutes=59)
        campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
        stage.begin(Wish())  # what waited for its own time goes with the others now
        stage.send()
        assert stage.states() == {S.SENT: 2, S.DRAFTED: 1}

    def test_once_it_is_taken_back_no_row_says_when_it_goes(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start", hours=""))
        stage.sync()
        assert stage.cell("Ben", "Note") == "Goes out Mon 02 Mar 11:00."
        campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)
        stage.sync()
        assert (stage.cell("Ana", "Note"), stage.cell("Ben", "Note")) == ("", "")
        assert (stage.campaign.by, stage.campaign.hours) == (None, None)

    def test_it_is_too_late_once_one_has(self, make_stage: Callable[..., Stage]) -> None:
        stage = timed(make_stage)
        stage.begin(Wish(at_column="Start"))
        stage.clock.advance(hours=1)
        stage.send()
        with pytest.raises(Conflict, match="too late"):
            campaigning.undo(ledger=stage.ledger, clock=stage.clock, campaign=stage.campaign)

    def test_a_time_alone_means_the_day_that_is_told(self, stage: Stage) -> None:
        going = ready(stage).begin(Wish(at_column="Start"))
        assert going.by is not None
        assert going.by.day == date(2026, 3, 2)  # 09:40, 09:45 and 09:50 are all ahead
        stage.clock.advance(minutes=45)
        stage.send()
        assert Counter(one.state for one in stage.messages()) == {S.SENT: 2, S.APPROVED: 1}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(at=NINE - timedelta(seconds=1)), "at"),
        (Wish(at=NINE.replace(tzinfo=None) + timedelta(hours=1)), "at"),
        (Wish(at=NINE + timedelta(days=900)), "at"),
        (Wish(hours="always"), "hours"),
        (Wish(at_column="Nowhere"), "at_column"),
        (Wish(at_column="Start", at_day=date(2026, 3, 1)), "at_day"),
    ],
)
def test_a_wish_that_can_not_be_is_refused_and_changes_nothing(stage: Stage, wish: Wish, field: str) -> None:
    ready(stage)
    with pytest.raises(InvalidInput) as refused:
        stage.begin(wish)
    assert refused.value.field == field
    assert stage.campaign.state is CampaignState.DRAFTED
    assert stage.states() == {S.APPROVED: 3}


def test_of_many_presses_at_the_same_moment_one_begins(stage: Stage) -> None:
    ready(stage)
    gate, began, refused = threading.Barrier(8), [], []

    def press(who: str) -> None:
        gate.wait()
        try:
            began.append(stage.ledger.campaigns.begin(stage.campaign_id, Start(stage.clock.now(), who)).started_by)
        except Conflict as error:
            refused.append(error.sentence)

    presses = [threading.Thread(target=press, args=(f"Person {number}",)) for number in range(8)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert len(began) == 1
    assert stage.campaign.started_by == began[0]
    assert set(refused) == {f"This campaign is being sent already. It was started by {began[0]} on Mon 02 Mar 09:00."}
    stage.send()
    assert [len(stage.channel.to(f"{name}@example.org")) for name in ("ana", "ben", "cleo")] == [1, 1, 1]


def test_who_tries_the_failed_again_never_sends_what_may_have_gone_out_since(stage: Stage) -> None:
    stage.channel.script("ana@example.org", PermanentError("Mailbox full."))
    ready(stage).begin(Wish())
    stage.send()
    ana = stage.of("Ana")
    assert ana.state is S.FAILED
    doubtful = stage.ledger.messages.move(stage.of("Ben").id, Retried("Ana", only_failed=True))
    assert doubtful is None
    assert stage.ledger.messages.move(ana.id, Retried("Ana", only_failed=True)) is not None
    assert stage.ledger.messages.move(ana.id, Retried("Ben", only_failed=True)) is None


ROWS = [(f"Person {index}", f"p{index}@example.org", "09:40") for index in range(12)]


class _Daily:
    """A pacer that lets so many go a day."""

    def __init__(self, most: int) -> None:
        self.most, self.used = most, Counter[str]()

    async def turn(self) -> None: ...

    def hold(self, seconds: float) -> None: ...

    def take(self, day: str, used: Callable[[], int]) -> bool:
        self.used[day] += 1
        return self.used[day] <= self.most

    def give_back(self, day: str) -> None: ...


@pytest.mark.parametrize("most", [12, 5])
@pytest.mark.parametrize("hours", ["", "09:30-12:00", "08:00-10:00"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_what_is_told_beforehand_is_what_happens(
    make_stage: Callable[..., Stage], most: int, hours: str, zone: str
) -> None:
    stage = make_stage(ROWS)
    abroad = {f"p{index}@example.org": ("America/New_York",) for index in range(4)}
    stage.channel.zones = lambda address: abroad.get(address, ())  # type: ignore[method-assign]
    stage.pacer, stage.hours = _Daily(most), Hours(parse_quiet_hours(hours), zone)
    ready(stage)
    waiting = [Waiting(one.row_key, zones=stage.channel.zones(one.address)) for one in stage.messages()]
    senders = {"": Sender(per_day=most, left_today=most)}
    told = forecast(waiting, now=stage.clock.now(), start=stage.clock.now(), hours=stage.hours, senders=senders)
    stage.begin(Wish())
    assert _happens(stage) == _by_moment(told)


def _happens(stage: Stage) -> Counter[datetime]:
    """When messages really left, with a clock that jumps to whatever is next."""
    for _ in range(40):
        stage.send()
        due = stage.ledger.messages.next_due(stage.campaign_id)
        if due is None:
            break
        stage.clock.advance(max(0.0, (due - stage.clock.now()).total_seconds()))
    assert stage.states() == {S.SENT: 12}
    return Counter(one.sent_at for one in stage.messages() if one.sent_at)


def _by_moment(told: Forecast) -> Counter[datetime]:
    found: Counter[datetime] = Counter()
    for part in told.parts:
        found[part.at.astimezone(UTC)] += part.count
    return found


def test_a_quiet_span_of_its_own_counts_and_an_empty_one_lifts_the_settings(stage: Stage) -> None:
    stage.hours = Hours(QuietHours(NINE.time(), NINE.replace(hour=12).time()))
    ready(stage).begin(Wish(hours=""))
    stage.send()
    assert stage.states() == {S.SENT: 3}
