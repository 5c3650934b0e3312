"""The model interpreter: a model reads, code checks every word of it, the offline reader is the second opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.answers import NO, YES, outcome_of, refuse
from server.domain.confidence import Agreement, Doubt, Source, confidence, flag, sentences, together
from server.domain.machine import ANSWERS
from server.domain.plan import AnswerColumn
from server.domain.reply import Interpretation
from server.domain.table import fold
from server.domain.words import AnswerKind, Flag, Outcome
from server.errors import PermanentError, TemporaryError
from server.llm import grounding, prompting, reading
from server.llm.client import Answer, Ask, ModelClient
from server.llm.quoting import locate
from server.llm.reading import Read
from server.llm.steering import steers
from server.llm.usage import TokenBudget
from server.ports import Interpreter, ReadRequest

LONGEST_REPLY, LONGEST_QUOTED, LONGEST_QUESTION, LONGEST_CELL = 6_000, 3_000, 4_000, 120
"""Characters that a model is shown. Of a cell few: they only tell whom and what a reply is about."""
LONG, LONG_ALONE = 1_200, 300
"""A reply of more characters is read by a person: plain answers are short, and attacks need room. The second is for
replies of which the offline reader can't tell what they say."""
MOST_TOKENS = 1_500

_PLAIN = frozenset({Outcome.CONFIRMED, Outcome.DECLINED, Outcome.ANSWERED})
_REMARKS = frozenset({Outcome.QUESTION, Outcome.UNCLEAR, Outcome.WRONG_PERSON})
_NEEDS_WORDS = frozenset({Outcome.OPT_OUT, Outcome.AUTOMATIC, Outcome.WRONG_PERSON})
"""Outcomes that something is done about whatever their confidence: never on words that are not there."""
_LEANS = 0.5
"""From this confidence on the second reader has an opinion. Less, and nearly all that a model should not have been sure
of got through in a trial with one that always is (docs/model.md)."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """A reading after the checks."""

    outcome: Outcome
    values: dict[str, str]
    evidence: str
    failed: frozenset[Doubt]


class ModelInterpreter:
    """Reads replies with a model. Implements Interpreter."""

    def __init__(self, client: ModelClient, second: Interpreter, *, budget: TokenBudget | None = None) -> None:
        """`second` reads every reply as well."""
        self._client = client
        self._second = second
        self._budget = budget
        self._prompt = prompting.load("read")

    @property
    def prompt(self) -> str:
        """The prompt's name and hash, to be kept with what was read."""
        return self._prompt.id

    async def read(self, request: ReadRequest) -> Interpretation:
        """A reading with a confidence by the formula of `domain.confidence`.

        When the model can't be asked, the offline reading as a proposal (`check`), with the reason. Raises what the
        second reader raises.
        """
        second = await self._second.read(request)
        columns = request.plan.answer_columns
        try:
            answer = await self._client.ask(self._ask(request, columns), self._budget)
        except (TemporaryError, PermanentError) as error:
            return _proposal(second, error.sentence)
        return self._weighed(request, answer, second)

    def _ask(self, request: ReadRequest, columns: tuple[AnswerColumn, ...]) -> Ask[Read]:
        plan = request.plan
        titles = tuple(dict.fromkeys(name for name in (plan.name_column, *plan.read_columns) if name))
        asked = [_described(index, column) for index, column in enumerate(columns)]
        return Ask(
            prompt=self._prompt,
            shape=reading.form_of(columns),
            same={
                "question": request.question[:LONGEST_QUESTION],
                "counts": plan.counts,
                "answers": asked,
                "language": plan.language,
            },
            data={
                "today": request.today,
                "row": prompting.cells(request.record, titles, longest=LONGEST_CELL),
                "quoted": request.quoted[:LONGEST_QUOTED],
                "reply": request.reply[:LONGEST_REPLY],
            },
            most=MOST_TOKENS,
            certainties=True,
            temperature=0.0,
        )

    def _weighed(self, request: ReadRequest, answer: Answer[Read], second: Interpretation) -> Interpretation:
        said = answer.value
        checked = check(request, said, second)
        probable = reading.decided(answer.certain, request.plan.answer_columns)
        source = Source.TOKENS if probable else Source.SAID
        certainty = min(together(probable), _share(said.certainty)) if probable else _share(said.certainty)
        agreement = agree(checked.outcome, checked.values, second)
        failed = checked.failed | _of_agreement(agreement, request.reply)
        level = confidence(certainty, source, agreement, failed)
        flagged = flag(level, failed, sure_at=request.sure_at)
        reason = " ".join(part for part in (sentences(failed), reading.in_a_line(said.reason)) if part)
        made = answer.made(request.plan.version)
        return Interpretation(checked.outcome, checked.values, checked.evidence, level, flagged, reason, made)


def _of_agreement(agreement: Agreement, reply: str) -> frozenset[Doubt]:
    if agreement is Agreement.DIFFERS:
        return frozenset({Doubt.OTHER_READER})
    alone = agreement is Agreement.SILENT and len(reply) > LONG_ALONE
    return frozenset({Doubt.LONG}) if alone else frozenset()


def _described(index: int, column: AnswerColumn) -> dict[str, object]:
    return {
        "field": reading.key_of(index),
        "column": column.name[:100],
        "kind": column.kind.value,
        "allowed": list(column.allowed[:300]),
    }


def _share(certainty: float) -> float:
    """Some models answer in per cent: 1 to 100 is a share as well. What is neither is nothing."""
    if 1.0 < certainty <= 100.0:
        return certainty / 100.0
    return certainty if 0.0 <= certainty <= 1.0 else 0.0


def _proposal(second: Interpretation, why: str) -> Interpretation:
    """What the offline reader makes of it, for a person to settle."""
    level = min(second.confidence, 0.5)
    reason = f"{why} Read offline: {second.reason}"
    return Interpretation(second.outcome, second.values, second.evidence, level, Flag.CHECK, reason)


def agree(outcome: Outcome, values: Mapping[str, str], second: Interpretation) -> Agreement:
    """What the second reader's opinion, as far as it has one, is to the model's reading."""
    if second.confidence < _LEANS or (second.outcome in _REMARKS and outcome not in _REMARKS):
        return Agreement.SILENT
    other = any(name in values and fold(values[name]) != fold(value) for name, value in second.values.items())
    if second.outcome is not outcome or other:
        return Agreement.DIFFERS
    if not set(values) <= set(second.values):
        return Agreement.SILENT
    return Agreement.SAME if second.flag is Flag.SURE else Agreement.LEANS


def check(request: ReadRequest, said: Read, second: Interpretation) -> _Checked:
    """A model's reading held against what code can check; what does not hold is left out, or makes it `check`."""
    failed: set[Doubt] = set()
    evidence = locate(said.evidence, request.reply[:LONGEST_REPLY])
    outcome = Outcome(said.outcome)
    if not evidence and (said.evidence.strip() or outcome in ANSWERS | _NEEDS_WORDS):
        failed.add(Doubt.NO_EVIDENCE)
    if not evidence and outcome in _NEEDS_WORDS:
        outcome = Outcome.UNCLEAR
    values = reading.given(said, request.plan.answer_columns) if outcome in ANSWERS else {}
    values = _allowed(request, values, evidence, second, failed)
    if outcome is Outcome.ANSWERED and outcome_of(values) in {Outcome.CONFIRMED, Outcome.DECLINED}:
        outcome = outcome_of(values)
    if _contradicts(outcome, values):
        failed.add(Doubt.CONTRADICTS)
    wanted = {column.name for column in request.plan.answer_columns}
    if outcome in {Outcome.CONFIRMED, Outcome.ANSWERED} and wanted - set(values):
        failed.add(Doubt.NO_VALUE)
    if outcome is Outcome.DECLINED and wanted and not values:
        failed.add(Doubt.NO_VALUE)
    if outcome in ANSWERS and reading.beside_link(evidence, request.reply):
        failed.add(Doubt.LINK)
    failed |= _in_text(request, said, outcome)
    return _Checked(outcome, values, evidence, frozenset(failed))


def _allowed(
    request: ReadRequest, values: Mapping[str, str], evidence: str, second: Interpretation, failed: set[Doubt]
) -> dict[str, str]:
    """The values that may be written; each that does not follow from the quoted words is noted."""
    kept: dict[str, str] = {}
    for name, value in values.items():
        column = request.plan.answer(name)
        if column is None or refuse(request.plan, {name: value}) or not grounding.well_formed(column.kind, value):
            failed.add(Doubt.NOT_ALLOWED)
            continue
        if column.kind is AnswerKind.TEXT:
            copied = locate(value, request.reply[:LONGEST_REPLY])
            if not copied:
                failed.add(Doubt.UNFOUNDED)
                continue
            value = copied[: grounding.LONGEST_VALUE]
        elif column.kind is not AnswerKind.CHOICE:
            same = second.confidence >= _LEANS and second.values.get(name) == value
            if not same and not grounding.follows(column.kind, value, evidence, request.today):
                failed.add(Doubt.UNFOUNDED)
        kept[name] = value
    return kept


def _contradicts(outcome: Outcome, values: Mapping[str, str]) -> bool:
    said = {fold(value) for value in values.values()}
    return bool((outcome is Outcome.CONFIRMED and said & NO) or (outcome is Outcome.DECLINED and said & YES))


def _in_text(request: ReadRequest, said: Read, outcome: Outcome) -> set[Doubt]:
    """What the reply itself, its row and the model's own remarks speak against it."""
    failed: set[Doubt] = set()
    reply = request.reply
    if steers(reply) or steers(request.quoted):
        failed.add(Doubt.STEERS)
    titles = (request.plan.name_column, *request.plan.read_columns)
    if any(steers(request.record.get(title, "")) for title in titles if title):
        failed.add(Doubt.CELL_STEERS)
    if len(reply) > LONGEST_REPLY:
        failed.add(Doubt.CLIPPED)
    elif len(reply) > LONG:
        failed.add(Doubt.LONG)
    if said.condition.strip() and outcome in _PLAIN:
        failed.add(Doubt.CONDITION)
    if outcome in _PLAIN and (said.asks.strip() or "?" in reply or "？" in reply or "؟" in reply):
        failed.add(Doubt.ASKS)
    if outcome in _REMARKS:
        failed.add(Doubt.NEEDS_PERSON)
    if request.several:
        failed.add(Doubt.SEVERAL_ROWS)
    return failed
