"""A whole campaign against Google's real quotas, on the emulator, with another person at work in the same tab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.emulators.sheets import Emulator, Workbook
from tests.emulators.sheets.person import Person

ROWS = 2000
CHANCE = 0.25
"""Share of calls before which the other person does something."""
MOVES = ("sort_all", "insert_row", "duplicate_row", "move_row", "insert_column", "rename_tab", "hide_row", "show_rows")
ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "Hello {{Name}}, bib {{Bib}}: you start at {{Start}}. Is that fine?"
HEADER = ["Bib", "Name", "Email", "Start"]


def main() -> None:
    """Print calls, refusals, wrong and lost writes of a campaign from instruction to Sent: alone, and not alone."""
    rows = int(os.environ.get("ROWS", ROWS))
    for chance in (0.0, CHANCE):
        _measure(rows, chance)


def _measure(rows: int, chance: float) -> None:
    with Emulator() as google, tempfile.TemporaryDirectory() as folder:
        account = google.service_account()
        people = [[index, f"Person {index}", f"p{index}@example.org", f"{9 + index % 8:02d}:{index % 60:02d}"]
                  for index in range(1, rows + 1)]  # fmt: skip
        book = google.spreadsheet("Contest", {"Contestants": [HEADER, *people]}, share={account.email: "writer"})
        other = Person(google, book, book.sheets[0], seed=7, leave=tuple(HEADER))
        other.at_random(chance, MOVES)
        settings = {
            "GOOGLE_APPLICATION_CREDENTIALS": str(account.write(Path(folder) / "key.json")),
            "GOOGLE_SHEETS_BASE_URL": google.url,
            "CELLBACK_DATA_DIR": str(Path(folder) / "data"),
        }
        began = time.monotonic()
        done = _run(book, settings)
        seconds = time.monotonic() - began
        wrong, lost, copied = _held_against_the_sheet(book, rows)
        calls = google.requests
    moves = len(other.log)
    print(f"{rows} rows, {moves} moves of another person, exit code {done.returncode}: {seconds:.0f} s")
    print(f"calls: {calls.reads} reads, {calls.writes} writes = {1000 * len(calls) / rows:.1f} per 1,000 rows")
    print(f"refused for the quota (429): {calls.refused}; other refusals: {_others(calls)}")
    print(f"values in a wrong row: {wrong}; rows whose result is missing: {lost}")
    print(f"rows left alone because somebody copied them: {copied}")
    print(json.loads(done.stdout.splitlines()[-1])["status"] if done.stdout else done.stderr[-2000:])


def _run(book: Workbook, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    address = f"https://docs.google.com/spreadsheets/d/{book.id}/edit#gid=0"
    command = [sys.executable, "-m", "server", "run", address, "--template", TEMPLATE, "--rows", "all",
               "--approve-all", "--json"]  # fmt: skip
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=900
    )


def _others(calls: object) -> list[str]:
    return sorted({f"{call.status} {call.message[:60]}" for call in calls if call.status not in {0, 200, 429}})  # type: ignore[attr-defined]


def _held_against_the_sheet(book: Workbook, rows: int) -> tuple[int, int, int]:
    """Cells that hold another row's message; people of the first hour without Status and Message of their own; and
    those of them whose row (and key) somebody copied, so that nothing is written to either."""
    wrong, told = 0, set()
    bibs = Counter(record["Bib"] for record in book.records(0))
    for record in book.records(0):
        text = record.get("Message", "")
        if text and text != TEMPLATE.replace("{{Name}}", record["Name"]).replace("{{Bib}}", record["Bib"]).replace(
            "{{Start}}", record["Start"]
        ):
            wrong += 1
        if text and record.get("Status"):
            told.add(record["Bib"])
    missing = {str(bib) for bib in range(1, rows + 1)} - told
    copied = {bib for bib in missing if bibs[bib] > 1}
    return wrong, len(missing - copied), len(copied)


if __name__ == "__main__":
    main()
