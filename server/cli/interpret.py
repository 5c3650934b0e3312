"""`interpret`: reads replies from a file, so that an operator can try the reader before trusting it."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from server.config import load_settings
from server.domain.plan import Plan, parse_answer_column
from server.domain.reply import Interpretation
from server.domain.words import ChannelName
from server.errors import InvalidInput, NotFound
from server.ports import Interpreter, ReadRequest
from server.services import build


def interpret_file(path: Path, question: str, answers: Sequence[str]) -> int:
    """Print one JSON object per reply, in order; to standard error, how many the model could not be asked about.

    Raises NotFound or InvalidInput.
    """
    try:
        columns = tuple(parse_answer_column(text) for text in answers)
    except ValueError as error:
        raise InvalidInput(str(error), field="answers") from error
    plan = Plan(ChannelName.OUTBOX, "outbox", "", answer_columns=columns, question=question)
    lines = list(_lines(path))
    services = build(load_settings())
    interpreter, sure_at = services.interpreter_for(None), services.threshold(None)
    today, offline = datetime.now(UTC).date().isoformat(), list[Interpretation]()
    with asyncio.Runner() as runner:
        try:
            for reply, asked in lines:
                words = asked or question
                request = ReadRequest(reply, words, replace(plan, question=words), {}, today=today, sure_at=sure_at)
                reading = runner.run(_read(interpreter, request))
                if services.models.name and not reading.made.prompt:
                    offline.append(reading)
                sys.stdout.write(json.dumps(_view(reply, reading), ensure_ascii=False) + "\n")
        finally:
            runner.run(services.models.hang_up())
    if offline:
        count = f"{len(offline):,} of {len(lines):,} replies"
        sys.stderr.write(f"The model could not be asked about {count}. {offline[0].reason}\n")
    return 0


async def _read(interpreter: Interpreter, request: ReadRequest) -> Interpretation:
    from server.flow.interpreting import read_text

    return await read_text(interpreter, request)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """(reply, question) of each line. Raises NotFound or InvalidInput with what is missing."""
    if not path.exists():
        raise NotFound(f"There is no file {path}.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            titles = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
            if "reply" not in titles:
                raise InvalidInput(f"{path.name} has no column `reply`. Its first line should name it.")
            for line in reader:
                yield line.get(titles["reply"]) or "", line.get(titles.get("question") or "", "") or ""
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 text. Save it as CSV in UTF-8.") from error
    except (csv.Error, OSError) as error:
        raise InvalidInput(f"{path.name} can't be read as CSV: {error}.") from error


def _view(reply: str, reading: Interpretation) -> dict[str, object]:
    return {
        "reply": reply,
        "outcome": reading.outcome.value,
        "values": dict(reading.values),
        "confidence": round(reading.confidence, 3),
        "flag": reading.flag.value,
        "evidence": reading.evidence,
    }
