"""Whatever people do to the sheet between any two of our steps: the right row, never twice, never lost."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.domain.message import Message
from server.domain.reply import Interpretation
from server.domain.words import CampaignState, Flag, MessageState, Outcome
from server.errors import PermanentError, SendInDoubt, SheetUnavailable, TemporaryError
from server.store import open_ledger
from tests.databases import CIPHER, emptied
from tests.fakes import FakeClock, FakeSheet
from tests.flow.stage import Stage

NAMES = ("Ana", "Ben", "Cleo", "Dan", "Eve", "Finn")
OURS = ("Status", "Message", "Availability", "Reply")
rows = st.integers(0, 30)


class Loop(RuleBasedStateMachine):
    """The flow's steps, a provider's moods and a person's hands, in any order."""

    def __init__(self, url: str = "") -> None:
        """On the empty ledger at `url`, or a fresh one on SQLite."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        clock = FakeClock()
        ledger = open_ledger(url or f"sqlite:///{Path(self.folder.name) / 'ledger.db'}", CIPHER, clock=clock)
        people = [(name, f"{name.lower()}@example.org", f"09:{index:02d}") for index, name in enumerate(NAMES)]
        self.stage = Stage(ledger, clock, FakeSheet(("Name", "Email", "Start"), people))
        self.answers: dict[str, set[str]] = {}
        self.events = 0
        self.cut: list[Any] = []
        self.renamed = 0
        self.seen: dict[str, list[str]] = {}
        """Name -> the words of ours that its Status showed."""
        for word, outcome in (("yes", Outcome.CONFIRMED), ("no", Outcome.DECLINED)):
            reading = Interpretation(outcome, {"Availability": word.title()}, word, 0.95, Flag.SURE)
            self.stage.interpreter.readings |= {f"{name} says {word}": reading for name in NAMES}  # type: ignore[attr-defined]

    def teardown(self) -> None:
        self.stage.ledger.close()
        self.folder.cleanup()

    @initialize(sent=st.booleans())
    def begun(self, sent: bool) -> None:
        if sent:
            self.stage.out()
        else:
            self.stage.draft()

    # our steps

    @rule()
    def approve(self) -> None:
        self.stage.approve()

    @precondition(lambda self: self.stage.campaign.state is CampaignState.DRAFTED)
    @rule()
    def start(self) -> None:
        self.stage.start()

    @rule(owner=st.sampled_from(["w_1", "w_2"]))
    def send(self, owner: str) -> None:
        self.stage.send(owner=owner)
        self.stage.clock.advance(60)

    @rule()
    def sync(self) -> None:
        self.stage.sync()

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(["yes", "no"]), again=st.booleans())
    def reply(self, name: str, word: str, again: bool) -> None:
        found = [message for message in self.stage.messages() if message.person == name]
        if not found or found[0].state not in {MessageState.SENT, MessageState.IN_DOUBT}:
            return
        self.events += 1
        for _ in range(2 if again else 1):
            self.stage.reply(name, f"{name} says {word}", event_id=f"event-{self.events}")
        self.answers.setdefault(name, set()).add(word.title())

    # the provider's moods

    @rule(
        name=st.sampled_from(NAMES),
        mood=st.sampled_from([TemporaryError("later"), PermanentError("no"), SendInDoubt("lost"), RuntimeError("bug")]),
    )
    def mood(self, name: str, mood: Exception) -> None:
        self.stage.channel.script(f"{name.lower()}@example.org", mood)

    @rule()
    def answer_lost(self) -> None:
        self.stage.channel.lost += 1

    # a person's hands

    @rule(by=st.sampled_from(["Name", "Start", "Status"]), reverse=st.booleans())
    def sort(self, by: str, reverse: bool) -> None:
        if found := self.titles(by):
            self.stage.sheet.sort(found[0], reverse=reverse)

    @rule(at=rows)
    def insert(self, at: int) -> None:
        self.stage.sheet.insert_row(min(at, self.count), {"Name": "New", "Email": "new@example.org"})

    @precondition(lambda self: self.count > 3)
    @rule(at=rows)
    def delete(self, at: int) -> None:
        self.stage.sheet.delete_row(at % self.count)

    @rule(at=rows, to=rows)
    def cut_and_paste(self, at: int, to: int) -> None:
        self.stage.sheet.paste_row(self.stage.sheet.cut_row(at % self.count), to % self.count)

    @precondition(lambda self: self.count > 3 and len(self.cut) < 2)
    @rule(at=rows)
    def cut_a_row(self, at: int) -> None:
        self.cut.append(self.stage.sheet.cut_row(at % self.count))

    @precondition(lambda self: self.cut)
    @rule(to=rows)
    def paste_it_later(self, to: int) -> None:
        self.stage.sheet.paste_row(self.cut.pop(), to % (self.count + 1))

    @rule(title=st.sampled_from((*OURS, "Note")))
    def rename_a_column(self, title: str) -> None:
        found = self.titles(title)
        if found:
            self.renamed += 1
            self.stage.sheet.rename_column(found[0], f"{title} ({self.renamed})")

    @rule(name=st.sampled_from(NAMES), back=st.integers(1, 5))
    def put_an_old_status_back(self, name: str, back: int) -> None:
        words, sheet = self.seen.get(name, []), self.stage.sheet
        if name in sheet.column("Name") and words and self.titles("Status"):
            sheet.type(sheet.find("Name", name), self.titles("Status")[0], words[-min(back, len(words))])

    @rule(at=rows, to=rows)
    def copy(self, at: int, to: int) -> None:
        self.stage.sheet.copy_row(at % self.count, to % (self.count + 1))

    @precondition(lambda self: not self.cut)  # what was cut is pasted by position
    @rule(title=st.sampled_from(OURS), to=st.integers(0, 5))
    def move_column(self, title: str, to: int) -> None:
        if found := self.titles(title):
            self.stage.sheet.move_column(found[0], to)

    @rule(by=st.sampled_from(["Name", "Start"]))
    def sort_in_the_middle_of_a_write(self, by: str) -> None:
        self.stage.sheet.meanwhile = lambda sheet: sheet.sort(by, reverse=True)

    @rule(locked=st.booleans())
    def lock(self, locked: bool) -> None:
        self.stage.sheet.locked = locked
        if not locked:
            return
        with contextlib.suppress(SheetUnavailable):
            self.stage.sync()
        self.stage.sheet.locked = False

    @property
    def count(self) -> int:
        return len(self.stage.sheet.column("Name"))

    def titles(self, title: str) -> list[str]:
        """What a column is called now; more than one where it was renamed empty, and made again."""
        return [one for one in self.stage.sheet.titles if one == title or one.startswith(f"{title} (")]

    # what must always hold

    @invariant()
    def nobody_gets_more_than_one_message(self) -> None:
        assert max(Counter(one.address for one in self.stage.channel.arrived).values(), default=0) <= 1

    @invariant()
    def everybody_gets_their_own_text(self) -> None:
        assert all(f"Hello {one.person}," in one.text for one in self.stage.channel.arrived)

    @invariant()
    def what_was_approved_is_accounted_for(self) -> None:
        if self.stage.campaign_id:
            sent = len(self.stage.channel.arrived)
            known = self.stage.states()
            settled = known.get(MessageState.SENT, 0) + known.get(MessageState.IN_DOUBT, 0)
            assert sent <= settled + known.get(MessageState.FAILED, 0)

    @invariant()
    def every_text_stands_in_its_own_row(self) -> None:
        sheet = self.stage.sheet
        owners = {message.person: message for message in self.stage.messages()}
        for role in OURS[1:]:
            for title in self.titles(role):
                for name, text in zip(sheet.column("Name"), sheet.column(title), strict=True):
                    if text:
                        self.is_theirs(role, name, text, owners.get(name))

    def is_theirs(self, role: str, name: str, text: str, owner: Message | None) -> None:
        """What stands in a row is about that person."""
        if role == "Message":
            assert f"Hello {name}," in text
            return
        assert owner is not None
        if role == "Reply":
            assert text.startswith(f"{name} says")
        else:
            # A copy and a row that was cut keep the old answer, until we are there again.
            assert text == owner.values.get("Availability") or text in self.answers[name]

    @invariant()
    def remember_the_words(self) -> None:
        if self.titles("Status"):
            sheet = self.stage.sheet
            for name, word in zip(sheet.column("Name"), sheet.column(self.titles("Status")[0]), strict=True):
                if name in NAMES and word and word not in self.seen.setdefault(name, []):
                    self.seen[name].append(word)


TestLoop = Loop.TestCase
TestLoop.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.postgres
def test_it_holds_on_postgres_as_well(postgres_server: str) -> None:
    few = settings(TestLoop.settings, max_examples=4)
    run_state_machine_as_test(lambda: Loop(emptied(postgres_server)), settings=few)
