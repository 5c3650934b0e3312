"""The page at `/`: phones and mailboxes side by side, live; and what a person does there.

Only loopback. What is posted must be JSON by its type, so that another site's page can't post it from a browser.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.mail_provider import MailProvider
from tests.emulators.providers.people import Item, Mailbox, Phone, Place
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.replying import AWAY

if TYPE_CHECKING:
    from tests.emulators.providers.world import Providers

STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".mjs": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'"
)
MOST = 48
"""Cards on the page at once; the filter finds the others."""
Given = Mapping[str, Any]


class Page:
    """Answers whatever is no provider's."""

    def __init__(self, world: Providers) -> None:
        self.world = world
        self._deeds: dict[str, Callable[[Given], object]] = {
            "reply": self._reply, "press": self._press, "key": self._key, "set": self._set, "away": self._away,
            "bounce": self._bounce, "unsubscribe": self._unsubscribe,
            "fault": self._fault, "trouble": self._trouble, "calm": self._calm,
        }  # fmt: skip

    def respond(self, request: Request) -> Answer:
        """A file, the state, or a deed."""
        if request.path == "/page/state" and request.method == "GET":
            return json_answer(self._state(request.asked), headers={"Cache-Control": "no-store"})
        if request.path == "/page/act" and request.method == "POST":
            return self._act(request)
        return _file(request.path.removeprefix("/page/").strip("/") or "index.html")

    def _act(self, request: Request) -> Answer:
        if request.content_type != "application/json":
            return json_answer({"detail": "JSON was expected."}, 415)
        try:
            given = json.loads(request.body)
            self._deeds[given["do"]](given)
        except (LookupError, ValueError, TypeError) as error:
            return json_answer({"detail": str(error.args[0]) if error.args else "That can't be done."}, 409)
        self.world.people.changed += 1
        return json_answer({})

    def _state(self, asked: Mapping[str, str]) -> dict[str, Any]:
        world, wanted = self.world, asked.get("q", "").strip().lower()
        version = f"{world.people.changed}.{len(world.calls)}.{len(world.posts.all)}.{_tried(world)}.{wanted}"
        if asked.get("version") == version:
            return {"unchanged": True}
        with world.lock:
            phones = _chosen(world.people.phones, wanted)
            boxes = _chosen(world.people.mailboxes, wanted)
            return {
                "version": version,
                "phones": [_phone(each) for each in phones[:MOST]],
                "mailboxes": [_mailbox(each) for each in boxes[:MOST]],
                "more": max(0, len(phones) - MOST) + max(0, len(boxes) - MOST),
                "providers": [self._figures(name) for name in world.providers],
                "target": world.posts.target,
            }

    def _figures(self, name: str) -> dict[str, Any]:
        provider, posts = self.world.providers[name], self.world.posts.of(name)
        refused = [post for post in posts if post.attempts and not post.accepted]
        last = next((post.attempts[-1].status for post in reversed(refused)), 0)
        return {"name": name, "taken": len(provider.sent), "posted": len(posts), "refused": len(refused),
                "last": last, "faults": len(provider.faults.log)}  # fmt: skip

    def _reply(self, given: Given) -> None:
        address, text = str(given["address"]), str(given["text"])
        how = {"style": str(given["style"])} if given.get("style") else {}
        channel = given.get("channel")
        if channel == "sms":
            self._soon(lambda: self.world.twilio.text(address, text))
        elif channel == "whatsapp/twilio":
            self._soon(lambda: self.world.twilio.whatsapp(address, text))
        elif channel == "whatsapp/meta":
            self._soon(lambda: self.world.meta.whatsapp(address, text))
        else:
            self.world.mailbox(address).last()
            self._soon(lambda: self.world.reply(address, text, **how))

    def _press(self, given: Given) -> None:
        address, payload = str(given["address"]), str(given["payload"])
        item = next((each for each in self.world.phone(address).items if each.id == given["id"]), None)
        vendor = self.world.meta if item is not None and item.provider == "meta" else self.world.twilio
        self._soon(lambda: vendor.press(address, payload, item=item))

    def _key(self, given: Given) -> None:
        self.world.twilio.key(str(given["address"]), str(given["key"]))

    def _set(self, given: Given) -> None:
        place: Place = self.world.mailbox(given["address"]) if "@" in given["address"] else self.world.phone(
            given["address"])  # fmt: skip
        name, value = given["name"], given["value"]
        if name not in SETTABLE or type(value) is not type(getattr(place, name)):
            raise ValueError(f"{name} can't be set.")
        setattr(place, name, value)

    def _away(self, given: Given) -> None:
        box = self.world.mailbox(given["address"])
        box.away = "" if box.away else AWAY
        if box.away and box.arrived:
            vendor, address = self._vendor(box), box.address
            self._soon(lambda: vendor.away(address))

    def _bounce(self, given: Given) -> None:
        box = self.world.mailbox(given["address"])
        vendor, address = self._vendor(box), box.address
        self._soon(lambda: vendor.bounce(address))

    def _unsubscribe(self, given: Given) -> None:
        box = self.world.mailbox(given["address"])
        self._vendor(box).unsubscribe(box.address)

    def _fault(self, given: Given) -> None:
        self.world.providers[given["provider"]].fault(str(given["kind"]))

    def _trouble(self, given: Given) -> None:
        if given["kind"] == "wild":
            self.world.posts.at_random(seed=1, chance=0.2)
        else:
            self.world.posts.befall(str(given["kind"]))

    def _calm(self, _: Given) -> None:
        self.world.posts.calm()
        for provider in self.world.providers.values():
            provider.faults.clear()

    def _vendor(self, box: Mailbox) -> MailProvider:
        found = self.world.providers[box.last().provider]
        assert isinstance(found, MailProvider)
        return found

    def _soon(self, act: Callable[[], object]) -> None:
        """On a thread of its own: the product's answer keeps nobody waiting on the page."""
        threading.Thread(target=act, daemon=True).start()


SETTABLE = frozenset(("fate", "reachable", "whatsapp", "picks_up", "reads", "name", "number_hidden"))


def _tried(world: Providers) -> int:
    return sum(len(post.attempts) for post in world.posts.all[-50:])


def _chosen(places: Mapping[str, Place], wanted: str) -> list[Any]:
    """Those that the filter finds, where something happened last first."""
    found = [each for each in places.values() if wanted in each.address or wanted in each.name.lower()
             or any(wanted in item.text.lower() for item in each.items)]  # fmt: skip
    return sorted(found, key=lambda each: -(each.items[-1].at if each.items else 0))


def _item(item: Item) -> dict[str, Any]:
    sent = item.sent
    return {
        "id": item.id, "provider": item.provider, "kind": item.kind, "text": item.text, "theirs": item.theirs,
        "subject": item.subject, "sender": item.sender, "at": item.at, "note": item.note, "answers": item.answers,
        "buttons": [{"payload": payload, "title": title} for payload, title in item.buttons],
        "status": sent.history[-1] if sent and sent.history else "",
    }  # fmt: skip


def _phone(phone: Phone) -> dict[str, Any]:
    return {"address": phone.address, "name": phone.name, "items": [_item(each) for each in phone.items[-30:]],
            "reachable": phone.reachable, "whatsapp": phone.whatsapp, "picks_up": phone.picks_up,
            "on_call": phone.on_call, "stopped": bool(phone.opted_out), "windows": bool(phone.windows),
            "reads": phone.reads}  # fmt: skip


def _mailbox(box: Mailbox) -> dict[str, Any]:
    return {"address": box.address, "name": box.name, "items": [_item(each) for each in box.items[-30:]],
            "fate": box.fate, "away": bool(box.away)}  # fmt: skip


def _file(name: str) -> Answer:
    path = (STATIC / name).resolve()
    if path.parent != STATIC or not path.is_file():
        return json_answer({"detail": "There is nothing here."}, 404)
    headers = {"Content-Type": f"{TYPES[path.suffix]}; charset=utf-8", "Cache-Control": "no-store",
               "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}  # fmt: skip
    return Answer(200, path.read_bytes(), headers)
