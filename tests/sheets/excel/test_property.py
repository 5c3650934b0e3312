"""A co-author sorts, inserts, cuts, copies, filters and types between any two requests, and inside of our calls."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from server.errors import SheetChanged, SheetUnavailable
from tests.emulators.graph import GraphEmulator, from_rows
from tests.sheets.excel.books import Open, opened
from tests.sheets.excel.campaign import Results, keyed

COUNT = 24
MOVES = ("sort", "insert", "cut", "filter", "clear_filters")


def people() -> list[list[object]]:
    rows: list[list[object]] = [["No", "Name", "Email", "Club"]]
    return rows + [[n, f"Person {n}", f"p{n}@example.org", f"Club {n % 5}"] for n in range(COUNT)]


@pytest.mark.parametrize("seed", range(8))
def test_no_word_in_a_wrong_row_and_no_edit_of_a_person_lost(graph: GraphEmulator, seed: int) -> None:
    item = graph.add(from_rows(people(), tab="People", table="People"))
    other = graph.colleague(item)
    sheet = opened(graph, item, budget=Open())
    table = keyed(sheet, ["Status", "Reply"])
    keys = {row.key: row.cells[0].shown for row in table.rows}
    chance = random.Random(seed)
    over = Results(sheet, "Status", {key: f"word {number}" for key, number in keys.items()})
    graph.over_filters = chance.choice(["shift", "first", "right"])
    # They move rows before any request, the writes inside of our calls among them; they type into our own column
    # before every look. Between the look inside a call and the write behind it nobody can tell (facts, rule 4).
    # (A copy whose original goes away would be the person itself, with what it knew when it was made: never both.)
    other.storm(seed, rate=0.3, acts=(*MOVES, "copy" if seed % 2 else "delete"))
    other.storm(seed + 100, rate=0.1, acts=("type",), typing=("Club",))
    other.storm(seed + 200, rate=0.3, acts=("type",), typing=("Status",), method="GET", path="range|usedRange")
    steps = list(graph.script.steps)
    for words in range(3):
        over.wanted = {key: f"word {number} {words}" for key, number in keys.items()}
        for _ in range(6):
            with suppress(SheetChanged, SheetUnavailable):
                over.round()
    graph.script.clear()
    over.write()
    assert steps
    records = other.records()
    typed = {one.text for one in other.typed if one.column == "Status"}
    for record in records:
        key, number = record["Row key"], record["No"]
        if key:
            assert keys[key] == number
        status = record["Status"]
        if status and status not in typed:
            assert status.split()[1] == number, f"{status} stands with {number}"
    # nothing lost: every key that is there once holds its last word, or a person's
    for key, number in keys.items():
        here = [record for record in records if record["Row key"] == key]
        if len(here) == 1:
            assert here[0]["Status"] in {f"word {number} 2", *typed}
    # the last thing a person typed into a cell of theirs stands
    last = {}
    for one in other.typed:
        if one.column == "Club":
            last[one.record["Row key"]] = one.text
    for key, text in last.items():
        here = [record for record in records if record["Row key"] == key]
        if key and len(here) == 1:
            assert here[0]["Club"] == text
