"""Processes that share a workbook believe nothing while one of them has a write that is not proven."""

from __future__ import annotations

import threading

import pytest

from server.errors import SheetUnavailable
from server.sheets import turns
from server.sheets.turns import Turns
from tests.sheets.google.books import Open

BOOK = "https://graph.microsoft.com/v1.0/drives/d/items/i"


def test_a_look_waits_until_the_write_of_another_is_proven() -> None:
    budget = Open()
    ours, theirs = Turns(budget, BOOK), Turns(budget, BOOK)
    seen: list[str] = []
    with theirs.alone(lambda: False):
        waiting = threading.Thread(target=lambda: seen.append(ours.calmly(lambda: "looked")[0]))
        waiting.start()
        waiting.join(0.05)
        assert seen == []
    waiting.join(5)
    assert seen == ["looked"]


def test_a_look_that_a_write_fell_into_is_made_again() -> None:
    budget, looks = Open(), []
    ours, theirs = Turns(budget, BOOK), Turns(budget, BOOK)

    def look() -> int:
        looks.append(1)
        if len(looks) == 1:
            with theirs.alone(lambda: False):
                pass
        return len(looks)

    found, count = ours.calmly(look)
    assert found == 2
    assert ours.is_newest(count)
    with theirs.alone(lambda: False):
        assert not ours.is_newest(count)
    assert not ours.is_newest(count)


def test_within_our_own_write_we_look_without_waiting() -> None:
    ours = Turns(Open(), BOOK)
    with ours.alone(lambda: False), ours.alone(lambda: False):
        assert ours.calmly(lambda: "looked") == ("looked", None)


def test_what_is_owed_keeps_others_out_until_it_is_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "CALM_SECONDS", 0.05)
    monkeypatch.setattr(turns, "CALM_LOOK_SECONDS", 0.01)
    budget = Open()
    ours, theirs = Turns(budget, BOOK), Turns(budget, BOOK)
    with theirs.alone(lambda: True):
        pass
    with pytest.raises(SheetUnavailable):
        ours.calmly(lambda: "looked")
    with theirs.alone(lambda: False):
        pass
    assert ours.calmly(lambda: "looked")[0] == "looked"
