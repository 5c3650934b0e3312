"""Sending over HTTP: told beforehand, begun once, taken back, and the failed ones tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.fingerprint import identity_of
from server.domain.machine import Approved, LostAnswer, Refused
from server.domain.message import Approval, Message
from server.domain.words import ROW_KEY_TITLE, CampaignState, MessageState
from server.queue import SEND
from tests.fakes import FakeClock, FakeSheet
from tests.web.conftest import StageServices

TIMES = "/api/campaigns/c_times"


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.fixture
def ready(services: StageServices, planned: Campaign, drafted: list[Message], sheet: FakeSheet) -> list[str]:
    """Row keys of three approved messages, which stand in the sheet."""
    sheet.insert_column(4, ROW_KEY_TITLE)
    for row, one in enumerate(drafted):
        sheet.type(row, ROW_KEY_TITLE, one.row_key)
        identity = identity_of(one.address, one.person)
        yes = Approval("Ada", services.clock.now(), "f")
        approved = Approved(yes, one.text, one.subject, one.address, one.source, identity)
        assert services.ledger.messages.move(one.id, approved) is not None
    return [one.row_key for one in drafted]


def test_it_tells_what_would_leave_when_and_changes_nothing(
    client: FlaskClient, ready: list[str], services: StageServices
) -> None:
    told = ok(client.post(f"{TIMES}/forecast", json={"keys": ready[:2]}))
    assert (told["going"], told["staying"], told["sentence"], told["zone"]) == (2, 1, "2 now", "UTC")
    assert [(part["count"], part["reason"], part["keys"]) for part in told["parts"]] == [(2, "now", ready[:2])]
    assert ok(client.get(TIMES))["approved"] == 3
    assert services.queue.of(SEND) == []


def test_a_part_is_sent_and_the_others_are_drafts_again(client: FlaskClient, ready: list[str]) -> None:
    view = ok(client.post(f"{TIMES}/send", json={"keys": ready[:1]}))
    assert (view["state"], view["approved"], view["drafted"]) == ("sending", 1, 2)
    assert view["started_by"]
    assert view["started_at"]


def test_a_time_is_kept_shown_and_taken_back(client: FlaskClient, ready: list[str], clock: FakeClock) -> None:
    at = (clock.now() + timedelta(days=1)).isoformat()
    told = ok(client.post(f"{TIMES}/forecast", json={"at": at, "hours": "20:00-08:00"}))
    assert [(part["reason"], part["count"]) for part in told["parts"]] == [("start", 3)]
    view = ok(client.post(f"{TIMES}/send", json={"at": at, "hours": "20:00-08:00"}))
    assert (view["scheduled"][:16], view["hours"]) == (at[:16], "20:00-08:00")
    assert (view["progress"]["due"], view["progress"]["next_at"][:16]) == (3, at[:16])
    view = ok(client.post(f"{TIMES}/undo"))
    assert (view["state"], view["approved"], view["scheduled"]) == ("drafted", 3, None)


def test_rows_go_by_a_column_and_those_without_a_time_are_named(client: FlaskClient, ready: list[str]) -> None:
    told = ok(client.post(f"{TIMES}/forecast", json={"at_column": "Time", "at_day": "2026-03-03"}))
    assert [(part["at"][11:16], part["count"]) for part in told["parts"]] == [("09:00", 1), ("09:10", 1), ("09:20", 1)]
    assert (told["only_times"], told["day"], told["no_time"]) == (3, "2026-03-03", [])
    none = ok(client.post(f"{TIMES}/forecast", json={"at_column": "Name"}))
    assert (none["going"], none["no_time"]) == (0, ready)
    refused = client.post(f"{TIMES}/send", json={"at_column": "Name"})
    assert refused.status_code == 422
    assert ok(client.get(TIMES))["approved"] == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [({"at": "2020-01-01T00:00:00+00:00"}, "at"), ({"hours": "never"}, "hours"), ({"at_column": "Tmie"}, "at_column")],
)
def test_a_wish_that_can_not_be_is_refused_in_a_sentence(
    client: FlaskClient, ready: list[str], body: dict[str, str], field: str
) -> None:
    for route in ("forecast", "send"):
        refused = client.post(f"{TIMES}/{route}", json=body)
        assert (refused.status_code, refused.get_json()["field"]) == (422, field)
    assert ok(client.get(TIMES))["state"] == "drafted"


def test_the_second_person_who_presses_is_told_who_began_and_when(client: FlaskClient, ready: list[str]) -> None:
    began = ok(client.post(f"{TIMES}/send", json={}))
    refused = client.post(f"{TIMES}/send", json={})
    assert refused.status_code == 409
    assert refused.get_json()["detail"].startswith(
        f"This campaign is being sent already. It was started by {began['started_by']} on "
    )


def test_the_failed_are_told_with_their_reasons_and_tried_again_without_the_doubtful(
    client: FlaskClient, ready: list[str], services: StageServices, clock: FakeClock
) -> None:
    messages = services.ledger.messages
    ok(client.post(f"{TIMES}/send", json={}))
    clock.advance(60)  # the undo window is over
    fates = [Refused("Mailbox full: ada@example.org."), Refused("Mailbox full: ben@example.org."), LostAnswer("Lost.")]
    for one, fate in zip(messages.of_campaign("c_times"), fates, strict=True):
        assert messages.claim_soon(one.id, "w", clock.now()).result(5) is not None
        assert messages.move(one.id, fate) is not None
    found = ok(client.get(f"{TIMES}/failed"))
    assert (found["count"], found["keys"]) == (2, ready[:2])
    assert found["reasons"] == [{"reason": "Mailbox full: …", "count": 2}]
    assert ok(client.post(f"{TIMES}/retry", json={}))["changed"] == 2
    assert messages.states("c_times") == {MessageState.APPROVED: 2, MessageState.IN_DOUBT: 1}
    assert client.post(f"{TIMES}/retry", json={}).status_code == 409
    assert services.ledger.campaigns.get("c_times").state is CampaignState.SENDING


def test_a_reopened_page_knows_the_pace_at_once(
    client: FlaskClient, ready: list[str], services: StageServices, clock: FakeClock
) -> None:
    ok(client.post(f"{TIMES}/send", json={}))
    clock.advance(60)
    first = services.ledger.messages.of_campaign("c_times")[0]
    assert services.ledger.messages.claim_soon(first.id, "w", clock.now()).result(5) is not None
    going = ok(client.get(TIMES))["progress"]
    assert (going["due"], going["later"], going["next_at"]) == (2, 0, None)
    assert going["seconds_left"] == pytest.approx(2 / going["per_second"], rel=0.2)
