"""Errors as people and programs meet them."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from server.errors import (
    AddressError,
    CellbackError,
    ConfigError,
    Conflict,
    InvalidInput,
    NotFound,
    PermanentError,
    SendInDoubt,
    SheetChanged,
    SheetUnavailable,
    SignatureError,
    TemporaryError,
)
from server.web.app import WebApp


def fail_with(app: WebApp, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def overview(campaign_id: str) -> None:
        raise error

    monkeypatch.setattr(app.campaigns, "overview", overview)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("No."), 404),
        (Conflict("No."), 409),
        (SheetChanged("No."), 409),
        (InvalidInput("No."), 422),
        (AddressError("No."), 422),
        (PermanentError("No."), 422),
        (SignatureError("No."), 401),
        (SendInDoubt("No."), 502),
        (SheetUnavailable("No."), 503),
        (TemporaryError("No."), 503),
        (CellbackError("No."), 500),
    ],
)
def test_it_turns_each_of_our_errors_into_its_status(
    app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: CellbackError, status: int
) -> None:
    fail_with(app, error, monkeypatch)
    answer = client.get("/api/campaigns/c_1")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status
    assert answer.get_json()["detail"] == "No."
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_it_says_when_to_ask_again(app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(app, TemporaryError("Not now.", retry_after=12.3), monkeypatch)
    assert client.get("/api/campaigns/c_1").headers["Retry-After"] == "13"


def test_it_names_the_field_and_near_misses(app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(app, InvalidInput("No column “Tmie”.", field="template", suggestions=["Time"]), monkeypatch)
    told = client.get("/api/campaigns/c_1").get_json()
    assert (told["field"], told["suggestions"]) == ("template", ["Time"])


def test_it_keeps_what_is_for_the_log_out_of_the_answer(
    app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(app, PermanentError("Refused.", detail="550 5.7.1 inner words"), monkeypatch)
    assert "inner words" not in client.get("/api/campaigns/c_1").text


def test_it_shows_an_id_and_no_traceback_when_something_unforeseen_happens(
    app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fail_with(app, KeyError("ada@example.org"), monkeypatch)
    with caplog.at_level(logging.ERROR, "server.web.problems"):
        answer = client.get("/api/campaigns/c_1")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "ada@example.org" not in answer.text
    (record,) = caplog.records
    assert record.__dict__["number"] in answer.get_json()["detail"]
    assert record.exc_info is not None


def test_it_tells_the_operator_about_a_configuration_that_no_longer_fits(
    app: WebApp, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(app, ConfigError(["CELLBACK_SECRET_KEY is not the one these texts were sealed with."]), monkeypatch)
    answer = client.get("/api/campaigns/c_1")
    assert answer.status_code == 500
    assert "CELLBACK_SECRET_KEY" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"instrution": "x"}, "instrution", "not known here"),
        ({"instruction": 7}, "instruction", "valid string"),
        ({"instruction": "x" * 20_000}, "instruction", "8000 characters"),
        ({"channel": "pigeon"}, "channel", "outbox"),
        ({"rows": "all"}, "rows", "list"),
    ],
)
def test_it_names_the_field_of_a_body_that_does_not_fit(
    client: FlaskClient, body: dict[str, object], field: str, words: str
) -> None:
    answer = client.post("/api/campaigns", json=body)
    told = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert told["field"] == field
    assert field in told["detail"]
    assert words in told["detail"]


@pytest.mark.parametrize(
    ("data", "kind"), [(b"{", "application/json"), (b"a=1", "text/plain"), (b"[1]", "application/json")]
)
def test_it_asks_for_json_where_it_needs_json(client: FlaskClient, data: bytes, kind: str) -> None:
    answer = client.post("/api/campaigns", data=data, content_type=kind)
    assert answer.status_code == 422
    assert "JSON" in answer.get_json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("DELETE", "/api/session", 405)])
def test_it_answers_programs_with_a_problem(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_it_answers_people_with_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is nothing at this address." in answer.text
