"""Every channel from the panel, on the real product with emulated providers: the plan's ways, the drafts, the cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import openpyxl
import pytest

from tests.browser.test_desk import nameless, press, says, step
from tests.emulators.providers.play import Play, play

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

pytestmark = pytest.mark.browser

NARROW = 300
TEMPLATE = "Hi {{Name}}, you’re on at {{Start}}. Can you make it?"
HEADER = ["Name", "Email", "Phone", "Start", "Ticket", "Coach", "How"]
ANA, BEN = "+447900900123", "+447900900456"
PEOPLE = [
    ["Ana Silva", "ana@example.org", ANA, "09:00", "ticket-ana.pdf", "coach@example.org", ""],
    ["Ben Okafor", "", BEN, "09:10", "", "", "text"],
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """The product with all providers, emulated."""
    folder = tmp_path_factory.mktemp("channels")
    (folder / "files").mkdir()
    (folder / "files" / "ticket-ana.pdf").write_bytes(b"%PDF-1.7 a ticket")
    settings = {
        "CELLBACK_UNDO_SECONDS": "0",
        "CELLBACK_SMS_PRICE": "0.05",
        "CELLBACK_ATTACHMENTS_DIR": str(folder / "files"),
        "TWILIO_SMS_PER_SECOND": "50",
    }
    with play(folder, settings) as running:
        yield running


@pytest.fixture(scope="module")
def address(world: Play) -> str:
    return world.product.address


@pytest.fixture
def panel(open_page: Callable[..., Page], world: Play, tmp_path: Path) -> Callable[..., Page]:
    """`panel(width=.., dark=..)`: the panel alone, beside a workbook of its own."""

    def opened(**how: Any) -> Page:
        workbook = quote(upload(world, people(tmp_path / "people.xlsx")))
        return open_page(**{"width": NARROW, "height": 700, "path": f"/panel?workbook={workbook}", **how})

    return opened


def people(path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [HEADER, *PEOPLE]:
        book.active.append(row)
    book.save(path)
    return path


def upload(world: Play, path: Path) -> str:
    """Makes a file known to the product; the workbook's address there."""
    import requests

    token = world.product.address.partition("token=")[2]
    with path.open("rb") as file:
        answer = requests.post(
            f"{world.product.url}/api/workbooks",
            files={"file": file},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    answer.raise_for_status()
    return str(answer.json()["workbook"])


def plan(page: Page, channel: str, provider: str = "") -> None:
    page.get_by_text("I write the exact text").click()
    page.get_by_label("Template").fill(TEMPLATE)
    page.get_by_label("Send by").select_option(label=channel)
    if provider:
        page.get_by_label("Over", exact=True).select_option(label=provider)
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()


def more_ways(page: Page) -> Locator:
    page.get_by_text("More ways …").click()
    return page.locator("details", has_text="More ways …")


def saved(page: Page, what: Callable[[], object]) -> None:
    """Once the server has taken the plan's new field."""
    with page.expect_response(lambda answer: answer.url.endswith("/plan") and answer.ok):
        what()


def pick(page: Page, label: str, option: str) -> None:
    saved(page, lambda: page.get_by_role("combobox", name=label, exact=True).select_option(label=option))


def fits(page: Page) -> bool:
    return bool(page.evaluate(f"document.documentElement.scrollWidth <= {NARROW}"))


def fall_back_on_sms(page: Page) -> None:
    """By mail over Resend, else by SMS, as each row says, with a file and a copy."""
    plan(page, "Email", "Resend")
    more_ways(page)
    pick(page, "Add a way", "SMS")
    pick(page, "Channel of each row", "How")
    pick(page, "Attach from", "Ticket")
    pick(page, "Copy to", "Coach")


def test_a_channel_stands_once_and_its_provider_only_where_several_carry_it(panel: Callable[..., Page]) -> None:
    page = panel(before=lambda page: page.route("**/api/session**", without_calls))
    page.get_by_label("Send by").wait_for()
    names = page.locator("#channel option").all_inner_texts()
    assert names == ["Local mailbox", "Email", "WhatsApp", "SMS", "Phone call (not set up)"]
    page.get_by_label("Send by").select_option(label="Email")
    carriers = page.get_by_label("Over", exact=True)
    assert carriers.locator("option").all_inner_texts() == ["SendGrid", "Resend", "Mailgun", "SMTP"]
    page.get_by_label("Send by").select_option(label="SMS")
    carriers.wait_for(state="detached")
    page.get_by_text("Other ways to send").click()
    assert page.locator("details.hint p").all_inner_texts() == ["Phone call Set a number for calls."]


def without_calls(route: Route) -> None:
    answer = route.fetch()
    session = answer.json()
    for one in session["channels"]:
        if one["name"] == "voice":
            one.update(ready=False, hint="Set a number for calls.")
    route.fulfill(response=answer, json=session)


def test_from_a_plan_with_a_second_way_to_an_answer_that_came_by_it(panel: Callable[..., Page], world: Play) -> None:
    page = panel(dark=True)
    fall_back_on_sms(page)
    page.get_by_text("to “Email” by email, else to “Phone” by SMS, as “How” says").wait_for()
    assert fits(page)
    assert nameless(page) == []
    press(page, "Write 2 drafts")
    says(page, "2 drafts to approve")

    card = page.locator(".draft")
    card.get_by_text("by email over Resend to ana@example.org").wait_for()
    card.get_by_text("coach@example.org").wait_for()
    card.locator(".file", has_text="ticket-ana.pdf").wait_for()
    assert card.locator(".bubble.mail").count() == 1
    press(page, "Next draft")
    card.get_by_text(f"by SMS over Twilio to {BEN}").wait_for()
    assert card.locator(".bubble.phone").count() == 1
    assert re.search(r"2 segments · Unicode · \d+ characters left", card.inner_text())
    odd = "“’” (right single quotation mark) forces Unicode: 70 characters a segment instead of 160."
    assert card.get_by_role("list", name="Why it is longer than it looks").inner_text() == (
        f"{odd} “'” could stand instead."
    )
    assert fits(page)

    press(page, "Approve all 2 drafts")
    press(page, "Go on to send 2")
    page.get_by_text("2 messages will leave by email or SMS").wait_for()
    page.get_by_text("1 SMS in 2 segments, about 0.10 USD. 1 of them need Unicode").wait_for()
    assert fits(page)
    press(page, "Send 2 messages")
    press(page, "Send now")
    says(page, "2 sent. No reply")
    world.world.reply(BEN, "could I start after 10?")
    step(page, "Answers")
    review = page.get_by_role("group", name="Reply of Ben Okafor")
    review.get_by_text("Came by SMS").wait_for()
    assert fits(page)


def test_the_plan_forgets_a_way_again_and_offers_nothing_that_needs_it(panel: Callable[..., Page]) -> None:
    page = panel()
    plan(page, "SMS")
    ways = more_ways(page)
    ways.get_by_text("If that can’t reach someone").wait_for()
    assert ways.get_by_text("Attach from").count() == 0
    assert ways.get_by_text("Channel of each row").count() == 0
    pick(page, "Add a way", "Email")
    ways.get_by_text("Attach from").wait_for()
    pick(page, "Email to", "Coach")
    page.get_by_text("else to “Coach” by email").wait_for()
    saved(page, lambda: press(page, "Remove Email"))
    ways.get_by_text("Attach from").wait_for(state="detached")


def test_a_template_for_whatsapp_is_chosen_its_slots_filled_and_named_on_the_draft(panel: Callable[..., Page]) -> None:
    page = panel()
    plan(page, "WhatsApp", "Meta")
    more_ways(page)
    choice = page.get_by_label("Template outside WhatsApp’s 24 hours")
    page.get_by_text("paused_offer (en) can’t be used.").wait_for()
    assert choice.locator("option", has_text="paused_offer").is_disabled()
    choice.select_option(label="invitation (en)")
    press(page, "Use this template")
    page.get_by_text("No column is chosen for the variable {{1}}.").wait_for()
    page.get_by_label("{{1}}").select_option(label="Name")
    page.get_by_label("{{2}}").select_option(label="Start")
    saved(page, lambda: press(page, "Use this template"))
    assert fits(page)
    press(page, "Write 2 drafts")
    says(page, "2 drafts to approve")
    card = page.locator(".draft")
    card.get_by_text("Sent as the approved template “invitation”").wait_for()
    card.get_by_text(f"by WhatsApp over Meta to {ANA}").wait_for()
    assert card.locator(".bubble.phone").inner_text() == "Hello Ana Silva, 09:00 Will you come?"
    press(page, "Edit")
    card.get_by_label("Text").fill("Dear Ana, will you come?")
    press(page, "Save")
    card.get_by_text("Sent as the approved template").wait_for(state="detached")  # words of one's own go as they are
