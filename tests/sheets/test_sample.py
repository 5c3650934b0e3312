"""The sample workbook: what a newcomer meets first, with the snags that real lists have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.domain.table import Table
from server.local.sample import create
from server.sheets.xlsx import XlsxSheet


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return XlsxSheet(create(tmp_path / "new" / "sample.xlsx")).read()


def column(table: Table, title: str) -> list[str]:
    index = table.find(title)
    assert index is not None
    return [row.shown(index) for row in table.rows]


def test_it_shows_what_the_instruction_asks_for(table: Table) -> None:
    assert (len(table.rows), table.header_row, table.warnings) == (24, 1, ())
    first = table.record(table.rows[0])
    assert (first["Bib"], first["Start time"], first["Start date"]) == ("007", "09:00", "Sat 12 Jun 2027")
    assert (first["Fee"], first["Report by"]) == ("£35.00", "08:15")


def test_its_formulas_have_results(table: Table) -> None:
    index = table.find("Report by")
    assert index is not None
    assert all(row.cells[index].formula and row.cells[index].shown for row in table.rows)


def test_its_addresses_can_reach_nobody_and_have_the_usual_snags(table: Table) -> None:
    addresses = column(table, "Email")
    given = [address for address in addresses if address]
    assert {address.rpartition("@")[2] for address in given} == {"example.org", "example.com", "example.net"}
    assert addresses.count("") == 1
    people = Counter(zip(column(table, "Name"), addresses, strict=True))
    assert sorted(people.values())[-2:] == [1, 2]
    shared = [address for address, count in Counter(given).items() if count == 2]
    assert len(shared) == 2


def test_a_filter_hides_those_who_withdrew(table: Table, tmp_path: Path) -> None:
    hidden = [row for row in table.rows if row.hidden]
    assert len(hidden) == 3
    assert {table.record(row)["Entry"] for row in hidden} == {"Withdrawn"}
    made = load_workbook(tmp_path / "new" / "sample.xlsx").worksheets[0]
    filtered = made.tables["Contestants"].autoFilter.filterColumn[0]
    assert filtered.filters.filter == ["Entered"]
    assert made.freeze_panes == "A2"


def test_one_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sample.xlsx"
    path.write_bytes(b"mine")
    assert create(path).read_bytes() == b"mine"
