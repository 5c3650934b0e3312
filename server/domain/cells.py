"""What the sheet's cells show for a message: the one place where a state becomes a word in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from server.domain.audit import WHAT, Entry
from server.domain.machine import LOST, Answered, Blocked, Checked, Doubted, Drafted, Settled, TakenBack, Unanswered
from server.domain.message import Message
from server.domain.table import fold
from server.domain.words import TELLS_OF_SEND, DeliveryStatus, Flag, MessageState, Outcome, Problem, Role, Status

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_BY_STATE = {
    MessageState.APPROVED: Status.APPROVED,
    MessageState.SENDING: Status.SENDING,
    MessageState.FAILED: Status.FAILED,
    MessageState.IN_DOUBT: Status.IN_DOUBT,
    MessageState.CANCELLED: Status.CANCELLED,
    MessageState.CHANGED: Status.CHANGED,
}

_BY_PROBLEM = {
    Problem.NONE: Status.DRAFT,
    Problem.CHECK: Status.CHECK_DRAFT,
    Problem.SHARED_ADDRESS: Status.CHECK_DRAFT,
    Problem.NO_ADDRESS: Status.NO_ADDRESS,
    Problem.DUPLICATE: Status.DUPLICATE,
    Problem.SUPPRESSED: Status.OPTED_OUT,
}

_BY_DELIVERY = {
    DeliveryStatus.FAILED: Status.FAILED,
    DeliveryStatus.BOUNCED: Status.BOUNCED,
    DeliveryStatus.DELIVERED: Status.DELIVERED,
    DeliveryStatus.READ: Status.READ,
    DeliveryStatus.COMPLAINED: Status.OPTED_OUT,
}

_BY_OUTCOME = {
    Outcome.CONFIRMED: Status.CONFIRMED,
    Outcome.DECLINED: Status.DECLINED,
    Outcome.RESCHEDULE: Status.ANSWERED,
    Outcome.ANSWERED: Status.ANSWERED,
    Outcome.QUESTION: Status.REVIEW,
    Outcome.WRONG_PERSON: Status.REVIEW,
    Outcome.OPT_OUT: Status.OPTED_OUT,
    Outcome.AUTOMATIC: Status.AWAY,
    Outcome.UNCLEAR: Status.REVIEW,
}

_PLAIN = {
    **{state.value: word for state, word in _BY_STATE.items()},
    MessageState.DRAFTED.value: Status.DRAFT,
    MessageState.SENT.value: Status.SENT,
    MessageState.SKIPPED.value: Status.SKIPPED,
}
_BY_EVENT = {
    WHAT[Doubted]: frozenset({Status.CHECK_DRAFT}),
    WHAT[TakenBack]: frozenset({Status.CHECK_DRAFT}),
    WHAT[Blocked]: frozenset({Status.OPTED_OUT}),
    WHAT[Unanswered]: frozenset({Status.NO_ANSWER}),
}
_READINGS = frozenset({WHAT[Answered], WHAT[Settled], WHAT[Checked]})


def status_of(
    state: MessageState,
    problem: Problem = Problem.NONE,
    delivery: DeliveryStatus = DeliveryStatus.NONE,
    outcome: Outcome | None = None,
    flag: Flag | None = None,
    settled: bool = False,
    unanswered: bool = False,
) -> Status | None:
    """The word for the `Status` cell, or None while there is nothing to say yet.

    An opt-out shows at any confidence: being wrong about it costs less than writing again.
    """
    if state is MessageState.CHOSEN:
        return None
    if state is MessageState.DRAFTED:
        return _BY_PROBLEM[problem]
    if state is MessageState.SKIPPED:
        return Status.OPTED_OUT if problem is Problem.SUPPRESSED else Status.SKIPPED
    if state is not MessageState.SENT:
        return _BY_STATE[state]
    if outcome is not None:
        if settled:
            word = _BY_OUTCOME[outcome]
            return Status.ANSWERED if word is Status.REVIEW else word
        if flag is Flag.CHECK and outcome not in {Outcome.OPT_OUT, Outcome.AUTOMATIC}:
            return Status.REVIEW
        return _BY_OUTCOME[outcome]
    if unanswered and delivery not in LOST:
        return Status.NO_ANSWER
    return _BY_DELIVERY.get(delivery, Status.SENT)


def status(message: Message) -> Status | None:
    """The word for a message as it stands."""
    return status_of(
        message.state,
        message.problem,
        message.delivery,
        message.outcome,
        message.flag,
        bool(message.settled_by),
        message.unanswered,
    )


def words_of(trail: Iterable[Entry]) -> frozenset[Status]:
    """The words that we may have put into a message's `Status` cell, by its audit."""
    found: set[Status] = set()
    for entry in trail:
        found |= {_PLAIN[state] for state in (entry.before, entry.after) if state in _PLAIN}
        found |= _BY_EVENT.get(entry.what, frozenset())
        if entry.what in _BY_DELIVERY:
            found.add(_BY_DELIVERY[DeliveryStatus(entry.what)])
        if entry.what == WHAT[Drafted] and entry.why:
            found |= {Status.CHECK_DRAFT, Status.NO_ADDRESS, Status.DUPLICATE}
        outcome = entry.why.partition(":")[0]
        if entry.what in _READINGS and outcome in _BY_OUTCOME:
            found |= {_BY_OUTCOME[Outcome(outcome)], Status.REVIEW, Status.ANSWERED}
    return frozenset(found)


def cells_of(message: Message, answer_columns: Iterable[str] = ()) -> dict[str, str]:
    """Everything that the row's own cells should show: role (or answer column) -> text, "" for an empty cell.

    Values of a `check` stay out of the answer columns: they are a proposal, shown in `Note` and in the panel,
    until a person settles it. An earlier answer that a mere remark followed stays where it is.
    """
    word = status(message)
    kept = message.flag is Flag.CHECK and message.confidence is None  # an earlier answer, with a remark after it
    sure = message.flag is Flag.SURE or bool(message.settled_by) or kept
    confidence = ""
    if message.outcome is not None and message.confidence is not None and not message.settled_by:
        confidence = f"{message.confidence:.2f}"
    shown = {
        Role.STATUS.value: word.value if word else "",
        Role.SUBJECT.value: message.subject,
        Role.MESSAGE.value: message.text,
        Role.REPLY.value: showable(message.reply),
        Role.CONFIDENCE.value: confidence,
        Role.FLAG.value: message.flag.value if message.flag and message.outcome and not message.settled_by else "",
        Role.NOTE.value: showable(note(message)),
    }
    for name in answer_columns:
        shown[name] = message.values.get(name, "") if sure else ""
    return shown


def showable(text: str) -> str:
    """What a stranger wrote without what no cell holds (control characters, half a character): a sheet would leave it
    out, and be written to again and again."""
    return _UNSHOWABLE.sub("", text)


ASKED = "Asked back: it is their turn."
KEPT = "Asked back: the earlier answer stands until they answer."


def note(message: Message) -> str:
    """The one sentence behind the status; with the proposal of a reading that waits for a person, and the words of the
    reply that it rests on."""
    if message.question and message.outcome is None and not message.note:
        return KEPT if message.values else ASKED
    if message.flag is not Flag.CHECK or message.settled_by or message.confidence is None:
        return message.note
    proposal = ", ".join(f"{name} = {value}" for name, value in message.values.items() if value)
    proposal = proposal or _BY_ITSELF.get(message.outcome or Outcome.UNCLEAR, "")
    words = in_short(message.evidence) if message.evidence in message.reply else ""
    on = f", on “{words}”" if words else ""
    return " ".join(part for part in (f"Proposed: {proposal}{on}." if proposal else "", message.note) if part)


_BY_ITSELF = {
    Outcome.CONFIRMED: Status.CONFIRMED.value,
    Outcome.DECLINED: Status.DECLINED.value,
    Outcome.RESCHEDULE: "another time",
}
"""Proposals without a value."""

SHORT = 80
_LINK = re.compile(
    r"(?:\w+://|www\.|mailto:)\S+|\S+@\S+\.\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?(?=\W|$)", re.IGNORECASE
)
_MARKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff“”]+")


def in_short(text: str) -> str:
    """Words of a stranger as they may stand within a sentence of ours: one short line, no link, no marks that hide or
    turn anything, no quotation marks that would end theirs, and nothing at their head that a sheet may calculate."""
    plain = _MARKS.sub(" ", _LINK.sub("…", text[: SHORT * 4])).strip().lstrip("=+-@ ")
    return plain if len(plain) <= SHORT else f"{plain[: SHORT - 1].rstrip()}…"


def tells_of_send(shown: str) -> bool:
    """Whether a `Status` cell says that its row's message has left already, or must not leave."""
    return any(fold(word.value) == fold(shown) for word in TELLS_OF_SEND)
