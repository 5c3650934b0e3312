"""Meta's list of message templates -> ours: which can be sent, what each says, and why one can't."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.domain.provider_templates import ListedTemplate, ProviderTemplate, slots

_PAUSED = "Meta has paused it, as too many people disliked it: choose another one, or wait."
_STATUSES: Mapping[str, str] = {"APPROVED": "", "PAUSED": _PAUSED}
"""The words of templates that are listed -> why they can't be sent; all others were never approved, or are gone."""


def page(body: Mapping[str, Any]) -> tuple[list[ListedTemplate], str]:
    """The templates of one page, and where the next one begins ("" when there is none)."""
    data, paging = body.get("data"), _part(body.get("paging"))
    found = [_listed(one) for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    after = _text(_part(paging.get("cursors")), "after") if paging.get("next") else ""
    return [one for one in found if one is not None], after


def _listed(one: Mapping[str, Any]) -> ListedTemplate | None:
    status, name, language = (_text(one, key) for key in ("status", "name", "language"))
    if status not in _STATUSES or not name or not language:
        return None
    components = {_text(each, "type").upper(): each for each in _parts(one, "components")}
    buttons = _parts(components.get("BUTTONS", {}), "buttons")
    template = ProviderTemplate(
        name=name,
        language=language,
        body=_text(components.get("BODY", {}), "text"),
        buttons=tuple(_text(each, "text") if _text(each, "type").upper() == "QUICK_REPLY" else "" for each in buttons),
    )
    unfit = _STATUSES[status] or _unfit(_text(one, "category"), components, buttons)
    return ListedTemplate(template, status.lower(), _text(one, "category").lower(), unfit)


def _unfit(category: str, components: Mapping[str, Any], buttons: list[dict[str, Any]]) -> str:
    """Why Cellback can't fill a template: it fills the variables of the body, and no others."""
    header = components.get("HEADER", {})
    if category.upper() == "AUTHENTICATION":
        return "It is for one-time codes."
    if components.keys() - {"HEADER", "BODY", "FOOTER", "BUTTONS"}:
        return "It has parts that Cellback can't fill, such as cards or an offer."
    if _text(header, "format").upper() not in {"", "TEXT"}:
        return "Its header needs a picture, a file or a place."
    if slots(_text(header, "text")):
        return "Its header has a variable: Cellback fills those of the text only."
    if any(slots(_text(each, "url")) for each in buttons):
        return "The link on its button has a variable: Cellback fills those of the text only."
    return ""


def _text(part: Mapping[str, Any], key: str) -> str:
    found = part.get(key)
    return found if isinstance(found, str) else ""


def _part(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _parts(part: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = part.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
