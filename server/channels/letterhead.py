"""What every mail that goes out through an API bears: from whom, where answers go, what ties them together."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from server.channels.mail import MailWriter, wire_address
from server.channels.mime import one_line
from server.domain.message import Outgoing

_MAIL_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")


class Letterhead:
    """The settings' sender and addresses, and what of an outgoing message goes above its text."""

    def __init__(self, sender: str, *, inbound_domain: str = "", public_url: str = "") -> None:
        """`sender` is EMAIL_FROM: an address, or `Name <address>`. Raises ConfigError when it is neither."""
        self._ids = MailWriter(sender, inbound_domain=inbound_domain, base_url=public_url)
        name, bracket, _ = sender.rpartition("<")
        self.name = one_line(name.strip().strip('"')) if bracket else ""
        self.address = self._ids.sender
        self.domain = self.address.rpartition("@")[2].lower()
        self._inbound_domain, self._public_url = inbound_domain, public_url

    def sender(self, outgoing: Outgoing) -> tuple[str, str]:
        """(name, address) that it comes from: the row's own address, without the settings' name, else the settings'."""
        return ("", wire_address(outgoing.sender).text) if outgoing.sender else (self.name, self.address)

    def copies(self, outgoing: Outgoing) -> list[str]:
        """Who gets a copy, each once, and not who gets the mail itself (SendGrid refuses such)."""
        found: dict[str, str] = {}
        for one in outgoing.cc:
            copy = wire_address(one).text
            found.setdefault(copy.lower(), copy)
        found.pop(wire_address(outgoing.address).text.lower(), None)
        return list(found.values())

    def replies(self, outgoing: Outgoing) -> list[str]:
        """Where answers go: to us first, so that they come home to their row, then to whom the row names."""
        ours = f"r+{outgoing.token}@{self._inbound_domain}" if self._inbound_domain and outgoing.token else ""
        theirs = wire_address(outgoing.reply_to).text if outgoing.reply_to else ""
        return [address for address in (ours, theirs) if address]

    def mail_id(self, outgoing: Outgoing) -> str:
        """Its Message-ID, with angle brackets: the same on every try, and with the token in it for answers to it."""
        return self._ids.mail_id(outgoing)

    def headers(self, outgoing: Outgoing) -> dict[str, str]:
        """The headers that an API has no field for. Each value is one line."""
        found = {
            "Message-ID": self.mail_id(outgoing),
            "X-Cellback-Message": outgoing.message_id,
            "Auto-Submitted": "auto-generated",
            # Receipts and rule-made answers are noise; OOF is left out, for who is away is worth knowing.
            "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply",
        }
        if _MAIL_ID.fullmatch(outgoing.thread):  # a provider's own id threads nothing
            found |= {"In-Reply-To": outgoing.thread, "References": outgoing.thread}
        if outgoing.unsubscribe_url:
            url = urljoin(f"{self._public_url}/", one_line(outgoing.unsubscribe_url))
            # RFC 8058: both headers, each on one line.
            found |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return found


def whole(text: str) -> str:
    """The text without halves of characters, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode()


def mailbox(name: str, address: str) -> str:
    """`"Name" <address>`, or the bare address, for APIs that take it as one text."""
    plain = one_line(whole(name)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}" <{address}>' if plain else address
