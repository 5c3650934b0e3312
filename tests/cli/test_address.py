"""`export`, `erase` and `rotate-key` as the operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.__main__ import main
from server.config import load_settings
from server.domain.campaign import Campaign
from server.domain.message import Message, Outgoing
from server.domain.plan import Plan
from server.domain.words import CampaignState, ChannelName, MessageState
from server.services import build

ADA, BEN = "ada@example.org", "ben@example.org"


@pytest.fixture(autouse=True)
def _a_campaign(ready_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people who were written to, in the ledger and in the local mailbox."""
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(ready_data_dir))
    monkeypatch.delenv("CELLBACK_SECRET_KEY", raising=False)
    services = build(load_settings())
    plan = Plan(ChannelName.OUTBOX, "outbox", "Email")
    services.ledger.campaigns.add(Campaign("c_1", "w.xlsx", "S", "N", "I", plan, CampaignState.SENDING))
    for number, address in enumerate((ADA, BEN)):
        message = Message(f"m_{number}", "c_1", f"r_{number}", state=MessageState.SENT, address=address, text="Hello")
        services.ledger.messages.add([message])
        mail = services.mailbox.put(Outgoing(message.id, "", address, "Hello"))
        services.mailbox.note_answer(mail, f"Yes, {address}")
    services.mailbox.close()
    services.close()


def exported(capsys: pytest.CaptureFixture[str], address: str) -> dict[str, list[dict[str, object]]]:
    capsys.readouterr()
    assert main(["export", address]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_it_exports_what_is_known_of_one_address(capsys: pytest.CaptureFixture[str]) -> None:
    found = exported(capsys, " Ada <ADA@example.org>")
    assert [message["text"] for message in found["messages"]] == ["Hello"]
    assert [mail["answers"] for mail in found["mailbox"]] == [[f"Yes, {ADA}"]]
    assert BEN not in json.dumps(found)


def test_it_erases_one_address_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    other = exported(capsys, BEN)
    assert main(["erase", ADA, "--yes"]) == 0
    assert "1 messages" in capsys.readouterr().err
    found = exported(capsys, ADA)
    assert not any(records for name, records in found.items() if name != "address")
    assert exported(capsys, BEN) == other


def test_it_erases_nothing_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", ADA]) == 1
    assert "--yes" in capsys.readouterr().err
    assert exported(capsys, ADA)["messages"]


@pytest.mark.parametrize("command", [["export", "  "], ["erase", " ", "--yes"]])
def test_it_wants_an_address(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 1
    assert "Name the address" in capsys.readouterr().err


def test_a_kept_key_is_replaced_and_everything_still_opens(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, first = exported(capsys, ADA), (data_dir / "secret.key").read_text()
    assert main(["rotate-key"]) == 0
    second = (data_dir / "secret.key").read_text()
    assert second != first
    assert "\n" not in second
    assert exported(capsys, ADA) == before


def test_a_broken_off_change_of_the_kept_key_goes_on_with_the_same_new_key(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = data_dir / "secret.key"
    kept.write_text(f"{'n' * 48}\n{kept.read_text()}")
    before = exported(capsys, ADA)
    assert main(["rotate-key"]) == 0
    assert kept.read_text() == "n" * 48
    assert exported(capsys, ADA) == before


def test_a_configured_key_is_replaced_by_naming_the_former_one(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported(capsys, ADA)
    monkeypatch.setenv("CELLBACK_SECRET_KEY", "a new secret of thirty-two characters!!")
    assert main(["rotate-key"]) == 1
    assert "CELLBACK_OLD_SECRET_KEYS" in capsys.readouterr().err
    monkeypatch.setenv("CELLBACK_OLD_SECRET_KEYS", json.dumps([(data_dir / "secret.key").read_text()]))
    assert main(["rotate-key"]) == 0
    monkeypatch.delenv("CELLBACK_OLD_SECRET_KEYS")
    assert exported(capsys, ADA) == before
