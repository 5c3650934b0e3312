"""Rows chosen by a condition on the command line."""

from __future__ import annotations

import pytest

from server.cli.where import rows_where
from server.errors import InvalidInput
from tests.fakes import FakeSheet

PEOPLE = [
    ["Ada", "Spain", "30 €"],
    ["Ben", "France", "1.200,50 €"],
    ["Cleo", "Spain", "31,00 €"],
    ["Dan", "Spain", ""],
]


@pytest.fixture
def sheet() -> FakeSheet:
    return FakeSheet(["Name", "Country", "Fee"], PEOPLE)


def names(sheet: FakeSheet, *written: str, among_all: bool = False) -> list[str]:
    keys = rows_where(sheet, written, among_all=among_all)
    rows = {row.key: row.shown(0) for row in sheet.read().rows}
    return [rows[key] for key in keys]


def test_all_of_the_conditions_hold_for_the_rows(sheet: FakeSheet) -> None:
    assert names(sheet, "country = spain") == ["Ada", "Cleo", "Dan"]
    assert names(sheet, "Country=Spain", "Fee>30") == ["Cleo"]
    assert names(sheet, "Fee is empty") == ["Dan"]
    assert names(sheet, "Fee > 31") == ["Ben"]


def test_hidden_rows_are_meant_only_with_all(sheet: FakeSheet) -> None:
    sheet.hide(0)
    assert names(sheet, "Country=Spain") == ["Cleo", "Dan"]
    assert names(sheet, "Country=Spain", among_all=True) == ["Ada", "Cleo", "Dan"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Land=Spain", "Its columns are Name, Country, Fee"),
        ("Fee>much", "is no number"),
        ("Country=Peru", "No visible row of"),
    ],
)
def test_what_means_no_row_is_refused_and_no_key_is_written_for_what_can_not_be_read(
    sheet: FakeSheet, written: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        rows_where(sheet, [written], among_all=False)
    assert all(row.key for row in sheet.read().rows) is (said == "No visible row of")
