"""What our columns look like in Google Sheets: one look, one batch, and nothing of anybody else's is touched."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.look import PAINT, STATUS_TONES, Look, of_answer, of_role
from server.domain.table import NewColumn
from server.domain.words import Role, Status
from server.errors import CellbackError
from server.sheets.google.dressing import SIGNED
from server.sheets.google.sheet import GoogleSheet
from tests.emulators.sheets import Emulator, Fault, Workbook, batch
from tests.emulators.sheets.access import Caller
from tests.sheets.google.books import opened, spreadsheet

STATUS, FITS, NOTE = (
    of_role(Role.STATUS, "Status", "c.1"),
    of_answer("Fits", ("Yes", "No"), "c.2"),
    of_role(Role.NOTE, "Note"),
)
LOOKS = (STATUS, FITS, NOTE)


def laid_out(google: Emulator) -> tuple[Workbook, GoogleSheet]:
    book = spreadsheet(google, [["Name", "Email"], ["Ann", "ann@example.org"]])
    sheet = opened(google, book)
    sheet.apply(sheet.read(), [], [NewColumn("Status", tag="c.1"), NewColumn("Fits", tag="c.2"), NewColumn("Note")])
    return book, sheet


def hand(book: Workbook, requests: list[dict[str, Any]]) -> None:
    """What a person does to the sheet."""
    batch.update(book, {"requests": requests}, Caller("owner@example.org"))


def words(book: Workbook) -> list[str]:
    """The words that have a rule, in the order in which the rules count."""
    rules = book.sheets[0].conditional_formats
    return [rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for rule in rules]


def test_it_takes_one_look_and_one_write_and_a_repetition_one_look(google: Emulator) -> None:
    _, sheet = laid_out(google)
    google.requests.clear()
    sheet.dress(LOOKS)
    assert (google.requests.reads, google.requests.writes) == (1, 1)
    sheet.dress(LOOKS)
    assert (google.requests.reads, google.requests.writes) == (2, 1)


def test_every_status_has_the_colours_of_its_tone_down_to_rows_that_are_still_to_come(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.dress(LOOKS)
    assert set(words(book)) == set(Status)
    for rule in book.sheets[0].conditional_formats:
        [grid] = rule["ranges"]
        assert grid == {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 3}
        condition, look = rule["booleanRule"]["condition"], rule["booleanRule"]["format"]
        paint = PAINT[STATUS_TONES[condition["values"][0]["userEnteredValue"]]]
        assert condition["type"] == "TEXT_EQ"
        assert hexed(look["backgroundColorStyle"]) == paint.fill
        assert hexed(look["textFormat"]["foregroundColorStyle"]) == paint.ink


def hexed(style: dict[str, Any]) -> str:
    return "#" + "".join(f"{round(style['rgbColor'][name] * 255):02x}" for name in ("red", "green", "blue"))


def test_words_are_offered_and_no_other_word_is_refused(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.dress(LOOKS)
    for column, look in ((2, STATUS), (3, FITS)):
        for row in (1, 50):
            rule = book.sheets[0].cell(row, column).validation
            assert rule is not None
            assert [one["userEnteredValue"] for one in rule["condition"]["values"]] == list(look.choices)
            assert (rule["strict"], rule["showCustomUi"]) == (False, True)
    assert book.sheets[0].cell(1, 4).validation is None


def test_titles_say_what_stands_below_and_texts_do_not_make_rows_grow(google: Emulator) -> None:
    book, sheet = laid_out(google)
    message = of_role(Role.MESSAGE, "Fits", "c.2")
    sheet.dress([STATUS, message, NOTE])
    tab = book.sheets[0]
    assert [tab.cell(0, column).note for column in (2, 4)] == [f"{look.note}{SIGNED}" for look in (STATUS, NOTE)]
    assert [tab.cell(0, column).note for column in (0, 1)] == ["", ""]
    assert [(tab.cell(9, column).format or {}).get("wrapStrategy") for column in (3, 4)] == ["CLIP", "WRAP"]
    assert [tab.column(column).pixels for column in (2, 3, 4)] == [STATUS.width, message.width, NOTE.width]


def test_rules_notes_dropdowns_and_widths_of_theirs_stay_and_come_first(google: Emulator) -> None:
    book, sheet = laid_out(google)
    tab = book.sheets[0]
    theirs = {
        "ranges": [{"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 3}],
        "booleanRule": {"condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Sent"}]}, "format": {}},
    }
    tab.conditional_formats.append(theirs)
    hand(book, [
        {"updateCells": {"start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 2}, "fields": "note",
                         "rows": [{"values": [{"note": "Ask Bea"}]}]}},
        {"setDataValidation": {"range": {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 3, "endColumnIndex": 4},
                               "rule": {"condition": {"type": "NOT_BLANK"}, "strict": True}}},
        {"updateDimensionProperties": {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 5},
                                       "properties": {"pixelSize": 77}, "fields": "pixelSize"}},
    ])  # fmt: skip
    sheet.dress(LOOKS)
    assert tab.conditional_formats[0] == theirs
    assert sorted(words(book)) == sorted(Status)  # "Sent" has a rule already: theirs
    assert tab.cell(0, 2).note == "Ask Bea"
    assert tab.cell(1, 3).validation == {"condition": {"type": "NOT_BLANK"}, "strict": True}
    assert tab.column(4).pixels == 77


def test_columns_that_were_moved_and_renamed_are_found_by_their_marks(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.read()
    move = {"source": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}, "destinationIndex": 0}
    hand(book, [{"moveDimension": move}])
    book.put(book.sheets[0], 0, 0, "Stand")
    sheet.dress([STATUS])
    assert {rule["ranges"][0]["startColumnIndex"] for rule in book.sheets[0].conditional_formats} == {0}
    assert book.sheets[0].cell(1, 2).validation is None


def test_other_answers_of_the_plan_take_the_place_of_the_old_ones(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.dress(LOOKS)
    sheet.dress([of_answer("Fits", ("Yes", "No", "Later"), "c.2")])
    rule = book.sheets[0].cell(1, 3).validation
    assert rule is not None
    assert [one["userEnteredValue"] for one in rule["condition"]["values"]] == ["Yes", "No", "Later"]
    assert "Later" in book.sheets[0].cell(0, 3).note
    assert len(words(book)) == len(Status)


def test_a_value_that_google_would_calculate_is_not_offered(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.dress([of_answer("Fits", ("=1+1", "No"), "c.2")])
    assert book.sheets[0].cell(1, 3).validation is None


def test_a_lost_answer_is_no_second_set_of_rules(google: Emulator) -> None:
    book, sheet = laid_out(google)
    google.faults.add(Fault(reset=True, after=True), on="write")
    sheet.dress(LOOKS)
    assert sorted(words(book)) == sorted(Status)


def test_a_protected_column_is_told(google: Emulator) -> None:
    book, sheet = laid_out(google)
    book.sheets[0].protected_ranges.append({
        "protectedRangeId": 5, "editors": {"users": ["owner@example.org"]},
        "range": {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}})  # fmt: skip
    with pytest.raises(CellbackError, match="protected"):
        sheet.dress(LOOKS)
    assert not words(book)


def test_a_look_without_any_words_is_a_note_and_a_width(google: Emulator) -> None:
    book, sheet = laid_out(google)
    sheet.dress([Look("Note", note="In words.", width=150)])
    assert book.sheets[0].cell(0, 4).note == f"In words.{SIGNED}"
    assert book.sheets[0].column(4).pixels == 150
    assert not words(book)
