"""`make eval`, or `python -m tests.evaluation`: plan, draft and read cases against the configured model, and a score
table. With no model configured the recorded answers stand in for one, and it says so."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence

from server.config import Settings, load_settings
from server.errors import CellbackError, ConfigError
from server.llm import prompting
from server.llm.client import ModelClient
from server.services import Services
from tests.evaluation import recorded, table
from tests.evaluation.cases import TASKS, Task, cases
from tests.evaluation.recorded import BY_HAND
from tests.evaluation.running import Result, replay_all, run_all, run_offline


def main(arguments: Sequence[str], settings: Settings | None = None) -> int:
    """Run, print, 0; 1 with a sentence when the model can't be asked, 2 on wrong use."""
    given = _parser().parse_args(arguments)
    tasks: tuple[Task, ...] = (given.only,) if given.only else TASKS
    if given.accept:
        return _accept(tasks)
    try:
        settings = settings or load_settings()
        client = None if given.offline else Services(settings).models.client
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.record and client is None:
        sys.stderr.write("There is no model to record: set OPENAI_MODEL and OPENAI_API_KEY (docs/model.md).\n")
        return 2
    try:
        found = {task: _results(task, client, offline=given.offline) for task in tasks}
    except CellbackError as error:
        sys.stderr.write(f"The model could not be asked. {error.sentence}\n")
        return 1
    if given.record:
        for task, results in found.items():
            recorded.save(task, recorded.merged(recorded.load(task), [kept for one in results for kept in one.heard]))
    note = "The offline model alone: no model was asked." if given.offline else _note(client, found)
    if given.json:
        shown = {"note": note, "tasks": [table.as_json(task, ones, settings.price) for task, ones in found.items()]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return 0
    sys.stdout.write(f"{note}\n\n")
    for task, results in found.items():
        sys.stdout.write(f"{table.text(task, results, settings.price)}\n\n")
        if given.list:
            sys.stdout.write("".join(f"  {line}\n" for line in table.faults(results)) + "\n")
    sys.stdout.write(f"{note}\n")
    return 0


def _results(task: Task, client: ModelClient | None, *, offline: bool) -> list[Result]:
    given = cases(task)
    if offline:
        return asyncio.run(run_offline(given))
    return asyncio.run(run_all(client, given) if client else replay_all(given, recorded.load(task)))


def _note(client: ModelClient | None, found: dict[Task, list[Result]]) -> str:
    """Whose answers these are: the first line of the output, and the last."""
    if client is not None:
        return f"Answers of {client.model} at {client.where}."
    every = [one for results in found.values() for one in results if one.record]
    by = Counter(one.record.by for one in every if one.record)
    told = [f"{count} {_author(name)}" for name, count in by.most_common()]
    lines = [f"NO MODEL WAS ASKED: recorded answers ({', '.join(told) or 'none'})."]
    if BY_HAND in by:
        wrong = sum(bool(one.record and one.record.wrong) for one in every)
        lines.append(
            "Answers written by hand show that cases, forms, checks and scores work, not how good a model is; "
            f"{wrong} of them are wrong on purpose, as models are now and then."
        )
    if outdated := sum(one.outdated for one in every):
        lines.append(f"WARNING: {outdated} were recorded with another prompt than today's.")
    if left := sum(len(cases(task)) - len(results) for task, results in found.items()):
        lines.append(f"WARNING: {left} cases have no recorded answer, and were left out.")
    lines.append("Set OPENAI_MODEL and OPENAI_API_KEY to ask a model.")
    return "\n".join(lines)


def _author(name: str) -> str:
    return "by hand, in the form of a model's" if name == BY_HAND else f"by {name}"


def _accept(tasks: Sequence[Task]) -> int:
    prompts = {name: prompting.load(name).id for name in prompting.names()}
    for task in tasks:
        recorded.save(task, recorded.accept(recorded.load(task), prompts))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--only", choices=TASKS, help="one of the three")
    parser.add_argument("--offline", action="store_true", help="the offline model alone, to compare with")
    parser.add_argument("--list", action="store_true", help="name the cases that are not right")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--record", action="store_true", help="keep the model's answers as the recorded ones")
    parser.add_argument(
        "--accept", action="store_true", help="say that the recorded answers fit today's prompts as well"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
