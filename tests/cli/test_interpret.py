"""`interpret` with a language model: the configured one reads, and where it can't be asked there are proposals."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main
from tests.emulators.openai import ModelServer
from tests.llm.model.test_interpreter import said


def lines(
    server: ModelServer, folder: Path, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str], *replies: str
) -> list[dict[str, Any]]:
    """What it prints of these replies."""
    for name, value in server.environment().items():
        patch.setenv(name, value)
    patch.chdir(folder)
    (folder / "replies.csv").write_text("\n".join(["reply", *(f'"{one}"' for one in replies)]), encoding="utf-8")
    assert main(["interpret", "replies.csv", "--question", "Can you come?", "--answers", "Availability=Yes|No"]) == 0
    printed = captured.readouterr()
    sys.stderr.write(printed.err)  # for who asks for it
    return [json.loads(line) for line in printed.out.splitlines()]


def test_the_model_reads_what_the_offline_reader_can_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = "wild horses could not keep me away"
    with ModelServer() as server:
        server.script(said("confirmed", reply, "Yes"), said("declined", "No", "No"))
        first, second = lines(server, tmp_path, monkeypatch, capsys, reply, "No")
        assert server.refused == []
    assert capsys.readouterr().err == ""
    assert (first["values"], first["flag"]) == ({"Availability": "Yes"}, "check")
    assert (second["values"], second["flag"]) == ({"Availability": "No"}, "sure")


def test_the_operators_threshold_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = "wild horses could not keep me away"
    monkeypatch.setenv("CELLBACK_SURE_AT", "0.75")
    with ModelServer() as server:
        server.script(said("confirmed", reply, "Yes"))
        [found] = lines(server, tmp_path, monkeypatch, capsys, reply)
    assert found["flag"] == "sure"


def test_a_model_that_can_not_be_asked_leaves_proposals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer() as server:
        server.fault("key", times=None)
        yes, stop = lines(server, tmp_path, monkeypatch, capsys, "Yes, I'll be there", "STOP")
    assert (yes["outcome"], yes["flag"]) == ("confirmed", "check")
    assert (stop["outcome"], stop["flag"]) == ("opt_out", "sure")
    told = capsys.readouterr().err
    assert told.startswith("The model could not be asked about 1 of 2 replies. 127.0.0.1 does not accept the key in")
