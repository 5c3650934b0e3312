"""What Meta posts -> our events. Each message and each status is one; what is broken or unknown is kept as unknown.

Sources: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages (Jun 2026) and
.../business-scoped-user-ids (May 2026), by which a person's number may be missing everywhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from server.channels.meta.errors import code_of, scrubbed
from server.channels.meta.words import ERRORS, STATUSES, Meaning
from server.domain.choices import read_payload
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent
from server.domain.words import DeliveryStatus
from server.errors import InvalidInput

Part = Mapping[str, Any]

_NUMBER = re.compile(r"\+?([1-9]\d{4,19})")
_MEDIA = frozenset({"image", "audio", "video", "document", "sticker"})
_ENDINGS = {
    "application/pdf": ".pdf",
    "audio/ogg": ".ogg",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
}
"""Of files that came without a name."""
_LONGEST_ID = 200
_PATHS = re.compile(r"[\x00-\x1f\x7f/\\]+")


def read(body: bytes, phone_number_id: str) -> list[Event]:
    """The events of a body, in its order. Raises InvalidInput when it is no JSON object with entries.

    Several numbers may share one address: what is about another one than `phone_number_id` is unknown here.
    """
    try:
        return _events(json.loads(body.decode()), phone_number_id)
    except (ValueError, RecursionError) as error:  # RecursionError: also where it is nested too deeply for a digest
        raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None


def _events(found: object, phone_number_id: str) -> list[Event]:
    entries = found.get("entry") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise InvalidInput("The webhook's body has no list of entries.")
    if _part(found).get("object") != "whatsapp_business_account":
        return [_unknown(found, "object")]
    events = [event for entry in entries for event in _entry(entry, phone_number_id)]
    return events or [_unknown(found, "empty")]


def _entry(entry: object, phone_number_id: str) -> Iterator[Event]:
    changes = _part(entry).get("changes")
    if not isinstance(changes, list):
        yield _unknown(entry, "entry")
        return
    for change in changes:
        yield from _change(_part(change), phone_number_id) or [_unknown(change, _text(_part(change), "field"))]


def _change(change: Part, phone_number_id: str) -> list[Event]:
    """Its events, [] where it has none that we know the place of."""
    field, value = _text(change, "field"), _part(change.get("value"))
    metadata = _part(value.get("metadata"))
    reader = _FIELDS.get(field)
    if reader is None:
        return []
    if _text(metadata, "phone_number_id") != phone_number_id:
        return [_unknown(change, f"{field} of another number")]
    return reader(value)


def _messages(value: Part) -> list[Event]:
    contacts, ours = _contacts(value), _text(_part(value.get("metadata")), "phone_number_id")
    events = [_message(_part(one), contacts, ours) or _unknown(one, _kind(one)) for one in _list(value, "messages")]
    events += [_status(_part(one)) or _unknown(one, _kind(one)) for one in _list(value, "statuses")]
    return events + [_unknown(one, f"error {code_of(_part(one))}".strip()) for one in _list(value, "errors")]


def _kind(one: object) -> str:
    """What a part calls itself: "reaction", "system user_changed_number", "deleted"."""
    kind = _text(_part(one), "type") or _text(_part(one), "status")
    return f"{kind} {_text(_part(_part(one).get(kind)), 'type')}".strip() or "broken"


def _preferences(value: Part) -> list[Event]:
    """Somebody has switched marketing messages of ours off (or on again) in WhatsApp itself."""
    return [_preference(one) for one in _list(value, "user_preferences")]


def _preference(one: object) -> Event:
    part = _part(one)
    address, wants = _number(_text(part, "wa_id")), _text(part, "value")
    if wants != "stop" or not address:
        return _unknown(one, f"user_preferences {wants}".strip())
    return DeliveryEvent(
        event_id=_digest(one),
        status=DeliveryStatus.UNKNOWN,
        address=address,
        at=_moment(part),
        detail=_text(part, "detail")[:200],
        code="user_preferences",
        opted_out=True,
    )


_FIELDS: Mapping[str, Callable[[Part], list[Event]]] = {"messages": _messages, "user_preferences": _preferences}
"""The subscribed fields that we read; see docs/channels/meta-whatsapp.md."""


def _status(part: Part) -> Event | None:
    message_id, word = _text(part, "id"), _text(part, "status")
    if not message_id or word not in STATUSES:
        return None
    errors = _list(part, "errors")
    error = _part(errors[0]) if errors else {}
    meaning = _meaning(error)
    return DeliveryEvent(
        event_id=_short(f"{message_id}:{word}"),
        status=STATUSES[word],
        token=_text(part, "biz_opaque_callback_data"),
        provider_id=_short(message_id),
        address=_number(_text(part, "recipient_id")),
        at=_moment(part),
        detail=_reason(error, meaning),
        permanent=word == "failed" and not (meaning and meaning.passing),
        code=code_of(error),
        opted_out=bool(meaning and meaning.opted_out),
        elsewhere=bool(meaning and meaning.elsewhere),
        whole_campaign=word == "failed" and bool(meaning and meaning.campaign),
    )


def _meaning(error: Part) -> Meaning | None:
    code = error.get("code")
    return ERRORS.get(code) if isinstance(code, int) else None


def _reason(error: Part, meaning: Meaning | None) -> str:
    """Our sentence, else Meta's title; without its full stop, since it becomes part of a sentence."""
    if meaning is not None:
        return meaning.sentence.rstrip(".")
    title, code = scrubbed(error.get("title")), code_of(error)
    return f"{title.rstrip('.')} (Meta's code {code})".strip() if code else title


def _message(part: Part, contacts: Contacts, ours: str) -> Event | None:
    """A message from a person; None for what is no answer (a reaction, a changed number) or can't be read."""
    message_id, said = _text(part, "id"), _said(part)
    sender, user_id = _who(part, contacts)
    if not message_id or said is None or not (sender or user_id) or part.get("group_id"):
        return None
    text, files, token, button = said
    answered = _text(_part(part.get("context")), "id")
    return InboundMessage(
        event_id=_short(message_id),
        sender=sender,
        text=text,
        token=token,
        in_reply_to=(_short(answered),) if answered else (),
        button=button,
        at=_moment(part),
        ours=ours,
        user_id=user_id,
        files=files,
    )


def _who(part: Part, contacts: Contacts) -> tuple[str, str]:
    """(number, business-scoped user id), either may be ""."""
    wa_id, user_id = _text(part, "from"), _text(part, "from_user_id")
    contact = contacts.get(wa_id) or contacts.get(user_id) or ({} if wa_id or user_id else contacts.get(ONLY, {}))
    return _number(wa_id or _text(contact, "wa_id")), _short(user_id or _text(contact, "user_id"))


Contacts = Mapping[str, Part]
"""The people of a change by number and by user id, and as `ONLY` the one who is alone there."""
ONLY = "only"


def _contacts(value: Part) -> Contacts:
    people = [_part(one) for one in _list(value, "contacts")]
    known = {_text(one, key): one for one in people for key in ("wa_id", "user_id") if _text(one, key)}
    return {**known, ONLY: people[0]} if len(people) == 1 else known


Said = tuple[str, tuple[str, ...], str, str]
"""(text, names of files, token, what was pressed)"""


def _said(part: Part) -> Said | None:
    kind = _text(part, "type")
    content = _part(part.get(kind))
    if kind == "text":
        return (_text(content, "body"), (), "", "") if isinstance(content.get("body"), str) else None
    if kind == "button":
        return _pressed(_text(content, "payload"), _text(content, "text"))
    if kind == "interactive":
        reply = _part(content.get(_text(content, "type")))
        known = _text(content, "type") in {"button_reply", "list_reply"}
        return _pressed(_text(reply, "id"), _text(reply, "title")) if known else None
    if kind in _MEDIA and content:
        return _text(content, "caption"), (_file_name(kind, content),), "", ""
    if kind == "location" and content:
        return _place(content), (), "", ""
    if kind == "contacts":
        return _people(part)
    if kind == "edit":
        return _said({**_part(content.get("message")), "edit": None})
    return None


def _pressed(payload: str, title: str) -> Said | None:
    """Ours say row and answer; another one's words are the answer, as if they had been typed."""
    known = read_payload(payload)
    token, code = known if known else ("", title)
    return (title, (), token, code) if title or known else None


def _file_name(kind: str, content: Part) -> str:
    given = _PATHS.sub(" ", _text(content, "filename")).strip()
    media_type = _text(content, "mime_type").partition(";")[0].strip()
    return given[:100] or f"{kind}{_ENDINGS.get(media_type, '')}"


def _place(content: Part) -> str:
    where = [_text(content, key) for key in ("name", "address", "url")]
    point = [content.get(key) for key in ("latitude", "longitude")]
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in point):
        where.append(f"{point[0]:.6f}, {point[1]:.6f}")
    return "\n".join(one for one in where if one)


def _people(part: Part) -> Said | None:
    lines = []
    for one in map(_part, _list(part, "contacts")):
        phones = [_text(_part(phone), "phone") for phone in _list(one, "phones")]
        lines.append(" ".join(filter(None, [_text(_part(one.get("name")), "formatted_name"), *phones])))
    return ("\n".join(filter(None, lines)), (), "", "") if any(lines) else None


def _unknown(part: object, name: str) -> UnknownEvent:
    return UnknownEvent(_digest(part), name[:100])


def _digest(part: object) -> str:
    """An id from the content: the same however often it is posted."""
    return "sha_" + hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:40]


def _moment(part: Part) -> str:
    """Meta's seconds since 1970 as ISO 8601 in UTC, "" where they are none."""
    seconds = part.get("timestamp")
    if isinstance(seconds, int | str) and len(str(seconds)) <= 11:
        try:
            return datetime.fromtimestamp(int(seconds), UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            pass
    return ""


def _number(wa_id: str) -> str:
    """In E.164; "" for what is no number."""
    found = _NUMBER.fullmatch(wa_id)
    return f"+{found[1]}" if found else ""


def _short(text: str) -> str:
    """An id, or a digest of one that is far too long for any."""
    return text if len(text) <= _LONGEST_ID else _digest(text)


def _text(part: Part, key: str) -> str:
    """A string that can be stored: without NUL, and with U+FFFD for half a character."""
    found = part.get(key)
    if not isinstance(found, str):
        return ""
    if found.isascii():
        return found.replace("\x00", "")
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\x00", "")


def _part(found: object) -> Part:
    return found if isinstance(found, dict) else {}


def _list(part: Part, key: str) -> list[Any]:
    found = part.get(key)
    return found if isinstance(found, list) else []
