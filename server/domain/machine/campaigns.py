"""The state machine of a campaign: which state may follow which, and who may cause it."""

from __future__ import annotations

from server.domain.words import Actor, CampaignState

S = CampaignState
A = Actor

MOVERS: dict[tuple[CampaignState, CampaignState], tuple[Actor, ...]] = {
    (S.PLANNED, S.DRAFTING): (A.ORGANISER,),
    (S.PLANNED, S.CANCELLED): (A.ORGANISER,),
    (S.DRAFTING, S.DRAFTED): (A.WORKER, A.CLOCK),
    (S.DRAFTING, S.CANCELLED): (A.ORGANISER,),
    (S.DRAFTED, S.DRAFTING): (A.ORGANISER,),
    (S.DRAFTED, S.SENDING): (A.ORGANISER,),
    (S.DRAFTED, S.CANCELLED): (A.ORGANISER,),
    (S.SENDING, S.PAUSED): (A.ORGANISER, A.PROVIDER),
    (S.SENDING, S.DRAFTED): (A.ORGANISER,),
    (S.SENDING, S.DONE): (A.WORKER, A.CLOCK),
    (S.SENDING, S.CANCELLED): (A.ORGANISER,),
    (S.PAUSED, S.SENDING): (A.ORGANISER,),
    (S.PAUSED, S.CANCELLED): (A.ORGANISER,),
    (S.DONE, S.SENDING): (A.ORGANISER,),
    (S.DONE, S.DRAFTING): (A.ORGANISER,),
}
"""(from, to) -> who may cause it; an organiser gives their name. DRAFTED again from SENDING is the undo window;
PAUSED by the provider is an account that it will not send for; SENDING again from DONE is a retry of what a person
approved."""

CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    state: frozenset(to for start, to in MOVERS if start is state) for state in CampaignState
}
"""State -> states that may follow it."""
