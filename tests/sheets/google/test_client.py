"""Calls to the API: every wait has an end, every refusal a sentence, and the token goes nowhere else."""

from __future__ import annotations

import pytest

from server.errors import NotShared, PermanentError, SheetUnavailable
from server.sheets.access import Standing
from server.sheets.google import access
from server.sheets.google.client import TRIES, WriteInDoubt
from tests.emulators.sheets import Emulator, Fault
from tests.sheets.google.books import Open, client, opened, spreadsheet

ROWS = [["Name", "Email"], ["Ann", "ann@example.org"]]


@pytest.mark.parametrize(
    "fault", [Fault(429), Fault(503), Fault(502, html=True), Fault(reset=True)], ids=["429", "503", "html", "reset"]
)
def test_a_read_is_tried_again_and_then_told_as_temporary(google: Emulator, fault: Fault) -> None:
    sheet = opened(google, spreadsheet(google, ROWS))
    google.faults.add(*[fault] * 2, on="read")
    assert len(sheet.read().rows) == 1
    google.requests.clear()
    google.faults.add(*[fault] * TRIES, on="read")
    with pytest.raises(SheetUnavailable, match="Nothing is lost"):
        sheet.read()
    assert google.requests.reads == TRIES


def test_a_used_up_quota_holds_the_shared_budget(google: Emulator) -> None:
    budget = Open()
    sheet = opened(google, spreadsheet(google, ROWS), budget=budget)
    google.faults.add(Fault(429, retry_after=7), on="read")
    sheet.read()
    assert budget.holds == [7.0]


def test_a_longer_wait_than_anybody_bears_is_not_waited_for(google: Emulator) -> None:
    book = spreadsheet(google, ROWS)
    google.faults.add(*[Fault(429, retry_after=120)] * 100, on="read")
    with pytest.raises(SheetUnavailable) as caught:
        client(google, patience=60.0).call("read", book.id, "", None, fields="properties")
    assert caught.value.retry_after == 120.0
    assert google.requests.reads == 1


def test_a_write_whose_answer_is_lost_is_never_just_repeated(google: Emulator) -> None:
    book = spreadsheet(google, ROWS)
    google.faults.add(Fault(503, after=True), on="write")
    with pytest.raises(WriteInDoubt):
        client(google).call("write", book.id, ":batchUpdate", {"requests": [
            {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "X"}, "fields": "title"}}]})  # fmt: skip
    assert google.requests.writes == 1


def test_a_token_that_ran_out_is_renewed_once(google: Emulator) -> None:
    sheet = opened(google, spreadsheet(google, ROWS))
    sheet.read()
    google.auth.expire_all()
    assert len(sheet.read().rows) == 1


def test_a_sheet_that_is_not_shared_says_with_whom_to_share_it(google: Emulator) -> None:
    book = spreadsheet(google, ROWS)
    sheet = opened(google, book)
    book.unshare(google.service_account().email)
    with pytest.raises(NotShared) as caught:
        sheet.read()
    assert google.service_account().email in caught.value.sentence
    assert caught.value.account == google.service_account().email
    found = access.check(client(google), book.id)
    assert (found.standing, found.address) == (Standing.NOT_SHARED, google.service_account().email)


def test_the_check_tells_who_may_only_look_from_who_may_edit_and_changes_nothing(google: Emulator) -> None:
    book = spreadsheet(google, ROWS)
    before = book.texts(0)
    assert access.check(client(google), book.id).standing is Standing.OK
    book.share(google.service_account().email, "reader")
    found = access.check(client(google), book.id)
    assert found.standing is Standing.VIEW_ONLY
    assert "Editor" in found.sentence
    assert book.texts(0) == before


def test_an_account_whose_key_was_deleted_is_told_as_such_and_no_secret_is_shown(google: Emulator) -> None:
    book = spreadsheet(google, ROWS)
    made = client(google)
    made._credentials._service_account_email = "nobody@example.iam.gserviceaccount.com"
    with pytest.raises(PermanentError) as caught:
        made.call("read", book.id, "", None, fields="properties")
    told = f"{caught.value} {caught.value.detail} {caught.value.__cause__}"
    assert "invalid_grant" in caught.value.detail
    assert "PRIVATE KEY" not in told
    assert "assertion" not in told
