"""The whole product, started as a newcomer starts it, and a page of it in a real browser."""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus, urlsplit

import openpyxl
import pytest

from tests.nursery import popen
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Route

UNDO_SECONDS = 2
PATIENCE_MS = 30_000
"""How long a page may take: three browsers and their servers share two cores, and no test waits longer than it must."""
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
HEADER = ["Name", "Email", "Act", "Start time"]
PEOPLE: list[list[object]] = [
    ["Ana Silva", "ana@example.org", "Aerial silk", time(9, 0)],
    ["Ben Okafor", "ben@example.org", "Stand-up", time(9, 10)],
    ["Chiara Rossi", "chiara@example.org", "Magic", time(9, 20)],
    ["Dmitri Petrov", "dmitri@example.org", "Opera", time(9, 30)],
    ["Elif Kaya", "elif@example.org", HOSTILE, time(9, 40)],
    ["Femi Adeyemi", "femi@example.org", "Beatbox", time(9, 50)],
    ["Greta Lund", "", "Cello", time(10, 0)],
]
HIDDEN = "Femi Adeyemi"


def make_workbook(path: Path, rows: list[list[object]], hidden: str = "") -> Path:
    """An .xlsx with a header, these rows, and the one of `hidden` hidden by hand."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Contestants"
    for row in [HEADER, *rows]:
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=2, min_col=4, max_col=4):
        cells[0].number_format = "HH:MM"
    for number, row in enumerate(rows, start=2):
        if row[0] == hidden:
            sheet.row_dimensions[number].hidden = True
    book.save(path)
    return path


@pytest.fixture
def contestants(tmp_path: Path) -> Path:
    return make_workbook(tmp_path / "contestants.xlsx", PEOPLE, HIDDEN)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product as a newcomer has it, without any account: the address that it prints."""
    with served(tmp_path_factory.mktemp("desk"), {}) as printed:
        yield printed


@pytest.fixture(scope="module", autouse=True)
def _quick(forked_starts: None) -> None:
    """Each module here starts the whole product."""


@contextmanager
def served(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """`python -m server serve`, as `make run` starts it, in a data folder of its own: the address that it prints."""
    environment = {
        **os.environ,
        "CELLBACK_DATA_DIR": str(folder / "data"),
        "CELLBACK_UNDO_SECONDS": str(UNDO_SECONDS),
        "PORT": str(free_port()),
        **settings,
    }
    printed, log = folder / "printed", folder / "log"
    with printed.open("w") as out, log.open("w") as err:
        serve = popen([sys.executable, "-m", "server", "serve"], env=environment, stdout=out, stderr=err)
    try:
        until(lambda: "?token=" in printed.read_text() or serve.poll() is not None, 30, "the printed address")
        assert serve.poll() is None, log.read_text()
        yield printed.read_text().strip().splitlines()[-1]
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.wait(timeout=20)


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """`open_page(width=.., path="/panel", dark=True)`: a signed-in page, in a browser profile of its own.

    `before(page)` comes before its first request.
    """
    complaints: list[str] = []
    contexts = []

    def make(
        width: int = 1440,
        height: int = 900,
        path: str = "/",
        dark: bool = False,
        before: Callable[[Page], object] = lambda page: None,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if complains(line) else None)
        before(page)
        page.goto(address)
        if path != "/":
            page.goto(address.partition("/?")[0] + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def desk(open_page: Callable[..., Page], contestants: Path) -> Page:
    """The desk with the contestants' workbook, opened like one that was dropped on it."""
    page = open_page()
    drop(page, contestants)
    page.get_by_text("1 hidden row").wait_for()
    return page


def complains(line: ConsoleMessage) -> bool:
    """An error, such as a broken content security policy; a refusal that a person is told about is none, and so is a
    request that a test cuts."""
    return line.type == "error" and "status of 4" not in line.text and "net::ERR_FAILED" not in line.text


def drop(page: Page, workbook: Path) -> None:
    """Let go of a file over the page, as from a file manager."""
    content = base64.b64encode(workbook.read_bytes()).decode()
    dropped = page.evaluate_handle(
        """([name, content]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name));
            return transfer;
        }""",
        [workbook.name, content],
    )
    with page.expect_response("**/api/workbooks") as answer:
        page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    opened = answer.value.json()
    page.wait_for_url(lambda url: opened["workbook"] in unquote_plus(url))
    with telling(page):
        page.get_by_label("What should each person get?").wait_for()


@contextmanager
def telling(page: Page) -> Iterator[None]:
    """Whoever waits in vain in here also hears what the page showed instead."""
    from playwright.sync_api import TimeoutError as InVain

    try:
        yield
    except InVain as error:
        error.add_note(f"The page {page.url} showed:\n{page.locator('body').inner_text()}")
        raise


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


def workbook_in(page: Page) -> str:
    """Path of the workbook on show, as the page's address tells it; "" while it shows the one opened at start."""
    return parse_qs(urlsplit(page.url).query).get("workbook", [""])[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
