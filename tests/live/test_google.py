"""The live check against the emulator: it works through, cleans up, and finds out what the emulator was told to be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.sheets import Emulator, Workbook
from tests.live.google import main


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def book(google: Emulator) -> Workbook:
    return google.spreadsheet("Saturday", {"People": [["Name"], ["Ana"]]}, locale="en_GB")


@pytest.fixture
def check(google: Emulator, book: Workbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of a run by a service account that may edit the spreadsheet."""
    account = google.service_account()
    book.share(account.email)
    monkeypatch.setenv("GOOGLE_SHEETS_BASE_URL", google.url)
    return [
        f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        "--key",
        str(account.write(tmp_path / "key.json")),
    ]


def test_all_is_as_we_believe(check: list[str], book: Workbook, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(check) == 0, capsys.readouterr()
    said = capsys.readouterr().out
    assert said.count("\nok  ") + said.startswith("ok  ") == 12
    assert "FAIL" not in said
    assert book.texts("People") == [["Name"], ["Ana"]]


def test_it_leaves_nothing_behind_and_stays_within_a_minutes_quota(
    check: list[str], google: Emulator, book: Workbook
) -> None:
    main(check)
    assert [sheet.title for sheet in book.sheets] == ["People"]
    assert list(book.all_metadata()) == []
    assert google.quota.refused == 0


@pytest.mark.parametrize(
    ("doubt", "value", "name", "found"),
    [
        ("row_metadata_sorts", "always", "sorted rows", "all columns: goes along, some columns: goes along"),
        ("row_metadata_sorts", "never", "sorted rows", "all columns: stays, some columns: stays"),
        ("unmatched_filter", "error", "no match", "refused (400)"),
        ("skipped_cells_echoed", False, "null cells", "kept: True, shown: [['', '', 'Sent']]"),
    ],
)
def test_it_tells_what_is_otherwise_than_we_believe(
    check: list[str],
    google: Emulator,
    capsys: pytest.CaptureFixture[str],
    doubt: str,
    value: object,
    name: str,
    found: str,
) -> None:
    setattr(google.doubts, doubt, value)
    assert main([*check, "--json"]) == 2
    said = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1].strip() for line in said if line.startswith("NEW")] == [name]
    assert json.loads(said[-1])[name] == found


def test_without_a_share_it_says_with_whom_to_share(
    check: list[str], google: Emulator, book: Workbook, capsys: pytest.CaptureFixture[str]
) -> None:
    book.unshare(google.service_account().email)
    assert main(check) == 1
    assert f"Share the spreadsheet with {google.service_account().email} as Editor" in capsys.readouterr().out


def test_with_view_only_rights_it_changes_nothing(
    check: list[str], google: Emulator, book: Workbook, capsys: pytest.CaptureFixture[str]
) -> None:
    book.share(google.service_account().email, "reader")
    assert main(check) == 1
    assert "FAIL  edit" in capsys.readouterr().out
    assert [sheet.title for sheet in book.sheets] == ["People"]


def test_a_deleted_key_is_said(check: list[str], google: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    google.auth.services.clear()
    assert main(check) == 1
    assert "no token" in capsys.readouterr().err
