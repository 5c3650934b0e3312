"""Number formats against what Excel shows (US English); checked with SheetJS's SSF and numfmt, which copy Excel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.words import CellKind
from server.sheets import date_format
from server.sheets.number_format import parse

SHOWN = [
    ("General", 7, "7"),
    ("General", 0.1 + 0.2, "0.3"),
    ("General", 12345678901, "12345678901"),
    ("General", 447900900123, "4.47901E+11"),
    ("General", 123456789.123, "123456789.1"),
    ("General", -1234.567, "-1234.567"),
    ("General", 0.000123456789, "0.000123457"),
    ("General", 1.234567e-05, "1.23457E-05"),
    ("General", 1e15, "1E+15"),
    ('General" kg"', 12.5, "12.5 kg"),
    ("", 3.0, "3"),
    ("@", 12, "12"),
    ("0", 2.5, "3"),
    ("0", -0.4, "-0"),
    ("0.00", 1.005, "1.01"),
    ("0.00", 2.675, "2.68"),
    ("#,##0", 1234567.891, "1,234,568"),
    ("#,##0.00", 0.5, "0.50"),
    ("#,###", 0, ""),
    ("0.##", 5, "5."),
    ("0.0##", 1.25, "1.25"),
    ("000", 7, "007"),
    ("000", 1234, "1234"),
    ("0000000000", 790090012, "0790090012"),
    ("0,000.00", 12, "0,012.00"),
    ("(000) 000-0000", 5551234567, "(555) 123-4567"),
    ("000-00-0000", 12345678, "012-34-5678"),
    ("0%", 0.125, "13%"),
    ("0.00%", 0.5, "50.00%"),
    ("$#,##0.00", 1234.5, "$1,234.50"),
    ("$#,##0.00", -1234.5, "-$1,234.50"),
    ("[$£-809]#,##0.00", 35, "£35.00"),
    ("#,##0.00 [$€-407]", 1234.5, "1,234.50 €"),
    ('"$"#,##0_);("$"#,##0)', -5, "($5)"),
    ("#,##0_);[Red](#,##0)", 5, "5"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', -42.5, "$(42.50)"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', 0, "$-"),
    ('0.0,,"M"', 1500000, "1.5M"),
    ('#,##0,"k"', 1234567, "1,235k"),
    ('"Bib "000', 7, "Bib 007"),
    ('0;-0;"none"', 0, "none"),
    ("0;;", -5, ""),
    (";;;", 5, ""),
    ('[>=1000]#,##0,"k";0', 25000, "25k"),
    ('[>=1000]#,##0,"k";0', 25, "25"),
    ('[<10]"low";[<100]"mid";"high"', 50, "mid"),
    ('[<10]"low";[<100]"mid";"high"', 500, "high"),
    ("[Blue]0;[Red]0", -3, "3"),
    ("0.00E+00", 12345.678, "1.23E+04"),
    ("0.00E+00", 0.00012, "1.20E-04"),
    ("##0.0E+0", 12345.678, "12.3E+3"),
    ("# ?/?", 1.25, "1 1/4"),
    ("# ?/?", 3, "3"),
    ("# ??/??", 123.456, "123 26/57"),
    ("# ?/8", 0.5, "4/8"),
    ("?/?", 1.5, "3/2"),
    ("0 \\k\\m", 10, "10 km"),
    ("mm-dd-yy", 46143, "05-01-26"),
    ("d-mmm-yy", 46143, "1-May-26"),
    ("dddd, mmmm dd, yyyy", 46143, "Friday, May 01, 2026"),
    ("ddd d mmm yyyy", 46143, "Fri 1 May 2026"),
    ("mmmmm", 46143, "M"),
    ("yyyy-mm-dd hh:mm", 46143.395833333336, "2026-05-01 09:30"),
    ("[$-409]d mmmm yyyy", 46143, "1 May 2026"),
    ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 46143, "Friday, May 01, 2026"),
    ("[$-F400]h:mm:ss\\ AM/PM", 0.5, "12:00:00 PM"),
    ("d. mmmm", 46143, "1. May"),
    ('yyyy"年"m"月"d"日"', 46143, "2026年5月1日"),
    ("h:mm AM/PM", 0.39583333333333331, "9:30 AM"),
    ("h:mm AM/PM", 0, "12:00 AM"),
    ("h:mm A/P", 0.75, "6:00 P"),
    ("hh:mm", 0.4166666666666, "10:00"),
    ("hh\\hmm", 0.4166666666666, "10h00"),
    ("h:mm:ss", 0.999988426, "23:59:59"),
    ("mm:ss.0", 0.00075, "01:04.8"),
    ("hh:mm:ss.000", 0.5000001, "12:00:00.009"),
    ("[h]:mm", 1.5, "36:00"),
    ("[h]:mm:ss", 2.0416666667, "49:00:00"),
    ("[mm]:ss", 0.5, "720:00"),
    ("[ss]", 0.001, "86"),
    ("m/d/yyyy h:mm", 46143.75, "5/1/2026 18:00"),
    ("yyyy-mm-dd", 60, "1900-02-29"),
    ("yyyy-mm-dd", 1, "1900-01-01"),
    ("yyyy-mm-dd", 61, "1900-03-01"),
    ("yyyy-mm-dd", -1, "########"),
    ("yyyy-mm-dd", 2958466, "########"),
]


@pytest.mark.parametrize(("code", "value", "shown"), SHOWN)
def test_it_shows_a_number_as_excel_does(code: str, value: float, shown: str) -> None:
    assert parse(code).number(value) == shown


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", "Ann", "Ann"),
        ("@", "007", "007"),
        ('"Dr. "@', "Ann", "Dr. Ann"),
        ('0;-0;0;"<"@">"', "Ann", "<Ann>"),
        (";;;", "Ann", ""),
        ("0.00", "Ann", "Ann"),
        ("0;@", "Ann", "Ann"),
    ],
)
def test_it_shows_a_text_as_excel_does(code: str, value: str, shown: str) -> None:
    assert parse(code).text(value) == shown


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", CellKind.NUMBER),
        ("0.00", CellKind.NUMBER),
        ('"day" 0', CellKind.NUMBER),
        ("[Red]0", CellKind.NUMBER),
        ("yyyy-mm-dd", CellKind.DATE),
        ("mmm", CellKind.DATE),
        ("[$-F800]dddd", CellKind.DATE),
        ("h:mm", CellKind.TIME),
        ("mm:ss", CellKind.TIME),
        ("[h]:mm", CellKind.TIME),
        ("m/d/yyyy h:mm", CellKind.DATETIME),
    ],
)
def test_it_tells_dates_and_times_from_numbers(code: str, kind: CellKind) -> None:
    assert parse(code).kind is kind


def test_it_counts_from_1904_where_the_workbook_does() -> None:
    assert parse("yyyy-mm-dd").number(0, date1904=True) == "1904-01-01"
    assert parse("ddd d mmm yyyy").number(44681, date1904=True) == parse("ddd d mmm yyyy").number(46143)
    assert date_format.iso(44681, CellKind.DATE, date1904=True) == "2026-05-01"


def test_it_gives_moments_as_iso_text() -> None:
    assert date_format.iso(46143, CellKind.DATE) == "2026-05-01"
    assert date_format.iso(46143.5, CellKind.DATETIME) == "2026-05-01T12:00:00"
    assert date_format.iso(0.39583333333333331, CellKind.TIME) == "09:30:00"
    assert date_format.iso(1.25, CellKind.TIME) == "PT30H0M0S"
    assert date_format.iso(-1, CellKind.DATE) is None


@given(
    st.text(alphabet='0#?,.%E+-/@;"\\_*[]()hmsdyAPGeneral $€<>=1', max_size=16),
    st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_nan=False, allow_infinity=False)),
)
def test_it_never_fails_whatever_the_format_says(code: str, value: float) -> None:
    parse(code).number(value)
    parse(code).text("Ann")
