"""The model planner: a model says what an instruction means for a sheet, code decides what of it may stand.

The offline planner's plan is the ground: what the model says replaces its parts only where the checks hold. Addresses,
channel and whatever a person fixed beforehand are never the model's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel

from server.domain import factcheck, templates
from server.domain.plan import AnswerColumn, Plan
from server.domain.table import Table, fold
from server.domain.usage import Made
from server.domain.words import AnswerKind, ChannelName
from server.llm import prompting
from server.llm.client import Ask, ModelClient
from server.llm.drafter import LONGEST_INSTRUCTION, MAILS
from server.llm.offline import columns, reminders
from server.llm.quoting import locate
from server.llm.sheet_view import Seen, view
from server.llm.steering import steers
from server.llm.usage import TokenBudget
from server.ports import Planner, PlanRequest

MOST_TOKENS = 3_000
MOST_ANSWERS, MOST_VALUES, LONGEST_WORD, LONGEST_QUESTION = 10, 20, 60, 500
LONGEST_TONE, LONGEST_COUNTS, LONGEST_WAIT = 60, 300, 365
MOST_MISSING, LONGEST_MISSING = 5, 80


class Answers(BaseModel):
    """One thing that people are to answer."""

    column: str
    kind: Literal["choice", "text", "number", "date", "time"]
    allowed: list[str]


class Planned(BaseModel):
    """What a model makes of an instruction."""

    read_columns: list[str]
    name_column: str
    address_column: str
    question: str
    answers: list[Answers]
    language: str
    tone: str
    subject: str
    counts: str
    remind_after: int
    missing: list[str]


class ModelPlanner:
    """Makes plans with a model. Implements Planner."""

    def __init__(
        self, client: ModelClient, ground: Planner, *, budget: TokenBudget | None = None, examples: int = 3
    ) -> None:
        """`ground` is the offline planner. `examples` is how many cells of a column the model sees; 0: none."""
        self._client = client
        self._ground = ground
        self._budget = budget
        self._examples = examples
        self._prompt = prompting.load("plan")

    @property
    def prompt(self) -> str:
        """The prompt's name and hash, to be kept with the plan."""
        return self._prompt.id

    def plan(self, request: PlanRequest) -> Plan:
        """A plan. With a template nothing is left to a model.

        Raises InvalidInput as the offline planner does, TemporaryError or PermanentError when the model can't be asked.
        """
        base = self._ground.plan(request)
        if request.template:
            return base
        seen = view(request.table, examples=self._examples)
        same = {
            "instruction": request.instruction[:LONGEST_INSTRUCTION],
            "channel": base.channel.value,
            "answers_fixed": list(request.answers),
            "language_fixed": request.language,
            "tone_fixed": request.tone,
        }
        data = {"columns": [one.shown() for one in seen]}
        ask = Ask(self._prompt, Planned, same, data, most=MOST_TOKENS, temperature=0.0)
        answer = self._client.wait_for(lambda: self._client.ask(ask, self._budget))
        made = Made(answer.prompt, answer.model, answer.usage, base.version)
        return replace(merged(request, base, answer.value, seen), made=made)


def merged(request: PlanRequest, base: Plan, planned: Planned, seen: Sequence[Seen]) -> Plan:
    """The offline plan with what of the model's may stand."""
    known = {fold(one.title): one for one in seen}
    address = _address(request, base, planned, known)
    name = _name(base, planned, known, address)
    read = _read(request, base, planned, known, name)
    answers = base.answer_columns if request.answers else _answers(request.table, planned, {address, name, *read})
    question = _question(request, base, planned, answers)
    if not question and answers and not request.answers:
        answers = base.answer_columns  # nothing is asked: no column to fill
    plan = replace(base, address_column=address, name_column=name, read_columns=read, answer_columns=answers)
    plan = replace(plan, question=question, language=_language(request, base, planned))
    return replace(
        plan,
        subject=_subject(request, plan, planned),
        tone=_tone(request, planned),
        counts=_counts(request, plan, planned),
        remind_after=_wait(request, base, planned),
        missing=_missing(request, base, plan, planned, seen),
    )


def _address(request: PlanRequest, base: Plan, planned: Planned, known: Mapping[str, Seen]) -> str:
    """The model may choose among columns that hold the channel's addresses; whether they do, code says."""
    wanted = known.get(fold(planned.address_column))
    if request.address_column or wanted is None:
        return base.address_column
    held = {ChannelName.EMAIL: {"mail address"}, ChannelName.OUTBOX: {"mail address", "phone number"}}
    return wanted.title if wanted.kind in held.get(base.channel, {"phone number"}) else base.address_column


def _name(base: Plan, planned: Planned, known: Mapping[str, Seen], address: str) -> str:
    wanted = known.get(fold(planned.name_column))
    if wanted is None or wanted.title == address or wanted.kind != "text":
        return base.name_column
    return wanted.title


def _read(request: PlanRequest, base: Plan, planned: Planned, known: Mapping[str, Seen], name: str) -> tuple[str, ...]:
    """Columns that are there; addresses only where the instruction itself names them."""
    found = [known[fold(title)] for title in planned.read_columns if fold(title) in known]
    contact = {"mail address", "phone number"}
    kept = [
        one.title for one in found if one.kind not in contact or columns.mentioned(request.instruction, [one.title])
    ]
    names = [name] if name else []
    surname = [title for title in base.read_columns[:2] if name == base.name_column and title != name][:1]
    surname = [title for title in surname if title in columns.name_columns(request.table, base.address_column)]
    return tuple(dict.fromkeys([*names, *surname, *(kept or base.read_columns)]))


def _answers(table: Table, planned: Planned, taken: set[str]) -> tuple[AnswerColumn, ...]:
    """Answer columns of bearable names and values; one that holds something else gets a name of its own."""
    found: dict[str, AnswerColumn] = {}
    for one in planned.answers[:MOST_ANSWERS]:
        name = _word(one.column)
        index = table.find(name)
        if index is not None:
            name = table.columns[index].title
        if not name or fold(name) in columns.OWN_TITLES or steers(name):
            continue
        if name in taken or (index is not None and columns.filled_share(table, name) >= 0.5):
            name = f"{name} confirmed"
        values = tuple(dict.fromkeys(value for text in one.allowed[:MOST_VALUES] if (value := _word(text))))
        kind = AnswerKind(one.kind)
        if kind is AnswerKind.CHOICE and len(values) < 2:
            kind = AnswerKind.TEXT
        column = AnswerColumn(name, kind, values if kind is AnswerKind.CHOICE else ())
        found.setdefault(fold(name), column)
    return tuple(found.values())


def _question(request: PlanRequest, base: Plan, planned: Planned, answers: Sequence[AnswerColumn]) -> str:
    """What people are asked, when it holds nothing that the instruction does not say."""
    asked = " ".join(planned.question.split())
    titles = [column.title for column in request.table.columns]
    said = "\n".join([request.instruction, *titles, *(text for one in answers for text in (one.name, *one.allowed))])
    grounded = not factcheck.unfounded(asked, factcheck.ground({}, said, language=_language(request, base, planned)))
    usable = 0 < len(asked) <= LONGEST_QUESTION and not steers(asked) and "{" not in asked
    return asked if usable and grounded and answers else base.question


def _language(request: PlanRequest, base: Plan, planned: Planned) -> str:
    if request.language:
        return base.language
    code = planned.language.strip().casefold()[:2]
    return code if re.fullmatch(r"[a-z]{2}", code) else base.language


def _subject(request: PlanRequest, plan: Plan, planned: Planned) -> str:
    wanted = " ".join(planned.subject.split())
    if request.subject or plan.channel not in MAILS or not 0 < len(wanted) <= 150 or steers(_bare(wanted)):
        return plan.subject
    if templates.check(wanted, plan.read_columns) or templates.leftovers(_bare(wanted)):
        return plan.subject
    said = "\n".join([request.instruction, *plan.read_columns, plan.question])
    bare = _bare(wanted).strip()
    return plan.subject if factcheck.unfounded(bare, factcheck.ground({}, said, language=plan.language)) else wanted


def _tone(request: PlanRequest, planned: Planned) -> str:
    """A few words about how to write, and nothing that could be said in a text."""
    tone = " ".join(planned.tone.split()).strip(" .")
    plain = len(tone) <= LONGEST_TONE and re.fullmatch(r"[^\W\d_]+(?:[ ,’'/-]+[^\W\d_]+)*", tone)
    return request.tone or (tone if plain and not steers(tone) else "")


def _counts(request: PlanRequest, plan: Plan, planned: Planned) -> str:
    """What counts as an answer, when it names nothing but what is asked."""
    counts = " ".join(planned.counts.split())
    if not (plan.question and 0 < len(counts) <= LONGEST_COUNTS) or steers(counts) or "{" in counts:
        return ""
    titles = [column.title for column in request.table.columns]
    answers = [text for one in plan.answer_columns for text in (one.name, *one.allowed)]
    said = "\n".join([request.instruction, plan.question, *titles, *answers])
    return "" if factcheck.unfounded(counts, factcheck.ground({}, said, language=plan.language)) else counts


def _wait(request: PlanRequest, base: Plan, planned: Planned) -> int:
    """Days until a reminder: what code reads in the instruction; else the model's, when the instruction may say so."""
    if base.remind_after or not 0 < planned.remind_after <= LONGEST_WAIT:
        return base.remind_after
    return planned.remind_after if reminders.may_mean(request.instruction, planned.remind_after) else 0


def _missing(request: PlanRequest, base: Plan, plan: Plan, planned: Planned, seen: Sequence[Seen]) -> tuple[str, ...]:
    """What is asked for and no column holds, to be asked about before drafting: only words of the instruction count.

    What code found missing stays so, unless the model found a column for it that code did not see.
    """
    titles = [one.title for one in seen]
    known = [*titles, *(column.name for column in plan.answer_columns)]
    told = [locate(words, request.instruction)[:LONGEST_MISSING] for words in planned.missing]
    found = [words for words in told if columns.content(words) and not columns.mentioned(words, known)]
    if set(plan.read_columns) <= {*base.read_columns, plan.name_column}:
        found += [words for words in base.missing if not any(fold(words) in fold(other) for other in found)]
    return tuple(dict.fromkeys(found))[:MOST_MISSING]


def _bare(subject: str) -> str:
    return re.sub(r"\{\{[^{}\n]{1,200}\}\}", " ", subject)


def _word(text: str) -> str:
    """A title or a value: one short line without braces, marks of a formula, or characters that nobody sees (with one
    of them a column could look like Cellback's own)."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    plain = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f{}|]", " ", seen).split()).lstrip("=+@ ")
    return plain if len(plain) <= LONGEST_WORD else ""
