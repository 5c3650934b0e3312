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
from tests.browser.excel_page import Excel
from tests.browser.pictures import picture
from tests.browser.test_desk import press, says, step
from tests.browser.test_excel_pane import (  # noqa: F401 - fixtures
    folder,
    mails,
    open_desk,
    open_pane,
    plan,
    product,
)
from tests.emulators.stage.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def excel(product: Product, tmp_path: Path, open_desk: Callable[[Path], str]) -> Excel:  # noqa: F811
    """Excel with the sample open."""
    workbook = open_desk(create(tmp_path / "sample.xlsx"))
    return Excel(product, Path(workbook), workbook=workbook, tab="")


def test_it_takes_pictures_of_a_campaign_in_the_pane(open_pane: Callable[..., Page], excel: Excel) -> None:  # noqa: F811
    page = open_pane(excel)
    page.get_by_label("What should each person get?").wait_for()
    picture(page, "excel-write")
    plan(page)
    picture(page, "excel-plan")
    press(page, re.compile(r"^Write \d+ drafts$"))
    says(page, "drafts to approve")
    picture(page, "excel-drafts")
    press(page, re.compile(r"^Approve all"))
    press(page, re.compile(r"^Go on to send"))
    press(page, re.compile(r"^Send \d+ messages"))
    press(page, "Send now")
    says(page, "17 sent")
    answers = {
        "Vaishnavi Ranganekar": "yes!",
        "Oisín Mac Gabhráin": "can't make it, sorry",
        "Tereza Ondráčkovic": "could I start after 10?",
    }
    for person, words in answers.items():
        excel.call(f"/api/mailbox/{mails(excel, person)[0]['id']}/answer", {"text": words})
    step(page, "Answers")
    page.get_by_role("group", name="Reply of Tereza Ondráčkovic").wait_for(timeout=60_000)
    page.get_by_text("3 Came back").or_(page.locator(".say", has_text="1 reply waits")).first.wait_for(timeout=60_000)
    picture(page, "excel-answers")


def test_it_takes_pictures_of_standstills(open_pane: Callable[..., Page], excel: Excel) -> None:  # noqa: F811
    excel.signed_in = False
    page = open_pane(excel)
    page.get_by_role("heading", name="Sign in to go on").wait_for()
    picture(page, "excel-sign-in")
    excel.world["url"] = ""
    page = open_pane(excel)
    page.get_by_role("heading", name="not in OneDrive").wait_for()
    picture(page, "excel-local")
