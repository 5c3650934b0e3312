"""Rounds of chaos: set up, break things by the seed's choices, heal everything, wait for the end, check."""

from __future__ import annotations

import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server.channels.mailbox import Mail
from server.domain.campaign import Campaign
from server.domain.message import Message
from server.domain.words import CampaignState, ChannelName, MessageState, Problem
from server.errors import SheetUnavailable
from tests.chaos.invariants import Report, check
from tests.chaos.moves import AGAIN, MOVES, OF_MODEL, Move, panel, sheet
from tests.chaos.provider import Left
from tests.chaos.recipients import Recipients
from tests.chaos.show import DOMAIN, INSTRUCTION, TEMPLATE, Show, bib_of
from tests.chaos.world import World

FEW, SMALL_BUDGET = 6, 30_000
"""Rows of the workbook whose budget is small, and that budget in tokens: some of its rows get no text."""
OPEN = (MessageState.CHOSEN, MessageState.APPROVED, MessageState.SENDING)


@dataclass
class Plan:
    """How long, how large, how fierce one round is.

    With `model` a language model drafts for some of the people, and reads all replies. A round has ended when nothing
    was open, and the sheets the same, for `quiet` seconds; at most `patience` later.
    """

    rows: int
    moves: int
    patience: float
    pause: float = 0.3
    longest_sleep: float = 5.0
    pace: float = 0.12
    quiet: float = 2.5
    model: bool = False


@dataclass
class Driver:
    """One round on a running world."""

    world: World
    folder: Path
    seed: str
    plan: Plan
    tally: Counter[str] = field(default_factory=Counter)
    shows: list[Show] = field(default_factory=list)
    restart: Show | None = None
    count: int = 0
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Which moves come, and what each decides, hangs on the seed and its number alone, not on what came between."""
        self._script = random.Random(self.seed)
        self._fate = random.Random(f"{self.seed}-fate")
        self.chance = random.Random(f"{self.seed}-0")
        self.began, self.began_at = time.monotonic(), time.time()
        self._due: list[tuple[float, int, Callable[[], object], str]] = []
        self._numbers = itertools.count()
        self.longest_sleep, self.pace = self.plan.longest_sleep, self.plan.pace
        self.recipients = Recipients(self)

    # what moves use

    def show(self) -> Show:
        """One of the workbooks; the large ones more often."""
        return self.chance.choices(self.shows, [show.count for show in self.shows])[0]

    def later(self, seconds: float, act: Callable[[], object], words: str) -> None:
        """Do it after so many seconds."""
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), act, words))

    def time(self) -> float:
        """Now, as provider and ledger write it down."""
        return time.time()

    def rows(self, campaign: str) -> dict[str, list[Message]]:
        """All messages of each row of a campaign, in the order of their steps, by row key."""
        messages = self.world.ledger.messages
        return {one.row_key: messages.steps(campaign, one.row_key) for one in messages.of_campaign(campaign)}

    def calm_provider(self) -> None:
        """The provider behaves again; whom it kept waiting is hung up on."""
        self.world.company.behave(final_delay=self.pace)
        self.world.company.cut()

    # the round

    def run(self) -> Report:
        """Chaos, then peace, then the reckoning."""
        try:
            self._set_up()
            self._chaos()
            open_ = self._peace()
            return check(self, open_)
        finally:
            self.recipients.postman.close()
            for show in self.shows:
                show.desk.close()

    def _set_up(self) -> None:
        self.calm_provider()
        third = max(4, self.plan.rows // 6)
        mails = (self.plan.rows - third) // 2
        sizes = [
            ("A", ChannelName.EMAIL, mails),
            ("B", ChannelName.OUTBOX, self.plan.rows - third - mails),
            ("C", ChannelName.OUTBOX, third),
        ]
        texts = [TEMPLATE] * 3
        bounds: list[int | None] = [None] * 3
        if self.world.model is not None:
            self.world.model.calm()
            texts[2:], bounds[2:] = [INSTRUCTION, INSTRUCTION], [None, SMALL_BUDGET]
            sizes.append(("D", ChannelName.OUTBOX, max(FEW, third // 2)))
        for (letter, channel, count), text, bound in zip(sizes, texts, bounds, strict=True):
            show = Show(letter, self.folder / f"{letter}.xlsx", channel, count, text, bound)
            self.shows.append(show)
            show.start(self.world)
            self.tally["rows"] += count

    def _chaos(self) -> None:
        moves = MOVES | OF_MODEL if self.world.model is not None else MOVES
        names, half = list(moves), self.plan.moves // 2
        script = self._script.choices(names, list(moves.values()), k=half)
        script += self._script.choices(names, _later(moves), k=self.plan.moves - half)
        for number, move in enumerate(script, 1):
            self.chance = random.Random(f"{self.seed}-{number}")
            until = time.monotonic() + self._script.uniform(0.02, self.plan.pause)
            self._tick()
            try:
                self._say(move(self))
            except SheetUnavailable as error:
                self._say(f"no {move.__name__}: {error.sentence}")
            while time.monotonic() < until:
                self._tick()
                time.sleep(0.02)

    def _tick(self) -> None:
        self.world.keep_running()
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, act, words = heapq.heappop(self._due)
            try:
                act()
            except SheetUnavailable:
                self.later(0.5, act, words)
            else:
                self._say(words)
        if self.restart is not None and self._fate.random() < 0.2:
            self._say(panel.start_again(self, self.restart))
        self.recipients.act()

    def mails(self) -> list[Mail]:
        """What reached the local mailbox in this round, oldest first."""
        found, _ = self.world.services.mailbox.list(100_000)
        return [mail for mail in reversed(found) if mail.address.endswith(f"@{self.folder.name}.{DOMAIN}")]

    def left(self, show: Show) -> list[Left]:
        """What left for the people of one workbook, by the provider's own record."""
        if show.channel is ChannelName.EMAIL:
            record = self.world.company.record()
        else:
            record = [Left(one.at.timestamp(), one.address, one.message_id, one.text) for one in self.mails()]
        here = f"@{self.folder.name}.{DOMAIN}"
        return [one for one in record if one.address.endswith(here) and show.has(bib_of(one.address))]

    # healing

    def _peace(self) -> list[str]:
        """Mend everything, approve what lapsed, wait; what is still open at the end of our patience."""
        self._say("healing")
        self.world.awake()
        while self._due:
            _, _, act, words = heapq.heappop(self._due)
            act()
            self._say(words)
        self.world.redis_command("CONFIG", "SET", "maxmemory", "0")
        self.world.redis_back(empty=False)
        self.world.company.behave()
        self.world.company.cut()
        if self.world.model is not None:
            self.world.model.calm()
        for show in self.shows:
            show.desk.close()
            sheet.mend(show)
        self._last_words()
        return self._wait()

    def _last_words(self) -> None:
        """Finish what a person left half done: a cancel without its new campaign, a pause, lapsed approvals."""
        end = time.monotonic() + 20
        while self.restart is not None and time.monotonic() < end:
            self.world.keep_running()
            self._say(panel.start_again(self, self.restart))
            time.sleep(0.1)
        for show in self.shows:
            drafted = self.world.ledger.messages.of_campaign(show.campaign, states=[MessageState.DRAFTED])
            some = [one for one in drafted if one.problem is Problem.NONE and self.chance.random() < 0.5]
            show.say_yes(some)
            self._insist(f"campaigns/{show.campaign}/approve", {"keys": [one.row_key for one in some]})
            self._drafted(show)  # while drafts are written Send is refused, and nobody would press it again
            self._insist(f"campaigns/{show.campaign}/send")

    def _drafted(self, show: Show) -> None:
        end = time.monotonic() + 20
        campaigns = self.world.ledger.campaigns
        while campaigns.get(show.campaign).state is CampaignState.DRAFTING and time.monotonic() < end:
            self.world.keep_running()
            time.sleep(0.1)

    def _insist(self, path: str, body: object = None) -> None:
        end = time.monotonic() + 20
        while not self.world.api(path, body, seconds=10) and time.monotonic() < end:
            self.world.keep_running()
            time.sleep(0.1)

    def _wait(self) -> list[str]:
        end = time.monotonic() + self.plan.patience
        quiet_since, seen = time.monotonic(), ""
        while time.monotonic() < end:
            self.world.keep_running()
            self.recipients.act()
            now = "".join(f"{show.path.stat().st_mtime_ns}" for show in self.shows)
            if self.open() or now != seen:
                quiet_since, seen = time.monotonic(), now
            elif time.monotonic() - quiet_since > self.plan.quiet:
                return []
            time.sleep(0.1)
        return self.open() or ["the sheet keeps changing"]

    def open(self) -> list[str]:
        """What the ledger (or the post) still has to do."""
        found = []
        ledger = self.world.ledger
        for show in self.shows:
            for key in show.campaigns:
                campaign, states = ledger.campaigns.get(key), ledger.messages.states(key)
                if campaign.halted and not _is_told(campaign):
                    self.world.api(f"campaigns/{key}/draft", {})
                if _is_told(campaign):
                    states.pop(MessageState.CHOSEN, None)
                found += [f"{show.letter}: {states[state]} {state.value}" for state in OPEN if states.get(state)]
                if campaign.state is CampaignState.PAUSED:
                    self.world.api(f"campaigns/{key}/resume")
                busy = campaign.state in {CampaignState.SENDING, CampaignState.PAUSED, CampaignState.DRAFTING}
                if busy and not _is_told(campaign):
                    found.append(f"{show.letter}: campaign is {campaign.state.value} ({campaign.note})")
                if backlog := ledger.cells.backlog(key):
                    found.append(f"{show.letter}: {backlog} cells to write ({campaign.note})")
        if not self.recipients.postman.idle():
            found.append("answers that our web server did not take")
        found += ["events to process"] if ledger.inbox.waiting(1) else []
        found += ["replies to read"] if ledger.inbox.unread(1) else []
        return found

    def _say(self, words: str) -> None:
        if words:
            self.log.append(f"{time.monotonic() - self.began:7.2f}  {words}")


def _is_told(campaign: Campaign) -> bool:
    """Whether its rows without a text are told of: nothing but a larger budget makes drafting go on."""
    return "budget" in campaign.halted and campaign.state is not CampaignState.CANCELLED


def _later(moves: Mapping[Move, float]) -> list[float]:
    """How often each move comes once many were written to: rows are written to again."""
    return [weight * 3 if move in AGAIN else weight for move, weight in moves.items()]
