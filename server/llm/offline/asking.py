"""What the words after "ask them" amount to: a question in the recipient's terms, and the column for its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.domain.plan import AnswerColumn
from server.domain.words import AnswerKind
from server.llm.offline.person import second_person
from server.llm.offline.phrases import PHRASES, language_of

_EN = PHRASES["en"]
YES_NO = (_EN.yes, _EN.no)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, the answer column it fills (None: it only requests an act), the words it is about.

    `about` are the words as the instruction has them, for finding columns; `shows` tells that the sheet may
    hold them and that the recipient must see them to answer ("confirm their start time").
    """

    question: str
    column: AnswerColumn | None
    about: str = ""
    shows: bool = False


_NAMED = (
    (re.compile(r"\bavailab"), "Availability"),
    (
        re.compile(r"\b(?:attend|com(?:e|ing)\b|join|take part|participat|make it|be there|be present|rsvp)"),
        "Attendance",
    ),
    (re.compile(r"\b(?:receiv|got\b)"), "Received"),
    (re.compile(r"\baccept"), "Accepted"),
    (re.compile(r"\b(?:works?|suits?|fits?|ok|okay|fine|good|convenient) (?:for |with )?(?:them|him|her)\b"), "Suits"),
)
_CUT = re.compile(
    r"\s(?:by|before|until|till|for|on|at|in|via|with|as soon|within|no later|so that|because|to|from|after|per)\b"
)
_DETERMINED = re.compile(r"(?:their|his|her|the|a|an|your|our|this|these|all|any|[A-Z0-9{])\b|\W")
_CHOOSE = re.compile(r"(?:to )?(?:please )?(choose|pick|select)\s+(?=between|from|one of|either)")
_TELL = re.compile(
    r"(?:to )?(?:please )?(?:choose|pick|select|indicate|state|specify|name|tell us|tell me|tell you|"
    r"let us know|let me know|let you know|send us|send me|send|give us|give me|provide|share|say|report|answer|"
    r"mention|inform us|(?:reply|respond|write back|answer|get back)(?: to (?:us|me))? with)\b(?: about| of)?\s*"
)
_CONFIRM = re.compile(r"(?:to )?(?:please )?(?:re-?)?confirm\b\s*|for (?:a |their )?confirmation\b\s*(?:of|that)?\s*")
_WHETHER = re.compile(r"(?:about )?(?:whether(?: or not)?|if)\s+")
_WH = re.compile(
    r"(?:about )?(how many|how much|how long|how old|how|what time|at what time|which|what|when|where|who|why)\b"
)
_ACT = re.compile(r"(?:to|not to)\s+(?:please )?")
_REPLY = re.compile(r"(?:to )?(?:reply|respond|answer|rsvp)\b")
_NOUN = re.compile(r"(?:for|about|on)\s+|(?=(?:their|his|her|the)\s)")


def ask(words: str) -> Ask | None:
    """Read what follows "ask each contestant ...". None when it is not understood."""
    words = words.strip(" ,:;.!?")
    for pattern, reader in (
        (_CONFIRM, _confirm),
        (_WHETHER, _whether),
        (_WH, _wh),
        (_CHOOSE, _choose),
        (_TELL, _tell),
        (_REPLY, _reply),
        (_ACT, _act),
        (_NOUN, _noun),
    ):
        match = pattern.match(words.lower())
        if match:
            rest = words if reader in {_wh, _choose} else words[match.end() :]
            return reader(rest.strip())
    return None


def _confirm(rest: str) -> Ask | None:
    lowered = rest.lower()
    if not rest or re.match(r"(?:it|this|by|before|until|via|with|as soon|within|today|please)\b", lowered):
        question = f"Could you please confirm {second_person(rest) or ''}".rstrip() + "?"
        return Ask(question, AnswerColumn(_EN.confirmed, allowed=YES_NO))
    if whether := re.match(r"(?:that|whether(?: or not)?|if)\s+", lowered):
        return _yes_no(rest[whether.end() :], "confirm " + rest[: whether.end()].strip().lower())
    if re.match(_WH, lowered):
        return _wh(rest, "confirm")
    said = second_person(rest if _DETERMINED.match(lowered) else f"their {rest}")
    if said is None:
        return None
    question = f"Could you please confirm {said}?"
    return Ask(question, AnswerColumn(_title(rest), allowed=YES_NO), about=_head(rest), shows=True)


def _whether(rest: str) -> Ask | None:
    return _yes_no(rest, "tell us whether")


def _yes_no(rest: str, lead: str) -> Ask | None:
    said = second_person(rest)
    if said is None:
        return None
    question = f"Could you please {lead} {said}?"
    options = _options(rest)
    if options and options[-1].casefold() != "not":
        return Ask(question, AnswerColumn(_choice_title(rest, options), allowed=options))
    bare = re.sub(
        r"\s+or not$",
        "",
        re.sub(
            r"^(?:they|he or she|he/she|he|she)\s+(?:are|is|will|would|can|could|have|has|do|does|want)?\b", "", rest
        ),
    ).strip()
    named = next((title for pattern, title in _NAMED if pattern.search(rest.lower())), "")
    short = _CUT.split(bare)[0].strip()
    title = named or (short[:1].upper() + short[1:] if 0 < len(short.split()) <= 3 else "Answer")
    held = _HELD.search(rest)
    return Ask(question, AnswerColumn(title, allowed=YES_NO), about=held.group(1) if held else "", shows=bool(held))


_HELD = re.compile(
    r"\b(?:their|the)\s+((?:\w[\w-]*\s+){1,4}?)(?:works?|suits?|fits?|is|are|was|still)\b", re.IGNORECASE
)
"""`whether their start time works for them`: the words of a column whose value must be seen."""


def _wh(rest: str, verb: str = "tell us") -> Ask | None:
    rest = re.sub(r"^about\s+", "", rest, flags=re.IGNORECASE)
    said = second_person(rest)
    match = _WH.match(rest.lower())
    if said is None or match is None:
        return None
    word, after = match.group(1), rest[match.end() :].strip()
    options = _options(after)
    kind, fixed = _WH_KINDS.get(word, (AnswerKind.TEXT, ""))
    noun = _wh_noun(after) if word in {"which", "what", "how many"} else ""
    if word in {"which", "what"}:
        kind = _kind_of(noun)
    column = AnswerColumn(noun or fixed or "Answer", kind)
    if options:
        column = AnswerColumn(noun or _choice_title(after, options), allowed=options)
    return Ask(f"Could you please {verb} {said}?", column, about=noun)


_WH_KINDS = {
    "how many": (AnswerKind.NUMBER, "Number"),
    "how old": (AnswerKind.NUMBER, "Age"),
    "what time": (AnswerKind.TIME, "Time"),
    "at what time": (AnswerKind.TIME, "Time"),
    "when": (AnswerKind.DATE, "Date"),
}
_WH_STOP = re.compile(
    r"\s(?:they|their|he|she|would|will|do|does|did|is|are|suits?|fits?|works?|can|could|should|of|to|has|have|it|"
    r"best)\b|[,:(?]"
    r"|\s[-–]\s"
)


def _wh_noun(after: str) -> str:
    """`T-shirt size they need` -> T-shirt size; "" when no short noun leads."""
    noun = _WH_STOP.split(f" {after}")[0].strip()
    noun = _CUT.split(f" {noun}")[0].strip()
    if re.match(r"(?:is|are|their|the|his|her)\s", after.lower()):
        return _title(re.sub(r"^(?:is|are)\s+", "", after, flags=re.IGNORECASE))
    return noun[:1].upper() + noun[1:] if 0 < len(noun.split()) <= 4 else ""


def _tell(rest: str) -> Ask | None:
    if not rest:
        return None
    lowered = rest.lower()
    if re.fullmatch(r"(?:a )?(?:simple )?[\"'“]?yes[\"'”]?(?:,| or|/) ?[\"'“]?no[\"'”]?", lowered):
        return Ask("Could you please confirm?", AnswerColumn(_EN.confirmed, allowed=YES_NO))
    for pattern, reader in ((_CONFIRM, _confirm), (_WHETHER, _whether), (_WH, _wh)):
        match = pattern.match(lowered)
        if match:
            return reader(rest if reader is _wh else rest[match.end() :])
    return _noun(rest)


def _choose(rest: str) -> Ask | None:
    said, options = second_person(re.sub(r"^(?:to )?(?:please )?", "", rest)), _options(rest)
    if said is None or not options:
        return None
    return Ask(f"Could you please {said}?", AnswerColumn(_choice_title(rest, options), allowed=options))


def _reply(rest: str) -> Ask | None:
    said = second_person(rest)
    if re.match(r"(?:with )?[\"'“]?yes\b", rest.lower()):
        return Ask("Could you please confirm?", AnswerColumn(_EN.confirmed, allowed=YES_NO))
    return None if said is None else Ask(f"Please reply{' ' + said if said else ''}.", None)


def _act(rest: str) -> Ask | None:
    said = second_person(rest)
    return None if said is None or not said else Ask(f"Please {said}.", None)


def _noun(rest: str) -> Ask | None:
    said = second_person(rest)
    if said is None or not content_words(rest):
        return None
    options = _options(rest)
    title = _title(_LEAD_IN.split(rest)[0] if options else rest)
    column = AnswerColumn(title, allowed=options) if options else AnswerColumn(title, _kind_of(title))
    return Ask(f"Could you please tell us {said}?", column, about=_head(rest))


_LEAD_IN = re.compile(r"\s*[(:,]|\s[-–]\s")


def content_words(text: str) -> list[str]:
    """Words with letters or digits."""
    return re.findall(r"\w+", text)


def _kind_of(noun: str) -> AnswerKind:
    """The type that a noun asks for: `number of guests`, `date of birth`, `arrival time`."""
    words = re.findall(r"[a-z]+", noun.lower())
    if not words:
        return AnswerKind.TEXT
    if words[0] in {"number", "count", "amount", "quantity"} or words[-1] in {"age", "count", "quantity"}:
        return AnswerKind.TEXT if words[0] == "number" and "of" not in words else AnswerKind.NUMBER
    if words[-1] == "time":
        return AnswerKind.TIME
    return AnswerKind.DATE if words[-1] in {"date", "birthday"} or words[0] == "date" else AnswerKind.TEXT


def _head(words: str) -> str:
    return _CUT.split(words)[0].strip()


def _title(words: str) -> str:
    """A column title from a noun phrase: `their availability by Friday` -> Availability."""
    noun = re.sub(r"^(?:a|an|the|their|his or her|his|her|its|this|your)\s+", "", words.strip(), flags=re.IGNORECASE)
    if not noun.lower().startswith("number of"):
        noun = _CUT.split(f"{noun} ")[0]
    noun = _LEAD_IN.split(noun)[0].strip(" .,;:!?\"'“”")
    return (noun[:1].upper() + noun[1:])[:60] or "Answer"


def _choice_title(words: str, options: tuple[str, ...]) -> str:
    named = next((title for pattern, title in _NAMED if pattern.search(words.lower())), "")
    days = all(option.casefold().rstrip("s").endswith("day") for option in options)
    return "Day" if days else named if named and "prefer" not in words.lower() else "Choice"


def _options(words: str) -> tuple[str, ...]:
    """The values of `S, M or L`, `(tea or coffee)`, `between Saturday and Sunday`; () when none are listed."""
    listed = re.search(r"(?:between|either)\s+(.{1,80})$", words.rstrip(" ).?!"), re.IGNORECASE)
    text = listed.group(1).replace(" and ", " or ") if listed else words
    head, found, tail = text.rstrip(" ).?!").rpartition(" or ")
    last = tail.strip(" ,)\"'“”")
    if not found or not 0 < len(last.split()) <= 3 or re.match(r"(?:they|to|if|whether)\b", last.lower()):
        return ()
    opened = re.split(r"[(:]|\s[-–]\s", head)
    pieces = [piece.strip(" \"'“”") for piece in opened[-1].rstrip(" ,").split(",")]
    delimited = len(opened) > 1 or listed is not None
    values = pieces if delimited else [piece for piece in pieces[1:] if len(piece.split()) <= 3]
    if not delimited:
        first = pieces[0].split()
        if len(pieces) == 1 or len(values) == 0 or not _LEAD_IN.search(head):
            values = first[-1:]
        elif len(last.split()) == 1 and len(first) <= 2:
            values = [pieces[0], *values]
    values = [value for value in [*values, last] if value]
    good = len(values) >= 2 and all(len(value.split()) <= 4 for value in values)
    return tuple(dict.fromkeys(value[:1].upper() + value[1:] for value in values)) if good else ()


_ASKS_YES_NO = re.compile(
    r"(?:so |and |please )?(?:can|could|will|would|are|is|do|does|did|have|has|may|shall) "
    r"(?:you|this|that|it|the|your|everyone)\b"
    r"|(?:kannst|können|könnten|passt|kommst|kommen|pouvez|peux|êtes|puede|puedes|podría|podrías)\b",
    re.IGNORECASE,
)
_PLEASE_CONFIRM = re.compile(
    r"(?:please |kindly )confirm\b|reply (?:with )?[\"'“]?yes\b|\bbestätigen sie\b|merci de confirmer|confirme\b",
    re.IGNORECASE,
)


def template_ask(template: str) -> tuple[str, AnswerColumn | None]:
    """The question in a template, in its own words, and the column for its answer.

    Only yes/no questions get a column by themselves; ("", None) when nothing is asked.
    """
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", template) if part.strip()]
    asked = [part for part in sentences if part.endswith("?") or _PLEASE_CONFIRM.search(part)]
    if not asked:
        return "", None
    question = " ".join(asked)[:1000]
    direct = next((part for part in asked if _PLEASE_CONFIRM.search(part) or _ASKS_YES_NO.match(part.lstrip("¿"))), "")
    if not direct:
        return question, AnswerColumn("Answer", AnswerKind.TEXT)
    phrases = PHRASES[language_of(template)]
    title = next((title for pattern, title in _NAMED if pattern.search(question.lower())), phrases.confirmed)
    return question, AnswerColumn(title, allowed=(phrases.yes, phrases.no))
