"""Checks a JSON value against a small part of JSON Schema: what the vendors' OpenAPI files use for what we send.

`additionalProperties` is false unless a shape says otherwise: an unknown field is a typing error of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Shape = Mapping[str, Any]
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is not as the shape says. `why`: type, required, unknown, size, pattern, choice."""

    path: str
    why: str
    detail: str


def check(shape: Shape, value: Any, path: str = "") -> list[Wrong]:
    """All that is wrong, in the order of the fields; paths look like a.b.0.c."""
    return list(_check(shape, value, path))


def _check(shape: Shape, value: Any, path: str) -> Iterator[Wrong]:
    if "any" in shape:
        found = [check(each, value, path) for each in shape["any"]]
        if all(found):
            yield from min(found, key=len)
        return
    kind = shape.get("type", "")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number"))):
        yield Wrong(path, "type", kind)
        return
    if "enum" in shape and value not in shape["enum"]:
        yield Wrong(path, "choice", ", ".join(map(str, shape["enum"])))
    if isinstance(value, dict):
        yield from _object(shape, value, path)
    elif isinstance(value, list):
        yield from _sized(shape, value, path, "Items")
        for index, each in enumerate(value):
            yield from _check(shape.get("items", {}), each, _join(path, str(index)))
    elif isinstance(value, str):
        yield from _sized(shape, value, path, "Length")
        if "pattern" in shape and not re.fullmatch(shape["pattern"], value):
            yield Wrong(path, "pattern", shape["pattern"])


def _object(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[Wrong]:
    known: Mapping[str, Shape] = shape.get("properties", {})
    for name in shape.get("required", ()):
        if name not in value:
            yield Wrong(_join(path, name), "required", name)
    other = shape.get("other", False)
    for name, each in value.items():
        if name in known:
            yield from _check(known[name], each, _join(path, name))
        elif other is False:
            yield Wrong(_join(path, name), "unknown", name)
        elif other is not True:
            yield from _check(other, each, _join(path, name))


def _sized(shape: Shape, value: Any, path: str, what: str) -> Iterator[Wrong]:
    if len(value) < shape.get(f"min{what}", 0):
        yield Wrong(path, "size", f"at least {shape[f'min{what}']}")
    if len(value) > shape.get(f"max{what}", len(value)):
        yield Wrong(path, "size", f"at most {shape[f'max{what}']}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
