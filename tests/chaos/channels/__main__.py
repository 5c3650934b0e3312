"""The proof of all channels: campaigns over four channels and seven ways, with faults on.

    python -m tests.chaos.channels --rows 500 --seed 6 [--ledger sqlite|postgres] [--minutes-limit 8] [--keep FOLDER]

Prints a table by provider and channel, and what was broken, if anything was; exits 1 then. The seed decides who stands
in the sheets, how they answer and what goes wrong; when processes get the processor is in nobody's hands.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.chaos.channels.storm import Fury, storm


def main() -> int:
    """One storm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500, help="over four workbooks with a campaign each")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--ledger", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--minutes-limit", type=float, default=8.0, help="what is still open then is a violation")
    parser.add_argument("--keep", type=Path, help="keep logs, sheets and ledger in this folder, whatever happens")
    options = parser.parse_args()
    sys.stdout.write(f"{options.rows} rows, seed {options.seed}, {options.ledger}\n")
    began = time.monotonic()
    fury = replace(Fury(), patience=options.minutes_limit * 60)
    outcome = storm(options.rows, options.seed, options.ledger, fury, keep=options.keep)
    sys.stdout.write(f"\n{outcome.table}\n")
    if outcome.violations:
        sys.stdout.write("\n".join([*outcome.violations, "", f"see {outcome.folder}"]) + "\n")
    count = len(outcome.violations)
    sys.stdout.write(f"{count or 'no'} violation{'' if count == 1 else 's'} in {time.monotonic() - began:.0f} s\n")
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    sys.exit(main())
