"""Field masks: `sheets(properties(sheetId,title),data.rowData)`, in queries and in requests of a batch."""

from __future__ import annotations

from typing import Any

from tests.emulators.sheets import discovery
from tests.emulators.sheets.errors import ApiError, invalid, violations

Mask = dict[str, "Mask"]
"""Field -> what of it; an empty one means all."""
ALL: Mask = {}


class Cut(list[Any]):
    """A list that was made by the mask: `pick` leaves it as it is, as a large sheet has many cells."""


def parse(text: str) -> Mask:
    """Raises ApiError (400) for one that is no mask."""
    mask, at = _level(text.replace(" ", ""), 0)
    if at != len(text.replace(" ", "")):
        raise invalid(f"Invalid field mask: {text}")
    return mask


def _level(text: str, at: int) -> tuple[Mask, int]:
    found: Mask = {}
    while at < len(text) and text[at] != ")":
        here = found
        name = ""
        while at < len(text) and text[at] not in ",)(":
            if text[at] in "./":
                here = here.setdefault(name, {})
                name = ""
            else:
                name += text[at]
            at += 1
        if not name:
            raise invalid(f"Invalid field mask: {text}")
        inner = here.setdefault(name, {})
        if at < len(text) and text[at] == "(":
            deeper, at = _level(text, at + 1)
            if at >= len(text) or text[at] != ")":
                raise invalid(f"Invalid field mask: {text}")
            at += 1
            inner.update(deeper)
        if at < len(text) and text[at] == ",":
            at += 1
    return found, at


def check(mask: Mask, schema: str, *, selector: bool) -> None:
    """Raises ApiError (400) when a field is none of that schema. `selector`: of a query, else of a request."""
    for path, name in _unknown(mask, schema, ""):
        if selector:
            say = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
            raise _plain(violations([(path, say)]))
        raise invalid(f"Invalid field: {name}")


def _plain(error: ApiError) -> ApiError:
    error.message = "Request contains an invalid argument."
    return error


def _unknown(mask: Mask, schema: str, path: str) -> list[tuple[str, str]]:
    found = []
    properties = discovery.document()["schemas"].get(schema, {}).get("properties")
    if properties is None:
        return []
    for name, inner in mask.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        if name not in properties:
            found.append((here, name))
            continue
        field = properties[name]
        while field.get("type") == "array":
            field = field["items"]
        if "$ref" in field:
            found += _unknown(inner, field["$ref"], here)
        elif inner and field.get("type") != "object":
            found.append((f"{here}.{next(iter(inner))}", next(iter(inner))))
    return found


def names(mask: Mask, *path: str) -> bool:
    """Whether the mask takes in that field, or a part of it."""
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def below(mask: Mask, *path: str) -> Mask:
    """What the mask says of a field further down."""
    for name in path:
        if not mask or "*" in mask:
            return ALL
        mask = mask.get(name, ALL)
    return mask


def pick(mask: Mask, value: Any) -> Any:
    """What the mask leaves of an answer."""
    if not mask or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, Cut):
        return value
    if isinstance(value, list):
        return [pick(mask, each) for each in value]
    if not isinstance(value, dict):
        return value
    every = mask.get("*")
    kept = {}
    for name, each in value.items():
        if name in mask:
            kept[name] = pick(mask[name], each)
        elif every is not None:
            kept[name] = pick(every, each)
    return kept


def merge(mask: Mask, old: dict[str, Any], new: dict[str, Any], schema: str) -> dict[str, Any]:
    """`old` with the fields of the mask set from `new`; a field that `new` lacks is cleared."""
    everything = set(discovery.document()["schemas"].get(schema, {}).get("properties", {}))
    wanted = {name: {} for name in everything} if not mask or "*" in mask else mask
    result = dict(old)
    for name, inner in wanted.items():
        field = discovery.document()["schemas"].get(schema, {}).get("properties", {}).get(name, {})
        if inner and "*" not in inner and "$ref" in field:
            deeper = merge(inner, dict(old.get(name) or {}), dict(new.get(name) or {}), field["$ref"])
            if deeper:
                result[name] = deeper
            else:
                result.pop(name, None)
        elif name in new:
            result[name] = new[name]
        else:
            result.pop(name, None)
    return result
