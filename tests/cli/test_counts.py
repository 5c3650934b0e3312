"""What `status` and `run` count adds up, at any moment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.campaigns import CampaignService
from server.cli.status import show_status
from server.config import load_settings
from server.domain.machine import Drafted
from server.domain.words import CampaignState, MessageState
from server.services import build
from tests.books import contestants


def test_the_counts_add_up_while_rows_are_drafted_and_when_all_has_ended(
    ready_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(ready_data_dir))
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    services = build(load_settings())
    service, path = CampaignService(services), str(contestants(tmp_path / "a.xlsx", 3))

    def told() -> tuple[dict[str, object], str]:
        show_status(path, "", as_json=True)
        as_json = json.loads(capsys.readouterr().out)
        show_status(path, "", as_json=False)
        return as_json, capsys.readouterr().out

    campaign = service.create(path, template="Hi {{Name}}.")
    assert told()[0] == {"campaign": campaign.id, "rows": 3, "status": {}, "undrafted": 3}
    service.draft(campaign.id)
    first, *_ = services.ledger.messages.of_campaign(campaign.id, states=[MessageState.CHOSEN])
    services.ledger.messages.move(first.id, Drafted("Hi.", address="a@example.org"))
    as_json, text = told()
    assert as_json == {"campaign": campaign.id, "rows": 3, "status": {"Draft": 1}, "undrafted": 2}
    assert "2  not drafted yet" in text
    service.cancel(campaign.id)
    assert services.ledger.campaigns.get(campaign.id).state is CampaignState.CANCELLED
    assert told()[0] == {"campaign": campaign.id, "rows": 3, "status": {"Cancelled": 3}}
    services.close()
