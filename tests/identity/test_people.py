"""Who may come in, and as what: the rules over the entries that an operator names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.config import load_settings
from server.errors import ConfigError
from server.identity.people import Deed, People, Person, PersonRole, role_of
from server.roles import people

VIEWER, EDITOR, SENDER = PersonRole
DOMAINS = ["example.org", "partner.example", "gmail.com", "sub.example.org"]
ENTRIES = [*DOMAINS, "ann@example.org", "ANN@example.org", "ben@partner.example", "cleo@gmail.com"]
NAMED = st.fixed_dictionaries({role: st.lists(st.sampled_from(ENTRIES), max_size=4) for role in PersonRole})
SOMEBODY = st.builds(
    Person,
    st.sampled_from([*(entry for entry in ENTRIES if "@" in entry), "dan@example.org"]),
    st.sampled_from(["", "o"]),
)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (Person("ann@example.org", "example.org"), True),
        (Person("Ann@EXAMPLE.org", "example.org"), True),
        (Person("ann@example.org", "parent.example"), True),
        (Person("ann@example.org"), False),
        (Person("guest@partner.example"), True),
        (Person("other@partner.example", "example.org"), False),
        (Person("ann@sub.example.org", "example.org"), False),
        (Person("ann@example.org.evil.example", "evil.example"), False),
        (Person("ann@evilexample.org", "evilexample.org"), False),
        (Person("example.org@evil.example", "evil.example"), False),
        (Person("example.org", "example.org"), False),
        (Person("", ""), False),
    ],
)
@pytest.mark.parametrize("role", PersonRole)
def test_who_may_come_in(person: Person, may: bool, role: PersonRole) -> None:
    assert People({role: ["example.org", "Guest@partner.example"]}).role(person) is (role if may else None)


def test_everybody_at_gmail_may_where_the_operator_says_so() -> None:
    assert People({VIEWER: ["gmail.com"]}).role(Person("ann@gmail.com")) is VIEWER
    assert People({}).role(Person("ann@gmail.com")) is None


def test_an_address_counts_before_its_domain_and_of_equals_the_highest_role() -> None:
    named = {SENDER: ["example.org"], EDITOR: ["ann@example.org", "ben@example.org"], VIEWER: ["Ann@example.org"]}
    found = People(named)
    assert found.role(Person("ann@example.org", "example.org")) is EDITOR
    assert found.role(Person("ben@example.org")) is EDITOR
    assert found.role(Person("cleo@example.org", "example.org")) is SENDER


@given(NAMED, SOMEBODY, st.sampled_from(DOMAINS), st.sampled_from(PersonRole))
def test_one_more_domain_never_takes_anything_from_anybody(
    named: dict[PersonRole, list[str]], person: Person, domain: str, role: PersonRole
) -> None:
    before = People(named).role(person)
    after = People({**named, role: [*named[role], domain]}).role(person)
    assert (after or 0) >= (before or 0)


@given(NAMED, SOMEBODY)
def test_an_address_that_is_named_has_a_role_that_names_it(named: dict[PersonRole, list[str]], person: Person) -> None:
    own = [role for role in PersonRole if person.email.casefold() in {entry.casefold() for entry in named[role]}]
    if own:
        assert People(named).role(person) is max(own)


@given(NAMED, SOMEBODY)
def test_letters_of_either_case_are_the_same_person(named: dict[PersonRole, list[str]], person: Person) -> None:
    loud = {role: [entry.upper() for entry in entries] for role, entries in named.items()}
    assert People(loud).role(Person(person.email.swapcase(), person.organisation)) is People(named).role(person)


def test_a_higher_role_may_do_all_that_a_lower_one_may() -> None:
    assert VIEWER.deeds == (Deed.LOOK,)
    assert EDITOR.deeds == (Deed.LOOK, Deed.EDIT, Deed.APPROVE)
    assert set(SENDER.deeds) == set(Deed)


def test_a_role_has_a_word() -> None:
    assert [role_of(role.word) for role in PersonRole] == list(PersonRole)
    with pytest.raises(ValueError, match="viewer, editor, sender"):
        role_of("VIEWER")


def test_the_settings_name_people_and_those_named_before_there_were_roles_send() -> None:
    settings = load_settings(
        _env_file=None,
        CELLBACK_ALLOWED="example.org",
        CELLBACK_VIEWERS="gmail.com ann@example.org",
        CELLBACK_EDITORS="ben@example.org",
        CELLBACK_SENDERS="boss@partner.example",
    )
    found = people(settings)
    for email, role in (
        ("dan@example.org", SENDER),
        ("ann@example.org", VIEWER),
        ("ben@example.org", EDITOR),
        ("boss@partner.example", SENDER),
        ("cleo@gmail.com", VIEWER),
        ("cleo@partner.example", None),
    ):
        assert found.role_by_email(email) is role, email


@pytest.mark.parametrize("name", ["CELLBACK_ALLOWED", "CELLBACK_VIEWERS", "CELLBACK_EDITORS", "CELLBACK_SENDERS"])
def test_a_wrong_entry_is_told_at_the_start_with_its_setting(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: “@example” is neither a domain"):
        load_settings(_env_file=None, **{name: "example.org @example"})


@pytest.mark.parametrize("name", ["CELLBACK_ALLOWED", "CELLBACK_VIEWERS", "CELLBACK_EDITORS", "CELLBACK_SENDERS"])
def test_any_of_the_lists_is_enough_to_let_people_in(name: str) -> None:
    load_settings(_env_file=None, GOOGLE_IDENTITY_AUDIENCE="a", **{name: "example.org"})
