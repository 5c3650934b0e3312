"""A task pane's session is good for one workbook: every route of the API is tried with another one's things."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.sheets.excel.address import Address, canonical
from server.web import sessions
from server.web.app import WebApp
from tests.emulators.graph import CLIENT_ID, TENANT
from tests.fakes import FakeSheet
from tests.web.conftest import PEOPLE, MakeApp, StageServices, free_port
from tests.web.googles import BOOK
from tests.web.googles import address as google_address
from tests.web.microsofts import NAME
from tests.web.test_bounds import ARRIVALS, DESK_ONLY, NOT_HERS, routes

OWN, OTHER = canonical(Address("b!drive", "01OWN")), canonical(Address("b!drive", "01OTHER"))


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(
        MSGRAPH_CLIENT_ID=CLIENT_ID,
        MSGRAPH_CLIENT_SECRET="s3cret",
        MSGRAPH_TENANT_ID=TENANT,
        CELLBACK_ALLOWED="contoso.example",
        PORT=free_port(),
    )


@pytest.fixture
def organiser(stranger: FlaskClient, app: WebApp, services: StageServices) -> FlaskClient:
    """The organiser in the task pane of their workbook."""
    for workbook in (OWN, OTHER, google_address(BOOK)):
        services.fakes[workbook] = FakeSheet(["Name", "Email"], [row[:2] for row in PEOPLE], workbook=workbook)
    token = sessions.issue_excel(app, TENANT, NAME, OWN)
    stranger.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return stranger


def test_every_route_refuses_what_is_of_another_workbook(
    organiser: FlaskClient, app: WebApp, planned: Campaign, sent: list[Message]
) -> None:
    message = sent[0]
    there = {"campaign_id": planned.id, "message_id": message.id, "key": message.row_key, **NOT_HERS}
    elsewhere = (
        planned.workbook,
        OTHER,
        google_address(BOOK),
        "/etc/passwd",
        f"{OWN}/../01OTHER",
        f"{OWN} ",
        OWN.upper(),
        OWN.replace("https", "http"),
        OWN.replace("graph.microsoft.com", "graph.microsoft.com.evil.example"),
    )
    tried = 0
    for path, method in routes(app):
        if path in ARRIVALS:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda found: there[found[1]], path)
        for workbook in elsewhere:
            body = None if method == "get" else {"workbook": workbook, "keys": [message.row_key]}
            query = {"workbook": workbook} if method == "get" else {}
            answer = organiser.open(filled, method=method.upper(), json=body, query_string=query)
            assert answer.status_code in {403, 404}, (method, path, workbook, answer.status_code)
            assert message.address not in answer.text
        tried += 1
    assert tried >= 25


def test_every_route_with_a_campaign_refuses_another_workbooks_whatever_is_sent_along(
    organiser: FlaskClient, app: WebApp, planned: Campaign, sent: list[Message]
) -> None:
    message = sent[0]
    there = {"campaign_id": planned.id, "message_id": message.id, "key": message.row_key, **NOT_HERS}
    for path, method in routes(app):
        if "{" not in path:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda found: there[found[1]], path)
        for body in ({}, {"workbook": ""}, {"workbook": OWN}, [], "x"):
            answer = organiser.open(filled, method=method.upper(), json=None if method == "get" else body)
            assert answer.status_code in {403, 404}, (method, path, body)
            assert message.address not in answer.text


def test_ones_own_can_be_reached_with_and_without_its_name(
    organiser: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    own = replace(planned, id="c_own", workbook=OWN)
    services.ledger.campaigns.add(own)
    for workbook in ("", OWN):
        for path in ("/api/session", "/api/campaigns", "/api/grid"):
            assert organiser.get(path, query_string={"workbook": workbook}).status_code == 200, path
    assert organiser.get(f"/api/campaigns/{own.id}").status_code == 200
    assert organiser.get("/api/session").json["workbook"] == OWN


def test_the_host_is_what_the_session_was_made_for(organiser: FlaskClient, client: FlaskClient) -> None:
    assert organiser.get("/api/session").json["host"] == "excel"
    assert client.get("/api/session").json["host"] == "desk"


@pytest.mark.parametrize("path", sorted(DESK_ONLY))
def test_what_is_the_desks_is_closed(organiser: FlaskClient, path: str) -> None:
    for method in ("GET", "POST"):
        assert organiser.open(path.replace("{mail_id}", "1"), method=method).status_code in {403, 405}


@pytest.mark.parametrize("path", ["/", "/panel", "/docs", "/openapi.json", "/metrics"])
def test_it_opens_nothing_but_the_api(organiser: FlaskClient, path: str) -> None:
    assert organiser.get(path).status_code in {401, 403}
