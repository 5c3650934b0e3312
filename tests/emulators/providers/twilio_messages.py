"""The form of POST Messages.json, from twilio_api_v2010 (CreateMessage), and the resource that it makes."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.emulators.providers.people import Sent
from tests.emulators.providers.twilio_errors import LATER, refused

if TYPE_CHECKING:
    from tests.emulators.providers.twilio import Twilio

E164 = re.compile(r"\+[1-9]\d{6,14}")
SINGLE = frozenset((
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
    "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "TrafficType", "ShortenUrls",
    "ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "MessageIntent", "RiskCheck", "From", "FallbackFrom",
    "MessagingServiceSid", "Body", "ContentSid", "Tags",
))  # fmt: skip
REPEATED = frozenset(("PersistentAction", "MediaUrl"))
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """How many parts an SMS has: 160 (then 153) characters of GSM-7, 70 (then 67) of UCS-2."""
    if all(each in GSM or each in GSM_EXTENDED for each in text):
        length, single, each_part = len(text) + sum(each in GSM_EXTENDED for each in text), 160, 153
    else:
        length, single, each_part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else math.ceil(length / each_part)


def checked(twilio: Twilio, given: dict[str, list[str]]) -> dict[str, Any]:
    """The fields, one value each where there is to be one. Raises Refused."""
    for name, values in given.items():
        if name not in SINGLE | REPEATED or (name in SINGLE and len(values) > 1):
            raise refused(20001, name)
    form: dict[str, Any] = {name: values if name in REPEATED else values[0] for name, values in given.items()}
    _check_addresses(twilio, form)
    if not form.get("Body") and not form.get("MediaUrl") and not form.get("ContentSid"):
        raise refused(21602)
    if len(form.get("Body", "").encode("utf-16-le")) // 2 > 1600:
        raise refused(21617)
    callback = form.get("StatusCallback")
    if callback is not None and not is_url(callback):
        raise refused(21609, callback)
    period = form.get("ValidityPeriod", "1")
    if not period.isdigit() or not 1 <= int(period) <= 36000:
        raise refused(20001, "ValidityPeriod")
    _check_content(twilio, form)
    return form


def is_url(text: str) -> bool:
    """Whether Twilio would call it."""
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _check_addresses(twilio: Twilio, form: dict[str, Any]) -> None:
    to, sender, service = form.get("To"), form.get("From"), form.get("MessagingServiceSid")
    if not to:
        raise refused(21604)
    if not sender and not service:
        raise refused(21603)
    if service and service != twilio.messaging_service:
        raise refused(21705, service)
    if not E164.fullmatch(to.removeprefix("whatsapp:")):
        raise refused(21211, to)
    if sender and sender not in twilio.numbers:
        raise refused(63007) if sender.startswith("whatsapp:") else refused(21659, sender)
    if sender and sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        raise refused(21910)
    phone = twilio.world.phone(to)
    if to[:1] == "+":
        if phone.landline:
            raise refused(21614, to)
        if any(to.startswith(each) for each in twilio.closed_regions):
            raise refused(21408, to)
        if phone.opted_out & {sender or twilio.from_number, twilio.messaging_service}:
            raise refused(21610)


def _check_content(twilio: Twilio, form: dict[str, Any]) -> None:
    if "ContentSid" in form and form["ContentSid"] not in twilio.contents:
        raise refused(21655)
    if "ContentVariables" in form:
        try:
            found = json.loads(form["ContentVariables"])
        except ValueError:
            raise refused(21656) from None
        if "ContentSid" not in form or not isinstance(found, dict):
            raise refused(21656)
        if not all(isinstance(each, str) and each for each in found.values()):
            raise refused(21656)


def resource(twilio: Twilio, sent: Sent) -> dict[str, Any]:
    """A message as the API shows it."""
    account, code = twilio.account_sid, int(sent.error or 0)
    path = f"/2010-04-01/Accounts/{account}/Messages/{sent.id}"
    inbound = sent.data.get("direction") == "inbound"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": sent.text,
        "date_created": sent.data["date"],
        "date_sent": None if sent.status in ("taken", "scheduled") else sent.data["date"],
        "date_updated": sent.data["date"],
        "direction": "inbound" if inbound else "outbound-api",
        "error_code": code or None,
        "error_message": LATER.get(code),
        "from": sent.sender or None,
        "messaging_service_sid": sent.data.get("MessagingServiceSid"),
        "num_media": str(len(sent.data.get("MediaUrl", []))),
        "num_segments": str(segments(sent.text)) if sent.kind == "sms" else "1",
        "price": None,
        "price_unit": "USD",
        "sid": sent.id,
        "status": _status(sent),
        "subresource_uris": {"media": f"{path}/Media.json"},
        "tags": json.loads(sent.data["Tags"]) if sent.data.get("Tags") else None,
        "to": sent.to,
        "uri": f"{path}.json",
    }


def _status(sent: Sent) -> str:
    if sent.data.get("direction") == "inbound":
        return "received"
    if sent.history:
        return sent.history[-1]
    if sent.data.get("ScheduleType"):
        return "scheduled"
    return "accepted" if sent.data.get("MessagingServiceSid") else "queued"
