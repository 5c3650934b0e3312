"""A plant: the processes of one installation, a workbook with a campaign, and the mail server that counts."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis

from server.campaigns import CampaignService
from server.config import Settings, load_settings
from server.domain.words import CampaignState, ChannelName, MessageState
from server.local.supervisor import Supervisor
from server.queue import BULK
from server.services import Services, build
from tests.books import column, contestants
from tests.databases import SECRET
from tests.emulators.smtp import Script, SmtpSink
from tests.waiting import until

ROWS = 60
MAIL_SECONDS = 0.3
"""What the mail server takes for each mail, so that there is a middle to a campaign."""


@dataclass
class Plant:
    """`supervisor` is looked after in `until`, as its owner does."""

    settings: Settings
    sink: SmtpSink
    workbook: Path
    services: Services = field(init=False)
    service: CampaignService = field(init=False)
    supervisor: Supervisor | None = None
    campaign_id: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.services = build(self.settings)
        self.service = CampaignService(self.services)

    def renew(self, workbook: Path) -> None:
        """Forget the last campaign, and be ready for one in this workbook."""
        self.workbook, self.campaign_id = workbook, ""
        self.sink.forget(Script(final_delay=MAIL_SECONDS))
        self.said.clear()

    def start(self, bulk: int = 1) -> None:
        """Redis, clock and workers."""
        self.supervisor = Supervisor(self.settings, web=False, workers={"fast": 1, "bulk": bulk})
        self.services.use_queue(self.supervisor.start()["redis_url"])

    def sending(self, mails: int = 8) -> None:
        """A campaign in the middle of being sent: so many mails have arrived, more are on their way."""
        self.approved()
        self.service.send(self.campaign_id, undo_seconds=0)
        self.until(lambda: len(self.sink.mails) >= mails, what="mails to arrive")

    def approved(self) -> None:
        """A campaign whose drafts are all approved."""
        template = "Hello {{Name}}, you start at {{Start time}}."
        made = self.service.create(
            str(self.workbook), template=template, subject="Your start", channel=ChannelName.EMAIL, who="Ana"
        )
        self.campaign_id = made.id
        self.service.draft(made.id)
        self.until(lambda: self.state is CampaignState.DRAFTED, what="drafts")
        self.service.approve(made.id, None, "Ana")

    def until(self, look: Callable[[], object], seconds: float = 30.0, what: str = "") -> None:
        """Wait, and start again what died."""

        def tended() -> object:
            if self.supervisor is not None:
                self.said += self.supervisor.check()
            return look()

        until(tended, seconds, what)

    def done(self) -> bool:
        """Whether the campaign has ended and its sheet is up to date."""
        return self.state is CampaignState.DONE and not self.services.ledger.cells.backlog(self.campaign_id)

    @property
    def state(self) -> CampaignState:
        return self.services.ledger.campaigns.get(self.campaign_id).state

    @property
    def states(self) -> dict[MessageState, int]:
        return self.services.ledger.messages.states(self.campaign_id)

    @property
    def received(self) -> Counter[str]:
        """Address -> how many mails it got."""
        return Counter(mail.recipient for mail in self.sink.mails)

    @property
    def words(self) -> Counter[str]:
        """The Status column."""
        return Counter(column(self.workbook, "Status"))

    @property
    def redis(self) -> Redis:
        """To be misused."""
        assert self.supervisor is not None
        return Redis.from_url(self.supervisor.redis_url)

    def kill_redis(self, *, empty: bool) -> None:
        """SIGKILL; with `empty` it will have forgotten everything."""
        assert self.supervisor is not None
        server = self.supervisor._redis
        assert server is not None
        assert server._process is not None
        os.killpg(server._process.pid, signal.SIGKILL)
        server._process.wait()
        if empty:
            shutil.rmtree(server.folder / "appendonlydir")

    def worker(self) -> int:
        """The bulk worker that sends."""
        leases = dict(self.services.ledger.leases.held())
        owner = next(owner for name, owner in leases.items() if name.startswith("send-"))
        return int(owner.split("-")[2])

    def workers(self) -> set[int]:
        assert self.supervisor is not None
        return {pid for name, pid in self.supervisor.pids().items() if BULK in name}


@dataclass
class Standing:
    """One running plant for all tests of a module: to start one costs more than to send a campaign."""

    model: Path
    """A migrated ledger."""
    senders: int
    _plant: Plant | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def take(self, workbook: Path) -> Plant:
        """The running plant, which has heard of no campaign yet."""
        if self._plant is None:
            self._plant = self._stack.enter_context(built(self.model, workbook))
            self._plant.start(bulk=self.senders)
        self._plant.renew(workbook)
        return self._plant

    def discard(self) -> None:
        """Stop it; the next test gets a new one."""
        self._plant = None
        self._stack.close()


@contextmanager
def built(model: Path, workbook: Path) -> Iterator[Plant]:
    """A plant of its own, not started, with a mail server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))  # short enough for a unix socket in it
    shutil.copy(model, folder / "ledger.db")
    with SmtpSink(Script(final_delay=MAIL_SECONDS)) as sink:
        settings = load_settings(
            _env_file=None,
            CELLBACK_DATA_DIR=folder,
            CELLBACK_SECRET_KEY=SECRET,
            PORT=0,
            SMTP_URL=sink.url,
            EMAIL_FROM="Contest <contest@example.org>",
        )
        plant = Plant(settings, sink, workbook)
        try:
            yield plant
        finally:
            if plant.supervisor is not None:
                plant.supervisor.stop()
            plant.services.close()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_plant(forked_starts: None, migrated_file: Path, tmp_path: Path) -> Iterator[Plant]:
    """A plant for one test, not started."""
    with built(migrated_file, contestants(tmp_path / "a.xlsx", ROWS)) as plant:
        yield plant


@pytest.fixture(scope="module")
def standing(forked_starts: None, request: pytest.FixtureRequest, migrated_file: Path) -> Iterator[Standing]:
    """A module says with SENDERS how many bulk workers it wants; else there is one."""
    standing = Standing(migrated_file, getattr(request.module, "SENDERS", 1))
    yield standing
    standing.discard()


@pytest.fixture
def plant(standing: Standing, tmp_path: Path) -> Iterator[Plant]:
    """The module's plant, running; one that was left in the middle of something is not used again."""
    plant = standing.take(contestants(tmp_path / "a.xlsx", ROWS))
    yield plant
    if plant.campaign_id and not plant.done():
        standing.discard()
