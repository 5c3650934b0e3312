"""Twilio's words and ours: statuses, who answered a call, error codes.

Sources: the Message and Call resources and the error dictionary (twilio.com/docs/api/errors, a page per code), with
WhatsApp's from twilio.com/docs/whatsapp/api/error-code-mapping. What is in no table stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.words import DeliveryStatus

MESSAGES: Mapping[str, DeliveryStatus] = {
    "accepted": DeliveryStatus.ACCEPTED,
    "scheduled": DeliveryStatus.ACCEPTED,
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}
"""MessageStatus. Its `sent` means that a carrier has it: no news to the organiser, for whom it is Sent already."""

CALLS: Mapping[str, DeliveryStatus] = {
    "queued": DeliveryStatus.ACCEPTED,
    "initiated": DeliveryStatus.ACCEPTED,
    "ringing": DeliveryStatus.ACCEPTED,
    "in-progress": DeliveryStatus.ACCEPTED,
    "completed": DeliveryStatus.DELIVERED,
    "busy": DeliveryStatus.FAILED,
    "no-answer": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}
"""CallStatus. A completed call was delivered only when no machine took it: see `MACHINES`."""

FINAL = frozenset({"delivered", "read", "undelivered", "failed", "canceled", "completed", "busy", "no-answer"})
"""Nothing but `read` comes after these."""

CALL_ENDS: Mapping[str, str] = {
    "busy": "The line was busy. Type Retry to call again",
    "no-answer": "Nobody answered the call. Type Retry to call again",
    "failed": "The call could not be put through: the number may not exist",
    "canceled": "The call was cancelled at Twilio before anybody answered",
}

MACHINES: Mapping[str, str] = {
    "machine_start": "Reached a machine: an answering machine took the call. Type Retry to call again",
    "machine_end_beep": "Reached a machine: the message was left on it. Type Retry to call again",
    "machine_end_silence": "Reached a machine: the message was left on it. Type Retry to call again",
    "machine_end_other": "Reached a machine: the message may have been left on it. Type Retry to call again",
    "fax": "Reached a fax machine: the number takes no calls",
}
"""AnsweredBy, where no person did. What a machine heard is not delivered: nobody can press a key there."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error code says. `words` are a sentence for the cell, without its last dot; `later` that the same may
    work after a while, `account` that every other message would meet it as well."""

    words: str
    later: bool = False
    account: bool = False
    opted_out: bool = False
    elsewhere: bool = False


def _later(words: str) -> Meaning:
    return Meaning(words, later=True)


def _account(words: str) -> Meaning:
    return Meaning(words, account=True)


def _elsewhere(words: str) -> Meaning:
    return Meaning(words, elsewhere=True)


_KEYS = _account("Twilio knows no such account, or not with this token: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
_CLOSED = _account("The Twilio account is suspended or closed: see its Console, most often it lacks money")
_SENDER = _account("Twilio can't send from this sender: TWILIO_FROM must be a number or service of this very account")
_CALLER = _account("Twilio can't call from this number: set TWILIO_VOICE_FROM to one of this account that can call")
_TRIAL = Meaning(
    "The Twilio account is a trial: it reaches only numbers verified in its Console. Verify this one, or upgrade"
)
_REGION = Meaning("Twilio may not send to this country yet: allow it under Geo permissions in Twilio's Console")
_NO_NUMBER = Meaning("Twilio takes this for no phone number: correct it")
_LANDLINE = _elsewhere("The number is a landline, which gets no text messages: call it, or write to another one")
_STOPPED = Meaning("The person has said STOP and gets no more messages from this number", opted_out=True)
_REGISTER = _account("US carriers refuse messages from a number that is not registered (A2P 10DLC): register it")
_TOLL_FREE = _account("The toll-free number is not verified: verify it in Twilio's Console before sending")
_FILTERED = Meaning(
    "The carrier took the text for spam: change its words, leave out short links, and do not just retry"
)
_BUSY = _later("Twilio has more to send than it may at once: it is tried again later")
_TEMPLATE = _account("WhatsApp has not approved this template, has paused it or does not know it in that language")
_VARIABLES = _account("The template's variables do not fit: map each of them, and no other, to a column")
_WINDOW = Meaning("The person has not written within 24 hours: WhatsApp then takes only an approved template")
_META = _account("Meta does not let this WhatsApp number send: see WhatsApp Manager for what it asks for")
_NO_WHATSAPP = _elsewhere("The number is not on WhatsApp: write to them another way")

ERRORS: Mapping[int, Meaning] = {
    10001: _CLOSED,
    10004: _later("Too many calls at once: it is tried again later"),
    13223: _NO_NUMBER,
    13224: Meaning("Twilio can't call this number, or it does not exist: check it"),
    13227: _REGION,
    14107: _BUSY,
    20003: _KEYS,
    20005: _CLOSED,
    20006: _account("Twilio denies access: use the auth token of the account itself"),
    20404: _KEYS,
    20429: _BUSY,
    21210: _CALLER,
    21211: _NO_NUMBER,
    21212: _SENDER,
    21214: Meaning("Twilio can't reach this number by phone: check it"),
    21215: _REGION,
    21216: Meaning("Twilio does not call this number: it is on a list of blocked ones"),
    21217: _NO_NUMBER,
    21219: _TRIAL,
    21265: Meaning("A number can't write to itself: correct the address"),
    21266: Meaning("A number can't write to itself: correct the address"),
    21408: _REGION,
    21601: _SENDER,
    21602: Meaning("The text is empty"),
    21603: _SENDER,
    21604: _NO_NUMBER,
    21606: _SENDER,
    21608: _TRIAL,
    21609: _account(
        "Twilio can't use the address for its reports: PUBLIC_BASE_URL must be one that the world can reach"
    ),
    21610: _STOPPED,
    21611: _BUSY,
    21612: Meaning("Twilio has no way from this sender to that number: use another sender for its country"),
    21614: _LANDLINE,
    21617: Meaning("The text is longer than 1,600 characters: shorten it"),
    21619: Meaning("The text is empty"),
    21635: _LANDLINE,
    21654: _TEMPLATE,
    21655: _TEMPLATE,
    21656: _VARIABLES,
    21659: _SENDER,
    21660: _SENDER,
    21661: _SENDER,
    21701: _SENDER,
    21703: _account("The messaging service has no numbers: add one to its sender pool in Twilio's Console"),
    21704: _account("The messaging service has no number for this: add one to its sender pool in Twilio's Console"),
    30001: _BUSY,
    30002: _CLOSED,
    30003: _later("The phone was off or out of reach. Type Retry to send it again later"),
    30004: Meaning("The person or their carrier blocks messages from this number"),
    30005: _elsewhere("The number is unknown to its carrier, or no longer in use: check it"),
    30006: _LANDLINE,
    30007: _FILTERED,
    30008: _later("The carrier did not say why it was not delivered. Type Retry to send it again later"),
    30010: Meaning("The message costs more than the account allows for one"),
    30017: _later("The carrier's network was overloaded. Type Retry to send it again later"),
    30022: _BUSY,
    30023: _later("The carrier takes no more messages from this sender today. Type Retry to send it again tomorrow"),
    30024: _SENDER,
    30032: _TOLL_FREE,
    30033: _account("The A2P 10DLC campaign of this number is suspended: see it in Twilio's Console"),
    30034: _REGISTER,
    30035: _REGISTER,
    30036: Meaning("It could not be delivered within four hours and was given up. Type Retry to send it again"),
    30410: _later("The carrier did not answer in time. Type Retry to send it again later"),
    30450: Meaning("Twilio blocks messages to this range of numbers as likely fraud (SMS pumping)"),
    30453: Meaning("Twilio blocks messages to this range of numbers as likely fraud (SMS pumping)"),
    63001: _META,
    63002: _account("Twilio knows no such WhatsApp number of yours: check TWILIO_WHATSAPP_FROM"),
    63003: _NO_WHATSAPP,
    63005: Meaning("WhatsApp did not take the message's content: shorten or simplify it"),
    63007: _account("Twilio knows no such WhatsApp number of yours: check TWILIO_WHATSAPP_FROM"),
    63008: _META,
    63010: _later("WhatsApp has trouble of its own. Type Retry to send it again later"),
    63012: _later("WhatsApp has trouble of its own. Type Retry to send it again later"),
    63013: _account("The message is against WhatsApp's rules: see the template's and the number's standing"),
    63014: Meaning("The person has blocked this WhatsApp number", opted_out=True),
    63015: Meaning("The person has not joined the WhatsApp sandbox: they write “join …” to its number first"),
    63016: _WINDOW,
    63018: _BUSY,
    63020: _account("The business has not accepted Meta's invitation yet: do so in Meta Business Manager"),
    63021: Meaning("WhatsApp did not take the message's content: shorten or simplify it"),
    63024: _NO_WHATSAPP,
    63025: _later("WhatsApp has trouble of its own. Type Retry to send it again later"),
    63027: _TEMPLATE,
    63028: _VARIABLES,
    63029: Meaning("The template becomes too long with this row's words: shorten them"),
    63030: _VARIABLES,
    63032: Meaning(
        "Meta held the message back, as this person is in one of its experiments: write to them another way"
    ),
    63033: Meaning("The person has blocked this WhatsApp number", opted_out=True),
    63036: _elsewhere("The phone takes no RCS messages: write to them another way"),
    63038: _later("The account may send no more today. Type Retry to send it again tomorrow"),
    63040: _TEMPLATE,
    63041: _TEMPLATE,
    63042: _TEMPLATE,
    63049: Meaning(
        "Meta held the message back, as this person gets much advertising: wait a day, or write another way"
    ),
    63051: _META,
    63112: _META,
}

OF_A_COUNTRY = frozenset({30032, 30034, 30035})
"""Faults of the sender that only carriers of the US and Canada mind: people elsewhere get the same message."""

UNKNOWN_WORDS = "Twilio did not take it (error {code}): see twilio.com/docs/api/errors/{code}"


def meaning(code: int) -> Meaning:
    """What an error code of Twilio's says; its own page for one that we do not know, 0 for none."""
    if code in ERRORS:
        return ERRORS[code]
    return Meaning(UNKNOWN_WORDS.format(code=code) if code else "Twilio did not say why")
