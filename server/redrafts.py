"""Use cases of drafts that are written anew because a person remarked something: whose drafts that means, who writes
them, and one step back. Shared by the command line and the API."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from server import plans
from server.domain.campaign import Campaign
from server.domain.keys import new_id
from server.domain.message import Message
from server.domain.remark import LONGEST, Wish, added, read
from server.domain.rows import Locator
from server.domain.table import Table
from server.domain.words import CampaignState, MessageState
from server.errors import Conflict, InvalidInput, TemporaryError
from server.flow import drafting
from server.flow.outgoing import uses_template
from server.flow.records import Reader
from server.ports import Drafter
from server.queue import DRAFT, SYNC
from server.services import Services

OPEN = frozenset({MessageState.DRAFTED, MessageState.CHANGED})
"""Drafts that nobody has said yes to."""


@dataclass(frozen=True, slots=True)
class Redrafts:
    """How many drafts are written anew, and how many were meant and stay: a person `edited` them, they are `approved`,
    their row does not meet the condition (`column` shows `value`) or names no known language (`unmet`), or an approved
    template is their text (`fixed`). `one_text`: the text for all rows was changed, and is filled in again; else each
    row gets a text of its own. `batch` names it for the way back."""

    count: int = 0
    batch: str = ""
    one_text: bool = False
    column: str = ""
    value: str = ""
    edited: int = 0
    approved: int = 0
    unmet: int = 0
    fixed: int = 0

    @property
    def sentence(self) -> str:
        """For whoever asked."""
        how = "from the one text, which was changed" if self.one_text else "each with a text of its own"
        told = [f"{_drafts(self.count)} written anew, {how}." if self.count else "No draft is written anew."]
        told += [f"{self.edited} that you edited stay as they are."] if self.edited else []
        told += [f"{self.approved} approved stay as they are."] if self.approved else []
        where = f"“{self.column}” does not show “{self.value}”" if self.value else "the row names no known language"
        told += [f"{self.unmet} stay as they are: {where}."] if self.unmet else []
        told += [f"{self.fixed} go as an approved template, which can't be rewritten."] if self.fixed else []
        return " ".join(told)


def ask(
    services: Services,
    campaign_id: str,
    keys: Sequence[str] | None,
    remark: str,
    who: str = "",
    *,
    edited: bool = False,
) -> Redrafts:
    """Have drafts written anew as a person remarked: those of these rows, or all that nobody approved. What a person
    edited stays, unless `edited`; an approved one stays, unless it is the only row that was named.

    Raises InvalidInput, before anything is changed, for a remark that can't be met; Conflict, NotFound; what the
    drafter raises where one text stands for all rows.
    """
    campaign = services.ledger.campaigns.get(campaign_id)
    words = " ".join(remark.split())
    _refuse(campaign, words)
    table = _seen(services, campaign)
    wish = read(words, [column.title for column in table.columns if not column.hidden])
    meant, done = _meant(services, campaign, keys, edited)
    wanted, unmet = _wanted(services, campaign, table, wish, meant)
    one_text = keys is None and _for_all(campaign, wish)
    done = replace(done, unmet=unmet, one_text=one_text, column=wish.column, value=wish.value, batch=new_id("b"))
    if not wanted:
        return replace(done, batch="", one_text=False)
    drafter = services.drafter_for(campaign, waited=True)
    if one_text:
        campaign, wanted = _reworded(services, campaign, table, wish.words, drafter, done.batch, meant)
    else:
        _refuse_unable(drafter, campaign, [wanted[one.id] for one in meant if one.id in wanted])
    campaign = drafting.go_on(ledger=services.ledger, campaign_id=campaign.id)
    count = drafting.reword(ledger=services.ledger, messages=meant, wanted=wanted, batch=done.batch, who=who)
    if campaign.state is CampaignState.DRAFTED:
        services.ledger.campaigns.move(campaign.id, CampaignState.DRAFTING, who=who)
    wake(services, campaign)
    return replace(done, count=count)


def step_back(
    services: Services, campaign_id: str, keys: Sequence[str] | None = None, batch: str = "", who: str = ""
) -> int:
    """Put back the texts from before a remark: of these rows, or of all that were asked for in that batch. How many.

    The text for all rows goes back with its batch. Raises InvalidInput without either, Conflict, NotFound.
    """
    if keys is None and not batch:
        raise InvalidInput("Say which rows, or which redraft, to take back.", field="keys")
    campaign = services.ledger.campaigns.get(campaign_id)
    plan = campaign.plan
    if keys is None and plan.former and plan.former[0] == batch:
        _, template, subject, language, remark = plan.former
        back = replace(plan, template=template, subject=subject, language=language, remark=remark, former=())
        campaign = services.ledger.campaigns.save(replace(campaign, plan=replace(back, version=plan.version + 1)))
    count = drafting.step_back(ledger=services.ledger, campaign=campaign, keys=keys, batch=batch, who=who)
    wake(services, campaign)
    return count


def _refuse(campaign: Campaign, words: str) -> None:
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("This campaign was cancelled. Start a new one.")
    if campaign.state is CampaignState.PLANNED:
        raise Conflict("There are no drafts yet: change the plan instead.")
    if not words:
        raise InvalidInput("Say in a few words what should be different, for example “shorter”.", field="remark")
    if len(words) > LONGEST:
        raise InvalidInput(f"Say it in at most {LONGEST} characters.", field="remark")


def _meant(
    services: Services, campaign: Campaign, keys: Sequence[str] | None, edited: bool
) -> tuple[list[Message], Redrafts]:
    """The drafts that may be written anew, and how many others were meant too."""
    alone = keys is not None and len(set(keys)) == 1
    states = OPEN if keys is None else {*OPEN, MessageState.APPROVED}
    found = [one for one in services.ledger.messages.of_campaign(campaign.id, states=states, keys=keys) if one.text]
    approved = [one for one in found if one.state is MessageState.APPROVED and not alone]
    fixed = [one for one in found if uses_template(one) and one not in approved]
    theirs = [] if edited else [one for one in found if is_edited(one) and one not in approved and one not in fixed]
    out = {one.id for one in (*approved, *fixed, *theirs)}
    done = Redrafts(edited=len(theirs), approved=len(approved), fixed=len(fixed))
    return [one for one in found if one.id not in out], done


def is_edited(message: Message) -> bool:
    """Whether the text is a person's own by now."""
    return bool(message.text) and message.drafted_by.plan == 0


def _wanted(
    services: Services, campaign: Campaign, table: Table, wish: Wish, meant: Sequence[Message]
) -> tuple[dict[str, str], int]:
    """What is remarked about each draft that the remark is meant for, and how many it is not meant for."""
    if not wish.column and not wish.language_column:
        return {one.id: added(one.remark, wish.words) for one in meant}, 0
    reader = Reader(table, campaign.plan, services.channel_for)
    locator = Locator(table, reader.identity)
    wanted = {}
    for message, record in _records(meant, reader, locator):
        said = wish.language_of(record) if wish.language_column else wish.words
        if record and said and wish.meant(record):
            wanted[message.id] = added(message.remark, _IN.format(_NAMES[said]) if wish.language_column else said)
    return wanted, len(meant) - len(wanted)


_IN = "in {}"
_NAMES = {
    "en": "English", "es": "Spanish", "de": "German", "fr": "French", "pt": "Portuguese", "it": "Italian",
    "nl": "Dutch", "pl": "Polish", "tr": "Turkish", "ar": "Arabic", "uk": "Ukrainian", "ru": "Russian",
}  # fmt: skip


def _records(
    messages: Sequence[Message], reader: Reader, locator: Locator
) -> Iterator[tuple[Message, Mapping[str, str]]]:
    for message in messages:
        row = locator.find(message.row_key, message.identity).row
        yield message, reader.record(row) if row is not None else {}


def _for_all(campaign: Campaign, wish: Wish) -> bool:
    """Whether one text stands for all rows, and can be changed once: a condition makes rows differ."""
    return bool(campaign.plan.template) and not (wish.column or wish.language_column or wish.conditional)


def _refuse_unable(drafter: Drafter, campaign: Campaign, remarks: Sequence[str]) -> None:
    for remark in dict.fromkeys(remarks):
        if why := drafter.objection(campaign.plan, campaign.instruction, remark):
            raise InvalidInput(why, field="remark")


def _reworded(
    services: Services,
    campaign: Campaign,
    table: Table,
    words: str,
    drafter: Drafter,
    batch: str,
    meant: Sequence[Message],
) -> tuple[Campaign, dict[str, str]]:
    """The campaign with its one text changed, and its drafts to be filled from it again: one that has a text of its own
    for an earlier remark gets another of its own."""
    remark = added(campaign.plan.remark, words)
    _refuse_unable(drafter, campaign, [remark])
    plan = plans.with_text_remarked(services, campaign, table, remark, batch)
    wanted = {one.id: added(one.remark, words) if one.remark or one.template else "" for one in meant}
    return services.ledger.campaigns.save(replace(campaign, plan=plan)), wanted


def _drafts(count: int) -> str:
    return f"{count:,} drafts are" if count != 1 else "1 draft is"


def _seen(services: Services, campaign: Campaign) -> Table:
    sheet = services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)
    return sheet.read(sheet.look_seconds)


def wake(services: Services, campaign: Campaign) -> None:
    """Ask for the work on drafts at once; when the queue is away the sweep comes by."""
    enqueue: Callable[..., None] = services.queue.enqueue
    with contextlib.suppress(TemporaryError):
        for chunk in services.ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
            enqueue(DRAFT, campaign.id, str(chunk))
        enqueue(SYNC, campaign.id)
