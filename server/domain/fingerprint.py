"""Fingerprints: what was approved, what a draft was made from, who a row is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping


def fingerprint(*parts: str) -> str:
    """A short digest over an unambiguous joining of the parts (128 bits, hex)."""
    joined = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def source_of(record: Mapping[str, str], columns: Iterable[str]) -> str:
    """Fingerprint of the cells that a text was made from, as shown; a missing column counts as one."""
    return fingerprint(*(f"{name}={record.get(name, chr(0))}" for name in sorted(set(columns))))


def identity_of(address: str, person: str) -> str:
    """Fingerprint of whom a row is about."""
    return fingerprint(address.casefold().strip(), " ".join(person.split()).casefold())


def approval_of(text: str, subject: str, address: str, source: str, way: str = "") -> str:
    """Fingerprint of what a person said yes to; `way` says how it goes where that is not the plan's own way."""
    return fingerprint(text, subject, address, source, *([way] if way else []))
