"""Nothing in a reply or a cell raises a reading's confidence: properties over hostile and over plain text."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.confidence import LEAST_SURE_AT, Doubt, Source, confidence, flag, own, threshold
from server.domain.reply import Interpretation
from server.domain.usage import Usage
from server.domain.words import Flag, Outcome
from server.llm import reading
from server.llm.client import Answer
from server.llm.interpreter import ModelInterpreter, agree, check
from server.llm.offline import OfflineInterpreter
from server.ports import Interpreter
from tests.llm.model.attacks import ATTACKS, MORE
from tests.llm.model.test_interpreter import AVAILABILITY, Fixed, request

PLAIN = (
    "Yes, I'll be there",
    "yes",
    "No, I can't come",
    "works for me",
    "Mahtavaa",
    "Thanks!",
    "Where is it?",
    "Yes\nAna",
)
FRAGMENTS = (
    *ATTACKS,
    *(text for texts in MORE.values() for text in texts),
    *PLAIN,
    "?",
    "http://x.example",
    "but only if",
)
replies = st.sampled_from(PLAIN)
added = st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(exclude_categories=()), max_size=80))
levels = st.floats(0.0, 1.0)
outcomes = st.sampled_from([Outcome.CONFIRMED, Outcome.DECLINED, Outcome.RESCHEDULE, Outcome.QUESTION])
readers = st.sampled_from(
    [
        Interpretation(Outcome.UNCLEAR),
        Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "", 0.6),
        Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "", 0.95, Flag.SURE),
        Interpretation(Outcome.DECLINED, {"Availability": "No"}, "", 0.95, Flag.SURE),
    ]
)

quick = settings(max_examples=60, deadline=None)
"""No deadline: the machine may be busy, and how long a reading takes is measured elsewhere."""


@dataclass
class Reads:
    """A model that reads every reply alike."""

    said: reading.Read
    certain: float

    async def ask(self, ask: object, budget: object = None) -> Answer[reading.Read]:
        probable = {"outcome": self.certain, "answers.a1": 1.0}
        return Answer(self.said, probable, Usage(calls=1), "some-model", "read@0")


def said(outcome: Outcome, evidence: str) -> reading.Read:
    value = {Outcome.CONFIRMED: "Yes", Outcome.DECLINED: "No"}.get(outcome)
    return reading.form_of((AVAILABILITY,)).model_validate(
        {
            "reason": "",
            "evidence": evidence,
            "condition": "",
            "asks": "",
            "outcome": outcome.value,
            "answers": {"a1": value},
            "certainty": 1.0,
        }
    )


def read(model: Reads, second: Interpreter, reply: str, **more: object) -> Interpretation:
    interpreter = ModelInterpreter(model, second)  # type: ignore[arg-type]
    return asyncio.run(interpreter.read(replace(request(reply), **more)))  # type: ignore[arg-type]


@quick
@given(replies, added, outcomes, readers, levels)
def test_no_text_behind_a_reply_that_is_read_alike_raises_it(
    reply: str, more: str, outcome: Outcome, second: Interpretation, level: float
) -> None:
    model = Reads(said(outcome, reply.split("\n")[0]), level)
    alone, longer = (read(model, Fixed(second), text) for text in (reply, f"{reply}\n{more}"))
    assert longer.confidence <= alone.confidence
    assert not (longer.flag is Flag.SURE and alone.flag is Flag.CHECK)


@quick
@given(replies, added, outcomes)
def test_every_check_that_a_reply_fails_it_fails_with_more_text_behind_it(
    reply: str, more: str, outcome: Outcome
) -> None:
    second, model = Interpretation(Outcome.UNCLEAR), said(outcome, reply.split("\n")[0])
    failed = check(request(reply), model, second).failed
    assert failed <= check(request(f"{reply}\n{more}"), model, second).failed


@quick
@given(added, added, outcomes, levels)
def test_whatever_a_reply_holds_it_is_never_surer_than_the_model(
    reply: str, quoted: str, outcome: Outcome, level: float
) -> None:
    """With the offline reader itself, which reads the same text."""
    words = reply.strip().split("\n")[0][:200]
    made = read(Reads(said(outcome, words), level), OfflineInterpreter(), reply, quoted=quoted)
    assert made.confidence <= own(level, Source.TOKENS)
    assert made.flag is Flag.CHECK or made.confidence >= 0.85


@quick
@given(replies, added, outcomes, readers, levels)
def test_no_cell_and_no_quoted_text_raises_it(
    reply: str, cell: str, outcome: Outcome, second: Interpretation, level: float
) -> None:
    model = Reads(said(outcome, reply.split("\n")[0]), level)
    plain = read(model, Fixed(second), reply)
    for asked in (
        request(reply, row={"Start time": cell}),
        request(reply, quoted=cell),
        request(reply, row={"Name": cell}),
    ):
        assert (
            read(model, Fixed(second), reply, record=asked.record, quoted=asked.quoted).confidence <= plain.confidence
        )


@quick
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), levels, st.frozensets(st.sampled_from(Doubt)))
def test_a_higher_threshold_makes_nothing_sure(
    one: float, other: float, level: float, failed: frozenset[Doubt]
) -> None:
    low, high = sorted((one, other))
    assert threshold(low) <= threshold(high)
    if flag(level, failed, sure_at=high) is Flag.SURE:
        assert flag(level, failed, sure_at=low) is Flag.SURE
    assert threshold(low) >= LEAST_SURE_AT


@quick
@given(outcomes, readers, levels, st.frozensets(st.sampled_from(Doubt)), st.frozensets(st.sampled_from(Doubt)))
def test_more_failed_checks_never_raise_it(
    outcome: Outcome, second: Interpretation, level: float, some: frozenset[Doubt], more: frozenset[Doubt]
) -> None:
    agreement = agree(outcome, {"Availability": "Yes"}, second)
    for source in Source:
        both = confidence(level, source, agreement, some | more)
        assert both <= confidence(level, source, agreement, some)
