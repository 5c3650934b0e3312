"""One storm: campaigns over all channels, faults at every provider, processes killed, sheets sorted; then the end."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.domain.words import MessageState
from tests.chaos.channels.again import again
from tests.chaos.channels.answers import Answers
from tests.chaos.channels.people import people, settle_in
from tests.chaos.channels.product import Organiser, Product
from tests.chaos.channels.show import WAYS, Show
from tests.chaos.world import database
from tests.waiting import until

OPEN = (MessageState.CHOSEN, MessageState.APPROVED, MessageState.SENDING)
TROUBLES = ("duplicate", "late", "reordered", "forged", "replayed")
VICTIMS = ("worker-bulk-1", "worker-bulk-2", "worker-bulk-1", "worker-bulk-2", "worker-fast", "clock", "web")
"""Not the web server where no lost post is found again: some providers post once."""
SETTLED = timedelta(seconds=200)
"""By then a send in doubt has been asked about twice (90 s, and every minute after it)."""

HEARD_SECONDS = 60.0
"""How long answers may take to their rows once nothing goes wrong any more."""


@dataclass(frozen=True)
class Fury:
    """How fierce it gets. `kill` and `sort`: seconds between two of them; `requests`, `posts`: share that goes wrong.

    `hangs`: requests of each provider that are never answered, which takes its client's whole patience. `doubt`: how
    long sends in doubt may be asked about before the end; `listed`: seconds until providers list what people wrote.
    `mails`: how often the mail server fails; `mend`: seconds after which the other providers do so no more. `again`: a
    second campaign afterwards.
    """

    requests: float = 0.08
    posts: float = 0.15
    kill: float = 6.0
    sort: float = 2.5
    hangs: int = 1
    lose: bool = True
    doubt: timedelta = SETTLED
    listed: float = 65.0
    mails: int = 20
    mend: float = 150.0
    again: bool = True
    patience: float = 420.0
    quiet: float = 8.0


@dataclass
class Storm:
    """Everything that runs, and what happened."""

    rows: int
    seed: str
    ledger: str
    fury: Fury
    folder: Path
    product: Product = field(init=False)
    shows: list[Show] = field(default_factory=list)
    answers: Answers = field(init=False)
    tally: Counter[str] = field(default_factory=Counter)
    still_open: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    peace: bool = False
    calm_at: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.seed}-storm")
        self._began = time.monotonic()

    def run(self) -> None:
        """Set up, storm, wait for the end. What is to be looked at stays in place until `product.stop()`."""
        self._set_up()
        self._stir()
        try:
            for show in self.shows:
                show.approve()
            self._say("approved")
            self._until_the_end()
        finally:
            self.answers.close()
            for show in self.shows:
                show.desk.close()

    # the pieces

    def _set_up(self) -> None:
        world = self.product.emulated
        organiser = Organiser(self.product.address, self.product.settings.access_token())
        each = self.rows // len(WAYS)
        for number, way in enumerate(WAYS):
            count = each + (self.rows % len(WAYS) if number == 0 else 0)
            found = people(way.letter, count, number * 10_000, self.seed)
            self.shows.append(Show(way, self.folder / f"{way.letter}.xlsx", found, organiser))
        everybody = [person for show in self.shows for person in show.people]
        for person in everybody:
            settle_in(world, person, self.seed)
        for person in everybody:
            if person.kind == "stopped before":
                world.twilio.text(person.number, "STOP")
        until(lambda: not self.product.ledger.inbox.waiting(1), 20, "the first stops to be heard")
        for show in self.shows:
            show.plan(world)
        self.answers = Answers(world, everybody, self.seed, lose=self.fury.lose)
        for show in self.shows:
            until(show.drafted, 60, f"the drafts of {show.way.letter}")

    def _stir(self) -> None:
        """From here on things go wrong."""
        world, fury = self.product.emulated, self.fury
        world.posts.at_random(self._chance.randrange(10**6), fury.posts, TROUBLES)
        for provider in world.providers.values():
            provider.faults.at_random(self._chance.randrange(10**6), fury.requests)
            for _ in range(fury.hangs):
                provider.fault("hang", on="POST", nth=self._chance.randint(4, 12))
                provider.fault("accept-then-hang", on="POST", nth=self._chance.randint(4, 12))

    def _until_the_end(self) -> None:
        now = time.monotonic()
        end, quiet_since = now + self.fury.patience, now
        due = {self._kill: now + self.fury.kill / 2, self._sort: now + 0.5, self._mail_server: now, self._tidy: now + 2}
        due[self._mend] = now + self.fury.mend
        while time.monotonic() < end:
            self.answers.act()
            for act, at in due.items():
                if time.monotonic() > at:
                    due[act] = time.monotonic() + act()
            if self._open() or not self.answers.idle():
                quiet_since = time.monotonic()
            elif not self.peace:
                if time.monotonic() - self.answers.last > self.fury.listed:
                    self._calm()
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > self.fury.quiet:
                return
            time.sleep(0.1)
        self.still_open = self._open() or ["answers that are still on their way"]

    def _mend(self) -> float:
        """The providers answer every request from now on: what was in doubt can be asked about."""
        for provider in self.product.emulated.providers.values():
            provider.faults.clear()
        self._say("mended")
        return float("inf")

    def _calm(self) -> None:
        """Nothing goes wrong any more; the clock begins anew, as after downtime, and asks what webhooks lost."""
        self.peace, self.calm_at = True, time.monotonic()
        self.product.emulated.posts.calm()
        self._mend()
        self.product.signal("clock", signal.SIGTERM)
        self._say("calm")

    def _kill(self) -> float:
        """One of the processes ends without a word; not any more when nothing is left to be sent."""
        if self.unsent() and not self.peace:
            victim = self._chance.choice(VICTIMS if self.fury.lose else VICTIMS[:-1])
            if self.product.signal(victim, signal.SIGKILL):
                self.tally["kills"] += 1
                self._say(f"kill {victim}")
        return self._chance.uniform(0.6, 1.4) * self.fury.kill

    def _sort(self) -> float:
        show = self._chance.choice(self.shows)
        if self.unsent() or self._chance.random() < 0.3:
            self.tally["sorts"] += show.shuffle(self._chance)
        return self._chance.uniform(0.6, 1.4) * self.fury.sort

    def _mail_server(self) -> float:
        """The SMTP server has its own ways to fail."""
        script = self.product.emulated.smtp.script
        self.tally["SMTP faults"] += script.faults == 0
        if self.peace or self.tally["SMTP faults"] >= self.fury.mails:
            script.drop, script.faults = "", None
            return float("inf")
        script.drop, script.faults = self._chance.choice(("accepted", "dot", "data", "mail")), 1
        return self._chance.uniform(1.0, 3.0)

    def _tidy(self) -> float:
        """The organiser looks at what asks for a person."""
        for show in self.shows:
            self.tally["looked after"] += show.look_after()
        return 2.0

    def unsent(self) -> bool:
        """Whether anything is still to be sent."""
        states = [self.product.ledger.messages.states(show.campaign) for show in self.shows]
        return any(found.get(state) for found in states for state in OPEN)

    def _open(self) -> list[str]:
        """What the product (or the post) still has to do."""
        found, ledger = [], self.product.ledger
        for show in self.shows:
            letter, states = show.way.letter, ledger.messages.states(show.campaign)
            found += [f"{letter}: {states[state]} {state.value}" for state in OPEN if states.get(state)]
            if backlog := ledger.cells.backlog(show.campaign):
                found.append(f"{letter}: {backlog} cells to write ({ledger.campaigns.get(show.campaign).note})")
            if states.get(MessageState.IN_DOUBT) and self._asked_about(show):
                found.append(f"{letter}: {states[MessageState.IN_DOUBT]} in doubt that are still asked about")
        found += self._unheard()
        found += ["events to process"] if ledger.inbox.waiting(1) else []
        found += ["replies to read"] if ledger.inbox.unread(1) else []
        return found

    def _unheard(self) -> list[str]:
        """In peace: answers that came, or can be asked for, and stand at no message yet; not waited for without end."""
        if not self.peace or time.monotonic() - self.calm_at > HEARD_SECONDS:
            return []
        came = {one.person.name for one in self.answers.said if one.arrived and one.means != "bounce"}
        for show in self.shows:
            came -= {one.person for one in self.product.ledger.messages.of_campaign(show.campaign) if one.outcome}
        return [f"{len(came)} answers to be heard"] if came else []

    def _asked_about(self, show: Show) -> bool:
        doubtful = self.product.ledger.messages.of_campaign(show.campaign, states=[MessageState.IN_DOUBT])
        since = datetime.now(UTC) - self.fury.doubt
        return any(one.claimed_at and one.claimed_at > since for one in doubtful)

    def _say(self, words: str) -> None:
        self.log.append(f"{time.monotonic() - self._began:7.2f}  {words}")


@dataclass
class Outcome:
    """What a storm left."""

    violations: list[str]
    ways: Mapping[str, Counter[str]]
    """What was counted, by provider and channel; `all` is the sum."""
    table: str
    folder: Path


def storm(rows: int, seed: int, ledger: str, fury: Fury, *, keep: Path | None = None) -> Outcome:
    """One storm and its reckoning. Raises NoPostgres."""
    from tests.chaos.channels.reckoning import reckon

    base = Path(tempfile.mkdtemp(prefix="cb-channels-", dir=keep))
    data = base / "d"
    data.mkdir()
    with database(ledger, base / "pg") as url:
        product = Product(data, url)
        running = Storm(rows, str(seed), ledger, fury, base)
        running.product = product
        left: Sequence[str] = ()
        try:
            product.start()
            running.run()
            report = reckon(running)
            report.violations += again(running) if fury.again else []
        finally:
            left = product.stop()
    violations = [*report.violations, *left]
    (base / "actions.log").write_text("\n".join([*running.log, "", *violations]) + "\n", encoding="utf-8")
    if not violations and keep is None:
        shutil.rmtree(base, ignore_errors=True)
    return Outcome(violations, {**report.counts, "all": report.total}, report.told(), base)
