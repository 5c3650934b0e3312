"""The walk of a newcomer, timed: from the printed address to the first Confirmed in a cell, by real clicks and keys.

Not a test: `python -m tests.browser.walk` prints what docs/newcomer.md tells. Nobody thinks meanwhile: it is not in it.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import PATIENCE_MS, served

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
UNDO_SECONDS = 10
"""As it is unless an operator says otherwise."""


@dataclass
class Step:
    """What a person did to get one step further, and how many seconds the product then let them wait."""

    words: str
    clicks: int = 0
    keys: int = 0
    seconds: float = 0.0


@dataclass
class Walk:
    """A person with a mouse and a keyboard at a page; each step is counted."""

    page: Page
    steps: list[Step] = field(default_factory=list)

    def click(self, words: str, target: Locator, then: Locator) -> None:
        """Press the mouse in the middle of `target`; what comes next is there when `then` is."""
        target.wait_for()
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box, f"{words}: nothing to click on"
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._wait(Step(words, clicks=1), then)

    def type(self, words: str, text: str, then: Locator) -> None:
        """Key by key, into whatever has the focus."""
        self.page.keyboard.type(text)
        self._wait(Step(words, keys=len(text)), then)

    def _wait(self, step: Step, then: Locator) -> None:
        start = time.monotonic()
        then.wait_for()
        step.seconds = time.monotonic() - start
        self.steps.append(step)


def go(page: Page, address: str, *, typed: bool) -> tuple[list[Step], list[Step]]:
    """What the organiser does until all is sent, and what one recipient does until the cell says Confirmed."""
    box, plan = page.get_by_label("What should each person get?"), button(page, "Make a plan")
    walk = Walk(page)
    start = time.monotonic()
    page.goto(address)
    box.wait_for()
    walk.steps.append(Step("Open the printed address", clicks=1, seconds=time.monotonic() - start))
    ready = page.locator("button:enabled", has_text="Make a plan")
    if typed:
        page.wait_for_function("() => document.activeElement.id === 'instruction'")
        walk.type("Type the instruction: the caret waits there", INSTRUCTION, ready)
    else:
        walk.click("Take an example made from the sheet’s columns", page.locator(".example").first, ready)
    write, approve = button(page, r"^Write \d+ drafts$"), button(page, "^Approve all")
    onwards, send, now = (
        button(page, "^Go on to send"),
        button(page, r"^Send \d+ messages$"),
        button(page, "^Send now$"),
    )
    walk.click("Make a plan", plan, write)
    walk.click("Write the drafts", write, approve)
    walk.click("Approve all", approve, onwards)
    told = page.locator(".primary:enabled", has_text=re.compile(r"^Send \d+ messages$"))
    walk.click("Go on to send", onwards, told)
    walk.click("Send", send, now)
    sent = page.locator(".say", has_text=re.compile(r"\d+ sent"))
    walk.click("Send now; ten seconds to take it back are in it", now, sent)
    organiser, walk.steps = walk.steps, []
    mail = page.locator(".mail").first
    mail.wait_for()
    confirmed = page.locator('.cell[data-column="Status"]', has_text=re.compile("^Confirmed$"))
    yes = page.get_by_role("button", name="yes!")
    walk.click("Open a message as its recipient", mail, yes)
    walk.click("Answer “yes!”", yes, confirmed.first)
    return organiser, walk.steps


def button(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=re.compile(words)).first


def table(title: str, steps: list[Step]) -> str:
    """A table for people, in Markdown, with its sums."""
    total = Step(
        "**Together**",
        sum(one.clicks for one in steps),
        sum(one.keys for one in steps),
        sum(one.seconds for one in steps),
    )
    rows = [f"| {one.words} | {one.clicks} | {one.keys} | {one.seconds:.1f} |" for one in [*steps, total]]
    return "\n".join([f"| {title} | clicks | keys | seconds waited |", "|---|---|---|---|", *rows])


def main() -> int:
    """Walk twice, each time in a workbook of its own: with a click on an example, and with the instruction typed."""
    from playwright.sync_api import sync_playwright

    from tests.needs import BROWSERS, need_program

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_program(*BROWSERS), args=["--no-sandbox"])
        for typed, title in ((False, "With an example"), (True, "With the instruction typed")):
            with (
                tempfile.TemporaryDirectory() as folder,
                served(Path(folder), {"CELLBACK_UNDO_SECONDS": str(UNDO_SECONDS)}) as address,
            ):
                page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
                page.set_default_timeout(PATIENCE_MS)
                organiser, recipient = go(page, address, typed=typed)
                page.context.close()
            sys.stdout.write(f"{table(title, organiser)}\n\n{table('Then, as a recipient', recipient)}\n\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
