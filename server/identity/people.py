"""Who may come in: domains and addresses that the operator named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OPEN_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
"""Everybody may have an address here, and Google itself runs it: such an account belongs to no organisation."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose provider vouches for their address. `organisation` is the domain that manages the account, or
    "" for a private account, whoever's domain its address has."""

    email: str
    organisation: str = ""


class People:
    """Those who may come in."""

    def __init__(self, entries: Iterable[str]) -> None:
        folded = [entry.strip().casefold() for entry in entries if entry.strip()]
        self._addresses = frozenset(entry for entry in folded if "@" in entry)
        self._domains = frozenset(entry for entry in folded if "@" not in entry)

    def may(self, person: Person) -> bool:
        """By their address; or by its domain, if an organisation manages the account.

        A private account keeps an address of a domain for good, whoever leaves it; and an organisation speaks for
        nobody's address but those of its own domains, which the provider has checked.
        """
        email = person.email.casefold()
        domain = email.rpartition("@")[2]
        if email in self._addresses:
            return True
        return domain in self._domains and (bool(person.organisation) or domain in OPEN_DOMAINS)

    def may_email(self, email: str) -> bool:
        """The same for somebody whose account was looked at when they came in: whether the entry still stands."""
        folded = email.casefold()
        return folded in self._addresses or folded.rpartition("@")[2] in self._domains
