"""The panel on a page of another origin, as in Google's sidebar: real browser, real preflights, no cookie."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from server.errors import SignInAgain
from server.web import stream
from server.web.app import WebApp
from tests.fakes import FakeClock, FakeSheet
from tests.identity.signer import PERSON, Signer, google, impostor
from tests.waiting import until
from tests.web.conftest import PEOPLE, MakeApp, StageServices, free_port
from tests.web.googles import ALLOWED, BOOK, Spreadsheets, address, stand_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="BACKEND/static/panel/panel.css"></head><body>
<main id="panel" class="panel-room"></main>
<script>
window.cellback = { backend: "BACKEND", call: async (...call) => {
  const told = await (await fetch("/call", { method: "POST", body: JSON.stringify(call) })).json();
  if (told.error) throw new Error(told.error);
  return told.value;
} };
</script>
<script type="module" src="BACKEND/static/panel/google.js"></script></body></html>"""


@dataclass
class AddOn:
    """The add-on's side: what google.script.run would answer, and what was asked of it."""

    sheets: Spreadsheets
    sheet: FakeSheet
    signer: Signer = field(default_factory=google)
    email: str = PERSON
    account: str = PERSON
    chosen: tuple[int, ...] = (0, 2)
    calls: list[str] = field(default_factory=list)

    def call(self, name: str, *args: Any) -> Any:
        self.calls.append(name)
        if name == "start":
            told = {"spreadsheetId": BOOK, "sheetId": 0, "sheetName": "Sheet1", "account": self.account}
            return {**told, "identityToken": self.signer.token(email=self.email)}
        if name == "identity":
            return self.signer.token(email=self.email)
        if name == "prove":
            return self.sheets.prove(BOOK, args[0])
        if name == "unprove":
            return self.sheets.words[BOOK].remove(args[0])
        if name == "sheetNow":
            return {"sheetId": 0, "sheetName": "Sheet1"}
        if name in {"selection", "visibleKeys"}:
            rows = [row for row in self.sheet.read().rows if row.position in self._places()]
            keyless = [row.position for row in rows if not row.key]
            return {"keys": [row.key for row in rows if row.key], "rows": keyless}
        raise AssertionError(name)

    def _places(self) -> set[int]:
        return {self.sheet.read().rows[index].position for index in self.chosen}


@pytest.fixture
def app(make_app: MakeApp, elsewhere: Elsewhere) -> WebApp:
    oauth = {"GOOGLE_OAUTH_CLIENT_ID": "web", "GOOGLE_OAUTH_CLIENT_SECRET": "s3cret"}
    return make_app(**ALLOWED, **oauth, CELLBACK_ORIGINS=elsewhere.origin, PORT=free_port())


class Elsewhere:
    """A web server of somebody else's: one page, and the add-on behind it."""

    def __init__(self) -> None:
        self.backend = ""
        self.addon: AddOn | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer("text/html", PAGE.replace("BACKEND", outer.backend))

            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert outer.addon
                self.answer("application/json", json.dumps({"value": outer.addon.call(*call)}))

            def answer(self, kind: str, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def addon(services: StageServices, elsewhere: Elsewhere, served: str, monkeypatch: pytest.MonkeyPatch) -> AddOn:
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.02)
    sheet = FakeSheet(["Name", "Email"], [row[:2] for row in PEOPLE], workbook=address(BOOK))
    services.fakes[address(BOOK)] = sheet
    elsewhere.backend = served
    elsewhere.addon = AddOn(stand_in(services), sheet)
    return elsewhere.addon


@pytest.fixture
def open_panel(browser: Browser, addon: AddOn, elsewhere: Elsewhere) -> Iterator[Callable[[], Page]]:
    contexts = []
    complaints: list[str] = []

    def make() -> Page:
        context = browser.new_context(viewport={"width": 300, "height": 700}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(elsewhere.origin)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def is_in(page: Page) -> None:
    page.get_by_label("What should each person get?").wait_for()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words).click()


def plan(page: Page) -> None:
    page.get_by_text("I write the exact text").click()
    page.get_by_label("Template").fill("Hi {{Name}}")
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()


def test_it_comes_in_proves_itself_and_cleans_up(open_panel: Callable[[], Page], addon: AddOn) -> None:
    page = open_panel()
    is_in(page)
    until(lambda: addon.calls[:3] == ["start", "prove", "unprove"], 5, "the proof to be taken away")
    assert addon.sheets.words[BOOK] == []
    assert page.context.cookies() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 300
    assert "cellback" not in page.evaluate("JSON.stringify(localStorage)").casefold().replace("cellback:", "")


def test_a_session_that_ended_is_renewed_without_a_word(
    open_panel: Callable[[], Page], addon: AddOn, clock: FakeClock, services: StageServices
) -> None:
    page = open_panel()
    is_in(page)
    clock.advance(3601)
    plan(page)
    assert addon.calls.count("identity") == 1
    assert len(services.ledger.campaigns.of_sheet(address(BOOK))) == 1


def test_what_is_not_shared_shows_with_whom_to_share_and_looks_again(
    open_panel: Callable[[], Page], addon: AddOn
) -> None:
    addon.sheets.shared.clear()
    page = open_panel()
    page.get_by_role("heading", name="Share this sheet with Cellback").wait_for()
    assert page.get_by_label("Cellback’s own address").input_value() == "robot@example.com"
    press(page, "Copy")
    page.get_by_text("Copied.").wait_for()
    with page.expect_response(lambda answer: answer.status == 403):  # looked again, and it still is not
        press(page, "Check access")
    page.get_by_role("heading", name="Share this sheet with Cellback").wait_for()
    addon.sheets.shared.add(BOOK)
    press(page, "Check access")
    is_in(page)


def test_a_permission_that_ended_leads_to_where_it_is_given_anew(
    open_panel: Callable[[], Page], addon: AddOn, monkeypatch: pytest.MonkeyPatch, served: str
) -> None:
    page = open_panel()
    is_in(page)

    def ended(*_: object) -> None:
        raise SignInAgain("Google no longer lets Cellback work on this sheet.")

    with monkeypatch.context() as patch:
        patch.setattr(addon.sheet, "version", ended)
        patch.setattr(addon.sheet, "read", ended)
        page.reload()
        page.get_by_text("Google no longer lets Cellback work on this sheet.").wait_for()
        link = page.get_by_role("link", name="Sign in with Google")
        assert str(link.get_attribute("href")).startswith(f"{served}/google/connect?ticket=")
        assert page.evaluate("document.documentElement.scrollWidth") <= 300
    press(page, "Check access")
    is_in(page)


def test_who_may_not_is_told_so(open_panel: Callable[[], Page], addon: AddOn) -> None:
    addon.email = addon.account = "eve@evil.example"
    page = open_panel()
    page.get_by_role("heading", name="You may not use this Cellback").wait_for()
    page.get_by_text("eve@evil.example may not use this Cellback").wait_for()


def test_whom_nobody_vouches_for_is_told_to_open_the_sheet_again(open_panel: Callable[[], Page], addon: AddOn) -> None:
    addon.signer = impostor()
    page = open_panel()
    page.get_by_role("heading", name="Google did not say for sure who you are").wait_for()
    page.get_by_text("Reload the sheet and open Cellback again.").wait_for()
    addon.signer = google()
    press(page, "Try again")
    is_in(page)


def test_two_accounts_are_told_apart(open_panel: Callable[[], Page], addon: AddOn) -> None:
    addon.account = "ben@example.org"
    page = open_panel()
    page.get_by_role("heading", name="More than one Google account").wait_for()
    page.get_by_text(
        "You opened this sheet as ben@example.org, but Google runs the add-on as ann@example.org"
    ).wait_for()


def test_selected_rows_get_keys_and_are_frozen_as_they_were_chosen(
    open_panel: Callable[[], Page], addon: AddOn, services: StageServices
) -> None:
    page = open_panel()
    is_in(page)
    page.get_by_label("To", exact=True).select_option(label="Selected rows")
    page.get_by_text("2 rows, as chosen just now.").wait_for()
    keys = [row.key for row in addon.sheet.read().rows]
    assert all(keys)
    addon.chosen = (1,)
    plan(page)
    campaign = services.ledger.campaigns.of_sheet(address(BOOK))[0]
    assert sorted(campaign.rows) == sorted([keys[0], keys[2]])


def test_it_polls_while_there_is_no_stream_and_rests_while_nobody_looks(
    open_panel: Callable[[], Page], addon: AddOn
) -> None:
    page = open_panel()
    asked: list[str] = []
    page.route("**/events", lambda route: route.abort())
    is_in(page)
    page.on("request", lambda request: asked.append(path_of(request)))
    plan(page)
    until(lambda: page.wait_for_timeout(50) or polls(asked) >= 2, 10, "two polls")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(100)
    asked.clear()
    page.wait_for_timeout(2500)
    assert [path for path in asked if "/api/campaigns/" in path] == []
    page.unroute("**/events")
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: page.wait_for_timeout(50) or any(path.endswith("/events") for path in asked), 5, "the stream")


def path_of(request: Request) -> str:
    return request.url.partition("?")[0]


def polls(asked: list[str]) -> int:
    return sum("/api/campaigns/c_" in path and path.count("/") == 5 for path in asked)


def test_news_come_by_the_stream_with_the_session(
    open_panel: Callable[[], Page], services: StageServices, addon: AddOn
) -> None:
    page = open_panel()
    is_in(page)
    plan(page)
    campaign = services.ledger.campaigns.of_sheet(address(BOOK))[0]
    page.wait_for_timeout(300)
    services.ledger.campaigns.save(replace(services.ledger.campaigns.get(campaign.id), note="Said by a worker."))
    page.get_by_text("Said by a worker.").wait_for(timeout=1900)


def test_without_a_backend_it_says_so_and_goes_on_when_it_is_back(
    open_panel: Callable[[], Page], addon: AddOn, app: WebApp
) -> None:
    page = open_panel()
    is_in(page)  # all of its files have come: a reload breaks off none
    page.route("**/api/**", lambda route: route.abort())
    page.reload()
    page.get_by_role("heading", name="Cellback can’t be reached").wait_for()
    page.get_by_text("an address inside a private network").wait_for()
    page.unroute("**/api/**")
    press(page, "Try again")
    is_in(page)
