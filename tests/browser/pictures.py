"""The pictures of the desk, from the real thing; not part of the suite, so it runs only when it is named:

CELLBACK_PICTURES=docs/images pytest tests/browser/pictures.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.album import Album, Film
from tests.browser.conftest import served
from tests.browser.test_desk import answer, cell, press, says, shows, step

if TYPE_CHECKING:
    from playwright.sync_api import Page

INSTRUCTION = "Send each contestant their start time and ask them to confirm availability"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product as a newcomer has it: each test begins with the sample as it comes."""
    with served(tmp_path_factory.mktemp("desk"), {"CELLBACK_UNDO_SECONDS": "10", "LOGNAME": "Ana"}) as printed:
        yield printed


def to_status(desk: Page) -> None:
    """Scroll the grid, by the wheel, to where our columns begin."""
    first = desk.locator('.cell[data-column="Status"]').first
    desk.mouse.move(500, 250)
    for _ in range(40):
        box = first.bounding_box() if first.count() else None
        if box and 226 < box["x"] < 290:
            break
        desk.mouse.wheel(-40 if not box or box["x"] <= 226 else 40, 0)
        desk.wait_for_timeout(30)
    desk.mouse.move(5, 5)


def test_it_takes_the_walk_of_the_readme(open_page: Callable[..., Page]) -> None:
    desk, film = open_page(width=1280, height=820), Film()

    def on(words: str, name: str | re.Pattern[str]) -> None:
        button = desk.get_by_role("button", name=name, exact=isinstance(name, str)).first
        button.scroll_into_view_if_needed()
        desk.mouse.move(5, 5)
        film.take(desk, words, button)
        button.click()

    desk.get_by_label("What should each person get?").fill(INSTRUCTION)
    on("Say in a sentence what each person should get.", "Make a plan")
    desk.locator(".plan .words").wait_for()
    on(
        "The plan: which rows, which columns, what stands in the way. Nothing is written yet.",
        re.compile(r"^Write \d+"),
    )
    says(desk, "17 drafts to approve")
    shows(cell(desk, "Bertil Hasselmoor", "Status"), "Draft")
    on("A text for each row, in its cell, to read and to change.", re.compile("^Approve all"))
    shows(cell(desk, "Bertil Hasselmoor", "Status"), "Approved")
    on("Approved: a yes to exactly these texts and addresses.", re.compile("^Go on to send"))
    desk.locator(".primary:enabled", has_text=re.compile(r"^Send \d+ messages$")).wait_for()
    on("Whom, and when: now, at a time, or at the time in a column.", re.compile(r"^Send \d+ messages$"))
    on("A second press, elsewhere: nothing leaves by accident.", "Send now")
    desk.get_by_role("timer").wait_for()
    film.take(desk, "Ten seconds to take it back.")
    says(desk, "17 sent")
    shows(cell(desk, "Bertil Hasselmoor", "Status"), "Delivered")
    person = "Bertil Hasselmoor"
    desk.locator(".mail", has_text=person).scroll_into_view_if_needed()
    desk.locator(".mail", has_text=person).click()
    film.take(desk, "Sent and delivered. Here the recipients have a mailbox: one of them answers ...",
              desk.get_by_role("button", name="yes!"))  # fmt: skip
    desk.get_by_role("button", name="yes!").click()
    shows(cell(desk, person, "Status"), "Confirmed")
    shows(cell(desk, person, "Availability"), "Yes")
    to_status(desk)
    film.take(desk, "... and the answer is in the cells of that very row: Confirmed.")
    answer(desk, "Chiara Valdonetti", "can't make it, sorry")
    answer(desk, "Dafydd Trewarren", "could I start after 10?")
    shows(cell(desk, "Dafydd Trewarren", "Flag"), "check")
    step(desk, "Answers")
    review = desk.get_by_role("group", name="Reply of Dafydd Trewarren")
    review.wait_for()
    to_status(desk)
    film.take(desk, "How far they got, and what they said: each number leads to its rows.")
    review.scroll_into_view_if_needed()
    film.take(desk, "What it is not sure of is flagged check, and waits for a person.")
    film.save("walk")


def test_it_takes_pictures_of_the_desk(open_page: Callable[..., Page]) -> None:
    desk = open_page()
    desk.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(desk, "Make a plan")
    desk.locator(".plan .words").wait_for()
    album = Album("desk-plan")
    desk.mouse.move(5, 5)
    album.take(desk, "The plan")
    album.save()
    press(desk, re.compile(r"^Write \d+ drafts$"))
    says(desk, "17 drafts to approve")
    press(desk, re.compile("^Approve all"))
    press(desk, re.compile("^Go on to send"))
    press(desk, re.compile(r"^Send \d+ messages"))
    press(desk, "Send now")
    says(desk, "17 sent")
    answer(desk, "Vaishnavi Ranganekar", "yes!")
    answer(desk, "Oisín Mac Gabhráin", "can't make it, sorry")
    answer(desk, "Tereza Ondráčkovic", "could I start after 10?")
    shows(cell(desk, "Tereza Ondráčkovic", "Flag"), "check")
    step(desk, "Answers")
    desk.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for()
    to_status(desk)
    album = Album("desk-answers")
    album.take(desk, "The answers")
    album.save()
