"""Whether the account is in order and the sender is its own: asked by `check`, before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from server.errors import PermanentError

SANDBOX = "+14155238886"
"""Twilio's own WhatsApp number for trying things out (twilio.com/docs/whatsapp/sandbox)."""

TRIAL_LINE = "Sent from your Twilio trial account - "
"""What Twilio puts before the texts of a trial."""

Ask = Callable[[str, Mapping[str, str]], Awaitable[dict[str, Any]]]
"""(path, query) -> the answer; raises TemporaryError, PermanentError."""

TRIAL = "The Twilio account is a trial: only numbers verified in its Console get anything, with a line of Twilio's own."
SANDBOXED = "This is WhatsApp's sandbox: only who wrote “join …” to it in the last three days gets anything."
NO_REPLIES = "A sender with a name can't be answered: use a number where replies are wanted."


def beside(base_url: str, product: str) -> str:
    """Where another product of Twilio's is (`messaging`, `content`): on a host of its own there, the same one for
    anything that is not Twilio."""
    host = urlsplit(base_url).hostname or ""
    if host.startswith("api.") and host.endswith(".twilio.com"):
        return base_url.replace("//api.", f"//{product}.", 1)
    return base_url


async def of_account(ask: Ask, account: str) -> str:
    """See that the account may send; a sentence about it, or "". Raises TemporaryError, PermanentError."""
    found = await ask(f"{account}.json", {})
    if found.get("status") != "active":
        raise PermanentError(
            "The Twilio account is suspended or closed: see its Console, most often it lacks money.",
            whole_campaign=True,
        )
    return TRIAL if found.get("type") == "Trial" else ""


async def of_number(ask: Ask, account: str, sender: str, able: str) -> str:
    """See that a number or short code is the account's own and can do this (`sms`, `voice`); a sentence, or "".

    Raises TemporaryError, PermanentError.
    """
    if not sender.startswith("+"):
        return "" if sender.isdigit() else NO_REPLIES
    found = await ask(f"{account}/IncomingPhoneNumbers.json", {"PhoneNumber": sender})
    numbers = [one for one in found.get("incoming_phone_numbers") or () if isinstance(one, dict)]
    if not numbers and able == "voice":  # a number of one's own elsewhere may call once it is verified
        verified = await ask(f"{account}/OutgoingCallerIds.json", {"PhoneNumber": sender})
        if verified.get("outgoing_caller_ids"):
            return ""
    if not numbers:
        raise PermanentError(
            "The sender is no number of this Twilio account: buy one in its Console, or correct the setting.",
            whole_campaign=True,
        )
    can = numbers[0].get("capabilities")
    if isinstance(can, dict) and not can.get(able):
        what = "send SMS" if able == "sms" else "make calls"
        raise PermanentError(f"The sender's number can't {what}: choose one that can in Twilio's Console.")
    return ""


async def of_service(ask: Ask, sid: str) -> str:
    """See that a messaging service is the account's own. Raises TemporaryError, PermanentError."""
    try:
        await ask(f"/v1/Services/{sid}", {})
    except PermanentError as error:
        if error.detail.startswith("HTTP 404"):
            raise PermanentError(
                "The Twilio account has no such messaging service (MG…): copy its SID from the Console.",
                whole_campaign=True,
            ) from None
        raise
    return ""


async def of_whatsapp(ask: Ask, sender: str) -> str:
    """See that a WhatsApp number is the account's own and online; a sentence, or "". Raises TemporaryError,
    PermanentError."""
    if sender == SANDBOX:
        return SANDBOXED
    found = await ask("/v2/Channels/Senders", {"Channel": "whatsapp", "PageSize": "100"})
    senders = [one for one in found.get("senders") or () if isinstance(one, dict)]
    mine = next((one for one in senders if one.get("sender_id") == f"whatsapp:{sender}"), None)
    if mine is None and len(senders) < 100:
        raise PermanentError(
            "The number is no WhatsApp sender of this Twilio account: register it in the Console under Messaging, "
            "Senders, WhatsApp senders.",
            whole_campaign=True,
        )
    status = str(mine.get("status", "")) if mine else ""
    if status and not status.startswith("ONLINE"):
        return "The WhatsApp sender is not online: see Messaging, Senders, WhatsApp senders in Twilio's Console."
    return ""
