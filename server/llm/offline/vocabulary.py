"""What words do in a reply: `vocabulary.txt`, for people to read and extend, as a look-up table.

Marks are letters, so that a clause is a string:

    Y yes            N no              G suits, works    g nice, noted (weak)   A can, will      C come, confirm
    Z can't, won't   X not             B can't at all    b busy, ill (weak)     + see you there  S sorry
    H hedge          I condition       K but, only       L later, other time    Q asks           O somebody else
    c come (a bare verb, needs I or can)                 t on time (doubtful beside a no)
    F courtesy       0 says nothing    P I, we           U unknown (no entry)   T a time or number of their own
"""

from __future__ import annotations

import re
from pathlib import Path

_SECTION = re.compile(r"\[(\S{1,3})\].*")


def load(text: str) -> dict[tuple[str, ...], str]:
    """Phrases (as tuples of canonical words) to marks. Of two sections with one phrase the first one counts."""
    found: dict[tuple[str, ...], str] = {}
    mark = ""
    for line in text.splitlines():
        section = _SECTION.fullmatch(line)
        if section:
            mark = section.group(1)
        elif line and not line.startswith("#"):
            for phrase in line.split("|"):
                found.setdefault(tuple(phrase.casefold().split()), mark)
    return found


PHRASES = load((Path(__file__).parent / "vocabulary.txt").read_text(encoding="utf-8"))
LONGEST = max(map(len, PHRASES))

WHOLE = {
    **dict.fromkeys(("y", "n", "ne", "da", "so"), "0"),
    **dict.fromkeys(("k", "nu", "ei", "nie", "ni", "deal", "set"), "U"),
    "si": "I",
}
"""Words that say yes or no in one language and something else in another: they count only as a whole clause."""

_IN_OUT = {(*who.split(), way) for who in ("i'm", "im", "i am", "we're") for way in ("in", "out")}
IDIOMS = frozenset({("will", "do"), ("can", "do"), ("why", "not"), ("let's", "go"), ("go", "ahead"), *_IN_OUT})
"""Phrases that say yes only when nothing but courtesy stands beside them: "will do", not "will do my taxes"."""
