"""How a number stands with Meta: whether it may send, and what is about to go wrong, in sentences.

Sources: Graph API reference, WhatsApp Business phone number; .../whatsapp/support/health-status (Jun 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.channels.meta.errors import scrubbed
from server.errors import PermanentError

PLAIN_FIELDS = "id,verified_name,quality_rating,code_verification_status"
FIELDS = f"{PLAIN_FIELDS},status,name_status,health_status"

_USABLE = frozenset({"CONNECTED", "FLAGGED", "RATE_LIMITED"})
_STATUS: Mapping[str, str] = {
    "PENDING": "The number is not registered with the Cloud API yet: register it in WhatsApp Manager.",
    "UNVERIFIED": "The number is not verified yet: confirm it in WhatsApp Manager with the code that Meta sends.",
    "DISCONNECTED": "The number is disconnected from the Cloud API: register it again in WhatsApp Manager.",
    "MIGRATED": "The number has moved to another WhatsApp account: set META_PHONE_NUMBER_ID to its new id.",
    "DELETED": "The number was deleted from the WhatsApp account: set META_PHONE_NUMBER_ID to another one's id.",
    "BANNED": "Meta has banned the number. See WhatsApp Manager, Account quality, for how to appeal.",
    "RESTRICTED": "Meta has restricted the number. See WhatsApp Manager, Account quality, for how to appeal.",
}
_QUALITY: Mapping[str, str] = {
    "RED": (
        "The number's quality is RED: many people blocked or reported it, and Meta may soon stop templates or lower "
        "the limits. Write only to people who expect it."
    ),
    "YELLOW": "The number's quality is YELLOW: some people blocked or reported it. Look at what was sent lately.",
}


def refuse(number: Mapping[str, Any]) -> None:
    """Raises PermanentError with what to do when the number may not send."""
    status = _word(number, "status")
    if status and status not in _USABLE:
        raise _fault(_STATUS.get(status, f"Meta says that the number is {status}: look at it in WhatsApp Manager."))
    # Meta's own test number is never verified, and sends.
    if not status and _word(number, "code_verification_status") == "NOT_VERIFIED":
        raise _fault(_STATUS["UNVERIFIED"])
    if _word(_health(number), "can_send_message") == "BLOCKED":
        raise _fault(f"Meta lets this number send nothing. {_reasons(number, 'BLOCKED')}".strip())


def warnings(number: Mapping[str, Any]) -> tuple[str, ...]:
    """What does not stop sending yet, a sentence each."""
    found = [_QUALITY.get(_word(number, "quality_rating"), "")]
    if _word(number, "name_status") in {"PENDING_REVIEW", "DECLINED", "EXPIRED"}:
        found.append(
            "Meta has not approved the number's display name: people see the number alone, and limits are low."
        )
    if _word(_health(number), "can_send_message") == "LIMITED":
        found.append(f"Meta limits what this number may send. {_reasons(number, 'LIMITED')}".strip())
    return tuple(sentence for sentence in found if sentence)


def unsubscribed(listed: Mapping[str, Any]) -> tuple[str, ...]:
    """That no app hears of the account's messages, by its list of subscribed apps."""
    if listed.get("data") == []:
        return ("No app is subscribed to the WhatsApp account: no report and no answer comes back. Subscribe yours.",)
    return ()


def _reasons(number: Mapping[str, Any], word: str) -> str:
    """Why, as Meta puts it, for those of number, account, business and app that it is about."""
    entities = _health(number).get("entities")
    found: list[str] = []
    for entity in entities if isinstance(entities, list) else []:
        if isinstance(entity, dict) and _word(entity, "can_send_message") == word:
            errors = entity.get("errors")
            for error in errors if isinstance(errors, list) else []:
                if isinstance(error, dict):
                    found += [scrubbed(error.get("error_description")), scrubbed(error.get("possible_solution"))]
            more = entity.get("additional_info")
            found += [scrubbed(one) for one in more] if isinstance(more, list) else []
    return " ".join(dict.fromkeys(one for one in found if one))[:400]


def _health(number: Mapping[str, Any]) -> Mapping[str, Any]:
    found = number.get("health_status")
    return found if isinstance(found, dict) else {}


def _word(part: Mapping[str, Any], key: str) -> str:
    found = part.get(key)
    return found.upper() if isinstance(found, str) else ""


def _fault(sentence: str) -> PermanentError:
    return PermanentError(sentence, whole_campaign=True)
