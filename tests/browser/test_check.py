"""The second step in a browser: what stands in the way, each draft as it arrives, the odd ones first, a remark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import axe
from tests.browser.conftest import PEOPLE, drop, make_workbook

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MORE: list[list[object]] = [
    ["Hugo Weber", "hugo@example.org", "Harp", time(10, 10)],
    ["Ines Costa", "ines@example.org", "Fado", None],
]
PAGE_RULES = ("region",)
"""The panel is a part of a page here."""


@pytest.fixture
def checked(open_page: Callable[..., Page], tmp_path: Path) -> Page:
    """The desk with nine people, one without an address and one without a time; their drafts are planned."""
    page = open_page()
    drop(page, make_workbook(tmp_path / "nine.xlsx", [*PEOPLE, *MORE]))
    page.get_by_label("What should each person get?").fill("Send each person their start time and ask them to confirm")
    page.get_by_role("button", name="Make the plan").or_(page.locator(".panel button.primary")).first.click()
    page.get_by_text("No usable address in “Email”.").wait_for()
    return page


def card(page: Page) -> str:
    return page.locator("article.draft").inner_text()


def test_drafts_are_looked_over_found_and_written_differently(checked: Page) -> None:
    page = checked
    faults = page.get_by_role("region", name="What to look at")
    assert faults.locator(".level").all_inner_texts() == ["Stops", "Note"], "worst first"
    axe(page, within=".panel", without=PAGE_RULES)
    faults.locator(".tally").first.click()
    page.get_by_role("button", name="‹ Check").click()

    page.locator(".deed button.primary").click()
    page.locator("article.draft").wait_for()
    page.get_by_role("button", name="Approve all 7 drafts").wait_for()

    # the odd ones first, each with its reason; looked at, they drop out
    first = page.get_by_role("button", name="Look at these first")
    first.click()
    page.locator("article.draft strong", has_text="Ines Costa").first.wait_for()
    assert "A line of the others is missing" in card(page)
    axe(page, within=".panel", without=PAGE_RULES)
    page.get_by_role("button", name="Looks fine").click()
    page.locator("article.draft strong", has_text="Ana Silva").first.wait_for()
    first.wait_for(state="detached")

    # any row by keys, by name, by number
    page.get_by_role("button", name="Next draft").click()
    page.locator("article.draft strong", has_text="Ben Okafor").first.wait_for()
    page.keyboard.press("j")
    page.locator("article.draft strong", has_text="Chiara Rossi").first.wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator("article.draft strong", has_text="Ben Okafor").first.wait_for()
    search = page.get_by_role("searchbox", name="Find a person, or a number")
    search.fill("kaya")
    search.press("Enter")
    page.get_by_role("button", name="Elif Kaya").click()
    page.get_by_text("5 of 9", exact=True).wait_for()
    search.fill("1")
    search.press("Enter")
    page.locator("article.draft strong", has_text="Ana Silva").first.wait_for()

    # a remark for one draft, what it changed, and one step back
    old = page.locator(".bubble.mail").inner_text()
    page.get_by_text("Write it differently").click()
    page.get_by_role("button", name="in Spanish").click()
    axe(page, within=".panel", without=PAGE_RULES)
    page.get_by_role("button", name="Redraft", exact=True).last.click()
    page.get_by_text("Hola, Ana Silva:").first.wait_for()
    page.get_by_text("1 draft being written anew.").wait_for()
    axe(page, within=".panel", without=PAGE_RULES)
    page.get_by_role("button", name="Back to the text before").click()
    page.locator(".bubble.mail", has_text="Hello Ana Silva,").wait_for()
    assert page.locator(".bubble.mail").inner_text() == old

    # what can't be done is refused in place, and nothing changes
    page.get_by_text("Write it differently").click()
    page.get_by_label("What should be different?").fill("mention the parking")
    page.get_by_role("button", name="Redraft", exact=True).last.click()
    page.get_by_text("The offline model does not understand “mention parking”").wait_for()
    assert page.locator(".bubble.mail").inner_text() == old

    # a test says whose data it takes
    page.get_by_text("Send a test to me").click()
    assert "Ana Silva" in page.locator("details", has_text="Send a test to me").locator(".hint").inner_text()
