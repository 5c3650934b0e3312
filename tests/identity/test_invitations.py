"""Further addresses of the desk: whose they are, how long, and what ends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.errors import InvalidInput
from server.identity.invitations import LONGEST_DAYS, Invitations, Invited
from server.identity.people import PersonRole

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MADE = Invitations("s" * 32, "token")


def test_it_says_whose_it_is_for_so_many_days() -> None:
    word = MADE.make(" Kim  Lee ", PersonRole.EDITOR, 7, NOW)
    until = NOW + timedelta(days=7)
    assert MADE.read(word, until - timedelta(seconds=1)) == Invited("Kim Lee", PersonRole.EDITOR, until)
    assert MADE.read(word, until) is None


def test_a_new_access_token_or_secret_key_ends_it() -> None:
    word = MADE.make("Kim", PersonRole.VIEWER, 7, NOW)
    assert Invitations("s" * 32, "another").read(word, NOW) is None
    assert Invitations("t" * 32, "token").read(word, NOW) is None


def test_nobody_gives_themselves_another_role_or_name() -> None:
    word = MADE.make("Kim", PersonRole.VIEWER, 7, NOW)
    payload, _, signature = word.rpartition(".")
    other = MADE.make("Kim", PersonRole.SENDER, 7, NOW).rpartition(".")[0]
    assert MADE.read(f"{payload}.{signature}", NOW) is not None
    for text in (f"{other}.{signature}", payload, f"{payload}.", signature, "", "desk", "token", "é", "[" * 10_000):
        assert MADE.read(text, NOW) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "Kim\u202e", "Kim\0"])
def test_a_name_can_be_shown(name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        MADE.make(name, PersonRole.VIEWER, 7, NOW)


@pytest.mark.parametrize("days", [0, -1, LONGEST_DAYS + 1])
def test_it_ends(days: int) -> None:
    with pytest.raises(InvalidInput, match="days"):
        MADE.make("Kim", PersonRole.VIEWER, days, NOW)
