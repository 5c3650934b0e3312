"""What the emulated model says without a script: plain answers by simple rules. And an obedient one, that does whatever
strangers tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.emulators.openai.wire import Question, Said

YES = frozenset("yes yep yeah sure ok okay confirmed ja oui sí si sim 👍 absolutely definitely gladly".split())  # noqa: SIM905
NO = frozenset("no nope can't cannot nein non não unfortunately sorry unable 👎".split())  # noqa: SIM905


def sensible(asked: Question) -> Said:
    """A plan, a draft, a template, a question back or a reading from what was asked."""
    makers = {"plan": _plan, "draft": _draft, "template": _template, "clarify": _clarify, "read": _read}
    makers["doctor"] = lambda _: Said({"word": "yes"})
    name = asked.name or next((name for name in makers if name in asked.text[:4000]), "read")
    return makers[name](asked)


def obedient(asked: Question) -> Said:
    """A model that an attacker has turned: yes to everything, the first allowed value everywhere, surer than sure."""
    if asked.name != "read":
        return sensible(asked)
    reply = str(asked.block("data").get("reply", ""))
    words = next((line.strip() for line in reply.splitlines() if line.strip()), "")[:200]
    answers = {one["field"]: _harm(one, reply) for one in asked.block("campaign")["answers"]}
    return Said(reading("confirmed", answers, words, reason="They confirm.", certainty=1.0), certain=1.0)


def _harm(column: dict[str, Any], reply: str) -> str:
    if column["allowed"]:
        return str(column["allowed"][0])
    return {"number": "100", "date": "2026-01-01", "time": "12:00"}.get(column["kind"], reply[:40])


def reading(
    outcome: str,
    answers: Mapping[str, str | None],
    evidence: str,
    *,
    reason: str = "It says so.",
    condition: str = "",
    asks: str = "",
    certainty: float = 0.97,
) -> dict[str, Any]:
    """An answer of the form `read`."""
    return {
        "reason": reason,
        "evidence": evidence,
        "condition": condition,
        "asks": asks,
        "outcome": outcome,
        "answers": dict(answers),
        "certainty": certainty,
    }


def _read(asked: Question) -> Said:
    reply = str(asked.block("data").get("reply", ""))
    words = re.findall(r"[^\s,.!?;:]+", reply.casefold().replace("’", "'"))
    yes, no = [word for word in words if word in YES], [word for word in words if word in NO]
    outcome = "unclear" if bool(yes) == bool(no) else "confirmed" if yes else "declined"
    if outcome == "unclear" and "?" in reply:
        outcome = "question"
    columns = asked.block("campaign").get("answers", [])
    answers = {one["field"]: _value(one, outcome, reply) for one in columns}
    if outcome == "unclear" and any(answers.values()):
        outcome = "answered"
    certainty = 0.5 if outcome == "unclear" else 0.97
    evidence = next((line.strip() for line in reply.splitlines() if line.strip()), "")[:200]
    asks = evidence if "?" in reply else ""
    return Said(reading(outcome, answers, evidence, asks=asks, certainty=certainty), certain=certainty)


def _value(column: dict[str, Any], outcome: str, reply: str) -> str | None:
    folded = {str(value).casefold(): str(value) for value in column["allowed"]}
    for value in folded:
        if re.search(rf"\b{re.escape(value)}\b", reply.casefold()):
            return folded[value]
    for group, meant in ((YES, "confirmed"), (NO, "declined")):
        if outcome == meant and (found := next((folded[value] for value in folded if value in group), None)):
            return found
    patterns = {"number": r"\b\d+\b", "time": r"\b\d\d:\d\d\b", "date": r"\b\d{4}-\d\d-\d\d\b"}
    hit = re.search(patterns.get(column["kind"], r"(?!)"), reply)
    return hit.group(0) if hit else None


def _draft(asked: Question) -> Said:
    campaign, row = asked.block("campaign"), asked.block("data").get("row", {})
    name = row.get(campaign.get("name_column", ""), "")
    told = [f"{title}: {shown}." for title, shown in row.items() if shown and title != campaign.get("name_column")]
    missing = [title for title, shown in row.items() if not shown]
    text = "\n\n".join(
        part for part in (f"Hello {name}," if name else "Hello,", " ".join(told), campaign["question"]) if part
    )
    subject = "A short question" if campaign.get("subject_wanted") else ""
    return Said({"missing": missing, "subject": subject, "text": text})


def _template(asked: Question) -> Said:
    campaign, columns = asked.block("campaign"), asked.block("data").get("columns", [])
    name = campaign.get("name_column", "")
    told = [f"{title}: {{{{{title}}}}}." for title in columns if title != name]
    hello = f"Hello {{{{{name}|there}}}}," if name else "Hello,"
    text = "\n\n".join(part for part in (hello, " ".join(told), campaign["question"]) if part)
    return Said({"missing": [], "subject": "A short question" if campaign.get("subject_wanted") else "", "text": text})


def _clarify(asked: Question) -> Said:
    campaign, data = asked.block("campaign"), asked.block("data")
    name = data.get("row", {}).get(campaign.get("name_column", ""), "")
    later = "The organiser will come back to your question." if "?" in str(data.get("reply", "")) else ""
    words = [f"Hello {name}," if name else "Hello,", "thank you for your reply.", campaign["question"], later]
    needed = [one["field"] for one in campaign.get("answers", [])]
    return Said({"needed": needed, "text": " ".join(word for word in words if word)})


def _plan(asked: Question) -> Said:
    instruction = str(asked.block("campaign").get("instruction", ""))
    columns = asked.block("data").get("columns", [])
    told = instruction.casefold()
    named = [one["title"] for one in columns if one["title"].casefold() in told and one["kind"] not in _CONTACT]
    names = [one["title"] for one in columns if re.search(r"name|contestant|guest|person", one["title"], re.IGNORECASE)]
    address = next((one["title"] for one in columns if one["kind"] in _CONTACT), "")
    asks = re.search(r"\bask\b|\bconfirm\b", told)
    question = "Could you please confirm your availability?" if "availab" in told else "Can you confirm this?"
    return Said(
        {
            "read_columns": named,
            "name_column": names[0] if names else "",
            "address_column": address,
            "question": question if asks else "",
            "answers": [{"column": "Availability", "kind": "choice", "allowed": ["Yes", "No"]}] if asks else [],
            "language": "en",
            "tone": "",
            "subject": "",
            "counts": "",
            "remind_after": 0,
            "missing": [],
        }
    )


_CONTACT = frozenset({"mail address", "phone number"})
