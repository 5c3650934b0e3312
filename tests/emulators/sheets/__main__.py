"""Start the emulator by hand: `python -m tests.emulators.sheets --port 8765 --folder DIR`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from pathlib import Path

from tests.emulators.sheets import Emulator, Quota
from tests.emulators.sheets.sample import contest


def main() -> None:
    """Serve a sample spreadsheet until interrupted; say where it is and where the key file lies."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.sheets", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: 8765)")
    parser.add_argument("--folder", type=Path, help="where to put the key file (default: a new temporary folder)")
    parser.add_argument("--no-quota", action="store_true", help="refuse nothing for its number")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="cellback-sheets-"))
    folder.mkdir(parents=True, exist_ok=True)
    with Emulator(port=given.port, quota=Quota.off() if given.no_quota else Quota()) as google:
        account = google.service_account()
        book = contest(google)
        book.share(account.email, "writer")
        book.share(google.auth.consenting, "owner")
        lines = {
            "Base URL": google.url,
            "Spreadsheet": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
            "Key file": account.write(folder / "service-account.json"),
            "Shared with": account.email,
        }
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in lines.items()))
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
