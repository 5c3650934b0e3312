"""spreadsheets.batchUpdate: its requests in order, all or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulators.sheets import batch_grid, batch_objects, batch_tables, discovery, mask, metadata, render
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.errors import ApiError, invalid
from tests.emulators.sheets.grid import Spreadsheet

Handler = Callable[[Spreadsheet, dict[str, Any], Caller], dict[str, Any] | None]

HANDLERS: dict[str, Handler] = {
    name: handler
    for module in (batch_grid, batch_objects, batch_tables)
    for name in discovery.document()["schemas"]["Request"]["properties"]
    if (handler := getattr(module, discovery.snake(name), None)) is not None
}
"""Request -> what carries it out. Each function is named like its request."""


def update(book: Spreadsheet, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """The answer, with a reply for each request. Raises ApiError (400) naming the request that is wrong."""
    requests = body.get("requests", [])
    if not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for index, request in enumerate(requests):
        if len(request) != 1:
            raise invalid(f"Invalid requests[{index}]: Exactly one kind of request must be set.")
        name, inner = next(iter(request.items()))
        if name not in HANDLERS:
            raise ApiError(501, f"The emulator does not know the request {name}.", status="UNIMPLEMENTED")
        try:
            reply = HANDLERS[name](book, inner, who)
        except ApiError as error:
            error.message = f"Invalid requests[{index}].{name}: {error.message}"
            raise
        replies.append({name: reply} if reply else {})
    found: dict[str, Any] = {"spreadsheetId": book.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        parts = [metadata.parse(book, text) for text in body.get("responseRanges", [])] or None
        grid = bool(body.get("responseIncludeGridData"))
        found["updatedSpreadsheet"] = render.spreadsheet(book, who, mask.parse(""), parts, grid)
    return found
