"""Writing to a row again: reminders, pressed in the panel or typed into Status, and questions back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.domain.machine import has_answer
from server.domain.message import Message
from server.domain.words import CampaignState, ChannelName, Flag, MessageState, Outcome, Problem, Role, Status
from tests.chaos.moves.cells import type_cell
from tests.chaos.show import Show

if TYPE_CHECKING:
    from tests.chaos.driver import Driver

SOME = 8
"""Rows reminded in one go."""
WORDS = "Hello {{Name}}, number {{Bib}}: we have not heard from you yet. Do you start at {{Start time}}?"


def remind(rig: Driver) -> str:
    """Reminders for some rows without an answer, with words of one's own or without; a little later they are sent."""
    show = rig.show()
    silent = _silent(rig, show)
    chosen = rig.chance.sample(silent, min(SOME, len(silent)))
    if not chosen:
        return ""
    body = {"keys": [one.row_key for one in chosen], "text": rig.chance.choice((WORDS, None))}
    done = rig.world.api(f"campaigns/{show.campaign}/remind", body)
    rig.later(rig.chance.uniform(0.5, 3), lambda: _send(rig, show), f"send the reminders of {show.letter}")
    return f"remind {len(chosen)} of {show.letter}{'' if done else ' (no answer)'}"


def type_remind(rig: Driver) -> str:
    """“Remind” in the Status of a row without an answer, as the person sees it; a little later it is sent."""
    show = rig.show()
    silent = _silent(rig, show)
    if not silent:
        return ""
    bib = show.bib_of(rig.chance.choice(silent))
    went = {Status.SENT, Status.DELIVERED, Status.READ, Status.AWAY, Status.NO_ANSWER}
    told = type_cell(rig, show, bib, Role.STATUS, lambda seen: "Remind" if seen in went else "")
    if told:
        rig.later(rig.chance.uniform(1, 4), lambda: _send(rig, show), f"send the reminders of {show.letter}")
    return told


def ask_back(rig: Driver) -> str:
    """A question back to somebody whose answer waits for a person."""
    show = rig.chance.choice([show for show in rig.shows if show.channel is ChannelName.OUTBOX])
    sent = rig.world.ledger.messages.of_campaign(show.campaign, states=[MessageState.SENT])
    clear = {None, Outcome.AUTOMATIC, Outcome.OPT_OUT}
    waiting = [one for one in sent if one.flag is Flag.CHECK and not one.settled_by and one.outcome not in clear]
    if not waiting:
        return ""
    rig.count += 1
    one = rig.chance.choice(waiting)
    bib = show.bib_of(one)
    show.say_yes([one])
    body = {"text": f"Dear {bib}, is that a yes or a no? (question {rig.count})", "subject": "Your start"}
    done = rig.world.api(f"campaigns/{show.campaign}/reviews/{one.id}/ask", body)
    return f"ask {bib} back{'' if done else ' (no answer)'}"


def reply(rig: Driver) -> str:
    """A word to somebody whose answer stands; it asks something, so that theirs is read against it."""
    show = rig.chance.choice([show for show in rig.shows if show.channel is ChannelName.OUTBOX])
    sent = rig.world.ledger.messages.of_campaign(show.campaign, states=[MessageState.SENT])
    answered = [one for one in sent if has_answer(one)]
    if not answered:
        return ""
    rig.count += 1
    one = rig.chance.choice(answered)
    bib = show.bib_of(one)
    show.say_yes([one])
    body = {
        "message_id": one.id,
        "replied_at": one.replied_at.isoformat() if one.replied_at and rig.chance.random() < 0.7 else None,
        "text": f"Thank you, {bib}. Do you come by car? (word {rig.count})",
        "subject": "Your start",
    }
    at = f"campaigns/{show.campaign}/messages/{one.row_key}/reply"
    done = [rig.world.api(at, body) for _ in range(rig.chance.choice((1, 2)))]  # some press twice
    return f"reply to {bib}{'' if all(done) else ' (no answer)'}"


def _silent(rig: Driver, show: Show) -> list[Message]:
    """Who was written to, and has not answered as far as we know; those who are away among them."""
    sent = rig.world.ledger.messages.of_campaign(show.campaign, states=[MessageState.SENT])
    return [one for one in sent if one.outcome in {None, Outcome.AUTOMATIC} and not one.settled_by]


def _send(rig: Driver, show: Show) -> None:
    """Say yes to the reminders that are drafted, and send them."""
    campaign = show.now(rig.world)
    drafted = rig.world.ledger.messages.of_campaign(campaign.id, states=[MessageState.DRAFTED])
    ready = [one for one in drafted if one.step and one.problem is Problem.NONE]
    if not ready or campaign.state is CampaignState.CANCELLED:
        return
    show.say_yes(ready)
    rig.world.api(f"campaigns/{campaign.id}/approve", {"keys": [one.row_key for one in ready]})
    if campaign.state is not CampaignState.SENDING:
        rig.world.api(f"campaigns/{campaign.id}/send")
