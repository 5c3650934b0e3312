"""The OpenAPI document and its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from server.web import schemas
from server.web.app import WebApp

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def refs(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(refs, node.values())) if node else own
    return set().union(*map(refs, node)) if isinstance(node, list) else set()


def test_it_documents_every_api_route(app: WebApp, client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    documented = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    routes = {
        (re.sub(r"<([^>]+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") or rule.rule in {"/healthz", "/readyz"}
    }
    assert routes == documented


def test_it_resolves_every_reference(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    for ref in refs(document):
        assert ref.removeprefix("#/components/schemas/") in document["components"]["schemas"], ref


def test_it_says_for_every_operation_what_it_answers_and_how_it_fails(client: FlaskClient) -> None:
    for path, item in client.get("/openapi.json").get_json()["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert list(operation["responses"]["200"]["content"]), path
            assert "application/problem+json" in operation["responses"]["422"]["content"], path


def test_it_makes_the_document_from_the_contract(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()["components"]["schemas"]
    for name in ("CampaignView", "Grid", "MessageView", "ReviewItem", "Problem"):
        assert set(described[name]["properties"]) == set(getattr(schemas, name).model_fields)


def test_it_loads_its_page_from_nowhere_else(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.mimetype == "text/html"
    assert "<script>" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("data:"):
            assert address.startswith("/docs/")
            with client.get(address) as answer:
                assert answer.status_code == 200


@pytest.mark.browser
def test_it_shows_its_page_under_its_own_policy(browser: Browser, served: str, token: str) -> None:
    context = browser.new_context()
    context.request.get(f"{served}/panel?token={token}")
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: trouble.append(request.url))
    page.goto(f"{served}/docs")
    page.get_by_text("Plan a campaign from an instruction").wait_for()
    page.get_by_text("Plan a campaign from an instruction").click()
    page.get_by_role("button", name="Try it out").wait_for()
    context.close()
    assert trouble == []
