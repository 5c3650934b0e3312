"""A message: what one row is told, how far it got, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.words import DeliveryStatus, Flag, MessageState, Outcome, Problem


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to that exact text and address: who, when, and the fingerprint of what they saw."""

    who: str
    at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Message:
    """One row's message in one step of a campaign; (campaign_id, row_key, step) is unique in the ledger.

    `chunk` groups messages into jobs. `identity` fingerprints the row's person and address, so that a key torn
    from its row by a partial sort is noticed. `source` fingerprints the cells the text was made from. `token` is
    the opaque word that every send carries and every reply may bring back. `version` grows with every change;
    `rendered` is the version that the sheet's cells were last computed from. `replied_at` is when `reply` came,
    `refused_at` when its provider first would not take it for now.
    """

    id: str
    campaign_id: str
    row_key: str
    step: int = 0
    chunk: int = 0
    state: MessageState = MessageState.CHOSEN
    problem: Problem = Problem.NONE
    note: str = ""
    person: str = ""
    address: str = ""
    subject: str = ""
    text: str = ""
    source: str = ""
    identity: str = ""
    approval: Approval | None = None
    owner: str = ""
    attempts: int = 0
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    due_at: datetime | None = None
    refused_at: datetime | None = None
    provider: str = ""
    provider_id: str = ""
    token: str = ""
    delivery: DeliveryStatus = DeliveryStatus.NONE
    outcome: Outcome | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    confidence: float | None = None
    flag: Flag | None = None
    reply: str = ""
    evidence: str = ""
    settled_by: str = ""
    replied_at: datetime | None = None
    version: int = 0
    rendered: int = -1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a channel is asked to send: exactly one recipient.

    `token` goes into every slot that the provider offers. `message_id` is ours and stable over retries, so that
    a provider with idempotency keys, or a search for it, can settle a send in doubt. `thread` is the provider id
    of the message that this one answers, or "".
    """

    message_id: str
    token: str
    address: str
    text: str
    subject: str = ""
    person: str = ""
    unsubscribe_url: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took it: its own id for the message, "" where it gives none."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel bears: sends in flight per worker process, and sends a second over all (None: no limit)."""

    concurrency: int = 8
    per_second: float | None = None
