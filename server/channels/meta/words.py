"""Meta's words -> ours: delivery statuses, and what each error code means and asks for.

Source of the codes: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes. Meta asks to
go by the code, never by the HTTP status. What is not in a table is unknown, and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.words import DeliveryStatus

STATUSES: Mapping[str, DeliveryStatus] = {
    "sent": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means: a sentence that says what to do, and what follows.

    `again`: Meta did not take the message and may later; `wait` is how many seconds nobody should send, None where it
    is no matter of the sender's pace. `passing`: the very same message may go another day, by a person's hand.
    """

    sentence: str
    again: bool = False
    wait: float | None = None
    passing: bool = False
    campaign: bool = False
    opted_out: bool = False
    elsewhere: bool = False


def _later(sentence: str, wait: float | None = None) -> Meaning:
    return Meaning(sentence, again=True, wait=wait, passing=True)


def _never(sentence: str) -> Meaning:
    return Meaning(sentence)


def _account(sentence: str) -> Meaning:
    """Every other message would meet the same: the campaign pauses."""
    return Meaning(sentence, campaign=True)


_TOKEN = _account(
    "Meta does not accept the access token. Make a permanent one for a system user and set META_ACCESS_TOKEN."
)
_PERMISSION = _account(
    "The access token may not send for this number. Give its system user the WhatsApp account, with the permissions "
    "whatsapp_business_messaging and whatsapp_business_management."
)
NUMBER = _account(
    "Meta knows no such number for this token. Set META_PHONE_NUMBER_ID to the number's id, not the number."
)
_RESTRICTED = "See WhatsApp Manager, Account quality, for the reason and how to appeal."
_FORM = _never("Meta refused the message's form. The log has its reason.")
_TEMPLATE = "Choose another approved template, or wait until Meta allows this one again."

ERRORS: Mapping[int, Meaning] = {
    # not taken now, perhaps later
    2: _later("Meta has trouble of its own just now."),
    4: _later("Meta asks us to slow down: the app's hourly limit is reached.", 60.0),
    80007: _later("Meta asks us to slow down: the WhatsApp account's hourly limit is reached.", 60.0),
    130429: _later("Meta asks us to slow down: that were too many messages a second.", 1.0),
    131000: _later("Meta could not send this just now, without saying why."),
    131016: _later("WhatsApp has trouble of its own just now."),
    131056: _later("Too many messages to this person within a few seconds: Meta takes one in six seconds."),
    131057: _later("Meta is changing the number's account just now."),
    133004: _later("Meta has trouble of its own just now."),
    # this person
    131021: _never("This is the number that we send from."),
    131026: Meaning(
        "WhatsApp can't deliver to this number: nobody is there, or with an old app. Try another channel.",
        elsewhere=True,
    ),
    131030: _never("Meta's test number writes only to numbers on its list. Add this one, or use a number of your own."),
    131047: _never("Outside WhatsApp's 24-hour window: choose an approved template."),
    131049: Meaning(
        "Meta held this marketing message back, so that this person gets fewer. Try again tomorrow at the earliest.",
        passing=True,
    ),
    131050: Meaning("This person wants no more marketing messages from you on WhatsApp.", opted_out=True),
    130472: _never("Meta leaves this person out of marketing messages for an experiment. Try another channel."),
    131062: _never("WhatsApp tells no number of this person, and such a message needs one. Try another channel."),
    # this message
    100: _FORM,
    131008: _FORM,
    131009: _FORM,
    131051: _FORM,
    132005: _never("With this row's values the template's text is too long for WhatsApp: shorten them."),
    132012: _never("A value of this row does not fit the template. Look at its variables and columns."),
    132018: _never("A value of this row does not fit the template: no line breaks, no tabs, no more than four spaces."),
    # the template, and so every message of the campaign
    132000: _account("The template has another number of variables than the plan. Choose the template again."),
    132001: _account("Meta knows no approved template of that name in that language. Choose the template again."),
    132007: _account(f"The template breaks a rule of WhatsApp. {_TEMPLATE}"),
    132015: _account(f"Meta has paused the template, as too many people disliked it. {_TEMPLATE}"),
    132016: _account("Meta has switched the template off for good. Choose another approved template."),
    # our account
    0: _TOKEN,
    3: _PERMISSION,
    10: _PERMISSION,
    33: NUMBER,
    190: _TOKEN,
    368: _account(f"Meta has blocked the WhatsApp account for a while, for breaking its rules. {_RESTRICTED}"),
    130497: _account("Meta does not let this WhatsApp account write to people of that country."),
    131005: _PERMISSION,
    131031: _account(f"Meta has locked the WhatsApp account. {_RESTRICTED}"),
    131037: _account("Meta has not approved the number's display name yet. Look at it in WhatsApp Manager."),
    131042: _account("Meta waits for money: set right how the WhatsApp account pays, in WhatsApp Manager."),
    131045: _account("The number is not registered with the Cloud API. Register it in WhatsApp Manager."),
    131048: _account(f"Too many people reported or blocked this number: Meta limits what it may send. {_RESTRICTED}"),
    131064: _account(f"Templates of the wrong category: Meta limits what this account may send. {_RESTRICTED}"),
    133010: _account("The number is not registered with the Cloud API. Register it in WhatsApp Manager."),
} | dict.fromkeys(range(200, 300), _PERMISSION)
