"""Sending in a browser: whom, when and in which hours, told before; taken back; watched by two, also on a page that was
closed meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import axe
from tests.browser.conftest import drop, served
from tests.browser.test_desk import approve, press, says, step

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sheet whose clocks are not the browser's, and a while to undo that no test outlives."""
    settings = {"CELLBACK_TIME_ZONE": "Pacific/Kiritimati", "CELLBACK_UNDO_SECONDS": "60"}
    with served(tmp_path_factory.mktemp("send"), settings) as printed:
        yield printed


def told(page: Page, *lines: str) -> None:
    """The forecast says these, and nothing else."""
    found = page.locator(".forecast li")
    page.wait_for_function(
        "lines => JSON.stringify([...document.querySelectorAll('.forecast > ul > li')].map(one => one.innerText.trim()"
        ".replace(/\\s+/g, ' '))) === JSON.stringify(lines)",
        arg=list(lines),
    )
    assert found.count() >= len(lines)


def test_who_goes_and_when_is_chosen_told_and_taken_back(desk: Page) -> None:
    approve(desk)
    told(desk, "5 now")
    desk.get_by_text(re.compile(r"Approved by .+ \(5\)")).wait_for()
    desk.get_by_label("Only rows where").check()
    desk.get_by_label("Column", exact=True).select_option("Act")
    desk.get_by_label("Value", exact=True).fill("Opera")
    told(desk, "1 now", "4 stay drafts")
    desk.locator(".forecast .count").first.click()
    desk.locator(".who", has_text="Dmitri Petrov").wait_for()
    axe(desk, within="#step")
    desk.get_by_label("All 5 approved").check()
    desk.get_by_label("At the time in a column").check()
    desk.get_by_label("Column", exact=True).select_option("Act")
    desk.get_by_text("5 without a time ahead in “Act”: not sent, back to Draft.").wait_for()
    assert desk.get_by_role("button", name="Send no").count() == 0
    assert desk.locator(".primary", has_text="Send 0 messages").is_disabled()
    desk.get_by_label("Column", exact=True).select_option("Start time")
    desk.get_by_label("Day of the 5 that name only a time").wait_for()
    assert desk.locator(".forecast > ul > li").count() == 5
    axe(desk, within="#step")
    desk.get_by_label("At a time", exact=True).check()
    desk.get_by_label("Only at certain hours of the recipient’s day").check()
    desk.get_by_text("Times are those of Pacific/Kiritimati.").first.wait_for()
    desk.wait_for_function("() => /^5 .*09:00/.test(document.querySelector('.forecast > ul > li')?.innerText || '')")

    desk.get_by_role("button", name="Send 5 messages").dblclick()  # a double click sends nothing
    if desk.get_by_role("button", name=re.compile("^Schedule for")).count() == 0:
        press(desk, "Send 5 messages")
    desk.get_by_text(re.compile(r"5 people will get a message by the local mailbox, from .*09:00 on")).wait_for()
    axe(desk, within="#step")
    press(desk, re.compile("^Schedule for .*09:00"))
    says(desk, "Scheduled for")
    desk.locator(".waits", has_text="09:00").wait_for()
    desk.get_by_text(re.compile("Started by")).wait_for()
    axe(desk, within="#step")
    press(desk, "Undo")
    says(desk, "5 approved. Nothing is being sent.")


def test_sending_is_the_servers_and_seen_by_whoever_opens_it(open_page: Callable[..., Page], contestants: Path) -> None:
    first, second = open_page(), open_page()
    drop(first, contestants)
    approve(first)
    second.goto(first.url)
    step(second, "Send")
    press(second, "Send 5 messages")  # asked, and not yet said: somebody else is faster
    first.get_by_role("button", name="Send 5 messages").press("Enter")  # by keyboard: "Not yet" has the focus
    first.wait_for_function("document.activeElement?.innerText === 'Not yet'")
    first.keyboard.press("Shift+Tab")
    first.keyboard.press("Enter")
    first.get_by_role("timer").wait_for()
    axe(first, within="#step")
    second.get_by_text(re.compile("Started by")).wait_for()
    first.close()

    third = open_page(width=300, path="/panel")
    third.get_by_text(re.compile("Started by")).wait_for()
    third.get_by_role("timer").wait_for()
    assert third.evaluate("document.documentElement.scrollWidth") <= 300
    press(third, "Undo")
    says(second, "5 approved. Nothing is being sent.")
