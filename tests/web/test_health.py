"""Alive and ready, as a probe asks."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.errors import ConfigError, TemporaryError
from server.queue import BULK, CLOCK_LEASE, FAST
from tests.web.conftest import StageServices


@pytest.fixture
def ticking(services: StageServices) -> StageServices:
    services.ledger.leases.take(CLOCK_LEASE, "clock", 10)
    return services


def checks(stranger: FlaskClient, status: int = 503) -> dict[str, str]:
    """The words of all checks that are not well."""
    answer = stranger.get("/readyz")
    assert answer.status_code == status
    return {name: word for name, word in answer.get_json()["checks"].items() if word != "ok"}


def test_it_is_ready_when_everything_answers_and_works(stranger: FlaskClient, ticking: StageServices) -> None:
    parts = ("ledger", "queue", "worker-bulk", "worker-fast", "clock")
    assert stranger.get("/readyz").get_json() == {"status": "ok", "checks": dict.fromkeys(parts, "ok")}


def test_it_names_a_queue_that_is_away(stranger: FlaskClient, ticking: StageServices) -> None:
    ticking.queue.unavailable = True
    found = checks(stranger)
    assert found["queue"] == "The queue can't be reached."
    assert set(found) == {"queue", "worker-bulk", "worker-fast"}


@pytest.mark.parametrize(("heard", "word"), [(None, "python -m jobs.worker bulk"), (31.0, "for 31 s")])
def test_it_names_a_queue_that_nobody_works_on(
    stranger: FlaskClient, ticking: StageServices, heard: float | None, word: str
) -> None:
    ticking.queue.heard = {BULK: heard, FAST: 4.0}
    found = checks(stranger)
    assert [*found] == ["worker-bulk"]
    assert word in found["worker-bulk"]


def test_it_says_that_the_clock_stands_still(stranger: FlaskClient, ticking: StageServices) -> None:
    assert checks(stranger, 200) == {}
    ticking.clock.advance(11)  # type: ignore[attr-defined]
    assert "python -m jobs.clock" in checks(stranger)["clock"]


@pytest.mark.parametrize("error", [TemporaryError("The ledger is away."), ConfigError(["The ledger is away."])])
def test_it_is_alive_without_being_ready(
    stranger: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def ping() -> None:
        raise error

    monkeypatch.setattr(services.ledger, "ping", ping)
    assert stranger.get("/readyz").get_json()["checks"]["ledger"] == "The ledger is away."
    assert stranger.get("/healthz").get_json()["status"] == "ok"
