"""Paths and query options of OData, as Graph reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from tests.emulators.graph.errors import malformed

_CALL = re.compile(r"(?P<name>[A-Za-z.$_]+)\((?P<inside>.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(?:(?P<name>\w+)\s*=)?\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<word>[^,'\s]+))\s*(?:,|$)")

COLLECTIONS = frozenset(
    {"worksheets", "tables", "columns", "rows", "names", "items", "drives", "users", "sites", "shares", "operations"}
)


@dataclass(frozen=True)
class Segment:
    """One step of a path: `raw` as it was written, decoded; `name` and arguments when it has the form of a call."""

    raw: str
    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    key: str = ""
    """The one argument without a name: `worksheets('Sheet1')`."""

    def number(self, name: str) -> int:
        """A whole number among the arguments (or the key). Raises GraphError."""
        try:
            return int(self.arguments.get(name, self.key))
        except ValueError:
            raise malformed(f"The value of '{name}' is not valid.") from None

    def flag(self, name: str) -> bool:
        """A truth value among the arguments."""
        return self.arguments.get(name, self.key).lower() == "true"


def segments(path: str) -> list[Segment]:
    """The steps of a path that is still percent-encoded. Paths between colons come as one.

    `root:/a/b:/workbook` is root, an `at` and the rest; `sites/host:/sites/a` is sites and one key.
    """
    site = re.fullmatch(r"/sites/(?P<host>[^/:]+):/(?P<path>[^:]*)(?::(?P<after>/.*)?)?", unquote(path))
    if site:
        key = f"{site['host']}:/{site['path']}"
        return [Segment("sites", "sites"), Segment(key, "site"), *_steps(_parts(site["after"] or ""))]
    inside = re.fullmatch(r"(?P<before>.*?)/root:/(?P<path>[^:]*)(?::(?P<after>/.*)?)?", unquote(path))
    if inside:
        before, after = inside["before"], inside["after"] or ""
        at = Segment(inside["path"], "at", key=inside["path"])
        root = Segment("root", "root")
        return [*_steps(_parts(before)), root, at, *_steps(_parts(after))]
    return _steps([unquote(part) for part in path.split("/") if part])


def _steps(parts: list[str]) -> list[Segment]:
    """`worksheets('Sheet1')` is worksheets, then Sheet1."""
    found: list[Segment] = []
    for part in parts:
        step = segment(part)
        if step.key and step.name in COLLECTIONS:
            found += [Segment(step.name, step.name), Segment(step.key, step.key.lower())]
        else:
            found.append(step)
    return found


def segment(text: str) -> Segment:
    """One decoded step."""
    call = _CALL.fullmatch(text)
    if call is None:
        return Segment(text, text.lower())
    arguments: dict[str, str] = {}
    key, place, inside = "", 0, call["inside"]
    while place < len(inside):
        match = _ARGUMENT.match(inside, place)
        if match is None:
            return Segment(text, text.lower())  # a tab may be called `Sheet (2`
        value = match["text"].replace("''", "'") if match["text"] is not None else match["word"]
        if match["name"]:
            arguments[match["name"]] = value
        else:
            key = value
        place = match.end()
    name = call["name"].lower().removeprefix("microsoft.graph.")
    return Segment(text, name, arguments, key)


def select(body: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """Only the chosen properties (and what OData adds), when some were chosen."""
    chosen = chosen_names(query)
    if chosen is None:
        return body
    return {name: value for name, value in body.items() if name.lower() in chosen or name.startswith("@odata.")}


def chosen_names(query: dict[str, str]) -> set[str] | None:
    """The names in `$select`, in small letters; None for all."""
    text = query.get("$select", "")
    return {name.strip().lower() for name in text.split(",")} if text else None


def page(values: list[dict[str, Any]], query: dict[str, str], url: str) -> dict[str, Any]:
    """A collection with `$top`, `$skip` and `$count` obeyed, and a nextLink while there is more."""
    try:
        skip, top = int(query.get("$skip", 0)), int(query["$top"]) if "$top" in query else None
    except ValueError:
        raise malformed("Invalid value for $top or $skip.") from None
    if skip < 0 or (top is not None and top < 0):
        raise malformed("Invalid value for $top or $skip.")
    part = values[skip:] if top is None else values[skip : skip + top]
    body: dict[str, Any] = {}
    if query.get("$count") == "true":
        body["@odata.count"] = len(values)
    body["value"] = [select(value, query) for value in part]
    if top and skip + top < len(values):
        others = {name: value for name, value in query.items() if name != "$skip"} | {"$skip": str(skip + top)}
        body["@odata.nextLink"] = url + "?" + "&".join(f"{name}={quote(value)}" for name, value in others.items())
    return body


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
