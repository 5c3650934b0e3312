"""Reports of mail servers about mails of ours -> delivery events: bounces, delays, receipts, complaints.

A report counts only with the token of the message that it is about, which its recipient and the servers on the way
know and nobody else: a stranger can't bounce a row. A report is never an answer: one that can't be tied to a message
is an unknown event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from server.channels.bounce_reasons import Reason, reason_of
from server.channels.mime import Mail
from server.channels.tokens import own_id, token_in
from server.domain.reply import DeliveryEvent, UnknownEvent
from server.domain.words import DeliveryStatus

_ACTIONS = {
    "failed": DeliveryStatus.BOUNCED,
    "delayed": DeliveryStatus.ACCEPTED,
    "delivered": DeliveryStatus.DELIVERED,
    "relayed": DeliveryStatus.ACCEPTED,
    "expanded": DeliveryStatus.ACCEPTED,
}
"""RFC 3464, section 2.3.3."""
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Feedback types (RFC 5965, section 7.3) by which a person says that they do not want this mail."""
_STATUS_KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COPY = re.compile(
    r"^(?:-{2,}.{0,40}(?:below this line|copy of (?:the|your)|original message|unsent message|"
    r"returned (?:mail|message)|transcript of|message header|this is a copy).{0,80}"
    r"|(?:original )?message headers(?: follow\.|:)|(?:return-path|received): .*)$",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a report in plain words goes over to the mail that it sends back."""

_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon|mail-?delivery-?(?:system|subsystem)|"
    r"microsoftexchange[0-9a-f]{8,}|bounces?|double-bounce|mailsystem)(?:[+@=-]|$)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\s*\W{0,3}(?:undeliver|unzustellbar|nicht zustellbar|returned mail|return(?:ed)? to sender|failure notice|"
    r"failed mail|delivery (?:status|failure|failed|has|report|error|problem)|mail (?:delivery|could not|system error|"
    r"status report)|non.?remis|non.?delivery|nondeliverable|warning: (?:message|could not)|"
    r"message (?:delayed|delivery|undeliverable|you sent blocked)|no se (?:puede|pudo) entregar|non recapitabile|"
    r"mancato recapito|onbestelbaar|n[aã]o (?:entregue|foi poss)|fehler bei der (?:zustellung|nachricht)|zustellung|"
    r"échec de|notification d'échec|couldn't be delivered|delayed mail|mdaemon|"
    r"your (?:message|mail) .{0,40}(?:delayed|undeliver|not delivered))",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"could ?n[o']t be delivered|(?:can|could) ?not be delivered|unable to deliver|was(?:n't| not) able to deliver|"
    r"delivery (?:to the following|has failed|failed)|did not reach|was not delivered|undeliverable|could not deliver|"
    r"has been delayed|not yet been delivered|error delivering|konnte nicht (?:zugestellt|übermittelt)|"
    r"returned to sender|"
    r"n'a pas (?:pu être|été) (?:remis|distribu)|no se ha podido entregar|permanent (?:fatal )?error|"
    r"recipient.{0,20}(?:unknown|rejected)",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"delayed|not (?:yet )?been delivered|still (?:trying|being)|will (?:keep trying|continue to try|be retried)|"
    r"warning message only|do not need to (?:resend|send)|no action is required|temporary (?:error|failure|problem)",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"giv(?:en|ing) up|permanent|has failed|failed permanently|retry (?:time|timeout) (?:not reached|exceeded)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"<([^<>\s@]{1,64}@[^<>\s@]{1,255})>|^\s*([^<>\s@:]{1,64}@[^<>\s@:]{1,255}):?(?: on .{1,40})?\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _Tie:
    """What ties a report to a message of ours."""

    token: str
    message_id: str


def read(
    mail: Mail,
    *,
    event_id: str,
    inbound_domain: str = "",
    token: str = "",
    at: str = "",
    envelope_sender: str | None = None,
) -> DeliveryEvent | UnknownEvent | None:
    """What a report says about a message of ours; None for a mail that is no report.

    `token` is the one in the address that the report came to, "" where it came to another one.
    """
    fields = {kind: _fields(text) for kind, text in mail.reports}
    found: DeliveryEvent | None = None
    if "message/feedback-report" in fields:
        found = _complaint(fields["message/feedback-report"])
    elif "message/disposition-notification" in fields:
        found = _receipt(fields["message/disposition-notification"])
    elif (status := next((text for kind, text in mail.reports if kind in _STATUS_KINDS), "")) and _official(
        mail, envelope_sender
    ):
        found = _report(status, mail)
    elif "x-hmxmroriginalrecipient:" in mail.returned.lower() and mail.header("subject").startswith("complaint about"):
        found = _complaint({"feedback-type": "abuse"})  # outlook.com tells it without the fields
    elif _in_words(mail, envelope_sender):
        found = _told(mail)
    else:
        return None
    tie = _tie(mail, inbound_domain, token)
    if found is None or not tie.token:
        return UnknownEvent(
            event_id, "a report that says nothing" if found is None else "a report about no mail of ours"
        )
    return DeliveryEvent(
        event_id=event_id,
        status=found.status,
        token=tie.token,
        provider_id=tie.message_id,
        address=found.address,
        at=at,
        detail=found.detail,
        permanent=found.permanent,
        code=found.code,
    )


def _official(mail: Mail, envelope_sender: str | None) -> bool:
    """A status part stands in a report, and not in what a person forwards."""
    kind = mail.header("content-type").lower()
    return kind.startswith("multipart/report") or _empty(mail, envelope_sender) or _by_daemon(mail)


def _in_words(mail: Mail, envelope_sender: str | None) -> bool:
    """A report without any structure (qmail, old Exim and Exchange)."""
    if mail.header("x-failed-recipients"):
        return True
    says = bool(_SUBJECT.match(mail.header("subject")[:200]))
    machine = _empty(mail, envelope_sender) or mail.header("auto-submitted").lower().startswith("auto-")
    if _by_daemon(mail):
        return says or bool(_TEXT.search(mail.plain[:5_000]))
    return says and machine and bool(_TEXT.search(mail.plain[:5_000]))


def _empty(mail: Mail, envelope_sender: str | None) -> bool:
    sender = mail.header("return-path") if envelope_sender is None else f"<{envelope_sender.strip('<> ')}>"
    return sender.strip() == "<>"


def _by_daemon(mail: Mail) -> bool:
    name, _, address = mail.header("from").rpartition("<")
    return bool(_DAEMON.match(address.strip("> ") or name.strip('" ')))


def _tie(mail: Mail, inbound_domain: str, token: str) -> _Tie:
    """Our message, by the headers that the report sends back, in whichever part they stand."""
    places = [mail.returned, *(text for _, text in mail.reports), mail.plain[:50_000], unescape(mail.html[:50_000])]
    message_id, by_id = own_id(places)
    return _Tie(by_id or token_in(places, inbound_domain) or token, message_id)


def _fields(text: str) -> dict[str, str]:
    """The fields of a report's first block."""
    return next(iter(_blocks(text)), {})


def _blocks(text: str) -> list[dict[str, str]]:
    """Blocks of fields with lower-case names: one about the report, one for each recipient."""
    found: list[dict[str, str]] = []
    for block in re.split(r"\n[ \t]*\n", text):
        fields: dict[str, str] = {}
        last = ""
        for line in block.split("\n"):
            name, colon, value = line.partition(":")
            if line[:1] in {" ", "\t"} and last:
                fields[last] += f" {line.strip()}"
            elif colon and " " not in name.strip():
                last = name.strip().lower()
                fields.setdefault(last, value.strip())
        if fields:
            found.append(fields)
    return found


def _report(text: str, mail: Mail) -> DeliveryEvent | None:
    """A report with fields for machines (RFC 3464)."""
    blocks = [block for block in _blocks(text) if "action" in block or "status" in block]
    if not blocks:
        return None
    block = next((block for block in blocks if _action(block) == "failed"), blocks[0])
    said = block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", "")
    reason = reason_of(block.get("status", ""), said or block.get("x-notes", ""), mail.plain if not said else "")
    status = _ACTIONS.get(_action(block))
    if status is None:
        status = DeliveryStatus.ACCEPTED if reason.temporary else DeliveryStatus.BOUNCED
    return _event(status, reason, _recipient(block))


def _action(block: Mapping[str, str]) -> str:
    word = block.get("action", "").split("(")[0].split(";")[0].strip().lower()
    return "failed" if word in {"failure", "fail", "failed."} else word


def _recipient(block: Mapping[str, str]) -> str:
    """Whom it is about: the address that we wrote to, before anybody forwarded it."""
    for name in ("original-recipient", "final-recipient"):
        address = block.get(name, "").rpartition(";")[2].strip(" <>")
        if "@" in address and len(address) <= 320:
            return address
    return ""


def _event(status: DeliveryStatus, reason: Reason, address: str) -> DeliveryEvent:
    if status is DeliveryStatus.BOUNCED:
        return DeliveryEvent(
            "", status, address=address, detail=reason.words, permanent=reason.permanent, code=reason.code
        )
    late = status is DeliveryStatus.ACCEPTED and bool(reason.code) and not reason.code.startswith("2")
    detail = f"not delivered yet, the mail servers keep trying: {reason.words}" if late else ""
    return DeliveryEvent("", status, address=address, detail=detail, code=reason.code if late else "")


def _told(mail: Mail) -> DeliveryEvent:
    """A report in words only: what stands above the mail that it sends back."""
    cut = _COPY.search(mail.plain)
    text = (mail.plain[: cut.start()] if cut else mail.plain)[:5_000]
    reason = reason_of("", text, "")
    waiting = bool(_WAITING.search(f"{mail.header('subject')}\n{text}")) and not _GIVEN_UP.search(text)
    found = _RECIPIENT.search(text)
    address = mail.header("x-failed-recipients").split(",")[0].strip() or (found[1] or found[2] if found else "")
    if waiting:
        late = reason if reason.temporary else Reason("4.0.0", "no reason was said")
        return _event(DeliveryStatus.ACCEPTED, late, address)
    return _event(DeliveryStatus.BOUNCED, reason, address)


def _receipt(fields: Mapping[str, str]) -> DeliveryEvent | None:
    """A receipt of the reader's mail program (RFC 8098)."""
    done = fields.get("disposition", "").rpartition(";")[2].strip().lower()
    if done.startswith("displayed"):
        return DeliveryEvent("", DeliveryStatus.READ, address=_recipient(fields))
    return DeliveryEvent("", DeliveryStatus.DELIVERED, address=_recipient(fields)) if done else None


def _complaint(fields: Mapping[str, str]) -> DeliveryEvent | None:
    """Somebody called our mail spam (RFC 5965)."""
    kind = fields.get("feedback-type", "").strip().lower()
    if kind not in _COMPLAINTS:
        return None
    address = fields.get("original-rcpt-to", "").strip(" <>")
    return DeliveryEvent(
        "", DeliveryStatus.COMPLAINED, address=address, detail="reported as unwanted", permanent=True, code=kind
    )
