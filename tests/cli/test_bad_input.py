"""Bad input on the command line: one clear sentence, the right exit code, the workbook as good as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.__main__ import main
from tests.books import book, contestants

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"


@pytest.fixture(autouse=True)
def _own_data(ready_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(ready_data_dir))


def fails(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The sentence of a command that must fail with exit code 1, without a traceback."""
    assert main([str(argument) for argument in arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.startswith("cellback: ")
    return said.err.splitlines()[0]


def test_it_says_that_a_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no file" in fails(capsys, "run", tmp_path / "none.xlsx", "--instruction", INSTRUCTION)


def test_it_says_what_an_empty_sheet_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(tmp_path / "a.xlsx", [], [])
    assert "is empty" in fails(capsys, "run", path, "--instruction", INSTRUCTION)


def test_it_says_that_there_is_no_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(tmp_path / "a.xlsx", [1, "a@example.org"], [[2, "b@example.org"], [3, "c@example.org"]])  # type: ignore[list-item]
    assert "has no header" in fails(capsys, "run", path, "--instruction", INSTRUCTION)


def test_it_names_the_columns_when_none_holds_addresses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(tmp_path / "a.xlsx", ["Name", "City"], [["Ana", "Rome"]])
    assert "“City”" in fails(capsys, "run", path, "--instruction", INSTRUCTION)


def test_it_says_that_there_are_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(tmp_path / "a.xlsx", ["Name", "Email"], [])
    assert "no visible rows" in fails(capsys, "run", path, "--instruction", INSTRUCTION)


def test_it_suggests_the_column_that_was_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    assert "Did you mean “Start time”?" in fails(capsys, "run", path, "--template", "Hi, {{Strat time}}")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"just text", "not an Excel workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
        ("a.xlsx", b"", "empty"),
    ],
    ids=["text", "encrypted or old", "xls", "nothing"],
)
def test_it_says_what_to_do_about_a_file_it_cannot_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert says in fails(capsys, "run", path, "--instruction", INSTRUCTION)
    assert path.read_bytes() == content


def test_it_reads_no_novel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    assert "8,000" in fails(capsys, "run", path, "--instruction", "word " * 4000)


def test_it_says_what_to_set_for_a_channel_that_is_not_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    assert "SMTP_URL" in fails(capsys, "run", path, "--instruction", INSTRUCTION, "--channel", "email")


def test_it_lists_every_fault_of_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("SMTP_URL", "http://mail")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert "PORT" in said
    assert "SMTP_URL" in said


@pytest.mark.parametrize("arguments", [["run"], ["run", "a.xlsx"], ["nonsense"], []])
def test_wrong_use_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_status_of_a_sheet_without_campaigns_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    assert "There is no campaign" in fails(capsys, "status", path)
