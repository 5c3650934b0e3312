"""Another WhatsApp template once drafts are there: whose are written anew, whose stay, and until when. With the offline
model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import drafts
from server.domain.campaign import Campaign
from server.domain.machine import Drafted, Redrafting
from server.domain.usage import Made
from server.domain.words import CampaignState, ChannelName, MessageState
from server.ports import Limits
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices
from tests.web.test_redrafts import of, work

TIMES = "/api/campaigns/c_times"
START = {"name": "start", "body": "Hello {{1}}, you start at {{2}} then.", "columns": {"1": "Name", "2": "Time"}}
CLOSED = "Outside WhatsApp's 24-hour window: choose an approved template."
NUMBERS = ["+34600000001", "+34600000002", "+34600000003"]


@pytest.fixture
def written(services: StageServices, planned: Campaign, sheet: FakeSheet) -> Campaign:
    """Drafts over WhatsApp, for people who did not write to us."""
    fake = services.fake_channel
    fake.name, fake.bears = ChannelName.WHATSAPP, Limits(window=86_400)
    services.__dict__["channels"] = {**services.channels, (ChannelName.WHATSAPP, "fake"): fake}
    for row, number in enumerate(NUMBERS):
        sheet.type(row, "Number", number)
    plan = replace(planned.plan, channel=ChannelName.WHATSAPP, provider="fake", address_column="Number")
    campaign = services.ledger.campaigns.save(replace(planned, plan=plan))
    drafts.ask(services, sheet, campaign)
    work(services, campaign)
    return services.ledger.campaigns.get(campaign.id)


def change(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{TIMES}/template", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def texts(services: StageServices, campaign: Campaign) -> list[str]:
    return sorted(one.text for one in services.ledger.messages.of_campaign(campaign.id))


def test_a_template_that_is_chosen_late_reaches_who_did_not_write(
    client: FlaskClient, services: StageServices, written: Campaign
) -> None:
    assert CLOSED in of(services, written).note
    assert change(client, **START) == {"changed": 3, "edited": 0, "sentence": "WhatsApp drafts written anew: 3."}
    assert services.ledger.campaigns.get(written.id).state is CampaignState.DRAFTING
    work(services, written)
    ada = of(services, written)
    assert (ada.text, ada.note, ada.state) == ("Hello Ada, you start at 09:00 then.", "", MessageState.DRAFTED)
    assert ada.extras.template is not None
    assert client.post(f"{TIMES}/approve", json={}).get_json()["changed"] == 3


def test_a_draft_that_a_person_edited_stays_and_is_told(
    client: FlaskClient, services: StageServices, written: Campaign
) -> None:
    key = of(services, written).row_key
    assert client.patch(f"{TIMES}/messages/{key}", json={"text": "Ada, call me."}).status_code == 200
    told = change(client, **START)
    assert (told["changed"], told["edited"]) == (2, 1)
    assert told["sentence"] == "WhatsApp drafts written anew: 2. 1 that you edited stay as they are."
    work(services, written)
    assert texts(services, written)[0] == "Ada, call me."
    assert texts(services, written)[1:] == [
        f"Hello {one} then." for one in ("Ben, you start at 09:10", "Cleo, you start at 09:20")
    ]


def test_the_template_that_is_there_changes_nothing_and_none_writes_texts_again(
    client: FlaskClient, services: StageServices, written: Campaign
) -> None:
    change(client, **START)
    work(services, written)
    assert change(client, **START)["sentence"] == "No draft is written anew."
    assert services.ledger.campaigns.get(written.id).state is CampaignState.DRAFTED
    assert change(client, name="")["changed"] == 3
    work(services, written)
    assert "Can you make it?" in of(services, written).text
    assert of(services, written).extras.template is None


def test_drafts_that_go_another_way_stay(client: FlaskClient, services: StageServices, written: Campaign) -> None:
    ada = of(services, written)
    services.ledger.messages.move(ada.id, Redrafting())
    mail = Drafted("Hi Ada.", "", "ada@example.org", "Ada", made=Made(plan=1), channel=ChannelName.OUTBOX)
    services.ledger.messages.move(ada.id, mail)
    assert change(client, **START)["changed"] == 2
    assert of(services, written).state is MessageState.DRAFTED


def test_nothing_changes_once_one_is_approved_or_while_drafts_are_written(
    client: FlaskClient, services: StageServices, written: Campaign
) -> None:
    def refused() -> str:
        answer = client.post(f"{TIMES}/template", json=START)
        assert answer.status_code == 409
        assert services.ledger.campaigns.get(written.id).plan.whatsapp_template == template
        return str(answer.get_json()["detail"])

    template = None
    change(client, **START)
    template = services.ledger.campaigns.get(written.id).plan.whatsapp_template
    assert refused().startswith("The WhatsApp template can be changed while all drafts are there")
    work(services, written)
    key = of(services, written).row_key
    assert client.post(f"{TIMES}/approve", json={"keys": [key]}).get_json()["changed"] == 1
    assert "none of them is approved or sent" in refused()
    assert of(services, written).state is MessageState.APPROVED
