"""The use cases that the command line and the API share: each a few ports and one verb of `flow`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from server import campaign_steps, drafts, plans, sends
from server.domain.campaign import Campaign
from server.domain.estimate import Estimate, estimate
from server.domain.machine import ConfirmedSent, Edited, MessageEvent, Skipped
from server.domain.message import Message
from server.domain.plan import Plan
from server.domain.plan_words import words
from server.domain.preflight import Fault, FaultCell, Level
from server.domain.provider_templates import ListedTemplate, ProviderTemplate
from server.domain.routes import way_of
from server.domain.table import Table
from server.domain.views import VIEWS
from server.domain.words import (
    NEEDS_PERSON,
    CampaignState,
    ChannelName,
    Command,
    MessageState,
    Outcome,
    Problem,
    Role,
    Status,
)
from server.errors import Conflict, InvalidInput, NotFound, TemporaryError
from server.flow import (
    approving,
    campaigning,
    composing,
    drafting,
    interpreting,
    planning,
    replanning,
    sending,
    writing,
)
from server.flow.files import load
from server.ports import Attachments, Channel, PlanRequest, Sheet
from server.queue import SYNC
from server.sends import ALL_NOW, Wish
from server.services import Services
from server.spending import Spending, spending
from server.ways import NONE, TemplateChoice, Ways, chosen, listed, widened


@dataclass(frozen=True, slots=True)
class Overview:
    """A campaign at a glance."""

    campaign: Campaign
    words: str
    choice: str
    choice_parts: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]
    counts: Mapping[Status, int]
    rows: int
    chosen: int
    sure_at: float
    drafted: int
    approved: int
    approvable: int
    sent: int
    reviews: int
    needs_person: int
    pending_cells: int
    version: str

    @property
    def statuses(self) -> dict[str, int]:
        """Counts by status word, as `run --json` prints them."""
        return {word.value: count for word, count in self.counts.items()}


class CampaignService:
    """What a person can do with a campaign, wherever they sit."""

    def __init__(self, services: Services) -> None:
        self.services = services

    # what there is

    def sheet(self, campaign: Campaign) -> Sheet:
        """The sheet that a campaign lives in. Raises NotFound."""
        return self.services.open_sheet(campaign.workbook, campaign.sheet, campaign.header_row)

    def channel(self, plan: Plan) -> Channel:
        """The channel that a plan goes over. Raises InvalidInput when it is not set up."""
        return self.services.channel_for(plan.channel, plan.provider)

    def find(
        self,
        workbook: str,
        sheet: str,
        *,
        instruction: str,
        template: str,
        channel: ChannelName | None = None,
        provider: str = "",
    ) -> Campaign | None:
        """The campaign of this sheet with these very words that was not cancelled: `run` goes on with it.

        A channel or provider that is named must be the campaign's; without one, whatever it goes over is meant. A
        campaign with an instruction is found by it alone: its text for all rows may have been written since.
        """
        for campaign in self.services.ledger.campaigns.of_sheet(workbook, sheet):
            plan = campaign.plan
            worded = plan.template == template or bool(instruction and not template)
            same = campaign.instruction == instruction and worded
            same = same and channel in {None, plan.channel} and provider in {"", plan.provider}
            if same and campaign.state is not CampaignState.CANCELLED:
                return campaign
        return None

    # plan

    def create(
        self,
        workbook: str,
        sheet: str = "",
        *,
        instruction: str = "",
        template: str = "",
        subject: str = "",
        channel: ChannelName | None = None,
        provider: str = "",
        address_column: str = "",
        answers: Sequence[str] = (),
        language: str = "",
        tone: str = "",
        rows: Collection[str] = ("visible",),
        header_row: int | None = None,
        ways: Ways = NONE,
        who: str = "",
    ) -> Campaign:
        """A campaign with its plan; nothing in the sheet is touched yet. Raises InvalidInput, NotFound."""
        opened = self.services.open_sheet(workbook, sheet, header_row)
        carrier = self.services.channel_for(channel, provider)
        table = opened.read()
        request = PlanRequest(
            instruction=instruction,
            table=table,
            channel=carrier.name,
            provider=carrier.provider,
            template=template,
            subject=subject,
            address_column=address_column,
            answers=tuple(answers),
            language=replanning.language(language) if language else "",
            tone=replanning.in_one_line("tone", "The tone", tone, replanning.LONGEST_TONE),
        )
        plan = widened(self.services, request, self.services.planner.plan(request), ways)
        campaign = planning.create(
            ledger=self.services.ledger,
            clock=self.services.clock,
            sheet=opened,
            table=table,
            instruction=instruction,
            plan=plan,
            rows=rows,
            who=who,
            header_row=header_row,
        )
        self.services.models.count_plan(campaign)
        return campaign

    def template(self, campaign_id: str, choice: TemplateChoice | None) -> ProviderTemplate | None:
        """An approved template, made ready for a campaign's sheet; None takes it away. Raises InvalidInput."""
        if choice is None:
            return None
        campaign = self.services.ledger.campaigns.get(campaign_id)
        return chosen(self.services, campaign.plan, self._seen(campaign), choice)

    def templates(self, campaign_id: str) -> list[ListedTemplate]:
        """What the plan's WhatsApp provider has approved. Raises InvalidInput, TemporaryError, PermanentError."""
        return listed(self.services, self.services.ledger.campaigns.get(campaign_id).plan)

    def edit_plan(self, campaign_id: str, changes: Mapping[str, object]) -> Campaign:
        """Change fields of the plan: until the first draft, and what no text is made from at any time.

        The version grows with each change that changes something. Raises InvalidInput, Conflict.
        """
        campaign = self._get(campaign_id)
        whole = plans.refuse_late(self.services, campaign, changes)
        plan = plans.edited(self.services, campaign, changes, self._seen(campaign) if whole else None)
        return self._replanned(campaign, plan)

    def write_text(self, campaign_id: str, way: Literal["one", "each"]) -> Campaign:
        """Have one text written for all rows into the plan, or take it away, so that each row gets its own.

        Raises InvalidInput, Conflict; TemporaryError or PermanentError when a model can't be asked.
        """
        campaign = self._get(campaign_id)
        plans.refuse_late(self.services, campaign, {"template": ""})
        if way == "each":
            return self._replanned(campaign, plans.with_a_text_each(campaign))
        table = self._seen(campaign)
        looked_up = replace(campaign, plan=plans.looked_up(campaign.plan, table))
        return self._replanned(campaign, plans.with_one_text(self.services, looked_up, table))

    def leave_out(self, campaign_id: str, texts: Sequence[str]) -> Campaign:
        """Have these words of the instruction left out of the texts. Raises InvalidInput, Conflict."""
        campaign = self._get(campaign_id)
        plan = plans.with_left_out(campaign.plan, campaign.instruction, texts)
        if plan != campaign.plan:
            plans.refuse_late(self.services, campaign, {"missing": ()})
        return self._replanned(campaign, plan)

    def _replanned(self, campaign: Campaign, plan: Plan) -> Campaign:
        """The campaign with that plan, kept only where it changed. Raises Conflict."""
        same = plan == campaign.plan
        return campaign if same else self.services.ledger.campaigns.save(replace(campaign, plan=plan))

    def asked_about(self, campaign: Campaign) -> Campaign:
        """The campaign, fit to be drafted. Raises InvalidInput while its instruction asks for what no column holds."""
        if not campaign.plan.missing:
            return campaign
        table = self._seen(campaign)
        campaign = self._replanned(campaign, plans.looked_up(campaign.plan, table))
        plans.refuse_missing(campaign.plan, table)
        return campaign

    # draft

    def draft(
        self, campaign_id: str, keys: Sequence[str] | None = None, who: str = "", *, first: int | None = None
    ) -> Campaign:
        """Ask for drafts: of all chosen rows (or so many of them first), afterwards new ones for these keys.

        Raises Conflict when the campaign is over, SheetUnavailable when our columns can't be made now, InvalidInput
        while the instruction asks for what no column holds.
        """
        campaign = self._get(campaign_id)
        if campaign.state is CampaignState.CANCELLED:
            raise Conflict("This campaign was cancelled. Start a new one.")
        campaign = self.asked_about(campaign)
        return drafts.ask(self.services, self.sheet(campaign), campaign, keys=keys, first=first, who=who)

    def bound(self, campaign_id: str, changes: Mapping[str, float | None]) -> Campaign:
        """Change `sure_at`, `most_tokens`, `most_cost` of a campaign; None: as the settings say. Raises Conflict."""
        campaign = self._get(campaign_id)
        changed = replace(campaign, **changes)  # type: ignore[arg-type]
        return campaign if changed == campaign else self.services.ledger.campaigns.save(changed)

    def edit_message(self, campaign_id: str, key: str, text: str | None, subject: str | None, who: str = "") -> Message:
        """A person's new text for a row; an approval lapses. Raises NotFound, Conflict when it has left."""
        ledger = self.services.ledger
        message = self.message(campaign_id, key)
        new = (message.text if text is None else text, message.subject if subject is None else subject)
        moved = ledger.messages.move(message.id, Edited(*new, who))
        if moved is None and new != (message.text, message.subject):
            raise Conflict("This message can't be changed any more.")
        self.services.wake(SYNC, campaign_id)
        return moved or message

    def message(self, campaign_id: str, key: str) -> Message:
        """The message of a row. Raises NotFound."""
        message = self.services.ledger.messages.of_row(campaign_id, key)
        if message is None:
            raise NotFound("This row has no message in this campaign.")
        return message

    # approve and send

    def approve(
        self, campaign_id: str, keys: Sequence[str] | None, who: str, *, retry: bool = False, may_send: bool = True
    ) -> tuple[int, str]:
        """Approve rows as they stand in the sheet now; how many, and a sentence about those that were left. Who may
        not send approves nothing that would leave at once."""
        ledger = self.services.ledger
        campaign = ledger.campaigns.get(campaign_id)
        done = approving.approve(
            ledger=ledger,
            sheet=self.sheet(campaign),
            channel_of=self.services.channel_for,
            clock=self.services.clock,
            campaign=campaign,
            keys=keys,
            who=who,
            retry=retry,
            may_send=may_send,
        )
        writing.reopen(ledger=ledger, clock=self.services.clock, campaign=campaign)
        self.services.wake(SYNC, campaign_id)
        return done.count, done.sentence

    def send(
        self, campaign_id: str, who: str = "", *, undo_seconds: float | None = None, wish: Wish = ALL_NOW
    ) -> Campaign:
        """Open the undo window; the first message leaves when it is over, or at the time that was wished for.

        Raises Conflict when nothing is approved or it is being sent already, InvalidInput for a wish that can't be.
        """
        return sends.start(self.services, campaign_id, wish, who, undo_seconds=undo_seconds)

    def undo(self, campaign_id: str, who: str = "") -> Campaign:
        """Take Send back while its window is open. Raises Conflict."""
        ledger, clock = self.services.ledger, self.services.clock
        campaigning.undo(ledger=ledger, clock=clock, campaign=self._get(campaign_id), who=who)
        return self._get(campaign_id)

    def pause(self, campaign_id: str, who: str = "") -> Campaign:
        """No further message leaves. Raises Conflict."""
        campaigning.pause(ledger=self.services.ledger, campaign=self._get(campaign_id), who=who)
        return self._get(campaign_id)

    def resume(self, campaign_id: str, who: str = "") -> Campaign:
        """Go on. Raises Conflict."""
        ledger, clock = self.services.ledger, self.services.clock
        campaigning.resume(ledger=ledger, clock=clock, campaign=self._get(campaign_id), who=who)
        return self._get(campaign_id)

    def cancel(self, campaign_id: str, who: str = "") -> Campaign:
        """Stop for good. Raises Conflict."""
        campaigning.cancel(ledger=self.services.ledger, campaign=self._get(campaign_id), who=who)
        self.services.wake(SYNC, campaign_id)
        return self._get(campaign_id)

    def command(
        self, campaign_id: str, keys: Sequence[str], word: str, who: str, *, may_send: bool = True
    ) -> tuple[int, str]:
        """The same words as in the Status cell: Approved, Skip, Retry, Redraft, Sent, Remind. Raises InvalidInput for
        any other word: one that is not known must not end as something that it does not say."""
        match next((command for command in Command if command.value == word), None):
            case Command.APPROVED:
                return self.approve(campaign_id, keys, who, may_send=may_send)
            case Command.RETRY:
                return self.approve(campaign_id, keys, who, retry=True)
            case Command.REDRAFT:
                campaign = self._get(campaign_id)
                count = drafting.redraft(ledger=self.services.ledger, campaign=campaign, keys=keys, who=who)
                self.draft(campaign_id, [], who)
                return count, ""
            case Command.REMIND:
                reminders = campaign_steps.remind(self.services, campaign_id, keys, who)
                return reminders.count, reminders.sentence
            case Command.SKIP:
                messages = self.services.ledger.messages.of_campaign(campaign_id, keys=keys)
                taken_out = campaign_steps.take_out(self.services, messages, who)
                return self._move(campaign_id, messages, Skipped(f"Skipped by {who}.", who), taken_out)
            case Command.SENT:
                messages = self.services.ledger.messages.of_campaign(campaign_id, keys=keys)
                return self._move(campaign_id, messages, ConfirmedSent(who, self.services.clock.now()))
            case Command.ACCEPT:
                raise InvalidInput("Readings are accepted one by one, where each reply is seen.", field="command")
            case None:
                raise InvalidInput(f"“{word}” is no command.", field="command", suggestions=list(Command))

    def _move(
        self, campaign_id: str, messages: Sequence[Message], event: MessageEvent, done: int = 0
    ) -> tuple[int, str]:
        """How many of these rows the event fitted, and a sentence about the others; `done`: what was done before."""
        moved = self.services.ledger.messages.move_many([(one.id, event) for one in messages])
        self.services.wake(SYNC, campaign_id)
        done += sum(one is not None for one in moved)
        left = len(messages) - done
        return done, f"{left} left: not possible where they stand." if left else ""

    def test_message(self, campaign_id: str, address: str, key: str) -> str:
        """Send one row's text to oneself; touches no status. A sentence. Raises what the channel raises."""
        campaign = self._get(campaign_id)
        messages = self.services.ledger.messages.of_campaign(campaign_id, keys=[key] if key else None)
        message = next((one for one in messages if one.text), None)
        if message is None:
            raise NotFound("There is no draft to test with yet.")
        way = way_of(campaign.plan, message)
        channel = self.services.channel_for(way.channel, way.provider)
        clean = asyncio.run(_test(channel, campaign.plan, message, address, self.services.attachments))
        return f"Sent to {clean} with the data of {message.person or 'this row'}. No status was touched."

    # answers

    def settle(
        self,
        campaign_id: str,
        message_id: str,
        who: str,
        outcome: Outcome,
        values: Mapping[str, str],
        heard: datetime | None = None,
    ) -> Message:
        """A person decides what a reply (that came at that moment) says. Raises InvalidInput, Conflict, NotFound."""
        message = interpreting.settle(
            ledger=self.services.ledger,
            campaign=self._get(campaign_id),
            message_id=message_id,
            who=who,
            outcome=outcome,
            values=values,
            heard=heard,
        )
        self.services.wake(SYNC, campaign_id)
        return message

    def unsubscribe(self, token: str) -> bool:
        """One click on an unsubscribe link; whether the token was one of ours."""
        return interpreting.unsubscribe(ledger=self.services.ledger, token=token)

    # at a glance

    def overview(self, campaign_id: str) -> Overview:
        """Everything the panel and `status` show of a campaign."""
        ledger = self.services.ledger
        version = self.version(campaign_id)  # first: an older token is looked at again, a newer one would be the last
        campaign = self._get(campaign_id)
        if campaign.plan.missing:
            campaign = replace(campaign, plan=plans.looked_up(campaign.plan, self._seen(campaign)))
        states = ledger.messages.states(campaign_id)
        tally = {one.status: one.count for one in ledger.messages.tally(campaign_id)}
        choice, parts, faults, rows = self._standing(campaign, sum(states.values()))
        return Overview(
            campaign=campaign,
            words=words(campaign.plan),
            choice=choice,
            choice_parts=parts,
            faults=faults,
            counts={word: tally[word] for word in Status if tally.get(word)},
            rows=rows,
            chosen=self._chosen(campaign, rows),
            sure_at=self.services.threshold(campaign),
            drafted=states.get(MessageState.DRAFTED, 0),
            approved=states.get(MessageState.APPROVED, 0),
            approvable=tally.get(Status.DRAFT, 0),
            sent=ledger.messages.written_to(campaign_id),
            reviews=tally.get(Status.REVIEW, 0),
            needs_person=sum(count for word, count in tally.items() if word in NEEDS_PERSON),
            pending_cells=ledger.cells.backlog(campaign_id),
            version=version,
        )

    def estimate(self, campaign_id: str) -> Estimate:
        """What the SMS come to that would leave now: approved ones, and drafts that nothing stands against."""
        settings = self.services.settings
        messages = self.services.ledger.messages.of_campaign(
            campaign_id, states=[MessageState.DRAFTED, MessageState.APPROVED]
        )
        texts = [one.text for one in messages if one.problem is Problem.NONE and one.channel is ChannelName.SMS]
        return estimate(texts, price=settings.sms_price, currency=settings.sms_currency)

    def spending(self, campaign_id: str) -> Spending:
        """What its calls of the model used, and what its rows without a text would use."""
        campaign = self._get(campaign_id)
        states = self.services.ledger.messages.states(campaign_id)
        rows = sum(states.values())
        meant = self._chosen(campaign, rows) if rows else drafts.chosen(self.services, campaign, self._seen(campaign))
        rest = meant - rows + states.get(MessageState.CHOSEN, 0)
        return spending(self.services, self.sheet(campaign), campaign, rest)

    def version(self, campaign_id: str) -> str:
        """A cheap token that changes whenever the campaign does."""
        ledger, campaign = self.services.ledger, self._get(campaign_id)
        return f"{campaign.version}-{ledger.messages.revision(campaign_id)}-{ledger.cells.backlog(campaign_id)}"

    def _standing(
        self, campaign: Campaign, rows: int
    ) -> tuple[str, tuple[tuple[str, int], ...], tuple[Fault, ...], int]:
        """Before drafting the plan is held against the sheet; afterwards the messages tell."""
        if rows:
            faults = tuple(message_faults(self.services.ledger.messages.problems(campaign.id), campaign))
            return f"{rows} rows", (), faults, rows
        table = self._seen(campaign)
        found = planning.survey(table, campaign.plan, self.services.channel_for, campaign.rows, silent=self._silent)
        return found.sentence, found.parts, found.faults, len(found.recipients)

    def _chosen(self, campaign: Campaign, rows: int) -> int:
        """How many rows the plan means: more than have a message while some are tried first."""
        if not campaign.trial:
            return rows
        with contextlib.suppress(TemporaryError):  # a sheet that is away is told elsewhere
            return drafts.chosen(self.services, campaign, self._seen(campaign))
        return rows

    def _silent(self, channel: Channel, addresses: Collection[str]) -> Collection[str]:
        return composing.silent(self.services.ledger, channel, addresses, self.services.clock.now())

    def _seen(self, campaign: Campaign) -> Table:
        """The sheet for somebody who looks on: as old as its host's counting of calls asks for."""
        sheet = self.sheet(campaign)
        return sheet.read(sheet.look_seconds)

    def links(self, campaign_id: str) -> Mapping[str, str]:
        """Links to the rows in certain words, name -> address; {} where the sheet's host has no such views, or before
        there is a Status column. Raises SheetUnavailable, PermanentError."""
        campaign = self._get(campaign_id)
        column = campaign.columns.get(Role.STATUS)
        return self.sheet(campaign).views(column, VIEWS) if column else {}

    def _get(self, campaign_id: str) -> Campaign:
        return self.services.ledger.campaigns.get(campaign_id)


async def _test(channel: Channel, plan: Plan, message: Message, address: str, attachments: Attachments | None) -> str:
    try:
        files = await load(attachments, message)
        return await sending.send_test(channel=channel, plan=plan, message=message, address=address, attachments=files)
    finally:
        await channel.close()


_ASK = {
    Problem.NO_ADDRESS: (Level.BLOCK, "{} without a usable address."),
    Problem.CHECK: (Level.ASK, "{} to look at before approving."),
    Problem.SHARED_ADDRESS: (Level.ASK, "{} with an address that different people share. Write to each?"),
    Problem.DUPLICATE: (Level.ASK, "{} for a person and address that have a message already."),
}


def message_faults(problems: Mapping[Problem, Sequence[str]], campaign: Campaign) -> list[Fault]:
    """The drafts that need a person (row keys by problem), worst kind first, each leading to its cell."""
    column = {Problem.NO_ADDRESS: campaign.plan.address_column}
    found = []
    for problem, (level, sentence) in _ASK.items():
        cells = [
            FaultCell(key, column.get(problem, campaign.columns.get(Role.MESSAGE, Role.MESSAGE)), 0)
            for key in problems.get(problem, ())
        ]
        if cells:
            many = f"{len(cells)} drafts" if len(cells) > 1 else "1 draft"
            found.append(Fault(problem.value, level, sentence.format(many), tuple(cells)))
    return found
