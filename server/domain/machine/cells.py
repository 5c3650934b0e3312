"""The state machine of a cell write: wanted, written, or kept out by a person's value or a missing row."""

from __future__ import annotations

from server.domain.words import Actor, CellWriteState

S = CellWriteState
A = Actor

MOVERS: dict[tuple[CellWriteState, CellWriteState], tuple[Actor, ...]] = {
    (S.PENDING, S.WRITTEN): (A.WORKER, A.ORGANISER),
    (S.PENDING, S.CONFLICT): (A.WORKER,),
    (S.PENDING, S.GONE): (A.WORKER,),
    (S.WRITTEN, S.PENDING): (A.WORKER,),
    (S.CONFLICT, S.PENDING): (A.WORKER, A.ORGANISER),
    (S.CONFLICT, S.WRITTEN): (A.ORGANISER,),
    (S.GONE, S.PENDING): (A.WORKER,),
    (S.GONE, S.WRITTEN): (A.ORGANISER,),
}
"""(from, to) -> who may cause it, the usual one first. WRITTEN by the organiser: they typed into the cell and their
value was taken over. GONE goes back to PENDING when the row comes back, as after an undone deletion. Only what waits
to be written is kept out or found gone: a worker that lost its lease must not unsay what another has written since."""

CELL_MOVES: dict[CellWriteState, frozenset[CellWriteState]] = {
    state: frozenset(to for start, to in MOVERS if start is state) for state in CellWriteState
}
"""State -> states that may follow it."""

TOLD = frozenset({S.CONFLICT, S.GONE})
"""Only these are worth an audit entry: the rest is a write for every row and every word of its status."""
