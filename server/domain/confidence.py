"""How sure a model's reading is: one formula, from its own certainty, the checks in code, and a second reader.

    confidence = own x agreement x 0.5 for each failed check, cut to two digits, never above 0.99

`own` is what the model's token probabilities say of the outcome and the values (all of them together), or nine tenths
of what it says of itself where its server gives no probabilities. `agreement` is 1 when the offline reader reads the
same, 0.9 when it leans to the same and is not sure, 0.8 when it can't tell at all, 0.5 when it reads otherwise. No
part of it is ever above 1: nothing that a reply holds, and no second opinion, raises what the model's own certainty
gives. One failed check and the flag is `check`, whatever the rest.

With the default threshold a model is never sure alone: the offline reader, which obeys nobody, has to see the same
answer in the words, if not surely. An attack that no pattern knows still has to get past that.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from enum import StrEnum

from server.domain.words import Flag

SURE_AT = 0.85
"""From this confidence on a reading is `sure`, unless the campaign has a threshold of its own. It is above 0.8, what a
model alone can reach, and above 0.9 x 0.9: without token probabilities the offline reader has to read just the same."""

LEAST_SURE_AT = 0.6
"""The lowest threshold that a campaign may have: above what one failed check leaves."""

FAILED, SAID = 0.5, 0.9
MOST = 0.99


class Source(StrEnum):
    """Where a model's own certainty comes from."""

    TOKENS = "tokens"
    """The probabilities of its tokens."""
    SAID = "said"
    """Its own word: models think too well of themselves."""


class Agreement(StrEnum):
    """What a second reader makes of the same reply."""

    SAME = "same"
    LEANS = "leans"
    """The same, though it would not vouch for it."""
    SILENT = "silent"
    """It can't tell."""
    DIFFERS = "differs"


AGREES = {Agreement.SAME: 1.0, Agreement.LEANS: 0.9, Agreement.SILENT: 0.8, Agreement.DIFFERS: 0.5}


class Doubt(StrEnum):
    """A check in code that failed; the value is its sentence for the person who reviews the reading."""

    NO_EVIDENCE = "The words it rests on are not in the reply."
    NOT_ALLOWED = "It gave a value that the plan does not allow."
    UNFOUNDED = "A value does not follow from the quoted words."
    CONTRADICTS = "Its outcome and its values contradict each other."
    NO_VALUE = "It found an answer and no value for it."
    STEERS = "The reply tries to give its reader orders."
    CELL_STEERS = "A cell of the row tries to give the reader orders."
    CONDITION = "The answer comes with a condition."
    ASKS = "They ask something as well."
    LINK = "The words it rests on stand beside a link."
    LONG = "The reply is long: read all of it."
    CLIPPED = "The reply was too long to be read whole."
    SEVERAL_ROWS = "It may belong to more than one row."
    OTHER_READER = "The offline reader reads it otherwise."
    NEEDS_PERSON = "Somebody has to answer it."


def own(certainty: float, source: Source) -> float:
    """A model's own certainty (0..1) as it counts; what is no number between is 0."""
    if not isinstance(certainty, int | float) or not 0.0 <= certainty <= 1.0:  # also refuses nan
        return 0.0
    return certainty * (SAID if source is Source.SAID else 1.0)


def together(probabilities: Iterable[float]) -> float:
    """The probability that all of several decisions are as meant."""
    return math.prod(min(max(one, 0.0), 1.0) if one == one else 0.0 for one in probabilities)


def confidence(
    certainty: float, source: Source, agreement: Agreement, failed: Collection[Doubt] = frozenset()
) -> float:
    """The formula at the head of this module; every failed check counts once."""
    level = own(certainty, source) * AGREES[agreement] * FAILED ** len(set(failed))
    return math.floor(min(level, MOST) * 100 + 1e-9) / 100  # never rounded up over a threshold


def flag(level: float, failed: Collection[Doubt] = frozenset(), *, sure_at: float = SURE_AT) -> Flag:
    """`sure` only without a failed check and from the threshold on; no threshold counts below LEAST_SURE_AT."""
    return Flag.SURE if not failed and level >= threshold(sure_at) else Flag.CHECK


def threshold(chosen: float | None) -> float:
    """A campaign's threshold: what it chose, LEAST_SURE_AT at the least, else the default. Above 0.99 nothing is sure
    that was read."""
    return SURE_AT if chosen is None or chosen != chosen else max(chosen, LEAST_SURE_AT)


def sentences(failed: Collection[Doubt]) -> str:
    """What failed, for the person who reviews it: at most three sentences, in the order of `Doubt`, "" for nothing."""
    return " ".join([doubt.value for doubt in Doubt if doubt in failed][:3])
