"""Coming in from Excel: identity, the workbook that is open, proof of editing, session; and every way that is none."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from server.config import load_settings
from server.errors import ConfigError, SignInToMicrosoft
from server.web.app import WebApp
from tests.emulators.graph import (
    CLIENT_ID,
    CLIENT_SECRET,
    COLLEAGUE,
    ORGANISER,
    TENANT,
    GraphEmulator,
    Item,
    contest,
    faults,
    from_rows,
)
from tests.emulators.graph.drive import Item as DriveItem
from tests.emulators.graph.tokens import claims_of
from tests.fakes import FakeClock, FakeSheet
from tests.web.conftest import PEOPLE, MakeApp, StageServices
from tests.web.microsofts import NAME, TAB, come, kept_as, settings, trust

ELSEWHERE = "00000000-0000-0000-0000-00000000dead"


@pytest.fixture(scope="module")
def started() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def graph(started: GraphEmulator) -> Iterator[GraphEmulator]:
    yield started
    started.script.clear()
    started.authority.refusals.clear()
    started.log.entries.clear()
    started.authority.granted.clear()


@pytest.fixture
def app(make_app: MakeApp, graph: GraphEmulator) -> WebApp:
    app = make_app(**settings(graph))
    trust(app.services, graph)
    return app


@pytest.fixture
def item(graph: GraphEmulator, services: StageServices) -> Item:
    """A workbook in the organiser's OneDrive, which Excel has open."""
    item = graph.add(contest(), f"{uuid4()}.xlsx")
    workbook = kept_as(item)
    services.fakes[workbook] = FakeSheet(["Name", "Email"], [row[:2] for row in PEOPLE], workbook=workbook)
    return item


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_who_has_a_workbook_open_and_may_edit_it_comes_in(
    stranger: FlaskClient, graph: GraphEmulator, item: Item
) -> None:
    answer = come(stranger, graph, item.url, worksheet_id=TAB)
    assert answer.status_code == 200, answer.json
    assert answer.json == {
        "token": answer.json["token"],
        "expires_in": 3600,
        "who": NAME,
        "workbook": kept_as(item),
        "sheet": f"id:{TAB}",
    }
    session = stranger.get("/api/session", headers=bearer(answer.json["token"]))
    assert session.status_code == 200
    assert (session.json["host"], session.json["who"]) == ("excel", NAME)
    assert session.json["workbook"] == kept_as(item)
    assert not graph.sessions.live(item.id, graph.clock()), "what the proof opened is closed"


def test_it_comes_in_by_every_address_that_leads_to_the_workbook(
    stranger: FlaskClient, graph: GraphEmulator, item: Item
) -> None:
    shared = graph.add(contest(), "Shared.xlsx", drive=graph.library)
    for one in (item, shared):
        for url in (*graph.links.addresses(one), graph.links.make(one), graph.links.make(one, redeem=True)):
            answer = come(stranger, graph, url)
            assert answer.status_code == 200, (url, answer.json)
            assert answer.json["workbook"] == kept_as(one)


def test_microsoft_is_asked_in_the_persons_own_name_and_the_answer_holds_no_token_of_its(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices
) -> None:
    token = graph.access_token()
    answer = come(stranger, graph, item.url, token)
    assert {(entry.user, entry.app) for entry in graph.log.entries} == {(ORGANISER, CLIENT_ID)}
    held = services.graph_credentials(kept_as(item)).token()
    for secret in (held, token, CLIENT_SECRET, held.split(".")[1]):
        assert secret not in answer.text
        assert secret not in str(answer.headers)


def test_a_proof_lasts_an_hour_but_which_file_it_is_is_asked_each_time(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, clock: FakeClock
) -> None:
    for _ in range(3):
        assert come(stranger, graph, item.url).status_code == 200
    assert graph.log.count("POST", "createSession") == 1
    assert graph.log.count("GET", "/shares/") == 3
    item.readers = {COLLEAGUE}
    assert come(stranger, graph, item.url).status_code == 403
    item.readers = None
    item.read_only = True
    assert come(stranger, graph, item.url).status_code == 200
    clock.advance(3600)
    assert come(stranger, graph, item.url).status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "kind", "word"),
    [
        ({"read_only": True}, 403, "share", "only look"),
        ({"readers": {COLLEAGUE}}, 403, "share", "does not let you open"),
        ({"deleted": True}, 404, "", "finds no workbook"),
        ({"refuses": True}, 403, "share", "FileOpenUserUnauthorized"),
        ({"password": True}, 422, "", "password"),
        ({"checked_out_by": COLLEAGUE}, 503, "", "checked out"),
        ({"locked": True}, 503, "", "locks it"),
    ],
)
def test_who_may_not_edit_it_does_not_come_in(
    stranger: FlaskClient,
    graph: GraphEmulator,
    item: DriveItem,
    services: StageServices,
    change: dict[str, Any],
    status: int,
    kind: str,
    word: str,
) -> None:
    for name, value in change.items():
        setattr(item, name, value)
    answer = come(stranger, graph, item.url)
    assert answer.status_code == status, answer.json
    assert answer.json["type"] == (f"urn:cellback:{kind}" if kind else "about:blank")
    assert word in answer.json["detail"]
    assert "token" not in answer.json
    assert services.ledger.access.holders(kept_as(item)) == []


def test_what_is_no_workbook_is_refused_in_words(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices
) -> None:
    old = graph.add(contest(), "Old.xls")
    private = graph.add(contest(), "Mine.xlsx", drive=graph.personal)
    for url, word in (
        (old.url, "no .xlsx workbook"),
        (graph.business.url, "workbook"),
        (private.url, "personal OneDrive"),
        ("https://contoso.sharepoint.com/sites/Events/nothing.xlsx", "finds no workbook"),
        ("https://evil.example/x.xlsx", "finds no workbook"),
    ):
        answer = come(stranger, graph, url)
        assert answer.status_code in {404, 422}, (url, answer.json)
        assert word in answer.json["detail"]


def test_a_bad_moment_of_the_excel_service_is_borne(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    graph.script.add(faults.throttled("0.01"), "POST", "createSession")
    assert come(stranger, graph, item.url).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"expires_in": -120},
        {"rogue": True},
        {"audience": "https://graph.microsoft.com"},
        {"tenant": ELSEWHERE},
        {"scopes": ("User.Read",)},
        {"scp": None},
        {"nbf": int(time.time()) + 900},
    ],
)
def test_a_token_that_does_not_count_gets_nothing(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, claims: dict[str, Any]
) -> None:
    answer = come(stranger, graph, item.url, graph.access_token(**claims))
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers
    assert graph.log.entries == []
    assert graph.authority.granted == []


@pytest.mark.parametrize("name", ["eve@evil.example", "eve@sub.contoso.example", "contoso.example@evil.example", None])
def test_who_is_not_on_the_list_does_not_come_in(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, name: str | None
) -> None:
    answer = come(stranger, graph, item.url, graph.access_token(preferred_username=name))
    assert answer.status_code == 403
    assert graph.log.entries == []
    assert graph.authority.granted == []


def test_an_address_of_the_list_comes_in_from_whichever_domain(
    make_app: MakeApp, graph: GraphEmulator, item: Item
) -> None:
    app = make_app(**settings(graph, CELLBACK_ALLOWED="guest@partner.example"))
    trust(app.services, graph)
    client = app.test_client()
    token = graph.access_token(preferred_username="Guest@Partner.example")
    assert come(client, graph, item.url, token).status_code == 200
    assert come(client, graph, item.url).status_code == 403


def test_another_directory_may_be_let_in_by_its_id(make_app: MakeApp, graph: GraphEmulator, item: Item) -> None:
    graph.authority.tenants.add(ELSEWHERE)
    try:
        app = make_app(**settings(graph, MSGRAPH_TENANT_ID=f"{TENANT} {ELSEWHERE.upper()}"))
        trust(app.services, graph)
        token = graph.access_token(tenant=ELSEWHERE)
        assert app.services.microsoft.identity.account(token).tenant == ELSEWHERE
    finally:
        graph.authority.tenants.discard(ELSEWHERE)


@pytest.mark.parametrize(
    "change",
    [
        {"document_url": "http://contoso.sharepoint.com/x.xlsx"},
        {"document_url": "C:\\Users\\x.xlsx"},
        {"document_url": "https://contoso.sharepoint.com/a b.xlsx\nHost: evil"},
        {"document_url": ""},
        {"document_url": ["https://contoso.sharepoint.com/x.xlsx"]},
        {"document_url": "https://" + "x" * 5000},
        {"worksheet_id": "../../x"},
        {"worksheet_id": "Sheet1"},
        {"worksheet_id": f"{TAB}\n"},
        {"access_token": "x" * 17000},
        {"access_token": None},
        {"workbook": "https://graph.microsoft.com/v1.0/drives/a/items/b"},
        {"more": 1},
    ],
)
def test_an_odd_question_is_refused(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, change: dict[str, Any]
) -> None:
    body = {"access_token": graph.access_token(), "document_url": item.url, **change}
    assert stranger.post("/api/excel/session", json=body).status_code == 422
    assert graph.log.entries == []


def test_a_huge_or_deep_question_is_refused(stranger: FlaskClient) -> None:
    kind, path = "application/json", "/api/excel/session"
    assert stranger.post(path, data=b"x" * 40_000, content_type=kind).status_code == 413
    assert stranger.post(path, data=b"[" * 16_000, content_type=kind).status_code in {400, 422}
    assert stranger.post(path, data=b"{}", content_type="text/plain").status_code == 422
    assert stranger.get(path).status_code in {401, 405}


@pytest.mark.parametrize("missing", ["MSGRAPH_CLIENT_ID", "MSGRAPH_CLIENT_SECRET", "MSGRAPH_TENANT_ID"])
def test_without_a_registration_nobody_comes_in(make_app: MakeApp, graph: GraphEmulator, missing: str) -> None:
    variables = settings(graph)
    for name in {missing, "MSGRAPH_CLIENT_SECRET"} if missing == "MSGRAPH_CLIENT_ID" else {missing}:
        variables.pop(name)
    answer = come(make_app(**variables).test_client(), graph, "https://contoso.sharepoint.com/x.xlsx")
    assert answer.status_code == 403
    assert missing in answer.json["detail"]


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"MSGRAPH_CLIENT_SECRET": "s"}, "needs MSGRAPH_CLIENT_ID"),
        ({"MSGRAPH_CLIENT_ID": "my-app"}, "MSGRAPH_CLIENT_ID"),
        ({"MSGRAPH_TENANT_ID": "common"}, "MSGRAPH_TENANT_ID"),
        ({"MSGRAPH_TENANT_ID": "contoso.onmicrosoft.com"}, "MSGRAPH_TENANT_ID"),
        ({"MSGRAPH_TENANT_ID": "*"}, "MSGRAPH_TENANT_ID"),
        ({"MSGRAPH_BASE_URL": "http://graph.microsoft.com/v1.0"}, "MSGRAPH_BASE_URL"),
        ({"MSGRAPH_AUTHORITY_URL": "http://login.microsoftonline.com"}, "MSGRAPH_AUTHORITY_URL"),
    ],
)
def test_settings_that_would_let_too_many_in_stop_the_start(variables: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_settings(_env_file=None, **variables)


def test_a_session_ends_after_an_hour(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, clock: FakeClock
) -> None:
    headers = bearer(come(stranger, graph, item.url).json["token"])
    clock.advance(3600)
    assert stranger.get("/api/session", headers=headers).status_code == 200
    clock.advance(1)
    assert stranger.get("/api/session", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"CELLBACK_ALLOWED": "other.example"},
        {"MSGRAPH_TENANT_ID": ELSEWHERE},
        {"CELLBACK_SECRET_KEY": "k" * 40, "DATABASE_URL": "sqlite:///:memory:"},
    ],
)
def test_a_session_ends_when_its_owner_is_off_the_list_or_the_key_changes(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, make_app: MakeApp, change: dict[str, str]
) -> None:
    headers = bearer(come(stranger, graph, item.url).json["token"])
    client = make_app(**settings(graph, **change)).test_client()
    assert client.get("/api/campaigns/c_1", headers=headers).status_code == 401


def test_a_session_can_not_be_made_of_other_words_of_ours(
    stranger: FlaskClient, app: WebApp, graph: GraphEmulator, item: Item
) -> None:
    workbook = kept_as(item)
    claims = {"who": NAME, "tenant": TENANT, "workbook": workbook}
    token = come(stranger, graph, item.url).json["token"]
    for word in (
        app.tokens.make("google.session", {"who": NAME, "spreadsheet": "../x"}).replace("google", "excel"),
        app.tokens.make("excel.ticket", claims),
        app.tokens.seal("excel.session", claims),
        graph.access_token(),
        token[:-2],
        token.split(".")[0],
    ):
        assert stranger.get("/api/campaigns/c_1", headers=bearer(word)).status_code in {401, 404}, word
        assert stranger.get("/api/session", headers=bearer(word)).json.get("workbook") != workbook


def test_the_panel_is_told_to_sign_in_or_whom_to_ask(stranger: FlaskClient, graph: GraphEmulator, item: Item) -> None:
    graph.authority.apps[CLIENT_ID].consented = ("User.Read",)
    try:
        answer = come(stranger, graph, item.url)
    finally:
        graph.authority.apps[CLIENT_ID].consented = ("Files.ReadWrite.All",)
    assert (answer.status_code, answer.json["type"]) == (403, "urn:cellback:consent")
    assert answer.json["connect"].startswith(f"{graph.sign_in}/{TENANT}/v2.0/adminconsent?client_id={CLIENT_ID}")
    assert come(stranger, graph, item.url).status_code == 200, "at once when one agreed"


def test_a_permission_that_has_ended_says_so_in_the_panel(
    stranger: FlaskClient,
    graph: GraphEmulator,
    item: Item,
    services: StageServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = bearer(come(stranger, graph, item.url).json["token"])
    graph.authority.revoke(ORGANISER)
    credentials = services.graph_credentials(kept_as(item))
    credentials.renew()
    sheet = services.fakes[kept_as(item)]
    monkeypatch.setattr(sheet, "version", credentials.token)
    answer = stranger.get("/api/session", headers=headers)
    assert (answer.status_code, answer.json["type"]) == (403, "urn:cellback:sign-in")
    assert "sign in" in answer.json["detail"]
    with pytest.raises(SignInToMicrosoft):
        services.graph_credentials(kept_as(item))
    assert come(stranger, graph, item.url).status_code == 200
    assert claims_of(services.graph_credentials(kept_as(item)).token())["oid"] == ORGANISER


def test_workers_work_as_who_came_first_and_then_as_the_next(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices, make_app: MakeApp
) -> None:
    workbook = kept_as(item)
    with pytest.raises(SignInToMicrosoft, match="Open Cellback"):
        services.graph_credentials(workbook)
    for person in (COLLEAGUE, ORGANISER, COLLEAGUE):
        assert come(stranger, graph, item.url, graph.access_token(oid=person)).status_code == 200
    worker = make_app(**settings(graph)).services
    trust(worker, graph)
    assert claims_of(worker.graph_credentials(workbook).token())["oid"] == COLLEAGUE
    graph.authority.revoke(COLLEAGUE)
    credentials = worker.graph_credentials(workbook)
    credentials.renew()
    with pytest.raises(SignInToMicrosoft):
        credentials.token()
    assert claims_of(worker.graph_credentials(workbook).token())["oid"] == ORGANISER
    with pytest.raises(SignInToMicrosoft):
        worker.graph_credentials(kept_as(graph.add(from_rows([["a"]]), "Other.xlsx")))


def test_who_may_edit_it_no_more_makes_way_for_the_next_who_comes_in(
    stranger: FlaskClient, graph: GraphEmulator, item: DriveItem, services: StageServices
) -> None:
    workbook = kept_as(item)
    assert come(stranger, graph, item.url, graph.access_token(oid=COLLEAGUE)).status_code == 200
    item.readers = {ORGANISER}
    assert claims_of(services.graph_credentials(workbook).token())["oid"] == COLLEAGUE
    assert come(stranger, graph, item.url).status_code == 200
    assert claims_of(services.graph_credentials(workbook).token())["oid"] == ORGANISER
    item.readers = None
    assert come(stranger, graph, item.url, graph.access_token(oid=COLLEAGUE)).status_code == 200
    assert claims_of(services.graph_credentials(workbook).token())["oid"] == ORGANISER, (
        "and the line goes on from there"
    )


def test_a_bad_moment_takes_nobodys_place(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert come(stranger, graph, item.url, graph.access_token(oid=COLLEAGUE)).status_code == 200
    graph.script.add(faults.unavailable(), "POST", "createSession", skip=1, times=5)
    assert come(stranger, graph, item.url).status_code == 200
    assert claims_of(services.graph_credentials(kept_as(item)).token())["oid"] == COLLEAGUE


def test_nobody_works_as_somebody_who_was_taken_off_the_list(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, make_app: MakeApp
) -> None:
    assert come(stranger, graph, item.url).status_code == 200
    for change in ({"CELLBACK_ALLOWED": "other.example"}, {"MSGRAPH_TENANT_ID": ELSEWHERE}):
        with pytest.raises(SignInToMicrosoft):
            make_app(**settings(graph, **change)).services.graph_credentials(kept_as(item))


def test_an_erased_person_works_here_no_more(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices
) -> None:
    assert come(stranger, graph, item.url).status_code == 200
    services.ledger.erase(NAME)
    with pytest.raises(SignInToMicrosoft):
        services.graph_credentials(kept_as(item))


def test_the_app_works_by_itself_only_where_the_operator_chose_that(
    graph: GraphEmulator, item: Item, make_app: MakeApp
) -> None:
    app = make_app(**settings(graph, MSGRAPH_APP_ONLY="true"))
    trust(app.services, graph)
    assert claims_of(app.services.graph_credentials(kept_as(item)).token())["idtyp"] == "app"
    graph.business.grants[CLIENT_ID] = "write"
    try:
        assert come(app.test_client(), graph, item.url).status_code == 200
    finally:
        graph.business.grants.clear()
    users = {entry.user for entry in graph.log.entries}
    assert users == {ORGANISER}, "who comes in proves it in their own name nevertheless"


def test_neither_address_nor_token_gets_into_a_log(
    stranger: FlaskClient,
    graph: GraphEmulator,
    item: DriveItem,
    services: StageServices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = come(stranger, graph, item.url).json["token"]
        stranger.get("/api/session", headers=bearer(token))
        come(stranger, graph, item.url, graph.access_token(preferred_username="eve@evil.example"))
        come(stranger, graph, item.url, graph.access_token(rogue=True))
        come(stranger, graph, "https://contoso.sharepoint.com/secret-name.xlsx")
        held = services.graph_credentials(kept_as(item)).token()
        item.read_only = True
        come(stranger, graph, item.url, graph.access_token(oid=COLLEAGUE))
    for secret in (NAME, "eve@", "colleague@", token[:20], "eyJ", held[-30:], CLIENT_SECRET):
        assert secret not in caplog.text


def test_what_a_person_does_carries_their_name(
    stranger: FlaskClient, graph: GraphEmulator, item: Item, services: StageServices
) -> None:
    headers = bearer(come(stranger, graph, item.url).json["token"])
    body = {"template": "Hi {{Name}}", "address_column": "Email", "rows": ["all"]}
    view = stranger.post("/api/campaigns", json=body, headers=headers)
    assert view.status_code == 200, view.json
    assert view.json["workbook"] == kept_as(item)
    assert services.ledger.campaigns.get(view.json["id"]).started_by == NAME
