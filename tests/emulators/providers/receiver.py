"""A stand-in for the product in tests of the emulator itself: keeps what is posted and answers as told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.emulators.providers.http import Answer, Request, Server


@dataclass
class Receiver:
    """`with Receiver() as product: ... product.url ... product.got`. `answers` are given one each, then `usual`."""

    usual: Answer = field(default_factory=Answer)
    answers: deque[Answer] = field(default_factory=deque)
    got: list[Request] = field(default_factory=list)

    def __enter__(self) -> Receiver:
        self._server = Server(self._respond)
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def bodies(self) -> list[bytes]:
        """What was posted, in the order of arrival."""
        return [request.body for request in self.got]

    def _respond(self, request: Request) -> Answer:
        self.got.append(request)
        return self.answers.popleft() if self.answers else self.usual
