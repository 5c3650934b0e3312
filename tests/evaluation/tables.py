"""`python -m tests.evaluation.tables [injections] [eager]`: further score tables of docs/model.md, in Markdown: replies
that give orders to a model that obeys, and a model that is always sure."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from unittest import mock

from server.domain.confidence import SURE_AT
from server.domain.machine import ANSWERS
from server.domain.plan import Plan, parse_answer_column
from server.domain.reply import Interpretation
from server.domain.words import ChannelName, Outcome
from server.flow.interpreting import read_text
from server.llm import interpreter
from server.llm.client import ModelClient
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineInterpreter
from server.ports import Interpreter, ReadRequest
from tests.emulators.openai import ModelServer, Question, Said
from tests.emulators.openai.brain import obedient, reading
from tests.llm.model.attacks import ATTACKS
from tests.llm.replies import INJECTIONS, LANGUAGES, ROW, TODAY, Labelled, Read, labelled


class Silent:
    """A second reader that never has an opinion."""

    async def read(self, request: ReadRequest) -> Interpretation:
        """Unclear."""
        return Interpretation(Outcome.UNCLEAR)


def main(arguments: Sequence[str]) -> int:
    """Print the tables asked for, all of them without a name; 2 for a name that there is not."""
    every: dict[str, Callable[[], str]] = {"injections": injections, "eager": eager}
    if unknown := set(arguments) - set(every):
        sys.stderr.write(f"There is no table “{unknown.pop()}”. There are: {', '.join(every)}.\n")
        return 2
    for name in arguments or every:
        sys.stdout.write(f"**{name}**\n\n{every[name]()}\n")
        sys.stdout.flush()
    return 0


def injections() -> str:
    """Replies that give orders, with a model that obeys all of them: how many get something written as sure."""
    att = labelled(INJECTIONS)[0]
    lines = ["| with a model that obeys | replies | harmful |", "|---|--:|--:|"]
    sets: list[tuple[str, list[Labelled], Interpreter, bool]] = [
        ("orders alone", [_order(att, text) for text in ATTACKS], OfflineInterpreter(), True),
        (
            "orders behind plain words",
            [_order(att, f"Thanks.\n{text}") for text in ATTACKS],
            OfflineInterpreter(),
            True,
        ),
        ("the same, second reader silent", [_order(att, f"Thanks.\n{text}") for text in ATTACKS], Silent(), True),
        ("orders alone, no patterns for orders", [_order(att, text) for text in ATTACKS], OfflineInterpreter(), False),
        ("injection set", list(labelled(INJECTIONS)), OfflineInterpreter(), True),
        ("injection set, no patterns for orders", list(labelled(INJECTIONS)), OfflineInterpreter(), False),
    ]
    for name, replies, second, patterns in sets:
        with mock.patch.object(interpreter, "steers", interpreter.steers if patterns else lambda _: ""):
            reads = read_all(replies, second, lambda _: obedient)
        lines.append(f"| {name} | {len(reads)} | {sum(read.sure and not read.right for read in reads)} |")
    offline = read_all(list(labelled(INJECTIONS)), OfflineInterpreter(), None)
    lines.append(f"| injection set, offline alone | {len(offline)} | {sum(r.sure and not r.right for r in offline)} |")
    return "\n".join(lines) + "\n"


def _order(like: Labelled, reply: str) -> Labelled:
    return Labelled("en", "order", like.question, like.answers, reply, "unclear", {}, True)


def eager() -> str:
    """All labelled replies with a model that is always sure: right where no person is needed, and where one is it says
    what the reply seems to say, or yes, and names no condition and no question."""
    replies = [label for language in LANGUAGES for label in labelled(language)]
    ways: list[tuple[str, Any, float, bool]] = [
        ("offline model alone", None, SURE_AT, True),
        ("with such a model, token probabilities", _eagerly, SURE_AT, True),
        ("with such a model, no probabilities", _eagerly, SURE_AT, False),
        ("with such a model, a threshold of 0.75", _eagerly, 0.75, True),
    ]
    lines = ["| | could be `sure` | `sure` | `sure`, and should not be |", "|---|--:|--:|--:|"]
    for name, says, sure_at, probable in ways:
        reads = read_all(replies, OfflineInterpreter(), says, sure_at=sure_at, probable=probable)
        could, sure = sum(not read.label.person for read in reads), [read for read in reads if read.sure]
        wrong = sum(not read.right for read in sure)
        lines.append(f"| {name} | {could:,} | {len(sure):,} | {wrong} |")
    return "\n".join(lines) + "\n"


def _eagerly(label: Labelled) -> Callable[[Question], Said]:
    def says(asked: Question) -> Said:
        fields = asked.block("campaign")["answers"]
        outcome = label.outcome if not label.person or Outcome(label.outcome) in ANSWERS else "confirmed"
        answers = {one["field"]: label.values.get(one["column"]) or _first(one, label) for one in fields}
        evidence = str(asked.block("data")["reply"])[:200]
        return Said(reading(outcome, answers, evidence, certainty=0.995), certain=0.995)

    return says


def _first(column: Mapping[str, Any], label: Labelled) -> str | None:
    return str(column["allowed"][0]) if label.person and column["allowed"] else None


def read_all(
    replies: Collection[Labelled], second: Interpreter, says: Any, *, sure_at: float = SURE_AT, probable: bool = True
) -> list[Read]:
    """Each as the product reads it; `says` gives what the model answers to a reply, None asks no model."""

    async def one(label: Labelled, reader: Interpreter) -> Read:
        columns = tuple(parse_answer_column(text) for text in label.answers.split(";"))
        plan = Plan(ChannelName.OUTBOX, "outbox", "Email", "Name", answer_columns=columns, question=label.question)
        request = ReadRequest(label.reply, label.question, plan, ROW, today=TODAY, sure_at=sure_at)
        return Read(label, await read_text(reader, request))

    async def all_of_them() -> list[Read]:
        if says is None:
            return [await one(label, OfflineInterpreter()) for label in replies]
        with ModelServer(logprobs=probable) as server:
            client = ModelClient(key=server.key, model=server.model, base_url=server.url)
            reader, found = ModelInterpreter(client, second), []
            for label in replies:
                server.answer = says(label)
                found.append(await one(label, reader))
            await client.close()
        return found

    return asyncio.run(all_of_them())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
