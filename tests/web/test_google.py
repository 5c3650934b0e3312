"""Coming in from Google Sheets: identity, proof, session; and every way to come in that is none."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.config import load_settings
from server.errors import ConfigError, NotShared, SignInAgain
from server.web.app import WebApp
from tests.fakes import FakeClock, FakeSheet
from tests.identity.signer import PERSON, google, impostor
from tests.web.conftest import PEOPLE, MakeApp, StageServices
from tests.web.googles import ALLOWED, BOOK, OTHER_BOOK, Spreadsheets, address, arrive, enter, stand_in


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(**ALLOWED)


@pytest.fixture
def google_sheets(services: StageServices) -> Spreadsheets:
    for book in (BOOK, OTHER_BOOK):
        services.fakes[address(book)] = FakeSheet(
            ["Name", "Email"], [row[:2] for row in PEOPLE], workbook=address(book)
        )
    return stand_in(services)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_who_proves_that_they_may_edit_comes_in(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    first = arrive(stranger)
    assert first.status_code == 403
    assert first.mimetype == "application/problem+json"
    assert first.json["type"] == "urn:cellback:prove"
    google_sheets.prove(BOOK, first.json["nonce"])
    second = arrive(stranger)
    assert second.status_code == 200
    assert second.json["who"] == PERSON
    assert second.json["workbook"] == address(BOOK)
    assert second.json["sheet"] == "gid:7"
    assert second.json["expires_in"] == 3600
    session = stranger.get("/api/session", headers=bearer(second.json["token"]))
    assert session.status_code == 200
    assert session.json["host"] == "google"
    assert session.json["who"] == PERSON
    assert session.json["workbook"] == address(BOOK)


def test_the_sidebar_can_write_every_nonce(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    import re

    for _ in range(50):
        assert re.fullmatch(r"[A-Za-z0-9_-]{16,128}", arrive(stranger).json["nonce"])


def test_a_proof_counts_for_thirty_days(stranger: FlaskClient, google_sheets: Spreadsheets, clock: FakeClock) -> None:
    enter(stranger, google_sheets)
    google_sheets.words.clear()
    reads = google_sheets.reads
    clock.advance(days=29)
    assert arrive(stranger).status_code == 200
    assert google_sheets.reads == reads
    clock.advance(days=1)
    assert arrive(stranger).json["type"] == "urn:cellback:prove"


def test_two_people_prove_at_once(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    ben = google().token(email="ben@example.org")
    for token in (google().token(), ben):
        google_sheets.prove(BOOK, arrive(stranger, token=token).json["nonce"])
    assert arrive(stranger).status_code == 200
    assert arrive(stranger, token=ben).status_code == 200


def test_a_nonce_counts_only_for_its_person_and_its_spreadsheet(
    stranger: FlaskClient, google_sheets: Spreadsheets
) -> None:
    nonce = arrive(stranger).json["nonce"]
    google_sheets.prove(OTHER_BOOK, nonce)
    assert arrive(stranger, OTHER_BOOK).status_code == 403
    google_sheets.prove(BOOK, nonce)
    assert arrive(stranger, token=google().token(email="ben@example.org")).status_code == 403
    assert arrive(stranger).status_code == 200


def test_a_nonce_counts_once(
    stranger: FlaskClient, google_sheets: Spreadsheets, services: StageServices, clock: FakeClock
) -> None:
    enter(stranger, google_sheets)
    services.ledger.access.link(PERSON, address(BOOK), clock.now())  # as if the 30 days were over
    assert arrive(stranger).status_code == 403


def test_a_nonce_grows_old(stranger: FlaskClient, google_sheets: Spreadsheets, clock: FakeClock) -> None:
    google_sheets.prove(BOOK, arrive(stranger).json["nonce"])
    clock.advance(601)
    assert arrive(stranger).status_code == 403


@pytest.mark.parametrize("word", ["", "x", "é" * 59, "A" * 59, "A" * 60, "=" * 59, "\0" * 59])
def test_no_other_word_in_the_metadata_proves_anything(
    stranger: FlaskClient, google_sheets: Spreadsheets, word: str
) -> None:
    google_sheets.prove(BOOK, word)
    assert arrive(stranger).status_code == 403


def test_a_nonce_is_known_in_one_form_only(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    """Base64 has several texts for the same bytes: spent once, it must not come back in another guise."""
    nonce = arrive(stranger).json["nonce"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = nonce[:-1] + alphabet[alphabet.index(nonce[-1]) | 1]
    for guise in {same, f"{nonce}=", f"{nonce}\n", f" {nonce}"} - {nonce}:
        google_sheets.prove(BOOK, guise)
    assert arrive(stranger).status_code == 403


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    google_sheets.shared.clear()
    answer = arrive(stranger)
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:cellback:share"
    assert answer.json["account"] == "robot@example.com"
    assert answer.json["detail"] == "Share this spreadsheet with robot@example.com as Editor."
    google_sheets.shared.add(BOOK)
    assert arrive(stranger).json["type"] == "urn:cellback:prove"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@evil.example", "hd": "evil.example"},
        {"email": "eve@evil.example", "hd": "example.org"},
        {"email": "ann@example.org", "hd": None},
        {"email": "eve@sub.example.org"},
    ],
)
def test_who_is_not_on_the_list_does_not_come_in(
    stranger: FlaskClient, google_sheets: Spreadsheets, claims: dict[str, Any]
) -> None:
    answer = arrive(stranger, token=google().token(**claims))
    assert answer.status_code == 403
    assert "nonce" not in answer.json
    assert google_sheets.reads == 0
    assert claims["email"] in answer.json["detail"]


def test_a_guest_by_address_comes_in_without_an_organisation(
    stranger: FlaskClient, google_sheets: Spreadsheets
) -> None:
    token = google().token(email="guest@partner.example", hd=None)
    assert arrive(stranger, token=token).json["type"] == "urn:cellback:prove"


def test_a_token_that_does_not_count_gets_nothing(stranger: FlaskClient, google_sheets: Spreadsheets) -> None:
    now = int(time.time())
    wrong = [
        impostor().token(),
        google().token(aud="other.apps.googleusercontent.com"),
        google().token(iat=now - 9000, exp=now - 5000),
        google().token(email_verified=False),
        google().token().rpartition(".")[0] + ".",
        "x" * 8000,
    ]
    for token in wrong:
        answer = arrive(stranger, token=token)
        assert answer.status_code == 401, token
        assert "WWW-Authenticate" not in answer.headers
    assert google_sheets.reads == 0


@pytest.mark.parametrize(
    "change",
    [
        {"spreadsheet_id": "../../etc/passwd"},
        {"spreadsheet_id": f"{BOOK}\n"},
        {"spreadsheet_id": f"{BOOK}/edit"},
        {"spreadsheet_id": f"{BOOK}?x"},
        {"spreadsheet_id": ""},
        {"spreadsheet_id": [BOOK]},
        {"sheet_id": -1},
        {"sheet_id": "7; DROP"},
        {"identity_token": "x" * 9000},
        {"identity_token": None},
        {"more": 1},
    ],
)
def test_an_odd_question_is_refused(stranger: FlaskClient, google_sheets: Spreadsheets, change: dict[str, Any]) -> None:
    body = {"identity_token": google().token(), "spreadsheet_id": BOOK, "sheet_id": 7, **change}
    assert stranger.post("/api/google/session", json=body).status_code == 422
    assert google_sheets.reads == 0


def test_a_huge_or_deep_question_is_refused(stranger: FlaskClient) -> None:
    kind = "application/json"
    assert stranger.post("/api/google/session", data=b"x" * 20_000, content_type=kind).status_code == 413
    assert stranger.post("/api/google/session", data=b"[" * 16_000, content_type=kind).status_code in {400, 422}
    assert stranger.post("/api/google/session", data=b"{}", content_type="text/plain").status_code == 422


def test_without_an_audience_nobody_comes_in(make_app: MakeApp) -> None:
    answer = arrive(make_app().test_client())
    assert answer.status_code == 403
    assert "GOOGLE_IDENTITY_AUDIENCE" in answer.json["detail"]


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"GOOGLE_IDENTITY_AUDIENCE": "a"}, "CELLBACK_ALLOWED must name"),
        ({"CELLBACK_ALLOWED": "*"}, "neither a domain"),
        ({"CELLBACK_ALLOWED": "https://example.org"}, "neither a domain"),
        ({"CELLBACK_ORIGINS": "*"}, "CELLBACK_ORIGINS"),
        ({"CELLBACK_ORIGINS": "https://example.org/path"}, "CELLBACK_ORIGINS"),
        ({"GOOGLE_OAUTH_CLIENT_ID": "a"}, "need each other"),
        ({"GOOGLE_CERTS_URL": "file:///etc/passwd"}, "GOOGLE_CERTS_URL"),
    ],
)
def test_settings_that_let_too_many_in_stop_the_start(variables: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_settings(_env_file=None, **variables)


def test_a_session_ends_after_an_hour(stranger: FlaskClient, google_sheets: Spreadsheets, clock: FakeClock) -> None:
    headers = bearer(enter(stranger, google_sheets))
    clock.advance(3600)
    assert stranger.get("/api/session", headers=headers).status_code == 200
    clock.advance(1)
    assert stranger.get("/api/session", headers=headers).status_code == 401


def test_a_session_ends_when_its_owner_is_taken_off_the_list_or_the_key_changes(
    stranger: FlaskClient, google_sheets: Spreadsheets, make_app: MakeApp
) -> None:
    headers = bearer(enter(stranger, google_sheets))
    without = make_app(**{**ALLOWED, "CELLBACK_ALLOWED": "other.example"})
    assert without.test_client().get("/api/campaigns/c_1", headers=headers).status_code == 401
    other_key = make_app(**ALLOWED, CELLBACK_SECRET_KEY="k" * 40, DATABASE_URL="sqlite:///:memory:")
    assert other_key.test_client().get("/api/campaigns/c_1", headers=headers).status_code == 401


def test_a_session_can_not_be_made_of_other_words_of_ours(
    stranger: FlaskClient, app: WebApp, google_sheets: Spreadsheets
) -> None:
    claims = {"who": PERSON, "spreadsheet": BOOK}
    token = enter(stranger, google_sheets)
    for word in (
        app.tokens.make("google.ticket", claims),
        app.tokens.seal("google.session", claims),
        app.tokens.nonce(PERSON, address(BOOK)),
        token[:-2],
        token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:],
        token.split(".")[0],
    ):
        assert stranger.get("/api/session", headers=bearer(word)).status_code == 401, word


@pytest.mark.parametrize(
    "path", ["/", "/panel", "/docs", "/openapi.json", "/metrics", "/api/mailbox", "/docs/start.js"]
)
def test_a_session_opens_nothing_but_the_api_of_its_spreadsheet(
    stranger: FlaskClient, google_sheets: Spreadsheets, path: str
) -> None:
    token = enter(stranger, google_sheets)
    assert stranger.get(path, headers=bearer(token)).status_code in {401, 403}
    assert stranger.get(path, query_string={"token": token}).status_code == 401
    stranger.set_cookie("cellback_5000", token)
    assert stranger.get(path).status_code == 401


def test_a_permission_that_has_ended_says_so(
    stranger: FlaskClient, google_sheets: Spreadsheets, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(enter(stranger, google_sheets))
    for error in (SignInAgain("Sign in again."), NotShared("Share it.", account="robot@example.com")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(services.fakes[address(BOOK)], "version", fail)
        answer = stranger.get("/api/session", headers=headers)
        assert answer.status_code == 403
        assert answer.json["type"] == "urn:cellback:share"
        assert answer.json["detail"] == error.sentence


def test_neither_address_nor_token_gets_into_a_log(
    stranger: FlaskClient, google_sheets: Spreadsheets, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = enter(stranger, google_sheets)
        stranger.get("/api/session", headers=bearer(token))
        arrive(stranger, token=google().token(email="eve@evil.example", hd=None))
        arrive(stranger, token=impostor().token())
        google_sheets.shared.clear()
        arrive(stranger, token=google().token(email="ben@example.org"))
    for secret in (PERSON, "eve@", "ben@", token[:20], "eyJ"):
        assert secret not in caplog.text


def test_what_a_person_does_carries_their_address(
    stranger: FlaskClient, google_sheets: Spreadsheets, services: StageServices
) -> None:
    headers = bearer(enter(stranger, google_sheets))
    body = {"template": "Hi {{Name}}", "address_column": "Email", "rows": ["all"]}
    view = stranger.post("/api/campaigns", json=body, headers=headers)
    assert view.status_code == 200, view.json
    assert view.json["workbook"] == address(BOOK)
    assert services.ledger.campaigns.get(view.json["id"]).started_by == PERSON
