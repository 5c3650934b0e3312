"""The page of phones and mailboxes, and the settings that lead the product to the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.config import Settings
from tests.emulators.providers import Providers
from tests.emulators.providers.page import STATIC
from tests.emulators.providers.receiver import Receiver
from tests.waiting import until

ANA = "ana@example.org"
PHONE = "+447900900123"


@pytest.fixture
def product() -> Iterator[Receiver]:
    with Receiver() as product:
        yield product


@pytest.fixture
def world(product: Receiver) -> Iterator[Providers]:
    with Providers(target=product.url) as world:
        world.meta.template("ask", "Hello, coming?", ["Yes", "No"])
        yield world


@pytest.fixture
def page(world: Providers) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.url, verify=False, trust_env=False) as page:
        mail = {"from": "run@example.org", "to": ANA, "subject": "<b>Start</b>", "text": "Coming?"}
        page.post("/resend/emails", json=mail, headers={"Authorization": f"Bearer {world.resend.key}"})
        message = {"messaging_product": "whatsapp", "to": PHONE, "type": "template",
                   "template": {"name": "ask", "language": {"code": "en"}}}  # fmt: skip
        url = f"/meta/v23.0/{world.meta.phone_number_id}/messages"
        page.post(url, json=message, headers={"Authorization": f"Bearer {world.meta.token}"})
        yield page


def act(page: httpx.Client, **deed: Any) -> httpx.Response:
    return page.post("/page/act", json=deed)


def test_it_shows_who_got_what(page: httpx.Client) -> None:
    state = page.get("/page/state").json()
    [box], [phone] = state["mailboxes"], state["phones"]
    assert (box["address"], box["items"][0]["subject"], box["items"][0]["text"]) == (ANA, "<b>Start</b>", "Coming?")
    assert [button["title"] for button in phone["items"][0]["buttons"]] == ["Yes", "No"]
    assert page.get("/page/state", params={"version": state["version"]}).json() == {"unchanged": True}
    assert page.get("/page/state", params={"q": "nobody"}).json()["mailboxes"] == []


def test_an_answer_a_button_and_a_bounce_reach_the_product(
    page: httpx.Client, world: Providers, product: Receiver
) -> None:
    assert act(page, do="reply", address=ANA, text="Yes", style="apple").status_code == 200
    until(lambda: len(product.got) == 1)
    item = page.get("/page/state").json()["phones"][0]["items"][0]
    act(page, do="press", address=PHONE, payload="Yes", id=item["id"])
    until(lambda: len(product.got) == 2)
    act(page, do="reply", address=PHONE, text="1", channel="sms")
    act(page, do="bounce", address=ANA)
    act(page, do="away", address=ANA)
    until(lambda: len(product.got) == 5)
    assert world.mailbox(ANA).away
    assert {request.path for request in product.got} == {"/webhooks/resend", "/webhooks/meta", "/webhooks/twilio"}


def test_it_sets_what_happens_to_people_and_requests(page: httpx.Client, world: Providers) -> None:
    act(page, do="set", address=ANA, name="fate", value="bounced")
    act(page, do="set", address=PHONE, name="reachable", value=False)
    assert (world.mailbox(ANA).fate, world.phone(PHONE).reachable) == ("bounced", False)
    assert act(page, do="set", address=ANA, name="items", value=[]).status_code == 409
    act(page, do="fault", provider="resend", kind="503")
    assert page.post("/resend/emails", json={}).status_code == 503
    act(page, do="key", address=PHONE, key="2")
    assert world.phone(PHONE).keys == "2"


def test_what_can_not_be_done_is_said(page: httpx.Client) -> None:
    answer = act(page, do="reply", address="nobody@example.org", text="Yes")
    assert (answer.status_code, answer.json()["detail"]) == (409, "Nothing has arrived at nobody@example.org yet.")
    assert act(page, do="dance").status_code == 409
    assert page.post("/page/act", content=b'{"do": "calm"}', headers={"Content-Type": "text/plain"}).status_code == 415
    assert page.get("/page/../page.py").status_code == 404


def test_the_page_needs_nothing_from_elsewhere_and_shows_texts_as_texts(page: httpx.Client) -> None:
    answer = page.get("/")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        assert page.get(f"/page/{path.name}").text == text
        assert not {word for word in ("innerHTML", "http://", "https://", "insertAdjacentHTML") if word in text}


def test_the_product_knows_every_setting_that_leads_it_to_the_emulator(world: Providers) -> None:
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    told = world.environment()
    assert set(told) <= known
    assert Settings(_env_file=None, **told).provider_faults() == []  # type: ignore[arg-type]
