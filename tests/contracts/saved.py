"""What every ledger must keep of campaigns that people saved to use again: the contract of `ports.Saved`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.saved import SavedCampaign
from server.domain.words import ChannelName
from server.errors import Conflict, NotFound
from server.ports import Ledger
from tests.fakes import FakeClock

WEEKLY = SavedCampaign(
    "s_1",
    "Weekly times",
    "Send each person their start",
    channel=ChannelName.EMAIL,
    provider="smtp",
    answers=("Coming=Yes|No", "Guests=number"),
    language="de",
    tone="friendly",
    counts="A clear yes or no",
    remind_after=3,
    who="anna@example.org",
    workbook="book-1",
)


class SavedContract:
    """Everything that is promised of saved campaigns."""

    def test_what_is_saved_comes_back_whole(self, ledger: Ledger, clock: FakeClock) -> None:
        kept = ledger.saved.put("anna@example.org", WEEKLY)
        assert kept == replace(WEEKLY, since=clock.now())
        assert ledger.saved.of("anna@example.org", "book-9") == [kept]

    def test_one_sees_ones_own_from_anywhere_and_others_only_in_the_workbook(self, ledger: Ledger) -> None:
        put = ledger.saved.put
        put("anna", WEEKLY)
        put("anna", replace(WEEKLY, id="s_2", workbook="book-2"))
        put("bert", replace(WEEKLY, id="s_3"))
        put("bert", replace(WEEKLY, id="s_4", workbook="book-2"))
        put("bert", replace(WEEKLY, id="s_5", name="Elsewhere", workbook="book-3"))
        assert {one.id for one in ledger.saved.of("anna", "book-1")} == {"s_1", "s_2", "s_3"}
        assert {one.id for one in ledger.saved.of("anna", "")} == {"s_1", "s_2"}
        assert ledger.saved.of("zoe", "book-9") == []
        assert ledger.saved.owned("anna") == {"s_1", "s_2"}

    def test_the_same_name_replaces_what_it_stood_for_there_and_nowhere_else(
        self, ledger: Ledger, clock: FakeClock
    ) -> None:
        ledger.saved.put("anna", WEEKLY)
        ledger.saved.put("bert", replace(WEEKLY, id="s_2"))
        clock.advance(60)
        kept = ledger.saved.put("Anna", replace(WEEKLY, id="s_9", name="  weekly TIMES", instruction="New words"))
        assert kept.id == "s_1"
        found = ledger.saved.of("anna", "book-1")
        assert [(one.id, one.instruction) for one in found] == [
            ("s_1", "New words"),
            ("s_2", "Send each person their start"),
        ]

    def test_only_who_saved_it_renames_or_removes_it(self, ledger: Ledger) -> None:
        ledger.saved.put("anna", WEEKLY)
        for refused in (lambda: ledger.saved.rename("bert", "s_1", "Mine"), lambda: ledger.saved.remove("bert", "s_1")):
            with pytest.raises(NotFound):
                refused()
        assert ledger.saved.rename("anna", "s_1", "Monthly").name == "Monthly"
        assert [one.name for one in ledger.saved.of("anna", "")] == ["Monthly"]
        ledger.saved.remove("anna", "s_1")
        assert ledger.saved.of("anna", "book-1") == []
        with pytest.raises(NotFound):
            ledger.saved.remove("anna", "s_1")

    def test_a_name_that_is_taken_is_refused_and_both_stay(self, ledger: Ledger) -> None:
        ledger.saved.put("anna", WEEKLY)
        ledger.saved.put("anna", replace(WEEKLY, id="s_2", name="Monthly"))
        with pytest.raises(Conflict, match="weekly"):
            ledger.saved.rename("anna", "s_2", "weekly times")
        assert ledger.saved.rename("anna", "s_1", "WEEKLY TIMES").name == "WEEKLY TIMES"
        assert {one.name for one in ledger.saved.of("anna", "")} == {"WEEKLY TIMES", "Monthly"}

    def test_an_erasure_takes_what_that_person_saved_and_a_purge_leaves_it(
        self, ledger: Ledger, clock: FakeClock
    ) -> None:
        ledger.saved.put("anna@example.org", WEEKLY)
        ledger.saved.put("bert@example.org", replace(WEEKLY, id="s_2"))
        clock.advance(days=400)
        ledger.purge(clock.now())
        assert len(ledger.saved.of("anna@example.org", "book-1")) == 2
        ledger.erase("anna@example.org")
        assert [one.id for one in ledger.saved.of("anna@example.org", "book-1")] == ["s_2"]
