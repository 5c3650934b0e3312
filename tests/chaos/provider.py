"""A mail server as a process of its own, whose moods change while it runs. Its record is what really left.

    python -m tests.chaos.provider RECORD

prints its port, takes one JSON object a line on standard input, and ends when that does: `{"script": {...}}` sets the
fields of `tests.emulators.smtp.Script`, `{"cut": true}` hangs up on everybody.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from tests.emulators.smtp import Script, SmtpSink, SunkMail


@dataclass(frozen=True, slots=True)
class Left:
    """One mail that the provider took: when (seconds since the epoch), to whom, our message id, its text."""

    at: float
    address: str
    message_id: str
    text: str


class Company:
    """The provider as the rig holds it: its process, its moods, its record."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._record = folder / "mails.jsonl"
        self._left: list[Left] = []
        self._read = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.provider", str(self._record)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = f"smtp://127.0.0.1:{int(self._process.stdout.readline())}"

    def behave(self, **script: Any) -> None:
        """Behave like this from now on; without arguments, well."""
        self._tell({"script": script})

    def cut(self) -> None:
        """Hang up on everybody, those that are kept waiting among them."""
        self._tell({"cut": True})

    def record(self) -> list[Left]:
        """Every mail that was taken, in order."""
        if self.taken() > self._read:
            with self._record.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]
            self._left += [_left(json.loads(line)) for line in whole.splitlines()]
            self._read += len(whole) + 1 if whole else 0
        return list(self._left)

    def taken(self) -> int:
        """A number that grows with every mail that is taken."""
        return self._record.stat().st_size if self._record.exists() else 0

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _tell(self, word: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(word) + "\n")
        self._process.stdin.flush()


def _left(line: dict[str, Any]) -> Left:
    mail = message_from_bytes(base64.b64decode(line["raw"]), policy=policy.default)
    text = str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[attr-defined]
    return Left(line["at"], line["to"], str(mail["X-Cellback-Message"]), text)


class TimedSink(SmtpSink):
    """Writes down the time as well, and can be told to hang up."""

    file: Path

    def keep(self, mail: SunkMail) -> None:
        """Take a mail, for good: on disk before the sender hears of it."""
        line = {"at": time.time(), "to": mail.recipient, "raw": base64.b64encode(mail.raw).decode()}
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(line).encode() + b"\n")
        finally:
            os.close(handle)

    def hear(self) -> None:
        """Obey standard input until it ends."""
        for line in sys.stdin:
            word = json.loads(line)
            if "script" in word:
                self.script = Script(**word["script"])
            else:
                self._loop.call_soon_threadsafe(self._cut)
        self._loop.call_soon_threadsafe(self._stopped.set)

    def _cut(self) -> None:
        for session in self._sessions:
            session.cancel()


def main() -> None:
    """Serve until standard input ends."""
    sink = TimedSink()
    sink.file = Path(sys.argv[1])

    async def serve() -> None:
        threading.Timer(0, sink.hear).start()
        await sink.serve(announce=True)

    asyncio.run(serve())


if __name__ == "__main__":
    main()
