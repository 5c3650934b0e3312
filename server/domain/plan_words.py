"""A plan in plain words, for people."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.plan import SHOWN, Plan

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
}


def words(plan: Plan) -> str:
    """What a plan does, in a few short sentences: to whom, from what, how it sounds, what answers do, when it ends."""
    found = [plan.note, _writes(plan), _sounds(plan), _left_out(plan), _answers(plan)]
    if plan.counts:
        found.append(plan.counts if plan.counts.endswith((".", "!", "?")) else f"{plan.counts}.")
    if plan.remind_after:
        many = "a day" if plan.remind_after == 1 else f"{plan.remind_after} days"
        found.append(f"After {many} without an answer the row says No answer, and you can remind them.")
    if plan.version > 1:
        found.append(f"Version {plan.version} of the plan.")
    return " ".join(sentence for sentence in found if sentence)


def _writes(plan: Plan) -> str:
    used = [name for name in plan.read_columns if name not in plan.address_columns]
    ways = [f"to “{way.address_column}” by {SHOWN[way.channel]}" for way in plan.ways]
    text = f"Writes {', else '.join(ways)}"
    text += f", as “{plan.channel_column}” says" if plan.channel_column else ""
    text += f", using {listed(used)}" if used else ""
    return f"{text}; one text for all rows." if plan.template else f"{text}."


def _sounds(plan: Plan) -> str:
    """Language and tone, where they are not what anybody would expect."""
    other = LANGUAGES.get(plan.language, f"the language “{plan.language}”") if plan.language != "en" else ""
    parts = [f"in {other}" if other else "", f"{plan.tone} in tone" if plan.tone else ""]
    said = ", ".join(part for part in parts if part)
    return f"The text is {said}." if said else ""


def _left_out(plan: Plan) -> str:
    chosen = [f"takes “{one.words}” from “{one.column}”" for one in plan.settled if one.column]
    left = [f"“{one}”" for one in plan.left_out]
    parts = [*chosen, *([f"leaves out {listed(left)}"] if left else [])]
    return f"It {listed(parts)}." if parts else ""


def _answers(plan: Plan) -> str:
    answers = [
        f"{column.name} ({' / '.join(column.allowed)})" if column.allowed else f"{column.name} ({column.kind.value})"
        for column in plan.answer_columns
    ]
    return f"Answers go to {listed(answers)}." if answers else "No answer is asked for."


def listed(names: Sequence[str]) -> str:
    """`one, two and three`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
