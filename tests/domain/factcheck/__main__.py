"""`python -m tests.domain.factcheck [SEED ...]`: 1,000 good and 1,000 spoiled drafts a seed, as the flow checks."""

from __future__ import annotations

import sys

from tests.domain.factcheck.flow import measured

COUNT = 1000


def main(seeds: list[int]) -> None:
    """Print a table for each seed."""
    for seed in seeds:
        sys.stdout.write(f"Seed {seed}\n\n{measured(seed, COUNT).table()}\n\n")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [7, 2026])
