"""`python -m tests.llm.replies.calibration [FILE.svg]`: the offline reader on the unseen half, as `calibrate` shows it.

The labels of the test set take the place of people's reviews: as if somebody had looked at every reply.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from server.cli.calibrate import report, report_in_words
from server.cli.reliability import diagram
from server.domain.calibration import MOST_WRONG
from server.domain.confidence import SURE_AT
from server.domain.labels import CERTAIN, Label
from server.domain.table import fold
from server.domain.words import Outcome
from tests.llm.replies import HALVES, LANGUAGES, Read, labelled, read_all

AT = datetime(2026, 5, 4, tzinfo=UTC)
LEVELS = (0.80, 0.85, 0.90, 0.93, 0.95)


def reviews(reads: Iterable[Read]) -> Iterator[Label]:
    """What people would have said of these readings. A sure one is wrong, too, where a person should have looked."""
    for number, read in enumerate(reads):
        made = read.made
        if made.confidence >= CERTAIN:
            continue  # known by a rule: nothing was read
        said, kept = _folded(made.values), _folded(read.label.values)
        right = said == kept and (bool(said) or made.outcome.value == read.label.outcome)
        if read.sure:
            right = read.right
        settled = Outcome(read.label.outcome)
        yield Label(f"m_{number}", "c", AT, made.confidence, made.flag, made.outcome, settled, right, sampled=read.sure)


def _folded(values: Mapping[str, str]) -> dict[str, str]:
    return {name: fold(value) for name, value in values.items()}


def thresholds(reads: Sequence[Read]) -> Iterator[str]:
    """What would be sure from some thresholds on, and how much of that is wrong, as Markdown."""
    yield "| threshold | sure | wrong of these | precision | sure of those that need no person |"
    yield "|--:|--:|--:|--:|--:|"
    clear = [read for read in reads if not read.label.person]
    for level in LEVELS:
        sure = [read for read in reads if read.made.confidence >= level]
        wrong = sum(not read.right for read in sure)
        covered = sum(read.right and read.made.confidence >= level for read in clear)
        yield f"| {level:.2f} | {len(sure)} | {wrong} | {1 - wrong / len(sure):.1%} | {covered / len(clear):.1%} |"


def main(arguments: list[str]) -> None:
    """Print what `calibrate` prints, then thresholds on both halves; draw the diagram."""
    reads = [read for name in LANGUAGES for read in read_all(labelled(name))]
    halves = {half: [read for read in reads if read.label.half == half] for half in HALVES}
    reports = report(list(reviews(halves["unseen"])), SURE_AT, MOST_WRONG)
    lines = list(report_in_words(reports, MOST_WRONG))
    for half, mine in halves.items():
        lines += ["", f"**{half}**", "", *thresholds(mine)]
    sys.stdout.write("\n".join(lines) + "\n")
    for path in arguments:
        Path(path).write_text(diagram((one.name, one.table) for one in reports), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
