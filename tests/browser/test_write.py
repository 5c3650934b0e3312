"""Writing as people do it: columns at the caret, conditions, campaigns used again, and numbers that lead to rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.browser.axe import axe
from tests.browser.conftest import drop
from tests.browser.test_desk import plan, press, shows, step

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PARTS = ("region", "page-has-heading-one", "landmark-one-main")
"""Rules about a whole page: the panel is a part of one."""


def checked(page: Page) -> None:
    axe(page, within="#panel", without=PARTS)


def box(page: Page) -> Locator:
    return page.get_by_label("What should each person get?")


def test_columns_are_completed_by_keys_and_a_condition_says_whom(desk: Page, tmp_path: Path) -> None:
    box(desk).click()
    desk.keyboard.type("Send everyone {{ti")
    options = desk.get_by_role("listbox", name="Columns").get_by_role("option")
    shows(options, "Start time")  # the start of any word
    checked(desk)
    desk.keyboard.press("Escape")
    options.wait_for(state="detached")
    desk.keyboard.press("Backspace")
    desk.keyboard.press("Backspace")
    desk.get_by_role("option", name="Act").wait_for()
    assert options.all_inner_texts() == ["Name", "Email", "Act", "Start time"]
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    shows(desk.locator("[role=option][aria-selected=true]"), "Act")
    assert box(desk).get_attribute("aria-activedescendant") == options.nth(2).get_attribute("id")
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("ArrowUp")  # from the first to the last
    desk.keyboard.press("Tab")
    desk.keyboard.type(" of their {{ac")
    desk.get_by_role("option", name="Act").click()
    desk.keyboard.type(" and ask them to confirm")
    assert box(desk).input_value() == "Send everyone {{Start time}} of their {{Act}} and ask them to confirm"

    desk.get_by_label("To", exact=True).select_option("where")
    desk.get_by_label("Column", exact=True).select_option("Act")
    desk.get_by_label("Value", exact=True).select_option("Magic")
    shows(desk.locator(".meant"), "1 row")
    desk.get_by_text("Show which").click()
    desk.get_by_text("Chiara Rossi · chiara@example.org").wait_for()
    checked(desk)
    desk.get_by_label("Condition", exact=True).select_option("more")
    desk.get_by_text("is no number").wait_for()
    checked(desk)
    desk.get_by_label("Column", exact=True).select_option("Start time")
    desk.get_by_label("Condition", exact=True).select_option("after")
    desk.get_by_label("Value", exact=True).fill("09:35")
    shows(desk.locator(".meant"), "2 rows")

    press(desk, "Make a plan")
    shows(desk.locator(".choice"), "1 of 7 rows; 5 not chosen, 1 without an address")
    press(desk, "5 not chosen")
    desk.locator(".rows li").nth(4).wait_for()
    checked(desk)
    desk.keyboard.press("Escape")

    step(desk, "Write")
    press(desk, "Save to use again")
    checked(desk)
    desk.get_by_label("Name to find it by").fill("Times again")
    press(desk, "Save")
    desk.get_by_text("Saved as “Times again”").wait_for()

    used_on_another_sheet(desk, tmp_path)


def used_on_another_sheet(desk: Page, tmp_path: Path) -> None:
    """Its columns are called otherwise: that is told, with what may be meant, and nothing is lost."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Who", "Mail", "Starting time", "Acts"], ["Noor Haddad", "noor@example.org", "11:00", "Violin"]):
        sheet.append(row)
    path = tmp_path / "others.xlsx"
    book.save(path)
    drop(desk, path)
    desk.locator(".saved .example", has_text="Times again").click()
    assert "{{Start time}}" in box(desk).input_value()
    desk.get_by_text("From “Times again”").wait_for()
    checked(desk)
    press(desk, "Make a plan")
    desk.locator(".problem").wait_for()
    assert "{{Start time}}" in box(desk).input_value()
    press(desk, "Starting time")
    press(desk, "Make a plan")
    press(desk, "Acts")
    assert "{{Starting time}} of their {{Acts}}" in box(desk).input_value()
    press(desk, "Make a plan")
    desk.locator(".plan .words").wait_for()
    press(desk, "New")
    press(desk, "Rename or remove Times again")
    press(desk, "Remove")
    desk.get_by_text("Remove “Times again”?").wait_for()
    desk.locator(".saved .secondary", has_text="Remove").click()
    desk.locator(".saved li").wait_for(state="detached")


def test_numbers_lead_to_their_rows_and_many_are_asked_about(desk: Page) -> None:
    plan(desk)
    shows(desk.locator(".choice"), "5 of 7 rows; 1 hidden, 1 without an address")
    press(desk, "1 without an address")
    desk.locator(".rows .row", has_text="Greta Lund").click()
    shows(desk.locator(".cellbar .where"), "B8")
    press(desk, "‹ Check")

    chip = desk.locator(".chip-field", has_text="Language").locator("select")
    chip.focus()
    desk.keyboard.type("German")
    desk.get_by_text("Saved.", exact=True).wait_for(state="attached")
    checked(desk)
    press(desk, re.compile("^Change "))
    assert desk.evaluate("() => document.activeElement.id") == "answer-0"

    press(desk, re.compile(r"^Write \d+ drafts$"))
    desk.locator(".say", has_text="5 drafts to approve").wait_for()
    press(desk, "5 drafts")
    desk.locator(".count", has_text="Draft").first.click()
    desk.locator(".rows li").nth(4).wait_for()
    press(desk, "Skip: all 5")
    desk.get_by_text("5 rows will get no message.").wait_for()
    checked(desk)
    desk.locator(".sure .primary").click()
    press(desk, "Bring the 5 rows back")
    desk.locator(".say", has_text="5 drafts to approve").wait_for()
