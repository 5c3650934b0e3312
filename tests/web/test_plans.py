"""A plan over HTTP: every field of it, one text for all rows, and what is asked about before drafting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.message import Message
from server.web.schemas import CampaignView
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices

TIMES = "/api/campaigns/c_times"
SHIRT = "Send each person their Time and mention their T-shirt size. Remind them after 3 days."


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.fixture
def asking(client: FlaskClient, sheet: FakeSheet) -> str:
    """The address of a campaign whose instruction asks for what no column holds."""
    made = CampaignView(**ok(client.post("/api/campaigns", json={"instruction": SHIRT})))
    return f"/api/campaigns/{made.id}"


def test_it_shows_all_that_a_plan_says(client: FlaskClient, asking: str) -> None:
    plan = CampaignView(**ok(client.get(asking))).plan
    assert (plan.tone, plan.counts, plan.remind_after, plan.language, plan.version) == ("", "", 3, "en", 1)
    assert (plan.missing, plan.left_out, plan.one_text, plan.doubt) == (["T-shirt size"], [], False, "")
    assert "After 3 days without an answer the row says No answer" in plan.words


def test_it_edits_each_of_the_fields_and_says_them_in_words(client: FlaskClient, asking: str) -> None:
    change = {"tone": "warm", "counts": "A yes", "remind_after": 1, "language": "de", "missing": []}
    plan = ok(client.patch(f"{asking}/plan", json=change))["plan"]
    assert {name: plan[name] for name in change} == change
    assert (plan["version"], plan["left_out"]) == (2, ["T-shirt size"])
    assert plan["words"] == (
        "Writes to “Email” by the local mailbox, using Name and Time. The text is in German, warm in tone. It leaves "
        "out “T-shirt size”. No answer is asked for. A yes. After a day without an answer the row says No answer, and "
        "you can remind them. Version 2 of the plan."
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tone": "x" * 61}, "tone"),
        ({"counts": "x" * 301}, "counts"),
        ({"remind_after": 400}, "remind_after"),
        ({"remind_after": 1.5}, "remind_after"),
        ({"remind_after": True}, "remind_after"),
        ({"language": "german"}, "language"),
        ({"missing": ["the moon"]}, "missing"),
        ({"version": 7}, "version"),
    ],
)
def test_it_names_the_field_that_can_not_be(
    client: FlaskClient, asking: str, change: dict[str, Any], field: str
) -> None:
    answer = client.patch(f"{asking}/plan", json=change)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["field"].split(".")[0] == field
    assert ok(client.get(asking))["plan"]["version"] == 1


def test_it_asks_before_drafting_and_offers_the_columns(client: FlaskClient, asking: str) -> None:
    answer = client.post(f"{asking}/draft", json={})
    told = answer.get_json()
    assert (answer.status_code, told["field"]) == (422, "missing")
    assert "“T-shirt size”" in told["detail"]
    assert told["suggestions"] == ["Name", "Email", "Time", "Number"]
    chosen = {"missing": [], "read_columns": ["Name", "Time", "Number"]}
    plan = ok(client.patch(f"{asking}/plan", json=chosen))["plan"]
    assert (plan["missing"], plan["left_out"]) == ([], [])
    assert "takes “T-shirt size” from “Number”" in plan["words"]
    assert ok(client.post(f"{asking}/draft", json={}))["state"] == "drafting"


def test_a_column_is_chosen_word_by_word(client: FlaskClient, asking: str) -> None:
    plan = ok(client.patch(f"{asking}/plan", json={"held": {"T-shirt size": "Number"}}))["plan"]
    assert (plan["missing"], plan["left_out"], plan["read_columns"]) == ([], [], ["Name", "Time", "Number"])
    answer = client.patch(f"{asking}/plan", json={"held": {"T-shirt size": "Number"}})
    assert (answer.status_code, answer.get_json()["field"]) == (422, "held")


def test_it_writes_one_text_for_all_rows_and_takes_it_away(client: FlaskClient, asking: str) -> None:
    refused = client.post(f"{asking}/text", json={"way": "one"})
    assert (refused.status_code, refused.get_json()["field"]) == (422, "missing")
    ok(client.patch(f"{asking}/plan", json={"missing": []}))
    plan = ok(client.post(f"{asking}/text", json={"way": "one"}))["plan"]
    assert plan["one_text"]
    assert "{{Time}}" in plan["template"]
    plan = ok(client.post(f"{asking}/text", json={"way": "each"}))["plan"]
    assert (plan["one_text"], plan["template"]) == (False, "")
    assert client.post(f"{asking}/text", json={"way": "both"}).status_code == 422


def test_a_drafted_plan_takes_only_what_no_text_is_made_from(
    client: FlaskClient, planned: Campaign, drafted: list[Message]
) -> None:
    assert ok(client.patch(f"{TIMES}/plan", json={"remind_after": 4}))["plan"]["remind_after"] == 4
    for answer in (
        client.patch(f"{TIMES}/plan", json={"tone": "warm"}),
        client.post(f"{TIMES}/text", json={"way": "one"}),
    ):
        assert answer.status_code == 409


def test_a_new_text_by_a_person_settles_what_was_in_doubt(
    client: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    ledger = services.ledger.campaigns
    ledger.save(replace(planned, plan=replace(planned.plan, doubt="Nobody said “50 EUR”.")))
    assert ok(client.get(TIMES))["plan"]["doubt"] == "Nobody said “50 EUR”."
    assert ok(client.patch(f"{TIMES}/plan", json={"template": "Hi {{Name}}"}))["plan"]["doubt"] == ""
