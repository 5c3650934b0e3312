"""Labels: what a person's decision says of a reading. They hold no personal data and outlive it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.domain.machine import Checked, MessageEvent, Settled, folded
from server.domain.message import Message
from server.domain.usage import BY_RULE
from server.domain.words import Flag, Outcome

CERTAIN = 1.0
"""The confidence of what no reader made (a press, a digit, opt-out words): no reader is ever so sure."""


@dataclass(frozen=True, slots=True)
class Label:
    """One reading that a person reviewed, once: `right` where they kept what it said. `prompt` and `model` made it
    ("": the offline reader), `confidence` and `flag` are what it came with. `sampled`: it was sure, and drawn at random
    for a look; a sure reading without that is one that somebody came across."""

    message_id: str
    campaign_id: str
    at: datetime
    confidence: float
    flag: Flag
    read: Outcome
    settled: Outcome
    right: bool
    prompt: str = ""
    model: str = ""
    sampled: bool = False


def label_of(old: Message, event: MessageEvent, at: datetime) -> Label | None:
    """What a decision says of the reading that it is about; None where there was none: nothing was read, or by a rule
    and no reader. Of several the ledger keeps the first."""
    if not isinstance(event, Settled | Checked):
        return None
    if old.outcome is None or old.confidence is None or old.flag is None:
        return None
    made = old.read_by
    if made == BY_RULE or old.confidence >= CERTAIN:
        return None
    return Label(
        old.id,
        old.campaign_id,
        at,
        old.confidence,
        old.flag,
        old.outcome,
        event.outcome,
        kept(old, event.outcome, event.values),
        made.prompt,
        made.model,
        isinstance(event, Checked),
    )


def kept(read: Message, outcome: Outcome, values: Mapping[str, str]) -> bool:
    """Whether a decision keeps what was read: the values, whatever their case; the outcome where there are none.

    Beside values an outcome does not count: of one typed into a cell it is only what code makes of the values.
    """
    said = folded(read.values)
    return said == folded(values) and (read.outcome is outcome or bool(said))


def place(message_id: str) -> str:
    """Where a reading stands in the random order in which sure ones are drawn for a look: always the same for the same
    message, and knowing nothing of it but its id."""
    return hashlib.blake2b(message_id.encode(), digest_size=8).hexdigest()
