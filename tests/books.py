"""Workbooks for tests, made with openpyxl; and what stands in them afterwards."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl

CONTESTANTS = ("Bib", "Name", "Email", "Start time")


def contestants(path: Path, count: int, *, titles: Sequence[str] = CONTESTANTS) -> Path:
    """A workbook with so many contestants, each with an address and a start time of their own."""
    rows = ([index + 1, f"Person {index}", f"p{index}@example.org", _time(index)] for index in range(count))
    return book(path, titles, rows)


def book(path: Path, titles: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str = "Contestants") -> Path:
    """A workbook with one sheet."""
    workbook = openpyxl.Workbook()
    page = workbook.active
    assert page is not None
    page.title = sheet
    page.append(list(titles))
    for row in rows:
        page.append(list(row))
    workbook.save(path)
    return path


def records(path: Path) -> list[dict[str, str]]:
    """Rows as texts by title, as openpyxl reads them; empty cells are ""."""
    workbook = openpyxl.load_workbook(path)
    page = workbook.active
    assert page is not None
    lines = [["" if value is None else str(value) for value in line] for line in page.iter_rows(values_only=True)]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def column(path: Path, title: str) -> list[str]:
    """One column's texts."""
    return [record[title] for record in records(path)]


def parts(path: Path) -> dict[str, bytes]:
    """Every part of the file but its sheets, and the styles, to which the colours of our columns are added."""
    ours = ("xl/worksheets/sheet", "xl/styles.xml")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith(ours)}


def _time(index: int) -> str:
    return f"{9 + index // 60 % 10:02d}:{index % 60:02d}"
