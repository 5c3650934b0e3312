"""How the provider misbehaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

MOODS: tuple[dict[str, Any], ...] = (
    {"final": "451 4.3.0 try later"},
    {"mail": "421 4.7.0 too many mails"},
    {"final": "554 5.7.1 refused"},
    {"mail": "450 4.2.0 busy"},
    {"greylist": True},
    {"per_connection": 2},
    {"banner": "421 4.3.2 not now"},
    {"drop": "banner"},
    {"drop": "body"},
    {"drop": "dot", "faults": 3},
    {"drop": "accepted", "faults": 3},
    {"drop": "mail"},
    {"hang": "rcpt"},
    {"hang": "dot", "faults": 2},
    {"hang": "accepted", "faults": 2},
    {"delay": 0.3},
    {"final_delay": 1.5},
)


def mood(rig: Driver) -> str:
    """The provider misbehaves for a while, and then hangs up on those it kept waiting."""
    script = rig.chance.choice(MOODS)
    seconds = rig.chance.uniform(0.4, 2.5)
    rig.world.company.behave(**{"final_delay": rig.pace, **script})
    rig.tally["faults"] += 1
    rig.later(seconds, rig.calm_provider, "provider behaves")
    return f"provider {script} for {seconds:.1f} s"
