"""Who may come in and what they may do there: domains and addresses that the operator named. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

OPEN_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
"""Everybody may have an address here, and Google itself runs it: such an account belongs to no organisation."""


class Deed(StrEnum):
    """What somebody may do with a campaign."""

    LOOK = "look"
    EDIT = "edit"
    APPROVE = "approve"
    SEND = "send"


class PersonRole(IntEnum):
    """What somebody is here; a higher one may do all that a lower one may."""

    VIEWER = 1
    EDITOR = 2
    SENDER = 3

    @property
    def word(self) -> str:
        """The role as people write it."""
        return self.name.lower()

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What they may do, the least of it first."""
        return _DEEDS[: _REACH[self]]

    def may(self, deed: Deed) -> bool:
        """Whether that is theirs to do."""
        return deed in self.deeds


_DEEDS = tuple(Deed)
_REACH = {PersonRole.VIEWER: 1, PersonRole.EDITOR: 3, PersonRole.SENDER: 4}


def role_of(word: str) -> PersonRole:
    """The role of that word. Raises ValueError."""
    found = next((role for role in PersonRole if role.word == word), None)
    if found is None:
        raise ValueError(f"{word!r} is none of {', '.join(role.word for role in PersonRole)}")
    return found


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose provider vouches for their address. `organisation` is the domain that manages the account, or
    "" for a private account, whoever's domain its address has."""

    email: str
    organisation: str = ""


class People:
    """Those who may come in, each with a role. The most particular entry wins: an address before its domain. An entry
    that is named for several roles is the highest of them."""

    def __init__(self, named: Mapping[PersonRole, Iterable[str]]) -> None:
        """`named` says who has which role: domains and addresses."""
        self._roles: dict[str, PersonRole] = {}
        for role in sorted(named):
            self._roles |= {entry.strip().casefold(): role for entry in named[role] if entry.strip()}

    def __bool__(self) -> bool:
        """Whether anybody may come in at all."""
        return bool(self._roles)

    def role(self, person: Person) -> PersonRole | None:
        """By their address; or by its domain, if an organisation manages the account. None: they may not come in.

        A private account keeps an address of a domain for good, whoever leaves it; and an organisation speaks for
        nobody's address but those of its own domains, which the provider has checked.
        """
        email = person.email.casefold()
        if "@" not in email:
            return None
        domain = email.rpartition("@")[2]
        if email in self._roles:
            return self._roles[email]
        return self._roles.get(domain) if person.organisation or domain in OPEN_DOMAINS else None

    def role_by_email(self, email: str) -> PersonRole | None:
        """The same for somebody whose account was looked at when they came in: what the entries say of them now."""
        return self.role(Person(email, organisation=email.rpartition("@")[2]))
