"""Instructions that would fit a sheet, made from its own column titles. For people; no model is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

PLUMBING = re.compile(
    r"\b(e-?mail|mail|phone|mobile|tel|whats ?app|address|name|surname|id|no|nr|number|bib|key|status|subject"
    r"|message|reply|confidence|flag|note|notes|comment|comments|language|adresse|telefon|handy|vorname|nachname)\b",
    re.IGNORECASE,
)
"""Titles that say how to reach somebody, or that are ours: nothing to write a message about."""

WHEN = re.compile(r"\b(time|date|day|slot|start|appointment|deadline|due|zeit|datum|termin)\b", re.IGNORECASE)
WHERE = re.compile(r"\b(room|place|venue|stage|location|table|seat|studio|hall|raum|ort)\b", re.IGNORECASE)

AT_MOST = 3


def examples(titles: Sequence[str]) -> list[str]:
    """Up to three instructions, best first; always at least one."""
    topics = [title for title in titles if title and not PLUMBING.search(title)]
    when = next((title for title in topics if WHEN.search(title)), "")
    where = next((title for title in topics if WHERE.search(title)), "")
    other = next((title for title in topics if title not in {when, where}), "")
    made = []
    if when:
        made.append(f"Send each person their {_plain(when)} and ask them to confirm")
    if when and where:
        made.append(f"Tell everyone their {_plain(when)} and {_plain(where)}, and ask whether they can make it")
    elif where:
        made.append(f"Tell everyone their {_plain(where)} and ask whether that suits them")
    if other:
        made.append(f"Ask each person whether their {_plain(other)} is still right")
    return made[:AT_MOST] or ["Ask each person whether they can come, yes or no"]


def _plain(title: str) -> str:
    """A title inside a sentence; a short word in capitals is an abbreviation and stays."""
    return title if title.isupper() and len(title) <= 4 else title.lower()
