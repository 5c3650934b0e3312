"""A sidebar's session is good for one spreadsheet: every route of the API is tried with another one's things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_id
from server.domain.message import Message
from server.domain.reply import Reply
from server.domain.saved import SavedCampaign
from server.domain.words import ChannelName
from server.web.app import WebApp
from tests.fakes import FakeSheet
from tests.web.conftest import PEOPLE, MakeApp, StageServices, free_port
from tests.web.googles import ALLOWED, BOOK, OTHER_BOOK, Spreadsheets, address, enter, stand_in

ARRIVALS = {"/api/google/session", "/api/excel/session"}
OF_A_SHEET = {
    "/api/session",
    "/api/campaigns",
    "/api/grid",
    "/api/rows/keys",
    "/api/rows/where",
    "/api/rows/values",
    "/api/saved",
    "/api/sheet/check",
    "/api/sheet/changed",
}
OF_A_PERSON = {"/api/saved/{saved_id}", "/api/saved/{saved_id}/remove"}
DESK_ONLY = {
    "/api/grid/cells",
    "/api/grid/filter",
    "/api/grid/rows",
    "/api/grid/sort",
    "/api/grid/undo",
    "/api/grid/values",
    "/api/mailbox",
    "/api/mailbox/{mail_id}/open",
    "/api/mailbox/{mail_id}/answer",
    "/api/workbooks",
    "/api/workbooks/file",
}


NOT_HERS = {"reply_id": "a_none", "mail_id": "1", "saved_id": "s_1"}


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(**ALLOWED, PORT=free_port())


@pytest.fixture
def google_sheets(services: StageServices) -> Spreadsheets:
    for book in (BOOK, OTHER_BOOK):
        services.fakes[address(book)] = FakeSheet(
            ["Name", "Email"], [row[:2] for row in PEOPLE], workbook=address(book)
        )
    return stand_in(services)


@pytest.fixture
def ann(stranger: FlaskClient, google_sheets: Spreadsheets) -> FlaskClient:
    """Ann in the sidebar of her spreadsheet."""
    stranger.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {enter(stranger, google_sheets)}"
    return stranger


@pytest.fixture
def own(services: StageServices, planned: Campaign) -> Campaign:
    """A campaign in Ann's spreadsheet."""
    campaign = replace(planned, id="c_own", workbook=address(BOOK))
    services.ledger.campaigns.add(campaign)
    return campaign


@pytest.fixture
def theirs(services: StageServices, planned: Campaign, sent: list[Message]) -> tuple[Campaign, Message]:
    """A campaign with messages in a workbook that Ann has nothing to do with, saved there by somebody."""
    services.ledger.saved.put("kim", SavedCampaign("s_1", "Kim's", "Zoë's secret words", workbook=planned.workbook))
    return planned, sent[0]


def routes(app: WebApp) -> Iterator[tuple[str, str]]:
    document = app.test_client().get(
        "/openapi.json", headers={"Authorization": f"Bearer {app.settings.access_token()}"}
    )
    for path, operations in document.json["paths"].items():
        if path.startswith("/api/"):
            yield from ((path, method) for method in operations if method in {"get", "post", "put", "patch", "delete"})


def test_every_route_refuses_what_is_of_another_workbook(
    ann: FlaskClient, app: WebApp, theirs: tuple[Campaign, Message]
) -> None:
    campaign, message = theirs
    there = {"campaign_id": campaign.id, "message_id": message.id, "key": message.row_key, **NOT_HERS}
    tried = 0
    for path, method in routes(app):
        if path in ARRIVALS:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda found: there[found[1]], path)
        for workbook in (
            campaign.workbook,
            address(OTHER_BOOK),
            "/etc/passwd",
            f"{address(BOOK)}/../x",
            f"{address(BOOK)} ",
        ):
            body = None if method == "get" else {"workbook": workbook, "keys": [message.row_key]}
            query = {"workbook": workbook} if method == "get" else {}
            answer = ann.open(filled, method=method.upper(), json=body, query_string=query)
            assert answer.status_code in {403, 404}, (method, path, workbook, answer.status_code)
        tried += 1
    assert tried >= 25


def test_every_route_with_a_campaign_refuses_another_workbooks_whatever_is_sent_along(
    ann: FlaskClient, app: WebApp, theirs: tuple[Campaign, Message]
) -> None:
    campaign, message = theirs
    there = {"campaign_id": campaign.id, "message_id": message.id, "key": message.row_key, **NOT_HERS}
    for path, method in routes(app):
        if "{" not in path:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda found: there[found[1]], path)
        for body in ({}, {"workbook": ""}, {"workbook": address(BOOK)}, [], "x"):
            answer = ann.open(filled, method=method.upper(), json=None if method == "get" else body)
            assert answer.status_code in {403, 404}, (method, path, body)
            assert message.address not in answer.text


def test_every_route_is_either_of_a_sheet_of_a_campaign_or_the_desks(app: WebApp) -> None:
    """A new route is closed to sidebars until somebody decides; then it belongs into one of these sets."""
    others = {path for path, _ in routes(app) if not path.startswith("/api/campaigns/{campaign_id}")}
    assert others == OF_A_SHEET | OF_A_PERSON | DESK_ONLY | ARRIVALS


@pytest.mark.parametrize("path", sorted(DESK_ONLY))
def test_what_is_the_desks_is_closed(ann: FlaskClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = ann.open(path.replace("{mail_id}", "1"), method=method)
        assert answer.status_code in {403, 405}


def test_ones_own_can_be_reached_with_and_without_its_name(ann: FlaskClient, own: Campaign) -> None:
    for workbook in ("", address(BOOK)):
        for path in ("/api/session", "/api/campaigns", "/api/grid"):
            assert ann.get(path, query_string={"workbook": workbook}).status_code == 200
        assert ann.post("/api/rows/keys", json={"workbook": workbook}).status_code == 200
    found = ann.get("/api/campaigns").json["campaigns"]
    assert [one["workbook"] for one in found] == [address(BOOK)] * len(found)
    assert ann.get(f"/api/campaigns/{own.id}").status_code == 200


def test_nothing_named_means_ones_own_and_not_what_the_desk_has_open(
    ann: FlaskClient, sheet: FakeSheet, services: StageServices
) -> None:
    assert services.default_workbook == sheet.workbook
    assert ann.get("/api/session").json["workbook"] == address(BOOK)
    assert ann.get("/api/session").json["sheets"] == []


def test_a_workbook_is_not_named_twice_or_in_another_place(ann: FlaskClient, sheet: FakeSheet) -> None:
    twice = f"/api/session?workbook={address(BOOK)}&workbook={sheet.workbook}"
    assert ann.get(twice).status_code == 403
    body = f'{{"workbook": "{address(BOOK)}", "workbook": "{sheet.workbook}", "template": "Hi"}}'
    assert ann.post("/api/campaigns", data=body, content_type="application/json").status_code == 403
    for kind in ("text/plain", "application/problem+json", "application/x-www-form-urlencoded", ""):
        answer = ann.post("/api/campaigns", data=body, content_type=kind)
        assert answer.status_code in {403, 404, 415, 422}, kind
    assert ann.get("/api/session", query_string={"workbook": address(BOOK), "sheet": "x"}).status_code in {200, 404}


def test_a_message_of_another_campaign_is_not_settled_through_ones_own(
    ann: FlaskClient, own: Campaign, theirs: tuple[Campaign, Message], services: StageServices
) -> None:
    _, message = theirs
    answer = ann.post(f"/api/campaigns/{own.id}/reviews/{message.id}", json={"outcome": "declined"})
    assert answer.status_code == 404
    assert services.ledger.messages.get(message.id) == message
    for part in (f"/messages/{message.row_key}", f"/messages/{message.row_key}/history"):
        assert ann.patch(f"/api/campaigns/{own.id}{part}", json={"text": "x"}).status_code in {404, 405}
    assert ann.get(f"/api/campaigns/{own.id}/messages/{message.row_key}/history").status_code == 404
    ann.post(f"/api/campaigns/{own.id}/command", json={"keys": [message.row_key], "command": "Skip"})
    assert services.ledger.messages.get(message.id) == message


def test_replies_that_are_nobodys_are_not_counted_for_a_sidebar(
    ann: FlaskClient, own: Campaign, services: StageServices, client: FlaskClient
) -> None:
    reply = Reply(new_id("rp"), new_id("e"), ChannelName.OUTBOX, "x@example.com", "hi", services.clock.now())
    services.ledger.inbox.add_reply(reply)
    assert ann.get(f"/api/campaigns/{own.id}/reviews").json["unmatched"] == 0
    assert client.get(f"/api/campaigns/{own.id}/reviews").json["unmatched"] == 1


def test_the_desk_opens_spreadsheets_only_where_there_is_an_account_for_them(
    client: FlaskClient, make_app: MakeApp, google_sheets: Spreadsheets
) -> None:
    def asks(workbook: str) -> Any:
        return client.get("/api/session", query_string={"workbook": workbook}).status_code

    for workbook in (
        address(BOOK),
        "https://evil.example/spreadsheets/d/x",
        "http://169.254.169.254/latest",
        "ftp://x",
    ):
        assert asks(workbook) == 404, workbook


def test_with_an_account_the_desk_opens_googles_spreadsheets_and_no_other_address(make_app: MakeApp) -> None:
    app = make_app(GOOGLE_APPLICATION_CREDENTIALS="key.json")
    assert isinstance(app.services, StageServices)
    app.services.fakes[address(BOOK)] = FakeSheet(["Name"], [["Ada"]], workbook=address(BOOK))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {app.settings.access_token()}"
    assert client.get("/api/session", query_string={"workbook": address(BOOK)}).status_code == 200
    for elsewhere in ("https://evil.example/d/x", f"https://docs.google.com.evil.example/spreadsheets/d/{BOOK}"):
        assert client.get("/api/session", query_string={"workbook": elsewhere}).status_code == 404


def test_of_saved_campaigns_a_sidebar_lists_ones_own_and_its_workbooks(
    ann: FlaskClient, own: Campaign, theirs: tuple[Campaign, Message], services: StageServices
) -> None:
    put = services.ledger.saved.put
    put("kim", SavedCampaign("s_2", "Kim's here", "Words", workbook=address(BOOK)))
    mine = ann.post(f"/api/campaigns/{own.id}/save", json={"name": "Mine"}).json
    put(mine["who"], SavedCampaign("s_3", "Mine elsewhere", "Words", workbook="other"))
    listed = ann.get("/api/saved").json["saved"]
    assert {one["name"]: one["mine"] for one in listed} == {"Mine": True, "Mine elsewhere": True, "Kim's here": False}
    assert ann.patch("/api/saved/s_2", json={"name": "Hers"}).status_code == 404
    assert ann.post("/api/saved/s_3/remove").json["changed"] == 1


def test_rows_get_keys_so_that_a_host_can_name_them(
    ann: FlaskClient, services: StageServices, google_sheets: Spreadsheets
) -> None:
    sheet = services.fakes[address(BOOK)]
    assert ann.post("/api/rows/keys", json={}).json["changed"] == 3
    keys = [row.key for row in sheet.read().rows]
    assert len(set(keys)) == 3
    assert all(keys)
    assert ann.post("/api/rows/keys", json={}).json["changed"] == 0
    assert [row.key for row in sheet.read().rows] == keys
    body = {"template": "Hi {{Name}}", "address_column": "Email", "rows": keys[1:2]}
    assert ann.post("/api/campaigns", json=body).json["rows"] == 1
