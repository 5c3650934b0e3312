"""Pause, resume, undo, cancel, and the end of a campaign: effective within one message, as each claim asks first."""

from __future__ import annotations

from server.domain.campaign import Campaign
from server.domain.machine import OPEN, Cancelled, MessageEvent, Scheduled
from server.domain.words import CampaignState, MessageState
from server.errors import Conflict
from server.flow.writing import WAITS
from server.ports import Clock, Ledger

TOGETHER = 500
"""Messages changed in one transaction: others write in between."""


def undo(*, ledger: Ledger, clock: Clock, campaign: Campaign, who: str = "") -> None:
    """Take the yes to sending back while the undo window is open, or nothing's time has come. Raises Conflict later."""
    if not to_undo(ledger=ledger, clock=clock, campaign=campaign) or not ledger.campaigns.move(
        campaign.id, CampaignState.DRAFTED, note="", who=who
    ):
        raise Conflict("It is too late to undo: the first messages are leaving. Pause or cancel instead.")
    approved = ledger.messages.outlines(campaign.id, [MessageState.APPROVED])
    timed = [one.id for one in approved if one.due_at is not None]
    for begin in range(0, len(timed), TOGETHER):  # nothing leaves at their times any more, and they say so no longer
        ledger.messages.move_many([(one, Scheduled(None)) for one in timed[begin : begin + TOGETHER]])


def to_undo(*, ledger: Ledger, clock: Clock, campaign: Campaign) -> bool:
    """Whether nothing of a sending can have left yet."""
    if campaign.state is not CampaignState.SENDING:
        return False
    if campaign.at_column and campaign.started_at:
        sending = ledger.messages.states(campaign.id).get(MessageState.SENDING)
        return not sending and not ledger.messages.pace(campaign.id, campaign.started_at, clock.now()).went
    if campaign.scheduled_at and campaign.scheduled_at > clock.now():
        return True
    held = campaign.note and not campaign.note.startswith(WAITS)  # a provider in trouble also moves the start
    return bool(campaign.start_at and campaign.start_at > clock.now() and not held)


def pause(*, ledger: Ledger, campaign: Campaign, who: str = "") -> None:
    """No further message is claimed. Raises Conflict when it is not being sent."""
    if not ledger.campaigns.move(campaign.id, CampaignState.PAUSED, who=who):
        raise Conflict("Only a campaign that is being sent can be paused.")


def resume(*, ledger: Ledger, clock: Clock, campaign: Campaign, who: str = "") -> None:
    """Go on, not before the moment that was chosen for it. Raises Conflict when it is not paused."""
    begin = max(clock.now(), campaign.scheduled_at or clock.now())
    if campaign.state is not CampaignState.PAUSED or not ledger.campaigns.move(
        campaign.id, CampaignState.SENDING, start_at=begin, note="", who=who
    ):
        raise Conflict("Only a paused campaign can be resumed.")


def cancel(*, ledger: Ledger, campaign: Campaign, who: str = "") -> int:
    """Stop for good; what has left has left. Returns how many messages will not be sent. Raises Conflict."""
    if not ledger.campaigns.move(campaign.id, CampaignState.CANCELLED, who=who):
        raise Conflict("This campaign is over already.")
    return _cancel_open(ledger, campaign, who)


def _cancel_open(ledger: Ledger, campaign: Campaign, who: str = "") -> int:
    unsent = ledger.messages.of_campaign(campaign.id, states=OPEN)
    further = [message.id for message in unsent if message.step]
    shown = ledger.messages.fall_back_all(further, "The campaign was cancelled.", who)  # what was sent before
    taken_out = {step for step, one in zip(further, shown, strict=True) if one.id != step}
    left = [message.id for message in unsent if message.id not in taken_out]
    moves: list[tuple[str, MessageEvent]] = [(message_id, Cancelled(who)) for message_id in left]
    return len(taken_out) + sum(one is not None for one in ledger.messages.move_many(moves))


def advance(*, ledger: Ledger, campaign: Campaign) -> CampaignState:
    """Move a campaign on when its present step has nothing left to do: drafted, or done.

    And mend what a step left that was broken off, or that met another one: an approval in a campaign that has just
    ended goes out all the same, and a send that was in flight when its campaign was cancelled is not tried again.
    """
    states = ledger.messages.states(campaign.id)
    if campaign.state is CampaignState.CANCELLED and any(states.get(state) for state in OPEN):
        _cancel_open(ledger, campaign)
    if campaign.state is CampaignState.DONE and states.get(MessageState.APPROVED):
        ledger.campaigns.move(campaign.id, CampaignState.SENDING)
        return CampaignState.SENDING
    to_draft = states.get(MessageState.CHOSEN) and not campaign.halted
    if campaign.state is CampaignState.DRAFTING and not to_draft:
        ledger.campaigns.move(campaign.id, CampaignState.DRAFTED)
        return CampaignState.DRAFTED
    busy = to_draft or states.get(MessageState.APPROVED) or states.get(MessageState.SENDING)
    if campaign.state is CampaignState.SENDING and not busy:
        ledger.campaigns.move(campaign.id, CampaignState.DONE, note="")
        return CampaignState.DONE
    return campaign.state
