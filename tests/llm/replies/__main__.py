"""`python -m tests.llm.replies`: the table of the offline reader, as Markdown; `--kinds` by kind of reply.

`--tuning` lists what the reader gets wrong or leaves to a person in the tuning half. There is no such list of the other
half: it would not stay unseen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from server.domain.words import Flag
from tests.llm.replies import HALVES, INJECTIONS, LANGUAGES, Read, Score, labelled, read_all, score

HEAD = "| | replies | sure | wrong of these | precision of sure | need no person | sure of these | outcome found |"


def main(arguments: list[str]) -> None:
    """Read every set and print."""
    reads = [read for language in LANGUAGES for read in read_all(labelled(language))]
    kinds = sorted({read.label.kind for read in reads})
    for half in HALVES:
        mine = [read for read in reads if read.label.half == half]
        sys.stdout.write(f"\n**{half}**\n\n{HEAD}\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
        for language in LANGUAGES:
            sys.stdout.write(_line(language, score(read for read in mine if read.label.language == language)))
        sys.stdout.write(_line("all", score(mine)))
        for kind in kinds if "--kinds" in arguments else ():
            sys.stdout.write(_line(kind, score(read for read in mine if read.label.kind == kind)))
    tricks = read_all(labelled(INJECTIONS))
    harmful = [read for read in tricks if read.sure and not read.right]
    sys.stdout.write(f"\n{len(tricks)} injections, {len(harmful)} harmful sure readings\n")
    if "--tuning" in arguments:
        _list([read for read in reads if read.label.half == "tuning"] + tricks)


def _line(name: str, made: Score) -> str:
    figures = (_percent(made.precision), str(made.clear), _percent(made.coverage), _percent(made.recall))
    return f"| {name} | {made.replies} | {made.sure} | {made.wrong} | {' | '.join(figures)} |\n"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _list(reads: Iterable[Read]) -> None:
    for read in reads:
        label, made = read.label, read.made
        fault = "WRONG" if read.sure and not read.right else "" if read.sure or label.person else "missed"
        if fault:
            flag = "sure" if made.flag is Flag.SURE else made.confidence
            got = f"{made.outcome.value} {dict(made.values)} {flag}: {made.reason}"
            want = f"{label.outcome} {dict(label.values)}{' (person)' if label.person else ''}"
            sys.stdout.write(f"{fault} {label.language} {label.kind} {label.reply!r}: {got} | {want}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
