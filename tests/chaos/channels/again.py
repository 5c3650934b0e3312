"""A second campaign in the same sheets: whoever asked to be left alone on a channel gets nothing more there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tests.chaos.channels.answers import Said
from tests.chaos.channels.people import EMAIL, SMS, STOPPED, Person
from tests.chaos.channels.show import Show
from tests.chaos.person import Page, read
from tests.emulators.providers import Call, Sent
from tests.waiting import until

if TYPE_CHECKING:
    from tests.chaos.channels.storm import Storm

TEXT = "Hello {{Name}}, number {{Bib}}: {{Start time}} it is. Will you still come?"


def again(storm: Storm) -> Iterator[str]:
    """Write once more to everybody in each workbook; what should not have happened, a sentence each."""
    world = storm.product.emulated
    before = {name: len(provider.sent) for name, provider in world.providers.items()}
    asked = len(world.calls)
    pages = {show.way.letter: read(show.path) for show in storm.shows}
    firsts = {show.way.letter: show.campaign for show in storm.shows}
    for show in storm.shows:
        show.plan(world, TEXT)
        until(show.drafted, 60, f"the second drafts of {show.way.letter}")
        show.approve()
    until(lambda: not storm.unsent(), 120, "the second campaigns")
    until(lambda: not any(storm.product.ledger.cells.backlog(show.campaign) for show in storm.shows), 60, "the cells")
    new = [sent for name, provider in world.providers.items() for sent in provider.sent[before[name] :]]
    storm.tally["sent again"] = len(new)
    for show in storm.shows:
        yield from _kept(show, pages[show.way.letter], read(show.path))
        show.campaign = firsts[show.way.letter]
    yield from _obeyed(storm, new, {_texted(call) for call in world.calls[asked:]})


def _texted(call: Call) -> str:
    """The number that an SMS was to go to, "" for any other request: the carrier refuses by itself what goes to whom it
    heard say STOP, and we must not even try."""
    if call.method != "POST" or "/Messages.json" not in call.path:
        return ""
    return dict(parse_qsl(call.body.decode())).get("To", "")


def _obeyed(storm: Storm, new: list[Sent], asked: set[str]) -> Iterator[str]:
    stops = {(one.person.bib, one.channel) for one in storm.answers.said if _is_stop(one)}
    people = [person for show in storm.shows for person in show.people]
    stops |= {(person.bib, SMS) for person in people if person.kind in STOPPED}
    storm.tally["stops"] = len(stops)
    for person in people:
        if (person.bib, SMS) in stops and person.number in asked:
            yield f"{person.bib} asked for no more SMS, and another one was tried"
    owners = {owner: person for person in people for owner in (person.mail, person.number)}
    counts: Counter[str] = Counter()
    for sent in new:
        person = owners[sent.to.casefold().removeprefix("whatsapp:") if "@" in sent.to else _number(sent.to)]
        counts[person.bib] += 1
        channel = EMAIL if sent.kind == "mail" else sent.kind
        if (person.bib, channel) in stops:
            yield f"{person.bib} asked for no more by {channel}, and got another one"
        if not person.approved:
            yield f"{person.bib} got a second message that nobody approved"
    yield from (f"{bib} got {count} messages of the second campaign" for bib, count in counts.items() if count > 1)


def _number(to: str) -> str:
    return "+" + to.removeprefix("whatsapp:").removeprefix("+")


def _is_stop(one: Said) -> bool:
    return one.arrived and one.means == "stop"


def _kept(show: Show, before: Page, after: Page) -> Iterator[str]:
    """What the first campaign brought stands where it stood."""
    for person in show.people:
        was, now = before.of(person.bib), after.of(person.bib)
        if len(was) != 1 or len(now) != 1:
            yield f"{person.bib} stands in {len(now)} rows"
            continue
        yield from _changed(person, before, after, was[0], now[0])


def _changed(person: Person, before: Page, after: Page, was: list[object], now: list[object]) -> Iterator[str]:
    for title in ("Available", "Reply", "Message"):
        if before.get(was, title) != after.get(now, title):
            yield f"{title} of {person.bib} was {before.get(was, title)!r} and is {after.get(now, title)!r}"
