"""What is posted to Meta for one message: a template, buttons, a list, or plain text.

Limits: developers.facebook.com/documentation/business-messaging/whatsapp/messages (text, interactive reply buttons,
interactive list, template), as of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from server.domain.choices import payload
from server.domain.message import Choice, FilledTemplate, Outgoing
from server.errors import PermanentError

LONGEST = 4096
LONGEST_WITH_BUTTONS = 1024
BUTTONS, BUTTON_TITLE = 3, 20
ROWS, ROW_TITLE = 10, 24

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped user id, which Meta gives for people whose number it does not tell."""

_CHOOSE: Mapping[str, str] = {
    "de": "Antworten",
    "es": "Responder",
    "fr": "Répondre",
    "it": "Rispondi",
    "nl": "Antwoorden",
    "pt": "Responder",
}
"""What stands on the button that opens a list, by language; "Answer" in all others."""


def request(outgoing: Outgoing) -> dict[str, Any]:
    """The body of POST /<number's id>/messages. Raises PermanentError for a text that Meta can't take."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(outgoing),
        "biz_opaque_callback_data": outgoing.token,
        **_content(outgoing),
    }
    if outgoing.thread.startswith("wamid."):
        body["context"] = {"message_id": outgoing.thread}
    return body


def _recipient(outgoing: Outgoing) -> dict[str, str]:
    """With its plus: without one Meta puts our own country's code before it (reference, "Phone number formats")."""
    known = outgoing.known_as
    if _BSUID.fullmatch(known):
        return {"recipient": known}
    return {"to": f"+{known.lstrip('+')}" if known.lstrip("+").isdecimal() else outgoing.address}


def _content(outgoing: Outgoing) -> dict[str, Any]:
    if outgoing.template is not None:
        return {"type": "template", "template": _template(outgoing.template, outgoing.choices, outgoing.token)}
    if len(outgoing.text) > LONGEST:
        raise PermanentError(f"The text has {len(outgoing.text)} characters; WhatsApp takes {LONGEST}. Shorten it.")
    if _fits(outgoing.choices, BUTTONS, BUTTON_TITLE) and _units(outgoing.text) <= LONGEST_WITH_BUTTONS:
        return {"type": "interactive", "interactive": _buttons(outgoing)}
    if _fits(outgoing.choices, ROWS, ROW_TITLE) and _units(outgoing.text) <= LONGEST:
        return {"type": "interactive", "interactive": _list(outgoing)}
    # Longer ones stay in the text, which names the digits.
    return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}


def _fits(choices: tuple[Choice, ...], most: int, longest: int) -> bool:
    """Whether they can stand on buttons: few enough, none empty, too long, or twice there."""
    titles = [_title(choice) for choice in choices]
    return 1 <= len(set(titles)) == len(titles) <= most and all(1 <= _units(title) <= longest for title in titles)


def _title(choice: Choice) -> str:
    return " ".join(choice.title.split())


def _units(text: str) -> int:
    """Length as JavaScript and Java count it, never less than Meta does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _buttons(outgoing: Outgoing) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": payload(outgoing.token, choice), "title": _title(choice)}}
        for choice in outgoing.choices
    ]
    return {"type": "button", "body": {"text": outgoing.text}, "action": {"buttons": buttons}}


def _list(outgoing: Outgoing) -> dict[str, Any]:
    label = _CHOOSE.get(outgoing.language[:2].lower(), "Answer")
    rows = [{"id": payload(outgoing.token, choice), "title": _title(choice)} for choice in outgoing.choices]
    action = {"button": label, "sections": [{"title": label, "rows": rows}]}
    return {"type": "list", "body": {"text": outgoing.text}, "action": action}


def _template(template: FilledTemplate, choices: tuple[Choice, ...], token: str) -> dict[str, Any]:
    """Choices stand in the order of the template's buttons; one without a code is none of ours (a link)."""
    components: list[dict[str, Any]] = []
    if template.variables:
        components.append({"type": "body", "parameters": _parameters(template.variables)})
    components += [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": payload(token, choice)}],
        }
        for index, choice in enumerate(choices)
        if choice.code
    ]
    found: dict[str, Any] = {"name": template.name, "language": {"code": template.language.replace("-", "_")}}
    return {**found, "components": components} if components else found


def _parameters(variables: Mapping[str, str]) -> list[dict[str, str]]:
    """Numbered ones by number, without their names; named ones with theirs."""
    if all(slot.isdecimal() for slot in variables):
        return [{"type": "text", "text": variables[slot]} for slot in sorted(variables, key=int)]
    return [{"type": "text", "parameter_name": slot, "text": text} for slot, text in variables.items()]
