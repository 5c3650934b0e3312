"""The page of the emulated phones and mailboxes, in a real browser: reading, answering, pressing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx
import pytest

from tests.emulators.providers import Providers
from tests.emulators.providers.receiver import Receiver
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ANA = "ana@example.org"
PHONE = "+447900900123"
HOSTILE = "<img src=x onerror=alert(1)> Hello <b>Ana</b>"
TWIML = '<Response><Gather numDigits="1" action="{}"><Say>Press 1 if you come.</Say></Gather></Response>'


@pytest.fixture
def product() -> Iterator[Receiver]:
    with Receiver() as product:
        yield product


@pytest.fixture
def world(product: Receiver) -> Iterator[Providers]:
    with Providers(target=product.url) as world, httpx.Client(verify=False, trust_env=False) as http:
        mail = {"from": "run@example.org", "to": ANA, "subject": HOSTILE, "text": HOSTILE}
        http.post(f"{world.resend.url}/emails", json=mail, headers={"Authorization": f"Bearer {world.resend.key}"})
        world.meta.template("ask", "Coming?", ["Yes", "No"])
        message = {"messaging_product": "whatsapp", "to": PHONE, "type": "template",
                   "template": {"name": "ask", "language": {"code": "en"}}}  # fmt: skip
        url = f"{world.meta.url}/v23.0/{world.meta.phone_number_id}/messages"
        http.post(url, json=message, headers={"Authorization": f"Bearer {world.meta.token}"})
        yield world


@pytest.fixture
def page(browser: Browser, world: Providers) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: faults.append(f"a stranger's script ran: {dialog.message}"))
    page.goto(world.url)
    yield page
    page.close()
    assert faults == []


def test_one_reads_answers_and_presses(page: Page, world: Providers, product: Receiver) -> None:
    box = page.locator(".mailbox").filter(has_text=ANA)
    assert box.locator(".item .text").inner_text() == HOSTILE
    box.get_by_label("Answer the newest mail").fill("Yes, gladly")
    box.get_by_role("button", name="Send", exact=True).click()
    box.get_by_text("Yes, gladly").wait_for()
    assert box.get_by_label("Answer the newest mail").input_value() == ""
    page.locator(".phone").get_by_role("button", name="Yes").click()
    until(lambda: len(product.got) == 2)
    [told] = [json.loads(request.body) for request in product.got if request.path == "/webhooks/meta"]
    assert told["entry"][0]["changes"][0]["value"]["messages"][0]["button"]["text"] == "Yes"
    box.get_by_role("button", name="Out of office").click()
    box.locator(".tag", has_text="away").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_answers_a_call_by_a_key(page: Page, world: Providers, product: Receiver) -> None:
    world.twilio.patience = 10.0
    vendor = world.twilio
    twiml = TWIML.format(f"{product.url}/webhooks/twilio")
    with httpx.Client(verify=False, trust_env=False) as http:
        http.post(
            f"{vendor.url}/2010-04-01/Accounts/{vendor.account_sid}/Calls.json",
            data={"To": "+447900900789", "From": vendor.from_number, "Twiml": twiml},
            auth=(vendor.account_sid, vendor.auth_token),
        ).raise_for_status()
    vendor.deliver()
    called = page.locator(".phone").filter(has_text="+447900900789")
    called.get_by_text("Press 1 if you come.").wait_for()
    called.get_by_role("button", name="1", exact=True).click()
    until(lambda: product.got)
    assert parse_qs(product.got[0].body.decode())["Digits"] == ["1"]
