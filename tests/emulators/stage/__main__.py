"""`make run HOST=google`: the add-on on the stage, until Ctrl-C. Nothing of it is Google's, and nothing is kept."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

from tests.emulators.stage.play import play


def main() -> int:
    """Start, print the page's address, wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.stage", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the page and the emulated API (default: any free one)")
    parser.add_argument("--unshared", action="store_true", help="begin with a spreadsheet that Cellback may not open")
    given = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    sys.stderr.write("The stage is starting ...\n")
    with tempfile.TemporaryDirectory(prefix="cellback-stage-") as folder:
        try:
            with play(Path(folder), {}, port=given.port, shared=not given.unshared) as running:
                book = f"https://docs.google.com/spreadsheets/d/{running.stage.book.id}"
                sys.stderr.write(
                    "EMULATED: this is not Google Sheets, and all of it is gone when you stop (Ctrl-C).\n"
                    f"Service account: {running.robot}\n"
                    f"Desk and mailbox, to answer as the recipients: {running.product.address}&workbook={quote(book)}\n"
                    "Open this address in your browser:\n"
                )
                sys.stderr.flush()
                sys.stdout.write(f"{running.url}?open\n")
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
