"""How our columns look, in every host: the colour of each word, what may be chosen, and what a column is, in words.

The colours are those of the panel (panel.css, words.js): one word looks the same wherever it stands. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from server.domain.words import Command, Flag, Role, Status


class Tone(StrEnum):
    """What a word means at a glance: its colour, where the host has colours."""

    PLAIN = "plain"
    QUIET = "quiet"
    INFO = "info"
    GOOD = "good"
    PLUM = "plum"
    WARN = "warn"
    BAD = "bad"


class Paint(NamedTuple):
    """Colours of a cell as `#rrggbb`: what fills it, and the text on it."""

    fill: str
    ink: str


PAINT: Mapping[Tone, Paint] = {
    Tone.QUIET: Paint("#eceef2", "#4f5766"),
    Tone.INFO: Paint("#e5edfd", "#1d4fb5"),
    Tone.GOOD: Paint("#dff4e6", "#0e6636"),
    Tone.PLUM: Paint("#f4e9fa", "#70358f"),
    Tone.WARN: Paint("#fdefd3", "#7d4a00"),
    Tone.BAD: Paint("#fde9e7", "#ac1f1a"),
}
"""Every text on its fill has a contrast of 4.5 and more (WCAG AA). What is plain stays as it is."""

_QUIET = (Status.DRAFT, Status.SKIPPED, Status.CANCELLED, Status.NO_ANSWER, Status.OPTED_OUT)
_INFO = (Status.APPROVED, Status.SENDING, Status.SENT, Status.DELIVERED, Status.READ)
_WARN = (Status.CHECK_DRAFT, Status.REVIEW, Status.CHANGED, Status.DUPLICATE, Status.IN_DOUBT)

STATUS_TONES: Mapping[str, Tone] = {
    **dict.fromkeys(_QUIET, Tone.QUIET),
    **dict.fromkeys(_INFO, Tone.INFO),
    **dict.fromkeys((Status.CONFIRMED, Status.ANSWERED), Tone.GOOD),
    **dict.fromkeys((Status.DECLINED, Status.AWAY), Tone.PLUM),
    **dict.fromkeys(_WARN, Tone.WARN),
    **dict.fromkeys((Status.NO_ADDRESS, Status.BOUNCED, Status.FAILED), Tone.BAD),
}
FLAG_TONES: Mapping[str, Tone] = {Flag.SURE: Tone.GOOD, Flag.CHECK: Tone.WARN}

_TYPED = (Command.APPROVED, Command.SKIP, Command.RETRY, Command.REDRAFT, Command.REMIND, Command.ACCEPT,
          Status.CONFIRMED, Status.DECLINED, Status.ANSWERED, Status.OPTED_OUT, Command.SENT)  # fmt: skip
"""What an organiser may type into `Status`, the most usual first."""

STATUS_CHOICES: tuple[str, ...] = tuple(dict.fromkeys(word.value for word in (*_TYPED, *Status)))
"""What a person may choose, then every other word that Cellback puts there: none of them is ever called wrong."""


@dataclass(frozen=True, slots=True)
class Look:
    """How one of our columns is to look. It is found by `tag` where its host keeps tags, else by `title`.

    `note` says in words what stands there, in at most `LONGEST_NOTE` characters. `choices` are offered, never forced;
    `doubt` says what another word means. `tones` are the words that have a colour. `width` is in pixels; `wrapped` is
    True for sentences that are to be read in the cell, False for texts that must not make a row grow.
    """

    title: str
    tag: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()
    doubt: str = ""
    tones: tuple[tuple[str, Tone], ...] = ()
    width: int = 0
    wrapped: bool | None = None

    def words_by_tone(self) -> Mapping[Tone, tuple[str, ...]]:
        """The words of each colour, in the order of the colours; what is plain is left out."""
        found = {tone: tuple(word for word, its in self.tones if its is tone) for tone in PAINT}
        return {tone: words for tone, words in found.items() if words}


LONGEST_NOTE = 240
"""Excel's hint at a cell holds 255 characters."""

DOUBT = "This is no word that Cellback knows. It stays as you typed it, and nothing is done."

NOTES: Mapping[str, str] = {
    Role.STATUS: "Where this person's message stands. You may type Approved, Skip, Retry, Redraft, Remind or Accept: "
    "Cellback obeys within seconds and puts its own word back. The column Note says why, and what to do.",
    Role.SUBJECT: "The subject of this person's mail. Edit it before it is sent: what stands here is what goes out.",
    Role.MESSAGE: "The text for this person. Edit it before it is sent: what stands here is what goes out. "
    "After an edit it needs your yes again.",
    Role.REPLY: "What this person answered, in their own words.",
    Role.CONFIDENCE: "How sure the reading of the reply is, from 0 (a guess) to 1 (certain).",
    Role.FLAG: "sure: the answer was put into its column. check: it was not; Note says what is proposed and why. "
    "Type sure to take the proposal.",
    Role.NOTE: "What happened to this row, in a sentence, and what you can do about it.",
}
KEY_NOTE = "Cellback finds each person's row by this key. Please leave it as it is."

_WIDTHS = {
    Role.STATUS: 110,
    Role.SUBJECT: 200,
    Role.MESSAGE: 320,
    Role.REPLY: 260,
    Role.CONFIDENCE: 90,
    Role.FLAG: 70,
    Role.NOTE: 340,
}
_ANSWER_WIDTH = 130
_WRAPPED = {Role.SUBJECT: False, Role.MESSAGE: False, Role.REPLY: False, Role.NOTE: True}


def of_role(role: Role, title: str, tag: str = "") -> Look:
    """The look of a column that Cellback fills itself."""
    status = role is Role.STATUS
    return Look(
        title,
        tag,
        NOTES[role],
        choices=STATUS_CHOICES if status else tuple(flag.value for flag in Flag) if role is Role.FLAG else (),
        doubt=DOUBT if status else "",
        tones=tuple((STATUS_TONES if status else FLAG_TONES if role is Role.FLAG else {}).items()),
        width=_WIDTHS[role],
        wrapped=_WRAPPED.get(role),
    )


def of_answer(title: str, allowed: tuple[str, ...], tag: str = "") -> Look:
    """The look of an answer column: with the values that the plan allows to choose from."""
    one_of = f" ({', '.join(allowed)})" if allowed else ""
    note = f"This person's answer{one_of}, filled from the reply when it is sure. Type it yourself to settle the row."
    if len(note) > LONGEST_NOTE:
        note = "This person's answer, filled from the reply when it is sure. Choose a value yourself to settle the row."
    doubt = "This is not among the answers of the plan. It stays as you typed it, but does not settle the row."
    return Look(title, tag, note, choices=allowed, doubt=doubt if allowed else "", width=_ANSWER_WIDTH)
