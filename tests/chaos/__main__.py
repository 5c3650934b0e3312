"""The rig's command line.

    python -m tests.chaos --minutes 10 --seed 7 [--ledger sqlite|postgres] [--rows 240] [--no-model] [--keep FOLDER]

The seed decides which moves come in which order, and what each of them wants; when the processes get the processor
is in nobody's hands, so that a seed gives the same storm, not the same raindrops. The actions that were taken lie in
`actions.log` in the folder that is named at a violation.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from tests.chaos.driver import Plan
from tests.chaos.storm import Outcome, storm


def main() -> int:
    """Run until the time is over, or until something broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--ledger", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--rows", type=int, default=240, help="rows a round, over three workbooks")
    parser.add_argument("--keep", type=Path, help="keep logs, sheets and ledger in this folder, whatever happens")
    parser.add_argument("--no-model", action="store_true", help="texts and readings by rules alone")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}, {options.ledger}\n")
    plan = Plan(rows=options.rows, moves=150, patience=240, longest_sleep=20, model=not options.no_model)
    end = time.monotonic() + options.minutes * 60
    outcome = storm(options.seed, options.ledger, plan, lambda: time.monotonic() < end, keep=options.keep)
    sys.stdout.write(told(outcome))
    return 1 if outcome.violations else 0


def told(outcome: Outcome) -> str:
    """Tally, and what went wrong with the last actions before it."""
    lines = [f"{count:7}  {what}" for what, count in outcome.tally.items()]
    if outcome.violations:
        lines += ["", *outcome.violations, "", "last actions:", *outcome.actions[-25:], "", f"see {outcome.folder}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
