"""Filter views: named looks at the tab with a link each. The filter that everybody shares is never touched (R14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from server.domain.words import Status
from server.sheets.google.reading import Picture

PREFIX = "Cellback: "

Json = dict[str, Any]


def title(name: str, column: str) -> str:
    """The filter view's title; of a second campaign's column, whose title has the campaign behind it, that too."""
    return f"{PREFIX}{name}" if column == "Status" else f"{PREFIX}{name} - {column}"


def request(gid: int, picture: Picture, column: int, name: str, words: Collection[str]) -> Json:
    """The request that makes one. Words that are not shown are listed: a condition takes one word only."""
    hidden = ["", *(word.value for word in Status if word.value not in words)]
    made: Json = {
        "title": name,
        "filterSpecs": [{"columnIndex": picture.number(column) - 1, "filterCriteria": {"hiddenValues": hidden}}],
    }
    if picture.inside is not None:
        made["tableId"] = picture.inside.id
    else:
        made["range"] = {
            "sheetId": gid,
            "startRowIndex": picture.table.header_row - 1,
            "startColumnIndex": picture.region.columns[0] - 1,
            "endColumnIndex": picture.region.columns[-1],
        }
    return {"addFilterView": {"filter": made}}


def made(answer: Mapping[str, Any]) -> dict[str, int]:
    """Ids of the views that an answer says were made, by title."""
    found = {}
    for reply in answer.get("replies", ()):
        view = (reply.get("addFilterView") or {}).get("filter") or {}
        if "filterViewId" in view:
            found[str(view.get("title", ""))] = int(view["filterViewId"])
    return found
