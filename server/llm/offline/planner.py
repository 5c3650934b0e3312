"""The offline planner: what an instruction means for a sheet, from titles and values, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from server.domain import templates
from server.domain.plan import AnswerColumn, Plan, parse_answer_column
from server.domain.table import Table, fold
from server.domain.words import ChannelName
from server.errors import InvalidInput
from server.llm.offline import columns, reminders
from server.llm.offline.asking import template_ask
from server.llm.offline.instruction import MAX_INSTRUCTION, Act, Clause, clauses
from server.llm.offline.missing import missing
from server.llm.offline.phrases import PHRASES, language_of
from server.llm.offline.sharing import in_sentence, shared
from server.ports import PlanRequest

MAX_TEMPLATE = 20_000
_ADDRESS_WORDS = {ChannelName.OUTBOX: "mail addresses or phone numbers", ChannelName.EMAIL: "mail addresses"}


class OfflinePlanner:
    """Picks address, name, mentioned and answer columns by titles and values. Deterministic; implements Planner."""

    def plan(self, request: PlanRequest) -> Plan:
        """A plan for the request.

        Raises InvalidInput when there is nothing to do or no column to do it with: an empty or overlong
        instruction, a placeholder or address column that isn't there, no address column, answers badly written.
        """
        _check_texts(request)
        table = request.table
        channel = request.channel or ChannelName.OUTBOX
        address = _address(request, channel)
        names = columns.name_columns(table, address)
        language, acts = clauses(request.instruction)
        if request.template:
            language = language_of(request.template)
        titles = _titles(table, address, names)
        asks = [clause for clause in acts if clause.act is Act.ASK and clause.ask]
        answers, question = _answers(request, asks)
        plan = Plan(
            channel=channel,
            provider=request.provider or ("outbox" if channel is ChannelName.OUTBOX else ""),
            address_column=address,
            name_column=names[0] if names else "",
            answer_columns=answers,
            template=request.template,
            question=question,
            language=request.language or language,
            tone=request.tone,
            remind_after=reminders.days(request.instruction),
        )
        used = _template_columns(request) if request.template else _mentioned(request, acts, titles)
        subject = request.subject or _subject(plan, acts, titles, request)
        plan = replace(plan, read_columns=_once([*names, *used]), subject=subject)
        return replace(plan, missing=missing(acts, language, table, plan))


def _check_texts(request: PlanRequest) -> None:
    for field, text, most in (
        ("instruction", request.instruction, MAX_INSTRUCTION),
        ("template", request.template, MAX_TEMPLATE),
    ):
        if len(text) > most:
            raise InvalidInput(
                f"The {field} has {len(text):,} characters; at most {most:,} are read. Shorten it.", field=field
            )
    if not request.instruction.strip() and not request.template.strip():
        raise InvalidInput(
            "There is no instruction. Say what to tell the people in the sheet and what to ask them, for example: "
            "“Send each contestant their start time and ask them to confirm availability”.",
            field="instruction",
        )
    for field, text in (
        ("template", request.template),
        ("subject", request.subject),
        ("instruction", request.instruction),
    ):
        _check_placeholders(field, text, [column.title for column in request.table.columns])


def _check_placeholders(field: str, text: str, titles: Sequence[str]) -> None:
    unknown = templates.check(text, titles)
    if not unknown:
        return
    sentences = [
        f"There is no column “{each.name}”." + (f" Did you mean “{each.suggestion}”?" if each.suggestion else "")
        for each in unknown[:5]
    ]
    if not all(each.suggestion for each in unknown):
        sentences.append(f"The columns are: {_listed(titles)}.")
    raise InvalidInput(
        " ".join(sentences), field=field, suggestions=[each.suggestion for each in unknown if each.suggestion]
    )


def _address(request: PlanRequest, channel: ChannelName) -> str:
    table, wanted = request.table, request.address_column.strip()
    titles = [column.title for column in table.columns if column.title]
    if wanted:
        index = table.find(wanted)
        if index is not None:
            return table.columns[index].title
        near = templates.nearest(wanted, titles)
        hint = f" Did you mean “{near}”?" if near else f" The columns are: {_listed(titles)}."
        raise InvalidInput(
            f"There is no column “{wanted}” to take addresses from.{hint}",
            field="address_column",
            suggestions=[near] if near else titles[:20],
        )
    found = columns.address_column(table, channel, request.instruction)
    if found:
        return found
    kind = _ADDRESS_WORDS.get(channel, "phone numbers")
    raise InvalidInput(
        f"No column with {kind} was found in “{table.sheet}”. Its columns are: {_listed(titles)}. "
        f"Add a column with {kind}, or name the one to use.",
        field="address_column",
        suggestions=titles[:20],
    )


def _listed(titles: Iterable[str]) -> str:
    shown = [f"“{title[:60]}”" for title in titles if title]
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    return (", ".join(shown[:20]) or "none") + more


def _titles(table: Table, address: str, names: tuple[str, ...]) -> list[str]:
    """Titles that an instruction's words may mean: not the address, the name, the row keys or our own columns."""
    taken = {fold(title) for title in (address, *names)} | columns.OWN_TITLES
    key = table.columns[table.key_column].title if table.key_column is not None else ""
    return [c.title for c in table.columns if c.title and fold(c.title) not in taken and c.title != key]


def _answers(request: PlanRequest, asks: list[Clause]) -> tuple[tuple[AnswerColumn, ...], str]:
    """The answer columns (given ones win) and the question in words."""
    question = " ".join(clause.ask.question for clause in asks if clause.ask and clause.ask.column)
    found = [_column(clause, request.table) for clause in asks]
    answers = [column for column in found if column is not None]
    if request.template and not question:
        question, column = template_ask(request.template)
        answers = [column] if column else []
    if request.answers:
        answers = [_given(text) for text in request.answers]
        if not question:
            question = _question_for(answers, language_of(request.template or request.instruction))
    named: dict[str, AnswerColumn] = {}
    for column in answers:
        named.setdefault(fold(column.name), column)
    return tuple(named.values()), question


def _given(text: str) -> AnswerColumn:
    try:
        return parse_answer_column(text)
    except ValueError as error:
        raise InvalidInput(str(error), field="answers") from error


def _question_for(answers: Sequence[AnswerColumn], language: str) -> str:
    phrases = PHRASES[language]
    listed = [f"{a.name} ({'/'.join(a.allowed)})" if a.allowed else a.name for a in answers]
    return phrases.tell_us.format(", ".join(listed)) if listed else ""


def _column(clause: Clause, table: Table) -> AnswerColumn | None:
    """The answer column of a question. One that the sheet has filled already is not the answer's place."""
    column = clause.ask.column if clause.ask else None
    if column is None or clause.ask is None:
        return None
    index = table.find(column.name)
    if index is not None and columns.filled_share(table, column.name) >= 0.5:
        return replace(column, name=f"{table.columns[index].title} confirmed")
    return replace(column, name=table.columns[index].title) if index is not None else column


def _template_columns(request: PlanRequest) -> list[str]:
    found = []
    for name in (*templates.placeholders(request.template), *templates.placeholders(request.subject)):
        index = request.table.find(name)
        if index is not None:
            found.append(request.table.columns[index].title)
    return found


def _mentioned(request: PlanRequest, acts: tuple[Clause, ...], titles: Sequence[str]) -> list[str]:
    found: list[str] = []
    for clause in acts:
        if clause.act is Act.SHARE:
            found.extend(shared(clause.words, titles))
        elif clause.ask and clause.ask.shows:
            named = columns.mentioned(clause.ask.about, titles)
            found.extend(title for title in named if columns.filled_share(request.table, title) >= 0.5)
    for name in (*templates.placeholders(request.instruction), *templates.placeholders(request.subject)):
        index = request.table.find(name)
        if index is not None:
            found.append(request.table.columns[index].title)
    return found


def _subject(plan: Plan, acts: tuple[Clause, ...], titles: Sequence[str], request: PlanRequest) -> str:
    """A short subject, for mails: what is told, else what is asked, else the tab's name.

    Also where the plan's own channel has none: some rows may go by mail (other ways, a channel named in the row).
    """
    phrases = PHRASES.get(plan.language, PHRASES["en"])
    told = [title for clause in acts if clause.act is Act.SHARE for title in shared(clause.words, titles)]
    if told:
        return phrases.subject.format(in_sentence(told[0], plan.language))
    if not plan.answer_columns:
        return request.table.sheet
    first = plan.answer_columns[0]
    ask = next((clause.ask for clause in acts if clause.ask and clause.ask.column), None)
    if plan.language == "en" and first.name in {"Availability", "Attendance"}:
        return f"{phrases.subject_confirm} your {first.name.lower()}"
    if ask is None or ask.shows or first.name == phrases.confirmed:
        return phrases.subject_confirm
    named = plan.language != "en" or ask.about.lower().startswith("their ")
    return phrases.subject_ask.format(in_sentence(first.name, plan.language)) if named else "A short question"


def _once(titles: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold(title): title for title in reversed(list(titles))}.values())[::-1]
