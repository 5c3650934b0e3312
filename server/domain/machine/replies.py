"""The state machine of a reply: received, taken to a row or not, read, settled. Its state is not stored: it follows
from what the reply's record holds, so that the two can never say different things."""

from __future__ import annotations

from server.domain.reply import Reply
from server.domain.words import Actor, ReplyState

S = ReplyState
A = Actor

MOVERS: dict[tuple[ReplyState, ReplyState], tuple[Actor, ...]] = {
    (S.RECEIVED, S.MATCHED): (A.WORKER,),
    (S.RECEIVED, S.AMBIGUOUS): (A.WORKER,),
    (S.RECEIVED, S.UNMATCHED): (A.WORKER,),
    (S.RECEIVED, S.READ): (A.WORKER,),
    (S.RECEIVED, S.SETTLED): (A.ORGANISER,),
    (S.UNMATCHED, S.MATCHED): (A.ORGANISER,),
    (S.AMBIGUOUS, S.MATCHED): (A.ORGANISER,),
    (S.UNMATCHED, S.READ): (A.ORGANISER,),
    (S.AMBIGUOUS, S.READ): (A.ORGANISER,),
    (S.UNMATCHED, S.SETTLED): (A.ORGANISER,),
    (S.AMBIGUOUS, S.SETTLED): (A.ORGANISER,),
    (S.MATCHED, S.READ): (A.WORKER,),
    (S.MATCHED, S.SETTLED): (A.ORGANISER,),
    (S.READ, S.SETTLED): (A.ORGANISER,),
}
"""(from, to) -> who may cause it. Nothing leads back: a reading that comes late never replaces a person's word."""

REPLY_MOVES: dict[ReplyState, frozenset[ReplyState]] = {
    state: frozenset(to for start, to in MOVERS if start is state) for state in ReplyState
}
"""State -> states that may follow it."""


def state_of(reply: Reply) -> ReplyState:
    """Where a reply stands."""
    if reply.settled_by:
        return S.SETTLED
    if reply.message_id is None:
        return S.AMBIGUOUS if reply.candidates else S.UNMATCHED
    return S.MATCHED if reply.interpretation is None else S.READ


def may_become(old: Reply, new: Reply) -> bool:
    """Whether the reply may be replaced by the other: it stays where it is, or moves along the machine. Once it is
    taken to a row it stays there: of two people who take one to different rows the first does."""
    start, to = state_of(old), state_of(new)
    return old.message_id in {None, new.message_id} and (start is to or to in REPLY_MOVES[start])
