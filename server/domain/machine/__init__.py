"""The state machines of campaign, message, reply and cell write: what may happen when, and who may cause it.

Pure: the ledger asks here before it commits, in one guarded UPDATE with its audit entry. `docs/states.md` is drawn
from these tables (`python -m server.domain.picture`).
"""

from __future__ import annotations

from server.domain.machine.campaigns import CAMPAIGN_MOVES
from server.domain.machine.cells import CELL_MOVES
from server.domain.machine.events import (
    Accepted,
    Answered,
    Approved,
    Blocked,
    Cancelled,
    Checked,
    Claimed,
    ConfirmedSent,
    Deferred,
    Delivery,
    Doubted,
    Drafted,
    Edited,
    Followed,
    Lapsed,
    LostAnswer,
    MessageEvent,
    Noted,
    Postponed,
    Redrafting,
    Refused,
    Released,
    Rerouted,
    Restored,
    Retried,
    Settled,
    Skipped,
    SourceChanged,
    TakenBack,
    Unanswered,
    Withdrawn,
)
from server.domain.machine.messages import ENDED, MESSAGE_MOVES, MOVES, Move, after, allowed
from server.domain.machine.readings import ANSWERS, REMARKS, agrees, folded
from server.domain.machine.replies import REPLY_MOVES, may_become, state_of
from server.domain.machine.steps import LOST, OPEN, WITHDRAWABLE

__all__ = [
    "ANSWERS",
    "CAMPAIGN_MOVES",
    "CELL_MOVES",
    "ENDED",
    "LOST",
    "MESSAGE_MOVES",
    "MOVES",
    "OPEN",
    "REMARKS",
    "REPLY_MOVES",
    "WITHDRAWABLE",
    "Accepted",
    "Answered",
    "Approved",
    "Blocked",
    "Cancelled",
    "Checked",
    "Claimed",
    "ConfirmedSent",
    "Deferred",
    "Delivery",
    "Doubted",
    "Drafted",
    "Edited",
    "Followed",
    "Lapsed",
    "LostAnswer",
    "MessageEvent",
    "Move",
    "Noted",
    "Postponed",
    "Redrafting",
    "Refused",
    "Released",
    "Rerouted",
    "Restored",
    "Retried",
    "Settled",
    "Skipped",
    "SourceChanged",
    "TakenBack",
    "Unanswered",
    "Withdrawn",
    "after",
    "agrees",
    "allowed",
    "folded",
    "may_become",
    "state_of",
]
