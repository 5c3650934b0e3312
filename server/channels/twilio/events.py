"""What Twilio posts or lists, in our words: reports on messages and calls, texts, pressed keys."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from server.channels.twilio import signature
from server.channels.twilio.signature import Form
from server.channels.twilio.words import CALL_ENDS, CALLS, FINAL, MACHINES, MESSAGES, OF_A_COUNTRY, meaning
from server.domain.choices import read_payload
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.words import ChannelName, DeliveryStatus

_SID = re.compile(r"(?:SM|MM|CA)(?:[0-9a-fA-F]{32}|[0-9a-z_-]{1,64})")
"""Twilio's own, or those of what stands in for it somewhere. No capital letter in the latter: all names of fields begin
with one, and as nothing stands between a value and the next name in what is signed, an id that may take up a name would
let one signature pass for several messages."""
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")
_INBOUND = frozenset({"received", "receiving"})
_MOST_FILES = 10


def parse(request: WebhookRequest) -> list[Event]:
    """The one event of a request. Raises InvalidInput when it is neither a form nor JSON."""
    digest = f"sha256:{hashlib.sha256(request.body).hexdigest()}"
    if signature.is_json(request):
        signature.read_json(request)
        return [UnknownEvent(digest, "JSON")]
    form, query = signature.read_form(request), signature.read_query(request)
    token = query.first("token") if _TOKEN.fullmatch(query.first("token")) else ""
    found = _of_call(form, query, token) if "CallSid" in form else _of_message(form, token)
    return [found or UnknownEvent(digest, form.first("MessageStatus") or form.first("CallStatus"))]


def _of_message(form: Form, token: str) -> Event | None:
    sid = form.first("MessageSid") or form.first("SmsSid")
    status = form.first("MessageStatus") or form.first("SmsStatus")
    if not _SID.fullmatch(sid):
        return None
    if status in MESSAGES:
        return report(sid, status, token=token, address=form.first("To"), code=form.first("ErrorCode"))
    if (status in _INBOUND or not status) and form.first("MessageType") != "reaction":
        return _text(form, sid)
    return None


def report(sid: str, status: str, *, token: str = "", address: str = "", code: str = "") -> DeliveryEvent:
    """Where a message stands; `code` is Twilio's for what went wrong."""
    number = int(code) if re.fullmatch(r"\d{1,6}", code) else 0
    failed = MESSAGES[status] is DeliveryStatus.FAILED
    means = meaning(number)
    words = "It was cancelled at Twilio" if status == "canceled" and not number else means.words
    return DeliveryEvent(
        event_id=f"{sid}:{status}",
        status=MESSAGES[status],
        token=token,
        provider_id=sid,
        address=bare(address),
        detail=words if failed else "",
        permanent=failed and not means.later,
        code=str(number or "") if failed else "",
        opted_out=failed and means.opted_out,
        elsewhere=failed and means.elsewhere,
        whole_campaign=failed and means.account and number not in OF_A_COUNTRY,
    )


def _text(form: Form, sid: str) -> InboundMessage | None:
    """A message from a person; None without a sender."""
    sender = _sender(form)
    pressed = form.first("ButtonPayload") or form.first("ListId")
    label = form.first("ButtonText") or form.first("ListTitle")
    ours = read_payload(pressed)
    answers = form.first("OriginalRepliedMessageSid")
    if not sender:
        return None
    return InboundMessage(
        event_id=f"{sid}:received",
        sender=sender,
        text=form.first("Body") or label or form.first("OptOutType") or _place(form),
        token=ours[0] if ours else "",
        in_reply_to=(answers,) if _SID.fullmatch(answers) else (),
        button=ours[1] if ours else label,
        channel=_channel(form.first("From")),
        ours=bare(form.first("To")),
        user_id=bare(form.first("ExternalUserId")),
        files=_files(form),
    )


def _sender(form: Form) -> str:
    """The number; WhatsApp's id of the person where they have none that we may know."""
    number = bare(form.first("From"))
    if not _NUMBER.fullmatch(number) and _NUMBER.fullmatch(form.first("WaId")):
        return "+" + form.first("WaId").lstrip("+")
    return number


def _place(form: Form) -> str:
    """A position that was shared instead of words."""
    if not form.first("Latitude"):
        return ""
    where = (form.first("Label"), form.first("Address"), f"{form.first('Latitude')}, {form.first('Longitude')}")
    return "Location: " + ", ".join(part for part in where if part)


def _files(form: Form) -> tuple[str, ...]:
    """Names for what came along: Twilio gives none, only media types."""
    count = form.first("NumMedia")
    found = []
    for place in range(min(int(count) if re.fullmatch(r"\d{1,3}", count) else 0, _MOST_FILES)):
        kind = form.first(f"MediaContentType{place}").partition(";")[0].strip().lower()
        found.append(f"file{place + 1}{mimetypes.guess_extension(kind) or ''}")
    return tuple(found)


def _channel(sender: str) -> ChannelName:
    return ChannelName.WHATSAPP if sender.startswith("whatsapp:") else ChannelName.SMS


def bare(address: str) -> str:
    """The number without the channel that Twilio writes before it."""
    return address.removeprefix("whatsapp:").removeprefix("rcs:").strip()


def _of_call(form: Form, query: Form, token: str) -> Event | None:
    sid, status = form.first("CallSid"), form.first("CallStatus")
    if not _SID.fullmatch(sid) or is_incoming(form):
        return None
    if "Digits" in form:
        return _pressed(form, query, sid, token)
    if status in CALLS:
        at = _iso(form.first("Timestamp"))
        return call_report(sid, status, form.first("AnsweredBy"), token=token, address=form.first("To"), at=at)
    return None


def is_incoming(form: Form) -> bool:
    """Whether somebody calls us, instead of being called."""
    return form.first("Direction") == "inbound"


def call_report(
    sid: str, status: str, answered_by: str, *, token: str = "", address: str = "", at: str = ""
) -> DeliveryEvent:
    """How a call ended. Only what a person may have heard is delivered; they may also have hung up before Twilio could
    tell, which it calls unknown."""
    machine = MACHINES.get(answered_by, "") if status == "completed" else ""
    standing = DeliveryStatus.FAILED if machine else CALLS[status]
    return DeliveryEvent(
        event_id=f"{sid}:{status}",
        status=standing,
        token=token,
        provider_id=sid,
        address=address,
        at=at,
        detail=machine or CALL_ENDS.get(status, ""),
        permanent=status == "failed",
        code=answered_by if machine else status if standing is DeliveryStatus.FAILED else "",
    )


def chosen(form: Form, query: Form) -> str:
    """The code of the choice whose key was pressed, "" for a key that is none."""
    pressed, most = form.first("Digits"), query.first("n")
    offered = int(most) if re.fullmatch(r"[1-9]", most) else 9
    return pressed if re.fullmatch(r"[1-9]", pressed) and int(pressed) <= offered else ""


def _pressed(form: Form, query: Form, sid: str, token: str) -> Event | None:
    code, titles = chosen(form, query), query.getlist("c")
    if not code or not bare(form.first("To")):
        return None
    return InboundMessage(
        event_id=f"{sid}:pressed:{code}",
        sender=form.first("To"),
        text=titles[int(code) - 1] if int(code) <= len(titles) else code,
        token=token,
        button=code,
        channel=ChannelName.VOICE,
        ours=form.first("From"),
        in_reply_to=(sid,),
    )


def listed_message(item: Mapping[str, Any]) -> Event | None:
    """A message of Twilio's list: a text from a person, or how one of ours ended; None for any other."""
    sid, status = _said(item, "sid"), _said(item, "status")
    sender, at = _said(item, "from"), _iso(_said(item, "date_sent"))
    if not _SID.fullmatch(sid):
        return None
    if _said(item, "direction") == "inbound":
        if not bare(sender):
            return None
        return InboundMessage(
            event_id=f"{sid}:received",
            sender=bare(sender),
            text=_said(item, "body"),
            at=at,
            channel=_channel(sender),
            ours=bare(_said(item, "to")),
        )
    if status in FINAL and status in MESSAGES:
        return report(sid, status, address=_said(item, "to"), code=_said(item, "error_code"))
    return None


def listed_call(item: Mapping[str, Any]) -> Event | None:
    """A call of Twilio's list that we made and that has ended; None for any other."""
    sid, status = _said(item, "sid"), _said(item, "status")
    if not _SID.fullmatch(sid) or _said(item, "direction") == "inbound" or status not in FINAL or status not in CALLS:
        return None
    at = _iso(_said(item, "end_time"))
    return call_report(sid, status, _said(item, "answered_by"), address=_said(item, "to"), at=at)


def moment(item: Mapping[str, Any], *fields: str) -> datetime | None:
    """The first of these times that an item has."""
    for field in fields:
        try:
            return parsedate_to_datetime(_said(item, field))
        except ValueError:
            continue
    return None


def _said(item: Mapping[str, Any], field: str) -> str:
    """A field as text, "" for null: Twilio's codes are numbers here, and text in webhooks."""
    value = item.get(field)
    return "" if value is None else str(value)


def _iso(written: str) -> str:
    """Twilio's RFC 2822 time as ISO 8601, "" for anything else."""
    try:
        return parsedate_to_datetime(written).isoformat()
    except ValueError:
        return ""
