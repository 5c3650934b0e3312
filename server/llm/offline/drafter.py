"""The offline drafter: fills a template, or writes plain sentences from named columns. Invents nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from server.domain import templates
from server.domain.choices import offered
from server.domain.plan import AnswerColumn, Plan
from server.domain.remark import Wish, read
from server.domain.steps import REMIND
from server.domain.table import fold
from server.domain.usage import NOT_MADE
from server.domain.words import AnswerKind, ChannelName
from server.llm.offline.columns import mentioned
from server.llm.offline.instruction import Act, Clause, clauses
from server.llm.offline.manner import NONE, OWN_WORDS, in_language, in_manner, refusal, without_head
from server.llm.offline.person import sentence
from server.llm.offline.phrases import PHRASES, Phrases, either
from server.llm.offline.sharing import Told, cell_doubt, in_sentence, tell, without
from server.ports import DraftText, ReadRequest, Remark

_clauses = lru_cache(maxsize=64)(clauses)
"""An instruction is read once a campaign, not once a row."""


_PRESSED = frozenset({ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.VOICE})
"""Where an answer is a digit, a button or a key: how to give it is said with those (`domain.asking`)."""


class OfflineDrafter:
    """Every name, number, date and time in a text comes from the row or the instruction. Implements Drafter."""

    async def draft(
        self, plan: Plan, instruction: str, record: Mapping[str, str], *, remark: Remark | None = None
    ) -> DraftText:
        """The text for one row; `doubt` says what is missing, or what was not understood. Raises nothing."""
        wish = read(remark.words) if remark else NONE
        known = {title: record.get(title, "") for title in plan.read_columns}
        subject, subject_doubt = _filled(plan.subject, known)
        text, doubt = _for_all(plan, known) if plan.template else _written(plan, instruction, known, _filled, wish)
        left = templates.leftovers(f"{subject}\n{text}", known, plan.asked)
        broken = f"The text holds {', '.join(left[:3])}." if left and not doubt else ""
        made = plan.text_made if plan.template else NOT_MADE
        return DraftText(text, subject, " ".join(part for part in (doubt, subject_doubt, broken) if part), made)

    async def template(
        self,
        plan: Plan,
        instruction: str,
        *,
        empty: Collection[str] = (),  # noqa: ARG002
        remark: Remark | None = None,
    ) -> DraftText:
        """The text that `draft` writes, with the columns' placeholders where it puts their cells. Raises nothing.

        Filled for a row it is the row's own draft, but for cells of several lines, and for rows that have a doubt.
        """
        if plan.template:
            return DraftText(plan.template, plan.subject)
        wish = read(remark.words) if remark else NONE
        text, doubt = _written(plan, instruction, _marks(plan), lambda words, _: (words, ""), wish)
        return DraftText(text, plan.subject, doubt)

    def objection(self, plan: Plan, instruction: str, remark: str) -> str:
        """A sentence where the remark asks for more than dropping sentences, another language of its own sentences, or
        another greeting; "" where it can be met."""
        wish, bare = read(remark), replace(plan, template="")
        own = instruction and plan.template in {"", self._for_marks(bare, instruction)[0]}
        if not own:
            return OWN_WORDS
        acts = _clauses(plan.told(instruction).removeprefix(REMIND))[1]
        free = any(clause.act is Act.SAY for clause in acts)
        shown = self._for_marks(bare, instruction)[0], self._for_marks(bare, instruction, wish)[0]
        return refusal(plan, wish, free=free, shorter=len(shown[1]) < len(shown[0]))

    def _for_marks(self, plan: Plan, instruction: str, wish: Wish | None = None) -> tuple[str, str]:
        return _written(plan, instruction, _marks(plan), lambda words, _: (words, ""), wish or NONE)

    async def clarify(self, request: ReadRequest) -> DraftText:
        """The plan's question once more, with how to answer it; a question of theirs is put off. Raises nothing."""
        plan = request.plan
        phrases = PHRASES.get(plan.language, PHRASES["en"])
        known = {title: request.record.get(title, "") for title in plan.read_columns}
        greeting, _ = _greeting(phrases, _names(plan), known)
        later = phrases.come_back if any(mark in request.reply for mark in "?？؟") else ""
        asked = _asked(plan, phrases) or phrases.confirm_this
        doubt = "" if plan.question else "There is no question in the plan: write what you want to know."
        subject, subject_doubt = _filled(plan.subject, known)
        text = "\n\n".join(part for part in (greeting, phrases.not_clear, asked, later) if part)
        return DraftText(text, subject, " ".join(part for part in (doubt, subject_doubt) if part))

    async def acknowledge(self, request: ReadRequest, values: Mapping[str, str]) -> DraftText:
        """Thanks, and what was understood; a question of theirs is put off. Raises nothing."""
        plan = request.plan
        phrases = PHRASES.get(plan.language, PHRASES["en"])
        known = {title: request.record.get(title, "") for title in plan.read_columns}
        greeting, _ = _greeting(phrases, _names(plan), known)
        noted = ", ".join(f"{name}: {said}" for name, said in values.items())
        later = phrases.come_back if any(mark in request.reply for mark in "?？؟") else ""
        parts = (greeting, phrases.thanks_for, phrases.noted.format(noted) if noted else "", later)
        subject, doubt = _filled(plan.subject, known)
        return DraftText("\n\n".join(part for part in parts if part), subject, doubt)


def _marks(plan: Plan) -> dict[str, str]:
    """A placeholder for each column."""
    return {title: f"{{{{{title}}}}}" for title in plan.read_columns}


def _for_all(plan: Plan, record: Mapping[str, str]) -> tuple[str, str]:
    """The plan's one text, filled for a row; what a person has to look at in it is a doubt of every row.

    A greeting of ours is the row's own: nobody's name leaves no hole in it.
    """
    phrases, names = PHRASES.get(plan.language, PHRASES["en"]), _names(plan)
    marked, _ = _greeting(phrases, names, _marks(plan))
    if names and plan.template.startswith(marked):
        hello, name_doubt = _greeting(phrases, names, record)
        text, doubt = _filled(plan.template.removeprefix(marked), record)
        text = f"{hello}{text}"
    else:
        (text, doubt), name_doubt = _filled(plan.template, record), ""
    return text, " ".join(dict.fromkeys(part for part in (plan.doubt, doubt, name_doubt) if part))


_STOPPED = re.compile(r"(\{\{?([^{}|\n]{1,200})\}\}?)\.(?![.\w])")
"""A placeholder that ends a sentence: after a cell such as “10 a.m.” there is no second full stop."""


def _filled(template: str, record: Mapping[str, str]) -> tuple[str, str]:
    closed = {fold(title) for title, shown in record.items() if shown.strip().endswith((".", "!", "?", "…"))}
    template = _STOPPED.sub(lambda match: match[1] if fold(match[2]) in closed else match[0], template)
    rendered = templates.render(template, record)
    used = {fold(name) for name in templates.placeholders(template)}
    cells = {title: shown for title, shown in record.items() if fold(title) in used and shown.strip()}
    cells |= dict.fromkeys(rendered.empty, "")
    return rendered.text, cell_doubt(cells)


_Fill = Callable[[str, Mapping[str, str]], tuple[str, str]]
"""(words with placeholders, a row) -> the words as they go into the text, and a doubt."""


def _written(plan: Plan, instruction: str, record: Mapping[str, str], fill: _Fill, wish: Wish) -> tuple[str, str]:
    """Greeting, what is told, what is asked, thanks; as a remark wants it."""
    said = plan.told(instruction)
    again, rest = said.startswith(REMIND), said.removeprefix(REMIND)
    acts = () if again and rest == plan.question else _clauses(rest)[1]
    plan = in_language(plan, wish)
    phrases = in_manner(PHRASES.get(plan.language, PHRASES["en"]), plan.language, wish)
    names = _names(plan)
    titles = [title for title in plan.read_columns if title not in names]
    parts = [_part(clause, plan, titles, record, fill) for clause in acts]
    asked = _asked(plan, phrases)
    told = " ".join(part.text for part in parts if part.text and "\n" not in part.text)
    told = f"{phrases.reminder} {told}".strip() if again else told
    lists = [without_head(part.text) if wish.shorter else part.text for part in parts if "\n" in part.text]
    doubts = [part.doubt for part in parts if part.doubt]
    greeting, name_doubt = _greeting(phrases, names, record)
    if not (told or lists or asked):
        return "", " ".join(dict.fromkeys(doubts)) or _not_understood(instruction)
    body = [part for part in (told, *lists, asked, phrases.thanks if asked and not wish.shorter else "") if part]
    return "\n\n".join([greeting, *body]), " ".join(dict.fromkeys([*doubts, *([name_doubt] if name_doubt else [])]))


def _part(clause: Clause, plan: Plan, titles: list[str], record: Mapping[str, str], fill: _Fill) -> Told:
    if clause.act is Act.SHARE:
        kept = without(clause.words, titles, plan.left_out)
        return tell(replace(clause, words=kept), titles, record, plan.language) if kept else Told("")
    if clause.act is Act.SAY:
        text, doubt = fill(sentence(clause.words), record)
        return Told(text, doubt)
    if clause.act is Act.ASK and clause.ask:
        if clause.ask.column is None:
            return Told(*fill(clause.ask.question, record))
        held = [
            title for title in titles if clause.ask.shows and clause.ask.about and mentioned(clause.ask.about, [title])
        ]
        shown = Clause(Act.SHARE, in_sentence(held[0], plan.language)) if held else None
        return tell(shown, held, record, plan.language) if shown else Told("")
    return Told("", _not_understood(clause.words))


def _names(plan: Plan) -> list[str]:
    """The name column, and the surname that the planner put right behind it."""
    columns = [title for title in plan.read_columns[:2] if fold(title) in _SURNAMES]
    return [title for title in (plan.name_column, *columns) if title]


_SURNAMES = frozenset({"lastname", "last name", "surname", "family name", "nachname", "apellido", "apellidos", "last"})


def _greeting(phrases: Phrases, names: list[str], record: Mapping[str, str]) -> tuple[str, str]:
    """`Hello Ana Souza,`; without a name just `Hello,`, never `Hello ,`."""
    shown = {title: " ".join(record.get(title, "").split()) for title in names}
    doubt = cell_doubt({title: name for title, name in shown.items() if name})
    name = " ".join(part for part in shown.values() if part)
    return (phrases.hello.format(name) if name and not doubt else phrases.hello_nobody), doubt


def _asked(plan: Plan, phrases: Phrases) -> str:
    """The plan's question, with how to answer it."""
    if not plan.question:
        return ""
    written = len(plan.answer_columns) == 1 and not (plan.channel in _PRESSED and offered(plan))
    hints = [_hint(column, phrases) for column in plan.answer_columns] if written else []
    return " ".join(part for part in (plan.question, *hints) if part)


def _hint(column: AnswerColumn, phrases: Phrases) -> str:
    if column.kind is not AnswerKind.CHOICE or not column.allowed:
        return ""
    if {fold(value) for value in column.allowed} == {fold(phrases.yes), fold(phrases.no)}:
        return phrases.yes_no
    return phrases.choose.format(either(column.allowed, phrases.join_or))


def _not_understood(words: str) -> str:
    shown = " ".join(words.split())
    shown = f"{shown[:80]}…" if len(shown) > 80 else shown
    return f"The offline model did not understand “{shown}”. Please write the text with {{{{placeholders}}}}."
