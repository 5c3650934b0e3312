"""`export` and `erase`: what is known about one address is handed over, or leaves."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from server.config import load_settings
from server.domain.known import Known
from server.errors import AddressError, InvalidInput
from server.services import Services, build


def export(address: str) -> int:
    """Print all that ledger and local mailbox know of the address, as one JSON object. Raises InvalidInput."""
    services = build(load_settings())
    try:
        forms = _forms(services, address)
        found: dict[str, list[Any]] = {}
        for form in forms:
            for name, records in asdict(services.ledger.known(form)).items():
                found.setdefault(name, []).extend(records)
        mails = [asdict(mail) for form in forms for mail in _mails(services, form)]
    finally:
        services.close()
    json.dump({"address": forms, **found, "mailbox": mails}, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")
    return 0


def erase(address: str, *, sure: bool) -> int:
    """Remove what is known about the address, once a person said yes. Raises InvalidInput, Conflict."""
    services = build(load_settings())
    try:
        forms = _forms(services, address)
        if not sure and not _asked():
            sys.stderr.write("Nothing was changed.\n")
            return 1
        erased = [services.ledger.erase(form) for form in forms]
        mails = [mail for form in forms for mail in _mails(services, form)]
        if mails:
            services.mailbox.erase(mails)
    finally:
        services.close()
    sys.stderr.write(_sentence(erased, len(mails)))
    return 0


def _forms(services: Services, address: str) -> list[str]:
    """As it was given, and as each channel would write it: +41 79 123 45 67 is kept as +41791234567."""
    forms = [address.strip()]
    for channel in services.channels.values():
        with suppress(AddressError):
            forms.append(channel.address(address))
    found = list(dict.fromkeys(form.casefold() for form in forms if form))
    if not found:
        raise InvalidInput("Name the address: a mail address or a phone number.")
    return found


def _mails(services: Services, address: str) -> list[Any]:
    here = (services.settings.data_dir / "outbox.db").exists()
    return list(services.mailbox.of_address(address)) if here else []


def _asked() -> bool:
    """A person's yes on a terminal. Raises InvalidInput without one."""
    if not sys.stdin.isatty():
        raise InvalidInput("This can't be undone. Without a terminal to ask on, say so with --yes.")
    sys.stderr.write("Texts, address and replies of this person leave the ledger for good. Type yes to go on: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() == "yes"


def _sentence(erased: list[Known], mails: int) -> str:
    counts = {
        "messages": sum(len(one.messages) for one in erased),
        "replies": sum(len(one.replies) for one in erased),
        "events": sum(len(one.events) for one in erased),
        "mails of the local mailbox": mails,
    }
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    return (
        f"Erased: {listed}. Counts and opt-outs stay. The workbook is yours: take the person out of it too, "
        "and out of your backups when they are due.\n"
    )


def _plain(value: object) -> object:
    """Moments as ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
