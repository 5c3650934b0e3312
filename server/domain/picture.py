"""The state machines as a document: `python -m server.domain.picture > docs/states.md`. Nothing in it is typed by hand.

Arrows of a message are found by letting every event happen to a message in every state, so the picture can't differ
from what the machine does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from server.domain import machine
from server.domain.audit import what_of
from server.domain.machine import MOVES, MessageEvent, after
from server.domain.machine.campaigns import MOVERS as CAMPAIGN
from server.domain.machine.cells import MOVERS as CELL
from server.domain.machine.replies import MOVERS as REPLY
from server.domain.message import Approval, Former, Message
from server.domain.reply import Interpretation
from server.domain.words import Actor, DeliveryStatus, Flag, MessageState, Outcome

Arrow = tuple[str, str, str, str]
"""From, to, what happens, who may cause it."""

_AT = datetime(2026, 1, 1, tzinfo=UTC)


def events() -> list[MessageEvent]:
    """One of each event, and a delivery report of each status."""
    yes = Approval("", _AT, "")
    return [
        machine.Drafted("new"),
        machine.Edited("new", ""),
        machine.Approved(yes, "new", "", "", "", ""),
        machine.Lapsed(),
        machine.Redrafting(),
        machine.Reverted(),
        machine.Claimed("", _AT),
        machine.Accepted("", "", _AT),
        machine.Deferred(_AT, ""),
        machine.Postponed(_AT, ""),
        machine.Scheduled(_AT),
        machine.SetAside(),
        machine.Released(),
        machine.Refused(""),
        machine.Rerouted("", ""),
        machine.TakenBack("new"),
        machine.LostAnswer(""),
        machine.SourceChanged(""),
        machine.Blocked(""),
        machine.Skipped("new"),
        machine.Cancelled(),
        machine.Retried(),
        machine.ConfirmedSent("", _AT),
        machine.Doubted("new"),
        *(machine.Delivery(status) for status in DeliveryStatus if status),
        machine.Answered(Interpretation(Outcome.ANSWERED, reason="new"), "new"),
        machine.Settled("a person", Outcome.ANSWERED, {}),
        machine.Checked("a person", Outcome.ANSWERED, {}),
        machine.Unanswered("new"),
        machine.Followed("new"),
        machine.Withdrawn("new"),
        machine.Restored(),
    ]


def message_arrows() -> Iterator[Arrow]:
    """What every event does in every state, by trying it; notes, which move nothing, are left out."""
    for state in MessageState:
        for event in events():
            one = replace(Message("m", "c", "r"), state=state, claimed_at=_AT, step=1)
            one = replace(one, followed=isinstance(event, machine.Restored))
            if isinstance(event, machine.Reverted):
                one = replace(one, former=Former("old"))
            if isinstance(event, machine.Checked):
                one = replace(one, outcome=Outcome.ANSWERED, flag=Flag.SURE)
            found = after(one, event)
            if found is not None:
                yield state.value, found.state.value, what_of(event), _who(MOVES[type(event)].who)


def table_arrows(movers: Iterable[tuple[tuple[StrEnum, StrEnum], tuple[Actor, ...]]]) -> Iterator[Arrow]:
    """The arrows of a machine that is a table itself."""
    for (start, to), who in movers:
        yield start.value, to.value, "", _who(who)


def document() -> str:
    """The whole page, in Markdown with Mermaid diagrams."""
    parts = [
        "# States, and who may change them",
        "Made from the code by `python -m server.domain.picture`; a test holds the two together. Every change is one "
        "guarded UPDATE in the ledger, with an audit entry in the same transaction: who, what, when, why. What a "
        "person, a provider or a recipient says is carried out by a worker and is theirs. `clock` is the sweep.",
        *_section("Campaign", table_arrows(CAMPAIGN.items())),
        *_section("Message", message_arrows()),
        *_section("Reply", table_arrows(REPLY.items())),
        *_section("Cell write", table_arrows(CELL.items())),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, arrows: Iterable[Arrow]) -> list[str]:
    known = list(dict.fromkeys(arrows))
    return [f"## {title}", _diagram(known), _table(known)]


def _diagram(arrows: list[Arrow]) -> str:
    """Without the arrows that lead back to where they start: the table below has them."""
    labels: dict[tuple[str, str], list[str]] = {}
    for start, to, what, who in arrows:
        if start != to:
            labels.setdefault((start, to), []).append(what or who)
    lines = [f"    {start} --> {to}: {', '.join(dict.fromkeys(words))}" for (start, to), words in labels.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _table(arrows: list[Arrow]) -> str:
    """A line for each event and where it leads, with all the states it may happen in."""
    starts: dict[tuple[str, str, str], list[str]] = {}
    for start, to, what, who in arrows:
        starts.setdefault((what, to if to != start else "the same", who), []).append(start)
    with_event = any(what for _, _, what, _ in arrows)
    titles = ["event", "from", "to", "who"] if with_event else ["from", "to", "who"]
    lines = [titles, ["---"] * len(titles)]
    for (what, to, who), found in starts.items():
        lines.append([*([what] if with_event else []), ", ".join(dict.fromkeys(found)), to, who])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _who(who: Iterable[Actor]) -> str:
    return ", ".join(actor.value for actor in who)


if __name__ == "__main__":
    sys.stdout.write(document())
