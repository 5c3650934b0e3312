"""How many questions are at a model's server at once: as many as it bears. One gate for an event loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Gate:
    """Lets `most` in at first, half as many each time when the server asks to slow down, and slowly more again.

    While the server wants to be left alone nobody is let in: with a wait of its own for each question, many rows would
    use up their tries one beside the other.
    """

    most: int
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    _room: float = field(default=0.0, init=False)
    _inside: int = field(default=0, init=False)
    _round: int = field(default=0, init=False)
    _until: float = field(default=float("-inf"), init=False)
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque, init=False, repr=False)

    def __post_init__(self) -> None:
        self._room = float(self.most)

    @property
    def room(self) -> int:
        """How many are let in at once now."""
        return int(self._room)

    async def enter(self) -> int:
        """Wait for a place, and until the server may be asked again; the round, for `slow_down`."""
        while self._inside >= self.room:
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            except asyncio.CancelledError:
                self._wake()  # the place may have been given already
                raise
        self._inside += 1
        try:
            if (wait := self._until - self.clock()) > 0:
                await self.sleep(wait)
        except BaseException:
            self.leave()
            raise
        return self._round

    def leave(self) -> None:
        """Give the place to the next."""
        self._inside -= 1
        self._wake()

    def went_well(self) -> None:
        """An answer came: one place more after each full round of them."""
        self._room = min(self._room + 1 / self._room, float(self.most))
        self._wake()

    def slow_down(self, entered: int, seconds: float) -> None:
        """The server asked for it. Questions that went in together count once."""
        self._until = max(self._until, self.clock() + seconds)
        if entered == self._round:
            self._room = max(self._room / 2, 1.0)
            self._round += 1

    def _wake(self) -> None:
        free = self.room - self._inside
        while free > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
