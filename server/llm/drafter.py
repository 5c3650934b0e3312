"""The model drafter, both ways: a text for each row, or one text with placeholders that code fills for all rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel

from server.domain import factcheck, templates
from server.domain.plan import Plan
from server.domain.table import fold
from server.domain.words import ChannelName
from server.llm import clarifying, prompting
from server.llm.client import Ask, ModelClient
from server.llm.reading import in_a_line
from server.llm.steering import steers
from server.llm.usage import TokenBudget
from server.ports import Drafter, DraftText, ReadRequest, Remark

LONGEST_INSTRUCTION = 8_000
MOST_TOKENS = 2_500
MAILS = frozenset({ChannelName.EMAIL, ChannelName.OUTBOX})
LENGTHS = {
    ChannelName.SMS: 459,
    ChannelName.WHATSAPP: 1_024,
    ChannelName.VOICE: 600,
    ChannelName.EMAIL: 4_000,
    ChannelName.OUTBOX: 4_000,
}
"""Characters of a text: three parts of an SMS, the body of a template on WhatsApp, a minute of speech."""
LONGEST_SUBJECT, LONGEST_NAME = 150, 60


class Draft(BaseModel):
    """What a model writes. `missing` names what the instruction wants said and nothing gives."""

    missing: list[str]
    subject: str
    text: str


class ModelDrafter:
    """Writes texts with a model. Implements Drafter. Everything that it can't vouch for is a doubt."""

    def __init__(self, client: ModelClient, filler: Drafter, *, budget: TokenBudget | None = None) -> None:
        """`filler` fills templates: code does that, not a model."""
        self._client = client
        self._filler = filler
        self._budget = budget
        self._each, self._one = prompting.load("draft"), prompting.load("template")
        self._back = prompting.load("clarify")
        self._anew, self._one_anew = prompting.with_remark("draft"), prompting.with_remark("template")

    @property
    def prompt(self) -> str:
        """The name and hash of the prompt for a text a row."""
        return self._each.id

    async def draft(
        self, plan: Plan, instruction: str, record: Mapping[str, str], *, remark: Remark | None = None
    ) -> DraftText:
        """The text for one row from the plan's `read_columns`. A plan with a template asks no model.

        Whether it says only what the row says is for the flow to tell, of every drafter's texts.

        Raises TemporaryError or PermanentError.
        """
        if plan.template:
            return await self._filler.draft(plan, instruction, record)
        titles = _titles(plan)
        row = prompting.cells(record, titles)
        same, data = _remarked(_same(plan, instruction), {"row": row}, remark)
        ask = Ask(self._anew if remark else self._each, Draft, same, data, most=MOST_TOKENS)
        answer = await self._client.ask(ask, self._budget)
        made = answer.value
        subject, doubt = _subject(plan, made, row)
        text = made.text.strip()
        doubts = [doubt, *_doubts(plan, text, subject, made.missing, titles), *_cells(plan, row)]
        return DraftText(text, subject, _together(doubts), answer.made(plan.version))

    async def template(
        self, plan: Plan, instruction: str, *, empty: Collection[str] = (), remark: Remark | None = None
    ) -> DraftText:
        """One text with `{{placeholders}}` for all rows: a single call, for `plan.template`. No cell is sent.

        `empty` are titles of columns that are empty in some rows. Raises TemporaryError or PermanentError.
        """
        titles = _titles(plan)
        gaps = [title for title in titles if title in set(empty)]
        columns: dict[str, object] = {"columns": list(titles), "empty": gaps}
        same, data = _remarked(_same(plan, instruction), columns, remark)
        ask = Ask(self._one_anew if remark else self._one, Draft, same, data, most=MOST_TOKENS)
        answer = await self._client.ask(ask, self._budget)
        made = answer.value
        text, own = made.text.strip(), _in_one_line(made.subject) if plan.channel in MAILS else ""
        subject = plan.subject or own  # what was planned, or fixed by a person, is not the model's to replace
        unknown = templates.check(f"{subject}\n{text}", titles)
        bare = _PLACEHOLDER.sub(_as_words, f"{subject}\n{text}")
        said = "\n".join([_said(plan, instruction), *([remark.words, remark.text] if remark else [])])
        ground = factcheck.ground(dict.fromkeys(titles, ""), said, language=plan.language)
        doubts = [
            *(f"There is no column “{one.name[:60]}”." for one in unknown[:3]),
            "The text mentions none of the columns." if titles and not templates.placeholders(text) else "",
            *_doubts(plan, bare.strip(), "", made.missing, titles),
            factcheck.sentence(factcheck.unfounded(bare, ground)),
        ]
        return DraftText(text, subject, _together(doubts), answer.made(plan.version))

    def objection(self, plan: Plan, instruction: str, remark: str) -> str:  # noqa: ARG002
        """None: a model can try whatever is remarked, and what it writes is checked."""
        return ""

    async def clarify(self, request: ReadRequest) -> DraftText:
        """A question back for what the answer columns still need. A reply (or a cell) that speaks to a machine gets the
        filler's own text, without a model. The plan's subject, filled.

        Raises TemporaryError or PermanentError.
        """
        plan, titles = request.plan, _titles(request.plan)
        kept = {title: shown for title, shown in request.record.items() if not steers(shown)}
        plain = await self._filler.clarify(replace(request, record=kept))
        if clarifying.steered(request, titles):
            return plain
        ask = clarifying.ask(self._back, request, titles, most=LENGTHS.get(plan.channel, 1_000))
        answer = await self._client.ask(ask, self._budget)
        text, row = answer.value.text.strip(), prompting.cells(request.record, titles)
        ground = factcheck.ground(row, clarifying.said(request), language=plan.language)
        doubts = [
            *_doubts(plan, text, "", (), titles),
            *clarifying.doubts(plan, answer.value),
            factcheck.sentence(factcheck.unfounded(text, ground)),
            *_cells(plan, row),
        ]
        return DraftText(text, plain.subject, _together(doubts), answer.made(plan.version))

    async def acknowledge(self, request: ReadRequest, values: Mapping[str, str]) -> DraftText:
        """What was understood, in the filler's own words: a model could add nothing to them that is known."""
        return await self._filler.acknowledge(request, values)


def _together(doubts: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(one for one in doubts if one))


_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,200})\}\}")


def _as_words(match: re.Match[str]) -> str:
    """A placeholder as a text may read: its fallback, else its title."""
    title, _, fallback = match.group(1).partition("|")
    return fallback.strip() or title.strip()


def _titles(plan: Plan) -> tuple[str, ...]:
    """The only columns whose cells a model sees."""
    return tuple(dict.fromkeys(name for name in (plan.name_column, *plan.read_columns) if name))


def _same(plan: Plan, instruction: str) -> dict[str, object]:
    """What is equal for all rows of a campaign."""
    return {
        "instruction": plan.told(instruction)[:LONGEST_INSTRUCTION],
        "leave_out": list(plan.left_out),
        "channel": plan.channel.value,
        "language": plan.language,
        "tone": plan.tone,
        "most_characters": LENGTHS.get(plan.channel, 1_000),
        "name_column": plan.name_column,
        "question": plan.question,
        "answers": [{"column": one.name, "allowed": list(one.allowed)} for one in plan.answer_columns],
        "subject_wanted": plan.channel in MAILS and not plan.subject,
    }


def _remarked(
    same: dict[str, object], data: dict[str, object], remark: Remark | None
) -> tuple[dict[str, object], dict[str, object]]:
    """What a call is given, with what the organiser remarked beside it and the text it was said of: a text that cells
    went into, and so only data."""
    if remark is None:
        return same, data
    before = {"subject": remark.subject, "text": remark.text[:LONGEST_INSTRUCTION]}
    return {**same, "remark": remark.words}, {**data, "before": before}


def _said(plan: Plan, instruction: str) -> str:
    """Everything beside the row that a text may rest on."""
    answers = [text for column in plan.answer_columns for text in (column.name, *column.allowed)]
    return "\n".join([instruction, plan.question, plan.subject, *answers])


def _subject(plan: Plan, made: Draft, row: Mapping[str, str]) -> tuple[str, str]:
    """The plan's subject, filled; without one the model's."""
    if plan.channel not in MAILS:
        return "", ""
    if not plan.subject:
        return _in_one_line(made.subject), ""
    rendered = templates.render(plan.subject, row)
    empty = f"“{rendered.empty[0]}” is empty, and the subject needs it." if rendered.empty else ""
    return rendered.text, empty


def _in_one_line(subject: str) -> str:
    return " ".join(subject.split())[:LONGEST_SUBJECT]


def _doubts(plan: Plan, text: str, subject: str, missing: Sequence[str], titles: Sequence[str]) -> list[str]:
    """What a person must look at in a text of any kind."""
    found = []
    if not text:
        found.append("The model wrote nothing.")
    left_out = [fold(words) for words in plan.left_out]
    asked = [one for one in missing if one.strip() and not any(words in fold(one) for words in left_out)]
    named = [f"“{in_a_line(one, 60)}”" for one in asked][:3]
    if named:
        found.append(f"The instruction asks for {', '.join(named)}, which this row does not give.")
    if left := templates.leftovers(f"{subject}\n{text}", titles, plan.asked):
        found.append(f"The text still holds “{left[0][:40]}”.")
    most = LENGTHS.get(plan.channel, 1_000)
    if len(text) > most:
        found.append(f"The text has {len(text):,} characters; more than {most:,} are too many here.")
    if words := steers(text):
        found.append(f"The text speaks to a machine (“{words[:40]}”).")
    return found


def _cells(plan: Plan, row: Mapping[str, str]) -> list[str]:
    """Cells that may have led the model astray: they are data, and still it may have obeyed them."""
    found = []
    for title, shown in row.items():
        if words := steers(shown):
            found.append(f"The cell “{title[:40]}” speaks to a machine (“{words[:40]}”): look at the whole text.")
        elif fold(title) == fold(plan.name_column) and (len(shown) > LONGEST_NAME or _NO_NAME.search(shown)):
            found.append(f"The cell “{title[:40]}” holds more than a name: look at the whole text.")
    return found


_NO_NAME = re.compile(r"https?:|www\.|@|\d{3,}|[.!?:;]\s+\w+\s+\w+\s+\w+|\n")
