"""A campaign with a language model at the desk, in a real browser: what is asked before, tried first, decided after."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import HIDDEN, PEOPLE, drop, make_workbook, served, telling
from tests.browser.test_desk import answer, cell, nameless, press, says, shows, step
from tests.emulators.openai import ModelServer, Question, Said
from tests.emulators.openai.brain import reading, sensible
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

INSTRUCTION = "Tell each contestant their start time and ask them to confirm availability"
SIZE = "T-shirt size"
MAYBE = "I think that should work, though I have to look at the trains first."
LONG = "\n".join(["Hello!", *["It was a long week."] * 40, "Yes, I will be there.", *["More another time."] * 40])
QUESTION = "Dear Ben, thank you. Can you say for sure whether you will be there?"


def said(asked: Question) -> Said:
    """What the model says: like the emulator's own, but it notices what no column holds, and doubts a maybe."""
    if asked.name == "plan" and SIZE in asked.text:
        plan = sensible(asked).content
        assert isinstance(plan, dict)
        return Said({**plan, "missing": [SIZE]})
    if asked.name == "read" and "I think that should work" in asked.text:
        answers = {one["field"]: "Yes" for one in asked.block("campaign")["answers"]}
        read = reading("confirmed", answers, "that should work", condition="the trains", certainty=0.6)
        return Said(read, certain=0.6)
    if asked.name == "read" and "It was a long week" in asked.text:
        answers = {one["field"]: "Yes" for one in asked.block("campaign")["answers"]}
        return Said(reading("confirmed", answers, "Yes, I will be there.", certainty=0.6), certain=0.6)
    return sensible(asked)


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        server.answer = said
        yield server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[str]:
    settings = {**model.environment(), "OPENAI_PRICES": json.dumps({model.model: [0.4, 0.1, 1.6]})}
    with served(tmp_path_factory.mktemp("model"), settings) as printed:
        yield printed


def plan(page: Page, instruction: str = INSTRUCTION) -> Locator:
    page.get_by_label("What should each person get?").fill(instruction)
    press(page, "Make a plan")
    page.locator(".plan .words").wait_for()
    return page.locator(".plan")


def send(page: Page) -> None:
    press(page, "Approve all 5 drafts")
    press(page, "Go on to send 5")
    press(page, "Send 5 messages")
    press(page, "Send now")
    says(page, "5 sent")


def test_what_no_column_holds_is_asked_about_before_anything_is_drafted(desk: Page, model: ModelServer) -> None:
    shown = plan(desk, f"{INSTRUCTION}, and mention their {SIZE}")
    asked = shown.get_by_role("region", name=f"The instruction asks for “{SIZE}”, and no column holds it.")
    asked.wait_for()
    assert asked.bounding_box()["y"] < shown.locator(".words").bounding_box()["y"]  # type: ignore[index]
    first = desk.get_by_role("button", name="Try 3 rows")
    assert first.is_disabled()
    why = desk.locator(f"#{first.get_attribute('aria-describedby')}")
    assert SIZE in why.inner_text()
    assert nameless(desk) == []
    asked.get_by_role("button", name="Leave it out").click()
    with telling(desk):
        asked.wait_for(state="detached")
    until(first.is_enabled)
    assert f"leaves out “{SIZE}”" in shown.locator(".words").inner_text()


def test_a_column_that_holds_it_under_another_name_may_be_chosen(desk: Page) -> None:
    shown = plan(desk, f"{INSTRUCTION}, and mention their {SIZE}")
    shown.get_by_label(f"The column that holds “{SIZE}”").select_option("Act")
    shown.get_by_text(f"takes “{SIZE}” from “Act”").wait_for()
    shown.get_by_role("button", name="Remove Act").wait_for()
    until(desk.get_by_role("button", name="Try 3 rows").is_enabled)


def test_three_rows_are_tried_and_the_rest_is_drafted_knowing_what_it_takes(desk: Page, model: ModelServer) -> None:
    refused = len(model.refused)
    plan(desk)
    press(desk, "Try 3 rows")
    desk.get_by_text(re.compile(r"3 texts used [\d,]+ tokens \([\d.]+ USD\)")).wait_for()
    shows(cell(desk, "Ana Silva", "Message"), re.compile("Hello Ana Silva.*09:00", re.DOTALL))
    assert cell(desk, "Elif Kaya", "Message").inner_text() == ""
    press(desk, "Change the plan")
    desk.get_by_label("Tone").fill("cheerful")
    desk.get_by_label("Tone").press("Enter")
    desk.locator(".plan .words", has_text="cheerful in tone").wait_for()
    press(desk, "Try the 3 rows again")
    until(lambda: any(call.question and "cheerful" in call.question.text for call in model.calls))
    press(desk, re.compile(r"^Draft the other \d+$"))
    says(desk, "5 drafts to approve")
    shows(cell(desk, "Elif Kaya", "Status"), re.compile("Draft|Check draft"))
    assert len(model.refused) == refused


def test_two_columns_that_are_removed_quickly_are_both_gone(desk: Page) -> None:
    shown = plan(desk)
    taken = shown.locator(".chip.on")
    assert taken.count() > 1
    desk.evaluate("document.querySelectorAll('.plan .chip.on').forEach((one) => one.click())")
    until(lambda: taken.count() == 0)


def test_one_that_is_approved_counts_as_drafted_and_the_estimate_is_said_once(desk: Page) -> None:
    plan(desk)
    press(desk, "Try 3 rows")
    desk.get_by_text("3 of 6 rows drafted").wait_for()
    press(desk, "Approve")
    says(desk, "1 approved")
    assert desk.get_by_text("3 of 6 rows drafted").is_visible()
    assert desk.get_by_text("The other 3 rows would use").count() == 1


def test_one_text_for_all_rows_is_written_once_shown_and_edited_in_place(desk: Page, model: ModelServer) -> None:
    shown = plan(desk)
    calls = len(model.calls)
    shown.locator("label", has_text="One text for all rows").click()
    area = shown.get_by_label("The text for all rows")
    area.wait_for()
    assert "{{Start time}}" in area.input_value()
    area.fill("Hi {{Name}}, you start at {{Start time}}. Will you come?")
    press(desk, re.compile(r"^Write \d drafts$"))
    says(desk, "5 drafts to approve")
    shows(cell(desk, "Ben Okafor", "Message"), "Hi Ben Okafor, you start at 09:10. Will you come?")
    assert len(model.calls) == calls + 1


def test_a_limit_stops_the_drafting_and_says_how_to_go_on(desk: Page) -> None:
    plan(desk)
    limit = desk.get_by_label(re.compile("^Stop when it has cost"))
    limit.fill("0.000001")
    limit.press("Enter")
    press(desk, "Draft all 6 rows")
    desk.locator(".deed .note", has_text="budget").wait_for()
    assert desk.locator(".note", has_text="budget").count() == 1
    limit.fill("1")
    limit.press("Enter")
    press(desk, re.compile(r"^Draft the other \d+$"))
    says(desk, "5 drafts to approve")


def test_replies_are_decided_by_one_key_asked_back_about_and_checked_at_random(desk: Page) -> None:
    plan(desk)
    press(desk, "Draft all 6 rows")
    says(desk, "5 drafts to approve")
    send(desk)
    answer(desk, "Ana Silva", MAYBE)
    answer(desk, "Ben Okafor", MAYBE)
    answer(desk, "Chiara Rossi", LONG)
    answer(desk, "Dmitri Petrov", "yes")
    shows(cell(desk, "Dmitri Petrov", "Status"), "Confirmed")
    shows(cell(desk, "Chiara Rossi", "Status"), "Review")
    step(desk, "Answers")

    ana = desk.get_by_role("group", name="Reply of Ana Silva")
    shows(ana.locator("mark"), "that should work")
    assert "Availability: Yes" in ana.locator(".proposal").inner_text()
    assert "emulated-1" in ana.inner_text()
    ana.focus()
    desk.keyboard.press("a")
    shows(cell(desk, "Ana Silva", "Status"), "Confirmed")
    shows(cell(desk, "Ana Silva", "Availability"), "Yes")

    ben = desk.get_by_role("group", name="Reply of Ben Okafor")
    ben.wait_for()
    desk.keyboard.press("b")
    question = ben.get_by_label("Your question to Ben Okafor")
    question.wait_for()
    assert question.input_value() != ""
    for key in ["Enter", "a", "Control+Enter"]:
        desk.keyboard.press(key)
    question.fill(QUESTION)
    assert nameless(desk) == []
    sent: list[str] = []
    desk.on("request", lambda request: sent.append(request.url) if request.url.endswith("/ask") else None)
    ben.get_by_role("button", name="Send this to Ben Okafor").dblclick()
    desk.wait_for_timeout(200)
    assert sent == []
    send_now = ben.get_by_role("button", name="Send now")
    if send_now.count() == 0:
        ben.get_by_role("button", name="Send this to Ben Okafor").click()
    send_now.click()
    desk.get_by_text("Your question to Ben Okafor is on its way.").wait_for()
    mails = desk.locator(".mail", has_text="Ben Okafor")
    until(lambda: mails.count() == 2)

    chiara = desk.get_by_role("group", name="Reply of Chiara Rossi")
    shows(chiara.locator("mark"), "Yes, I will be there.")
    assert len(chiara.locator("blockquote").inner_text()) < 500
    chiara.get_by_role("button", name=re.compile("^Show all")).click()
    assert len(chiara.locator("blockquote").inner_text()) > 1500
    chiara.focus()
    desk.keyboard.press("2")
    assert chiara.get_by_label("Availability").input_value() == "No"
    chiara.get_by_role("button", name="Settle").click()
    shows(cell(desk, "Chiara Rossi", "Status"), "Declined")
    shows(cell(desk, "Chiara Rossi", "Availability"), "No")

    press(desk, re.compile(r"^Check up to \d of the sure ones$"))
    desk.get_by_role("group", name="Reply of Dmitri Petrov").wait_for()
    desk.keyboard.press("a")
    desk.get_by_text("1 checked, 1 right.").wait_for()
    shows(cell(desk, "Dmitri Petrov", "Status"), "Confirmed")

    mails.first.click()
    desk.get_by_text(QUESTION).first.wait_for()
    desk.get_by_label("Answer as Ben Okafor").fill("yes")
    press(desk, "Answer")
    shows(cell(desk, "Ben Okafor", "Status"), "Confirmed")

    press(desk, "Write 1 reminder to look at")
    says(desk, "1 draft to approve")
    shows(cell(desk, "Elif Kaya", "Status"), re.compile("Draft|Check draft"))


def test_a_model_that_is_not_there_leaves_its_sentence_and_a_way_on(desk: Page, model: ModelServer) -> None:
    plan(desk)
    model.fault("key", times=None)
    try:
        press(desk, "Draft all 6 rows")
        desk.locator(".note", has_text=re.compile("key|model", re.IGNORECASE)).first.wait_for()
    finally:
        model._kinds.clear()
    press(desk, re.compile(r"^Draft the other \d+$"))
    says(desk, "5 drafts to approve")


@pytest.mark.parametrize("width", [300, 320])
def test_the_open_question_and_the_plan_fit_into_a_sidebar(
    open_page: Callable[..., Page], tmp_path: Path, width: int
) -> None:
    workbook = make_workbook(tmp_path / "narrow.xlsx", PEOPLE, HIDDEN)
    page = open_page()
    drop(page, workbook)
    plan(page, f"{INSTRUCTION}, and mention their {SIZE}")
    query = page.url.partition("?")[2]
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{page.url.partition('?')[0]}panel?host=google&{query}")
    page.get_by_role("region", name=re.compile(SIZE)).wait_for()
    page.get_by_text("Answers and reminders").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert nameless(page) == []
