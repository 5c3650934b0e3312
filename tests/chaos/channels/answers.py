"""What people do with what reached them: buttons, digits, keys, mails with quotes, absences, stops; and forgers."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.channels.people import EMAIL, VOICE, Person
from tests.emulators.providers import Item, Post, Providers
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.posts import Rules
from tests.emulators.providers.replying import STYLES

FORGED = "FORGED"
"""Stands in whatever is posted with a wrong signature."""
WORDS = {
    "yes": "Yes, I am available.\n\n{signed}",
    "no": "No, sorry, I am not available.\n\n{signed}",
    "question": "Could you tell me where the start is?\n\n{signed}",
    "stop": "Please stop writing to me.\n\n{signed}",
}
PRESSES = 8
"""How often somebody presses "Unsubscribe", a second apart, until it is taken."""
SILENT = ("silent", "busy", "no-answer", "machine")
CATCHES_UP = frozenset(("twilio", "resend"))
"""Providers that list what people wrote, so that lost posts are found."""


@dataclass
class Said:
    """One answer. `means` is yes, no, question, stop, away, bounce; `shown` must stand in its row's Reply cell.

    `by_design`: it came from another address, so that a person has to look at it first.
    """

    person: Person
    channel: str
    provider: str
    means: str
    shown: str = ""
    by_design: bool = False
    posts: list[Post] = field(default_factory=list)

    @property
    def arrived(self) -> bool:
        """Whether the product was handed it, or finds it: a mailbox waits to be read, a list to be asked for."""
        if self.provider == "smtp" or self.means == "bounce":
            return True
        listed = self.channel != VOICE and self.provider in CATCHES_UP
        return listed or any(post.accepted for post in self.posts)


class Answers:
    """Everybody in the sheets, looking at their phones and mailboxes."""

    def __init__(self, world: Providers, people: list[Person], seed: str, *, lose: bool) -> None:
        self._world, self._seed, self._lose = world, seed, lose
        self._people = people
        self._chance = random.Random(f"{seed}-answers")
        self._seen: set[int] = set()
        self._due: list[tuple[float, Person, Item]] = []
        self._pool = ThreadPoolExecutor(4, "answers")
        self._under_way: list[Future[None]] = []
        self.said: list[Said] = []
        self.broken: list[str] = []
        self.last = time.monotonic()
        """When somebody last said something."""
        self._forging = threading.local()
        self._post = world.posts.post
        setattr(world.posts, "post", self._signed)  # noqa: B010 - beside the emulator's own way, for one thread

    def act(self) -> None:
        """Note what arrived; answer what has lain there long enough."""
        now = time.monotonic()
        for person in self._people:
            for place in (self._world.phone(person.number), self._world.mailbox(person.mail)):
                for item in list(place.arrived):
                    if id(item) not in self._seen and item.note != "by Twilio":
                        self._seen.add(id(item))
                        self._due.append((now + self._chance.uniform(0.1, 1.5), person, item))
        ready = [entry for entry in self._due if entry[0] <= now]
        self._due = [entry for entry in self._due if entry[0] > now]
        self.last = now if ready else self.last
        for _, person, item in ready:
            self._under_way.append(self._pool.submit(self._take, person, item))

    def idle(self) -> bool:
        """Whether nobody is about to say something, and all that was said has been posted as often as it will be."""
        self._under_way = [one for one in self._under_way if not one.done()]
        return not self._due and not self._under_way and self._world.posts.settle(0.01)

    def close(self) -> None:
        """They put their phones away."""
        self._pool.shutdown(wait=True)

    def _take(self, person: Person, item: Item) -> None:
        try:
            self._answer(person, item)
        except Exception as error:
            self.broken.append(f"{person.bib}: {error!r}")

    def _answer(self, person: Person, item: Item) -> None:
        channel = EMAIL if item.kind == "mail" else item.kind
        how = person.answer(self._seed, channel)
        if how in SILENT:
            self._forge(person, item)
            return
        if self._lose and item.provider in CATCHES_UP and random.Random(f"{person.bib}-lost").random() < 0.1:
            self._world.posts.befall("lost", provider=item.provider)
        if channel == VOICE:
            self._on_call(person, item, how)
        elif channel == EMAIL:
            self._by_mail(person, item, how)
        else:
            self._by_phone(person, item, how)

    def _note(self, person: Person, item: Item, means: str, post: Post | None, shown: str = "", **more: Any) -> None:
        channel = EMAIL if item.kind == "mail" else item.kind
        posts = [post] if post is not None else []
        self.said.append(Said(person, channel, item.provider, means, shown, posts=posts, **more))

    def _on_call(self, person: Person, item: Item, how: str) -> None:
        """The key was pressed while the call went on: see `settle_in`."""
        pressed = any(
            each.note == "keys" and each.answers == item.id for each in self._world.phone(person.number).items
        )
        if not pressed:
            return
        call = next(each for each in self._world.twilio.placed if each.sent.id == item.id)
        posts = [post for post in call.posts if post.kind == "twiml" and b"Digits=" in post.body]
        means = how.removeprefix("key ")
        self.said.append(Said(person, VOICE, "twilio", means, means.title(), posts=posts))

    def _by_phone(self, person: Person, item: Item, how: str) -> None:
        world, number = self._world, person.number
        word = how.rpartition(" ")[2]
        if how.startswith("digit"):
            digit = {"yes": "1", "no": "2"}[word]
            return self._note(person, item, word, world.twilio.text(number, digit), digit)
        if "press" in how:
            word = "yes" if how == "bare press" else word
            post = world.press(number, word.title(), context=how != "bare press")
            return self._note(person, item, word, post, word.title())
        text = WORDS[word].format(signed=person.name)
        if item.kind == "whatsapp":
            vendor = world.meta if item.provider == "meta" else world.twilio
            return self._note(
                person, item, word, vendor.whatsapp(number, text, answers=item if "quoted" in how else None), person.bib
            )
        return self._note(
            person,
            item,
            word,
            world.twilio.text(number, "STOP" if word == "stop" else text),
            "STOP" if word == "stop" else person.bib,
        )

    def _by_mail(self, person: Person, item: Item, how: str) -> None:
        vendor = self._world.providers[item.provider]
        assert isinstance(vendor, MailProvider)
        if how == "unsubscribe":
            posts = self._pressed(lambda: vendor.unsubscribe(person.mail))
            self.said.append(Said(person, EMAIL, "mail program", "stop", posts=posts))
            return None
        if how == "away":
            text = f"I am out of the office until further notice.\n\n{person.name}"
            return self._note(person, item, "away", vendor.away(person.mail, text, to=item), person.bib)
        means = "yes" if how in ("unlinked", "elsewhere") else how
        more: dict[str, Any] = {"style": random.Random(person.bib).choice(STYLES), "linked": how != "unlinked"}
        if how == "elsewhere":
            more["author"] = f"somebody.else.{person.bib.lower()}@elsewhere.example.net"
        post = vendor.reply(person.mail, WORDS[means].format(signed=person.name), to=item, **more)
        return self._note(person, item, means, post, person.bib, by_design=how == "elsewhere")

    @staticmethod
    def _pressed(press: Callable[[], Post]) -> list[Post]:
        """Pressed again, after a while, by whom it told that nobody answers: no provider tries it for them."""
        posts = [press()]
        while not posts[-1].accepted and len(posts) < PRESSES:
            time.sleep(1.0)
            if not posts[-1].accepted:
                posts.append(press())
        return posts

    # forgers

    def _forge(self, person: Person, item: Item) -> None:
        """Somebody who has not our providers' keys answers in the name of one who says nothing. No list of a provider's
        knows of it."""
        text, world = f"Yes. {FORGED}. {WORDS['stop'].format(signed=person.name)}", self._world
        vendor = world.providers[item.provider]
        acts: dict[str, Callable[[], Post]] = {
            "meta": lambda: world.meta.whatsapp(person.number, text),
            "twilio": lambda: self._forged_text(person, item, text),
        }
        if isinstance(vendor, MailProvider) and item.provider == "mailgun":
            acts["mailgun"] = lambda: vendor.reply(person.mail, text, to=item)
        act = acts.get(item.provider)
        if act is None or item.kind == "voice" or random.Random(f"{person.bib}-forged").random() > 0.5:
            return
        self._forging.now = True
        try:
            act()
        finally:
            self._forging.now = False

    def _forged_text(self, person: Person, item: Item, text: str) -> Post:
        twilio = self._world.twilio
        prefix, ours = ("whatsapp:", twilio.whatsapp_from) if item.kind == "whatsapp" else ("", twilio.from_number)
        params = {"AccountSid": twilio.account_sid, "From": prefix + person.number, "To": ours, "Body": text,
                  "MessageSid": f"SM{secrets.token_hex(16)}", "NumMedia": "0", "SmsStatus": "received"}  # fmt: skip
        return twilio.post(self._world.hook("twilio"), params, "inbound")

    def _signed(self, post: Post) -> Post:
        """As the emulator posts; in the thread of a forger with a wrong signature, and once."""
        if getattr(self._forging, "now", False):
            sign, post.sign = post.sign, lambda now, _: sign(now, False)
            post.kind, post.rules = FORGED, Rules()
        return self._post(post)
