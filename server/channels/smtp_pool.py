"""Connections to one mail server: kept for the next mail, replaced when used up, dropped after any doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.channels.smtp_connection import Broken, Connection, Envelope, Refused, Server


class Pool:
    """The connections of one event loop; at most `size` at work."""

    def __init__(self, server: Server, size: int) -> None:
        self._server = server
        self._idle: list[Connection] = []
        self._turns = asyncio.Semaphore(size)
        self._closed = False

    @asynccontextmanager
    async def introduced(self, envelope: Envelope) -> AsyncIterator[Connection]:
        """A connection that has accepted MAIL FROM; kept afterwards if all went well, else reset or dropped.

        A kept connection that turns out to be dead, or used up (421), is replaced once by a new one: until MAIL
        is accepted nothing has been given away. Raises Refused or Broken.
        """
        async with self._turns:
            connection = await self._introduce(envelope)
            try:
                yield connection
            except Refused:
                await self._give_back(connection, clean=False)
                raise
            except BaseException:
                connection.drop()
                raise
            await self._give_back(connection, clean=True)

    async def reach(self) -> None:
        """Open a connection and keep it for the next mail. Raises Refused or Broken."""
        async with self._turns:
            await self._give_back(await Connection.open(self._server), clean=True)

    async def _introduce(self, envelope: Envelope) -> Connection:
        kept = self._kept()
        if kept is not None:
            try:
                await self._try(kept, envelope)
            except Broken:
                pass
            except Refused as refusal:
                if refusal.code != 421:
                    raise
            else:
                return kept
        fresh = await Connection.open(self._server)
        await self._try(fresh, envelope)
        return fresh

    async def _try(self, connection: Connection, envelope: Envelope) -> None:
        try:
            await connection.introduce(envelope)
        except Refused:
            await self._give_back(connection, clean=False)
            raise
        except BaseException:
            connection.drop()
            raise

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.drop()
        return None

    async def _give_back(self, connection: Connection, *, clean: bool) -> None:
        try:
            keep = connection.usable and not self._closed and (clean or await connection.reset())
        except BaseException:
            connection.drop()
            raise
        if keep:
            self._idle.append(connection)
        else:
            connection.drop()

    async def close(self) -> None:
        """Hang up all that is idle; what is at work is dropped when it is given back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))
