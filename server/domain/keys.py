"""Ids: row keys, our message ids, tokens. Random, opaque, safe in a cell, a header and a URL."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/l/i: a person may have to read one out. Never starts a formula, never looks like a number."""

ROW_KEY = re.compile(rf"r_[{_ALPHABET}]{{10}}")


def new_row_key() -> str:
    """A row key such as `r_7f3k9w2m4q`: 49 bits, so two of 10 million rows are alike with a chance below 1 in 10."""
    return "r_" + _random(10)


def new_id(prefix: str) -> str:
    """An id of ours: `prefix_` and 16 characters (79 bits)."""
    return f"{prefix}_{_random(16)}"


def new_token() -> str:
    """An unguessable word of 24 lower-case characters (118 bits) that fits a mail address's plus part."""
    return _random(24)


def is_row_key(text: str) -> bool:
    """Whether a cell's text has the form of a row key."""
    return ROW_KEY.fullmatch(text) is not None


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
