"""A reply that fitted no row, and a person who says whose it is: it is taken to that row, and read as any other."""

from __future__ import annotations

from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.machine import state_of
from server.domain.reply import Reply
from server.domain.words import MessageState, ReplyState
from server.errors import Conflict, NotFound
from server.ports import Ledger

BY_HAND = "by hand"
"""How such a match was found."""


def belongs(*, ledger: Ledger, campaign: Campaign, row_key: str, reply_id: str) -> Reply:
    """Take an unmatched reply to a row of the campaign, to be read there; the reply as it is then.

    One that may belong to several rows stands on each of them already, and is settled there. Raises NotFound,
    Conflict.
    """
    reply = ledger.inbox.reply(reply_id)
    message = ledger.messages.of_row(campaign.id, row_key)
    if message is None:
        raise NotFound("There is no message of that row in this campaign.")
    steps = ledger.messages.steps(campaign.id, row_key)
    if all(step.state is not MessageState.SENT for step in steps):
        raise Conflict("Nothing was sent to this row, so that there is nothing that this reply could answer.")
    if state_of(reply) is ReplyState.AMBIGUOUS:
        raise Conflict("This reply may belong to several rows, and stands on each of them: settle it there.")
    taken = replace(reply, message_id=message.id, campaign_id=campaign.id, matched_by=BY_HAND)
    if state_of(reply) is not ReplyState.UNMATCHED or not ledger.inbox.save_reply(taken):
        raise Conflict("Somebody has taken this reply to a row already.")
    return taken
