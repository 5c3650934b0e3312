"""The corpus as the flow checks it: a sheet with that row and the other people's, a plan, a drafter's text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from server.domain.plan import Plan
from server.domain.words import ChannelName
from server.flow.checking import Checker
from server.flow.records import Reader
from tests.domain.factcheck.corpus import TODAY, Case, cases
from tests.fakes import FakeChannel, FakeSheet


def checker_of(case: Case) -> Checker:
    """The check of a campaign on a sheet of which the case is the first row."""
    titles = tuple(case.record)
    rows = [tuple(case.record.values()), *((name, *[""] * (len(titles) - 1)) for name in case.others)]
    plan = Plan(ChannelName.OUTBOX, "fake", "Email", "Name", read_columns=titles, language=case.language)
    reader = Reader(FakeSheet(titles, rows).read(), plan, lambda _name, _provider="": FakeChannel())
    return Checker(reader, case.instruction, TODAY)


def doubted(case: Case) -> tuple[str, ...]:
    """What the flow's check names in a draft."""
    checker = checker_of(case)
    return checker.unfounded(checker.reader.table.rows[0], case.text, "")


@dataclass
class Score:
    """How many spoiled drafts of each kind were caught, how many good ones of each language doubted."""

    spoiled: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        """As Markdown."""
        kinds = [f"| {kind} | {self.caught[kind]} of {count} |" for kind, count in sorted(self.spoiled.items())]
        rest = f"| **all** | **{self.caught.total()} of {self.spoiled.total()}** |"
        calm = f"| untouched, and doubted | {self.alarms.total()} of {self.good.total()} |"
        return "\n".join(["| what was done to the draft | caught |", "|---|---|", *kinds, rest, calm])


def measured(seed: int, count: int) -> Score:
    """So many good drafts and as many spoiled ones."""
    score = Score()
    for good, spoiled in cases(seed, count):
        score.spoiled[spoiled.spoiled] += 1
        score.caught[spoiled.spoiled] += bool(doubted(spoiled))
        score.good[good.language] += 1
        score.alarms[good.language] += bool(doubted(good))
    return score
