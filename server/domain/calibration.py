"""How far a reader's confidence can be believed, by what people said of its readings, and the threshold that follows.

What may be counted is decided first (`taken`): people are shown every reading that is `check`, and of the sure ones
only what a spot check drew. A sure reading that somebody corrected by themselves says nothing of those that nobody
looked at; it counts where the spot checks had come to its place in their order, for there it stands among all that
were right, and is a part of the sample. Pure; the standard library only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.domain.confidence import LEAST_SURE_AT, MOST
from server.domain.labels import Label, place
from server.domain.machine import REMARKS
from server.domain.words import Flag

MOST_WRONG = 0.01
"""Of what is sure, at most so many may be wrong."""

Z = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
"""Of the table: narrow where thresholds are."""

STEP, FEWEST = 5, 10
"""A threshold is only proposed where so many readings were right from it on within so many hundredths: not where
nothing is known."""

Point = tuple[float, bool]
"""A reading: its confidence, and whether it was right."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What may be counted of some labels, and how many were left out and why."""

    points: tuple[Point, ...] = ()
    waited: int = 0
    """Readings that waited for a person."""
    sampled: int = 0
    """Sure ones that a spot check drew."""
    among: int = 0
    """Sure ones that were corrected without being drawn, where the spot checks had come to their place."""
    beside: int = 0
    """Left out: sure ones that somebody decided about elsewhere."""
    remarks: int = 0
    """Left out: questions, wrong persons and what can't be read need a person at any confidence."""


def taken(labels: Iterable[Label]) -> Taken:
    """What may be counted."""
    every = list(labels)
    answers = [one for one in every if one.read not in REMARKS]
    waited = [one for one in answers if one.flag is Flag.CHECK]
    sampled = [one for one in answers if one.flag is Flag.SURE and one.sampled]
    others = [one for one in answers if one.flag is Flag.SURE and not one.sampled]
    reached: dict[str, str] = {}
    for one in sampled:
        reached[one.campaign_id] = max(reached.get(one.campaign_id, ""), place(one.message_id))
    among = [one for one in others if not one.right and place(one.message_id) <= reached.get(one.campaign_id, "")]
    return Taken(
        tuple((one.confidence, one.right) for one in (*waited, *sampled, *among)),
        len(waited),
        len(sampled),
        len(among),
        len(others) - len(among),
        len(every) - len(answers),
    )


def wilson(some: int, of: int) -> tuple[float, float]:
    """The bounds (95 %) of a share of which `some` of so many were seen (E. B. Wilson, 1927); (0, 1) for none."""
    if not of:
        return 0.0, 1.0
    share, spread = some / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    low = 0.0 if some == 0 else max(0.0, middle - reach)
    high = 1.0 if some == of else min(1.0, middle + reach)
    return low, high


@dataclass(frozen=True, slots=True)
class Bin:
    """Readings with a confidence from `low` on and below `high` (the last one includes it)."""

    low: float
    high: float
    count: int
    right: int
    confidence: float
    """Their mean confidence."""

    @property
    def share(self) -> float:
        """Right ones among them."""
        return self.right / self.count

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the share lies with 95 % confidence."""
        return wilson(self.right, self.count)


def bins(points: Iterable[Point]) -> list[Bin]:
    """Those that hold something, lowest first."""
    found = []
    every = sorted(points)
    for low, high in pairwise(EDGES):
        here = [one for one in every if low <= one[0] < high or (high == EDGES[-1] and one[0] >= high)]
        if here:
            mean = math.fsum(level for level, _ in here) / len(here)
            mean = min(max(mean, here[0][0]), here[-1][0])  # a division may leave it a hair outside
            found.append(Bin(low, high, len(here), sum(right for _, right in here), mean))
    return found


def calibration_error(found: Sequence[Bin]) -> float:
    """The expected calibration error: how far confidence and share are apart, on average over the readings (0..1)."""
    total = sum(one.count for one in found)
    return math.fsum(one.count * abs(one.share - one.confidence) for one in found) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Above:
    """What was seen of the readings from a threshold on."""

    threshold: float
    count: int
    wrong: int

    @property
    def share(self) -> float:
        """Wrong ones among them, 0 for none."""
        return self.wrong / self.count if self.count else 0.0

    @property
    def at_most(self) -> float:
        """The upper bound of that with 95 % confidence."""
        return wilson(self.wrong, self.count)[1]


def above(points: Iterable[Point], threshold: float) -> Above:
    """Count the readings from a threshold on."""
    here = [right for level, right in points if hundredths(level) >= hundredths(threshold)]
    return Above(threshold, len(here), here.count(False))


@dataclass(frozen=True, slots=True)
class Proposal:
    """`proven` is the lowest threshold that keeps to the promise by its upper bound. Without one `likely` is the lowest
    that keeps to it so far, and `needed` how many more reviews there would prove it, if none of them was wrong."""

    proven: Above | None
    likely: Above | None
    needed: int


def propose(points: Iterable[Point], most_wrong: float = MOST_WRONG) -> Proposal:
    """The lowest threshold from which on at most that share is wrong. `most_wrong` is above 0 and below 1."""
    every = list(points)
    found = [above(every, threshold) for threshold in candidates(every)]
    proven = next((one for one in found if one.at_most <= most_wrong), None)
    if proven is not None:
        return Proposal(proven, None, 0)
    likely = next((one for one in found if one.share <= most_wrong), None)
    return Proposal(
        None, likely, needed(likely.count, likely.wrong, most_wrong) if likely else needed(0, 0, most_wrong)
    )


def candidates(points: Iterable[Point]) -> list[float]:
    """Confidences (of two digits, lowest first) that a threshold may be: enough was seen to be right just there."""
    right = Counter(hundredths(level) for level, is_right in points if is_right)
    steps = range(hundredths(LEAST_SURE_AT), hundredths(MOST) + 1)
    return [at / 100 for at in steps if right[at] and sum(right[at + more] for more in range(STEP)) >= FEWEST]


def hundredths(level: float) -> int:
    """A confidence in whole hundredths, cut: 0.29 is 29, however it is held."""
    return int(level * 100 + 1e-9)


def needed(count: int, wrong: int, most_wrong: float = MOST_WRONG) -> int:
    """How many more right readings would bring the upper bound down to that share."""
    more = 0
    step = max(1, math.ceil(Z * Z * (1 - most_wrong) / most_wrong))
    while wilson(wrong, count + more)[1] > most_wrong:
        more += step
    low = max(0, more - step)
    while low < more:
        middle = (low + more) // 2
        if wilson(wrong, count + middle)[1] <= most_wrong:
            more = middle
        else:
            low = middle + 1
    return more
