"""The readers that replies go through in the flow's tests: the offline one, and a model behind an emulated server."""

from __future__ import annotations

from server.domain.reply import Interpretation
from server.llm.client import ModelClient
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineInterpreter
from server.ports import ReadRequest
from tests.emulators.openai import ModelServer, Said
from tests.emulators.openai.brain import reading


async def _no_wait(_: float) -> None:
    """Time that does not pass."""


class Modelled:
    """A model reader with a connection of its own for each reply: the stage runs each on a loop of its own."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server

    async def read(self, request: ReadRequest) -> Interpretation:
        server = self.server
        client = ModelClient(key=server.key, model=server.model, base_url=server.url, sleep=_no_wait)
        try:
            return await ModelInterpreter(client, OfflineInterpreter()).read(request)
        finally:
            await client.close()


def surely(outcome: str, evidence: str, *values: str | None, **more: str) -> Said:
    """What a model says that is as sure as one can be; `values` in the order of their columns."""
    answers = {f"a{place}": value for place, value in enumerate(values, 1)}
    return Said(reading(outcome, answers, evidence, certainty=1.0, **more), certain=0.999)
