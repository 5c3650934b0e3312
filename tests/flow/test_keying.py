"""Rows get keys before there is a campaign, whatever else happens to the sheet."""

from __future__ import annotations

import pytest

from server.domain.keys import is_row_key, new_row_key
from server.errors import SheetChanged
from server.flow.keying import give_keys
from tests.fakes import FakeSheet

PEOPLE = [["Ada", "ada@example.org"], ["Ben", "ben@example.org"], ["", ""], ["Cleo", "cleo@example.org"]]


def keys(sheet: FakeSheet) -> dict[str, str]:
    return {row.shown(0): row.key for row in sheet.read().rows}


def test_every_row_with_data_gets_one_and_keeps_it() -> None:
    sheet = FakeSheet(["Name", "Email"], PEOPLE)
    assert give_keys(sheet) == 3
    first = keys(sheet)
    assert all(is_row_key(key) for name, key in first.items() if name)
    assert give_keys(sheet) == 0
    assert keys(sheet) == first


def test_a_copied_row_is_left_to_the_campaign_that_knows_whose_key_it_is() -> None:
    shared = new_row_key()
    sheet = FakeSheet(["Name", "Row key"], [["Ada", shared], ["Ada again", shared], ["Ben", ""]])
    assert give_keys(sheet) == 1
    found = keys(sheet)
    assert found["Ada"] == found["Ada again"] == shared
    assert is_row_key(found["Ben"])


def test_a_sheet_that_moves_meanwhile_is_read_again_and_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = FakeSheet(["Name", "Email"], PEOPLE)
    apply, fails = sheet.apply, iter([True, True, False])

    def moving(*args: object) -> None:
        if next(fails, False):
            raise SheetChanged("It moved.")
        apply(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sheet, "apply", moving)
    assert give_keys(sheet) == 3
    other = FakeSheet(["Name", "Email"], PEOPLE)
    monkeypatch.setattr(other, "apply", lambda *_: (_ for _ in ()).throw(SheetChanged("It moved.")))
    with pytest.raises(SheetChanged, match="keeps changing"):
        give_keys(other)
