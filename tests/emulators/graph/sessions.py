"""Workbook sessions, which expire, and operations that take their time."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.graph.book import Book
from tests.emulators.graph.errors import GraphError, session_gone

PERSISTENT_IDLE, SCRATCH_IDLE = 300.0, 420.0
"""Seconds without a request after which a session ends (the service's own figures of 2019)."""


@dataclass
class Session:
    """`book` is the private copy of a session that does not persist."""

    id: str
    item: str
    persist: bool
    used: float
    book: Book | None = None
    ended: bool = False

    def alive(self, now: float) -> bool:
        return not self.ended and now - self.used <= (PERSISTENT_IDLE if self.persist else SCRATCH_IDLE)


@dataclass
class Operation:
    """Ready at a moment; then it has a result to fetch, or an error."""

    id: str
    item: str
    ready: float
    resource: str
    result: dict[str, Any] = field(default_factory=dict)
    error: GraphError | None = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


class Sessions:
    """All sessions ever made, so that a test can ask about the dead ones too."""

    def __init__(self) -> None:
        self.all: dict[str, Session] = {}
        self.operations: dict[str, Operation] = {}
        self.misused = 0
        """Requests that came with the id of a session that had ended already."""

    def create(self, item: str, book: Book, *, persist: bool, now: float) -> Session:
        """A new session on a file."""
        number = f"cluster=EMU1&session={uuid.uuid4()}&usid={uuid.uuid4()}"
        session = Session(base64.b64encode(number.encode()).decode(), item, persist, now)
        session.book = None if persist else book.clone()
        self.all[session.id] = session
        return session

    def take(self, session_id: str, item: str, now: float) -> Session:
        """The live session of that file, its idle time begun anew. Raises GraphError."""
        session = self.all.get(session_id)
        if session is None or session.item != item:
            raise session_gone()
        if not session.alive(now):
            self.misused += 1
            session.ended = True
            raise session_gone()
        session.used = now
        return session

    def live(self, item: str, now: float) -> list[Session]:
        """Sessions on a file that have not ended."""
        return [session for session in self.all.values() if session.item == item and session.alive(now)]

    def end(self, item: str = "") -> None:
        """Let all sessions (of a file) be gone, as after a restart of the service."""
        for session in self.all.values():
            if item in ("", session.item):
                session.ended = True
