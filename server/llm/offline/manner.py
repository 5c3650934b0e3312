"""What the offline drafter can do about a remark: fewer sentences, another language for its own ones, another greeting.
What it can't do it says beforehand."""

from __future__ import annotations

import re
from dataclasses import replace

from server.domain.plan import Plan
from server.domain.remark import Wish
from server.llm.offline.phrases import PHRASES, Phrases

NONE = Wish("")
"""Nothing is wanted otherwise."""

OWN_WORDS = (
    "These texts are your own words, which the offline model can't rewrite. "
    "Edit them, or have a language model set up (OPENAI_API_KEY)."
)
_LANGUAGES = "English, German, French, Spanish, Portuguese, Italian and Dutch"
_CAN = (
    f"It can make texts shorter, write them in {_LANGUAGES}, and greet more formally or more warmly in English. "
    "Edit the drafts for anything else, or have a language model set up (OPENAI_API_KEY)."
)


def in_language(plan: Plan, wish: Wish) -> Plan:
    """The plan in the language that is wanted, its question in that language's own words."""
    if not wish.language or wish.language not in PHRASES:
        return plan
    question = PHRASES[wish.language].confirm_this if plan.question and _plain(plan.question) else plan.question
    return replace(plan, language=wish.language, question=question)


def in_manner(phrases: Phrases, language: str, wish: Wish) -> Phrases:
    """The phrases with the greeting that is wanted, where the language has several of one politeness."""
    if language not in _GREETINGS or not wish.manner:
        return phrases
    hello, nobody = _GREETINGS[language][wish.manner]
    return replace(phrases, hello=hello, hello_nobody=nobody)


_GREETINGS = {"en": {"formal": ("Dear {},", "Dear Sir or Madam,"), "informal": ("Hi {},", "Hi there,")}}


def without_head(listed: str) -> str:
    """A list of values without the line over it."""
    head, _, rest = listed.partition("\n\n")
    return rest or head


def refusal(plan: Plan, wish: Wish, *, free: bool, shorter: bool) -> str:
    """Why the remark can't be met, and what to do instead; "". `free`: the instruction has sentences of its own to be
    said; `shorter`: leaving out what may go makes the text shorter."""
    if wish.unread:
        return f"The offline model does not understand “{wish.unread[:80]}”. {_CAN}"
    if wish.language and wish.language not in PHRASES:
        return f"The offline model writes {_LANGUAGES}, and no other language. {_CAN}"
    if wish.language and wish.language != plan.language and (free or (plan.question and not _plain(plan.question))):
        return (
            "Your own sentences and your question would stay in their language: the offline model can't translate. "
            "Write the instruction in that language, or have a language model set up (OPENAI_API_KEY)."
        )
    if wish.manner and (wish.language or plan.language) not in _GREETINGS:
        return f"In that language the offline model knows one manner only, a polite one. {_CAN}"
    if wish.shorter and not shorter:
        return "These texts are as short as the offline model can make them. Edit the drafts to say less."
    if not (wish.shorter or wish.manner or wish.language):
        return f"The offline model does not know what to change. {_CAN}"
    return ""


def _plain(question: str) -> bool:
    """Whether the question only asks to confirm, in the model's own words: each language has them."""
    return any(pattern.fullmatch(question.strip()) for pattern in _ASKS)


_ASKS = [
    re.compile(re.escape(asks).replace(re.escape("{}"), r".{1,80}"), re.IGNORECASE)
    for phrases in PHRASES.values()
    for asks in (phrases.confirm, phrases.confirm_this)
]
