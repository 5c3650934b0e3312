"""Why a mail did not arrive: status codes (RFC 3463) and servers' own words -> a code and words for a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.channels.mime import one_line

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.:])([45]\d\d)(?=[ -])")
_ADDRESS_LIKE = re.compile(r"\S*@\S*")
_LINK = re.compile(r"\S*(?:https?:|www\.)\S*", re.IGNORECASE)
_LONGEST = 120

_WORDS = {
    "1.0": "the address can't be reached",
    "1.1": "there is no such mailbox",
    "1.2": "the part after the @ is no domain that takes mail",
    "1.3": "the address is not valid",
    "1.6": "the mailbox has moved",
    "1.10": "the domain takes no mail",
    "2.0": "something is wrong with the mailbox",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too large for the mailbox",
    "3.4": "the mail is too large",
    "4.1": "the receiving mail server does not answer",
    "4.4": "no mail server takes mail for this address",
    "4.6": "the mail went in circles between mail servers",
    "4.7": "it could not be delivered in time",
}
"""Subject and detail of a code -> what it means for the person who reads the cell."""

_SIGNS = (
    (
        "2.2",
        r"mailbox (?:is )?full|over ?quota|quota exceeded|exceeded .{0,30}(?:quota|storage)|"
        r"insufficient .{0,20}storage",
    ),
    ("2.3", r"message (?:is )?too (?:large|big)|size limit|exceeds .{0,30}size"),
    (
        "1.1",
        r"user unknown|unknown (?:user|recipient|address|mailbox|local)|"
        r"no such (?:user|recipient|mailbox|address|person)|"
        r"(?:user|recipient|mailbox|account|address)\b.{0,60}(?:does ?n[o']t exist|not found|not exist|unknown|invalid|"
        r"unavailable)|no mailbox (?:here )?by that name|recipnotfound|doesn't have an? .{0,30}account|not a valid "
        r"(?:user|mailbox|recipient)|(?:empf.nger|benutzer).{0,40}(?:unbekannt|nicht gefunden)|does not like recipient|"
        r"invalid recipient|addressee unknown|no longer (?:on server|valid|available|in use)",
    ),
    (
        "1.2",
        r"(?:host|domain)(?: name)? (?:or domain name )?(?:not found|unknown)|unknown (?:host|domain)|nxdomain|"
        r"name service error|unrouteable (?:address|mail domain)|couldn't find any host|"
        r"domain (?:does not exist|isn't in my)|"
        r"no such domain|bad destination (?:host|mailbox address)",
    ),
    (
        "2.1",
        r"(?:account|mailbox|user|recipient|email) .{0,40}(?:disabled|inactive|suspended|deactivated|locked|blocked)",
    ),
    (
        "7.1",
        r"spam|blacklist|blocklist|block list|blocked|dnsbl|spamhaus|barracuda|reputation|policy|dmarc|spf\b|dkim|"
        r"unsolicited|not authori[sz]ed|denied|prohibited|refused|banned|content (?:filter|rejected)|virus",
    ),
    ("4.1", r"connection (?:timed out|refused)|no route to host|could not connect|host .{0,40}not respond|unreachable"),
    (
        "4.7",
        r"(?:retry|delivery) (?:time|timeout) (?:not reached|exceeded)|expired|too (?:long|old) in the queue|timed out",
    ),
)
_SIGNS_OF = tuple((detail, re.compile(words, re.IGNORECASE)) for detail, words in _SIGNS)

_NOT_THE_ADDRESS = re.compile(r"5\.(?:2\.3|3\.4|6\.\d+|7\.\d+)")
"""Refused for what the mail is or who we are: another mail to the same person may well arrive, so nobody is blocked."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is an enhanced status code ("5.1.1"), `words` fit into a sentence and hold no address."""

    code: str
    words: str

    @property
    def temporary(self) -> bool:
        """Not for good."""
        return self.code.startswith("4")

    @property
    def permanent(self) -> bool:
        """Mail to this address will never arrive."""
        return self.code.startswith("5") and not _NOT_THE_ADDRESS.fullmatch(self.code)


def reason_of(status: str, said: str, more: str) -> Reason:
    """The reason in a Status field, in what a server said, and, where both tell nothing, in the rest of the report.

    A code that says no more than yes or no ("5.0.0") is made exact by the words beside it.
    """
    said, more = said[:5_000], more[:5_000]
    code = _code(status) or _code(said) or _code(more)
    if code.endswith(".0.0") or not code:
        exact = _code(said) or _code(more)
        code = exact if exact and not exact.endswith(".0.0") else code
    if code.endswith(".0.0") or not code:
        sign = next((detail for detail, words in _SIGNS_OF if words.search(said)), "") or next(
            (detail for detail, words in _SIGNS_OF if words.search(more)), ""
        )
        if sign:
            code = f"{code[:1] or _class(said + more, sign)}.{sign}"
    return Reason(code or "5.0.0", _meaning(code, said))


def _class(text: str, sign: str) -> str:
    reply = _REPLY.search(text)
    return reply[1][0] if reply else "4" if sign.startswith("4") else "5"


def _code(text: str) -> str:
    """The first enhanced status code that tells something, else the first one; else one made of a plain reply code."""
    found = [f"{kind}.{int(subject)}.{int(detail)}" for kind, subject, detail in _ENHANCED.findall(text)]
    exact = next((code for code in found if not code.endswith(".0.0")), "")
    if exact or found:
        return exact or found[0]
    reply = _REPLY.search(text)
    if reply is None:
        return ""
    return {"552": "5.2.2", "452": "4.2.2", "553": "5.1.3"}.get(reply[1], f"{reply[1][0]}.0.0")


def _meaning(code: str, said: str) -> str:
    known = _WORDS.get(code[2:])
    if known:
        return f"{known} ({code})"
    quote = scrubbed(said)
    if quote:
        return f"the receiving mail server said “{quote}”"
    return f"refused by the receiving mail server ({code})" if code else "refused by the receiving mail server"


def scrubbed(text: str) -> str:
    """A server's own words on one line, short, without addresses and links."""
    plain = " ".join(_LINK.sub("…", _ADDRESS_LIKE.sub("…", one_line(text[:2_000]))).split()).rstrip(" .;,:")
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
