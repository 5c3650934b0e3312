"""Pictures of the task pane, 320 pixels wide; not part of the suite, so it runs only when it is named:

CELLBACK_PICTURES=docs/images pytest tests/browser/excel_pictures.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.local.sample import create
from tests.browser.album import Album, picture
from tests.browser.excel_page import Excel
from tests.browser.test_desk import INSTRUCTION, press, says, step
from tests.browser.test_excel_pane import (  # noqa: F401 - fixtures
    folder,
    mails,
    open_desk,
    open_pane,
    plan,
    product,
)
from tests.browser.test_excel_stage import desk, pane, records
from tests.browser.test_excel_stage import says as stage_says
from tests.emulators.excel_stage.play import play
from tests.emulators.stage.product import Product
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ANSWERS = {
    "Vaishnavi Ranganekar": "yes!",
    "Oisín Mac Gabhráin": "can't make it, sorry",
    "Tereza Ondráčkovic": "could I start after 10?",
}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def excel(product: Product, tmp_path: Path, open_desk: Callable[[Path], str]) -> Excel:  # noqa: F811
    """Excel with the sample open."""
    workbook = open_desk(create(tmp_path / "sample.xlsx"))
    return Excel(product, Path(workbook), workbook=workbook, tab="")


def test_it_takes_pictures_of_a_campaign_in_the_pane(open_pane: Callable[..., Page], excel: Excel) -> None:  # noqa: F811
    page = open_pane(excel)
    page.locator(".example").first.wait_for()
    album = Album("excel-panel")
    album.take(page, "Write")
    plan(page)
    picture(page, "excel-plan")
    album.take(page, "Check")
    press(page, re.compile(r"^Write \d+ drafts$"))
    says(page, "drafts to approve")
    album.take(page, "The drafts")
    press(page, re.compile(r"^Approve all"))
    press(page, re.compile(r"^Go on to send"))
    page.locator(".primary:enabled", has_text=re.compile("^Send")).wait_for()
    album.take(page, "Send")
    press(page, re.compile(r"^Send \d+ messages"))
    press(page, "Send now")
    says(page, "17 sent")
    for person, words in ANSWERS.items():
        excel.call(f"/api/mailbox/{mails(excel, person)[0]['id']}/answer", {"text": words})
    step(page, "Answers")
    page.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for(timeout=60_000)
    page.get_by_text("3 Came back").or_(page.locator(".say", has_text="1 reply waits")).first.wait_for(timeout=60_000)
    picture(page, "excel-answers")
    album.take(page, "Answers")
    album.save()


def test_it_takes_pictures_of_standstills(open_pane: Callable[..., Page], excel: Excel) -> None:  # noqa: F811
    excel.signed_in = False
    page = open_pane(excel)
    page.get_by_role("heading", name="Sign in to go on").wait_for()
    picture(page, "excel-sign-in")
    excel.world["url"] = ""
    page = open_pane(excel)
    page.get_by_role("heading", name="not in OneDrive").wait_for()


def test_it_takes_a_picture_of_the_stage(browser: Browser, tmp_path: Path) -> None:
    with play(tmp_path, {"CELLBACK_UNDO_SECONDS": "2", "PORT": "0"}) as stage:
        page = browser.new_page(viewport={"width": 1500, "height": 900}, reduced_motion="reduce", locale="en-GB")
        page.set_default_timeout(30_000)
        page.goto(stage.url)
        room = pane(page)
        room.get_by_label("What should each person get?").fill(INSTRUCTION)
        press(room, "Make a plan")  # type: ignore[arg-type]
        press(room, re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
        stage_says(page, "drafts to approve")
        press(room, re.compile(r"^Approve all"))  # type: ignore[arg-type]
        press(room, re.compile(r"^Go on to send"))  # type: ignore[arg-type]
        press(room, re.compile(r"^Send \d+ messages"))  # type: ignore[arg-type]
        press(room, "Send now")  # type: ignore[arg-type]
        stage_says(page, re.compile(r"\d+ sent\."))
        for person, words in ANSWERS.items():
            mail = next(one for one in desk(stage, "/api/mailbox?limit=500")["mails"] if one["person"] == person)
            desk(stage, f"/api/mailbox/{mail['id']}/answer", {"text": words})
        step(room, "Answers")  # type: ignore[arg-type]
        room.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for(timeout=60_000)
        until(lambda: sum(1 for one in records(stage) if one.get("Reply")) == len(ANSWERS), 60, "the replies")
        until(lambda: page.locator("#sheet td", has_text="Review").count() or page.wait_for_timeout(50), 10)
        room.get_by_role("button", name="Show in sheet").first.click()
        page.locator("#sheet").evaluate(
            "sheet => sheet.scrollTo(sheet.querySelector('th[data-column=\"9\"]').offsetLeft - 42, 0)"
        )
        picture(page, "excel-stage")
        page.context.close()
