"""Phones beside the mailbox: what SMS and WhatsApp look like at the other end, and what comes back from there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from server.domain.message import Choice, Outgoing
from server.domain.reply import DeliveryEvent, InboundMessage
from server.domain.words import ChannelName
from tests.web.conftest import StageServices

CHOICES = (Choice("1", "Yes"), Choice("2", "No"))


def reach(services: StageServices, name: ChannelName, number: str = "+14155550100") -> str:
    """Send one message with choices to a phone; its id."""
    channel = services.channel_for(name, "outbox")
    out = Outgoing("m_1", "tok23", channel.address(number), "Are you in?", person="Ana", choices=CHOICES)
    return asyncio.run(channel.send(out)).provider_id


def post(served: str, token: str, path: str, **body: Any) -> dict[str, Any]:
    answer = requests.post(
        f"{served}/api/mailbox/{path}", headers={"Authorization": f"Bearer {token}"}, json=body, timeout=5
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def events(services: StageServices) -> list[Any]:
    return [services.ledger.inbox.get(one).event for one in services.ledger.inbox.waiting(10)]


@pytest.mark.parametrize("name", [ChannelName.SMS, ChannelName.WHATSAPP])
def test_what_reaches_a_phone_is_no_mail(served: str, token: str, services: StageServices, name: ChannelName) -> None:
    reach(services, name)
    bearer = {"Authorization": f"Bearer {token}"}
    mails = requests.get(f"{served}/api/mailbox", headers=bearer, timeout=5).json()
    phones = requests.get(f"{served}/api/mailbox?phones=true", headers=bearer, timeout=5).json()
    assert (mails["total"], phones["total"]) == (0, 1)
    (one,) = phones["mails"]
    assert (one["channel"], one["to"], one["choices"]) == (name.value, "+14155550100", ["Yes", "No"])


def test_a_text_from_a_phone_is_known_by_its_number_alone(served: str, token: str, services: StageServices) -> None:
    mail = reach(services, ChannelName.SMS)
    assert post(served, token, f"{mail}/answer", text="STOP")["answers"] == ["STOP"]
    (event,) = events(services)
    assert isinstance(event, InboundMessage)
    assert (event.sender, event.text, event.channel) == ("+14155550100", "STOP", ChannelName.SMS)
    assert (event.token, event.in_reply_to, event.button) == ("", (), "")


def test_a_pressed_button_brings_back_its_code(served: str, token: str, services: StageServices) -> None:
    mail = reach(services, ChannelName.WHATSAPP)
    assert post(served, token, f"{mail}/answer", button=1)["answers"] == ["No"]
    (event,) = events(services)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.button, event.in_reply_to) == ("No", "v1.tok23.2", (mail,))
    assert event.channel is ChannelName.WHATSAPP


def test_whatsapp_tells_that_it_was_read_and_sms_does_not(served: str, token: str, services: StageServices) -> None:
    sms, whatsapp = reach(services, ChannelName.SMS), reach(services, ChannelName.WHATSAPP)
    assert post(served, token, f"{sms}/open")["read"]
    assert events(services) == []
    assert post(served, token, f"{whatsapp}/open")["read"]
    (event,) = events(services)
    assert isinstance(event, DeliveryEvent)
    assert event.provider_id == whatsapp


def test_a_phone_takes_numbers_only_and_as_much_as_a_real_one(services: StageServices) -> None:
    sms, whatsapp = services.channel_for(ChannelName.SMS), services.channel_for(ChannelName.WHATSAPP)
    for channel in (sms, whatsapp):
        with pytest.raises(Exception, match="phone"):
            channel.address("ana@example.org")
    assert (sms.limits().longest, sms.limits().buttons) == (1600, False)
    assert (whatsapp.limits().longest, whatsapp.limits().buttons, whatsapp.limits().window) == (4096, True, None)
