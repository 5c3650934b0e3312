"""The README's pictures, from the real thing; not part of the suite, so it runs only when it is named:

CELLBACK_PICTURES=docs/images pytest tests/browser/pictures.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_desk import answer, cell, plan, press, says, shows, step

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = os.environ.get("CELLBACK_PICTURES", "build/pictures")

pytestmark = pytest.mark.browser


def picture(page: Page, name: str) -> None:
    page.mouse.move(5, 5)
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=Path(FOLDER) / f"{name}.png", animations="disabled")


def test_it_takes_pictures_of_a_campaign_on_the_sample(open_page: Callable[..., Page]) -> None:
    desk = open_page()
    plan(desk)
    picture(desk, "plan")
    press(desk, re.compile(r"^Write \d+ drafts$"))
    says(desk, "17 drafts to approve")
    shows(cell(desk, "Bertil Hasselmoor", "Status"), "Draft")
    picture(desk, "drafts")
    press(desk, "Approve all 17 drafts")
    press(desk, "Go on to send 17")
    press(desk, "Send 17 messages")
    press(desk, "Send now")
    picture(desk, "undo")
    says(desk, "17 sent")
    answer(desk, "Vaishnavi Ranganekar", "yes!")
    answer(desk, "Oisín Mac Gabhráin", "can't make it, sorry")
    answer(desk, "Tereza Ondráčkovic", "could I start after 10?")
    shows(cell(desk, "Tereza Ondráčkovic", "Flag"), "check")
    step(desk, "Answers")
    desk.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for()
    picture(desk, "answers")
    desk.emulate_media(color_scheme="dark")
    picture(desk, "answers-dark")
