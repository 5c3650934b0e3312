"""Jobs for the tests of queue, worker and supervisor: each leaves lines in files of $SAMPLE_DIR.

`python -m tests.local.sample_jobs fast` is a worker for them.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

NOTE = "tests.local.sample_jobs.note"
HOLD = "tests.local.sample_jobs.hold"
FAIL = "tests.local.sample_jobs.fail"
JOBS = {NOTE: "fast", HOLD: "fast", FAIL: "fast"}


def _write(name: str, line: str) -> None:
    with Path(os.environ["SAMPLE_DIR"], name).open("a") as file:
        file.write(line + "\n")


def note(name: str) -> None:
    """Leave the worker's process id."""
    _write(name, str(os.getpid()))


def hold(name: str) -> None:
    """Work until there is a file `<name>.go`, or the worker is to stop."""
    from jobs.worker import stopping

    _write(name, "started")
    while not Path(os.environ["SAMPLE_DIR"], f"{name}.go").exists() and not stopping():
        time.sleep(0.01)
    _write(name, "stopped" if stopping() else "done")


def fail(name: str) -> None:
    """Fail with a message that nobody may see."""
    _write(name, "failing")
    raise ValueError("ada@example.org said\nno")


if __name__ == "__main__":
    from jobs.worker import work
    from server import logs

    logs.setup("worker-test")
    sys.exit(work(sys.argv[1], os.environ["REDIS_URL"], JOBS))
