"""The panel around its steps, in a real browser: languages, standstills, others at work, the keyboard."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.axe import axe
from tests.browser.conftest import PEOPLE, make_workbook

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
NARROW = {"width": 300, "height": 760}
UPLOAD = """async (content) => {
    const form = new FormData();
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    form.append("file", new File([bytes], "contestants.xlsx"));
    const answer = await fetch("/api/workbooks", { method: "POST", body: form });
    return (await answer.json()).workbook;
}"""
SHIFTED = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; }))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""
WIDER = """() => [...document.querySelectorAll("#panel *")].filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width > 2 && (left < -1 || right > innerWidth + 1);
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def panel(open_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """`panel("&lang=de")`: the panel alone over the contestants' workbook, at 300 pixels; several show the same one."""
    first = open_page(path="/panel")
    content = make_workbook(tmp_path / "contestants.xlsx", PEOPLE).read_bytes()
    workbook = first.evaluate(UPLOAD, base64.b64encode(content).decode())
    first.close()

    def another(query: str = "", before: Callable[[Page], object] = lambda page: None) -> Page:
        return open_page(**NARROW, path=f"/panel?workbook={quote(workbook)}{query}", before=before)

    return another


def plan(page: Page) -> None:
    page.locator("textarea").first.fill(INSTRUCTION)
    page.locator("button[type=submit]").click()
    page.locator(".plan .words").wait_for()


def test_it_speaks_the_language_of_its_reader_and_remembers_a_choice(panel: Callable[..., Page]) -> None:
    page = panel("&lang=de_AT")  # as Google writes it
    page.get_by_role("tab", name="Schreiben").wait_for()
    page.locator("textarea").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate(SHIFTED) < 0.02
    axe(page)
    assert page.evaluate(WIDER) == []

    page.get_by_label("Sprache").select_option("fr")
    page.get_by_role("tab", name="Vérifier").wait_for()
    assert page.locator("html").get_attribute("lang") == "fr"
    page.reload()
    page.get_by_role("tab", name="Vérifier").wait_for()

    page.get_by_label("Langue").select_option("es")
    page.get_by_role("tab", name="Escribir").wait_for()
    plan(page)
    page.locator(".say", has_text=re.compile(r"El plan para \d filas está listo")).wait_for()
    page.locator(".plan .words", has_text="Escribe a «").wait_for()
    axe(page)
    page.get_by_label("Idioma", exact=True).select_option("de")
    page.locator(".plan .words", has_text="Schreibt an „").wait_for()


def test_every_number_of_the_line_is_a_way_to_its_rows_by_keyboard_as_well(panel: Callable[..., Page]) -> None:
    page = panel()
    page.get_by_label("What should each person get?").wait_for()
    page.keyboard.press("Tab")
    page.evaluate("() => document.activeElement.blur()")
    plan(page)
    page.get_by_role("button", name=re.compile(r"^Write \d+ drafts$")).click()
    number = page.locator(".say").get_by_role("button", name=re.compile(r"^\d+ drafts$"))
    page.locator(".say", has_text="Nothing is being sent.").wait_for()
    number.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="To approve").wait_for()
    page.locator(".rows li").first.wait_for()
    axe(page)

    page.get_by_role("tab", name=re.compile("^Check")).focus()
    page.keyboard.press("Home")
    assert page.evaluate("() => document.activeElement.id") == "tab-write"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.id") == "tab-check"
    held = page.locator(".held p")
    page.locator("#plan summary").first.click()
    assert not held.is_visible()
    page.mouse.wheel(0, 400)
    held.filter(has_text="Nothing is being sent.").wait_for()  # its place is out of sight, its words are not
    page.mouse.wheel(0, -400)
    held.wait_for(state="hidden")
    page.get_by_role("tab", name=re.compile("^Check")).focus()

    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    page.keyboard.press("ArrowLeft")  # onwards, where lines run from right to left
    assert page.evaluate("() => document.activeElement.id") == "tab-send"
    for tab in ("Write", "Check", "Send", "Answers"):
        page.get_by_role("tab", name=re.compile(f"^{tab}")).click()
        page.locator("#step > *").first.wait_for()
        assert page.evaluate(WIDER) == [], tab

    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "step"


def test_what_another_person_does_is_seen_within_seconds(panel: Callable[..., Page]) -> None:
    one = panel()
    one.get_by_label("What should each person get?").wait_for()
    other = panel()
    plan(other)
    campaigns = one.get_by_label("Campaign", exact=True)
    campaigns.wait_for()  # it appeared by itself
    campaigns.select_option(index=1)
    one.locator(".plan .words").wait_for()
    other.get_by_role("button", name=re.compile(r"^Write \d+ drafts$")).click()
    one.locator(".say", has_text="to approve").wait_for()
    other.get_by_role("button", name=re.compile("^Approve all")).click()
    one.locator(".say", has_text=re.compile(r"\d approved")).wait_for()


def test_a_server_that_is_away_is_told_and_found_again(panel: Callable[..., Page]) -> None:
    away = {"now": True}

    def answer(route: Route) -> None:
        route.abort() if away["now"] else route.continue_()

    page = panel(before=lambda page: page.route(re.compile("/api/"), answer))
    page.get_by_role("heading", name="Cellback can’t be reached").wait_for()
    axe(page)
    away["now"] = False
    page.get_by_label("What should each person get?").wait_for()  # nobody pressed anything

    away["now"] = True
    page.get_by_text("Cellback can’t be reached at the moment.").wait_for()
    page.get_by_label("What should each person get?").fill("typed meanwhile")
    away["now"] = False
    page.get_by_text("Cellback can’t be reached at the moment.").wait_for(state="detached")
    assert page.get_by_label("What should each person get?").input_value() == "typed meanwhile"

    page.route(re.compile("/texts/../first.js"), lambda route: route.abort())
    page.reload()
    page.get_by_text("Cellback does not answer.").wait_for()
