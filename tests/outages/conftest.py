"""A plant: the processes of one installation, a workbook with a campaign, and the mail server that counts."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis

from server.campaigns import CampaignService
from server.config import Settings
from server.domain.words import CampaignState, ChannelName, MessageState
from server.local.supervisor import Supervisor
from server.queue import BULK
from server.services import Services, build
from tests.books import column, contestants
from tests.emulators.smtp import Script, SmtpSink
from tests.waiting import until

ROWS = 60


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

    def until(self, look: Callable[[], object], seconds: float = 25.0, what: str = "") -> None:
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


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Takes a third of a second for each mail, so that there is a middle to a campaign."""
    with SmtpSink(Script(final_delay=0.3)) as sink:
        yield sink


@pytest.fixture
def plant(settings: Callable[..., Settings], sink: SmtpSink, tmp_path: Path) -> Iterator[Plant]:
    chosen = settings(PORT=0, SMTP_URL=sink.url, EMAIL_FROM="Contest <contest@example.org>")
    plant = Plant(chosen, sink, contestants(tmp_path / "a.xlsx", ROWS))
    yield plant
    if plant.supervisor is not None:
        plant.supervisor.stop()
    plant.services.close()
