"""What a further step of a row is drafted from. Pure."""

from __future__ import annotations

from dataclasses import replace

from server.domain.message import Message
from server.domain.plan import Plan

REMIND = "Remind them, friendly: "
"""How an instruction for a reminder begins. The plan's question follows, or the instruction where it asks nothing."""


def as_step(plan: Plan, instruction: str, message: Message) -> tuple[Plan, str]:
    """Plan and instruction for the text of this message: the campaign's own for the first one of its row, a person's
    words where they gave some, else a reminder of what was asked."""
    if not message.step:
        return plan, instruction
    if message.template:
        return replace(plan, template=message.template, doubt=""), instruction
    if plan.question:
        return replace(plan, template="", doubt=""), f"{REMIND}{plan.question}"
    return plan, f"{REMIND}{instruction}" if instruction else ""
