"""Whether we may work in somebody's workbook, in words that every host shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What we may do there."""

    OK = "ok"
    NOT_SHARED = "not_shared"
    VIEW_ONLY = "view_only"
    GONE = "gone"
    REFUSED = "refused"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Access:
    """The answer to "Check access", with a sentence for people; `address` is the one to share the sheet with."""

    standing: Standing
    sentence: str
    address: str = ""
    title: str = ""
