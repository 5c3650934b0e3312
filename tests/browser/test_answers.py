"""Step 4 in a real browser: how far messages got, a conversation and a reply in it, a reply that was overtaken."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.axe import axe
from tests.browser.conftest import HIDDEN, PEOPLE, drop, make_workbook
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"


class Api:
    """What a browser's own page asks for, without the page."""

    def __init__(self, page: Page, campaign: str = "") -> None:
        self.page, self.campaign = page, campaign
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))

    def __call__(self, method: str, part: str, body: object = None) -> Any:
        path = part if part.startswith("/") else f"/api/campaigns/{self.campaign}/{part}".rstrip("/")
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        answer = self.page.request.fetch(self.origin + path, method=method, data=body, headers=headers)
        assert answer.ok, f"{path}: {answer.text()}"
        return answer.json()

    def counts(self) -> dict[str, int]:
        return {one["status"]: one["count"] for one in self("GET", "")["counts"]}

    def answer(self, person: str, text: str) -> None:
        mails = self("GET", "/api/mailbox")["mails"]
        mail = next(one for one in mails if one["person"] == person)
        self("POST", f"/api/mailbox/{mail['id']}/answer", {"text": text})


def sent(page: Page) -> Api:
    """A campaign that went out, and three who answered it."""
    [workbook] = parse_qs(urlsplit(page.url).query)["workbook"]
    made = Api(page)("POST", "/api/campaigns", {"workbook": workbook, "instruction": INSTRUCTION})
    api = Api(page, made["id"])
    api("POST", "draft", {})
    until(lambda: api("GET", "")["state"] == "drafted", 30, "drafts")
    api("POST", "approve", {})
    api("POST", "send", {})
    until(lambda: api("GET", "")["state"] == "done", 30, "all sent")
    for person, words in (("Ana Silva", "yes!"), ("Ben Okafor", "no, sorry"), ("Chiara Rossi", "could I start later?")):
        api.answer(person, words)
    until(lambda: {"Confirmed", "Declined", "Review"} <= api.counts().keys(), 30, "three answers")
    page.goto(f"{api.origin}/panel?workbook={workbook}")
    page.get_by_role("tab", name=re.compile("^Answers")).click()
    page.locator(".funnel").first.wait_for()
    return api


def course(page: Page) -> None:
    """A course of some hours, which no test waits for."""
    hours = [f"2026-03-02T{hour:02}:00:00Z" for hour in range(9, 13)]
    figures = [(5, 0), (0, 2), (0, 0), (0, 1)]
    buckets = [{"at": at, "sent": out, "answered": back} for at, (out, back) in zip(hours, figures, strict=True)]
    told = {"from": hours[0], "to": "2026-03-02T13:00:00Z", "unit": "hour", "buckets": buckets}
    page.route("**/timeline*", lambda route: route.fulfill(json=told))


@pytest.fixture
def narrow(open_page: Callable[..., Page], tmp_path: Path) -> Page:
    page = open_page(before=course)
    drop(page, make_workbook(tmp_path / "contestants.xlsx", PEOPLE, HIDDEN))
    page.set_viewport_size({"width": 300, "height": 900})
    return page


def test_answers_are_counted_talked_about_and_replied_to(narrow: Page) -> None:
    page = narrow
    api = sent(page)
    funnel = page.get_by_role("region", name="How far the messages got")
    funnel.get_by_role("button", name="Sent 5 of 5").wait_for()
    funnel.get_by_role("button", name="Came back 3 of 5").wait_for()
    chart = page.get_by_role("slider", name="Answers over time")
    chart.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert str(chart.get_attribute("aria-valuetext")).endswith("0 sent, 2 came back. Until then 2 of 5.")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # a number leads to its rows, a row to its conversation
    funnel.get_by_role("button", name=re.compile("^Confirmed")).click()
    page.get_by_text("yes!").wait_for()
    page.get_by_role("button", name="Conversation").click()
    page.get_by_role("heading", name="Ana Silva").wait_for()
    assert page.locator(".turns mark").inner_text() == "yes!"
    axe(page)
    page.get_by_role("button", name="Reply to Ana Silva").click()
    page.get_by_label("Your reply to Ana Silva").fill("See you on Saturday")
    page.get_by_role("button", name="Send this to Ana Silva").dblclick()  # a double click is no second press
    page.get_by_role("button", name="Send now").wait_for()
    axe(page)
    assert api("GET", "/api/mailbox")["total"] == 5
    page.get_by_role("button", name="Send now").click()
    page.get_by_text("Your message to Ana Silva is on its way.").wait_for()
    until(lambda: api("GET", "/api/mailbox")["total"] == 6, 30, "the reply")
    page.locator(".turns .us", has_text="See you on Saturday").wait_for()
    until(lambda: api.counts().get("Confirmed") == 1, 30, "the answer to stand")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="‹ Answers").click()

    # a decision about a reply that another one overtook is not taken, and the newer one is shown
    page.get_by_text("could I start later?").wait_for()
    held: list[Any] = []
    page.route("**/reviews/*", lambda route: held.append(route))
    page.get_by_role("button", name=re.compile("^Accept")).click()
    until(lambda: bool(page.wait_for_timeout(50) or held), 30, "the decision")
    api.answer("Chiara Rossi", "or perhaps not at all?")
    until(lambda: "or perhaps" in api("GET", "reviews")["reviews"][0]["reply"], 30, "the newer reply")
    page.unroute("**/reviews/*")
    held[0].continue_()
    page.get_by_text("Another reply of theirs has come since: please read that one.").wait_for()
    page.locator(".bubble", has_text="or perhaps not at all?").wait_for()
    assert api.counts()["Review"] == 1
    axe(page)
