"""A whole campaign on an emulated workbook in SharePoint, with another person at work in the same table."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, CoAuthor, GraphEmulator, from_rows

ROWS = 1000
RATE = 0.1
"""Share of requests (parts of batches too) before which the other person does something."""
MOVES = ("sort", "insert", "cut", "copy", "filter", "clear_filters")
ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "Hello {{Name}}, bib {{Bib}}: you start at {{Start}}. Is that fine?"
HEADER = ["Bib", "Name", "Email", "Start", "Club"]


def main() -> None:
    """Print requests, wrong, lost and overwritten cells of a campaign from template to Delivered."""
    rows, rate = int(os.environ.get("ROWS", ROWS)), float(os.environ.get("RATE", RATE))
    with GraphEmulator() as graph, tempfile.TemporaryDirectory() as folder:
        graph.library.grants[CLIENT_ID] = "write"
        people = [[index, f"Person {index}", f"p{index}@example.org", f"{9 + index % 8:02d}:{index % 60:02d}", "-"]
                  for index in range(1, rows + 1)]  # fmt: skip
        item = graph.add(from_rows([HEADER, *people], tab="Contestants", table="Contestants"), drive=graph.library)
        other = graph.colleague(item)
        other.storm(7, rate=rate, acts=MOVES)
        other.storm(8, rate=rate / 2, acts=("type",), typing=("Club",))
        _typing_in_ours(graph, other, rate)
        settings = {
            "MSGRAPH_TENANT_ID": TENANT,
            "MSGRAPH_CLIENT_ID": CLIENT_ID,
            "MSGRAPH_CLIENT_SECRET": CLIENT_SECRET,
            "MSGRAPH_APP_ONLY": "true",
            "MSGRAPH_AUTHORITY_URL": graph.sign_in,
            "MSGRAPH_BASE_URL": graph.url,
            "REQUESTS_CA_BUNDLE": str(graph.ca_file),
            "CELLBACK_DATA_DIR": str(Path(folder) / "data"),
        }
        began = time.monotonic()
        done = _run(graph.links.make(item), settings)
        seconds = time.monotonic() - began
        graph.script.clear()
        wrong, lost, copied, overwritten = _held_against_the_sheet(other, rows)
        log = graph.log
        over_wire = sum(1 for one in log.entries if not one.part)
    print(f"{rows} rows, {len(other.done)} acts of another person, exit code {done.returncode}: {seconds:.0f} s")
    print(f"calls over the wire: {over_wire}; requests with the parts of batches: {len(log.entries)}")
    print(f"PATCH: {log.count('PATCH')}; cells written: {sum(one.cells for one in log.entries)}")
    print(f"sent in spite of a pause: {log.figures.impatient}; most at once: {max(log.figures.parallel.values())}")
    print(f"values in a wrong row: {wrong}; rows whose result is missing: {lost}; edits overwritten: {overwritten}")
    print(f"rows that they copied with their key, left alone for a person: {copied}")
    print(json.loads(done.stdout.splitlines()[-1])["status"] if done.stdout else done.stderr[-2000:])


def _typing_in_ours(graph: GraphEmulator, other: CoAuthor, rate: float) -> None:
    """They type into Note too, before our looks: between the look inside a call and the write behind it nobody can
    tell that they did (facts/excel.md, rule 4)."""
    chance = random.Random(9)

    def perhaps() -> None:
        if "Note" in other.table.titles(other.sheet) and chance.random() < rate / 2:
            other.act(chance, ("type",), ("Note",))

    graph.script.between(perhaps, "GET", r"/range|usedRange", times=None)


def _run(address: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "run", address, "--template", TEMPLATE, "--rows", "all",
               "--approve-all", "--json"]  # fmt: skip
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=900
    )


def _held_against_the_sheet(other: CoAuthor, rows: int) -> tuple[int, int, int, int]:
    """Cells that hold another row's message; people of the first hour without Status and Message of their own; those
    whose key stands twice; and edits of the other person that are gone."""
    records = other.records()
    keys = Counter(record["Row key"] for record in records if record.get("Row key"))
    copied = {record["Bib"] for record in records if keys[record.get("Row key", "")] > 1}
    wrong, told = 0, set(copied)
    for record in records:
        text = record.get("Message", "")
        meant = TEMPLATE
        for title in HEADER:
            meant = meant.replace("{{" + title + "}}", record[title])
        wrong += bool(text) and text != meant
        if text and record.get("Status"):
            told.add(record["Bib"])
    last = {(one.record["Bib"], one.column): one.text for one in other.typed if one.record["Bib"]}
    twice = {bib for bib, count in Counter(record["Bib"] for record in records).items() if count > 1}
    gone = sum(
        not any(record["Bib"] == bib and record[column] == text for record in records)
        for (bib, column), text in last.items()
        if bib not in twice
    )
    return wrong, rows - len(told - {""}), len(copied), gone


if __name__ == "__main__":
    main()
