"""A ledger that was restored from a backup has forgotten what was sent since then. The sheet has not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.words import MessageState
from server.store import open_ledger
from tests.databases import CIPHER
from tests.flow.stage import Stage


@pytest.fixture
def restored(stage: Stage, tmp_path: Path) -> Iterator[Stage]:
    """Backed up when all was approved; then Ana's and Ben's were sent, and the ledger was lost."""
    stage.draft()
    stage.approve()
    stage.start()
    stage.sync()
    stage.ledger.close()
    shutil.copy(tmp_path / "ledger.db", tmp_path / "backup.db")
    stage.ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", CIPHER, clock=stage.clock)
    stage.sheet.delete_row(2)
    stage.send()
    stage.sync()
    stage.sheet.insert_row(2)
    stage.ledger.close()
    assert [mail.person for mail in stage.channel.arrived] == ["Ana", "Ben"]
    stage.ledger = open_ledger(f"sqlite:///{tmp_path / 'backup.db'}", CIPHER, clock=stage.clock)
    stage.seen = ""
    yield stage
    stage.ledger.close()


@pytest.mark.parametrize("first", ["send", "sync"])
def test_what_the_sheet_says_was_sent_is_not_sent_again(restored: Stage, first: str) -> None:
    restored.sync() if first == "sync" else restored.send()
    restored.send()
    restored.sync()
    assert [mail.person for mail in restored.channel.arrived] == ["Ana", "Ben"]
    assert not {restored.of(name).state for name in ("Ana", "Ben")} & {MessageState.APPROVED, MessageState.SENT}
    assert [restored.cell(name, "Status") for name in ("Ana", "Ben")] == ["Sent", "Sent"]
    assert "of which Cellback knows nothing" in restored.of("Ana").note


def test_a_person_may_have_it_sent_all_the_same(restored: Stage) -> None:
    restored.sync()
    restored.type("Ana", "Status", "Retry")
    restored.sync()
    restored.send()
    restored.sync()
    assert [mail.person for mail in restored.channel.arrived] == ["Ana", "Ben", "Ana"]
    assert restored.cell("Ana", "Status") == "Sent"


@pytest.mark.parametrize("word", ["Sent", "delivered", "Opted out", "In doubt", "Confirmed"])
def test_a_row_that_a_person_says_went_already_is_left_alone(stage: Stage, word: str) -> None:
    stage.draft()
    stage.approve()
    stage.start()
    stage.type("Ana", "Status", word)
    stage.send()
    stage.sync()
    assert sorted(mail.person for mail in stage.channel.arrived) == ["Ben", "Cleo"]
    assert stage.cell("Ana", "Status") == word
