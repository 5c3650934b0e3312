"""The emulated Google Sheets as gspread meets it: what its callers know by heart."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest
from gspread.exceptions import APIError, SpreadsheetNotFound

from tests.emulators.sheets import Emulator, Fault, Workbook
from tests.emulators.sheets.access import DRIVE_FILE
from tests.emulators.sheets.clients import with_gspread

ROWS = [["Bib", "Name", "Phone"], [12, "Ben", "+447700900001"], [7, "Zoe", "+447700900002"]]


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Contest", {"Contestants": ROWS}, share={google.service_account().email: "writer"})


@pytest.fixture
def worksheet(google: Emulator, book: Workbook) -> gspread.Worksheet:
    return with_gspread(google, google.service_account()).open_by_key(book.id).get_worksheet_by_id(0)


def test_it_opens_and_reads(google: Emulator, worksheet: gspread.Worksheet) -> None:
    assert (worksheet.title, worksheet.row_count, worksheet.spreadsheet.title) == ("Contestants", 1000, "Contest")
    assert worksheet.get_all_values() == [[str(value) for value in row] for row in ROWS]
    assert worksheet.get_all_records()[1] == {"Bib": 7, "Name": "Zoe", "Phone": 447700900002}
    assert worksheet.find("Zoe").address == "B3"
    assert google.auth.issued == 1


def test_it_updates_in_a_batch_and_repeats_gspreads_own_slip(worksheet: gspread.Worksheet, book: Workbook) -> None:
    """gspread changes the list that it is given: the same list a second time names the tab twice."""
    data = [{"range": "A2:B2", "values": [["12", "Bo"]]}]
    worksheet.batch_update(data)
    assert book.texts()[1][:2] == ["12", "Bo"]
    with pytest.raises(APIError, match="Unable to parse range: 'Contestants'!'Contestants'!A2:B2"):
        worksheet.batch_update(data)


def test_it_loses_a_cached_title_to_a_rename(worksheet: gspread.Worksheet, book: Workbook) -> None:
    book.sheet(0).title = "Starters"
    with pytest.raises(APIError, match="Unable to parse range") as failed:
        worksheet.get("A1:B2")
    assert failed.value.code == 400


def test_it_sorts_inserts_deletes_notes_and_formats(worksheet: gspread.Worksheet, book: Workbook) -> None:
    worksheet.sort((1, "asc"), range="A2:C3")
    worksheet.insert_row([9, "Eve"], 2)
    worksheet.delete_rows(4)
    worksheet.update_note("B2", "late entry")
    worksheet.format("A2:A3", {"numberFormat": {"type": "NUMBER", "pattern": "000"}})
    worksheet.freeze(rows=1)
    worksheet.hide_columns(2, 3)
    worksheet.add_protected_range("A1:A3", warning_only=True)
    assert [row[:2] for row in book.texts()] == [["Bib", "Name"], ["009", "Eve"], ["007", "Zoe"]]
    assert worksheet.get_note("B2") == "late entry"
    assert (book.sheet(0).frozen_rows, book.sheet(0).columns[2].hidden_by_user) == (1, True)


def test_it_adds_copies_and_removes_worksheets(worksheet: gspread.Worksheet) -> None:
    spreadsheet = worksheet.spreadsheet
    added = spreadsheet.add_worksheet("Notes", rows=5, cols=3)
    assert (added.row_count, added.col_count) == (5, 3)
    twin = worksheet.duplicate(new_sheet_name="Twin")
    assert twin.get_all_values()[1][1] == "Ben"
    spreadsheet.del_worksheet(added)
    assert [each.title for each in spreadsheet.worksheets()] == ["Contestants", "Twin"]


def test_it_turns_refusals_into_the_errors_that_gspread_has_for_them(google: Emulator, book: Workbook) -> None:
    client = with_gspread(google, google.service_account())
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("1nobody")
    book.unshare(google.service_account().email)
    with pytest.raises(PermissionError):
        client.open_by_key(book.id)
    narrow = with_gspread(google, google.service_account(), DRIVE_FILE)
    with pytest.raises(SpreadsheetNotFound):
        narrow.open_by_key(book.id)


def test_it_shows_gspread_a_full_quota_and_a_page_of_html(google: Emulator, worksheet: gspread.Worksheet) -> None:
    google.faults.add("429", Fault(502, html=True))
    with pytest.raises(APIError, match=r"\[429\]: Quota exceeded") as full:
        worksheet.get("A1")
    assert full.value.error["status"] == "RESOURCE_EXHAUSTED"
    with pytest.raises(APIError, match=r"\[-1\]: <!DOCTYPE html>"):
        worksheet.get("A1")


def test_it_signs_in_again_when_a_token_is_over(google: Emulator, worksheet: gspread.Worksheet) -> None:
    google.auth.expire_all()
    assert worksheet.acell("B2").value == "Ben"
    assert google.auth.issued == 2
    assert [call.status for call in google.requests][-2:] == [401, 200]


def test_it_starts_by_hand_and_says_where(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.emulators.sheets", "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = dict(process.stdout.readline().rstrip().split(": ", 1) for _ in range(4))
            client = gspread.service_account(Path(said["Key file"]))
            client.http_client.request, real = None, client.http_client.request  # type: ignore[method-assign,assignment]
            client.http_client.request = lambda method, url, **rest: real(  # type: ignore[method-assign]
                method, url.replace("https://sheets.googleapis.com", said["Base URL"]), **rest
            )
            found = client.open_by_url(said["Spreadsheet"]).worksheet("Contestants").get("A1:C2")
        finally:
            process.terminate()
    assert found == [["Bib", "Name", "Email"], ["007", "Amara Okonjo-Lindqvist", "amara.lindqvist@example.org"]]
