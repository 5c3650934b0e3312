"""What a provider says, made fit for a sentence or the log: no address, no secret, no lines, not too long."""

from __future__ import annotations

import re

LONGEST = 160
_SHORTEST_SECRET = 4
_ADDRESS_LIKE = re.compile(r"[^\s<>()\"',;]*@[^\s<>()\"',;]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def said(text: object, *secrets: str, longest: int = LONGEST) -> str:
    """The words, on one line; "" for what is no text. `secrets` are cut out wherever they stand, addresses too."""
    if not isinstance(text, str):
        return ""
    plain = text[: 20 * longest]
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            plain = re.sub(re.escape(secret), "…", plain, flags=re.IGNORECASE)
    plain = " ".join(_CONTROL.sub(" ", _ADDRESS_LIKE.sub("…", plain)).split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def secrets_of(address: str) -> tuple[str, str]:
    """What must not be repeated of somebody's address: all of it, and what stands before the @."""
    return address, address.partition("@")[0]
