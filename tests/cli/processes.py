"""`python -m server ...`: as a person starts it, with a process tree of its own, and as a call in this process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main
from tests.nursery import Born, popen

ROOT = Path(__file__).resolve().parents[2]
INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"


@dataclass
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The last line of standard output."""
        return dict(json.loads(self.out.splitlines()[-1]))

    @property
    def status(self) -> dict[str, int]:
        """Word -> count."""
        return dict(self.json["status"])


@dataclass
class Typed:
    """Runs commands with the same settings in this process, where a process of their own is not the point."""

    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: object) -> Ended:
        """Run a command to its end."""
        for name, value in self.settings.items():
            self.patch.setenv(name, value)
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        self.captured.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        said = self.captured.readouterr()
        return Ended(code, said.out, said.err)

    def campaign(self, workbook: Path, *more: object) -> Ended:
        """`run` with our usual instruction, approved, with JSON at the end."""
        return self.run(*run_arguments(workbook, *more))


@dataclass
class Shell:
    """Starts commands with the same data folder and settings."""

    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    anew: bool = False
    """Each command is a new Python, which takes 1.5 s of a core; else it is forked from one that has all loaded."""

    def start(self, *arguments: object) -> subprocess.Popen[str] | Born:
        """Start a command and go on."""
        environment = {**os.environ, "CELLBACK_DATA_DIR": str(self.data_dir), **self.settings}
        command = [sys.executable, "-m", "server", *map(str, arguments)]
        if not self.anew:
            return popen(command, env=environment)
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: object, seconds: float = 60) -> Ended:
        """Run a command to its end."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"{arguments[0]} did not end in {seconds} s:\n{err}") from None
        return Ended(process.returncode, out, err)

    def campaign(self, workbook: Path, *more: object) -> Ended:
        """`run` with our usual instruction, approved, with JSON at the end."""
        return self.run(*run_arguments(workbook, *more))

    def processes(self) -> list[int]:
        """Process ids of everything that works in this data folder."""
        mark = f"CELLBACK_DATA_DIR={self.data_dir}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        found.append(int(folder.name))
                except OSError:
                    continue  # gone meanwhile, or not ours
        return found


def run_arguments(workbook: Path, *more: object) -> tuple[object, ...]:
    """Arguments of `run` with our usual instruction."""
    return ("run", workbook, "--instruction", INSTRUCTION, "--approve-all", "--json", *more)
