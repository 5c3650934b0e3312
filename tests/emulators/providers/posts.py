"""What the emulator posts to the product: queued, signed at every attempt, repeated by the vendor's rules.

Without a target nothing leaves: every post is kept, so that a test may hand it to an adapter itself.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WORKERS = 4
Signed = tuple[Mapping[str, str], bytes]
Sign = Callable[[float, bool], Signed]
"""(seconds since 1970, rightly?) -> headers and body: called at every attempt, since some signatures have a time."""

TROUBLES = ("duplicate", "late", "reordered", "lost", "forged", "replayed")
"""duplicate: posted twice. late: after `Posts.late` seconds. reordered: after the next one to the same address.
lost: never. forged: a copy signed with a wrong key comes before it. replayed: the same bytes once more, after the
next one."""


@dataclass(frozen=True)
class Rules:
    """A vendor's: which answers it is content with, and after how many seconds each it tries again."""

    content: Callable[[int], bool] = lambda status: 200 <= status < 300
    waits: tuple[float, ...] = ()
    timeout: float = 15.0
    only_unconnected: bool = False
    """Again only when there was no connection at all (Twilio, unless told otherwise)."""


@dataclass
class Attempt:
    """One try. `status` is 0 when there was no answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    answer: bytes = b""
    answer_type: str = ""
    connected: bool = True
    forged: bool = False


@dataclass
class Post:
    """One webhook, with all its tries."""

    provider: str
    kind: str
    url: str
    sign: Sign
    rules: Rules = Rules()
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    attempts: list[Attempt] = field(default_factory=list)
    trouble: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> bool:
        """Whether the product took it."""
        return any(self.rules.content(each.status) and not each.forged for each in self.attempts)

    @property
    def answer(self) -> bytes:
        """What the product last answered."""
        return self.attempts[-1].answer if self.attempts else b""


class Posts:
    """All webhooks. `target` is where the product listens, `public` the address under which it is known."""

    def __init__(self, clock: Callable[[], float], *, public: str, target: str = "", factor: float = 0.001) -> None:
        self.clock, self.public, self.target, self.factor = clock, public.rstrip("/"), target.rstrip("/"), factor
        self.all: list[Post] = []
        self.late = 0.2
        self._plans: list[tuple[str, str, int]] = []
        self._chance: tuple[random.Random, float, tuple[str, ...]] | None = None
        self._held: dict[str, list[Post]] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = itertools.count()
        self._lock = threading.Condition()
        self._running = False
        self._busy = 0
        self._local = threading.local()
        self._connections: set[http.client.HTTPConnection] = set()
        self._threads: list[threading.Thread] = []

    def befall(self, trouble: str, *, provider: str = "", times: int = 1) -> None:
        """Let this trouble (`TROUBLES`) happen to the next `times` posts of a provider (empty: of any)."""
        assert trouble in TROUBLES, trouble
        self._plans.append((trouble, provider, times))

    def at_random(self, seed: int, chance: float, troubles: Iterable[str] = ()) -> None:
        """From now on, that share of the posts meets one of these troubles; unless told otherwise, none is lost."""
        kinds = tuple(troubles) or tuple(each for each in TROUBLES if each != "lost")
        self._chance = (random.Random(seed), chance, kinds)

    def calm(self) -> None:
        """No more troubles."""
        self._plans.clear()
        self._chance = None

    def of(self, provider: str, kind: str = "") -> list[Post]:
        """The posts of a provider, of one kind where given."""
        return [post for post in self.all if post.provider == provider and kind in ("", post.kind)]

    def post(self, post: Post) -> Post:
        """Sign it and make the first try, where there is a target; later ones come of themselves."""
        post.headers, post.body = post.sign(self.clock(), True)
        with self._lock:
            self.all.append(post)
            post.trouble = self._trouble(post.provider)
            held = self._held.pop(post.url.partition("?")[0], [])
        if post.trouble == "lost":
            post.done.set()
        elif post.trouble == "late":
            self._later(self.late, lambda: self._try(post))
        elif post.trouble == "reordered":
            self._held.setdefault(post.url.partition("?")[0], []).append(post)
            self._later(self.late, lambda: self._release(post))
        else:
            if post.trouble == "forged":
                self._send(post, *post.sign(self.clock(), False), forged=True)
            self._try(post)
            if post.trouble == "duplicate":
                self._send(post, *post.sign(self.clock(), True))
            elif post.trouble == "replayed":
                self._later(self.late, lambda: self._send(post, post.headers, post.body))
        for each in held:
            self._try(each)
        return post

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until nothing is under way or due any more; whether that came about."""
        deadline = time.monotonic() + seconds
        with self._lock:
            while self._due or self._busy:
                if time.monotonic() > deadline:
                    return False
                self._lock.wait(0.02)
        return True

    def start(self) -> None:
        """From now on what is due later happens."""
        self._running = True
        self._threads = [threading.Thread(target=self._work, daemon=True, name="posts") for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Nothing more leaves."""
        with self._lock:
            self._running = False
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(1)
        for connection in list(self._connections):
            connection.close()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after so many real seconds, beside the posts."""
        self._later(seconds, act)

    def _trouble(self, provider: str) -> str:
        for index, (trouble, whose, times) in enumerate(self._plans):
            if whose in ("", provider):
                self._plans[index : index + 1] = [(trouble, whose, times - 1)] if times > 1 else []
                return trouble
        if self._chance and self._chance[0].random() < self._chance[1]:
            return self._chance[0].choice(self._chance[2])
        return ""

    def _release(self, post: Post) -> None:
        with self._lock:
            waiting = self._held.get(post.url.partition("?")[0], [])
            if post not in waiting:
                return
            waiting.remove(post)
        self._try(post)

    def _try(self, post: Post) -> None:
        """One try with a signature of its own; the next one is planned when the vendor would try again."""
        tried = sum(1 for each in post.attempts if not each.forged)
        if tried:
            post.headers, post.body = post.sign(self.clock(), True)
        attempt = self._send(post, post.headers, post.body)
        if attempt is None or post.rules.content(attempt.status) or tried >= len(post.rules.waits) or (
            post.rules.only_unconnected and attempt.connected
        ):  # fmt: skip
            post.done.set()
            return
        self._later(post.rules.waits[tried] * self.factor, lambda: self._try(post))

    def _send(self, post: Post, headers: Mapping[str, str], body: bytes, *, forged: bool = False) -> Attempt | None:
        """Over the wire; None without a target."""
        if not self.target:
            return None
        url = urlsplit(post.url.partition("#")[0])
        attempt = Attempt(0, headers, body, forged=forged)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        for fresh in (False, True):
            try:
                connection, kept = self._connection(post.url, post.rules.timeout, fresh=fresh)
            except OSError:
                attempt.connected = False
                break
            try:
                connection.request(post.method, path, body or None, {"User-Agent": post.provider, **headers})
                response = connection.getresponse()
                attempt.answer, attempt.status = response.read(), response.status
                attempt.answer_type = response.getheader("Content-Type", "")
                break
            except TimeoutError:
                self._forget(post.url)
                break
            except (OSError, http.client.HTTPException):
                self._forget(post.url)
                if not kept:
                    break  # else it had been closed meanwhile: once more on a new one
        with self._lock:
            post.attempts.append(attempt)
        return attempt

    def _connection(self, url: str, timeout: float, *, fresh: bool) -> tuple[http.client.HTTPConnection, bool]:
        """This thread's connection to where an address leads (below `public`: the target), and whether it was kept."""
        base = self._base(url)
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("kept", {})
        was_kept = not fresh and base in kept
        if not was_kept:
            host = urlsplit(base)
            kept[base] = http.client.HTTPConnection(host.hostname or "", host.port or 80, timeout=timeout)
            kept[base].connect()
            self._connections.add(kept[base])
        return kept[base], was_kept

    def _base(self, url: str) -> str:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        return self.target if base == self.public else base

    def _forget(self, url: str) -> None:
        found = self._local.__dict__.get("kept", {}).pop(self._base(url), None)
        if found is not None:
            found.close()
            self._connections.discard(found)

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        with self._lock:
            entry = (time.monotonic() + seconds, next(self._counter), lambda: (act(), None)[1])
            heapq.heappush(self._due, entry)
            self._lock.notify_all()

    def _work(self) -> None:
        while True:
            with self._lock:
                while self._running and (not self._due or self._due[0][0] > time.monotonic()):
                    self._lock.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if not self._running:
                    return
                act = heapq.heappop(self._due)[2]
                self._busy += 1
            try:
                act()
            finally:
                with self._lock:
                    self._busy -= 1
                    self._lock.notify_all()
