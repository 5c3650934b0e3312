"""Processes that are forked ahead: each becomes its program as if it had been started, and ends with its parent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.local import forked
from tests.waiting import gone, until

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import json, os, signal, sys
from pathlib import Path
from server.local import forked
forked.MODULES, forked.allowed = (), True
signal.signal(signal.SIGTERM, lambda *_: print("heard", flush=True))
folder, programs = Path(sys.argv[1]), json.loads(sys.argv[2])
found = forked.fork_ahead({name: [sys.executable, "-m", *command] for name, command in programs.items()})
print(json.dumps({name: child.pid for name, child in found.items()}), flush=True)
for line in sys.stdin:
    name, _, does = line.strip().partition(" ")
    child = found[name]
    if does == "become":
        with (folder / f"{name}.log").open("ab") as log:
            env = {"PYTHONPATH": str(folder), "HELLO": "you"}
            print(child.become(name, [sys.executable, "-m", *programs[name]], log, env, folder), flush=True)
    else:
        print(getattr(child, does)(), flush=True)
"""
PROGRAM = """
import atexit, json, os, signal, sys, threading, time
atexit.register(print, "last words")
does = sys.argv[1]
if does == "tell":
    print(json.dumps({"name": open("/proc/self/comm").read().strip(), "env": dict(os.environ), "cwd": os.getcwd(),
                      "argv": sys.argv[1:], "main": __name__, "leader": os.getsid(0) == os.getpid(),
                      "stdin": sys.stdin.read(), "term": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL}))
    sys.exit(3)
if does == "words":
    sys.exit("no such thing")
if does == "fail":
    raise ValueError("a mistake")
if does == "thread":
    threading.Thread(target=lambda: (time.sleep(0.05), print("the thread ended"))).start()
if does == "wait":
    print("waiting")
    signal.pause()
"""


class Parent:
    """A command that forked ahead, and does with it what it is told."""

    def __init__(self, folder: Path, **programs: list[str]) -> None:
        (folder / "program_of_ours.py").write_text(PROGRAM)
        self.folder = folder
        given = {name: ["program_of_ours", *arguments] for name, arguments in programs.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), json.dumps(given)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": f"{ROOT}:{folder}", "ONLY": "the parent's"},
        )
        self.pids: dict[str, int] = json.loads(self.said())

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def does(self, name: str, what: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name} {what}\n")
        self.process.stdin.flush()
        return self.said()

    def runs(self, name: str) -> tuple[str, str]:
        """Let it become its program: the exit code, and its log."""
        assert self.does(name, "become") == "True"
        return self.does(name, "wait"), self.log(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Callable[..., Parent]]:
    made: list[Parent] = []

    def make(**programs: list[str]) -> Parent:
        made.append(Parent(tmp_path, **programs))
        return made[-1]

    yield make
    for one in made:
        one.end()


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def test_it_becomes_its_program_as_if_it_had_been_started(parent: Callable[..., Parent], tmp_path: Path) -> None:
    code, log = parent(teller=["tell", "a b", "ü"]).runs("teller")
    told, last = log.splitlines()
    found: dict[str, Any] = json.loads(told)
    assert (code, last) == ("3", "last words")
    assert {name: found["env"].get(name) for name in ("HELLO", "ONLY")} == {"HELLO": "you", "ONLY": None}
    assert (found["argv"], found["cwd"], found["name"]) == (["tell", "a b", "ü"], str(tmp_path), "teller")
    assert (found["main"], found["stdin"], found["leader"], found["term"]) == ("__main__", "", True, True)


def test_its_end_is_told_as_python_tells_it(parent: Callable[..., Parent]) -> None:
    made = parent(words=["words"], fail=["fail"], thread=["thread"])
    assert made.runs("words") == ("1", "no such thing\nlast words\n")
    code, log = made.runs("fail")
    assert (code, log.splitlines()[-2:]) == ("1", ["ValueError: a mistake", "last words"])
    assert made.runs("thread") == ("0", "the thread ended\nlast words\n")


def test_it_is_watched_and_ended_as_any_child(parent: Callable[..., Parent]) -> None:
    made = parent(one=["wait"], other=["wait"])
    assert made.does("one", "become") == "True"
    until(lambda: "waiting" in made.log("one"), what="it to run")
    assert made.does("one", "poll") == "None"
    made.does("one", "terminate")
    assert made.does("one", "wait") == made.does("one", "poll") == str(-signal.SIGTERM)
    made.does("one", "terminate")  # nobody is left to hear it
    assert made.does("other", "dismiss") == "None"
    assert made.does("other", "poll") == "0"


def test_one_that_is_gone_says_so(parent: Callable[..., Parent]) -> None:
    made = parent(one=["tell"])
    made.does("one", "terminate")
    until(lambda: made.does("one", "poll") != "None", what="its end")
    assert made.does("one", "become") == "False"


def test_it_ends_with_its_parent_however_that_ends(parent: Callable[..., Parent]) -> None:
    made = parent(runs=["wait"], waits=["wait"])
    made.does("runs", "become")
    until(lambda: "waiting" in made.log("runs"), what="it to run")
    made.end()
    for pid in made.pids.values():
        until(lambda pid=pid: gone(pid), 5, "its end")


def test_nobody_is_forked_who_is_no_command_or_has_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "MODULES", ())
    programs = {"clock": [sys.executable, "-m", "jobs.clock"]}
    assert forked.fork_ahead(programs) == {}
    code = f"from server.local import forked; import sys, threading; forked.allowed = True; stop = threading.Event(); \
threading.Thread(target=stop.wait).start(); print(forked.fork_ahead({programs!r})); stop.set()"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "{}\n"
