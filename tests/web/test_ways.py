"""Other ways to people over HTTP: what the panel sets in a plan, and what it is shown."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.provider_templates import ListedTemplate, ProviderTemplate
from server.domain.words import ChannelName
from tests.fakes import FakeChannel, FakeSheet
from tests.web.conftest import StageServices

TIMES = "/api/campaigns/c_times"
BODY = "Hello {{1}}, you start at {{2}} then."


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_it_sets_the_ways_of_a_plan_and_shows_them(client: FlaskClient, planned: Campaign) -> None:
    route = {"channel": "outbox", "provider": "outbox", "address_column": "Email"}
    view = ok(client.patch(f"{TIMES}/plan", json={"routes": [route], "cc_column": "Email", "channel_column": "Name"}))
    assert (view["plan"]["routes"], view["plan"]["cc_column"]) == ([route], "Email")
    assert view["plan"]["channel_column"] == "Name"
    view = ok(client.patch(f"{TIMES}/plan", json={"routes": [], "cc_column": ""}))
    assert (view["plan"]["routes"], view["plan"]["cc_column"]) == ([], "")


def test_it_refuses_a_way_that_can_not_be_gone(client: FlaskClient, planned: Campaign) -> None:
    for change in (
        {"routes": [{"channel": "voice", "address_column": "Email"}]},
        {"routes": [{"channel": "outbox", "address_column": "Phone"}]},
        {"channel_column": "How"},
        {"attachment_column": "File"},
    ):
        answer = client.patch(f"{TIMES}/plan", json=change)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), change


def test_it_finds_the_column_of_a_way_that_names_none(client: FlaskClient, planned: Campaign) -> None:
    view = ok(client.patch(f"{TIMES}/plan", json={"routes": [{"channel": "outbox"}]}))
    assert view["plan"]["routes"] == [{"channel": "outbox", "provider": "outbox", "address_column": "Email"}]


def test_another_channel_takes_its_own_addresses_and_another_field_leaves_the_provider(
    client: FlaskClient, services: StageServices, planned: Campaign, sheet: FakeSheet
) -> None:
    sms, other = FakeChannel(), FakeChannel()
    sms.name = other.name = ChannelName.SMS
    sms.provider, other.provider = "first", "second"
    added = {(ChannelName.SMS, "first"): sms, (ChannelName.SMS, "second"): other}
    services.__dict__["channels"] = {**services.channels, **added}
    sheet.rename_column("Number", "Lane")
    plan = ok(client.patch(f"{TIMES}/plan", json={"channel": "sms"}))["plan"]
    assert (plan["provider"], plan["address_column"]) == ("first", "Email")  # there are no numbers

    sheet.rename_column("Lane", "Phone")
    assert ok(client.patch(f"{TIMES}/plan", json={"channel": "outbox"}))["plan"]["address_column"] == "Email"
    plan = ok(client.patch(f"{TIMES}/plan", json={"channel": "sms", "provider": "second"}))["plan"]
    assert (plan["provider"], plan["address_column"]) == ("second", "Phone")
    plan = ok(client.patch(f"{TIMES}/plan", json={"question": "Are you in?"}))["plan"]
    assert (plan["channel"], plan["provider"]) == ("sms", "second")


def test_it_takes_ways_with_a_new_campaign(client: FlaskClient, services: StageServices, sheet: FakeSheet) -> None:
    asked = {"template": "Hi {{Name}}", "fallback": ["outbox=Email"], "reply_to_column": "Email"}
    view = ok(client.post("/api/campaigns", json=asked))
    assert [way["channel"] for way in view["plan"]["routes"]] == ["outbox"]
    assert view["plan"]["reply_to_column"] == "Email"
    assert client.post("/api/campaigns", json={"template": "Hi", "fallback": ["pigeon"]}).status_code == 422


def test_it_lists_templates_and_puts_one_into_the_plan(
    client: FlaskClient, services: StageServices, planned: Campaign, monkeypatch: Any
) -> None:
    template = ProviderTemplate("start", "en", BODY, {}, ("Yes", "No"))

    async def listed() -> list[ListedTemplate]:
        return [ListedTemplate(template, "approved"), ListedTemplate(template, "paused", unfit="It is paused.")]

    fake = services.fake_channel
    fake.name = ChannelName.WHATSAPP
    services.__dict__["channels"] = {**services.channels, (ChannelName.WHATSAPP, "fake"): fake}
    monkeypatch.setattr(fake, "templates", listed)
    assert client.get(f"{TIMES}/templates").status_code == 422  # the plan goes by mail only

    ok(client.patch(f"{TIMES}/plan", json={"routes": [{"channel": "whatsapp", "address_column": "Email"}]}))
    found = ok(client.get(f"{TIMES}/templates"))["templates"]
    assert [(one["name"], one["body"], one["buttons"], one["unfit"]) for one in found] == [
        ("start", BODY, ["Yes", "No"], ""),
        ("start", BODY, ["Yes", "No"], "It is paused."),
    ]
    chosen = {"name": "start", "columns": {"1": "Name", "2": "Time"}}
    plan = ok(client.patch(f"{TIMES}/plan", json={"whatsapp_template": chosen}))["plan"]
    assert plan["whatsapp_template"] == {**chosen, "language": "en", "body": BODY, "buttons": ["Yes", "No"]}
    plan = ok(client.patch(f"{TIMES}/plan", json={"whatsapp_template": {"name": ""}}))["plan"]
    assert plan["whatsapp_template"] is None
