"""The real task pane on the stage: the real product and sign-in, an emulated Graph, and another person at the sheet."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from server.web.excel_pane import MSAL_FILE, msal_folder
from tests.browser.conftest import PATIENCE_MS, complains
from tests.browser.test_desk import INSTRUCTION, press, step
from tests.browser.test_excel_pane import MSAL
from tests.emulators.excel_stage.play import Play, play
from tests.needs import need
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stage")


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[Play]:
    with play(folder, {"CELLBACK_UNDO_SECONDS": "2", "PORT": "0"}) as running:
        yield running


@pytest.fixture
def open_stage(browser: Browser, stage: Play) -> Iterator[Callable[..., Page]]:
    """The workbook with the task pane open, in a browser profile of its own."""
    complaints: list[str] = []
    contexts = []

    def make(query: str = "") -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB", ignore_https_errors=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if complains(line) else None)
        page.goto(stage.url + query)
        page.locator("body[data-ready]").wait_for()
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def pane(page: Page) -> FrameLocator:
    return page.frame_locator("#sidebar iframe")


def says(page: Page, words: str | re.Pattern[str]) -> None:
    pane(page).locator(".say", has_text=words).wait_for(timeout=60_000)


def records(stage: Play) -> list[dict[str, str]]:
    with stage.graph.lock:
        return stage.stage.person.records()


def desk(stage: Play, address: str, body: dict[str, Any] | None = None) -> Any:
    """A call of the product's API as its operator."""
    base, _, query = stage.product.address.partition("/?")
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {parse_qs(query)['token'][0]}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(base + address, data, headers)) as answer:
        return json.load(answer)


def test_from_an_instruction_to_answers_in_the_cells_while_somebody_sorts(
    open_stage: Callable[..., Page], stage: Play
) -> None:
    page = open_stage()
    room = pane(page)
    room.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(room, "Make a plan")  # type: ignore[arg-type]
    room.locator(".plan .words").wait_for()
    press(room, re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
    says(page, "drafts to approve")
    until(lambda: any(one.get("Status") == "Draft" for one in records(stage)), 60, "drafts in their cells")
    page.locator("#sheet td", has_text=re.compile("^Name$")).first.click()
    press(page, "Sort Z→A")
    press(room, re.compile(r"^Approve all"))  # type: ignore[arg-type]
    press(room, re.compile(r"^Go on to send"))  # type: ignore[arg-type]
    press(room, re.compile(r"^Send \d+ messages"))  # type: ignore[arg-type]
    press(room, "Send now")  # type: ignore[arg-type]
    press(page, "Sort A→Z")
    says(page, re.compile(r"\d+ sent\."))
    mail = until(lambda: desk(stage, "/api/mailbox?limit=500")["mails"], 60, "a message to arrive")[0]
    desk(stage, f"/api/mailbox/{mail['id']}/answer", {"text": "could I start after 10?"})
    step(room, "Answers")  # type: ignore[arg-type]
    review = room.get_by_role("group", name=f"Reply of {mail['person']}")
    review.wait_for(timeout=60_000)
    until(
        lambda: any(one["Name"] == mail["person"] and one.get("Status") == "Review" for one in records(stage)),
        60,
        "the reply in its row",
    )
    for one in records(stage):
        if one.get("Message") and "start" in one["Message"]:
            assert one["Name"].split()[0] in one["Message"]
    review.get_by_role("button", name="Show in sheet").click()
    until(lambda: "after 10" in page.locator("#content").input_value(), 20, "the cell to be active")
    assert stage.graph.log.figures.misplaced == 0


def test_selected_and_visible_rows_are_those_of_the_sheet_on_show(open_stage: Callable[..., Page], stage: Play) -> None:
    page = open_stage()
    room = pane(page)
    campaigns = room.get_by_label("Campaign", exact=True)
    room.get_by_role("tab", name="Write").wait_for()
    if campaigns.count():
        press(room, "New")  # type: ignore[arg-type]
    page.locator("#sheet tbody th", has_text=re.compile("^3$")).click()
    page.locator("#sheet tbody th", has_text=re.compile("^5$")).click(modifiers=["Control"])
    room.get_by_label("To", exact=True).select_option(label="Selected rows")
    room.get_by_text("2 rows, as chosen just now.").wait_for()
    page.locator("#sheet tbody th", has_text=re.compile("^4$")).click()
    press(page, "Hide rows")
    visible = len(records(stage)) - 1
    room.get_by_label("To", exact=True).select_option(label="Visible rows")
    room.get_by_text(f"{visible} rows, as chosen just now.").wait_for()
    press(page, "Show hidden rows")


@pytest.fixture
def installed(folder: Path, stage: Play) -> None:
    """Microsoft's own library, as `addin --msal` installs it."""
    need(MSAL.exists(), "MSAL.js is not there: npm ci --prefix tests/excel_addin")
    place = msal_folder(folder / "data")
    place.mkdir(exist_ok=True)
    shutil.copyfile(MSAL, place / MSAL_FILE)


@pytest.mark.usefixtures("installed")
def test_microsofts_own_library_signs_in_by_a_window_where_excel_has_no_bridge(
    open_stage: Callable[..., Page], stage: Play
) -> None:
    page = open_stage("?nested")
    room = pane(page)
    room.get_by_role("heading", name="Sign in to go on").wait_for()
    before = list(stage.graph.authority.granted)
    with page.expect_popup():
        press(room, "Sign in")  # type: ignore[arg-type]
    room.get_by_role("tab", name="Write").wait_for()
    assert "authorization_code" in stage.graph.authority.granted[len(before) :]
