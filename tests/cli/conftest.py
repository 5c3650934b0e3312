"""A Cellback that runs already, for what `run` does beyond starting processes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server.config import load_settings
from server.local.supervisor import Supervisor
from tests.cli.processes import Shell, Typed
from tests.databases import SECRET
from tests.emulators.smtp import SmtpSink

FROM = "Contest <contest@example.org>"


@pytest.fixture(scope="module")
def running(forked_starts: None, migrated_file: Path) -> Iterator[tuple[Path, SmtpSink]]:
    """The data folder of workers that run, and the mail server that they know: starting them takes 3 s of a core."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))  # short enough for a unix socket in it
    shutil.copy(migrated_file, folder / "ledger.db")
    with SmtpSink() as sink:
        settings = load_settings(
            _env_file=None,
            CELLBACK_DATA_DIR=folder,
            CELLBACK_SECRET_KEY=SECRET,
            SMTP_URL=sink.url,
            EMAIL_FROM=FROM,
        )
        try:
            with Supervisor(settings, web=False):
                yield folder, sink
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Joined(Typed):
    """Commands in the data folder of what runs."""

    data_dir: Path = field(kw_only=True)
    sink: SmtpSink = field(kw_only=True)

    def __post_init__(self) -> None:
        self.settings |= {
            "CELLBACK_DATA_DIR": str(self.data_dir),
            "CELLBACK_SECRET_KEY": SECRET,
            "SMTP_URL": self.sink.url,
            "EMAIL_FROM": FROM,
        }

    def beside(self) -> Shell:
        """For a command that goes on in a process of its own."""
        return Shell(self.data_dir, self.settings)


@pytest.fixture
def joined(
    running: tuple[Path, SmtpSink], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Joined:
    """What runs, with a mail server that has forgotten the last campaign."""
    folder, sink = running
    sink.forget()
    return Joined(monkeypatch, capsys, data_dir=folder, sink=sink)
