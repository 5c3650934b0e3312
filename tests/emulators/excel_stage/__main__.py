"""`make run HOST=excel`: the task pane on the stage, until Ctrl-C. Nothing of it is Microsoft's; nothing is kept."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.emulators.excel_stage.play import play
from tests.emulators.graph import from_xlsx


def main() -> int:
    """Start, print the page's address, wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.excel_stage", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the page (default: any free one)")
    parser.add_argument("--workbook", type=Path, help="a file to show instead of the sample; it is not changed")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sys.stderr.write("The stage is starting ...\n")
    with tempfile.TemporaryDirectory(prefix="cellback-stage-") as folder:
        try:
            book = from_xlsx(given.workbook.read_bytes()) if given.workbook else None
            with play(Path(folder), {}, port=given.port, book=book) as running:
                sys.stderr.write(
                    "EMULATED: this is not Excel, and all of it is gone when you stop (Ctrl-C).\n"
                    f"Desk and mailbox, to answer as the recipients: {running.product.address}\n"
                    "Open this address in your browser:\n"
                )
                sys.stderr.flush()
                sys.stdout.write(f"{running.url}\n")
                sys.stdout.flush()
                while not stop.wait(0.5):
                    if not running.product.alive():
                        sys.stderr.write("Cellback has ended by itself.\n")
                        return 1
        except (RuntimeError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
