"""A viewer, an editor and a sender at once on one sheet: each sees what another does, and what is not theirs is off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.config import load_settings
from server.identity.invitations import Invitations
from server.identity.people import PersonRole
from tests.browser.axe import axe
from tests.browser.conftest import PATIENCE_MS, complains, served
from tests.browser.test_desk import INSTRUCTION, press, step

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

ALL, SEND, UNDO = re.compile(r"^Approve all"), re.compile(r"^Send \d+ messages"), re.compile("^Undo")
Come = Callable[[str, PersonRole], "Page"]


@pytest.fixture
def come(browser: Browser, tmp_path: Path) -> Iterator[Come]:
    """`come(name, role)`: the panel of somebody who opened an invitation, in a browser profile of their own."""
    complaints: list[str] = []
    with served(tmp_path, {"CELLBACK_UNDO_SECONDS": "60"}) as printed:
        settings = load_settings(_env_file=None, CELLBACK_DATA_DIR=tmp_path / "data")
        invitations = Invitations(settings.secret(), settings.access_token())
        contexts = []

        def make(name: str, role: PersonRole) -> Page:
            word = invitations.make(name, role, 1, datetime.now(UTC))
            context = browser.new_context(reduced_motion="reduce", locale="en-GB")
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if complains(line) else None)
            page.goto(f"{printed.partition('?')[0]}panel?token={word}")
            page.get_by_label("What should each person get?").wait_for()
            return page

        yield make
        for context in contexts:
            context.close()
    assert complaints == []


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """The line that is always there."""
    page.locator(".say", has_text=words).wait_for()


def is_off(button: Locator, reason: str) -> None:
    """It can't be pressed, and says why."""
    from playwright.sync_api import expect

    expect(button).to_be_disabled(timeout=PATIENCE_MS)
    assert reason in (button.get_attribute("title") or "")


def test_three_people_with_different_roles_work_on_one_campaign(come: Come) -> None:
    edith, vic, sam = come("Edith", PersonRole.EDITOR), come("Vic", PersonRole.VIEWER), come("Sam", PersonRole.SENDER)
    vic.get_by_label("What should each person get?").fill("Send each person their time")
    is_off(vic.get_by_role("button", name="Make a plan"), "look on")
    vic.get_by_text("You may look on here").wait_for()
    axe(vic)

    edith.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(edith, "Make a plan")
    says(edith, "The plan is ready")
    press(edith, re.compile(r"^Write \d+ drafts$"))
    says(edith, "drafts to approve")
    for other in (vic, sam):  # it came to them by itself
        other.get_by_label("Campaign", exact=True).select_option(index=1)
        says(other, "drafts to approve")
    is_off(vic.get_by_role("button", name=ALL), "look on")
    axe(vic)

    edith.get_by_role("button", name=ALL).click()
    says(sam, "approved")
    step(edith, "Send")
    is_off(edith.get_by_role("button", name=SEND).first, "Somebody who may send")

    step(sam, "Send")
    sam.locator("#step").get_by_text(re.compile("Edith")).first.wait_for()  # who approved
    sam.get_by_role("button", name=SEND).first.click()
    press(sam, "Send now")
    step(vic, "Send")
    for other in (vic, edith):  # who started it
        other.locator("#step").get_by_text(re.compile("Sam")).first.wait_for()
        is_off(other.get_by_role("button", name=UNDO), "")
    axe(vic)
    sam.get_by_role("button", name=UNDO).click()
    edith.get_by_role("button", name=SEND).first.wait_for()
