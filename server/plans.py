"""Use cases of a plan, shared by the command line and the API: edited by people, asked about, one text for all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.plan import Plan, Settled
from server.domain.remark import read
from server.domain.rows import choose
from server.domain.table import Table, fold
from server.domain.usage import NOT_MADE, Usage
from server.errors import Conflict, InvalidInput
from server.flow import planning, replanning
from server.ports import Remark
from server.services import Services
from server.ways import readdressed, settled


def edited(services: Services, campaign: Campaign, changes: Mapping[str, object], table: Table | None) -> Plan:
    """The campaign's plan with fields changed by a person, under the next version.

    Without a table only fields of `replanning.ANYTIME`. Raises InvalidInput.
    """
    old = campaign.plan
    if table is None:
        return replanning.numbered(old, replanning.edited(old, changes, None))
    said = campaign.instruction or old.template
    plan = replanning.edited(old, changes, table)
    moved = "channel" in changes and "provider" not in changes  # another channel, whoever carries it
    carrier = services.channel_for(plan.channel) if moved else services.channel_for(plan.channel, plan.provider)
    plan = plan.with_channel(carrier.name, carrier.provider)
    if plan.channel is not old.channel and "address_column" not in changes:
        plan = readdressed(services, said, table, plan)
    routes = tuple(settled(services, said, table, way) for way in plan.routes)
    return replanning.numbered(old, replace(plan, routes=routes))


def refuse_late(services: Services, campaign: Campaign, changes: Mapping[str, object]) -> bool:
    """Whether the plan may be changed as a whole; False when only these changes may be made now. Raises Conflict."""
    states = services.ledger.messages.states(campaign.id)
    if planning.may_replan(campaign, [state for state, count in states.items() if count]):
        return True
    if set(changes) <= replanning.ANYTIME:
        return False
    raise Conflict(
        "The drafts of this plan are written already. What counts as an answer and the days until a reminder may "
        "still be changed; for another plan start a new campaign."
    )


def looked_up(plan: Plan, table: Table) -> Plan:
    """The plan without those missing words that a column of the sheet answers to by now; the column is read then."""
    if not plan.missing:
        return plan
    from server.llm.offline.columns import OWN_TITLES, mentioned

    other = {fold(name) for name in (*plan.address_columns, *(column.name for column in plan.answer_columns))}
    titles = [column.title for column in table.columns if column.title and not column.hidden]
    titles = [title for title in titles if fold(title) not in OWN_TITLES | other]
    found = {words: mentioned(words, titles)[:1] for words in plan.missing}
    columns = [title for one in found.values() for title in one]
    if not columns:
        return plan
    left = tuple(words for words in plan.missing if not found[words])
    read = tuple(dict.fromkeys([*plan.read_columns, *columns]))
    return replace(plan, missing=left, read_columns=read, version=plan.version + 1)


def refuse_missing(plan: Plan, table: Table) -> None:
    """Ask before drafting about what the sheet can't give. Raises InvalidInput."""
    if not plan.missing:
        return
    named = [f"“{words}”" for words in plan.missing]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    it, one = ("it", "a column for it, add one") if len(named) == 1 else ("them", "columns for them, add some")
    titles = [column.title for column in table.columns if column.title and not column.hidden]
    raise InvalidInput(
        f"The instruction asks for {listed}, and no column of “{table.sheet}” holds {it}. "
        f"Choose {one} to the sheet, or leave {it} out.",
        field="missing",
        suggestions=titles[:20],
    )


def with_left_out(plan: Plan, instruction: str, texts: Sequence[str]) -> Plan:
    """The plan, told to leave these words of the instruction out of the texts. Raises InvalidInput when the instruction
    does not say them."""
    new = plan
    for text in texts:
        said = fold(text)
        found = next((words for words in plan.missing if said and (said in fold(words) or fold(words) in said)), "")
        if not found and (not said or said not in fold(instruction)):
            raise InvalidInput(
                f"The instruction does not say “{text[:80]}”, so that there is nothing to leave out.",
                field="leave_out",
                suggestions=plan.missing,
            )
        words = found or text.strip()
        if words not in plan.left_out:
            left = tuple(one for one in new.missing if one != words)
            new = replace(new, missing=left, settled=(*new.settled, Settled(words)))
    return replanning.numbered(plan, new)


def with_one_text(services: Services, campaign: Campaign, table: Table) -> Plan:
    """The plan with one text for all rows, written by the drafter in a single call.

    Raises InvalidInput when there is no instruction or nothing came of it, TemporaryError or PermanentError.
    """
    plan = campaign.plan
    _refuse_without_instruction(campaign)
    refuse_missing(plan, table)
    empty = _empty(campaign, table)
    each = replace(_each(plan), doubt="")
    drafter = services.drafter_for(campaign, waited=True)
    made = services.models.wait_for(lambda: drafter.template(each, campaign.instruction, empty=empty))
    if not made.text.strip():
        raise InvalidInput(made.doubt or "No text came of this instruction. Write one yourself.", field="template")
    subject = each.subject or made.subject
    by = replace(made.made, usage=Usage())  # counted once, and by no row
    new = replace(each, template=made.text, subject=subject, own_subject=each.subject, doubt=made.doubt, text_made=by)
    return replanning.numbered(plan, new)


def _empty(campaign: Campaign, table: Table) -> list[str]:
    """Titles of the columns that are empty in some of the campaign's rows."""
    rows = choose(table, campaign.rows).rows
    places = {title: table.find(title) for title in campaign.plan.read_columns}
    return [
        title for title, index in places.items() if index is None or any(not row.shown(index).strip() for row in rows)
    ]


def with_text_remarked(services: Services, campaign: Campaign, table: Table, remark: str, batch: str) -> Plan:
    """The plan with its one text for all rows changed as a person remarked, by the drafter in a single call.

    Raises InvalidInput when nothing came of it, TemporaryError or PermanentError.
    """
    plan, empty = campaign.plan, _empty(campaign, table)
    language = read(remark).language or plan.language
    each = replace(_each(plan), language=language)
    said = Remark(remark, plan.template, plan.subject)
    told = campaign.instruction or plan.template
    drafter = services.drafter_for(campaign, waited=True)
    made = services.models.wait_for(lambda: drafter.template(each, told, empty=empty, remark=said))
    if not made.text.strip():
        raise InvalidInput(made.doubt or "No text came of this remark. Edit the text yourself.", field="remark")
    former = (batch, plan.template, plan.subject, plan.language, plan.remark)
    by = replace(made.made, usage=Usage())  # counted once, and by no row
    new = replace(plan, template=made.text, language=language, doubt=made.doubt, text_made=by, remark=remark)
    subject = made.subject if plan.own_subject is not None and made.subject else plan.subject
    return replanning.numbered(plan, replace(new, subject=subject, former=former))


def with_a_text_each(campaign: Campaign) -> Plan:
    """The plan without the text for all rows, its subject as it was planned. Raises InvalidInput."""
    if not campaign.plan.template:
        return campaign.plan
    _refuse_without_instruction(campaign)
    return replanning.numbered(campaign.plan, _each(campaign.plan))


def _each(plan: Plan) -> Plan:
    subject = plan.subject if plan.own_subject is None else plan.own_subject
    return replace(plan, template="", subject=subject, own_subject=None, doubt="", text_made=NOT_MADE)


def _refuse_without_instruction(campaign: Campaign) -> None:
    if not campaign.instruction.strip():
        raise InvalidInput("This campaign was begun with a text and no instruction to write another from.", field="way")
