"""Alive and ready, as a probe asks."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.errors import ConfigError, TemporaryError
from tests.web.conftest import StageServices


def test_it_is_ready_when_ledger_and_queue_answer(stranger: FlaskClient) -> None:
    assert stranger.get("/readyz").get_json() == {"status": "ok", "checks": {"ledger": "ok", "queue": "ok"}}


def test_it_names_what_is_not_there(stranger: FlaskClient, services: StageServices) -> None:
    services.queue.unavailable = True
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"ledger": "ok", "queue": "The queue can't be reached."}


@pytest.mark.parametrize("error", [TemporaryError("The ledger is away."), ConfigError(["The ledger is away."])])
def test_it_is_alive_without_being_ready(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def ping() -> None:
        raise error

    monkeypatch.setattr(services.ledger, "ping", ping)
    assert stranger.get("/readyz").get_json()["checks"]["ledger"] == "The ledger is away."
    assert stranger.get("/healthz").get_json()["status"] == "ok"
