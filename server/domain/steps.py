"""What a further step of a row is drafted from. Pure."""

from __future__ import annotations

from dataclasses import replace

from server.domain import remark
from server.domain.message import Message
from server.domain.plan import Plan

REMIND = "Remind them, friendly: "
"""How an instruction for a reminder begins. The plan's question follows, or the instruction where it asks nothing."""


def as_step(plan: Plan, instruction: str, message: Message) -> tuple[Plan, str]:
    """Plan and instruction for the text of this message: the campaign's own for the first one of its row, a person's
    words where they gave some, else a reminder of what was asked. With a remark the row gets a text of its own, in the
    language that the remark names."""
    plan, instruction = _of_step(plan, instruction, message)
    if not message.remark:
        return plan, instruction
    told = instruction or plan.template
    subject = plan.subject if plan.own_subject is None else plan.own_subject
    language = remark.read(message.remark).language or plan.language
    return replace(plan, template="", subject=subject, own_subject=None, doubt="", language=language), told


def _of_step(plan: Plan, instruction: str, message: Message) -> tuple[Plan, str]:
    if not message.step:
        return plan, instruction
    if message.template:
        return replace(plan, template=message.template, doubt=""), instruction
    if plan.question:
        return replace(plan, template="", doubt=""), f"{REMIND}{plan.question}"
    return plan, f"{REMIND}{instruction}" if instruction else ""
