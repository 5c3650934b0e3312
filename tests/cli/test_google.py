"""`run`, `status` and `doctor` on a spreadsheet in Google Sheets, as a person types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.processes import Shell, Typed
from tests.emulators.sheets import Emulator, Workbook
from tests.unpaced import unpaced

TEMPLATE = "Hello {{Name}}, you start at {{Start}}. Does that suit you?"
ROWS = [["Name", "Email", "Start"], *([f"Person {n}", f"p{n}@example.org", f"09:0{n}"] for n in range(5))]


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def book(google: Emulator) -> Workbook:
    share = {google.service_account().email: "writer"}
    return google.spreadsheet("Contest", {"Starters": ROWS}, share=share, height=100)


@pytest.fixture
def shell(google: Emulator, tmp_path: Path) -> Iterator[Shell]:
    key = google.service_account().write(tmp_path / "key.json")
    settings = {"GOOGLE_APPLICATION_CREDENTIALS": str(key), "GOOGLE_SHEETS_BASE_URL": google.url}
    with unpaced(tmp_path / "data"):
        yield Shell(tmp_path / "data", settings)


@pytest.fixture
def typed(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(monkeypatch, capsys, shell.settings | {"CELLBACK_DATA_DIR": str(shell.data_dir)})


def address(book: Workbook) -> str:
    return f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=sharing#gid=0"


def test_a_campaign_runs_from_the_address_to_the_status_cells_whatever_the_tab_is_called(
    google: Emulator, book: Workbook, shell: Shell, typed: Typed
) -> None:
    ended = shell.run("run", address(book), "--template", TEMPLATE, "--approve-all", "--json", seconds=90)
    assert (ended.code, ended.status) == (0, {"Sent": 5}), ended.err
    assert [row["Message"] for row in book.records(0)] == [
        TEMPLATE.replace("{{Name}}", row[0]).replace("{{Start}}", row[2]) for row in ROWS[1:]
    ]
    assert {row["Status"] for row in book.records(0)} <= {"Sent", "Delivered"}
    assert google.requests.refused == 0
    book.sheets[0].title = "Start list"
    told = typed.run("status", address(book), "--json")
    assert told.status == {"Sent": 5}
    checked = typed.run("doctor")
    assert (
        f"share spreadsheets with {google.service_account().email} as Editor; "
        "spreadsheets of campaigns, all of which can be edited: 1" in checked.out
    )


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(
    google: Emulator, book: Workbook, typed: Typed
) -> None:
    book.unshare(google.service_account().email)
    ended = typed.run("run", address(book), "--template", TEMPLATE)
    assert ended.code == 1
    assert f"Share the spreadsheet with {google.service_account().email} as Editor." in ended.err
    assert "Traceback" not in ended.err
