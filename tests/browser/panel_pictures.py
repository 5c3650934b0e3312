"""Pictures of every state of the panel, 300 pixels wide, in light and dark; not part of the suite:

CELLBACK_PICTURES=docs/images pytest tests/browser/panel_pictures.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import openpyxl
import pytest

from server.config import load_settings
from server.identity.invitations import Invitations
from server.identity.people import PersonRole
from server.local.sample import create
from tests.browser.album import Album
from tests.browser.conftest import served
from tests.browser.pictures import INSTRUCTION
from tests.browser.test_answers import Api, course
from tests.browser.test_channels import upload
from tests.browser.test_desk import press, says, step
from tests.emulators.providers.play import Play, play
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NARROW = {"width": 300, "height": 780, "path": "/panel"}
SETTINGS = {"CELLBACK_UNDO_SECONDS": "10", "LOGNAME": "Ana"}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("panel")


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with served(folder, SETTINGS) as printed:
        yield printed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """All channels, with a provider of SMS that takes one in a second."""
    settings = {**SETTINGS, "CELLBACK_SMS_PRICE": "0.05", "TWILIO_SMS_PER_SECOND": "1"}
    with play(tmp_path_factory.mktemp("channels"), settings) as running:
        yield running


def to(target: Locator) -> None:
    """Scroll it to the top of what is seen, below the steps."""
    target.evaluate("one => { one.scrollIntoView(); scrollBy(0, -60); }")


def planned(page: Page) -> None:
    page.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()


def drafted(page: Page) -> None:
    planned(page)
    press(page, re.compile(r"^Write \d+ drafts$"))
    page.locator("article.draft").wait_for()
    page.locator(".say", has_text="Nothing is being sent.").wait_for()


def test_it_takes_pictures_of_writing_and_the_plan(open_page: Callable[..., Page]) -> None:
    page, album = open_page(**NARROW), Album("panel-write")
    box = page.get_by_label("What should each person get?")
    page.locator(".example").first.wait_for()
    album.take(page, "Empty, with examples")
    box.click()
    page.keyboard.type("Tell everyone their {{st")
    page.get_by_role("option", name="Start time").wait_for()
    album.take(page, "Columns are completed")
    page.keyboard.press("Enter")
    page.keyboard.type(" and ask them to confirm")
    page.get_by_label("To", exact=True).select_option("where")
    page.get_by_label("Column", exact=True).select_option("Discipline")
    page.locator('select[aria-label="Value"]').select_option("Javelin")
    page.get_by_text("Show which").click()
    to(page.get_by_label("Send by"))
    album.take(page, "Only rows where ...")
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()
    step(page, "Write")
    press(page, "Save to use again")
    page.get_by_label("Name to find it by").fill("Times on Sunday")
    press(page, "Save")
    page.get_by_text("Saved as “Times on Sunday”").wait_for()
    press(page, "New")
    page.locator(".saved .example").wait_for()
    album.take(page, "Saved campaigns")
    box.fill("Send each person their {{Start tme}}")
    press(page, "Make a plan")
    page.locator(".problem").wait_for()
    to(page.locator(".problem"))
    album.take(page, "An unknown column")
    album.save()

    album = Album("panel-plan")
    planned(page)
    album.take(page, "The plan in words")
    page.get_by_text("Subject, question and answers").click()
    to(page.get_by_text("Subject, question and answers"))
    album.take(page, "Subject, question, answers")
    page.get_by_text("More ways …").click()
    to(page.get_by_text("More ways …"))
    album.take(page, "Other ways, rules")
    to(page.locator(".choice").first)
    album.take(page, "What stands in the way")
    press(page, "3 hidden")
    page.locator(".rows li").first.wait_for()
    album.take(page, "A number and its rows")
    album.save()


def lopsided(path: Path) -> Path:
    """The sample, with a time that nobody filled in."""
    book = openpyxl.load_workbook(create(path))
    book.worksheets[0]["E12"] = None
    book.save(path)
    return path


def test_it_takes_pictures_of_checking(open_page: Callable[..., Page], world: Play, tmp_path: Path) -> None:
    workbook = upload(world, lopsided(tmp_path / "contestants.xlsx"))
    base, _, token = world.product.address.partition("/?token=")
    page, album = open_page(width=300, height=780), Album("panel-check")

    def new(channel: str, provider: str = "") -> None:
        page.goto(f"{base}/panel?workbook={quote(workbook)}&token={token}")
        page.get_by_role("tab", name="Write").wait_for()
        if page.get_by_role("button", name="New", exact=True).count():
            press(page, "New")
        page.get_by_label("Send by").select_option(label=channel)
        if provider:
            page.get_by_label("Over", exact=True).select_option(label=provider)
        drafted(page)
        page.locator("article.draft").wait_for()

    new("Local mailbox")
    to(page.get_by_role("region", name="What to look at"))
    album.take(page, "Worst first")
    to(page.locator("article.draft"))
    album.take(page, "A mail, as it arrives")
    first = page.get_by_role("button", name="Look at these first")
    first.click()
    page.get_by_role("button", name="Looks fine").wait_for()
    to(first)
    album.take(page, "Unlike the rest")
    page.get_by_text("Write it differently").click()
    page.get_by_role("button", name="in Spanish").click()
    to(page.locator("article.draft header"))
    album.take(page, "A remark")
    new("SMS")
    to(page.locator("article.draft"))
    album.take(page, "An SMS, with segments")
    new("WhatsApp", "Meta")
    to(page.locator("article.draft"))
    album.take(page, "WhatsApp, no template yet")
    album.save()


def test_it_takes_pictures_of_sending(open_page: Callable[..., Page], world: Play, tmp_path: Path) -> None:
    workbook = upload(world, create(tmp_path / "contestants.xlsx"))
    base, _, token = world.product.address.partition("/?token=")
    page, album = open_page(width=300, height=780), Album("panel-send")
    page.goto(f"{base}/panel?workbook={quote(workbook)}&token={token}")
    page.get_by_label("Send by").select_option(label="SMS")
    drafted(page)
    press(page, re.compile("^Approve all"))
    press(page, re.compile("^Go on to send"))
    send = page.locator(".primary:enabled", has_text=re.compile(r"^Send \d+ messages$"))
    send.wait_for()
    page.get_by_text(re.compile(r"SMS in \d+ segments")).wait_for()
    album.take(page, "Whom, and when")
    page.get_by_label("At the time in a column").check()
    page.get_by_label("Column", exact=True).select_option("Start time")
    page.get_by_label(re.compile("^Day of the")).wait_for()
    to(page.get_by_text("When", exact=True).first)
    album.take(page, "Each at its own time")
    page.get_by_label("At a time", exact=True).check()
    page.get_by_label("Only at certain hours of the recipient’s day").check()
    page.locator(".primary:enabled", has_text=re.compile(r"^Send \d+ messages$")).wait_for()
    page.wait_for_function("() => !document.querySelector('.forecast')?.innerText.includes('now')")
    press(page, re.compile(r"^Send \d+ messages$"))
    page.get_by_role("button", name=re.compile("^Schedule for")).wait_for()
    to(page.locator(".sure"))
    page.get_by_role("button", name=re.compile("^Schedule for")).click()
    page.locator(".waits").wait_for()
    album.take(page, "Scheduled")
    press(page, "Undo")
    says(page, "Nothing is being sent.")
    send.wait_for()
    press(page, re.compile(r"^Send \d+ messages$"))
    page.get_by_role("button", name="Send now").wait_for()
    to(page.locator(".forecast"))
    album.take(page, "A second press")
    press(page, "Send now")
    page.get_by_role("timer").wait_for()
    album.take(page, "Ten seconds to undo")
    page.locator(".pace", has_text="a second").wait_for(timeout=60_000)
    album.take(page, "On its way")
    press(page, "Pause")
    page.get_by_role("button", name="Resume").wait_for()
    album.take(page, "Paused")
    press(page, "Cancel …")
    page.get_by_text("What has not left yet will not leave.").wait_for()
    press(page, "Keep the campaign")
    album.save()


def test_it_takes_pictures_of_the_answers(open_page: Callable[..., Page], world: Play, tmp_path: Path) -> None:
    workbook = upload(world, create(tmp_path / "contestants.xlsx"))
    base, _, token = world.product.address.partition("/?token=")
    page, album = open_page(width=300, height=780), Album("panel-answers")
    page.goto(f"{base}/panel?workbook={quote(workbook)}&token={token}")
    made = Api(page)("POST", "/api/campaigns", {"workbook": workbook, "instruction": INSTRUCTION, "channel": "outbox"})
    api = Api(page, made["id"])
    page.reload()
    page.get_by_label("Campaign", exact=True).wait_for()
    step(page, "Answers")
    page.get_by_text("Answers appear here").wait_for()
    album.take(page, "None yet")
    course(page)
    api("POST", "draft", {})
    until(lambda: api("GET", "")["state"] == "drafted", 30, "drafts")
    api("POST", "approve", {})
    api("POST", "send", {})
    until(lambda: api("GET", "")["state"] == "done", 60, "all sent")
    said = {"Vaishnavi Ranganekar": "yes!", "Oisín Mac Gabhráin": "can't make it, sorry",
            "Bertil Hasselmoor": "Yes, I'll be there, thank you",
            "Hedda Brattvollen": "I'm in", "Tereza Ondráčkovic": "could I start after 10?",
            "Leilani Kahanuola": "Is there parking near the stadium?"}  # fmt: skip
    for person, words in said.items():
        api.answer(person, words)
    until(lambda: api.counts().get("Review") and api.counts().get("Confirmed", 0) >= 2, 30, "the answers")
    page.reload()
    step(page, "Answers")
    page.locator(".funnel").first.wait_for()
    page.get_by_role("group", name=re.compile("^Reply of")).wait_for()
    album.take(page, "How far they got")
    to(page.get_by_role("slider", name="Answers over time"))
    album.take(page, "When they came, what waits")
    page.get_by_role("button", name="Correct").first.click()
    to(page.get_by_role("group", name=re.compile("^Reply of")))
    album.take(page, "Correct it")
    page.reload()
    step(page, "Answers")
    page.get_by_role("region", name="How far the messages got").get_by_role(
        "button", name=re.compile("^Confirmed")
    ).click()
    page.locator(".rows li", has_text="Bertil").get_by_role("button", name="Conversation").click()
    page.locator(".turns").wait_for()
    album.take(page, "The whole conversation")
    page.get_by_role("button", name=re.compile("^Reply to")).click()
    page.get_by_label(re.compile("^Your reply to")).fill("Great! Please bring your bib. See you there!")
    page.get_by_role("button", name=re.compile("^Send this to")).click()
    page.get_by_role("button", name="Send now").wait_for()
    page.get_by_role("button", name="Send now").scroll_into_view_if_needed()
    album.take(page, "A reply from the panel")
    album.save()


def test_it_takes_pictures_of_what_may_happen_around_it(
    open_page: Callable[..., Page], address: str, folder: Path
) -> None:
    album, held = Album("panel-around"), {"now": True}

    def keep(page: Page) -> None:
        page.route(re.compile("/api/"), lambda route: None if held["now"] else route.continue_())

    page = open_page(**NARROW, before=keep)
    page.get_by_text("Loading …").wait_for()
    album.take(page, "Loading")
    page.unroute_all()
    page.route(re.compile("/api/"), lambda route: route.abort())
    page.reload()
    page.get_by_role("heading", name="Cellback can’t be reached").wait_for()
    album.take(page, "Out of reach")
    page.unroute_all()
    settings = load_settings(_env_file=None, CELLBACK_DATA_DIR=folder / "data")
    invitations = Invitations(settings.secret(), settings.access_token())
    word = invitations.make("Vic", PersonRole.VIEWER, 1, datetime.now(UTC))
    planned(open_page(**NARROW))
    page = open_page(**NARROW)
    page.context.clear_cookies()
    page.goto(f"{address.partition('?')[0]}panel?token={word}")
    page.get_by_text("You may look on here").wait_for()
    album.take(page, "Somebody who looks on")
    for code, name in (("de", "German"), ("es", "Spanish"), ("fr", "French")):
        page = open_page(**{**NARROW, "path": f"/panel?lang={code}"})
        page.get_by_role("tab").nth(1).click()
        page.locator(".plan .words").wait_for()
        album.take(page, name)
    album.save()
