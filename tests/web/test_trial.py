"""A few rows first: their texts, what they used and what the rest would, the plan edited, and then all of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.usage import Usage, Used
from server.domain.words import CampaignState, ChannelName, MessageState, SuppressionReason
from server.flow import campaigning, drafting
from server.llm.offline import OfflineDrafter, OfflinePlanner
from server.ports import PlanRequest
from tests.fakes import FakeSheet
from tests.web.conftest import MakeApp, StageServices
from tests.web.test_campaigns import TIMES, ok

PRICES = '{"m-1": [1.00, 0.50, 4.00]}'


def work(services: StageServices, campaign: Campaign) -> None:
    """What the workers do about drafts."""
    campaign = services.ledger.campaigns.get(campaign.id)
    for chunk in services.ledger.messages.chunks(campaign.id, [MessageState.CHOSEN]):
        asyncio.run(
            drafting.draft_chunk(
                ledger=services.ledger,
                sheet=services.open_sheet(campaign.workbook),
                channel_of=services.channel_for,
                clock=services.clock,
                drafter=OfflineDrafter(),
                campaign=campaign,
                chunk=chunk,
                owner="w_1",
                stopping=lambda: False,
            )
        )
    campaigning.advance(ledger=services.ledger, campaign=services.ledger.campaigns.get(campaign.id))


def texts(services: StageServices, campaign: Campaign) -> dict[str, str]:
    return {one.person: one.text for one in services.ledger.messages.of_campaign(campaign.id)}


def draft(client: FlaskClient, **asked: Any) -> dict[str, Any]:
    return ok(client.post(f"{TIMES}/draft", json=asked))


@pytest.fixture
def tried(client: FlaskClient, services: StageServices, planned: Campaign) -> Campaign:
    draft(client, first=2)
    work(services, planned)
    return planned


def test_so_many_rows_are_drafted_first(client: FlaskClient, services: StageServices, tried: Campaign) -> None:
    view = ok(client.get(TIMES))
    assert (view["state"], view["trial"], view["rows"], view["chosen"]) == ("drafted", 2, 2, 3)
    assert list(texts(services, tried)) == ["Ada", "Ben"]
    assert draft(client, first=2)["rows"] == 2, "asked twice, the same rows"


def test_rows_that_a_text_can_go_to_are_tried(
    client: FlaskClient, services: StageServices, sheet: FakeSheet, planned: Campaign
) -> None:
    sheet.type(0, "Email", "nobody")
    services.ledger.suppressions.add("ben@example.org", ChannelName.OUTBOX, SuppressionReason.OPT_OUT)
    assert draft(client, first=1)["rows"] == 1
    work(services, planned)
    assert list(texts(services, planned)) == ["Cleo"]
    assert draft(client, first=2)["rows"] == 2, "where no better ones are left, others show what is wrong with them"


def test_the_rest_follows(client: FlaskClient, services: StageServices, tried: Campaign) -> None:
    before = texts(services, tried)
    view = draft(client)
    assert (view["state"], view["trial"], view["rows"], view["chosen"]) == ("drafting", 0, 3, 3)
    work(services, tried)
    after = texts(services, tried)
    assert "Cleo" in after["Cleo"]
    assert {name: after[name] for name in before} == before


def test_the_plan_may_be_edited_and_the_tried_rows_are_written_anew(
    client: FlaskClient, services: StageServices, tried: Campaign
) -> None:
    ada = next(one for one in services.ledger.messages.of_campaign(tried.id) if one.person == "Ada")
    ok(client.patch(f"{TIMES}/messages/{ada.row_key}", json={"text": "My own words"}))
    ok(client.patch(f"{TIMES}/plan", json={"template": "Dear {{Name}}, come at {{Time}}."}))
    draft(client, first=2)
    work(services, tried)
    assert texts(services, tried) == {"Ada": "My own words", "Ben": "Dear Ben, come at 09:10."}
    draft(client)
    work(services, tried)
    assert texts(services, tried)["Cleo"] == "Dear Cleo, come at 09:20."
    answer = client.patch(f"{TIMES}/plan", json={"template": "Too late"})
    assert answer.status_code == 409, "the trial is over"


def test_after_a_yes_the_plan_stays_and_the_rest_still_follows(
    client: FlaskClient, services: StageServices, tried: Campaign
) -> None:
    assert ok(client.post(f"{TIMES}/approve", json={}))["changed"] == 2
    assert client.patch(f"{TIMES}/plan", json={"template": "Hi"}).status_code == 409
    ok(client.post(f"{TIMES}/send"))
    view = draft(client)
    assert (view["rows"], view["chosen"]) == (3, 3)
    work(services, tried)
    assert "Cleo" in texts(services, tried)["Cleo"]


def test_without_a_model_nothing_is_paid(client: FlaskClient, planned: Campaign) -> None:
    told = ok(client.get(f"{TIMES}/model"))
    assert (told["model"], told["rest"], told["cost"]) == ("", 3, None)
    assert told["sentence"] == "No language model is set up: the texts cost nothing."


@pytest.fixture
def priced(make_app: MakeApp) -> tuple[FlaskClient, StageServices]:
    """A model at a server that nobody asks here; its plan is the offline one."""
    app = make_app(OPENAI_MODEL="m-1", OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_PRICES=PRICES)
    assert isinstance(app.services, StageServices)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {app.settings.access_token()}"
    return client, app.services


def campaign_of(services: StageServices, people: int, template: str = "") -> str:
    rows = [[f"Person {number}", f"p{number}@example.org", "09:00"] for number in range(people)]
    sheet = FakeSheet(["Name", "Email", "Time"], rows, workbook="/many.xlsx")
    services.fakes[sheet.workbook] = sheet
    made = OfflinePlanner().plan(PlanRequest("Send each person their Time", sheet.read(), template=template))
    campaign = Campaign("c_many", "/many.xlsx", sheet.name, "Many", "Send each person their Time", made)
    services.ledger.campaigns.add(campaign)
    return "/api/campaigns/c_many/model"


def test_before_any_row_was_tried_a_rough_guess_is_told(priced: tuple[FlaskClient, StageServices]) -> None:
    client, services = priced
    told = ok(client.get(campaign_of(services, 500)))
    assert (told["model"], told["calls"], told["rest"]) == ("m-1", 0, 500)
    assert 500 < told["per_row"] < 5000
    assert told["sentence"].startswith("500 rows would use about ")
    assert "Try a few of them first" in told["sentence"]


def test_after_some_rows_the_rest_is_estimated_from_them(priced: tuple[FlaskClient, StageServices]) -> None:
    client, services = priced
    address = campaign_of(services, 500)
    services.ledger.usages.add("c_many", Used("plan@1", "m-1", Usage(900, 0, 100, 1)))
    services.ledger.usages.add("c_many", Used("draft@1", "m-1", Usage(3000, 1000, 540, 3)))
    told = ok(client.get(address))
    assert (told["calls"], told["input"], told["cached"], told["output"]) == (4, 3900, 1000, 640)
    assert told["per_row"] == 1180
    assert told["sentence"] == (
        "3 texts used 3,540 tokens (0.0047 USD). The other 500 rows would use about 590,000 (0.7767 USD)."
    )
    ok(client.patch("/api/campaigns/c_many/bounds", json={"most_tokens": 100_000}))
    told = ok(client.get(address))
    assert told["most_tokens"] == 100_000
    assert "more than is left of the 100,000 tokens" in told["sentence"]


def test_what_readings_used_is_told_where_nothing_is_left_to_write(priced: tuple[FlaskClient, StageServices]) -> None:
    client, services = priced
    address = campaign_of(services, 1)
    ok(client.post("/api/campaigns/c_many/draft", json={}))
    work(services, services.ledger.campaigns.get("c_many"))
    services.ledger.usages.add("c_many", Used("read@1", "m-1-2026", Usage(3000, 0, 500, 4)))
    assert ok(client.get(address))["sentence"] == (
        "So far 3,500 tokens were used (0.0050 USD). Nothing is left to write."
    )


def test_one_text_for_all_rows_costs_nothing_a_row(priced: tuple[FlaskClient, StageServices]) -> None:
    client, services = priced
    told = ok(client.get(campaign_of(services, 500, template="Hi {{Name}}")))
    assert (told["per_row"], told["sentence"]) == (0, "One text for all rows: the rows themselves need no model.")


def test_bounds_are_changed_one_by_one_and_taken_back(
    client: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    ok(client.patch(f"{TIMES}/bounds", json={"sure_at": 0.8, "most_cost": 2.5}))
    ok(client.patch(f"{TIMES}/bounds", json={"most_tokens": 1000, "most_cost": None}))
    kept = services.ledger.campaigns.get(planned.id)
    assert (kept.sure_at, kept.most_tokens, kept.most_cost) == (0.8, 1000, None)
    assert client.patch(f"{TIMES}/bounds", json={"sure_at": 0.1}).status_code == 422


def test_why_not_all_rows_are_drafted_stands_in_the_note(
    client: FlaskClient, services: StageServices, tried: Campaign
) -> None:
    drafting.halt(ledger=services.ledger, campaign_id=tried.id, why="The budget is used up.")
    view = ok(client.get(TIMES))
    assert view["note"].startswith("The budget is used up. 2 of 2 rows are drafted.")
    assert draft(client)["note"] == ""
    assert services.ledger.campaigns.get(tried.id).state is CampaignState.DRAFTING
