"""The add-on's real sidebar on the stage: the real product, an emulated Google, and another person at the sheet."""

from __future__ import annotations

import json
import os
import random
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from tests.browser.conftest import HIDDEN, HOSTILE, PATIENCE_MS, PEOPLE, complains
from tests.browser.test_desk import INSTRUCTION, press, step
from tests.emulators.sheets import Quota, Workbook
from tests.emulators.stage.play import Play, play
from tests.emulators.stage.stage import ANA, AUDIENCE, BEN, CLEO, ROLES
from tests.unpaced import unpaced
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HEADER = ["Name", "Email", "Act", "Start time"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    folder = tmp_path_factory.mktemp("stage")
    settings = {"CELLBACK_UNDO_SECONDS": "2", "PORT": "0"}
    with play(folder, settings, quota=Quota.off()) as running, unpaced(folder / "data"):
        yield running


@pytest.fixture
def book(stage: Play) -> Workbook:
    """A spreadsheet of its own for each test, which Cellback's account may edit."""
    random.seed(os.urandom(8))  # every test begins with one seed: its spreadsheet must not have the last one's id
    with stage.google.lock:
        made = stage.google.spreadsheet(
            "Talent show", {"Contestants": [HEADER, *PEOPLE]}, locale="en_GB", share=ROLES, frozen=1, height=100
        )
        sheet = made.sheet("Contestants")
        made.format_column(sheet, 3, "hh:mm", "TIME")
        sheet.row(made.find("Contestants", "Name", HIDDEN)).hidden_by_user = True
        made.share(stage.robot)
        stage.stage.book = made
    return made


@pytest.fixture
def open_sheet(browser: Browser, stage: Play, book: Workbook) -> Iterator[Callable[..., Page]]:
    """`open_sheet(account=.., effective=..)`: the sheet with the sidebar open, in a browser profile of its own."""
    complaints: list[str] = []
    contexts = []

    def make(account: str = ANA, effective: str = "", menu: str = "Open", width: int = 1440) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if strange(line) else None)
        page.goto(f"{stage.url}?account={account}&effective={effective or account}")
        page.locator("body[data-ready]").wait_for()
        extensions(page, menu)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def strange(line: ConsoleMessage) -> bool:
    """A backend that is away, as one test has it, is logged by the browser itself."""
    return complains(line) and "ERR_CONNECTION_REFUSED" not in line.text


def extensions(page: Page, item: str) -> None:
    page.get_by_text("Extensions", exact=True).click()
    page.get_by_role("button", name=f"Cellback: {item}").click()


def sidebar(page: Page) -> FrameLocator:
    return page.frame_locator("#sidebar iframe")


def panel(page: Page) -> FrameLocator:
    """The sidebar, once its person is in."""
    sidebar(page).get_by_role("tab", name="Write").wait_for()
    return sidebar(page)


def says(page: Page, words: str) -> None:
    sidebar(page).locator(".say", has_text=words).wait_for(timeout=60_000)


def come_over(page: Page, words: str) -> None:
    """From the sheet to the sidebar, and back, until it says so: it looks at most every three seconds."""

    def over() -> int:
        page.mouse.move(300, 300)
        sidebar(page).locator("body").hover()
        page.wait_for_timeout(50)
        return sidebar(page).locator(".say", has_text=words).count()

    until(over, 60, words)


def plan(page: Page) -> None:
    panel(page).get_by_label("What should each person get?").fill(INSTRUCTION)
    press(sidebar(page), "Make a plan")  # type: ignore[arg-type]
    sidebar(page).locator(".plan .words").wait_for()


def records(stage: Play) -> dict[str, dict[str, str]]:
    """What the emulated sheet shows, by name."""
    with stage.google.lock:
        return {record["Name"]: record for record in stage.stage.book.records("Contestants")}


def shows(stage: Play, person: str, column: str, words: str, seconds: float = 40) -> None:
    until(lambda: records(stage)[person].get(column) == words, seconds, f"{person}: {column} {words}")


def cell(page: Page, words: str) -> Any:
    return page.locator("#sheet td", has_text=re.compile(f"^{re.escape(words)}$")).first


def desk(stage: Play, address: str, body: dict[str, Any] | None = None) -> Any:
    """A call of the product's API as its operator."""
    base, _, query = stage.product.address.partition("/?")
    token = parse_qs(query)["token"][0]
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(base + address, data, headers)) as answer:
        return json.load(answer)


def mails(stage: Play, person: str) -> list[dict[str, Any]]:
    return [mail for mail in desk(stage, "/api/mailbox?limit=500")["mails"] if mail["person"] == person]


def test_a_person_proves_once_that_they_may_edit_and_is_in(
    open_sheet: Callable[..., Page], stage: Play, book: Workbook
) -> None:
    searches = lambda: len(stage.google.requests.of(method="developerMetadata.search"))  # noqa: E731
    before = searches()
    page = open_sheet()
    panel(page)
    proven = searches() - before
    assert proven >= 1
    until(lambda: not list(book.all_metadata()), what="the proof to be taken away")
    page.get_by_label("Close").click()
    extensions(page, "Open")
    panel(page)
    assert searches() - before == proven


def test_a_sheet_that_is_not_shared_is_explained_with_the_address_and_goes_on_once_it_is(
    open_sheet: Callable[..., Page], stage: Play, book: Workbook
) -> None:
    book.unshare(stage.robot)
    page = open_sheet()
    help_ = sidebar(page)
    help_.get_by_text("Share this sheet with Cellback").wait_for()
    assert help_.get_by_label("Cellback’s own address").input_value() == stage.robot
    assert help_.locator("html").evaluate("page => page.scrollWidth") <= 300
    page.get_by_text("Share", exact=True).first.click()
    page.get_by_label("Give access to").fill(stage.robot)
    page.get_by_role("button", name="Share", exact=True).click()
    press(help_, "Check access")  # type: ignore[arg-type]
    panel(page)


def test_from_an_instruction_to_answers_in_the_cells_while_somebody_sorts(
    open_sheet: Callable[..., Page], stage: Play
) -> None:
    page = open_sheet()
    plan(page)
    room = sidebar(page)
    press(room, re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
    says(page, "5 drafts to approve")
    until(lambda: "09:00" in records(stage)["Ana Silva"].get("Message", ""), 40, "the drafts in their cells")
    cell(page, "Name").click()
    press(page, "Sort Z→A")
    until(lambda: next(iter(records(stage))) == "Greta Lund", what="the sheet to be sorted")
    press(room, "Approve all 5 drafts")  # type: ignore[arg-type]
    press(room, "Go on to send 5")  # type: ignore[arg-type]
    press(room, "Send 5 messages")  # type: ignore[arg-type]
    press(room, "Send now")  # type: ignore[arg-type]
    press(page, "Sort A→Z")
    says(page, "5 sent")
    for person in ("Ana Silva", "Ben Okafor", "Chiara Rossi", "Dmitri Petrov", "Elif Kaya"):
        until(lambda person=person: records(stage)[person]["Status"] in {"Sent", "Delivered"}, 40, person)
        assert person.split()[0] in records(stage)[person]["Message"]
    assert records(stage)["Greta Lund"]["Status"] == "No address"
    assert records(stage)[HIDDEN].get("Status", "") == ""

    desk(stage, f"/api/mailbox/{mails(stage, 'Ana Silva')[0]['id']}/answer", {"text": "yes!"})
    desk(stage, f"/api/mailbox/{mails(stage, 'Chiara Rossi')[0]['id']}/answer", {"text": "could I start after 10?"})
    shows(stage, "Ana Silva", "Status", "Confirmed")
    shows(stage, "Ana Silva", "Availability", "Yes")
    shows(stage, "Chiara Rossi", "Status", "Review")
    step(room, "Answers")  # type: ignore[arg-type]
    review = room.get_by_role("group", name="Reply of Chiara Rossi")
    review.wait_for()
    view = room.get_by_role("link", name="Review", exact=True)
    view.wait_for()
    assert re.search(r"#gid=\d+&fvid=\d+$", view.get_attribute("href") or "")
    review.get_by_role("button", name="Show in sheet").click()
    row = list(records(stage)).index("Chiara Rossi") + 2
    until(lambda: re.fullmatch(rf"[A-Z]+{row}", page.locator("#where").inner_text()), what="the cell to be active")
    page.get_by_label("Content of the cell").and_(page.locator("#content")).wait_for()
    until(lambda: page.locator("#content").input_value() == "could I start after 10?", what="the cell's content")


def test_what_a_person_types_into_the_sheet_is_hinted_and_obeyed(open_sheet: Callable[..., Page], stage: Play) -> None:
    page = open_sheet(menu="Hints on or off")
    page.get_by_role("dialog").get_by_text("Cellback is told when somebody changes this sheet.").wait_for()
    page.get_by_role("button", name="OK").click()
    extensions(page, "Open")
    plan(page)
    press(sidebar(page), re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
    says(page, "5 drafts to approve")
    shows(stage, "Ana Silva", "Status", "Draft")
    cell(page, "Draft").click()
    with page.expect_response("**/api/sheet/changed") as told:
        page.locator("#content").fill("Approved")
        page.keyboard.press("Enter")
    assert told.value.status == 200
    assert told.value.request.post_data_json.keys() == {"workbook", "sheet"}
    says(page, "1 approved")
    assert records(stage)["Ana Silva"]["Status"] == "Approved"


def test_selected_rows_are_the_ones_that_get_a_message(open_sheet: Callable[..., Page], stage: Play) -> None:
    page = open_sheet()
    panel(page)
    page.locator("#sheet tbody th", has_text=re.compile("^2$")).click()
    page.locator("#sheet tbody th", has_text=re.compile("^4$")).click(modifiers=["Control"])
    panel(page).get_by_label("To", exact=True).select_option(label="Selected rows")
    plan(page)
    press(sidebar(page), re.compile(r"^Write 2 drafts$"))  # type: ignore[arg-type]
    says(page, "2 drafts to approve")
    shows(stage, "Ana Silva", "Status", "Draft")
    shows(stage, "Chiara Rossi", "Status", "Draft")
    assert records(stage)["Ben Okafor"].get("Status", "") == ""


def test_what_a_stranger_wrote_is_shown_as_text(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    panel(page)
    until(lambda: HOSTILE in page.locator("#sheet tbody").inner_text())
    assert page.locator("#sheet img").count() == 0
    assert page.title() != "hacked"


def test_a_viewer_is_told_to_ask_for_more(open_sheet: Callable[..., Page], book: Workbook) -> None:
    page = open_sheet(account=BEN)
    sidebar(page).get_by_text("You can look at this sheet but not edit it").wait_for()
    assert list(book.all_metadata()) == []


def test_somebody_from_elsewhere_is_not_let_in(open_sheet: Callable[..., Page], book: Workbook) -> None:
    book.share("eve@elsewhere.test", "writer")
    page = open_sheet(account="eve@elsewhere.test")
    sidebar(page).get_by_text("eve@elsewhere.test may not use this Cellback").wait_for()


@pytest.mark.parametrize(
    ("other", "says_so"),
    [
        (BEN, f"You opened this sheet as {ANA}, but Google runs the add-on as {BEN}."),
        (CLEO, "Google did not let the add-on work on this sheet."),
    ],
    ids=["another editor or viewer", "a stranger to the sheet"],
)
def test_with_two_accounts_signed_in_nothing_goes_on_and_a_way_out_is_shown(
    open_sheet: Callable[..., Page], book: Workbook, other: str, says_so: str
) -> None:
    page = open_sheet(account=ANA, effective=other)
    told = sidebar(page)
    told.get_by_role("heading", name="More than one Google account?").wait_for()
    told.locator("#notice").get_by_text(says_so).wait_for()
    told.locator("#notice").get_by_text("private window").wait_for()
    assert told.locator("#panel").is_hidden()
    assert list(book.all_metadata()) == []


def test_when_the_backend_does_not_answer_the_sidebar_says_what_to_check_and_tries_again(
    open_sheet: Callable[..., Page], stage: Play
) -> None:
    page = open_sheet(menu="Visible rows…")
    page.get_by_role("button", name="OK").click()
    page.route("**/static/panel/google.js", lambda route: route.abort("connectionrefused"))
    extensions(page, "Open")
    told = sidebar(page)
    told.get_by_role("heading", name="Cellback does not answer").wait_for()
    assert told.get_by_role("link").get_attribute("href") == f"{stage.product.url}/healthz"
    assert told.locator("html").evaluate("page => page.scrollWidth") <= 300
    page.unroute("**/static/panel/google.js")
    told.get_by_role("button", name="Try again").click()
    panel(page)


def test_a_backend_that_hangs_is_no_blank_sidebar_and_a_late_answer_still_counts(
    open_sheet: Callable[..., Page],
) -> None:
    page = open_sheet(menu="Visible rows…")
    page.get_by_role("button", name="OK").click()
    hanging: list[Route] = []
    page.route("**/static/panel/google.js", lambda route: hanging.append(route))
    page.clock.install()
    extensions(page, "Open")
    told = sidebar(page)
    told.get_by_text("Opening the panel").wait_for()
    until(lambda: hanging or page.wait_for_timeout(50), what="the panel to be asked for")
    page.clock.fast_forward(13_000)
    told.get_by_role("heading", name="Cellback does not answer").wait_for()
    hanging[0].continue_()
    panel(page)
    assert told.get_by_role("heading", name="Cellback does not answer").count() == 0


def test_the_menu_counts_the_visible_rows(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet(menu="Visible rows…")
    page.get_by_role("dialog").get_by_text("6 of 7 rows are visible: 1 hidden by hand.").wait_for()


def test_the_menu_tells_the_operator_what_to_set(open_sheet: Callable[..., Page], stage: Play) -> None:
    page = open_sheet(menu="About")
    told = page.get_by_role("dialog")
    told.get_by_text(f"GOOGLE_IDENTITY_AUDIENCE={AUDIENCE}").wait_for()
    assert stage.product.url in told.inner_text()


def test_another_tab_in_front_brings_its_own_campaigns(
    open_sheet: Callable[..., Page], stage: Play, book: Workbook
) -> None:
    with stage.google.lock:
        book.add_sheet("Helpers", [HEADER, ["Hugo", "hugo@example.org", "Tickets", "08:00"]], frozen=1)
    page = open_sheet()
    plan(page)
    says(page, "The plan is ready for 6 rows")
    page.get_by_role("tab", name="Helpers").click()
    come_over(page, "Nothing is planned for this sheet yet")
    page.get_by_role("tab", name="Contestants").click()
    come_over(page, "The plan is ready for 6 rows")


def test_it_fits_into_300_pixels_in_every_step(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    plan(page)
    room = sidebar(page)
    wide = lambda: room.locator("html").evaluate("page => page.scrollWidth")  # noqa: E731
    assert wide() <= 300
    press(room, re.compile(r"^Write \d+ drafts$"))  # type: ignore[arg-type]
    says(page, "5 drafts to approve")
    assert wide() <= 300
    for name in ("Send", "Answers", "Write"):
        step(room, name)  # type: ignore[arg-type]
        assert wide() <= 300, name
