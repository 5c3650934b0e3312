"""Pictures of the sidebar on the stage; not part of the suite, so it runs only when it is named:

CELLBACK_PICTURES=docs/images pytest tests/browser/google_pictures.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.album import Album, picture
from tests.browser.test_desk import press, step
from tests.browser.test_google_sidebar import (  # noqa: F401 - fixtures
    cell,
    desk,
    mails,
    open_sheet,
    plan,
    records,
    says,
    shows,
    sidebar,
    stage,
)
from tests.emulators.sheets import Workbook
from tests.emulators.stage.play import Play
from tests.emulators.stage.sample import sample
from tests.emulators.stage.stage import ANA, BEN, ROLES
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def book(stage: Play) -> Workbook:  # noqa: F811
    """The sample."""
    stage.stage.book = sample(stage.google, {**ROLES, stage.robot: "writer"})
    return stage.stage.book


def narrow(page: Page, name: str) -> None:
    """The sidebar alone, 300 pixels wide."""
    picture(page, f"google-{name}", page.locator("#sidebar iframe"))


def test_it_takes_pictures_of_a_campaign_in_the_sidebar(
    open_sheet: Callable[..., Page],  # noqa: F811
    stage: Play,  # noqa: F811
) -> None:
    page = open_sheet(width=1500)
    sidebar(page).locator(".example").first.wait_for()
    album, frame = Album("google-panel"), page.locator("#sidebar iframe")
    album.take(page, "Write", frame)
    plan(page)
    narrow(page, "plan")
    album.take(page, "Check", frame)
    room = sidebar(page)
    press(room, re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
    says(page, "drafts to approve")
    until(lambda: records(stage)["Bertil Hasselmoor"].get("Status") == "Draft", 60)
    album.take(page, "The drafts", frame)
    press(room, re.compile(r"^Approve all"))  # type: ignore[arg-type]
    press(room, re.compile(r"^Go on to send"))  # type: ignore[arg-type]
    room.locator(".primary:enabled", has_text=re.compile("^Send")).wait_for()
    album.take(page, "Send", frame)
    press(room, re.compile(r"^Send \d+ messages"))  # type: ignore[arg-type]
    press(room, "Send now")  # type: ignore[arg-type]
    says(page, "17 sent")
    answers = {"Vaishnavi Ranganekar": "yes!", "Oisín Mac Gabhráin": "can't make it, sorry",
               "Tereza Ondráčkovic": "could I start after 10?"}  # fmt: skip
    for person, words in answers.items():
        desk(stage, f"/api/mailbox/{mails(stage, person)[0]['id']}/answer", {"text": words})
    shows(stage, "Tereza Ondráčkovic", "Flag", "check", 60)
    shows(stage, "Vaishnavi Ranganekar", "Status", "Confirmed", 60)
    step(room, "Answers")  # type: ignore[arg-type]
    room.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for()
    narrow(page, "answers")
    album.take(page, "Answers", frame)
    album.save()
    room.get_by_role("button", name="Show in sheet").first.click()
    page.locator("#sheet td", has_text=re.compile("^Status$")).first.evaluate(
        "cell => document.querySelector('#sheet').scrollTo(cell.offsetLeft - 42, 0)"
    )
    picture(page, "google-stage")


def test_it_takes_pictures_of_standstills(
    open_sheet: Callable[..., Page],  # noqa: F811
    stage: Play,  # noqa: F811
    book: Workbook,
) -> None:
    page = open_sheet(account=ANA, effective=BEN)
    sidebar(page).get_by_role("heading", name="More than one").wait_for()
    narrow(page, "accounts")
    book.unshare(stage.robot)
    page = open_sheet()
    sidebar(page).get_by_text("Share this sheet with Cellback").wait_for()
    narrow(page, "share")
