"""Which step of its row an answer belongs to, and what becomes of a step that waits: who answered is not reminded."""

from __future__ import annotations

from server.domain.machine import Answered
from server.domain.message import Message
from server.domain.reply import Interpretation
from server.domain.words import MessageState
from server.errors import TemporaryError
from server.ports import Ledger

ANSWERED = "Not sent: an answer to an earlier message of this row came before."
"""Why a step was taken out of its row."""

TRIES = 5
"""How often an answer looks for its place anew while others write to the row again."""


def standing(*, ledger: Ledger, message: Message, note: str = ANSWERED) -> Message:
    """The message of its row that an answer to any of them belongs to; a later one that surely reached nobody is taken
    out of the row first.

    Raises TemporaryError while a later one is just being sent: only its end tells whether somebody has it.
    """
    if not message.followed:
        return message
    shown = ledger.messages.fall_back(message.id, note)
    if shown.state is MessageState.SENDING:
        raise TemporaryError("Another message to this row is on its way just now.", retry_after=1.0)
    return shown


def put(*, ledger: Ledger, message: Message, answer: Answered) -> Message | None:
    """Put an answer on the row of that message, whichever step shows it; None where that changes nothing.

    Raises TemporaryError as `standing` does.
    """
    for _ in range(TRIES):
        message = standing(ledger=ledger, message=message)
        moved = ledger.messages.move(message.id, answer)
        if moved is not None:
            return moved
        message = ledger.messages.get(message.id)
        if not message.followed:  # else the row was written to again between the two
            return None
    raise TemporaryError("This row is being written to again just now.", retry_after=1.0)


def answer_stop(*, ledger: Ledger, message: Message, reading: Interpretation) -> Message | None:
    """Put a wish for no more messages that no reply brought on the row of that message, also where another one is on
    its way: it waits for nothing. None where that changes nothing."""
    shown = ledger.messages.fall_back(message.id, ANSWERED) if message.followed else message
    if shown.state is MessageState.SENDING and shown.id != message.id:
        return ledger.messages.move(shown.id, Answered(reading, shown.reply, certain=False))
    return put(ledger=ledger, message=shown, answer=Answered(reading, shown.reply))
