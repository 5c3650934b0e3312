"""Finding the words that a model quotes in the text that it was shown: what is kept is the text's own wording."""

from __future__ import annotations

LONGEST_QUOTE = 500
_ALIKE = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
                        "–": "-", "—": "-", "‑": "-", "…": "."})  # fmt: skip


def locate(quote: str, text: str) -> str:
    """The passage of `text` that `quote` copies, as it stands there; "" when there is none.

    White space, quotation marks, dashes and case may differ: models tidy up what they copy. A passage never begins
    or ends inside a word, so that "no" is not found in "know".
    """
    wanted, _ = _even(quote.strip()[:LONGEST_QUOTE].strip(" \t\r\n\"'“”„«»"))
    if not wanted.strip():
        return ""
    flat, places = _even(text)
    at = flat.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not (_splits(flat, at) or _splits(flat, end)):
            return text[places[at] : places[end - 1] + 1]
        at = flat.find(wanted, at + 1)
    return ""


def _even(text: str) -> tuple[str, list[int]]:
    """The text as quotes are compared, and where each of its characters stood."""
    flat: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in " " if char.isspace() else char.translate(_ALIKE).casefold():
            if one == " " and flat and flat[-1] == " ":
                continue
            flat.append(one)
            places.append(place)
    return "".join(flat), places


def _splits(flat: str, at: int) -> bool:
    """Whether a cut there goes through a word (of a script that puts spaces between words) or a number."""
    if not 0 < at < len(flat):
        return False
    before, after = flat[at - 1], flat[at]
    return before.isalnum() and after.isalnum() and ord(before) < 0x2E80 and ord(after) < 0x2E80
