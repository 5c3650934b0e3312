"""The reckoning: what the providers took and the people did, against what stands in the sheets.

Nothing of ours is asked but the sheets, and the ledger for replies that it may hold twice or at nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from server.domain.words import Status
from tests.chaos.channels.answers import FORGED, Said
from tests.chaos.channels.people import DOMAIN, ELSEWHERE, EMAIL, LOST, NOBODY, SMS, STOPPED, VOICE, WHATSAPP, Person
from tests.chaos.channels.show import Show
from tests.chaos.channels.storm import Storm
from tests.chaos.person import KEY, Page, read
from tests.emulators.providers import Sent
from tests.emulators.providers.numbers import known_as

OPEN = {Status.DRAFT, Status.CHECK_DRAFT, Status.APPROVED, Status.SENDING, Status.CHANGED, Status.DUPLICATE, ""}
WENT = {Status.SENT, Status.DELIVERED, Status.READ}
UNSURE = {Status.IN_DOUBT, Status.FAILED}
RESULT = {"yes": Status.CONFIRMED, "no": Status.DECLINED, "question": Status.REVIEW, "stop": Status.OPTED_OUT,
          "away": Status.AWAY, "bounce": Status.BOUNCED}  # fmt: skip
VALUE = {"yes": "Yes", "no": "No"}
NOT_REACHED = frozenset(("63003", "131026"))
"""Errors by which a message on WhatsApp has reached nobody."""
UNSIGNED = {("sendgrid", "inbound"), ("mail program", "unsubscribe")}
"""Posts that a secret in their address speaks for: a "forged" one is the same as the true one."""
COLUMNS = ("rows", "requests", "faults", "sent", "in doubt", "failed", "duplicates", "replies", "right row", "review",
           "wrong rows")  # fmt: skip


@dataclass
class Report:
    """Violations in words, and what was counted by provider and channel."""

    violations: list[str] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> Counter[str]:
        """The counts of all together."""
        return sum(self.counts.values(), Counter())

    def told(self) -> str:
        """The table."""
        wide = max(len(name) for name in self.counts)
        lines = ["  ".join([" " * wide, *COLUMNS])]
        for name, counts in [*sorted(self.counts.items()), ("all", self.total)]:
            lines.append("  ".join([name.ljust(wide), *(str(counts[each]).rjust(len(each)) for each in COLUMNS)]))
        lines += [""] + [f"{count:5}  {what}" for what, count in (+self.tally).items()]
        lines += ["", "why rows ended in doubt or failed:"] if self.reasons else []
        lines += [f"{count:5}  {why}" for why, count in self.reasons.most_common()]
        return "\n".join(lines) + "\n"


def reckon(storm: Storm) -> Report:
    """Look at everything."""
    report = Report(tally=storm.tally)
    report.violations += [f"still open: {words}" for words in storm.still_open]
    report.violations += [f"the people: {words}" for words in storm.answers.broken]
    report.violations += [f"the emulator: {words}" for words in storm.product.emulated.broken]
    taken = _taken(storm)
    report.violations += [f"{who} got something" for who in taken if who.startswith("a stranger")]
    said: dict[str, list[Said]] = defaultdict(list)
    for one in storm.answers.said:
        said[one.person.bib].append(one)
    for show in storm.shows:
        page = read(show.path)
        for person in show.people:
            _Row(storm, show, person, page, taken[person.bib], said[person.bib], report).all()
    _requests(storm, report)
    _ledger(storm, report)
    report.violations += _posts(storm, report)
    report.violations += _leaks(storm)
    return report


def _taken(storm: Storm) -> dict[str, list[Sent]]:
    """Bib -> what providers took for that person, by the address on it."""
    everybody = [person for show in storm.shows for person in show.people]
    owners = {person.mail.casefold(): person.bib for person in everybody}
    owners |= {person.number: person.bib for person in everybody}
    found: dict[str, list[Sent]] = defaultdict(list)
    for provider in storm.product.emulated.providers.values():
        for sent in provider.sent:
            to = sent.to.casefold() if sent.kind == "mail" else known_as(sent.to)
            found[owners.get(to, f"a stranger ({to})")].append(sent)
    return defaultdict(list, {bib: sorted(sents, key=lambda one: one.at) for bib, sents in found.items()})


@dataclass
class _Row:
    """One person's row."""

    storm: Storm
    show: Show
    person: Person
    page: Page
    taken: list[Sent]
    said: list[Said]
    report: Report

    def all(self) -> None:
        """Every promise about a row."""
        rows = self.page.of(self.person.bib)
        if len(rows) != 1 or not self.page.get(rows[0], KEY):
            return self._bad(f"stands in {len(rows)} rows, or has no key")
        self.cell = {title: self.page.get(rows[0], title) for title in self.page.titles}
        self.status = self.cell["Status"]
        last = self.taken[-1] if self.taken else None
        channel = _channel(last) if last else self.show.first_way(self.person)
        self.count = self.report.counts[f"{self.show.way.carrier(channel)} {channel}"]
        self.count["rows"] += 1
        self.count["in doubt"] += self.status == Status.IN_DOUBT
        self.count["failed"] += self.status == Status.FAILED
        if self.status in UNSURE:
            self.report.reasons[f"{self.status}: {_plain(self.cell['Note'])}"] += 1
        if self.status == Status.IN_DOUBT:
            went = "it had gone out" if self.taken else "it never went out"
            self.report.tally[f"in doubt, and {went}"] += 1
        self._once()
        self._ended()
        self._answered()
        return None

    def _once(self) -> None:
        """No more messages than approvals, one on a channel, at most one that reached anybody; the right text."""
        yes = self.show.approvals[self.person.bib]
        reached = [one for one in self.taken if one.error not in NOT_REACHED]
        if self.taken and not yes:
            self._bad("got a message that nobody approved", "duplicates")
        elif len(self.taken) > yes:
            self._bad(f"got {len(self.taken)} messages with {yes} approvals", "duplicates")
        elif len(reached) > 1:
            self._bad(f"was reached {len(reached)} times: {[_channel(one) for one in reached]}", "duplicates")
        for one in self.taken:
            other = set(re.findall(r"\b[SRMT]\d{4}\b", one.text)) - {self.person.bib}
            if other or (one.kind != "voice" and self.person.bib not in one.text):
                self._bad(f"got another's text: {one.text[:80]!r}", "wrong rows")
        if self.person.bib not in self.cell["Message"] and self.status not in {Status.NO_ADDRESS, ""}:
            self._bad(f"Message is {self.cell['Message'][:60]!r}", "wrong rows")

    def _ended(self) -> None:
        """Everybody approved got it, on the channel that the row names; whoever can't be written to did not."""
        kind, status, channels = self.person.kind, self.status, [_channel(one) for one in self.taken]
        if not self.person.approved:
            if status != Status.DRAFT:
                self._bad("nobody approved it")
            return
        first = self.show.first_way(self.person)
        ways = [first, self.show.way_after(first)] if kind in ELSEWHERE else [first]
        if kind in NOBODY or kind in STOPPED:
            wanted = Status.NO_ADDRESS if kind in NOBODY else Status.OPTED_OUT
            if self.taken or status != wanted:
                self._bad(f"ought to be {wanted}, and got {channels}")
        elif status in OPEN:
            self._bad("nothing became of it")
        elif not self.taken and status not in UNSURE:
            self._bad("got nothing")
        elif kind in LOST and status not in UNSURE:
            self._bad("ought to have failed")
        elif channels and (channels[0] not in ways or channels[-1] != ways[-1]) and status not in UNSURE:
            self._bad(f"went by {channels} instead of {ways}")

    def _answered(self) -> None:
        """The one answer of the person is in the cells of this row, and nobody else's."""
        strangers = set(re.findall(r"Person ([SRMT]\d{4})", self.cell["Reply"])) - {self.person.bib}
        if strangers:
            self._bad(f"holds the reply of {strangers}", "wrong rows")
        came = [one for one in self.said if one.arrived]
        self.count["replies"] += len(came)
        if len(came) > 1:
            return self._bad(f"answered {len(came)} times")
        if not came:
            return self._silent()
        return self._shows(came[0])

    def _silent(self) -> None:
        filled = self.cell["Reply"] or self.cell["Available"] or self.status in set(RESULT.values())
        excused = self.person.kind in STOPPED or _bounced(self.storm, self.person, self.taken)
        if filled and not (excused and not self.cell["Reply"]):
            self._bad(f"said nothing, and shows {self._shown()}", "wrong rows")

    def _shows(self, one: Said) -> None:
        wanted = Status.REVIEW if one.by_design else RESULT[one.means]
        value = "" if one.by_design else VALUE.get(one.means, "")
        good = self.status == wanted and self.cell["Available"] == value and one.shown in self.cell["Reply"]
        if not good:
            kind = "wrong rows" if self.cell["Available"] not in ("", value) else ""
            return self._bad(f"said {one.means} by {one.channel} over {one.provider}, shows {self._shown()}", kind)
        self.count["review" if wanted is Status.REVIEW else "right row"] += 1
        return None

    def _shown(self) -> str:
        return f"{self.status}, Available {self.cell['Available']!r}, Reply {self.cell['Reply'][:60]!r}"

    def _bad(self, what: str, kind: str = "") -> None:
        if kind:
            self.count[kind] += 1
        told = f"{self.person.bib} ({self.person.kind}, {self.person.wish or 'no wish'}) {what}"
        status = getattr(self, "cell", {"Status": "?", "Note": "?"})
        self.report.violations.append(f"{told}; {status['Status']}: {status['Note']}")


def _channel(sent: Sent) -> str:
    return EMAIL if sent.kind == "mail" else {"sms": SMS, "whatsapp": WHATSAPP, "voice": VOICE}[sent.kind]


def _bounced(storm: Storm, person: Person, taken: list[Sent]) -> bool:
    return any(one.kind == "mail" for one in taken) and storm.product.emulated.mailbox(person.mail).fate == "bounced"


def _plain(note: str) -> str:
    """A note without what is in it of one person alone."""
    return re.sub(r"\S*\d{4,}\S*|[“”\"][^“”\"]*[“”\"]", "…", note)[:110]


def _requests(storm: Storm, report: Report) -> None:
    """What was asked of the providers, and how much of it went wrong."""
    world = storm.product.emulated
    for show in storm.shows:
        for channel in show.way.order:
            name = f"{show.way.carrier(channel)} {channel}"
            calls = [
                one
                for one in world.providers[show.way.carrier(channel)].calls
                if _is_send(one.method, one.path, one.body, channel)
            ]
            report.counts[name]["requests"] = len(calls)
            report.counts[name]["faults"] = sum(
                bool(one.fault.code or one.fault.drop or one.fault.hang) for one in calls
            )
            report.counts[name]["sent"] = sum(
                _channel(one) == channel for one in world.providers[show.way.carrier(channel)].sent
            )
    report.counts["smtp email"]["requests"] = sum(line.upper().startswith("MAIL") for line in world.smtp.sink.log)
    report.counts["smtp email"]["faults"] = storm.tally["SMTP faults"]


def _is_send(method: str, path: str, body: bytes, channel: str) -> bool:
    if method != "POST":
        return False
    if "/Calls" in path or "/Messages.json" in path:
        over = VOICE if "/Calls" in path else WHATSAPP if b"To=whatsapp" in body else SMS
        return over == channel
    return True


def _ledger(storm: Storm, report: Report) -> None:
    """Each answer once, at its person's message; forgeries nowhere."""
    inbox, ledger = storm.product.ledger.inbox, storm.product.ledger
    people = {one.id: one.person for show in storm.shows for one in ledger.messages.of_campaign(show.campaign)}
    replies = [reply for show in storm.shows for reply in inbox.replies(show.campaign)]
    nobodys = inbox.unmatched(100_000)
    found: Counter[str] = Counter()
    for reply in [*replies, *nobodys]:
        if FORGED in reply.visible:
            report.violations.append(f"a forged answer was taken: {reply.visible!r}")
        for bib in set(re.findall(r"Person ([SRMT]\d{4})", reply.visible)):
            found[bib] += 1
            if not reply.message_id:
                report.violations.append(f"the answer of {bib} is at nobody")
            elif people[reply.message_id] != f"Person {bib}":
                report.violations.append(f"the answer of {bib} is at {people[reply.message_id]}")
    report.violations += [f"the answer of {bib} is there {count} times" for bib, count in found.items() if count > 1]


def _posts(storm: Storm, report: Report) -> Iterator[str]:
    """What was wrongly signed was not taken, and nothing made our web server fail."""
    for post in storm.product.emulated.posts.all:
        report.tally["posts"] += 1
        report.tally[f"posts: {post.trouble}"] += bool(post.trouble)
        unsigned = (post.provider, post.kind) in UNSIGNED
        for attempt in post.attempts:
            forged = (attempt.forged or post.kind == FORGED) and not unsigned
            report.tally["forged posts"] += forged
            if forged and 200 <= attempt.status < 300:
                yield f"a forged post of {post.provider} ({post.kind}) was answered {attempt.status}"
            if attempt.status >= 500:
                yield f"a post of {post.provider} ({post.kind}) was answered {attempt.status}"


def _leaks(storm: Storm) -> Iterator[str]:
    """Lines of log files that hold somebody's address or name, or a secret of ours."""
    secrets = storm.product.secrets()
    for path in sorted(storm.product.logs.rglob("*.log*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if DOMAIN in line or "4479009" in line or re.search(r"Person [SRMT]\d", line):
                yield f"{path.name} holds somebody's address or name: {line[:300]}"
            if any(secret in line for secret in secrets):
                yield f"{path.name} holds a secret"
