"""The Excel task pane at 320 pixels: the real page and product, with Office.js stood in for (excel_page.py)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from server.web.excel_pane import MSAL_FILE, msal_folder
from tests.browser.conftest import HEADER, PATIENCE_MS, complains
from tests.browser.excel_page import CLIENT, OFFICE_JS, OTHER_TAB, PANE_WIDTH, STAND_IN, TAB, TENANT, URL, Excel
from tests.browser.test_desk import INSTRUCTION, press, says, step
from tests.emulators.stage.product import Product
from tests.needs import need
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

MSAL = Path(__file__).parent.parent / "excel_addin/node_modules/@azure/msal-browser/lib" / MSAL_FILE
OFFICE = "http://localhost:8123"
"""Stands for the site of Excel on the web: browsers keep public sites from a page on this machine."""

SETTINGS = {
    "EXCEL_FRAME_ANCESTORS": OFFICE,
    "MSGRAPH_CLIENT_ID": CLIENT,
    "MSGRAPH_TENANT_ID": TENANT,
    "CELLBACK_UNDO_SECONDS": "2",
    "PORT": "0",
}

BRIDGE = (STAND_IN.parent / "bridge.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("excel")


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Product]:
    with Product(folder, SETTINGS) as running:
        yield running


@pytest.fixture
def excel(product: Product, contestants: Path, open_desk: Callable[[Path], str]) -> Excel:
    """Excel with the contestants' workbook open."""
    workbook = open_desk(contestants)
    return Excel(product, Path(workbook), workbook=workbook)


@pytest.fixture
def open_desk(product: Product) -> Callable[[Path], str]:
    """Makes a file known to the product; answers the workbook's address there."""
    import requests

    def opened(path: Path) -> str:
        token = product.address.partition("token=")[2]
        with path.open("rb") as file:
            answer = requests.post(
                f"{product.url}/api/workbooks",
                files={"file": file},
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
            )
        answer.raise_for_status()
        return str(answer.json()["workbook"])

    return opened


@pytest.fixture
def open_pane(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_pane(excel)`: the task pane in an Excel, in a browser profile of its own."""
    complaints: list[str] = []
    contexts = []

    def make(excel: Excel, before: str = "") -> Page:
        context = browser.new_context(
            viewport={"width": PANE_WIDTH, "height": 640}, reduced_motion="reduce", locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if strange(line) else None)
        if before:
            page.add_init_script(before)
        excel.open(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def strange(line: ConsoleMessage) -> bool:
    """A script that a test keeps away, or alters, is logged by the browser itself."""
    return complains(line) and not re.search("ERR_FAILED|Failed to find a valid digest", line.text)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PANE_WIDTH)


def plan(page: Page) -> None:
    page.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()


def rows(*numbers: int) -> list[dict[str, int]]:
    return [{"top": number - 1, "left": 0, "bottom": number - 1, "right": 16383} for number in numbers]


def mails(excel: Excel, person: str) -> list[dict[str, Any]]:
    """The newest first."""
    return [mail for mail in excel.call("/api/mailbox?limit=500")["mails"] if mail["person"] == person]


def test_from_the_ribbon_to_answers_within_320_pixels(open_pane: Callable[..., Page], excel: Excel) -> None:
    page = open_pane(excel)
    plan(page)
    assert excel.arrivals == [{"access_token": "token-of-office", "document_url": URL, "worksheet_id": TAB}]
    assert fits(page)
    press(page, re.compile(r"^Write \d+ drafts$"))
    says(page, "5 drafts to approve")
    assert fits(page)
    press(page, "Approve all 5 drafts")
    press(page, "Go on to send 5")
    press(page, "Send 5 messages")
    press(page, "Send now")
    says(page, "5 sent")
    mail = mails(excel, "Chiara Rossi")[0]
    excel.call(f"/api/mailbox/{mail['id']}/answer", {"text": "could I start after 10?"})
    step(page, "Answers")
    review = page.get_by_role("group", name="Reply of Chiara Rossi")
    review.wait_for(timeout=40_000)
    assert fits(page)
    review.get_by_role("button", name="Show in sheet").click()
    until(lambda: excel.effects or page.wait_for_timeout(50), what="the cell to be selected")
    selected = next(effect["select"] for effect in excel.effects if "select" in effect)
    sheet = openpyxl.load_workbook(excel.path).worksheets[0]
    assert sheet.cell(selected["top"] + 1, 1).value == "Chiara Rossi"
    assert sheet.cell(1, selected["left"] + 1).value == "Reply"


def test_selected_rows_are_the_ones_that_get_a_message(open_pane: Callable[..., Page], excel: Excel) -> None:
    excel.world["selection"] = rows(2, 4, 7)  # 7 is hidden
    page = open_pane(excel)
    page.get_by_label("To", exact=True).select_option(label="Selected rows")
    page.get_by_text("2 rows, as chosen just now.").wait_for()
    plan(page)
    press(page, re.compile(r"^Write 2 drafts$"))
    says(page, "2 drafts to approve")


def test_a_filter_is_obeyed_by_the_keys_of_visible_rows(open_pane: Callable[..., Page], excel: Excel) -> None:
    page = open_pane(excel)
    plan(page)
    says(page, "The plan is ready for 6 rows")


def test_nobody_is_asked_to_sign_in_before_they_press_and_a_key_is_enough(
    open_pane: Callable[..., Page], excel: Excel
) -> None:
    excel.signed_in = False
    page = open_pane(excel)
    page.get_by_role("heading", name="Sign in to go on").wait_for()
    assert excel.asked == [{"allowSignInPrompt": False, "allowConsentPrompt": False}]
    assert excel.arrivals == []
    assert fits(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("What should each person get?").wait_for()
    assert len(excel.arrivals) == 1


def test_a_permission_that_has_ended_is_given_anew(open_pane: Callable[..., Page], excel: Excel) -> None:
    excel.refusals = [
        {"type": "urn:cellback:sign-in", "title": "Sign in", "status": 403, "detail": "Your permission has ended."}
    ]
    page = open_pane(excel)
    page.get_by_text("Your permission has ended.").wait_for()
    press(page, "Sign in")
    page.get_by_label("What should each person get?").wait_for()
    assert excel.asked[-1]["allowSignInPrompt"] is True


def test_a_token_that_does_not_count_is_told_in_the_backends_words(
    open_pane: Callable[..., Page], excel: Excel
) -> None:
    excel.refusals = [{"type": "about:blank", "title": "x", "status": 401, "detail": "Microsoft could not tell us."}]
    page = open_pane(excel)
    page.get_by_role("heading", name="Microsoft did not say for sure who you are").wait_for()
    page.get_by_text("Microsoft could not tell us.").wait_for()
    press(page, "Try again")
    page.get_by_label("What should each person get?").wait_for()


def test_an_administrators_consent_is_asked_for_with_a_link(open_pane: Callable[..., Page], excel: Excel) -> None:
    address = f"https://login.microsoftonline.com/{TENANT}/adminconsent"
    refusal = {
        "type": "urn:cellback:consent",
        "title": "x",
        "status": 403,
        "detail": "Nobody has agreed.",
        "connect": address,
    }
    excel.refusals = [refusal, refusal | {"connect": "javascript:alert(1)"}]
    page = open_pane(excel)
    assert page.get_by_role("link").get_attribute("href") == address
    assert fits(page)
    press(page, "Try again")
    until(lambda: page.get_by_role("link").count() == 0 or page.wait_for_timeout(50), 10)
    press(page, "Try again")
    page.get_by_label("What should each person get?").wait_for()


@pytest.mark.parametrize(
    ("world", "heading"),
    [
        ({"url": "C:\\Users\\ana\\contestants.xlsx"}, "This workbook is not in OneDrive or SharePoint"),
        ({"url": ""}, "This workbook is not in OneDrive or SharePoint"),
        ({"sets": {"ExcelApi": "1.2"}}, "This Excel is too old for Cellback"),
        ({"host": "Word"}, "This page belongs into Excel"),
        ({"host": None}, "This page belongs into Excel"),
        ({"sets": {"ExcelApi": "1.17"}}, "This did not work"),
    ],
    ids=["a local file", "never saved", "an old Excel", "Word", "a browser", "no way to sign in"],
)
def test_what_can_not_work_says_so_and_what_to_do(
    open_pane: Callable[..., Page], excel: Excel, world: dict[str, Any], heading: str
) -> None:
    excel.world |= world
    page = open_pane(excel)
    page.get_by_role("heading", name=heading).wait_for()
    assert excel.arrivals == []
    assert fits(page)


def test_without_office_js_it_says_what_to_check(open_pane: Callable[..., Page], excel: Excel) -> None:
    attach = excel.attach

    def blocked(page: Page) -> None:
        attach(page)
        page.route(OFFICE_JS, lambda route: route.abort())

    excel.attach = blocked  # type: ignore[method-assign]
    page = open_pane(excel)
    page.get_by_role("heading", name="Excel’s own script did not load").wait_for()


def test_changes_by_hand_are_one_hint_to_look(open_pane: Callable[..., Page], excel: Excel) -> None:
    hints: list[Any] = []
    page = open_pane(excel)
    page.get_by_label("What should each person get?").wait_for()
    page.on("request", lambda request: hints.append(request) if request.url.endswith("/api/sheet/changed") else None)
    until(lambda: page.evaluate("!!handlers.onChanged") or page.wait_for_timeout(50), what="the pane to listen")
    page.clock.install()
    page.evaluate("['Local', 'Remote', 'Local', 'Local'].forEach((source) => handlers.onChanged[0]({ source }))")
    page.clock.fast_forward(5_000)
    until(lambda: hints or page.wait_for_timeout(50), what="a hint")
    page.clock.fast_forward(20_000)
    assert len(hints) == 1


def test_another_tab_in_front_brings_its_own_campaigns(open_pane: Callable[..., Page], excel: Excel) -> None:
    book = openpyxl.load_workbook(excel.path)
    helpers = book.create_sheet("Helpers")
    for row in [HEADER, ["Hugo", "hugo@example.org", "Tickets", "08:00"]]:
        helpers.append(row)
    book.save(excel.path)
    page = open_pane(excel)
    plan(page)
    says(page, "The plan is ready for 6 rows")
    excel.active = OTHER_TAB
    page.evaluate("handlers.onActivated[0]({})")
    says(page, "Nothing is planned for this sheet yet")
    assert [arrival["worksheet_id"] for arrival in excel.arrivals] == [TAB, OTHER_TAB]
    excel.active = TAB
    page.evaluate("handlers.onActivated[0]({})")
    says(page, "The plan is ready for 6 rows")


@pytest.fixture
def installed(folder: Path) -> Iterator[None]:
    """Microsoft's own library, as `addin --msal` installs it."""
    need(MSAL.exists(), "MSAL.js is not there: npm ci --prefix tests/excel_addin")
    place = msal_folder(folder / "data")
    place.mkdir(exist_ok=True)
    shutil.copyfile(MSAL, place / MSAL_FILE)
    yield
    (place / MSAL_FILE).unlink()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("silent", [True, False], ids=["signed in", "asked by Excel"])
def test_microsofts_own_library_signs_in_through_excel_under_the_pages_policy(
    open_pane: Callable[..., Page], excel: Excel, silent: bool
) -> None:
    excel.world["sets"] = {"ExcelApi": "1.17", "NestedAppAuth": "1.1"}
    page = open_pane(excel, BRIDGE if silent else f"{BRIDGE}window.nestedAppAuthBridge.silent = false;")
    if not silent:
        press(page, "Sign in")
    page.get_by_label("What should each person get?").wait_for()
    assert excel.arrivals[0]["access_token"] == "token-of-msal"
    asked = page.evaluate("nestedAppAuthBridge.asked")
    host = excel.product.url.partition("//")[2]
    ask = "GetToken" if silent else "GetTokenPopup"
    assert any(one.startswith(ask) and f"api://{host}/{CLIENT}/access_as_user" in one for one in asked)


@pytest.mark.usefixtures("installed")
def test_a_library_that_is_another_build_does_not_run(
    open_pane: Callable[..., Page], excel: Excel, folder: Path
) -> None:
    script = msal_folder(folder / "data") / MSAL_FILE
    script.write_text(script.read_text(encoding="utf-8") + "\n// changed", encoding="utf-8")
    excel.world["sets"] = {"ExcelApi": "1.17", "NestedAppAuth": "1.1", "IdentityAPI": "1.3"}
    page = open_pane(excel, BRIDGE)
    page.get_by_label("What should each person get?").wait_for()
    assert excel.arrivals[0]["access_token"] == "token-of-office"


@pytest.mark.parametrize(("outside", "shown"), [(OFFICE, True), ("http://localhost:8124", False)])
def test_only_excel_on_the_web_may_frame_it(browser: Browser, excel: Excel, outside: str, shown: bool) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 600}, permissions=["local-network-access"])
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "frame-ancestors" in line.text else None)
    excel.attach(page)
    frame = f'<iframe src="{excel.product.url}/excel/taskpane" width="{PANE_WIDTH}" height="500"></iframe>'
    page.route(f"{outside}/", lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.goto(f"{outside}/")
    if shown:
        page.frame_locator("iframe").get_by_label("What should each person get?").wait_for()
    else:
        until(lambda: refused or page.wait_for_timeout(50), what="the browser to refuse")
    assert bool(refused) is not shown
    context.close()
