"""Campaigns saved to use again, over the API."""

from __future__ import annotations

from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.saved import SavedCampaign
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices


def test_a_campaign_is_saved_and_begun_again_with_all_that_was_settled(
    desk: FlaskClient, planned: Campaign, sheet: FakeSheet
) -> None:
    rules = {"tone": "friendly", "counts": "A clear yes or no", "remind_after": 3, "language": "de"}
    assert desk.patch(f"/api/campaigns/{planned.id}/plan", json=rules).status_code == 200
    kept = desk.post(f"/api/campaigns/{planned.id}/save", json={"name": " Times  again "}).json
    assert kept is not None
    assert (kept["name"], kept["mine"], kept["here"]) == ("Times again", True, True)
    assert desk.get("/api/saved").json == {"saved": [kept]}
    names = ("instruction", "template", "channel", "answers", *rules)
    fields = {name: kept[name] for name in names}
    assert fields["answers"] == ["Coming=Yes|No"]
    begun = desk.post("/api/campaigns", json={**fields, "rows": ["all"]})
    assert begun.status_code == 200, begun.json
    plan = begun.json["plan"]  # type: ignore[index]
    assert {name: plan[name] for name in rules} == rules
    assert [(one["name"], one["allowed"]) for one in plan["answer_columns"]] == [("Coming", ["Yes", "No"])]


def test_it_is_renamed_and_removed_and_needs_a_name(desk: FlaskClient, planned: Campaign) -> None:
    save = f"/api/campaigns/{planned.id}/save"
    assert desk.post(save, json={"name": "  "}).json["field"] == "name"  # type: ignore[index]
    kept = desk.post(save, json={"name": "One"}).json
    assert kept is not None
    assert desk.patch(f"/api/saved/{kept['id']}", json={"name": "Two"}).json["name"] == "Two"  # type: ignore[index]
    assert desk.post(f"/api/saved/{kept['id']}/remove").json["changed"] == 1  # type: ignore[index]
    assert desk.post(f"/api/saved/{kept['id']}/remove").status_code == 404
    assert desk.get("/api/saved").json == {"saved": []}


def test_others_are_seen_in_their_workbook_and_can_not_be_changed(
    desk: FlaskClient, services: StageServices, sheet: FakeSheet
) -> None:
    theirs = SavedCampaign("s_1", "Theirs", "Send each person their time", who="Kim", workbook=sheet.workbook)
    services.ledger.saved.put("kim@example.org", theirs)
    elsewhere = SavedCampaign("s_2", "Elsewhere", "Send each person their time", who="Kim", workbook="other")
    services.ledger.saved.put("kim@example.org", elsewhere)
    found = desk.get("/api/saved").json["saved"]  # type: ignore[index]
    assert [(one["name"], one["who"], one["mine"]) for one in found] == [("Theirs", "Kim", False)]
    assert desk.patch("/api/saved/s_1", json={"name": "Mine"}).status_code == 404
    assert desk.post("/api/saved/s_1/remove").status_code == 404
