"""The score table, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from server.domain.usage import Price, Usage, shown
from tests.evaluation.running import Result
from tests.evaluation.scoring import BAD, SURE


def counted(results: Iterable[Result]) -> dict[str, tuple[int, int]]:
    """Mark -> (how many of them, of how many that count)."""
    found: dict[str, tuple[int, int]] = {}
    for result in results:
        for name, mark in result.marks.items():
            good, of = found.get(name, (0, 0))
            found[name] = (good + bool(mark), of + (mark is not None))
    return found


def text(task: str, results: Sequence[Result], price: Price | None) -> str:
    """The table of one task: all cases, each kind, each language; what it took; what was not right."""
    names = list(counted(results))
    rows = [_line("all", results, names)]
    for of in (lambda one: one.case.kind, lambda one: one.case.language):
        rows += [_line(group, mine, names) for group, mine in _groups(results, of)]
    head = [task, "cases", *names]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [_joined(row, widths) for row in [head, *rows]]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join([*lines, "", took(results, price)])


def _groups(results: Sequence[Result], of: Callable[[Result], str]) -> list[tuple[str, list[Result]]]:
    return [(name, [one for one in results if of(one) == name]) for name in sorted({of(one) for one in results})]


def _line(name: str, results: Sequence[Result], names: Sequence[str]) -> list[str]:
    marks = counted(results)
    shares = [f"{marks[name][0]}/{marks[name][1]}" if marks.get(name, (0, 0))[1] else "–" for name in names]
    return [name, str(len(results)), *shares]


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    """The first cell to the left, the others to the right of their columns."""
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def took(results: Sequence[Result], price: Price | None) -> str:
    """Calls, tokens, money and time, in a line."""
    used = sum((one.used for one in results), Usage())
    cost = f", {shown(price.of(used))}" if price else ""
    slow = sum(one.seconds for one in results) / max(len(results), 1)
    failed = sum(bool(one.error) for one in results)
    without = sum(not one.prompts for one in results)
    told = f"{without} needed no model; " if without else ""
    told += f"{used.calls:,} calls, {used.input:,} tokens in ({used.cached:,} cached), {used.output:,} out{cost}"
    return f"{told}; {slow:.2f} s a case{f'; {failed} could not be asked' if failed else ''}."


def faults(results: Iterable[Result]) -> list[str]:
    """What is not right, a line each: the case, and which marks."""
    found = []
    for one in results:
        wrong = [
            name for name, mark in one.marks.items() if mark is not None and name != SURE and mark is (name in BAD)
        ]
        if wrong or one.error:
            on_purpose = " (recorded so on purpose)" if one.record and one.record.wrong else ""
            found.append(f"{one.case.id}: {one.error or ', '.join(wrong)}{on_purpose}")
    return found


def as_json(task: str, results: Sequence[Result], price: Price | None) -> dict[str, Any]:
    """The same for programs."""
    used = sum((one.used for one in results), Usage())
    groups = {"kinds": lambda one: one.case.kind, "languages": lambda one: one.case.language}
    return {
        "task": task,
        "cases": len(results),
        "marks": counted(results),
        **{name: {group: counted(mine) for group, mine in _groups(results, of)} for name, of in groups.items()},
        "calls": used.calls,
        "tokens": {"input": used.input, "cached": used.cached, "output": used.output},
        "cost": str(price.of(used)) if price else None,
        "seconds": round(sum(one.seconds for one in results), 3),
        "not_asked": sum(bool(one.error) for one in results),
        "outdated": sum(one.outdated for one in results),
        "faults": faults(results),
    }
