"""Lists with delimiters become workbooks of texts, once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from server.domain.table import CellEdit
from server.errors import InvalidInput, NotFound, SheetUnavailable
from server.sheets import delimited
from server.sheets.xlsx import XlsxSheet
from tests.contracts.sheet import shown

ROWS = "Name;Phone;City\nZoë;0044 7900;Århus\n"


def converted(folder: Path, content: bytes) -> list[list[str]]:
    (folder / "people.csv").write_bytes(content)
    table = XlsxSheet(delimited.convert(folder / "people.csv")).read()
    return [[column.title for column in table.columns], *shown(table)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_it_finds_encoding_and_delimiter(tmp_path: Path, encoding: str, mark: str) -> None:
    found = converted(tmp_path, ROWS.replace(";", mark).encode(encoding))
    assert found == [["Name", "Phone", "City"], ["Zoë", "0044 7900", "Århus"]]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (
            'Name,Note\nAnn,"a;b;c;d"\nBob,"two\nlines, and ""more"""\n',
            [["Ann", "a;b;c;d"], ["Bob", 'two\nlines, and "more"']],
        ),
        ("sep=;\r\nName;Note\r\nAnn;a,b,c\r\n", [["Ann", "a,b,c"]]),
        ("Name\nAnn\n", [["Ann"]]),
        ("Name,Price;City\nAnn,1;x\nBob,2;y\n", [["Ann", "1;x"], ["Bob", "2;y"]]),
        ("Name,Note\nAnn\nBob,x\n\n\n", [["Ann", ""], ["Bob", "x"]]),
    ],
)
def test_it_reads_lists_as_programs_write_them(tmp_path: Path, content: str, rows: list[list[str]]) -> None:
    assert converted(tmp_path, content.encode())[1:] == rows


def test_every_cell_is_a_text_so_that_nothing_is_guessed(tmp_path: Path) -> None:
    line = ["0044790090012", "=1+1", "1/2", "1e5", "TRUE", "00012"]
    assert converted(tmp_path, f"a,b,c,d,e,f\n{','.join(line)}\n".encode())[1] == line
    cells = load_workbook(tmp_path / "people.xlsx").worksheets[0][2]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}


def test_an_earlier_conversion_is_used_as_it_is_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = tmp_path / "people.csv"
    source.write_text(ROWS)
    assert delimited.earlier(source) is None
    path = delimited.convert(source)
    sheet = XlsxSheet(path)
    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 0, "Zoe")])
    source.write_text(ROWS + "Bob;1;x\n")
    with caplog.at_level(logging.WARNING):
        assert delimited.convert(source) == path == delimited.earlier(source)
    assert "earlier conversion" in caplog.text
    assert shown(XlsxSheet(path).read())[0][0] == "Zoe"


def test_a_workbook_that_was_not_made_from_the_list_is_never_touched(tmp_path: Path) -> None:
    source, other = tmp_path / "people.csv", tmp_path / "people.xlsx"
    source.write_text(ROWS)
    Workbook().save(other)
    before = other.read_bytes()
    with pytest.raises(InvalidInput, match="was not made from it"):
        delimited.convert(source)
    assert other.read_bytes() == before
    other.write_bytes(b"not a workbook")
    with pytest.raises(InvalidInput, match="was not made from it"):
        delimited.convert(source)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"PK\x03\x04\x00\x00", "not a list"),
        (b"a,b\n" + b"x" * 200_000, "list"),
    ],
)
def test_it_refuses_what_is_no_list(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        converted(tmp_path, content)
    assert not (tmp_path / "people.xlsx").exists()


def test_it_says_when_the_list_is_missing_or_its_folder_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound):
        delimited.convert(tmp_path / "people.csv")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(delimited.os, "link", refuse)
    with pytest.raises(SheetUnavailable, match="folder where you may write"):
        converted(tmp_path, ROWS.encode())
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.csv"]
