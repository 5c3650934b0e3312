"""What the language model's server does, and what is done to those who wait for it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from server.domain.words import MessageState

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

MOODS: tuple[tuple[str, int], ...] = (
    *(("429", 6), ("500", 6), ("503", 12), ("drop", 6), ("hang", 3), ("slow", 20)),
    *(("invalid", 6), ("other-form", 6), ("truncated", 6), ("refusal", 3), ("filter", 3), ("empty", 6)),
    *(("html", 6), ("fenced", 6), ("no-usage", 6), ("quota", 2), ("key", 2), ("policy", 3)),
)
"""Fault -> how many answers in a row."""


def mood(rig: Driver) -> str:
    """The model's server fails, hangs or answers nonsense for a while."""
    model = rig.world.model
    assert model is not None
    kind, times = rig.chance.choice(MOODS)
    model.misbehave(kind, times)
    rig.tally["faults"] += 1
    rig.later(rig.chance.uniform(0.5, 4), model.calm, "the model behaves")
    return f"model: {kind}"


def kill_reader(rig: Driver) -> str:
    """SIGKILL for the worker that reads, with whatever it has at the model just then."""
    if not rig.world.signal("worker-fast", signal.SIGKILL):
        return ""
    rig.tally["crashes"] += 1
    return "SIGKILL worker-fast"


def redraft(rig: Driver) -> str:
    """New texts for some drafts of the model's."""
    show = rig.chance.choice([show for show in rig.shows if show.by_model])
    drafted = rig.world.ledger.messages.of_campaign(show.campaign, states=[MessageState.DRAFTED])
    chosen = rig.chance.sample(drafted, min(3, len(drafted)))
    if not chosen:
        return ""
    for one in chosen:
        show.give_up_text(show.bib_of(one))
    done = rig.world.api(f"campaigns/{show.campaign}/draft", {"keys": [one.row_key for one in chosen]})
    return f"redraft {len(chosen)} of {show.letter}{'' if done else ' (no answer)'}"
