"""What each route needs of a person: ONE table. What is not in it is open to senders alone: new routes are closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response, g, request

from server.domain.table import fold
from server.domain.words import CampaignState, Command
from server.errors import NotFound
from server.identity.people import Deed, PersonRole
from server.web.app import here
from server.web.problems import problem

LOOK, EDIT, APPROVE, SEND = Deed


def _approving() -> Deed:
    """What is approved while its campaign is being sent, or after it, leaves at once."""
    campaign_id = str((request.view_args or {}).get("campaign_id", ""))
    try:
        return _approving_in(here().services.ledger.campaigns.get(campaign_id).state)
    except NotFound:
        return APPROVE


def _approving_in(state: CampaignState) -> Deed:
    return SEND if state in {CampaignState.SENDING, CampaignState.DONE} else APPROVE


def _commanding() -> Deed:
    """By the command: the words of the Status cell."""
    match Command.__members__.get(str(_body().get("command", "")).upper()):
        case Command.APPROVED:
            return _approving()
        case Command.RETRY | Command.SENT:
            return SEND
        case _:
            return EDIT


def _typing() -> Deed:
    """What is typed into a cell of the desk's grid may be a command: it needs what the command's button needs."""
    words = {fold(text) for text in _texts(_body())}
    if words & {fold(Command.RETRY), fold(Command.SENT)}:
        return SEND
    if fold(Command.APPROVED) not in words:
        return EDIT
    live = here().services.ledger.campaigns.live()
    return max((_approving_in(campaign.state) for campaign in live), key=list(Deed).index, default=APPROVE)


Need = Deed | Callable[[], Deed]

_OF_A_CAMPAIGN: Mapping[str, Need] = {
    "GET ": LOOK,
    "GET /approvals": LOOK,
    "GET /dress": LOOK,
    "GET /estimate": LOOK,
    "GET /events": LOOK,
    "GET /failed": LOOK,
    "GET /find": LOOK,
    "GET /faults": LOOK,
    "GET /left-out": LOOK,
    "GET /links": LOOK,
    "GET /messages": LOOK,
    "GET /messages/<key>/conversation": LOOK,
    "GET /messages/<key>/history": LOOK,
    "GET /messages/<key>/preview": LOOK,
    "GET /model": LOOK,
    "GET /reach": LOOK,
    "GET /reviews": LOOK,
    "GET /templates": LOOK,
    "GET /timeline": LOOK,
    "GET /unmatched": LOOK,
    "GET /unlike": LOOK,
    "PATCH /bounds": EDIT,
    "PATCH /messages/<key>": EDIT,
    "PATCH /plan": EDIT,
    "POST /draft": EDIT,
    "POST /forecast": LOOK,
    "POST /messages/<key>/reply/draft": EDIT,
    "POST /save": EDIT,
    "POST /remind": EDIT,
    "POST /redraft": EDIT,
    "POST /redraft/undo": EDIT,
    "POST /weigh": LOOK,  # nothing is stored
    "POST /reviews/<message_id>": EDIT,
    "POST /reviews/<message_id>/clarify": EDIT,
    "POST /template": EDIT,
    "POST /text": EDIT,
    "POST /unmatched/<reply_id>": EDIT,
    "POST /approve": _approving,
    "POST /command": _commanding,
    "POST /cancel": SEND,
    "POST /pause": SEND,
    "POST /resume": SEND,
    "POST /reviews/<message_id>/ask": SEND,
    "POST /messages/<key>/reply": SEND,
    "POST /retry": SEND,
    "POST /send": SEND,
    "POST /test": SEND,
    "POST /undo": SEND,
}
"""Behind /api/campaigns/<campaign_id>."""

_OTHERS: Mapping[str, Need] = {
    "GET /": LOOK,
    "GET /panel": LOOK,
    "GET /docs": LOOK,
    "GET /docs/start.js": LOOK,
    "GET /docs/swagger/<path:filename>": LOOK,
    "GET /openapi.json": LOOK,
    "GET /metrics": SEND,  # figures of all campaigns, for the operator
    "GET /api/session": LOOK,
    "GET /api/campaigns": LOOK,
    "POST /api/campaigns": EDIT,
    "GET /api/grid": LOOK,
    "PATCH /api/grid": _typing,
    "GET /api/grid/filter": LOOK,
    "GET /api/grid/values": LOOK,
    "POST /api/grid/sort": EDIT,
    "POST /api/grid/filter": EDIT,
    "POST /api/grid/rows": _typing,
    "POST /api/grid/cells": _typing,
    "POST /api/grid/undo": EDIT,
    "GET /api/workbooks/file": LOOK,
    "POST /api/workbooks": EDIT,
    "POST /api/rows/keys": EDIT,
    "POST /api/rows/where": LOOK,
    "POST /api/rows/values": LOOK,
    "GET /api/saved": LOOK,
    "PATCH /api/saved/<saved_id>": EDIT,
    "POST /api/saved/<saved_id>/remove": EDIT,
    "POST /api/sheet/check": LOOK,
    "POST /api/sheet/changed": LOOK,  # a hint to look at the sheet sooner
    "GET /api/mailbox": LOOK,
    "POST /api/mailbox/<mail_id>/open": EDIT,
    "POST /api/mailbox/<mail_id>/answer": EDIT,
}

OPEN = frozenset(
    {
        "GET /static/<path:filename>",
        "GET /healthz",
        "GET /readyz",
        "GET /u/<token>",
        "POST /u/<token>",
        "POST /api/google/session",
        "POST /api/excel/session",
        "GET /google/connect",
        "GET /google/callback",
        "GET /excel/taskpane",
        "GET /excel/signed-in",
        "GET /excel/msal.js",
        "GET /excel/<name>",
        "GET /excel/icons/<name>",
        "GET /webhooks/<provider>",
        "GET /webhooks/<provider>/inbound",
        "GET /webhooks/<provider>/inbound/mime",
        "POST /webhooks/<provider>",
        "POST /webhooks/<provider>/inbound",
        "POST /webhooks/<provider>/inbound/mime",
    }
)
"""Where nobody has a role: each of them asks for a proof of its own, or has nothing to hide (`auth.Gate`)."""

TABLE: Mapping[str, Need] = {
    **{name.replace(" ", " /api/campaigns/<campaign_id>", 1): need for name, need in _OF_A_CAMPAIGN.items()},
    **_OTHERS,
}
"""Method and rule -> what it needs."""

SENTENCES: Mapping[Deed, str] = {
    LOOK: "You may not look at this. Ask whoever runs Cellback.",
    EDIT: "You are here as a viewer: you may look at everything and change nothing. Ask somebody who may edit, or ask "
    "whoever runs Cellback to make you an editor.",
    APPROVE: "You may not approve here. Ask somebody who may approve, or ask whoever runs Cellback to make you an "
    "editor.",
    SEND: "This decides about messages that leave, and you may not send here. Ask somebody who may send, or ask "
    "whoever runs Cellback to make you a sender.",
}


def refuse(role: PersonRole) -> Response | None:
    """The refusal of the present request for somebody of that role, or None. The role is looked up by the caller for
    each request, and noted for `may`."""
    g.role = role
    if request.url_rule is None or request.method == "OPTIONS" or role is PersonRole.SENDER:
        return None  # there is no such address: the answer is 404
    need = needed(request.method, request.url_rule.rule)
    return None if role.may(need) else problem(403, "Not for your role", SENTENCES[need])


def needed(method: str, rule: str) -> Deed:
    """What the present request needs, by its route."""
    need = TABLE.get(f"{'GET' if method == 'HEAD' else method} {rule}", SEND)
    return need if isinstance(need, Deed) else need()


def may() -> list[Deed]:
    """What whoever makes the present request may do beyond looking."""
    role: PersonRole = g.role
    return [deed for deed in role.deeds if deed is not LOOK]


def _body() -> dict[str, Any]:
    found = request.get_json(silent=True) if request.is_json else None
    return found if isinstance(found, dict) else {}


def _texts(found: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, (dict, list)):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _texts(part)
