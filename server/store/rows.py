"""A message as a record of the table and back: which fields are plain, which are sealed together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from server.domain.cells import status_of
from server.domain.message import NO_EXTRAS, NO_FORMER, Approval, Extras, Former, Message
from server.domain.usage import NOT_MADE, Made
from server.domain.words import ChannelName, DeliveryStatus, Flag, MessageState, Outcome, Problem, Status
from server.ports import Cipher
from server.store import codec

PLAIN: tuple[str, ...] = ("id", "campaign_id", "row_key", "step", "chunk", "attempts", "owner", "provider")
PLAIN += ("provider_id", "token", "confidence", "version", "rendered", "carrier", "followed", "unanswered")
ENUMS = ("state", "problem", "delivery", "outcome", "flag", "channel")
MOMENTS = ("claimed_at", "sent_at", "due_at")
DRAFT: tuple[str, ...] = ("person", "address", "subject", "text", "source", "identity", "approval", "refused_at")
DRAFT += (
    "known_as",
    "unreached",
    "extras",
    "follows",
    "template",
    "thread",
    "question",
    "drafted_by",
    "remark",
    "former",
    "planned_at",
)
ANSWER = ("reply", "values", "evidence", "settled_by", "replied_at", "read_by", "checked_by")
_SEALED_MOMENTS = {"refused_at", "planned_at"}
_RECORDS = {"extras": Extras, "drafted_by": Made, "read_by": Made, "former": Former}
"""Sealed fields that are dataclasses of their own."""
_EMPTY: tuple[object, ...] = (NO_EXTRAS, NOT_MADE, NO_FORMER)

_draft_of = attrgetter(*DRAFT)
_answer_of = attrgetter(*ANSWER)
_plain_of = attrgetter(*PLAIN)
_enums_of = attrgetter(*ENUMS)
_moments_of = attrgetter(*MOMENTS)


def blind(cipher: Cipher, address: str) -> str:
    """What an address is looked up by; "" for none."""
    folded = address.strip().casefold()
    return cipher.blind(folded) if folded else ""


def to_row(message: Message, cipher: Cipher) -> dict[str, Any]:
    """All columns of a message."""
    row = dict(zip(PLAIN, _plain_of(message), strict=True))
    row |= {name: None if word is None else word.value for name, word in zip(ENUMS, _enums_of(message), strict=True)}
    row |= {name: codec.micros_or_none(at) for name, at in zip(MOMENTS, _moments_of(message), strict=True)}
    row["blind"] = blind(cipher, message.address)
    row["draft"] = _seal(cipher, DRAFT, _draft_of(message))
    row["answer"] = _seal(cipher, ANSWER, _answer_of(message))
    row["settled"] = bool(message.settled_by)
    row["note"] = cipher.seal(message.note) if message.note else None
    return row


def changes(old: Message, new: Message, cipher: Cipher) -> dict[str, Any]:
    """The columns that differ; what did not change is not sealed again."""
    row: dict[str, Any] = {}
    for name, was, now in zip(PLAIN, _plain_of(old), _plain_of(new), strict=True):
        if was != now:
            row[name] = now
    for name, was, now in zip(ENUMS, _enums_of(old), _enums_of(new), strict=True):
        if was is not now:
            row[name] = None if now is None else now.value
    for name, was, now in zip(MOMENTS, _moments_of(old), _moments_of(new), strict=True):
        if was != now:
            row[name] = codec.micros_or_none(now)
    if _draft_of(old) != _draft_of(new):
        row["draft"] = _seal(cipher, DRAFT, _draft_of(new))
        row["blind"] = blind(cipher, new.address)
    if _answer_of(old) != _answer_of(new):
        row["answer"] = _seal(cipher, ANSWER, _answer_of(new))
        row["settled"] = bool(new.settled_by)
    if old.note != new.note:
        row["note"] = cipher.seal(new.note) if new.note else None
    return row


def to_message(row: Row[Any], cipher: Cipher) -> Message:
    """The message of a record."""
    draft: dict[str, Any] = json.loads(cipher.open(row.draft)) if row.draft else {}
    for name in draft.keys() & _SEALED_MOMENTS:
        draft[name] = codec.moment(draft[name])
    if "approval" in draft:
        who, at, fingerprint = draft["approval"]
        draft["approval"] = Approval(who, codec.moment(at), fingerprint)
    if "unreached" in draft:
        draft["unreached"] = tuple(draft["unreached"])
    answer: dict[str, Any] = json.loads(cipher.open(row.answer)) if row.answer else {}
    for part in (draft, answer):
        part |= {name: codec.read(_RECORDS[name], part[name]) for name in part.keys() & _RECORDS.keys()}
    if "replied_at" in answer:
        answer["replied_at"] = codec.moment(answer["replied_at"])
    return Message(
        id=row.id,
        campaign_id=row.campaign_id,
        row_key=row.row_key,
        step=row.step,
        chunk=row.chunk,
        state=MessageState(row.state),
        problem=Problem(row.problem),
        note=cipher.open(row.note) if row.note else "",
        owner=row.owner,
        attempts=row.attempts,
        claimed_at=codec.moment_or_none(row.claimed_at),
        sent_at=codec.moment_or_none(row.sent_at),
        due_at=codec.moment_or_none(row.due_at),
        provider=row.provider,
        provider_id=row.provider_id,
        token=row.token,
        delivery=DeliveryStatus(row.delivery),
        outcome=None if row.outcome is None else Outcome(row.outcome),
        confidence=row.confidence,
        flag=None if row.flag is None else Flag(row.flag),
        version=row.version,
        rendered=row.rendered,
        channel=None if row.channel is None else ChannelName(row.channel),
        carrier=row.carrier,
        followed=row.followed,
        unanswered=row.unanswered,
        **draft,
        **answer,
    )


def word_of(told: Sequence[Any]) -> Status | None:
    """The status word of a record, from its columns `schema.TOLD` alone."""
    state, problem, delivery, outcome, flag, settled, unanswered = told
    return status_of(
        MessageState(state),
        Problem(problem),
        DeliveryStatus(delivery),
        None if outcome is None else Outcome(outcome),
        None if flag is None else Flag(flag),
        settled,
        unanswered,
    )


def _seal(cipher: Cipher, names: tuple[str, ...], values: tuple[Any, ...]) -> bytes | None:
    """Sealed JSON of the fields that say something; None when none does."""
    said: dict[str, Any] = {
        name: value for name, value in zip(names, values, strict=True) if value and value not in _EMPTY
    }
    if not said:
        return None
    approval = said.get("approval")
    if approval is not None:
        said["approval"] = [approval.who, codec.micros(approval.at), approval.fingerprint]
    for name in ("refused_at", "planned_at", "replied_at"):
        if name in said:
            said[name] = codec.micros(said[name])
    said |= {name: codec.plain(said[name]) for name in said.keys() & _RECORDS.keys()}
    if "values" in said:
        said["values"] = dict(said["values"])
    return cipher.seal(codec.to_json(said))
