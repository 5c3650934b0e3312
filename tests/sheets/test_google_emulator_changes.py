"""The emulated Google Sheets: whatever happens to rows and columns, what belongs together stays together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.sheets import changes, entry, formats, formulas, locales
from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.errors import ApiError
from tests.emulators.sheets.grid import EMPTY, Metadata
from tests.emulators.sheets.workbook import Workbook

SIZE = 6


def square() -> Workbook:
    """A sheet in which each cell names itself, each line carries its own tag, and a formula points at each corner."""
    book = Workbook("id", "Square")
    names = [[f"{row}/{column}" for column in range(SIZE)] for row in range(SIZE)]
    sheet = book.add_sheet("S", names)
    sheet.row_count = sheet.column_count = 40
    for index in range(SIZE):
        sheet.row(index).metadata.append(Metadata(100 + index, "row", str(index), "DOCUMENT"))
        sheet.column(index).metadata.append(Metadata(200 + index, "column", str(index), "DOCUMENT"))
    other = book.add_sheet("Other", [["=S!A1", "=S!F6", "='S'!$C$3"]])
    assert other.id != sheet.id
    inner = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 2, "endColumnIndex": 5}
    sheet.filter_views.append({"filterViewId": 1, "range": inner, "filterSpecs": [{"columnIndex": 3}]})
    return book


LINES = st.tuples(
    st.sampled_from(["insert", "delete", "move"]),
    st.sampled_from(["ROWS", "COLUMNS"]),
    st.integers(0, SIZE - 1),
    st.integers(1, 3),
    st.integers(0, SIZE),
)


def change(book: Workbook, step: tuple[str, str, int, int, int]) -> None:
    what, dimension, start, size, to = step
    sheet = book.sheet(0)
    if what == "insert":
        changes.insert(book, sheet, dimension, start, start + size, inherit=start > 0)
    elif what == "delete":
        changes.delete(book, sheet, dimension, start, start + size)
    else:
        changes.move(book, sheet, dimension, start, start + size, to)


@given(st.lists(LINES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_tags_references_and_ranges_follow_their_cells(steps: list[tuple[str, str, int, int, int]]) -> None:
    book = square()
    sheet = book.sheet(0)
    for step in steps:
        change(book, step)
    texts = book.texts(0)
    for at, line in enumerate(sheet.rows):
        held = {text.partition("/")[0] for text in (texts[at] if at < len(texts) else []) if text}
        assert held <= {entry.value for entry in line.metadata}
    for at, line in enumerate(sheet.columns):
        held = {row[at].partition("/")[2] for row in texts if at < len(row) and row[at]}
        assert held <= {entry.value for entry in line.metadata}
    left = {text for row in texts for text in row if text}
    for name, shown in zip(("0/0", "5/5", "2/2"), book.texts("Other")[0], strict=True):
        assert shown == (name if name in left else "#REF!")
    for view in sheet.filter_views:
        part = view["range"]
        assert 0 <= part["startRowIndex"] < part["endRowIndex"] <= sheet.row_count
        assert 0 <= part["startColumnIndex"] < part["endColumnIndex"] <= sheet.column_count
        for spec in view["filterSpecs"]:
            assert {row[spec["columnIndex"]] for row in texts if spec["columnIndex"] < len(row)} <= {
                "", *(f"{row}/3" for row in range(SIZE)),
            }  # fmt: skip


@given(st.permutations(range(SIZE)), st.integers(0, SIZE - 1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_sort_moves_whole_rows_and_a_partial_one_only_its_cells(order: list[int], column: int, whole: bool) -> None:
    book = square()
    sheet = book.sheet(0)
    for row, number in enumerate(order):
        book.put(sheet, row, column, number)
    width = SIZE if whole else max(column, 2) + 1
    before = book.texts(0)
    came = changes.sort(book, sheet, Area(0, 0, SIZE, 0, width), [{"dimensionIndex": column}])
    after = book.texts(0)
    assert [row[column] for row in after] == [str(number) for number in range(SIZE)]
    for at, source in enumerate(came):
        assert after[at][:width] == before[source][:width]
        assert after[at][width:] == before[at][width:]
        moved_along = width == SIZE
        assert [tag.value for tag in sheet.rows[at].metadata] == [str(source if moved_along else at)]


def test_a_change_that_is_refused_leaves_no_trace() -> None:
    book = square()
    back = book.checkpoint()
    sheet = book.sheet(0)
    changes.delete(book, sheet, "ROWS", 0, 2)
    book.put(sheet, 0, 0, "changed")
    sheet.rows[0].metadata[0].value = "changed"
    book.add_sheet("New")
    with pytest.raises(ApiError, match="delete all the rows"):
        changes.delete(book, sheet, "ROWS", 0, 40)
    back()
    assert book.texts(0) == square().texts(0)
    assert [tag.value for line in sheet.rows for tag in line.metadata] == [str(index) for index in range(SIZE)]
    assert [each.title for each in book.sheets] == ["S", "Other"]
    assert book.sheet(0) is sheet


@pytest.mark.parametrize(
    ("formula", "down", "right", "text"),
    [
        ("=A1+$A$1+A$1+$A1", 2, 1, "=B3+$A$1+B$1+$A3"),
        ('=A1&"A1"', 1, 0, '=A2&"A1"'),
        ("=SUM(A1:B2)", 1, 1, "=SUM(B2:C3)"),
        ("=A1", -1, 0, "=#REF!"),
        ("=LOG10(A2)", 1, 0, "=LOG10(A3)"),
        ("='O''Brien'!A1*2", 1, 0, "='O''Brien'!A2*2"),
    ],
)
def test_a_copied_formula_points_further(formula: str, down: int, right: int, text: str) -> None:
    assert formulas.moved(formula, down, right) == text


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31)))  # noqa: DTZ001 - a sheet knows no time zones
def test_a_typed_date_is_shown_as_typed_and_is_the_day_it_says(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for name, pattern in (("en_GB", "%d/%m/%Y %H:%M:%S"), ("de_DE", "%d.%m.%Y %H:%M:%S")):
        text, spoken = moment.strftime(pattern), locales.locale(name)
        cell = entry.typed(EMPTY, text, "USER_ENTERED", spoken)
        assert cell.entered is not None
        assert formats.shown(cell, cell.entered, spoken) == text
        found = formats.EPOCH + timedelta(days=cell.entered["numberValue"])
        assert abs(found - moment) < timedelta(milliseconds=10)


@given(st.integers(-(10**12), 10**12), st.integers(0, 2), st.sampled_from(sorted(locales.LOCALES)))
def test_a_number_is_read_back_as_it_was_shown(cents: int, places: int, name: str) -> None:
    spoken, value = locales.locale(name), cents / 10**places
    shown = formats.number(value, "NUMBER", "#,##0." + "0" * places if places else "#,##0", spoken)
    cell = entry.typed(EMPTY, shown, "USER_ENTERED", spoken)
    assert cell.entered == {"numberValue": pytest.approx(value)}


@pytest.mark.parametrize(
    ("value", "kind", "pattern", "shown"),
    [
        (7, "NUMBER", "000", "007"),
        (46550.4, "DATE", "ddd d mmm yyyy", "Sat 12 Jun 2027"),
        (0.375, "TIME", "h:mm am/pm", "9:00 AM"),
        (1.1, "TIME", "[h]:mm:ss", "26:24:00"),
        (35, "CURRENCY", "[$£]#,##0.00", "£35.00"),
        (-1234.5, "CURRENCY", '"$"#,##0.00;("$"#,##0.00)', "($1,234.50)"),
        (0.125, "PERCENT", "0.0%", "12.5%"),
        (12345, "SCIENTIFIC", "0.00E+00", "1.23E+04"),
        (0, "NUMBER", '0;-0;"none"', "none"),
        (5, "NUMBER", '0 "points"', "5 points"),
        (8.085807e46, "", "", "8.085807E+46"),
        (1 / 3, "", "", "0.3333333333"),
    ],
)
def test_a_number_is_shown_by_its_format(value: float, kind: str, pattern: str, shown: str) -> None:
    assert formats.number(value, kind, pattern, locales.locale("en_US")) == shown


def test_a_formula_that_points_at_itself_comes_to_an_error() -> None:
    book: Any = Workbook("id", "Loop")
    book.add_sheet("S", [["=B1", "=A1"]])
    assert book.texts() == [["#REF!", "#REF!"]]
