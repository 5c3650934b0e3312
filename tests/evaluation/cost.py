"""`python -m tests.evaluation.cost`: calls and tokens of 1,000 rows in both ways of drafting, of reading their replies,
and of asking back. Against the emulated server, which counts one token for four characters: to compare, no bill."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from server.domain.plan import Plan, parse_answer_column
from server.domain.usage import Price, Usage, parse_prices, shown
from server.domain.words import ChannelName
from server.llm.client import ModelClient
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter
from server.llm.usage import TokenBudget
from server.ports import ReadRequest
from tests.emulators.openai import ModelServer
from tests.emulators.openai.player import plays

AT_ONCE = 16
INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
PLAN = Plan(
    ChannelName.EMAIL,
    "outbox",
    "Email",
    "Name",
    read_columns=("Name", "Start time"),
    answer_columns=(parse_answer_column("Availability=Yes|No"),),
    question="Could you please confirm your availability?",
)
REPLIES = (
    "yes",
    "Yes, I'll be there",
    "confirmed, thanks!",
    "no sorry",
    "Unfortunately I can't make it",
    "ok",
    "works for me",
    "Could I start a bit later?",
    "maybe",
    "Where do I park?",
)
PRICE = '{"emulated-1": [0.40, 0.10, 1.60]}'
"""USD a million tokens in, cached in, out; an example."""

Work = Callable[[TokenBudget, int], Awaitable[Any]]


def main(arguments: Sequence[str]) -> int:
    """Measure, print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.cost", description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    rows = parser.parse_args(arguments).rows
    price = parse_prices(PRICE)["emulated-1"]
    sys.stdout.write(f"| {rows:,} rows | calls | tokens in | of these cached | tokens out | cost | seconds |\n")
    sys.stdout.write("|---|--:|--:|--:|--:|--:|--:|\n")
    for name, work, times in ways(rows):
        started = time.monotonic()
        used = measured(work, times)
        sys.stdout.write(line(name, used, price, time.monotonic() - started))
        sys.stdout.flush()
    return 0


def ways(rows: int) -> list[tuple[str, Callable[[ModelClient], Work], int]]:
    """What is measured: its name, the work of one call, and how often it is done."""
    return [
        ("a text for each row", _drafts, rows),
        ("one text for all rows", _template, 1),
        (f"reading {rows:,} short replies", _readings, rows),
        (f"asking {rows // 10:,} of them back", _questions, rows // 10),
    ]


def measured(way: Callable[[ModelClient], Work], times: int) -> Usage:
    """What so many calls use, on a server of their own, so that nothing is cached before."""
    with ModelServer() as server:
        server.answer = plays
        client = ModelClient(key=server.key, model=server.model, base_url=server.url)
        return asyncio.run(_all(client, way(client), times))


async def _all(client: ModelClient, work: Work, times: int) -> Usage:
    budget, gate = TokenBudget(), asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> None:
        async with gate:
            await work(budget, index)

    await one(0)  # the first fills the cache, as the rows that one tries first do
    await asyncio.gather(*(one(index) for index in range(1, times)))
    await client.close()
    return budget.spent


def line(name: str, used: Usage, price: Price, seconds: float) -> str:
    """A line of the table; tokens to the nearest thousand where there are many."""
    counts = [f"{one:,}" if one < 10_000 else f"{round(one, -3):,}" for one in (used.input, used.cached, used.output)]
    return f"| {name} | {used.calls:,} | {' | '.join(counts)} | {shown(price.of(used))} | {seconds:.0f} |\n"


def _row(index: int) -> dict[str, str]:
    return {"Name": f"Contestant {index:04}", "Start time": f"{9 + index // 60 % 9:02}:{index % 60:02}"}


def _drafts(client: ModelClient) -> Work:
    return lambda budget, index: ModelDrafter(client, OfflineDrafter(), budget=budget).draft(
        PLAN, INSTRUCTION, _row(index)
    )


def _template(client: ModelClient) -> Work:
    return lambda budget, _: ModelDrafter(client, OfflineDrafter(), budget=budget).template(PLAN, INSTRUCTION)


def _request(index: int, reply: str) -> ReadRequest:
    return ReadRequest(reply, PLAN.question, PLAN, _row(index), today="2026-05-04")


def _readings(client: ModelClient) -> Work:
    return lambda budget, index: ModelInterpreter(client, OfflineInterpreter(), budget=budget).read(
        _request(index, REPLIES[index % len(REPLIES)])
    )


def _questions(client: ModelClient) -> Work:
    return lambda budget, index: ModelDrafter(client, OfflineDrafter(), budget=budget).clarify(
        _request(index, "maybe?")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
