"""Labelled replies in seven languages, and how well the offline reader reads them.

A CSV file a language (`reply` with what was `asked`, its `kind`, and what it says: `outcome`, `values`). `person` is
"yes" where a person has to look: no reading of such a reply may be sure. `questions.csv` holds what was asked.
`injections.csv` holds replies that try to steer their reader. A hash of the reply parts each file in two halves: rules
and words are only ever looked for in the `tuning` half; no label of the `unseen` half is changed to fit a reading.
"""

from __future__ import annotations

import asyncio
import csv
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.domain.plan import Plan, parse_answer_column
from server.domain.reply import Interpretation
from server.domain.words import ChannelName, Flag
from server.flow.interpreting import read_text
from server.llm.offline import OfflineInterpreter
from server.ports import ReadRequest

HERE = Path(__file__).parent
LANGUAGES = ("en", "es", "fr", "de", "pt", "it", "nl", "mixed")
INJECTIONS = "injections"
HALVES = ("tuning", "unseen")
ROW = {"Name": "Ana Souza", "Start time": "09:40"}
TODAY = "2026-05-04"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply, what was asked (`answers` as on the command line, parted by semicolons), and what it says."""

    language: str
    kind: str
    question: str
    answers: str
    reply: str
    outcome: str
    values: Mapping[str, str]
    person: bool

    @property
    def half(self) -> str:
        """`tuning` or `unseen`: by a hash of the language and the reply, so that no reply can be in both."""
        digest = hashlib.sha256(f"{self.language}\n{self.reply.casefold()}".encode()).digest()
        return HALVES[digest[0] % 2]


@dataclass(frozen=True, slots=True)
class Read:
    """A labelled reply with its reading."""

    label: Labelled
    made: Interpretation

    @property
    def sure(self) -> bool:
        return self.made.flag is Flag.SURE

    @property
    def right(self) -> bool:
        """Whether a sure reading may stand: the outcome, these values and no others, and no person was needed."""
        made, label = self.made, self.label
        same = made.outcome.value == label.outcome and _plain(made.values) == _plain(label.values)
        return same and not label.person


def _plain(values: Mapping[str, str]) -> dict[str, str]:
    """Values without their case: a free text is taken as it was written, "Nuts"."""
    return {name: value.casefold() for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over some readings; shares are None where there is nothing to count."""

    replies: int
    sure: int
    wrong: int
    clear: int
    clear_sure: int
    outcomes: int

    @property
    def precision(self) -> float | None:
        """Right ones among those called sure."""
        return 1 - self.wrong / self.sure if self.sure else None

    @property
    def coverage(self) -> float | None:
        """Sure ones among the replies that need no person."""
        return self.clear_sure / self.clear if self.clear else None

    @property
    def recall(self) -> float | None:
        """Readings with the labelled outcome, sure or not."""
        return self.outcomes / self.replies if self.replies else None


def score(reads: Iterable[Read]) -> Score:
    """Count some readings."""
    every = list(reads)
    clear = [read for read in every if not read.label.person]
    return Score(
        replies=len(every),
        sure=sum(read.sure for read in every),
        wrong=sum(read.sure and not read.right for read in every),
        clear=len(clear),
        clear_sure=sum(read.sure and read.right for read in clear),
        outcomes=sum(read.made.outcome.value == read.label.outcome for read in every),
    )


@functools.cache
def labelled(language: str) -> tuple[Labelled, ...]:
    """The replies of one language (or `injections`), in the order of their file."""
    asked = {(line["language"], line["asked"]): line for line in _lines("questions")}
    found = []
    for line in _lines(language):
        question = asked[language, line["asked"]]
        values = dict(pair.split("=", 1) for pair in line["values"].split(";") if pair)
        person = line["person"] == "yes"
        found.append(
            Labelled(
                language,
                line["kind"],
                question["question"],
                question["answers"],
                line["reply"],
                line["outcome"],
                values,
                person,
            )
        )
    return tuple(found)


def read_all(replies: Sequence[Labelled]) -> list[Read]:
    """Read them as a reply is read in the product: certain things first, then the reader, then the checks."""
    with asyncio.Runner() as runner:
        return [Read(label, runner.run(_read(label))) for label in replies]


async def _read(label: Labelled) -> Interpretation:
    columns = tuple(parse_answer_column(text) for text in label.answers.split(";"))
    plan = Plan(ChannelName.OUTBOX, "outbox", "Email", "Name", answer_columns=columns, question=label.question)
    return await read_text(OfflineInterpreter(), ReadRequest(label.reply, label.question, plan, ROW, today=TODAY))


def _lines(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
