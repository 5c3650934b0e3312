"""A newcomer at the desk, in a real browser, on the real product: from an instruction to filled answer cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.browser.conftest import HIDDEN, HOSTILE, PATIENCE_MS, PEOPLE, Held, drop, make_workbook, workbook_in
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

pytestmark = pytest.mark.browser

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
ANSWERS = {
    "Ana Silva": "yes!",
    "Ben Okafor": "can't make it, sorry",
    "Chiara Rossi": "could I start after 10?",
}
AWAY = "Dmitri Petrov"


def cell(page: Page, person: str, column: str) -> Locator:
    return page.locator(".grid-row", has_text=person).locator(f'.cell[data-column="{column}"]')


def shows(locator: Locator, words: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    expect(locator).to_have_text(words, timeout=PATIENCE_MS)


def press(page: Page, label: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=label, exact=isinstance(label, str)).first.click()


def step(page: Page, label: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{label}")).click()


def says(page: Page, words: str) -> None:
    """The line that is always there."""
    page.locator(".say", has_text=words).wait_for()


def plan(page: Page) -> None:
    page.get_by_label("What should each person get?").fill(INSTRUCTION)
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()


def draft(page: Page) -> None:
    plan(page)
    press(page, re.compile(r"^Write \d+ drafts$"))
    says(page, "5 drafts to approve")


def approve(page: Page) -> None:
    draft(page)
    press(page, "Approve all 5 drafts")
    press(page, "Go on to send 5")


def send(page: Page) -> None:
    press(page, "Send 5 messages")
    press(page, "Send now")
    says(page, "5 sent")


def begin(page: Page, person: str, column: str) -> None:
    """Double click into a cell; once more where the page was just being laid out under the pointer."""
    editor = page.locator(".editor textarea")

    def is_open() -> bool:
        if not editor.is_visible():
            cell(page, person, column).dblclick()
            page.wait_for_timeout(300)
        return editor.is_visible()

    until(is_open, what="the cell's editor to open")


def edit(page: Page, person: str, column: str, words: str) -> None:
    """As in any sheet: double click, type, Enter."""
    begin(page, person, column)
    page.locator(".editor textarea").fill(words)
    page.keyboard.press("Enter")
    page.locator(".editor").wait_for(state="detached")


def answer(page: Page, person: str, words: str) -> None:
    page.locator(".mail", has_text=person).click()
    page.get_by_label(f"Answer as {person}").fill(words)
    press(page, "Answer")
    page.locator(".mail", has_text=person).get_by_text("answered").wait_for()


def test_a_newcomer_gets_from_an_instruction_to_answers_in_the_cells(desk: Page) -> None:
    plan(desk)
    assert HIDDEN not in desk.locator(".grid-body").inner_text()
    desk.get_by_text("1 hidden").first.wait_for()
    press(desk, "Row 8 · Email")
    shows(desk.locator(".cellbar .where"), "B8")

    press(desk, re.compile(r"^Write \d+ drafts$"))
    shows(cell(desk, "Ana Silva", "Message"), re.compile("Ana Silva.*09:00", re.DOTALL))
    shows(cell(desk, "Greta Lund", "Status"), "No address")
    edited = "Dear Ana, the silk goes up at 09:00. Will you be there?"
    edit(desk, "Ana Silva", "Message", edited)
    shows(desk.locator(".draft .bubble"), edited)
    shows(cell(desk, "Ana Silva", "Message"), edited)

    press(desk, "Approve all 5 drafts")
    press(desk, "Go on to send 5")
    send(desk)
    shows(cell(desk, "Ana Silva", "Status"), "Sent")

    desk.locator(".mail", has_text="Ana Silva").click()
    shows(desk.locator(".thread .them"), edited)
    for person, words in ANSWERS.items():
        answer(desk, person, words)
    desk.locator(".mail", has_text=AWAY).click()
    press(desk, "Out of office")

    shows(cell(desk, "Ana Silva", "Status"), "Confirmed")
    shows(cell(desk, "Ana Silva", "Availability"), "Yes")
    shows(cell(desk, "Ana Silva", "Flag"), "sure")
    assert float(cell(desk, "Ana Silva", "Confidence").inner_text()) > 0.5
    shows(cell(desk, "Ben Okafor", "Status"), "Declined")
    shows(cell(desk, "Ben Okafor", "Availability"), "No")
    shows(cell(desk, AWAY, "Status"), "Away")
    shows(cell(desk, "Chiara Rossi", "Status"), "Review")
    shows(cell(desk, "Chiara Rossi", "Flag"), "check")
    shows(cell(desk, "Chiara Rossi", "Availability"), "")

    step(desk, "Answers")
    review = desk.get_by_role("group", name="Reply of Chiara Rossi")
    assert ANSWERS["Chiara Rossi"] in review.inner_text()
    review.get_by_role("button", name="Correct").click()
    review.locator("label", has_text="Another time").click()
    review.get_by_label("Availability").select_option("No")
    review.get_by_role("button", name="Settle").click()
    desk.get_by_text("Nothing waits for you.").wait_for()
    shows(cell(desk, "Chiara Rossi", "Status"), "Answered")
    shows(cell(desk, "Chiara Rossi", "Availability"), "No")

    desk.reload()
    says(desk, "5 sent. No reply waits for you.")
    shows(cell(desk, "Ana Silva", "Message"), edited)
    shows(cell(desk, "Ben Okafor", "Reply"), ANSWERS["Ben Okafor"])
    step(desk, "Write")
    desk.get_by_text(INSTRUCTION).first.wait_for()
    in_the_file = workbook_of(desk)
    assert in_the_file["Ana Silva"]["Availability"] == "Yes"
    assert in_the_file["Chiara Rossi"]["Status"] == "Answered"
    assert in_the_file[HIDDEN].get("Status") is None


def workbook_of(page: Page) -> dict[str, dict[str, Any]]:
    """What lies in the .xlsx file itself, by name."""
    sheet = openpyxl.load_workbook(workbook_in(page))["Contestants"]
    header, *rows = sheet.iter_rows(values_only=True)
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in rows}


def test_without_a_language_model_nothing_is_said_of_tokens_costs_or_trials(desk: Page) -> None:
    plan(desk)
    assert not re.search(r"token|USD|\bTry \d|\bTone\b", desk.locator("#panel").inner_text())
    press(desk, re.compile(r"^Write \d+ drafts$"))
    says(desk, "5 drafts to approve")
    assert not re.search(r"token|USD|\bDraft the other\b", desk.locator("#panel").inner_text())


def test_a_second_campaign_on_the_sheet_has_columns_of_its_own_and_leads_to_them(desk: Page) -> None:
    draft(desk)
    press(desk, "New")
    draft(desk)
    titles = desk.locator(".title.ours .name")
    assert [title for title in titles.all_inner_texts() if title.startswith("Message")] == [
        "Message",
        "Message (Send each contestant their…)",
    ]
    press(desk, "Show in sheet")
    shows(desk.locator(".title.at .name"), "Message (Send each contestant their…)")


def test_nothing_is_sent_by_an_accidental_double_click_and_what_is_can_be_taken_back(desk: Page) -> None:
    approve(desk)
    mails = desk.locator(".mail").count()
    desk.get_by_role("button", name="Send 5 messages").dblclick()
    says(desk, "5 approved")
    if desk.get_by_role("button", name="Send now").count() == 0:
        press(desk, "Send 5 messages")
    press(desk, "Send now")
    press(desk, "Undo")
    says(desk, "5 approved")
    assert desk.locator(".mail").count() == mails
    shows(cell(desk, "Ana Silva", "Status"), "Approved")


def test_an_unfinished_instruction_survives_closing_the_page(desk: Page) -> None:
    desk.get_by_label("What should each person get?").fill("Ask them whether")
    desk.reload()
    until(lambda: desk.get_by_label("What should each person get?").input_value() == "Ask them whether")


def test_what_a_stranger_wrote_is_shown_as_text(desk: Page) -> None:
    shows(cell(desk, "Elif Kaya", "Act"), HOSTILE)
    assert desk.title() != "hacked"
    assert desk.locator(".grid img").count() == 0


def test_a_cell_is_edited_by_keys_alone_and_escape_leaves_it_as_it_was(desk: Page) -> None:
    cell(desk, "Ana Silva", "Name").click()
    for key in ["ArrowDown", "ArrowRight", "ArrowRight", "F2", "End"]:
        desk.keyboard.press(key)
    desk.keyboard.type(" duo")
    desk.keyboard.press("Escape")
    shows(cell(desk, "Ben Okafor", "Act"), "Stand-up")
    desk.keyboard.type("Duet")
    desk.keyboard.press("Enter")
    shows(cell(desk, "Ben Okafor", "Act"), "Duet")
    until(lambda: workbook_of(desk)["Ben Okafor"]["Act"] == "Duet")
    shows(desk.locator(".cellbar .where"), "C4")


def test_what_a_person_types_survives_a_change_of_the_same_cell_by_somebody_else(desk: Page) -> None:
    begin(desk, "Ana Silva", "Act")
    desk.locator(".editor textarea").fill("Trapeze")
    other = desk.context.new_page()
    other.goto(desk.url)
    edit(other, "Ana Silva", "Act", "Rope")
    desk.keyboard.press("Enter")
    desk.locator(".editor .problem").wait_for()
    assert desk.locator(".editor textarea").input_value() == "Trapeze"
    shows(cell(desk, "Ana Silva", "Act"), "Rope")
    desk.keyboard.press("Enter")
    shows(cell(desk, "Ana Silva", "Act"), "Trapeze")
    shows(cell(other, "Ana Silva", "Act"), "Trapeze")


def test_a_template_with_an_unknown_column_is_put_right_by_one_click(desk: Page) -> None:
    desk.get_by_text("I write the exact text").click()
    desk.get_by_label("Template").fill("Hi {{Name}}, you start at {{Strat time}}. Can you make it?")
    press(desk, "Make a plan")
    desk.locator(".problem .chip", has_text="Start time").click()
    assert desk.get_by_label("Template").input_value() == "Hi {{Name}}, you start at {{Start time}}. Can you make it?"
    press(desk, "Make a plan")
    desk.locator(".plan .words").wait_for()


def test_of_ten_thousand_rows_only_those_on_the_screen_are_in_the_page(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page()
    people: list[list[object]] = [[f"Person {at}", f"p{at}@example.org", "Choir", "09:00"] for at in range(10_000)]
    drop(page, make_workbook(tmp_path / "many.xlsx", people))
    page.get_by_text("10,000 rows").wait_for()
    page.locator(".grid").evaluate("grid => grid.scrollTo(0, 5000 * 30)")
    page.get_by_text("Person 5000", exact=True).wait_for()
    assert page.locator(".grid-row").count() < 80
    assert page.locator("[role=grid]").get_attribute("aria-rowcount") == "10001"


CONTROLS = {"button", "textbox", "searchbox", "combobox", "checkbox", "switch", "radio", "tab", "link", "img"}


def nameless(page: Page) -> list[str]:
    """Controls that a screen reader could not name, from the browser's own accessibility tree."""
    page.get_by_role("tab", name="Write").wait_for()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    nodes = [
        node for node in tree["nodes"] if not node.get("ignored") and node.get("role", {}).get("value") in CONTROLS
    ]
    return [str(node["role"]["value"]) for node in nodes if not node.get("name", {}).get("value")]


def test_every_control_has_a_name_in_every_step(desk: Page) -> None:
    assert nameless(desk) == []
    plan(desk)
    desk.get_by_text("Subject, question and answers").click()
    desk.get_by_label("What they are asked").wait_for()
    assert nameless(desk) == []
    press(desk, re.compile(r"^Write \d+ drafts$"))
    desk.locator(".draft").wait_for()
    assert nameless(desk) == []
    press(desk, "Edit")
    assert nameless(desk) == []
    press(desk, "Cancel")
    step(desk, "Send")
    assert nameless(desk) == []
    step(desk, "Answers")
    assert nameless(desk) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_panel_alone_fits_into_300_pixels(open_page: Callable[..., Page], dark: bool) -> None:
    page = open_page(width=300, height=700, path="/panel?host=google", dark=dark)
    page.get_by_role("tab", name="Write").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 300
    assert nameless(page) == []


def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page()
    page.locator(".grid-row").first.wait_for()
    wrong = tmp_path / "notes.txt"
    wrong.write_text("nothing to see")
    with page.expect_response(re.compile("/api/workbooks")) as answered:
        page.locator("#file").set_input_files(wrong)
    assert answered.value.status == 422
    page.locator("#notice .problem", has_text="notes.txt").wait_for()
    assert page.locator(".grid-row").count() > 0


FIRST_LOAD = re.compile(r"/api/(session|campaigns|grid)\b(?!.*workbook=)")


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
