"""Twilio's list of content templates -> ours: which can be sent over WhatsApp, what each says, and why one can't.

Source: twilio.com/docs/content/content-api-resources (ContentAndApprovals), and the pages of the content types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.domain.provider_templates import ListedTemplate, ProviderTemplate

_PAUSED = "WhatsApp has paused it, as too many people disliked it: choose another one, or wait."
_STATUSES: Mapping[str, str] = {"approved": "", "paused": _PAUSED}
"""Words of WhatsApp's for templates that are listed -> why they can't be sent; others are not approved, or gone."""

_TEXTS = ("twilio/text", "twilio/quick-reply")
"""Types that are words and quick replies alone."""


def page(body: Mapping[str, Any]) -> list[ListedTemplate]:
    """The templates of one page."""
    found = [_listed(one) for one in _parts(body, "contents")]
    return [one for one in found if one is not None]


def _listed(one: Mapping[str, Any]) -> ListedTemplate | None:
    approval = _part(one.get("approval_requests"))
    status, sid, language = _text(approval, "status").lower(), _text(one, "sid"), _text(one, "language")
    if status not in _STATUSES or not sid or not language:
        return None
    types = _part(one.get("types"))
    kind = next((kind for kind in _TEXTS if kind in types), "")
    shown = _part(types.get(kind))
    template = ProviderTemplate(
        name=sid,
        language=language,
        body=_text(shown, "body"),
        buttons=tuple(_text(each, "title") for each in _parts(shown, "actions")),
    )
    unfit = _STATUSES[status] or ("" if kind else "It has parts that Cellback can't fill, such as pictures or cards.")
    return ListedTemplate(template, status, _text(approval, "category").lower(), unfit)


def _text(part: Mapping[str, Any], key: str) -> str:
    found = part.get(key)
    return found if isinstance(found, str) else ""


def _part(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _parts(part: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = part.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
