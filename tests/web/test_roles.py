"""Who may look, edit, approve and send: the one table over all routes, and where a role comes from."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.domain.words import CampaignState
from server.flow import approving
from server.identity.invitations import Invitations
from server.identity.people import Deed, PersonRole
from server.web import rights, sessions
from server.web.app import WebApp
from tests.fakes import FakeClock, FakeSheet
from tests.web.conftest import MakeApp, StageServices, free_port
from tests.web.googles import BOOK, address

VIEWER, EDITOR, SENDER = PersonRole
EMAILS = {VIEWER: "vic@example.org", EDITOR: "edith@example.org", SENDER: "sam@example.org"}
NAMES = {VIEWER: "Vic", EDITOR: "Edith", SENDER: "Sam"}
LISTS = {
    "GOOGLE_IDENTITY_AUDIENCE": "a",
    "CELLBACK_VIEWERS": "example.org",
    "CELLBACK_EDITORS": EMAILS[EDITOR],
    "CELLBACK_SENDERS": EMAILS[SENDER],
}
Come = Callable[[PersonRole], FlaskClient]


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(**LISTS, PORT=free_port())


@pytest.fixture
def invitations(app: WebApp) -> Invitations:
    return Invitations(app.settings.secret(), app.settings.access_token())


@pytest.fixture
def come(app: WebApp, invitations: Invitations, clock: FakeClock) -> Come:
    """A browser at the desk of somebody who was invited in that role."""

    def make(role: PersonRole) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        word = invitations.make(NAMES[role], role, 30, clock.now())
        assert client.get(f"/?token={word}&role=sender").status_code == 303
        return client

    return make


def rules(app: WebApp) -> set[str]:
    """Method and rule of every route that the application knows."""
    found = set()
    for rule in app.url_map.iter_rules():
        found |= {f"{method} {rule.rule}" for method in rule.methods or () if method not in {"HEAD", "OPTIONS"}}
    return found


def test_every_route_is_in_the_table_or_open_to_all(app: WebApp) -> None:
    """A new route is closed to all but senders until somebody decides: then it belongs into `rights`."""
    assert rules(app) - rights.TABLE.keys() - rights.OPEN == set()
    assert rights.TABLE.keys() & rights.OPEN == set()


def test_the_table_and_the_gate_agree_about_what_is_open(app: WebApp, stranger: FlaskClient) -> None:
    for name in rules(app):
        method, _, rule = name.partition(" ")
        answer = stranger.open(re.sub(r"<[^>]*>", "x", rule), method=method)
        told = "Open the address that was printed" in answer.text
        assert told is (name not in rights.OPEN), name


def test_a_route_that_is_in_no_table_is_the_senders(app: WebApp, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: need for name, need in rights.TABLE.items() if name != "GET /api/session"}
    monkeypatch.setattr(rights, "TABLE", kept)
    assert [come(role).get("/api/session").status_code for role in PersonRole] == [403, 403, 200]


@pytest.mark.parametrize("role", PersonRole)
def test_every_route_asks_for_its_role(app: WebApp, come: Come, planned: Campaign, role: PersonRole) -> None:
    client = come(role)
    there = {"campaign_id": planned.id, "message_id": "m", "key": "k", "mail_id": "1", "path:filename": "x"}
    for name, need in rights.TABLE.items():
        method, _, rule = name.partition(" ")
        if rule.endswith("/events") or name not in rules(app):
            continue
        asked = need if isinstance(need, Deed) else {"_approving": Deed.APPROVE}.get(need.__name__, Deed.EDIT)
        filled = re.sub(r"<([^>]*)>", lambda found: there.get(found[1], "x"), rule)
        answer = client.open(filled, method=method, json=None if method == "GET" else {})
        refused = answer.status_code == 403 and "Not for your role" in answer.text
        assert refused is not role.may(asked), name


def test_the_refusal_says_what_it_takes_and_whom_to_ask(come: Come, planned: Campaign) -> None:
    edited = come(VIEWER).post(f"/api/campaigns/{planned.id}/draft", json={})
    sent = come(EDITOR).post(f"/api/campaigns/{planned.id}/send", json={})
    assert "Ask somebody who may edit" in edited.json["detail"]
    assert "Ask somebody who may send" in sent.json["detail"]
    assert "@" not in edited.text + sent.text


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (CampaignState.DRAFTED, 200),
        (CampaignState.SENDING, 403),
        (CampaignState.PAUSED, 200),
        (CampaignState.DONE, 403),
    ],
)
def test_an_editor_approves_where_nothing_leaves_by_that(
    services: StageServices,
    come: Come,
    planned: Campaign,
    drafted: list[Message],
    state: CampaignState,
    status: int,
) -> None:
    for step in dict.fromkeys([state if state is CampaignState.DRAFTED else CampaignState.SENDING, state]):
        assert services.ledger.campaigns.move(planned.id, step)
    at = f"/api/campaigns/{planned.id}"
    keys = [drafted[0].row_key]
    editor, sender = come(EDITOR), come(SENDER)
    assert editor.post(f"{at}/approve", json={"keys": keys}).status_code == status
    assert editor.post(f"{at}/command", json={"keys": keys, "command": "Approved"}).status_code == status
    assert sender.post(f"{at}/approve", json={"keys": keys}).status_code == 200


@pytest.mark.parametrize("role", [EDITOR, SENDER])
def test_an_approval_knows_whether_it_may_let_anything_leave(
    come: Come, planned: Campaign, drafted: list[Message], role: PersonRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may press Send between the look at the role and the approval: the ledger holds them apart."""
    may_send: list[bool] = []

    def approve(**given: Any) -> approving.Approvals:
        may_send.append(given["may_send"])
        return approving.Approvals(0, {})

    monkeypatch.setattr("server.campaigns.approving.approve", approve)
    at, keys = f"/api/campaigns/{planned.id}", [drafted[0].row_key]
    assert come(role).post(f"{at}/approve", json={"keys": keys}).status_code == 200
    assert come(role).post(f"{at}/command", json={"keys": keys, "command": "Approved"}).status_code == 200
    assert may_send == [role is SENDER] * 2


@pytest.mark.parametrize(
    ("command", "status"), [("Skip", 200), ("Redraft", 200), ("Remind", 200), ("Retry", 403), ("Sent", 403)]
)
def test_a_command_needs_what_its_words_do(
    come: Come, planned: Campaign, drafted: list[Message], command: str, status: int
) -> None:
    body = {"keys": [drafted[0].row_key], "command": command}
    assert come(EDITOR).post(f"/api/campaigns/{planned.id}/command", json=body).status_code == status
    assert come(VIEWER).post(f"/api/campaigns/{planned.id}/command", json=body).status_code == 403


@pytest.mark.parametrize(
    ("typed", "state", "status"),
    [
        ("10:00", CampaignState.SENDING, 200),
        ("Approved", CampaignState.DRAFTED, 200),
        (" APPROVED ", CampaignState.SENDING, 403),
        ("retry", CampaignState.DRAFTED, 403),
        ("Sent", CampaignState.DRAFTED, 403),
    ],
)
def test_a_command_that_is_typed_into_the_grid_is_no_way_around(
    services: StageServices,
    sheet: FakeSheet,
    come: Come,
    planned: Campaign,
    drafted: list[Message],
    typed: str,
    state: CampaignState,
    status: int,
) -> None:
    assert services.ledger.campaigns.move(planned.id, state)
    editor = come(EDITOR)
    grid = editor.get("/api/grid").json
    body = {"version": grid["version"], "position": grid["rows"][0]["position"], "column": 2, "value": typed}
    assert editor.patch("/api/grid", json=body).status_code == status
    assert come(VIEWER).patch("/api/grid", json=body).status_code == 403


# where a role comes from


def test_whoever_was_invited_is_that_person_with_that_role(come: Come, sheet: FakeSheet, client: FlaskClient) -> None:
    seen = {role: come(role).get("/api/session").json for role in PersonRole}
    assert [seen[role]["who"] for role in PersonRole] == list(NAMES.values())
    assert [seen[role]["may"] for role in PersonRole] == [[], ["edit", "approve"], ["edit", "approve", "send"]]
    assert client.get("/api/session").json["may"] == ["edit", "approve", "send"]


def test_what_an_invited_person_does_is_told_by_their_name(
    services: StageServices, come: Come, planned: Campaign, drafted: list[Message]
) -> None:
    come(EDITOR).post(f"/api/campaigns/{planned.id}/command", json={"keys": [drafted[0].row_key], "command": "Skip"})
    assert "Edith" in services.ledger.messages.get(drafted[0].id).note


def test_an_invitation_ends_with_its_days_and_with_the_token(
    come: Come, clock: FakeClock, make_app: MakeApp, app: WebApp, sheet: FakeSheet
) -> None:
    client = come(VIEWER)
    cookie = client.get_cookie(f"cellback_{app.settings.port}")
    assert cookie is not None
    clock.advance(days=29, hours=23)
    assert client.get("/api/session").status_code == 200
    (app.settings.data_dir / "access.token").write_text("another-token-altogether")
    later = make_app(**LISTS, PORT=app.settings.port).test_client()
    later.set_cookie(cookie.key, cookie.value)
    assert later.get("/api/session").status_code == 401
    clock.advance(timedelta(hours=1).total_seconds())
    assert client.get("/api/session").status_code == 401


def test_an_invitation_is_no_bearer_and_no_cookie_by_itself(
    app: WebApp, invitations: Invitations, clock: FakeClock, stranger: FlaskClient
) -> None:
    word = invitations.make("Kim", SENDER, 30, clock.now())
    assert stranger.get("/api/session", headers={"Authorization": f"Bearer {word}"}).status_code == 401
    stranger.set_cookie(f"cellback_{app.settings.port}", word)
    assert stranger.get("/api/session").status_code == 401


def test_an_invitation_stands_in_no_log(
    stranger: FlaskClient, invitations: Invitations, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    word = invitations.make("Kim", VIEWER, 30, clock.now())
    stranger.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    answer = stranger.get(f"/?token={word}")
    stranger.post("/api/campaigns", json={})
    stranger.get("/?token=" + word[:-1])
    assert word not in answer.headers["Location"]
    assert word[:40] not in caplog.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", PersonRole)
def test_a_session_from_google_carries_no_role(app: WebApp, services: StageServices, role: PersonRole) -> None:
    services.fakes[address(BOOK)] = FakeSheet(["Name"], [["Ada"]], workbook=address(BOOK))
    with app.app_context():
        token = sessions.issue(app, EMAILS[role].upper(), BOOK)
    asked = app.test_client().get("/api/session", headers={"Authorization": f"Bearer {token}"})
    assert asked.json["may"] == [deed for deed in role.deeds if deed is not Deed.LOOK]


def test_a_change_of_the_lists_counts_for_sessions_that_are_open(make_app: MakeApp, app: WebApp) -> None:
    token = sessions.issue(app, EMAILS[SENDER], BOOK)

    def may(**lists: str) -> tuple[int, Any]:
        other = make_app(GOOGLE_IDENTITY_AUDIENCE="a", **lists)
        assert isinstance(other.services, StageServices)
        other.services.fakes[address(BOOK)] = FakeSheet(["Name"], [["Ada"]], workbook=address(BOOK))
        answer = other.test_client().get("/api/session", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json.get("may")

    assert may(CELLBACK_ALLOWED="example.org") == (200, ["edit", "approve", "send"])
    assert may(CELLBACK_ALLOWED="example.org", CELLBACK_VIEWERS=EMAILS[SENDER]) == (200, [])
    assert may(CELLBACK_ALLOWED="other.example") == (401, None)


def test_nobody_names_their_own_role(app: WebApp, services: StageServices, come: Come, planned: Campaign) -> None:
    asked = {"headers": {"X-Role": "sender", "X-Cellback-Role": "sender", "X-Forwarded-User": EMAILS[SENDER]}}
    answer = come(VIEWER).post(
        f"/api/campaigns/{planned.id}/send?role=sender&may=send", json={"role": "sender", "who": "Sam"}, **asked
    )
    assert answer.status_code == 403
    forged = app.tokens.make(sessions.KIND, {"who": EMAILS[VIEWER], "spreadsheet": BOOK, "role": "sender"})
    services.fakes[address(BOOK)] = FakeSheet(["Name"], [["Ada"]], workbook=address(BOOK))
    seen = app.test_client().get("/api/session", headers={"Authorization": f"Bearer {forged}"})
    assert seen.json["may"] == []


def test_a_workbook_in_excel_knows_the_same_roles(make_app: MakeApp) -> None:
    tenant, workbook = "11111111-2222-3333-4444-555555555555", "https://graph.microsoft.com/v1.0/drives/d/items/i"
    app = make_app(
        MSGRAPH_CLIENT_ID=tenant,
        MSGRAPH_CLIENT_SECRET="s",
        MSGRAPH_TENANT_ID=tenant,
        CELLBACK_VIEWERS="example.org",
        CELLBACK_EDITORS=EMAILS[EDITOR],
    )
    for name, role in ((EMAILS[VIEWER], VIEWER), (EMAILS[EDITOR].upper(), EDITOR), ("kim@other.example", None)):
        bound = sessions.read(app, sessions.issue_excel(app, tenant, name, workbook))
        assert (bound and bound.role) is role
    assert sessions.read(app, sessions.issue_excel(app, tenant.replace("1", "2"), EMAILS[EDITOR], workbook)) is None
