"""instruction -> plan -> campaign: what will be read, said and filled; and the columns and keys it needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from server.domain.campaign import Campaign
from server.domain.columns import new_column
from server.domain.keys import new_id, new_token
from server.domain.message import Message
from server.domain.plan import Plan, Route
from server.domain.preflight import Fault, Recipient, faults, sort_out
from server.domain.rows import Choice, assign_keys, choose
from server.domain.table import CellEdit, NewColumn, Table, fold
from server.domain.words import ROW_KEY_TITLE, AnswerKind, CampaignState, MessageState, Problem, Role
from server.errors import InvalidInput, SheetChanged
from server.flow.composing import by_template
from server.flow.dressing import dress
from server.flow.records import TOGETHER, Reader, Written, roles_of
from server.ports import Channel, ChannelOf, Clock, Ledger, Sheet

CHUNK = 250
"""Messages a job: 200 to 500 cost RQ 0.02 ms a row or less (facts/reliability.md, section 2)."""

TRIES = 8
"""How often a write is decided anew when the sheet keeps moving under it."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A plan held against the sheet: which rows, who they are, what is wrong."""

    choice: Choice
    recipients: tuple[Recipient, ...]
    faults: tuple[Fault, ...]
    sentence: str
    parts: tuple[tuple[str, int], ...] = ()
    """The numbers of the sentence, by their kind: chosen, all, then what is left out."""


Silent = Callable[[Channel, Collection[str]], Collection[str]]
"""(channel, addresses) -> those whose owners may not be written to freely there now."""


def survey(
    table: Table,
    plan: Plan,
    channel_of: ChannelOf,
    wanted: Collection[str],
    sent: Collection[str] = (),
    silent: Silent = lambda _channel, _addresses: (),
) -> Survey:
    """What the plan would do to this table; `sent` are the keys of rows that were written to already."""
    choice = choose(table, wanted)
    reader = Reader(table, plan, channel_of)
    written = set(sent)
    ours = [row for row in choice.rows if row.key not in written]
    recipients = _marked(sort_out([reader.recipient(row) for row in ours]), plan, channel_of, silent)
    found = faults(table, recipients, plan.read_columns, plan.address_columns, plan.channel_column)
    parts = _parts(choice, recipients, len(choice.rows) - len(ours))
    return Survey(choice, tuple(recipients), tuple(found), _sentence(dict(parts)), parts)


def _marked(recipients: list[Recipient], plan: Plan, channel_of: ChannelOf, silent: Silent) -> list[Recipient]:
    """Who may be written to freely only after they wrote, and did not; a planned template reaches everybody."""
    by_way: dict[Route, set[str]] = {}
    for one in recipients:
        if one.way is not None and not by_template(plan, one.way.channel):
            by_way.setdefault(one.way, set()).add(one.address)
    found = {way: silent(channel_of(way.channel, way.provider), addresses) for way, addresses in by_way.items()}
    return [
        replace(one, silent=True) if one.way is not None and one.address in found.get(one.way, ()) else one
        for one in recipients
    ]


_LEFT_OUT = {"hidden": "hidden", "sent": "already sent", "no_address": "without an address"}


def _parts(choice: Choice, recipients: Iterable[Recipient], sent: int) -> tuple[tuple[str, int], ...]:
    """How many rows are meant, of how many, and how many get nothing for which reason, where any do."""
    met = [bool(recipient.address) for recipient in recipients]
    other = choice.total - len(choice.rows) - choice.hidden
    counts = {"hidden": choice.hidden, "other": other, "sent": sent, "no_address": met.count(False)}
    left = tuple((kind, count) for kind, count in counts.items() if count)
    return (("chosen", met.count(True)), ("all", choice.total), *left)


def _sentence(parts: Mapping[str, int]) -> str:
    """ "37 of 120; 61 hidden, 14 already sent, 8 without an address" """
    reasons = [f"{parts[kind]} {words}" for kind, words in _LEFT_OUT.items() if kind in parts]
    head = f"{parts['chosen']} of {parts['all']}"
    return f"{head}; {', '.join(reasons)}" if reasons else head


def create(
    *,
    ledger: Ledger,
    clock: Clock,
    sheet: Sheet,
    table: Table,
    instruction: str,
    plan: Plan,
    rows: Collection[str],
    who: str,
    header_row: int | None,
) -> Campaign:
    """Store a new campaign; nothing in the sheet is touched yet. Raises InvalidInput when no row is meant."""
    refuse_our_names(plan)
    choice = choose(table, rows)
    if choice.missing:
        raise InvalidInput(f"No row has the key {choice.missing[0]}.", field="rows")
    if not choice.rows:
        hidden = f" All {choice.hidden} rows with data are hidden." if choice.hidden else ""
        raise InvalidInput(f"The sheet “{table.sheet}” has no visible rows to write to.{hidden}", field="rows")
    campaign = Campaign(
        id=new_id("c"),
        workbook=sheet.workbook,
        sheet=sheet.name,
        name=_name(instruction or plan.template),
        instruction=instruction,
        plan=plan,
        header_row=header_row,
        rows=tuple(rows),
        started_by=who,
        created_at=clock.now(),
    )
    ledger.campaigns.add(campaign)
    return campaign


def _name(text: str) -> str:
    """A short name made of the first words; it stands behind a column title that is taken."""
    words = " ".join(text.split())
    return words if len(words) <= 32 else words[:32].rsplit(" ", 1)[0] + "…"


def prepare(
    *, ledger: Ledger, sheet: Sheet, channel_of: ChannelOf, campaign: Campaign, first: int | None = None
) -> Campaign:
    """Give the sheet our columns and every row a key, and the campaign a message for each chosen row, or for so many
    of them `first`.

    Safe to repeat: what is there stays. Rows that were added to the sheet since get a message of their own.
    """
    campaign, table = _lay_out(ledger=ledger, sheet=sheet, channel_of=channel_of, campaign=campaign)
    campaign = dress(ledger=ledger, sheet=sheet, campaign=campaign)
    known = ledger.messages.of_campaign(campaign.id)
    present = {message.row_key for message in known}
    reader = Reader(table, campaign.plan, channel_of)
    recipients = sort_out([reader.recipient(row) for row in choose(table, campaign.rows).rows])
    written_to = Written(known)
    fresh = [written_to.judge(one) for one in recipients if one.row.key and one.row.key not in present]
    if first is not None:
        fresh = _tried(ledger, fresh, max(0, first - len(known)))
    ledger.messages.add(
        Message(
            id=new_id("m"),
            campaign_id=campaign.id,
            row_key=one.row.key,
            chunk=(len(known) + index) // CHUNK,
            state=MessageState.CHOSEN,
            problem=one.problem,
            note=one.why,
            person=one.person,
            address=one.address,
            source=reader.source(one.row),
            identity=reader.identity(one.row),
            token=new_token(),
            channel=one.way.channel if one.way else None,
            carrier=one.way.provider if one.way else "",
        )
        for index, one in enumerate(fresh)
    )
    return campaign


def _tried(ledger: Ledger, recipients: Sequence[Recipient], count: int) -> list[Recipient]:
    """The first so many of them that a text can go to, in the order of the sheet; filled up with others."""
    usable = (index for index, one in enumerate(recipients) if _usable(ledger, one))
    taken = set(islice(usable, count))
    others = (index for index in range(len(recipients)) if index not in taken)
    taken |= set(islice(others, count - len(taken)))
    return [recipients[index] for index in sorted(taken)]


def _usable(ledger: Ledger, one: Recipient) -> bool:
    if one.problem is not Problem.NONE or one.way is None:
        return False
    return ledger.suppressions.stands(one.address, one.way.channel) is None


def _lay_out(*, ledger: Ledger, sheet: Sheet, channel_of: ChannelOf, campaign: Campaign) -> tuple[Campaign, Table]:
    """Columns and keys, in one write; decided anew when the sheet moved meanwhile."""
    proven: Table | None = None
    for _ in range(TRIES):
        table = proven or sheet.read(TOGETHER)
        campaign = _with_titles(ledger, campaign, table)
        new = [new_column(campaign, role) for role, title in campaign.columns.items() if table.find(title) is None]
        keys = _missing_keys(ledger, table, campaign, channel_of)
        key_column = table.key_column
        if keys and key_column is None:
            key_column = len(table.columns) + len(new)
            new.append(NewColumn(ROW_KEY_TITLE, hidden=True))
        if not new and not keys:
            return campaign, table
        by_position = {row.position: row for row in table.rows}
        edits = [CellEdit(by_position[place], key_column or 0, key) for place, key in keys.items()]
        try:
            proven = sheet.apply(table, edits, new)
        except SheetChanged:
            proven = None
    raise SheetChanged(f"The sheet “{sheet.title}” keeps changing. Wait for the others to finish, then try again.")


def _missing_keys(ledger: Ledger, table: Table, campaign: Campaign, channel_of: ChannelOf) -> dict[int, str]:
    """New keys by position. A copy is not to get the key of a row that any campaign of this sheet knows."""
    doubled = {key: rows for key, rows in table.by_key().items() if len(rows) > 1}
    reader, known = Reader(table, campaign.plan, channel_of), dict[str, str]()
    for other in ledger.campaigns.of_sheet(campaign.workbook, campaign.sheet) if doubled else ():
        theirs = Reader(table, other.plan, channel_of)  # each plan has columns of its own for person and address
        for message in ledger.messages.of_campaign(other.id, keys=doubled):
            for row in doubled[message.row_key]:
                if theirs.identity(row) == message.identity:
                    known.setdefault(message.row_key, reader.identity(row))
    return assign_keys(table, reader.identity, known)


def _with_titles(ledger: Ledger, campaign: Campaign, table: Table) -> Campaign:
    """Find a title for every column that the plan needs; a name that is taken gets the campaign's name behind it."""
    missing = [role for role in roles_of(campaign.plan) if role not in campaign.columns]
    if not missing:
        return campaign
    others = {
        fold(title)
        for other in ledger.campaigns.of_sheet(campaign.workbook, campaign.sheet)
        for title in other.columns.values()
    }
    columns = dict(campaign.columns)
    adopted = set(campaign.adopted or ())
    answers = {column.name for column in campaign.plan.answer_columns}
    for role in missing:
        used = {fold(title) for title in columns.values()} | others
        free = role in answers and fold(role) not in used and _is_empty(table, role)
        adopted |= {role} if free else set()
        columns[role] = role if free else _free_title(role, campaign.name, table, used)
    ordered = {role: columns[role] for role in roles_of(campaign.plan)}
    known = campaign.adopted is not None or not campaign.columns
    return ledger.campaigns.save(
        replace(campaign, columns={**ordered, **columns}, adopted=tuple(sorted(adopted)) if known else None)
    )


def _is_empty(table: Table, title: str) -> bool:
    """A column of that title is there and holds nothing at all: the organiser made it for the answers."""
    index = table.find(title)
    return index is not None and not any(
        row.cells[index].shown.strip() or row.cells[index].formula or row.cells[index].merged for row in table.rows
    )


def _free_title(role: str, name: str, table: Table, used: Collection[str]) -> str:
    def taken(title: str) -> bool:
        return table.find(title) is not None or fold(title) in used

    if not taken(role):
        return role
    title, number = f"{role} ({name})", 2
    while taken(title):
        title, number = f"{role} ({name} {number})", number + 1
    return title


def edit_plan(plan: Plan, changes: Mapping[str, object], table: Table) -> Plan:
    """The plan with some fields changed by a person. Raises InvalidInput for a column that is not in the sheet."""
    changed = replace(plan, **changes)  # type: ignore[arg-type]
    titles = [column.title for column in table.columns if column.title]
    for name in dict.fromkeys((*changed.row_columns, *changed.read_columns)):
        if name and table.find(name) is None:
            raise InvalidInput(f"There is no column “{name}”.", field="plan", suggestions=titles)
    refuse_our_names(changed)
    for column in changed.answer_columns:
        if not column.name.strip():
            raise InvalidInput("An answer column needs a name.", field="answer_columns")
        if column.kind is AnswerKind.CHOICE and not column.allowed:
            raise InvalidInput(f"“{column.name}” needs the values that an answer may have.", field="answer_columns")
    return changed


def refuse_our_names(plan: Plan) -> None:
    """Raises InvalidInput for an answer column that is named like one of the columns Cellback fills itself."""
    ours = {fold(role.value) for role in Role} | {fold(ROW_KEY_TITLE)}
    for column in plan.answer_columns:
        if fold(column.name) in ours:
            raise InvalidInput(
                f"“{column.name}” is a column that Cellback fills itself. Give the answers another one.",
                field="answer_columns",
            )


UNSEEN = frozenset({MessageState.CHOSEN, MessageState.DRAFTED, MessageState.SKIPPED})
"""Where nobody has said yes to a text yet."""


def may_replan(campaign: Campaign, states: Collection[MessageState] = ()) -> bool:
    """A plan may be edited until the first draft is asked for, and while a few rows are being tried and none of them
    was approved; `states` are those that messages of the campaign are in."""
    return campaign.state is CampaignState.PLANNED or (campaign.trial > 0 and set(states) <= UNSEEN)
