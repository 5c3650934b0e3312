"""Rounds on one world, one after another, with the sum of what happened."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.driver import Driver, Plan
from tests.chaos.invariants import KINDS, leaks
from tests.chaos.thinking import Thinker
from tests.chaos.world import World, database

COUNTS = ("rounds", "crashes", "ends", "sleeps", "Redis wipes", "Redis restarts", "faults", "edits", "rows", "messages")
AGAIN = (
    "reminders",
    "asked back",
    "model calls",
    "model faults",
    "texts by the model",
    "readings by the model",
    "orders",
)
LOOKED_AT = ("answers", "posts", "forged posts", "stops", "sends blocked", "cells", "typed")


@dataclass
class Outcome:
    """What a storm left: the tally, violations in words, every action with its time, and where to look."""

    seed: int
    folder: Path
    tally: Counter[str] = field(
        default_factory=lambda: Counter(dict.fromkeys((*COUNTS, *AGAIN, *LOOKED_AT, *KINDS), 0))
    )
    violations: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)


def storm(seed: int, ledger: str, plan: Plan, go_on: Callable[[], bool], *, keep: Path | None = None) -> Outcome:
    """Rounds until `go_on` says no or something broke. Raises NoPostgres."""
    base = Path(tempfile.mkdtemp(prefix="cb-chaos-", dir=keep))
    outcome = Outcome(seed, base)
    data = base / "d"
    data.mkdir()
    with database(ledger, base / "pg") as url:
        model = Thinker() if plan.model else None
        world = World(data, url, model=model)
        with model or contextlib.nullcontext():
            try:
                world.start()
                _rounds(world, plan, go_on, outcome)
            finally:
                left = world.stop()
        outcome.tally.update(model.counts() if model is not None else ())
    _add(outcome, "leaks", left)
    _add(outcome, "leaks", leaks(data / "log"))
    (base / "actions.log").write_text("\n".join(outcome.actions) + "\n", encoding="utf-8")
    if not outcome.violations and keep is None:
        shutil.rmtree(base, ignore_errors=True)
    return outcome


def _rounds(world: World, plan: Plan, go_on: Callable[[], bool], outcome: Outcome) -> None:
    number = 0
    while number == 0 or (go_on() and not outcome.violations):
        number += 1
        folder = outcome.folder / f"{number}"
        folder.mkdir()
        driver = Driver(world, folder, f"{outcome.seed}-{number}", plan)
        try:
            report = driver.run()
        finally:
            outcome.actions += [f"round {number}", *driver.log]
        driver.tally["posts"] += driver.recipients.postman.posts
        driver.tally["forged posts"] += driver.recipients.postman.forged
        outcome.tally.update({"rounds": 1, **driver.tally})
        outcome.tally.update(report.counts)
        for kind, sentences in report.found.items():
            _add(outcome, kind, sentences)


def _add(outcome: Outcome, kind: str, sentences: list[str]) -> None:
    outcome.tally[kind] += len(sentences)
    outcome.violations += [f"{kind}: {sentence}" for sentence in sentences]
