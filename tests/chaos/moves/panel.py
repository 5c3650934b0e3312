"""What a person presses in the panel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from server.domain.words import CampaignState, MessageState, Problem
from server.errors import CellbackError
from tests.chaos.show import Show

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

PORTION = 12
"""Rows approved in one go: so that sending goes on all the time."""


def approve(rig: Driver) -> str:
    """Say yes to some drafts, and start what is not started."""
    return approve_some(rig, rig.show())


def approve_some(rig: Driver, show: Show) -> str:
    """Say yes to a portion of the drafts of this workbook, and start what is not started."""
    campaign = show.now(rig.world)
    drafted = rig.world.ledger.messages.of_campaign(
        campaign.id, states=[MessageState.DRAFTED, MessageState.CHANGED], limit=400
    )
    ready = [one for one in drafted if one.problem is Problem.NONE]
    chosen = rig.chance.sample(ready, min(PORTION, len(ready)))
    if not chosen or campaign.state is CampaignState.CANCELLED:
        return ""
    show.say_yes(chosen)
    done = rig.world.api(f"campaigns/{campaign.id}/approve", {"keys": [one.row_key for one in chosen]})
    if campaign.state in {CampaignState.DRAFTED, CampaignState.DONE, CampaignState.DRAFTING}:
        rig.world.api(f"campaigns/{campaign.id}/send", wish(rig, [one.row_key for one in chosen]))
    return f"approve {len(chosen)} of {show.letter}{'' if done else ' (no answer)'}"


def wish(rig: Driver, keys: list[str]) -> dict[str, object]:
    """Who goes and when: mostly all and now, sometimes a part of what is approved, or in a moment."""
    found: dict[str, object] = {}
    if rig.chance.random() < 0.3:
        found["keys"] = rig.chance.sample(keys, (len(keys) + 1) // 2)
    if rig.chance.random() < 0.5:
        found["at"] = (datetime.now(UTC) + timedelta(seconds=rig.chance.uniform(0.5, 4))).isoformat()
    return found


def take_back(rig: Driver) -> str:
    """Take Send back, where that can still be, and send again in a moment, all or a part, at once by several people."""
    show = rig.show()
    campaign = show.campaign
    done = rig.world.api(f"campaigns/{campaign}/undo")
    approved = rig.world.ledger.messages.outlines(campaign, [MessageState.APPROVED])
    keys = [one.row_key for one in approved]
    for _ in range(2):
        press = partial(rig.world.api, f"campaigns/{campaign}/send", wish(rig, keys))
        rig.later(rig.chance.uniform(0.1, 0.3), press, f"send {show.letter}")
    return f"undo {show.letter}{'' if done else ' (no answer)'}"


def pause(rig: Driver) -> str:
    """Pause, and go on later."""
    show = rig.show()
    campaign = show.campaign
    rig.world.api(f"campaigns/{campaign}/pause")
    rig.later(rig.chance.uniform(0.3, 2), lambda: rig.world.api(f"campaigns/{campaign}/resume"), "resume")
    return f"pause {show.letter}"


def cancel(rig: Driver) -> str:
    """Cancel for good, and start another campaign on the same sheet."""
    show = rig.chance.choice(rig.shows)
    if rig.restart or len(show.campaigns) > 1 or not show.approved[show.campaign]:
        return ""
    rig.restart = show
    done = rig.world.api(f"campaigns/{show.campaign}/cancel")
    return f"cancel {show.letter}{'' if done else ' (no answer)'}"


def start_again(rig: Driver, show: Show) -> str:
    """The campaign after a cancelled one, as soon as its sheet can be had."""
    if show.now(rig.world).state is not CampaignState.CANCELLED:
        rig.world.api(f"campaigns/{show.campaign}/cancel")
        return ""
    if show.torn or show.path.with_name(f"~${show.path.name}").exists():
        return ""
    if rig.world.model is not None:
        rig.world.model.calm()  # a plan is waited for
    try:
        show.start(rig.world)
    except CellbackError as error:
        return f"no new campaign yet: {type(error).__name__}"
    rig.restart = None
    return f"new campaign on {show.letter}"
