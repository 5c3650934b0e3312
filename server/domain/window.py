"""The 24-hour rule: freely worded messages reach somebody only for a day after they last wrote; later, templates do.

One clock per number of ours and person: WhatsApp's "customer service window", which each message of theirs opens anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta

WHATSAPP = "WhatsApp"
MARGIN = timedelta(minutes=10)
"""A window counts as closed so long before its end: what is queued now must still arrive inside it."""


def open_until(last_heard: datetime | None, window: float) -> datetime | None:
    """When the window of that many seconds closes; None when they never wrote."""
    return last_heard + timedelta(seconds=window) if last_heard else None


def is_open(now: datetime, last_heard: datetime | None, window: float | None, margin: timedelta = MARGIN) -> bool:
    """Whether a freely worded message sent now will arrive in time. Always, where the channel has no window (None).

    `last_heard` is never later than when the message came in: whoever keeps it sees to that.
    """
    if window is None:
        return True
    closes = open_until(last_heard, window)
    return closes is not None and now < closes - margin


def refusal(
    now: datetime, last_heard: datetime | None, window: float | None, margin: timedelta = MARGIN, where: str = WHATSAPP
) -> str:
    """Why a freely worded message can't go to this person now, a sentence for the cell; "" when it can."""
    if window is None or is_open(now, last_heard, window, margin):
        return ""
    count, unit = _length(window)
    return f"Outside {where}'s {count}-{unit} window: choose an approved template."


def summary(closed: int, total: int, window: float, where: str = WHATSAPP) -> str:
    """How many people of a campaign need a template, for its preview; "" when nobody does."""
    if not closed:
        return ""
    count, unit = _length(window)
    return (
        f"{closed} of {total} {'has' if closed == 1 else 'have'} not written to you on {where} in the last "
        f"{count} {unit}{'' if count == 1 else 's'}: only an approved template reaches them."
    )


def _length(window: float) -> tuple[int, str]:
    """(24, "hour"); in minutes where it is no whole number of hours."""
    return (round(window / 3600), "hour") if window >= 3600 and not window % 3600 else (round(window / 60), "minute")
