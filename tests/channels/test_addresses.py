"""What a cell may hold instead of a clean address."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.addresses import any_address, mail_address, phone_number
from server.errors import AddressError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("  ana@example.org \n", "ana@example.org"),
        ("Ana López <ana@example.org>", "ana@example.org"),
        ('"López, Ana" <ana@example.org>', "ana@example.org"),
        ("López, Ana <ana@example.org>", "ana@example.org"),
        ("Ana (work) <ana@example.org>,", "ana@example.org"),
        ("ana@example.org;", "ana@example.org"),
        ("<ana@example.org>", "ana@example.org"),
        ("mailto:ana@example.org", "ana@example.org"),
        ("mailto:ana@example.org?subject=Hi", "ana@example.org"),
        ("ana@example.org <mailto:ana@example.org>", "ana@example.org"),
        ("ana @ example.org", "ana@example.org"),
        ("ana@\u00a0example.org\u200b", "ana@example.org"),
        ("ana\uff20example.org", "ana@example.org"),
        ("Ana.Lopez+race@EXAMPLE.org", "Ana.Lopez+race@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("'ana@example.org'", "ana@example.org"),
        ("ana@bücher.example", "ana@bücher.example"),
        ("ana@xn--bcher-kva.example", "ana@bücher.example"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ana@race.test", "ana@race.test"),
        ("ana@server.local", "ana@server.local"),
        ("root@localhost", "root@localhost"),
        ("ana@example.com.", "ana@example.com"),
    ],
)
def test_it_finds_the_mail_address_in_a_cell(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no mail address in the cell."),
        (" ,; ", "There is no mail address in the cell."),
        ("ana(at)example.org", "“ana(at)example.org” is no mail address: the @ is missing."),
        ("ana@example", "no ending such as .org"),
        ("ana@", "is no mail address"),
        ("@example.org", "is no mail address"),
        ("ana@@example.org", "is no mail address"),
        ("ana..lopez@example.org", "two periods in a row"),
        ("ana@exam_ple.org", "is no mail address"),
        ("ana@example.org, bob@example.org", "holds 2 mail addresses"),
        ("ana@example.org bob@example.org", "holds 2 mail addresses"),
        ("ana@example.org / bob@example.org", "holds 2 mail addresses"),
        ("ana@old.example <ana@new.example>", "holds 2 mail addresses"),
        ("ana@gmail.con", "is ana@gmail.com meant?"),
        ("ana@gmial.com", "is ana@gmail.com meant?"),
        ("ana@example.ogr", "is ana@example.org meant?"),
        ("ana@" + "x" * 300 + ".org", "…"),
    ],
)
def test_it_says_why_a_text_is_no_mail_address(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        mail_address(text)
    assert reason in caught.value.sentence
    assert caught.value.sentence.endswith((".", "?"))
    assert len(caught.value.sentence) < 250


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+44 7900 900123", "US", "+447900900123"),
        ("07900 900123", "GB", "+447900900123"),
        ("7900900123", "GB", "+447900900123"),
        ("447900900123", "US", "+447900900123"),
        ("447900900123.0", "US", "+447900900123"),
        ("447900900123,00", "FR", "+447900900123"),
        ("00447900900123", "US", "+447900900123"),
        ("+44 (0) 7900 900123", "DE", "+447900900123"),
        ("tel:+447900900123", "US", "+447900900123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("202.555.0123", "US", "+12025550123"),
        ("٠٧٩٠٠٩٠٠١٢٣", "GB", "+447900900123"),
        ("\u200e+447900900123\u202c", "US", "+447900900123"),
        ("+44 7700 900123", "US", "+447700900123"),
        ("'+447900900123", "US", "+447900900123"),
        ("+52 1 55 1234 5678", "US", "+525512345678"),
        ("+447900000000", "US", "+447900000000"),
    ],
)
def test_it_finds_the_phone_number_in_a_cell(text: str, region: str, number: str) -> None:
    assert phone_number(text, region) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no phone number in the cell."),
        ("4.479E+11", "“4.479E+11” lost digits"),
        ("4,479E+11", "lost digits"),
        ("447900000000", "lost digits"),
        ("447901000000.0", "lost digits"),
        ("12", "is no phone number"),
        ("ask at the desk", "is no phone number"),
        ("2026-11-21", "is no phone number"),
        ("1234567890123456789", "is no phone number"),
        ("07900 900123 / 07900 900124", "several phone numbers"),
        ("07900900123 or 07900900124", "several phone numbers"),
        ("+1 202 555 0123 ext. 12", "has an extension"),
    ],
)
def test_it_says_why_a_text_is_no_phone_number(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        phone_number(text, "GB")
    assert reason in caught.value.sentence


def test_it_does_not_choose_between_two_people_s_numbers() -> None:
    """Without its plus this British mobile is also a German landline."""
    with pytest.raises(AddressError, match=r"can be \+49447900900123 or \+447900900123"):
        phone_number("447900900123", "DE")


@pytest.mark.parametrize(
    ("text", "address"), [("ana@example.org", "ana@example.org"), ("07900 900123", "+447900900123")]
)
def test_it_takes_either_kind_where_both_will_do(text: str, address: str) -> None:
    assert any_address(text, "GB") == address


def test_it_names_both_kinds_when_a_text_is_neither() -> None:
    with pytest.raises(AddressError, match=r"neither a mail address .* nor a phone number"):
        any_address("at the desk", "GB")


@given(st.text(max_size=80))
def test_it_gives_an_address_or_a_reason_for_any_text(text: str) -> None:
    for read in (mail_address, lambda cell: phone_number(cell, "US"), lambda cell: any_address(cell, "US")):
        try:
            address = read(text)
        except AddressError:
            continue
        assert read(address) == address
        assert not any(letter.isspace() for letter in address)


@pytest.mark.parametrize("text", ["a.b" * 15_000 + "@", "@" * 50_000, "1 " * 25_000, "+" * 50_000, " " * 50_000])
def test_a_full_cell_takes_no_time(text: str) -> None:
    began = time.process_time()
    for read in (mail_address, lambda cell: phone_number(cell, "US"), lambda cell: any_address(cell, "US")):
        with pytest.raises(AddressError):
            read(text)
    assert time.process_time() - began < 0.5
