"""`python -m benchmarks [NAME ...]` runs the named modules of this folder, or all of them, one after the other."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def names() -> list[str]:
    """Every benchmark there is."""
    found = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return sorted(name for name in found if not name.startswith("_"))


def main(wanted: list[str]) -> int:
    """Run them; 2 when there is none of that name."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"No benchmark named {', '.join(unknown)}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    for name in wanted or names():
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
