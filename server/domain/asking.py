"""How a text asks for an answer by a digit, where nothing can be pressed; and words that carriers take for themselves.

“Reply 1 for Yes, 2 for No.” stands at the end of an SMS, and of a WhatsApp message without buttons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.domain.choices import offered
from server.domain.message import Choice, Limits
from server.domain.plan import Plan
from server.domain.words import ChannelName

_LINES = {
    "en": ("Reply {}.", "{} for {}"),
    "de": ("Antworten Sie mit {}.", "{} für {}"),
    "fr": ("Répondez {}.", "{} pour {}"),
    "es": ("Responda {}.", "{} para {}"),
    "pt": ("Responda {}.", "{} para {}"),
    "it": ("Risponda {}.", "{} per {}"),
    "nl": ("Antwoord {}.", "{} voor {}"),
}
"""The sentence, and each choice in it, by language; English for all others."""

_NEAR = r"(?:\W+\w+){0,3}?\W{1,6}"
"""What may stand between a digit and what it means: “1 for Yes”, “Yes: 1”, “1 = Yes, I come”."""

_ASKS = r"(?:reply|respond|answer|text|type|send|antworte\w*|répond\w*|respond[ae]\w*|rispond\w*|antwoord\w*)"
_TAKEN = "stop|stopall|unsubscribe|cancel|end|quit|revoke|optout"
"""By these a person gets no more messages (TD advanced-opt-out; facts, rule 15). YES and START only let them have
messages again, so who answers by one loses nothing."""

_WORD = re.compile(rf"\b{_ASKS}\b\W+(?:with\W+|back\W+|mit\W+)?(?:\"|“|‘|'|«)?\b({_TAKEN})\b(.{{0,30}})", re.IGNORECASE)
_OPTS_OUT = re.compile(r"(?i)stop|unsubscribe|opt|abmeld|abbestell|désabonn|désinscri|baja|uitschrij|help")


def digits(plan: Plan, channel: ChannelName, limits: Limits) -> tuple[Choice, ...]:
    """What a text on that channel has to offer by digits; () where it asks for no choice, or keys and buttons do."""
    found = offered(plan)
    typed = channel is ChannelName.SMS or (channel is ChannelName.WHATSAPP and not limits.buttons)
    return found[1] if found and typed else ()


def line(choices: Sequence[Choice], language: str) -> str:
    """The sentence that asks for a digit."""
    sentence, each = _LINES.get(language[:2].lower(), _LINES["en"])
    return sentence.format(", ".join(each.format(choice.code, " ".join(choice.title.split())) for choice in choices))


def names(text: str, choices: Sequence[Choice]) -> bool:
    """Whether a text says already what each digit means."""
    return bool(choices) and all(_said(choice, text) for choice in choices)


def with_digits(text: str, choices: Sequence[Choice], language: str) -> str:
    """The text, and at its end how to answer by a digit, unless it says so itself."""
    if not choices or not text.strip() or names(text, choices):
        return text
    return f"{text.rstrip()}\n{line(choices, language)}"


def taken_word(text: str) -> str:
    """The word by which a text asks for an answer that the carrier would take for itself (CANCEL, STOP), or "".

    “Reply STOP to opt out” is what the word is for, and is fine.
    """
    for match in _WORD.finditer(text):
        if not (match[1].casefold() in {"stop", "unsubscribe"} and _is_opt_out(match[2])):
            return match[1]
    return ""


def _is_opt_out(rest: str) -> bool:
    """Whether what follows STOP says that it ends the messages."""
    return not rest.strip(" .!\"”’'»") or bool(_OPTS_OUT.search(rest)) or "message" in rest.casefold()


def _said(choice: Choice, text: str) -> bool:
    title = re.escape(" ".join(choice.title.split()))
    digit = rf"(?<![\w.,:]){choice.code}(?![\w]|[.,:]\d)"
    spaced = " ".join(text.split())
    return bool(re.search(rf"(?i)(?:{digit}{_NEAR}{title}(?!\w)|(?<!\w){title}{_NEAR}{digit})", spaced))
