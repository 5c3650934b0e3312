"""Answers that come late, about a workbook that was left meanwhile: they change nothing on the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PEOPLE, drop, make_workbook
from tests.browser.test_desk import draft, press, shows
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

FIRST_LOAD = re.compile(r"/api/(session|campaigns|grid)\b(?!.*workbook=)")


class Held:
    """Requests of a page that get no answer until a test says which one."""

    def __init__(self, page: Page, address: re.Pattern[str]) -> None:
        self.page = page
        self.routes: list[Route] = []
        self.over = False
        page.route(address, lambda route: route.continue_() if self.over else self.routes.append(route))

    def wait_for(self, count: int) -> None:
        """Until so many requests wait."""

        def arrived() -> bool:
            self.page.wait_for_timeout(10)
            return len(self.routes) >= count

        until(arrived, what="requests to hold")

    def release(self, answer: Callable[[Route], None]) -> None:
        """Answer those that wait, let those to come pass, and give the page the time to do something about it."""
        self.over = True
        for route in self.routes:
            answer(route)
        self.page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 50))")


def refuse(route: Route) -> None:
    route.fulfill(status=409, content_type="application/problem+json", json={"detail": "The first workbook is busy."})


@pytest.fixture
def acts(tmp_path: Path) -> Path:
    return make_workbook(tmp_path / "acts.xlsx", PEOPLE)


@pytest.mark.parametrize("answer", [refuse, lambda route: route.continue_()], ids=["refused", "answered"])
def test_a_file_dropped_during_the_first_load_is_what_the_desk_shows(
    open_page: Callable[..., Page], acts: Path, answer: Callable[[Route], None]
) -> None:
    held: list[Held] = []
    page = open_page(before=lambda page: held.append(Held(page, FIRST_LOAD)))
    held[0].wait_for(5)
    drop(page, acts)
    page.get_by_text("7 rows").wait_for()
    held[0].release(answer)
    assert page.get_by_label("What should each person get?").is_visible()
    assert page.title().startswith("acts.xlsx")
    shows(page.locator("#name strong"), "acts.xlsx")
    assert page.locator("#notice .problem").count() == 0


def test_what_was_begun_for_one_workbook_does_not_show_up_beside_the_next(desk: Page, acts: Path) -> None:
    draft(desk)
    held = Held(desk, re.compile(r"/approve"))
    press(desk, "Approve all 5 drafts")
    held.wait_for(1)
    drop(desk, acts)
    held.release(lambda route: route.continue_())
    with desk.expect_response("**/api/grid?**"):
        pass
    assert desk.get_by_label("What should each person get?").is_visible()
    assert desk.get_by_role("tab", name="Check").is_disabled()
