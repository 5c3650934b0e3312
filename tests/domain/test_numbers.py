"""A phone is found under every number that it may write from."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.numbers import same_phone, variants

PREFIXES = ("+55", "+5511", "+55119", "+52", "+521", "+54", "+549", "+5491", "+1", "+49", "+4479")
E164 = st.builds(
    lambda prefix, rest: (prefix + rest)[:16], st.sampled_from(PREFIXES), st.text("0123456789", min_size=4, max_size=13)
)


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("+5511987654321", "+551187654321"),
        ("+559281723241", "+5592981723241"),
        ("+5215512345678", "+525512345678"),
        ("+525512345678", "+5215512345678"),
        ("+541158749895", "+5491158749895"),
        ("+5492215551234", "+542215551234"),
    ],
)
def test_it_knows_the_other_form_of_a_line(written: str, other: str) -> None:
    assert variants(written) == (written, other)
    assert same_phone(written, other)


@pytest.mark.parametrize(
    "number",
    [
        "+551132345678",  # a landline of São Paulo: with a 9 it would be somebody's mobile
        "+5511923456789",  # without its 9 it would be somebody's landline
        "+447900900123",
        "+15005550006",
        "+52155",
        "",
        "ana@example.org",
    ],
)
def test_it_leaves_other_numbers_alone(number: str) -> None:
    assert variants(number) == (number,)


@settings(deadline=None)
@given(E164)
def test_the_forms_of_a_line_are_the_same_whichever_one_starts_from(number: str) -> None:
    for other in variants(number):
        assert set(variants(other)) == set(variants(number))
        assert same_phone(number, other)
        assert same_phone(other, number)


@settings(deadline=None)
@given(E164, E164)
def test_being_the_same_phone_has_no_direction(one: str, other: str) -> None:
    assert same_phone(one, other) == same_phone(other, one)


@settings(deadline=None)
@given(E164)
def test_a_number_stands_first_among_its_forms_and_none_twice(number: str) -> None:
    found = variants(number)
    assert found[0] == number
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("region", ["BR", "MX", "AR"])
def test_mobile_numbers_of_these_countries_have_two_forms(region: str) -> None:
    mobile = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert mobile is not None
    e164 = phonenumbers.format_number(mobile, phonenumbers.PhoneNumberFormat.E164)
    assert len(variants(e164)) == 2
