"""Every state of the panel in its other two hosts: in Excel's pane in German, in Google's sidebar from right to left.

At each: what it says, nothing wider than the panel, no serious or critical finding of axe-core. Those of the desk are
held by the tests of the steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import axe
from tests.browser.excel_page import Excel
from tests.browser.test_desk import INSTRUCTION
from tests.browser.test_excel_pane import excel, folder, open_desk, open_pane, product  # noqa: F401 - fixtures
from tests.browser.test_excel_pane import mails as excel_mails
from tests.browser.test_google_sidebar import book, open_sheet, stage  # noqa: F401 - fixtures
from tests.browser.test_google_sidebar import desk as google_desk
from tests.browser.test_google_sidebar import mails as google_mails
from tests.emulators.stage.play import Play
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WIDER = """() => [...document.querySelectorAll("#panel *")].filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width > 2 && (left < -1 || right > innerWidth + 1);
}).map((one) => one.outerHTML.slice(0, 120))"""
PATIENCE_MS = 60_000

ENGLISH = {
    "write": "Make a plan",
    "drafts": "Write 6 drafts",
    "approve": "Approve all 5 drafts",
    "on": "Go on to send 5",
    "send": "Send 5 messages",
    "not": "Not yet",
    "now": "Send now",
    "undo": "Undo",
    "none": "Nothing waits for you.",
    "accept": "Accept",
    "reply": "Reply to Ana Silva",
}
GERMAN = {
    "write": "Plan erstellen",
    "drafts": "6 Entwürfe schreiben",
    "approve": "Alle 5 Entwürfe freigeben",
    "on": "Weiter zum Senden von 5",
    "send": "5 Nachrichten senden",
    "not": "Noch nicht",
    "now": "Jetzt senden",
    "undo": "Zurücknehmen",
    "none": "Nichts wartet auf Sie.",
    "accept": "Übernehmen",
    "reply": "Ana Silva antworten",
}


def state(room: Frame | Page, words: str) -> None:
    """The panel says this, and keeps nobody out."""
    room.get_by_text(re.compile(f"^{re.escape(words)}")).first.wait_for(timeout=PATIENCE_MS)
    axe(room, without=("document-title",))  # type: ignore[arg-type] # a sidebar's title is its host's
    assert room.evaluate(WIDER) == [], words


def press(room: Frame | Page, words: str) -> None:
    room.get_by_role("button", name=words, exact=True).first.click()


def walk(room: Frame | Page, words: dict[str, str], answer: Callable[[str, str], None]) -> None:
    """From the instruction to a conversation, looking at each state on the way."""
    room.locator(".example").first.wait_for()
    state(room, words["write"])
    room.locator("#instruction").fill(INSTRUCTION)
    press(room, words["write"])
    room.locator(".plan .words").wait_for()
    state(room, words["drafts"])
    press(room, words["drafts"])
    room.locator("article.draft").wait_for(timeout=PATIENCE_MS)
    state(room, words["approve"])
    press(room, words["approve"])
    state(room, words["on"])
    press(room, words["on"])
    room.locator(".primary:enabled", has_text=words["send"]).wait_for()
    state(room, words["send"])
    press(room, words["send"])
    state(room, words["now"])
    press(room, words["not"])
    press(room, words["send"])
    press(room, words["now"])
    state(room, words["undo"])
    room.get_by_role("tab").nth(3).click()
    state(room, words["none"])
    answer("Ana Silva", "yes!")
    answer("Chiara Rossi", "could I start after 10?")
    state(room, words["accept"])
    room.locator(".funnel button", has_text=re.compile("^Confirmed")).first.click()
    room.locator(".rows li", has_text="Ana Silva").get_by_role("button").last.click()
    room.locator(".turns mark").wait_for(timeout=PATIENCE_MS)
    state(room, words["reply"])


def test_each_state_in_excels_pane_is_german_and_open_to_everybody(
    open_pane: Callable[..., Page],  # noqa: F811
    excel: Excel,  # noqa: F811
) -> None:
    excel.world["language"] = "de-DE"
    page = open_pane(excel)

    def answer(person: str, words: str) -> None:
        mail = until(lambda: excel_mails(excel, person), 30, "the message")[0]
        excel.call(f"/api/mailbox/{mail['id']}/answer", {"text": words})

    walk(page, GERMAN, answer)
    assert page.locator("html").get_attribute("lang") == "de"


def test_each_state_in_googles_sidebar_runs_from_right_to_left_as_well(
    open_sheet: Callable[..., Page],  # noqa: F811
    stage: Play,  # noqa: F811
) -> None:
    page = open_sheet()
    page.frame_locator("#sidebar iframe").get_by_role("tab").first.wait_for()
    frame = page.locator("#sidebar iframe").element_handle().content_frame()
    assert frame
    frame.evaluate("() => { document.documentElement.dir = 'rtl'; }")

    def answer(person: str, words: str) -> None:
        mail = until(lambda: google_mails(stage, person), 30, "the message")[0]
        google_desk(stage, f"/api/mailbox/{mail['id']}/answer", {"text": words})

    walk(frame, ENGLISH, answer)
