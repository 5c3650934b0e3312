"""Reminders: who has not answered is written to again, as the next step of their row, and who stays silent is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from server.domain.campaign import Campaign
from server.domain.keys import new_id, new_token
from server.domain.machine import LOST, MessageEvent, Noted, Unanswered
from server.domain.message import Message
from server.domain.routes import way_of
from server.domain.templates import check
from server.domain.words import CampaignState, Flag, MessageState, Outcome
from server.errors import Conflict, InvalidInput
from server.flow.drafting import go_on
from server.ports import Clock, Ledger, Step

MOST = 500
"""Rows that are marked as unanswered at once: the next second takes the next ones."""

REMINDER = "reminder"

REST, REMINDED = timedelta(days=1), "Reminded less than a day ago. Name the row to remind it again."
"""How long nobody gets another reminder who was not asked for by name."""

NOT_NOW = "An answer has just come, somebody else wrote to them, or they must not be written to any more."

LONGEST_TEXT = 8000

NOT_OVER = frozenset(CampaignState) - {CampaignState.PLANNED, CampaignState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Reminders:
    """How many rows will get a reminder, and why others that were asked for won't, in words with their counts."""

    count: int
    left: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """What a person should know about those that were left, "" when none were."""
        return " ".join(f"{count} left: {why}" for why, count in self.left.items())


def remind(
    *,
    ledger: Ledger,
    clock: Clock,
    campaign: Campaign,
    keys: Collection[str] | None,
    who: str,
    text: str = "",
) -> Reminders:
    """Let a reminder be drafted for these rows, as far as they were written to and have not answered; without keys for
    all such rows, but those from which an automatic reply came, and those that were reminded within a day: so repeating
    what was broken off reminds nobody twice.

    With `text` that is the template of the reminder, with placeholders of the columns that the plan reads. Each one is
    drafted, looked at, approved and sent as any message. Raises Conflict for a campaign that was cancelled,
    InvalidInput for a text that can't be filled.
    """
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("This campaign was cancelled: nobody is written to any more. Start a new one.")
    _refuse(text, campaign)
    steps, left, moves = [], Counter[str](), list[tuple[str, MessageEvent]]()
    states = [MessageState.SENT] if keys is None else None
    for message in ledger.messages.of_campaign(campaign.id, states=states, keys=keys):
        why = _why_not(ledger, campaign, message, asked=keys is not None)
        if not why and keys is None and _just_reminded(message, clock):
            left[REMINDED] += 1
            continue
        if not why:
            steps.append(Step(message.id, next_step(message, template=text), REMINDER, who))
        elif keys is not None:  # somebody asked for this very row: it says why not
            left[why] += 1
            moves.append((message.id, Noted(f"No reminder: {why}")))
    done = ledger.messages.follow(steps)
    ledger.messages.move_many(moves)
    count = _count(done)
    if count < len(done):
        left[NOT_NOW] += len(done) - count
    go_on(ledger=ledger, campaign_id=campaign.id)  # who asks for texts asks for those again that something stopped
    if count and campaign.state is CampaignState.DONE:
        ledger.campaigns.move(campaign.id, CampaignState.DRAFTING, who=who)
    return Reminders(count, dict(left))


def next_step(message: Message, **more: object) -> Message:
    """A new message to the same person, by the way that the last one went; nothing else of it is taken over but what
    came back so far, which the row goes on showing."""
    new = Message(
        id=new_id("m"),
        campaign_id=message.campaign_id,
        row_key=message.row_key,
        chunk=message.chunk,
        person=message.person,
        address=message.address,
        identity=message.identity,
        source=message.source,
        token=new_token(),
        channel=message.channel,
        carrier=message.carrier,
        known_as=message.known_as,
        unreached=message.unreached,
        thread=message.provider_id,
        reply=message.reply,
        replied_at=message.replied_at,
        values=dict(message.values) if _stands(message) else {},
        flag=Flag.CHECK if _stands(message) else None,
    )
    return replace(new, **more)  # type: ignore[arg-type]


def _stands(message: Message) -> bool:
    """Whether the row's cells hold an answer: it was sure, or a mere remark came after it."""
    return bool(message.values) and (message.flag is Flag.SURE or message.confidence is None)


def mark_silent(*, ledger: Ledger, clock: Clock, campaign: Campaign) -> int:
    """Say of rows that they have not answered for as long as the plan waits; how many. Never before that time is over,
    and nothing is sent by it."""
    days = campaign.plan.remind_after
    if days <= 0 or campaign.state not in NOT_OVER:
        return 0
    silent = ledger.messages.silent(campaign.id, clock.now() - timedelta(days=days), MOST)
    if not silent:
        return 0
    note = f"No answer for {days} day{'s' if days > 1 else ''}. Type Remind into Status to draft a reminder."
    return _count(ledger.messages.move_many([(message_id, Unanswered(note)) for message_id in silent]))


def _count(moved: Iterable[Message | None]) -> int:
    return sum(one is not None for one in moved)


def _refuse(text: str, campaign: Campaign) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"A reminder may have {LONGEST_TEXT:,} characters, not {len(text):,}.", field="text")
    titles = [name for name in (campaign.plan.name_column, *campaign.plan.read_columns) if name]
    for unknown in check(text, titles):
        near = [unknown.suggestion] if unknown.suggestion else []
        raise InvalidInput(f"This campaign reads no column “{unknown.name}”.", field="text", suggestions=near)


def _just_reminded(message: Message, clock: Clock) -> bool:
    return message.step > 0 and message.claimed_at is not None and clock.now() - message.claimed_at < REST


def _why_not(ledger: Ledger, campaign: Campaign, message: Message, *, asked: bool) -> str:
    """Why a row gets no reminder, a sentence; "" when it does."""
    if not message.token:
        return "What was known of this person was removed."
    if message.state is not MessageState.SENT:
        return "Nothing was sent to this row, or something is under way."
    if message.settled_by or message.outcome not in {None, Outcome.AUTOMATIC}:
        return "This row has its answer."
    if message.outcome is Outcome.AUTOMATIC and not asked:
        return "They are away."
    if message.delivery in LOST:
        return "The last message did not reach them."
    if asked and ledger.suppressions.stands(message.address, way_of(campaign.plan, message).channel):
        return "This address must not be written to any more."
    return ""
