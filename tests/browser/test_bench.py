"""The desk's grid as a sheet: sorted while it sends, filtered, rows added, pasted and taken back; phones beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.browser.axe import axe
from tests.browser.conftest import HIDDEN, PATIENCE_MS, PEOPLE, drop, make_workbook, workbook_in
from tests.browser.test_desk import cell, press, says
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

OF_A_PART = ("region", "landmark-one-main", "page-has-heading-one", "scrollable-region-focusable")


def names(page: Page) -> list[str]:
    return page.locator(".grid-row:not(.fresh) .cell[data-column=Name]").all_inner_texts()


def expect_names(page: Page, expected: list[str]) -> None:
    until(lambda: sorted_by_place(page) == expected, what=f"rows in the order {expected}, not {sorted_by_place(page)}")


def sorted_by_place(page: Page) -> list[str]:
    """Names from top to bottom: rows stand in the page in the order in which they came."""
    rows = page.locator(".grid-row:not(.fresh)").evaluate_all(
        "rows => rows.map(row => [row.offsetTop, row.querySelector('[data-column=Name]')?.textContent])"
    )
    return [name for _, name in sorted(rows)]


def menu(page: Page, button: str, item: str) -> None:
    press(page, button)
    page.get_by_role("menuitem", name=item, exact=True).click()


def choose(page: Page, person: str, column: str = "Name") -> None:
    cell(page, person, column).click()


def in_the_file(page: Page) -> dict[str, list[object]]:
    sheet = openpyxl.load_workbook(workbook_in(page)).worksheets[0]
    return {str(row[0]): list(row) for row in sheet.iter_rows(min_row=2, values_only=True)}


VISIBLE = [str(row[0]) for row in PEOPLE if row[0] != HIDDEN]


def test_the_grid_is_sorted_filtered_and_extended_like_a_sheet(desk: Page) -> None:
    choose(desk, "Ana Silva")
    menu(desk, "Sort & filter", "Sort Z to A, 9 to 0")
    expect_names(desk, VISIBLE[::-1])
    assert desk.locator("[role=columnheader][aria-sort=descending]").inner_text().endswith("Name")
    axe(desk, within=".sheet", without=OF_A_PART)

    desk.locator("[role=grid]").focus()
    desk.keyboard.press("Alt+ArrowDown")
    axe(desk, within=".popup", without=OF_A_PART)
    desk.keyboard.press("Escape")
    desk.keyboard.press("Control+z")
    expect_names(desk, VISIBLE)

    choose(desk, "Ana Silva", "Act")
    menu(desk, "Sort & filter", "Filter …")
    desk.get_by_role("checkbox", name="All values").click()
    for act in ("Magic", "Opera"):
        desk.get_by_role("checkbox", name=re.compile(act)).click()
    axe(desk, within=".popup", without=OF_A_PART)
    desk.locator(".popup").get_by_role("button", name="Filter", exact=True).click()
    expect_names(desk, ["Chiara Rossi", "Dmitri Petrov"])
    desk.get_by_text("5 hidden rows").wait_for()
    press(desk, re.compile("Act: Magic, Opera"))
    until(lambda: len(names(desk)) == len(PEOPLE), what="all rows, the one that was hidden by hand as well")

    desk.locator(".grid-row.fresh .cell[data-column=Name]").dblclick()
    desk.keyboard.type("Hugo Brandt")
    desk.keyboard.press("Enter")
    cell(desk, "Hugo Brandt", "Name").wait_for()
    choose(desk, "Ben Okafor")
    desk.locator("[role=grid]").press("Shift+F10")
    menu(desk, "Rows", "Insert a row above")
    desk.keyboard.type("Zoe Winter")
    desk.keyboard.press("Enter")
    expect_names(desk, ["Ana Silva", "Zoe Winter", *[str(row[0]) for row in PEOPLE[1:]], "Hugo Brandt"])
    choose(desk, "Zoe Winter")
    menu(desk, "Rows", "Delete this row")
    expect_names(desk, [*[str(row[0]) for row in PEOPLE], "Hugo Brandt"])
    menu(desk, "Rows", "Undo change")
    expect_names(desk, ["Ana Silva", "Zoe Winter", *[str(row[0]) for row in PEOPLE[1:]], "Hugo Brandt"])

    choose(desk, "Zoe Winter", "Email")
    desk.evaluate(
        """() => {
        const data = new DataTransfer();
        data.setData('text/plain', 'zoe@example.org\\tJuggling\\nben@example.net\\t"Stand\\tup"');
        document.querySelector('[role=grid]').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
    }"""
    )
    cell(desk, "Zoe Winter", "Act").get_by_text("Juggling").wait_for()
    desk.get_by_text("4 cells pasted.").wait_for()
    found = in_the_file(desk)
    assert found["Zoe Winter"][1:3] == ["zoe@example.org", "Juggling"]
    assert found["Ben Okafor"][1:3] == ["ben@example.net", "Stand\tup"]
    with desk.expect_download() as taken:
        desk.get_by_role("link", name="Download").click()
    assert Path(taken.value.path()).read_bytes() == Path(workbook_in(desk)).read_bytes()


def test_it_is_sorted_while_it_sends_and_every_value_comes_to_its_row(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    people = [[f"Person {n:02d}", f"p{n}@example.org", "Song", None] for n in range(30)]
    page = open_page()
    drop(page, make_workbook(tmp_path / "songs.xlsx", people))
    cell(page, "Person 00", "Name").wait_for()
    page.get_by_label("What should each person get?").fill("Send each person their act and ask them to confirm")
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()
    press(page, "Write 30 drafts")
    says(page, "30 drafts to approve")
    press(page, "Approve all 30 drafts")
    press(page, "Go on to send 30")
    press(page, "Send 30 messages")
    press(page, "Send now")
    choose(page, "Person 05")
    for turn in range(4):
        menu(page, "Sort & filter", "Sort Z to A, 9 to 0" if turn % 2 == 0 else "Sort A to Z, 0 to 9")
        page.get_by_text("Sorted by Name, " + ("Z to A" if turn % 2 == 0 else "A to Z")).wait_for()
    says(page, "30 sent")

    def all_said() -> bool:
        rows = in_the_file(page)
        return len(rows) == 30 and all(row[4] in {"Sent", "Delivered"} for row in rows.values())

    until(all_said, 60, "every row to be sent")
    messages = {name: next(str(value) for value in row[5:] if str(value).startswith(("Hi", "Hello", "Dear", name)))
                for name, row in in_the_file(page).items()}  # fmt: skip
    assert all(name in text for name, text in messages.items())


def test_phones_receive_read_and_answer_beside_the_mailbox(open_page: Callable[..., Page], tmp_path: Path) -> None:
    people = [["Ana Silva", "+44 7700 900007", "Silk", None], ["Ben Okafor", "+44 7700 900012", "Jokes", None]]
    page = open_page()
    path = make_workbook(tmp_path / "phones.xlsx", people)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B1"] = "Phone"
    book.save(path)
    drop(page, path)
    cell(page, "Ana Silva", "Name").wait_for()
    page.get_by_role("tab", name="Phones").click()
    page.get_by_text("No message yet. What you send by SMS").wait_for()
    page.get_by_label("Send by").select_option("whatsapp")
    page.get_by_label("What should each person get?").fill("Send each person their act and ask them to confirm")
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()
    press(page, "Write 2 drafts")
    says(page, "2 drafts to approve")
    press(page, "Approve all 2 drafts")
    press(page, "Go on to send 2")
    press(page, "Send 2 messages")
    press(page, "Send now")
    page.locator(".mail", has_text="Ana Silva").click()
    axe(page, within=".mailbox", without=OF_A_PART)
    cell(page, "Ana Silva", "Status").get_by_text("Read").wait_for()
    page.locator(".press").first.click()
    cell(page, "Ana Silva", "Status").get_by_text("Confirmed").wait_for(timeout=PATIENCE_MS)
    page.locator(".mail", has_text="Ben Okafor").click()
    press(page, "STOP")
    cell(page, "Ben Okafor", "Status").get_by_text("Opted out").wait_for(timeout=PATIENCE_MS)
