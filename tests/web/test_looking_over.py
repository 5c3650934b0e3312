"""Looking drafts over before they are approved: what looks unlike the rest, how one arrives, redrafts over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.keys import new_id, new_row_key, new_token
from server.domain.machine import Drafted, Edited
from server.domain.message import Message
from server.domain.words import CampaignState, ChannelName
from tests.fakes import FakeSheet
from tests.web.conftest import MakeApp, StageServices
from tests.web.test_campaigns import TIMES, ok


@pytest.fixture
def many(services: StageServices, planned: Campaign) -> list[Message]:
    """Seven drafts; the fifth holds what was left to fill in, and the sixth is in Spanish."""
    texts = [f"Hi P{i}, you start at 09:{i}0. Can you make it to the stage on time, please?" for i in range(7)]
    texts[4] = texts[4].replace("09:40", "[TIME]")
    texts[5] = "Hola P5: su hora de inicio es a las 09:50. ¿Puede venir, por favor?"
    messages = [
        Message(new_id("m"), planned.id, new_row_key(), token=new_token(), source="s", identity=f"i{i}")
        for i in range(7)
    ]
    services.ledger.messages.add(messages)
    services.ledger.campaigns.move(planned.id, CampaignState.DRAFTING)
    for i, (message, text) in enumerate(zip(messages, texts, strict=True)):
        drafted = Drafted(text, "", f"p{i}@example.org", f"P{i}", source="s", identity=f"i{i}")
        made = replace(drafted.made, plan=1)
        services.ledger.messages.move(message.id, replace(drafted, made=made))
    services.ledger.campaigns.move(planned.id, CampaignState.DRAFTED)
    return messages


def kinds(client: FlaskClient) -> dict[str, str]:
    return {one["person"]: one["reason"]["kind"] for one in ok(client.get(f"{TIMES}/unlike"))["rows"]}


def test_drafts_unlike_the_rest_come_first_with_their_reason(
    client: FlaskClient, services: StageServices, many: list[Message]
) -> None:
    found = ok(client.get(f"{TIMES}/unlike"))
    assert found["of"] == 7
    first = found["rows"][0]
    assert (first["key"], first["reason"]["kind"], first["reason"]["words"]) == (
        many[4].row_key,
        "placeholder",
        "[TIME]",
    )
    assert "left to fill in" in first["reason"]["sentence"]
    assert kinds(client)["P5"] == "language"
    assert len(ok(client.get(f"{TIMES}/unlike?limit=1"))["rows"]) == 1
    services.ledger.messages.move(many[4].id, Edited("Hi P4, you start at 09:40. Can you make it?", "", "Kim"))
    assert "P4" not in kinds(client), "a person looked at it"


def test_a_preview_says_from_whom_and_what_can_be_pressed(
    client: FlaskClient, services: StageServices, drafted: list[Message]
) -> None:
    seen = ok(client.get(f"{TIMES}/messages/{drafted[0].row_key}/preview"))
    assert (seen["channel"], seen["to"], seen["unsubscribe"]) == ("outbox", "ada@example.org", False)
    assert client.get(f"{TIMES}/messages/nobody/preview").status_code == 404


def test_a_redraft_over_http_is_told_in_numbers(
    client: FlaskClient, services: StageServices, drafted: list[Message]
) -> None:
    refused = client.post(f"{TIMES}/redraft", json={"keys": None, "remark": " "})
    assert (refused.status_code, refused.get_json()["field"]) == (422, "remark")
    told = ok(client.post(f"{TIMES}/redraft", json={"keys": None, "remark": "shorter"}))
    assert (told["changed"], told["edited"]) == (0, 3), "these were written by nobody we know: a person’s"
    view = ok(client.get(f"{TIMES}/messages"))["messages"][0]
    assert (view["step"], view["edited"], view["remark"], view["before"]) == (0, True, "", None)
    assert ok(client.post(f"{TIMES}/redraft/undo", json={"keys": [drafted[0].row_key]}))["changed"] == 0


def test_an_sms_says_what_it_costs(make_app: MakeApp) -> None:
    from server.domain.sms import segments
    from server.web.views import message_view, sms_view

    app = make_app(CELLBACK_SMS_PRICE="0.05", CELLBACK_SMS_CURRENCY="EUR")
    price, currency = app.settings.sms_price, app.settings.sms_currency
    message = Message("m", "c", "r", text="x" * 161, channel=ChannelName.SMS)
    sms = message_view(message, price, currency).sms
    assert sms is not None
    assert (sms.segments, str(sms.cost), sms.currency) == (2, "0.10", "EUR")
    assert sms_view(segments("x")).cost is None


def test_a_fault_is_told_in_parts_too(client: FlaskClient, sheet: FakeSheet, planned: Campaign) -> None:
    sheet.type(0, "Email", "nobody")
    sheet.type(1, "Time", "")
    faults = {one["kind"]: one for one in ok(client.get(TIMES))["faults"]}
    assert (faults["no_address"]["rows"], faults["no_address"]["columns"]) == (1, ["Email"])
    assert (faults["empty_cell"]["rows"], faults["empty_cell"]["columns"]) == (1, ["Time"])


def test_a_person_is_found_by_name_or_address_with_their_place(client: FlaskClient, drafted: list[Message]) -> None:
    found = ok(client.get(f"{TIMES}/find?text=EXAMPLE.org&limit=2"))
    assert ([one["person"] for one in found["rows"]], found["total"]) == (["Ada", "Ben"], 3)
    assert ok(client.get(f"{TIMES}/find?text=cle"))["rows"] == [
        {"key": drafted[2].row_key, "person": "Cleo", "address": "cleo@example.org", "at": 2}
    ]
    assert client.get(f"{TIMES}/find?text=").status_code == 422


def test_a_text_is_weighed_while_it_is_typed(client: FlaskClient, planned: Campaign) -> None:
    weighed = ok(client.post(f"{TIMES}/weigh", json={"text": "“Hi”"}))
    assert (weighed["segments"], weighed["encoding"], weighed["cost"]) == (1, "Unicode", None)
    assert client.post("/api/campaigns/c_nobody/weigh", json={"text": ""}).status_code == 404
