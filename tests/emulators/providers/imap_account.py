"""The mailboxes behind the IMAP server."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from tests.emulators.providers.imap_messages import Message


@dataclass
class Folder:
    """One mailbox. Uids only grow."""

    validity: int = 1
    next_uid: int = 1
    messages: list[Message] = field(default_factory=list)


class Account:
    """The mailboxes of one user. `drop_after`: cut each connection after so many commands (0: never)."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {}
        self.changed = threading.Condition()
        self.clear()

    def clear(self) -> None:
        """Empty."""
        self.folders = {"INBOX": Folder(), "Archive": Folder(), "Trash": Folder()}
        self.drop_after = 0

    @property
    def inbox(self) -> Folder:
        """Where mail arrives."""
        return self.folders["INBOX"]

    def add(self, raw: bytes, flags: frozenset[str] = frozenset(), folder: str = "INBOX") -> Message:
        """A mail arrives."""
        with self.changed:
            into = self.folders[folder]
            message = Message(into.next_uid, raw, set(flags), time.time())
            into.next_uid += 1
            into.messages.append(message)
            self.changed.notify_all()
            return message

    def renumber(self) -> None:
        """The server starts counting anew, as after a restored backup: UIDVALIDITY changes."""
        with self.changed:
            self.inbox.validity += 1
            for uid, message in enumerate(self.inbox.messages, 1):
                message.uid = uid
            self.inbox.next_uid = len(self.inbox.messages) + 1
