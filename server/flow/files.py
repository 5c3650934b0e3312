"""What goes along with a mail: looked at when it is drafted, fetched when it leaves."""

from __future__ import annotations

from server.domain.message import Attachment, Message
from server.errors import PermanentError, TemporaryError
from server.ports import Attachments

NOWHERE = "Files can't go along here: none are set up (CELLBACK_ATTACHMENTS_DIR). Clear the cell, or ask the operator."


async def missing(attachments: Attachments | None, cell: str) -> str:
    """Why what a cell names can't go along, in a sentence; "" when it can, or the cell names nothing."""
    if not cell:
        return ""
    if attachments is None:
        return NOWHERE
    try:
        await attachments.check(cell)
    except (PermanentError, TemporaryError) as error:
        return error.sentence
    return ""


async def load(attachments: Attachments | None, message: Message) -> tuple[Attachment, ...]:
    """What goes along with a message. Raises PermanentError when it is not there, TemporaryError when not now."""
    cell = message.extras.attachment
    if not cell:
        return ()
    if attachments is None:
        raise PermanentError(NOWHERE)
    return await attachments.load(cell)
