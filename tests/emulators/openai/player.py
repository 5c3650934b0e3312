"""What the emulated model says to somebody who plays with it (`make run MODEL=emulated`): rules again, but more of them
than tests want. It knows English best, and nothing of the product's own rules."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

from tests.emulators.openai import brain
from tests.emulators.openai.wire import Question, Said

_ADDRESSES = frozenset({"mail address", "phone number"})
_PEOPLE = re.compile(
    r"name|contestant|guest|person|patient|parent|student|volunteer|contact|member|player", re.IGNORECASE
)
_TONES = re.compile(r"\b(formal|informal|friendly|casual|short|polite|warm|cheerful)(?:ly)?\b", re.IGNORECASE)
_REMIND = re.compile(
    r"\bremind\b.{0,30}\bafter (\d{1,3}) days?\b|\bafter (\d{1,3}) days?\b.{0,30}\bremind", re.IGNORECASE
)
_WANTS = re.compile(
    r"\b(?:mention|include|with|tell them)\s+(?:their|his|her)\s+([a-z][\w-]*(?:\s[a-z][\w-]*)?)", re.IGNORECASE
)
_ASKS = re.compile(r"\b(?:ask(?:ing)?|confirm|find out|let (?:us|me) know|reply)\b", re.IGNORECASE)
_CHOICE = re.compile(r"[:(]\s*([\w -]{1,20}(?:, [\w -]{1,20})*,? or [\w -]{1,20}?)\s*[).?!]?\s*$", re.IGNORECASE)
_OPTOUT = re.compile(
    r"\b(?:stop|unsubscribe|remove me|take me off|no more (?:mails?|messages?)|don't (?:write|text|mail))\b"
)
_WRONG = re.compile(r"\b(?:wrong (?:person|number)|not (?:me|the right person)|don't know who|no longer lives?)\b")
_AWAY = re.compile(r"\b(?:out of (?:the )?office|on (?:annual )?leave|automatic reply|autoreply|nicht im büro)\b")
_DOUBT = re.compile(
    r"\b(?:maybe|perhaps|probably|i think|i guess|not sure|might|should be|depends|vielleicht|peut-être|quizás?|talvez|"
    r"forse|misschien)\b"
)
_IF = re.compile(r"\b(?:(?:but )?only (?:if|after|before|until)|if|as long as|provided|unless|wenn|falls|als|mits)\b.*")
_OTHER = re.compile(r"\b(?:instead|another (?:day|time)|later|earlier|reschedule|postpone|move it|swap)\b")
_YES = re.compile(
    r"(?:\b(?:yes|yep|yeah|yup|sure|ok(?:ay)?|confirm(?:ed)?|of course|i'll be there|count me in|works|fine|gladly|ja|"
    r"oui|sí|sì|sim|klar|claro|passt)\b|👍|✅)"
)
_NO = re.compile(
    r"(?:\b(?:no|nope|can't|cannot|can not|won't|unable|unfortunately|nein|leider|non|nee|não|purtroppo)\b|👎)"
)
_NUMBERS = {word: index for index, word in enumerate("zero one two three four five six seven eight nine ten".split())}  # noqa: SIM905
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905
_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905


def plays(asked: Question) -> Said:
    """A plan, a text, a question back or a reading, as `brain.sensible` gives them, and better ones of most."""
    makers = {"plan": _plan, "draft": _draft, "template": _template, "read": _read}
    return makers.get(asked.name, brain.sensible)(asked)


def _plan(asked: Question) -> Said:
    told = str(asked.block("campaign").get("instruction", ""))
    columns = asked.block("data").get("columns", [])
    titles = [one["title"] for one in columns if one["kind"] not in _ADDRESSES]
    name = next((title for title in titles if _PEOPLE.search(title)), "")
    read = [title for title in titles if title != name and _named(title, told)]
    wanted = [match.group(1) for match in _WANTS.finditer(told)]
    missing = [words for words in wanted if not any(_named(title, words) for title in titles)]
    answers, question = _asked(told)
    days = _REMIND.search(told)
    tone = _TONES.search(told)
    return Said(
        {
            "read_columns": [*([name] if name else []), *read],
            "name_column": name,
            "address_column": next((one["title"] for one in columns if one["kind"] in _ADDRESSES), ""),
            "question": question,
            "answers": answers,
            "language": str(asked.block("campaign").get("language_fixed") or "en"),
            "tone": tone.group(1).lower() if tone else "",
            "subject": f"Your {read[0].lower()}" if read else "",
            "counts": "A plain answer to the question counts; a condition or another question does not."
            if answers
            else "",
            "remind_after": int(next(filter(None, days.groups()))) if days else 0,
            "missing": missing,
        }
    )


def _named(title: str, told: str) -> bool:
    return re.search(rf"\b{re.escape(title.casefold())}s?\b", told.casefold()) is not None


def _asked(told: str) -> tuple[list[dict[str, Any]], str]:
    """The answer columns and the question."""
    asks = _ASKS.search(told)
    if asks is None:
        return [], ""
    rest = told[asks.start() :].casefold()
    if listed := _CHOICE.search(told[asks.start() :]):
        values = [part.strip() for part in re.split(r",\s*(?:or\s)?|\sor\s", listed.group(1)) if part.strip()]
        return [_column("Choice", "choice", values)], f"Which would you like: {listed.group(1).strip()}?"
    if "how many" in rest:
        return [_column("Number", "number")], "How many will it be?"
    if re.search(r"\b(?:which|what) (?:day|date)\b", rest):
        return [_column("Day", "date")], "Which day suits you?"
    if re.search(r"\b(?:at )?what time\b", rest):
        return [_column("Time", "time")], "At what time?"
    if "availab" in rest:
        return [_column("Availability", "choice", ["Yes", "No"])], "Could you please confirm your availability?"
    if re.search(r"\b(?:come|coming|attend|take part|be there|join)\b", rest):
        return [_column("Coming", "choice", ["Yes", "No"])], "Will you be there?"
    return [_column("Confirmed", "choice", ["Yes", "No"])], "Could you please confirm?"


def _column(title: str, kind: str, allowed: Sequence[str] = ()) -> dict[str, Any]:
    return {"column": title, "kind": kind, "allowed": list(allowed)}


def _draft(asked: Question) -> Said:
    campaign, row = asked.block("campaign"), asked.block("data").get("row", {})
    name = campaign.get("name_column", "")
    cells = {title: shown for title, shown in row.items() if title != name}
    missing = [title for title, shown in cells.items() if not shown.strip()]
    told = {title: shown for title, shown in cells.items() if shown.strip()}
    return Said({"missing": missing, **_text(campaign, row.get(name, "").strip(), told)})


def _template(asked: Question) -> Said:
    campaign, data = asked.block("campaign"), asked.block("data")
    name = campaign.get("name_column", "")
    told = {title: f"{{{{{title}}}}}" for title in data.get("columns", []) if title != name}
    greeted = f"{{{{{name}|there}}}}" if name in data.get("empty", []) else f"{{{{{name}}}}}"
    return Said({"missing": [], **_text(campaign, greeted if name else "", told)})


def _text(campaign: dict[str, Any], name: str, told: dict[str, str]) -> dict[str, str]:
    facts = [f"your {_lowered(title)} is {shown}" for title, shown in told.items()]
    said = f"{', and '.join([', '.join(facts[:-1]), facts[-1]] if len(facts) > 1 else facts)}." if facts else ""
    values = [value for one in campaign.get("answers", []) for value in one["allowed"]][:9]
    how = f"Please reply with {', '.join(values[:-1])} or {values[-1]}." if len(values) > 1 else ""
    question = " ".join(part for part in (campaign.get("question", ""), how) if part)
    parts = [f"Hello {name}," if name else "Hello,", said, question, "Thank you!"]
    between = " " if campaign.get("channel") in {"sms", "voice", "whatsapp"} else "\n\n"
    subject = (f"Your {_lowered(next(iter(told)))}" if told else "A question") if campaign.get("subject_wanted") else ""
    return {"subject": subject, "text": between.join(part for part in parts if part)}


def _lowered(title: str) -> str:
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _read(asked: Question) -> Said:
    data, columns = asked.block("data"), asked.block("campaign").get("answers", [])
    reply = str(data.get("reply", "")).replace("’", "'")
    told, words = reply.casefold(), next((line.strip() for line in reply.splitlines() if line.strip()), "")[:200]
    outcome = _outcome(told)
    answers = {one["field"]: _value(one, told, outcome, str(data.get("today", ""))) for one in columns}
    if outcome == "unclear" and any(answers.values()) and not _DOUBT.search(told):
        outcome = "answered"
    condition = _IF.search(reply.casefold()) if outcome in {"confirmed", "declined"} else None
    asks = next((part.strip() for part in re.findall(r"[^.!?\n]*\?", reply)), "")
    certainty = 0.5 if outcome == "unclear" else 0.75 if condition or len(told) > 200 else 0.97
    made = brain.reading(
        outcome,
        answers if outcome in {"confirmed", "declined", "answered"} else dict.fromkeys(answers),
        words,
        reason=f"It reads as {outcome.replace('_', ' ')}.",
        condition=reply[condition.start() : condition.end()].strip() if condition else "",
        asks=asks,
        certainty=certainty,
    )
    return Said(made, certain=certainty)


def _outcome(told: str) -> str:
    firsts = (
        (_OPTOUT, "opt_out"),
        (_WRONG, "wrong_person"),
        (_AWAY, "automatic"),
        (_OTHER, "reschedule"),
        (_DOUBT, "unclear"),
    )
    for pattern, outcome in firsts:
        if pattern.search(told):
            return outcome
    yes, no = bool(_YES.search(told)), bool(_NO.search(re.sub(r"\bno (?:problem|worries)\b", "yes", told)))
    if yes != no:
        return "confirmed" if yes else "declined"
    return "question" if "?" in told and not yes else "unclear"


def _value(column: dict[str, Any], told: str, outcome: str, today: str) -> str | None:
    for value in column["allowed"]:
        if re.search(rf"(?<!\w){re.escape(str(value).casefold())}(?!\w)", told):
            return str(value)
    meant = {"confirmed": brain.YES, "declined": brain.NO}.get(outcome, frozenset())
    if column["allowed"]:
        return next((str(value) for value in column["allowed"] if str(value).casefold() in meant), None)
    if column["kind"] == "number":
        found = re.search(rf"\b(?:\d+|{'|'.join(_NUMBERS)})\b", told)
        return (str(_NUMBERS.get(found.group(0), found.group(0)))) if found else None
    if column["kind"] == "time":
        found = re.search(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)\b", told)
        return f"{int(found.group(1)):02}:{found.group(2)}" if found else None
    if column["kind"] == "date":
        return _day(told, today)
    return told.strip() if column["kind"] == "text" and 0 < len(told.strip()) <= 200 else None


def _day(told: str, today: str) -> str | None:
    """A day by its name or its date, the next one from today."""
    try:
        now = datetime.date.fromisoformat(today)
        if found := re.search(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({'|'.join(_MONTHS)})\b", told):
            day = datetime.date(now.year, _MONTHS.index(found.group(2)) + 1, int(found.group(1)))
            return (day if day >= now else day.replace(year=now.year + 1)).isoformat()
    except ValueError:
        return None
    if re.search(r"\btomorrow\b", told):
        return (now + datetime.timedelta(days=1)).isoformat()
    named = next((index for index, name in enumerate(_DAYS) if re.search(rf"\b{name}\b", told)), None)
    if named is None:
        return None
    return (now + datetime.timedelta(days=(named - now.weekday() - 1) % 7 + 1)).isoformat()
