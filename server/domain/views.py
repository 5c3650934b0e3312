"""Views of a sheet that are worth a link: the rows that somebody has to look at, or wants to see together."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.words import NEEDS_PERSON, Status

VIEWS: Mapping[str, frozenset[str]] = {
    "Needs a person": frozenset(NEEDS_PERSON),
    "Review": frozenset({Status.REVIEW}),
    "Answered": frozenset({Status.CONFIRMED, Status.DECLINED, Status.ANSWERED}),
    "No answer": frozenset({Status.NO_ANSWER}),
    "Failed": frozenset({Status.FAILED, Status.BOUNCED}),
    "In doubt": frozenset({Status.IN_DOUBT}),
}
"""Name of the view -> the words in `Status` that it shows."""
