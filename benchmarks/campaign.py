"""A whole campaign of 1,000 rows over SMTP, against the mails alone: what the loop costs on top, in the same run."""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

from tests.books import contestants
from tests.emulators.smtp import SmtpSink

ROWS = 1000
ROOT = Path(__file__).resolve().parents[1]
INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"


def main() -> None:
    """Print seconds and ratios: plain smtplib over one connection, then `python -m server run` from nothing to Sent."""
    with SmtpSink() as sink, tempfile.TemporaryDirectory() as folder:
        plain = _timed(lambda: _mails(sink.port))
        path = contestants(Path(folder) / "contestants.xlsx", ROWS)
        whole = _timed(lambda: _campaign(path, sink.url, Path(folder) / "data"))
        again = _timed(lambda: _campaign(path, sink.url, Path(folder) / "data"))
        assert len(sink.mails) == 2 * ROWS, len(sink.mails)
    print(f"{ROWS} mails by smtplib, one connection      {plain:6.2f} s  {ROWS / plain:6.0f}/s   1.0x")
    print(f"{ROWS} rows from instruction to Sent cells   {whole:6.2f} s  {ROWS / whole:6.0f}/s  {plain / whole:4.1f}x")
    print(f"the same again: nothing left to do         {again:6.2f} s")


def _timed(work) -> float:  # type: ignore[no-untyped-def]
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _mails(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for index in range(ROWS):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = (
                "contest@example.org",
                f"p{index}@example.org",
                "Your start time",
            )
            mail.set_content(f"Hello Person {index},\n\nYour start time is 09:40.\n\nThank you!\n")
            server.send_message(mail)


def _campaign(path: Path, url: str, data: Path) -> None:
    settings = {"SMTP_URL": url, "EMAIL_FROM": "contest@example.org", "CELLBACK_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "server", "run", str(path), "--channel", "email", "--instruction", INSTRUCTION]
    done = subprocess.run(
        [*command, "--approve-all", "--json"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1])["status"] == {"Sent": ROWS}, done.stdout
