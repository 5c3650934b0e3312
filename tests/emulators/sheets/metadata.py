"""Developer metadata on the spreadsheet, a sheet, a column or a row, and the filters that find it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.emulators.sheets import a1, mask
from tests.emulators.sheets.a1 import Area
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.errors import invalid, not_found
from tests.emulators.sheets.grid import Metadata, Sheet, Spreadsheet

Place = tuple[Sheet | None, str, int]
"""Sheet, "SPREADSHEET" | "SHEET" | "ROW" | "COLUMN", index of the row or column."""
LIMIT = 30_000
"""Characters of keys and values for the spreadsheet, and for each sheet."""


def wire(entry: Metadata, place: Place) -> dict[str, Any]:
    """As the API gives it."""
    sheet, kind, index = place
    location: dict[str, Any] = {"locationType": kind}
    if sheet is None:
        location["spreadsheet"] = True
    elif index < 0:
        location["sheetId"] = sheet.id
    else:
        location["dimensionRange"] = {
            "sheetId": sheet.id,
            "dimension": f"{kind}S",
            "startIndex": index,
            "endIndex": index + 1,
        }
    found = {"metadataId": entry.id, "metadataKey": entry.key}
    if entry.value:
        found["metadataValue"] = entry.value
    return {**found, "location": location, "visibility": entry.visibility}


def visible(book: Spreadsheet, who: Caller) -> Iterator[tuple[Metadata, Place]]:
    """All entries but those that another Cloud project keeps to itself."""
    for entry, sheet, kind, index in book.all_metadata():
        if entry.visibility == "DOCUMENT" or entry.project == who.project:
            yield entry, (sheet, kind, index)


def get(book: Spreadsheet, metadata_id: int, who: Caller) -> dict[str, Any]:
    """One entry by its id. Raises ApiError (404)."""
    for entry, place in visible(book, who):
        if entry.id == metadata_id:
            return wire(entry, place)
    raise not_found()


def search(book: Spreadsheet, data_filters: list[dict[str, Any]], who: Caller) -> dict[str, Any]:
    """Every entry that meets one of the filters, with the filters it meets."""
    found = []
    for entry, place in visible(book, who):
        hits = [each for each in data_filters if _meets(book, entry, place, each)]
        if hits:
            found.append({"developerMetadata": wire(entry, place), "dataFilters": hits})
    return {"matchedDeveloperMetadata": found} if found else {}


def create(book: Spreadsheet, body: dict[str, Any], who: Caller) -> dict[str, Any]:
    """Add an entry; as it stands then. Raises ApiError (400)."""
    if not body.get("metadataKey"):
        raise invalid("developerMetadata.metadataKey must be specified")
    if body.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise invalid("developerMetadata.visibility must be specified")
    taken = {entry.id for entry, *_ in book.all_metadata()}
    number = body.get("metadataId")
    if number is not None and (number <= 0 or number in taken):
        raise invalid(f"Developer metadata with id {number} already exists, or the id is not positive")
    while number is None or number in taken:
        number = random.randrange(1, 2**31)
    place = _place(book, body.get("location") or {})
    entry = Metadata(number, body["metadataKey"], body.get("metadataValue", ""), body["visibility"], who.project)
    _list(book, place).append(entry)
    _check_size(book, place[0])
    return wire(entry, place)


def update(book: Spreadsheet, request: dict[str, Any], who: Caller) -> list[dict[str, Any]]:
    """Change the entries that the filters meet; as they stand then. Raises ApiError (400)."""
    fields = mask.parse(request.get("fields", ""))
    mask.check(fields, "DeveloperMetadata", selector=False)
    new = request.get("developerMetadata", {})
    changed = []
    for entry, place in list(visible(book, who)):
        if not any(_meets(book, entry, place, each) for each in request.get("dataFilters", [])):
            continue
        if mask.names(fields, "metadataKey"):
            entry.key = new.get("metadataKey") or entry.key
        if mask.names(fields, "metadataValue"):
            entry.value = new.get("metadataValue", "")
        if mask.names(fields, "visibility"):
            entry.visibility = new.get("visibility") or entry.visibility
        if mask.names(fields, "location") and new.get("location"):
            _list(book, place).remove(entry)
            place = _place(book, new["location"])
            _list(book, place).append(entry)
        _check_size(book, place[0])
        changed.append(wire(entry, place))
    return changed


def delete(book: Spreadsheet, data_filter: dict[str, Any], who: Caller) -> list[dict[str, Any]]:
    """Remove the entries that the filter meets; as they stood. None is no error."""
    gone = []
    for entry, place in list(visible(book, who)):
        if _meets(book, entry, place, data_filter):
            _list(book, place).remove(entry)
            gone.append(wire(entry, place))
    return gone


def areas(book: Spreadsheet, data_filter: dict[str, Any], who: Caller) -> list[Area]:
    """The parts of the grid that a filter selects. Raises ApiError (400) when it is not exactly one kind of filter."""
    if len(data_filter) != 1:
        raise invalid("Exactly one of a1Range, gridRange and developerMetadataLookup must be set in a DataFilter.")
    if "a1Range" in data_filter:
        return [parse(book, data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [checked(book, data_filter["gridRange"])]
    found = []
    for entry, place in visible(book, who):
        if _meets(book, entry, place, data_filter):
            found += [Area(each.id) for each in book.sheets] if place[0] is None else [_area(place)]
    return list(dict.fromkeys(found))


def parse(book: Spreadsheet, text: str) -> Area:
    """An A1 range. Raises ApiError (400) for one that names no sheet or no cells."""
    title, cells = a1.split(text)
    sheet = book.sheets[0] if title is None else book.titled(title)
    if title is None and (named := book.titled(text)):
        return Area(named.id)
    part = None if sheet is None else Area(sheet.id) if cells is None else a1.cells(cells, sheet.id)
    if part is None:
        raise invalid(f"Unable to parse range: {text}")
    return part


def checked(book: Spreadsheet, grid_range: dict[str, Any]) -> Area:
    """A GridRange. Raises ApiError (400) when there is no such sheet or the range is empty."""
    found = a1.area(grid_range)
    sheet_of(book, found.sheet_id)
    empty = (found.bottom is not None and found.bottom <= found.top) or (
        found.right is not None and found.right <= found.left
    )
    if empty or found.top < 0 or found.left < 0:
        raise invalid("The range is empty, or one of its indexes is negative.")
    return found


def sheet_of(book: Spreadsheet, sheet_id: int) -> Sheet:
    """Raises ApiError (400) when there is none of that id."""
    for sheet in book.sheets:
        if sheet.id == sheet_id:
            return sheet
    raise invalid(f"No grid with id: {sheet_id}")


def _place(book: Spreadsheet, location: dict[str, Any]) -> Place:
    if location.get("spreadsheet"):
        return None, "SPREADSHEET", -1
    if "dimensionRange" in location:
        lines = location["dimensionRange"]
        sheet = sheet_of(book, lines.get("sheetId", 0))
        start, end = lines.get("startIndex", 0), lines.get("endIndex")
        if end != start + 1 or lines.get("dimension") not in {"ROWS", "COLUMNS"}:
            raise invalid("A dimensionRange for developer metadata must be a single row or column.")
        if end > sheet.count(lines["dimension"]):
            raise invalid(f"The dimension range exceeds grid limits. {sheet.limits()}")
        return sheet, lines["dimension"][:-1], start
    if "sheetId" in location:
        return sheet_of(book, location["sheetId"]), "SHEET", -1
    raise invalid("developerMetadata.location must be specified")


def _list(book: Spreadsheet, place: Place) -> list[Metadata]:
    sheet, kind, index = place
    if sheet is None:
        return book.metadata
    return sheet.metadata if index < 0 else sheet.line(f"{kind}S", index).metadata


def _area(place: Place) -> Area:
    sheet, kind, index = place
    assert sheet is not None
    if kind == "ROW":
        return Area(sheet.id, index, index + 1)
    return Area(sheet.id, 0, None, index, index + 1) if kind == "COLUMN" else Area(sheet.id)


def _check_size(book: Spreadsheet, sheet: Sheet | None) -> None:
    size = sum(len(entry.key) + len(entry.value) for entry, where, *_ in book.all_metadata() if where is sheet)
    if size > LIMIT:
        raise invalid(f"Adding developer metadata would exceed the limit of {LIMIT} characters.")


def _meets(book: Spreadsheet, entry: Metadata, place: Place, data_filter: dict[str, Any]) -> bool:
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None:
        part = (
            parse(book, data_filter["a1Range"]) if "a1Range" in data_filter else checked(book, data_filter["gridRange"])
        )
        return place[0] is not None and _area(place).meets(part)
    for name, held in (("metadataId", entry.id), ("metadataKey", entry.key), ("metadataValue", entry.value),
                       ("visibility", entry.visibility), ("locationType", place[1])):  # fmt: skip
        if name in lookup and lookup[name] != held:
            return False
    if "metadataLocation" not in lookup:
        return True
    wanted = _place(book, lookup["metadataLocation"])
    if lookup.get("locationMatchingStrategy") == "EXACT_LOCATION" or wanted[0] is None or place[0] is None:
        return place == wanted
    return _area(place).meets(_area(wanted))
