"""The launcher where the kernel does not help (macOS): it looks for its parent and ends the program when it is gone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from server.local import children, launch
from tests.waiting import gone, until

PARENT = f"""
import subprocess, sys, time
code = "import os, sys; sys.path.insert(0, {str(children.LAUNCHER.parent)!r}); sys.platform = 'darwin'; import launch; "
code += "sys.exit(launch.main(int(sys.argv[1]), sys.argv[2:]))"
program = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"]
import os
launcher = subprocess.Popen([sys.executable, "-c", code, str(os.getpid()), *program])
launcher.wait()
"""


def test_a_watched_program_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout:
        program = int(parent.stdout.readline())
        parent.kill()

        until(lambda: gone(program), 5)


def test_a_program_is_not_started_for_a_parent_that_is_gone(tmp_path: object) -> None:
    ended = subprocess.run([sys.executable, str(children.LAUNCHER), "1", "/bin/echo", "hello"], capture_output=True)

    assert (ended.returncode, ended.stdout) == (1, b"")


def test_a_program_that_does_not_hear_is_ended_harshly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "GRACE_SECONDS", 0.1)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()

        assert launch.end(program) == -9
