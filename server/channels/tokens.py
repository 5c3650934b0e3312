"""Our token in what mail brings back: in a Reply-To address of ours, in a Message-ID of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ID = re.compile(r"<[^<>\s]{1,250}>")
_OUR_ID = re.compile(r"<msg_[0-9a-z]{4,40}\.([0-9a-z]{8,64})@[^<>\s@]{1,200}>")
"""`<message_id.token@domain>`, as `mail.MailWriter.mail_id` makes it."""


def token_in(recipients: Iterable[str], inbound_domain: str) -> str:
    """The token in the first of these that is an address of ours (`r+<token>@inbound_domain`), "" in none."""
    if not inbound_domain:
        return ""
    ours = re.compile(r"r\+([0-9a-z]{8,64})@" + re.escape(inbound_domain.lower()) + r"(?![\w.-]*\w)")
    found = (ours.search(text.lower()) for text in recipients)
    return next((match[1] for match in found if match), "")


def ids_in(text: str) -> list[str]:
    """Message-IDs in a header or a text, with their angle brackets, in order."""
    return _ID.findall(text)


def own_id(texts: Iterable[str]) -> tuple[str, str]:
    """(Message-ID, token) of the first one in these texts that we made, ("", "") where there is none.

    The token comes home by it also where a provider gave the message an id of its own, and where Reply-To was lost.
    """
    for text in texts:
        if found := _OUR_ID.search(text):
            return found[0], found[1]
    return "", ""
