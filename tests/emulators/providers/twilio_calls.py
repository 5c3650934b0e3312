"""Twilio's calls: placed by the API, played through TwiML, answered by a person, a machine or nobody."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Item, Phone, Sent
from tests.emulators.providers.posts import Post
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.twilio_base import ACCOUNT, TwilioBase, fields
from tests.emulators.providers.twilio_errors import refused
from tests.emulators.providers.twilio_listing import page
from tests.emulators.providers.twilio_messages import E164, is_url
from tests.emulators.providers.twiml import MAX_INLINE, TwimlError, Verb, parse

SINGLE = frozenset((
    "To", "From", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod", "SendDigits",
    "Timeout", "Record", "RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod",
    "SipAuthUsername", "SipAuthPassword", "MachineDetection", "MachineDetectionTimeout", "Trim", "CallerId",
    "MachineDetectionSpeechThreshold", "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
    "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", "Byoc", "CallReason", "CallToken",
    "RecordingTrack", "TimeLimit", "ClientNotificationUrl", "Url", "Twiml", "ApplicationSid",
))  # fmt: skip
REPEATED = frozenset(("StatusCallbackEvent", "RecordingStatusCallbackEvent"))
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
"""Status -> the event that asks for its post; all others are `completed`."""
MAX_STEPS = 50


@dataclass
class Call:
    """A call on its way. `heard` is what was said to the person, `pressed` what they pressed."""

    sent: Sent
    phone: Phone
    status: str = "queued"
    answered_by: str = ""
    heard: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What Twilio's debugger would show: 12100, 12200, 11200 ..."""
    hung_up: bool = False


class TwilioCalls(TwilioBase):
    """The part of Twilio's that calls people. `patience`: real seconds that a person on the page has to press a key."""

    patience = 0.0
    routes: tuple[tuple[str, str, str], ...] = (
        ("POST", f"{ACCOUNT}/Calls.json", "_call"),
        ("GET", f"{ACCOUNT}/Calls.json", "_calls"),
        ("GET", f"{ACCOUNT}/Calls/(?P<sid>CA[0-9a-f]+).json", "_read_call"),
        ("POST", f"{ACCOUNT}/Calls/(?P<sid>CA[0-9a-f]+).json", "_change_call"),
    )

    def __init__(self, *given: Any) -> None:
        self.placed: list[Call] = []
        self._key_pressed = threading.Condition()
        super().__init__(*given)

    def clear(self) -> None:
        super().clear()
        self.placed.clear()

    def _call(self, request: Request, account: str) -> Answer:
        form = self._checked_call(fields(request))
        sid = f"CA{secrets.token_hex(16)}"
        form["date"] = self.world.clock.rfc2822()
        sent = Sent("twilio", sid, form["To"], form.get("Twiml", ""), form, self.world.clock(), form["From"],
                    kind="voice")  # fmt: skip
        call = Call(sent, self.world.phone(form["To"]))
        self.placed.append(call)
        self.took(sent)
        return json_answer(self._call_resource(call), 201)

    def _checked_call(self, given: dict[str, list[str]]) -> dict[str, Any]:
        for name, values in given.items():
            if name not in SINGLE | REPEATED or (name in SINGLE and len(values) > 1):
                raise refused(20001, name)
        form: dict[str, Any] = {name: values if name in REPEATED else values[0] for name, values in given.items()}
        if not form.get("To"):
            raise refused(21201)
        if not form.get("From"):
            raise refused(21213)
        if not E164.fullmatch(form["To"]):
            raise refused(21211, form["To"])
        if form["From"] not in self.numbers:
            raise refused(21210, form["From"])
        if sum(name in form for name in ("Url", "Twiml", "ApplicationSid")) != 1 or not (
            is_url(form.get("Url", "https://x")) and len(form.get("Twiml", "")) <= MAX_INLINE
        ):
            raise refused(21205)
        if not is_url(form.get("StatusCallback", "https://x")):
            raise refused(21609, form["StatusCallback"])
        if form.get("MachineDetection", "Enable") not in ("Enable", "DetectMessageEnd"):
            raise refused(20001, "MachineDetection")
        if not set(form.get("StatusCallbackEvent", [])) <= {"initiated", "ringing", "answered", "completed"}:
            raise refused(20001, "StatusCallbackEvent")
        return form

    def _calls(self, request: Request, account: str) -> Answer:
        found = [self._call_resource(each) for each in reversed(self.placed)]
        return page(request, "calls", found, f"/2010-04-01/Accounts/{account}/Calls.json")

    def _read_call(self, request: Request, account: str, sid: str) -> Answer:
        return json_answer(self._call_resource(self._placed(request, sid)))

    def _change_call(self, request: Request, account: str, sid: str) -> Answer:
        call = self._placed(request, sid)
        wanted = fields(request).get("Status", [""])[0]
        if wanted not in ("completed", "canceled") or call.status not in ("queued", "ringing", "in-progress"):
            raise refused(21220)
        call.hung_up = True
        call.status = wanted
        return json_answer(self._call_resource(call))

    def _placed(self, request: Request, sid: str) -> Call:
        found = next((each for each in self.placed if each.sent.id == sid), None)
        if found is None:
            raise refused(20404, request.path)
        return found

    def _call_resource(self, call: Call) -> dict[str, Any]:
        sent, path = call.sent, f"/2010-04-01/Accounts/{self.account_sid}/Calls/{call.sent.id}"
        over = call.status in ("completed", "busy", "failed", "no-answer", "canceled")
        return {
            "sid": sent.id, "account_sid": self.account_sid, "api_version": "2010-04-01", "to": sent.to,
            "from": sent.sender, "status": call.status, "direction": "outbound-api",
            "answered_by": call.answered_by or None, "duration": str(5 * len(call.heard)) if over else None,
            "date_created": sent.data["date"], "date_updated": sent.data["date"],
            "start_time": sent.data["date"] if call.status != "queued" else None,
            "end_time": sent.data["date"] if over else None, "price": None, "price_unit": "USD",
            "parent_call_sid": None, "forwarded_from": None, "caller_name": None, "queue_time": "0",
            "uri": f"{path}.json", "subresource_uris": {"recordings": f"{path}/Recordings.json"},
        }  # fmt: skip

    def key(self, number: str, digits: str) -> None:
        """The person presses keys: now, if a call waits for some, else at the next question."""
        with self._key_pressed:
            self.world.phone(number).keys += digits
            self._key_pressed.notify_all()

    def play(self, call: Call) -> list[Post]:
        """The whole call, from ringing to its end."""
        self._tell(call, "initiated", "queued")
        if not call.phone.reachable:
            return self._end(call, "failed")
        self._tell(call, "ringing")
        if call.phone.picks_up in ("busy", "no-answer"):
            return self._end(call, call.phone.picks_up)
        if call.sent.data.get("MachineDetection"):
            machine = (
                "machine_end_beep" if call.sent.data["MachineDetection"] == "DetectMessageEnd" else "machine_start"
            )
            call.answered_by = machine if call.phone.picks_up == "machine" else "human"
        self._tell(call, "in-progress")
        if url := call.sent.data.get("AsyncAmdStatusCallback"):
            call.posts.append(self.post(url, {"CallSid": call.sent.id, "AccountSid": self.account_sid,
                                              "AnsweredBy": call.answered_by}, "amd"))  # fmt: skip
        self._play(call)
        self.world.people.put(call.phone, Item("twilio", "voice", call.sent.id, "\n".join(call.heard),
                                               self.world.clock(), sender=call.sent.sender, sent=call.sent,
                                               note=call.answered_by))  # fmt: skip
        if call.pressed:
            self.world.people.put(call.phone, Item("twilio", "voice", "", "".join(call.pressed), self.world.clock(),
                                                   theirs=False, note="keys", answers=call.sent.id))  # fmt: skip
        return self._end(call, "completed")

    def _play(self, call: Call) -> None:
        base = call.sent.data.get("Url", "")
        verbs = self._fetched(call, base, {}) if base else self._parsed(call, call.sent.data["Twiml"])
        for _ in range(MAX_STEPS):
            if not verbs or call.hung_up:
                return
            verb, *verbs = verbs
            if verb.name in ("Hangup", "Reject"):
                return
            self._say(call, verb)
            if verb.name == "Redirect":
                base = urljoin(base, verb.text)
                verbs = self._fetched(call, base, {})
            elif verb.name == "Gather":
                digits = self._gathered(call, verb)
                if digits or verb.attributes.get("actionOnEmptyResult") == "true":
                    base = urljoin(base, verb.attributes.get("action", base))
                    verbs = self._fetched(call, base, {"Digits": digits, "FinishedOnKey": ""})

    def _say(self, call: Call, verb: Verb) -> None:
        for each in [verb, *verb.inside]:
            if each.name == "Say":
                call.heard.append(each.text)
                call.languages.append(each.attributes.get("language", "en-US"))

    def _gathered(self, call: Call, verb: Verb) -> str:
        """What is pressed while a Gather waits; a machine presses nothing."""
        if call.phone.picks_up == "machine":
            return ""
        wanted = int(verb.attributes.get("numDigits", "0")) or None
        with self._key_pressed:
            if not call.phone.keys and self.patience:
                self.world.people.ring(call.phone, "\n".join(call.heard))
                self._key_pressed.wait_for(lambda: bool(call.phone.keys) or call.hung_up, self.patience)
                self.world.people.ring(call.phone, "")
            digits = call.phone.keys.partition(verb.attributes.get("finishOnKey", "#"))[0][:wanted]
            call.phone.keys = call.phone.keys[len(digits) :].removeprefix(verb.attributes.get("finishOnKey", "#"))
        if digits:
            call.pressed.append(digits)
        return digits

    def _fetched(self, call: Call, url: str, more: dict[str, str]) -> list[Verb]:
        """Post to an address of ours and read the TwiML that it answers."""
        params = self._about(call, "in-progress") | more
        post = self.post(url, params, "twiml")
        call.posts.append(post)
        if not post.accepted or not post.attempts[-1].status or post.attempts[-1].status >= 300:
            call.warnings.append("11200" if self.world.posts.target else "")
            return []
        if not post.attempts[-1].answer_type.split(";")[0].strip().endswith("xml"):
            call.warnings.append("12300")
            return []
        return self._parsed(call, post.answer.decode("utf-8", "replace"))

    def _parsed(self, call: Call, document: str) -> list[Verb]:
        try:
            return parse(document)
        except TwimlError as error:
            call.warnings.append(str(error))
            call.heard.append("An application error has occurred. Goodbye.")
            return []

    def _end(self, call: Call, status: str) -> list[Post]:
        self._tell(call, status)
        call.sent.status = status
        return call.posts

    def _tell(self, call: Call, event: str, status: str = "") -> None:
        call.status = status or event
        call.sent.history.append(event)
        self.world.people.changed += 1
        wanted = call.sent.data.get("StatusCallbackEvent") or ["completed"]
        url = call.sent.data.get("StatusCallback")
        if url and EVENTS.get(event, "completed") in wanted:
            over = {"CallDuration": str(5 * len(call.heard)), "Duration": "1"} if event == "completed" else {}
            number = {"SequenceNumber": str(len(call.sent.history) - 1), "CallbackSource": "call-progress-events",
                      "Timestamp": self.world.clock.rfc2822()}  # fmt: skip
            call.posts.append(self.post(url, self._about(call, event) | over | number, event))

    def _about(self, call: Call, status: str) -> dict[str, str]:
        params = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "CallSid": call.sent.id,
                  "CallStatus": status, "Direction": "outbound-api", "From": call.sent.sender, "To": call.sent.to,
                  "Called": call.sent.to, "Caller": call.sent.sender}  # fmt: skip
        return params | ({"AnsweredBy": call.answered_by} if call.answered_by else {})
