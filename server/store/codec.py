"""Dataclasses of the domain to JSON and back. What a type's hints say is the form; nothing here names a domain type.

Moments are integers: microseconds since 1970-01-01 UTC, in JSON and in columns alike. Texts are written as ASCII
with escapes, so that whatever a webhook brought (NUL, half a surrogate pair) survives the way through any database.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Plain = Any
"""What `json` can write."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone can't be stored")
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The moment, aware, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


def micros_or_none(at: datetime | None) -> int | None:
    """The same, None for none."""
    return None if at is None else micros(at)


def moment_or_none(value: int | None) -> datetime | None:
    """The same, None for none."""
    return None if value is None else moment(value)


def dumps(value: object) -> str:
    """JSON text of a dataclass, or of plain data that may hold some."""
    return to_json(plain(value))


def loads(form: type[T], text: str) -> T:
    """The dataclass (or union of dataclasses) that `dumps` wrote."""
    return read(form, json.loads(text))


def to_json(value: Plain) -> str:
    """Compact JSON, ASCII only."""
    return json.dumps(value, separators=(",", ":"))


def plain(value: object) -> Plain:
    """Dicts, lists, texts and numbers; fields that hold their default are left out, a class's name is kept as `_`."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in fields(value) if getattr(value, f.name) != _default(f)}
        return {"_": type(value).__name__} | {name: plain(item) for name, item in named.items()}
    return value


def read(form: type[T], data: Plain) -> T:
    """The value of that type from what `plain` made of it."""
    return cast(T, _reader(cast(Any, form))(data))


def _default(field: Any) -> object:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


@cache
def _reader(form: Any) -> Callable[[Plain], Any]:
    """How a value of that type is read. Raises TypeError for a type that has no form here."""
    origin, args = get_origin(form), get_args(form)
    if origin in {Union, types.UnionType}:
        return _union(args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        item = _reader(args[0])
        return lambda data: tuple(item(part) for part in data)
    if origin is not None and issubclass(origin, Mapping):
        return dict
    if form in {str, int, bool, float}:
        return cast("Callable[[Plain], Any]", form)
    if form is datetime:
        return moment
    if isinstance(form, type) and issubclass(form, Enum):
        return form
    if is_dataclass(form):
        return _record(form)
    raise TypeError(f"{form!r} has no form in the ledger")


def _union(args: tuple[Any, ...]) -> Callable[[Plain], Any]:
    some = tuple(arg for arg in args if arg is not type(None))
    if len(some) == 1:
        one = _reader(some[0])
        return lambda data: None if data is None else one(data)
    named = {arg.__name__: _reader(arg) for arg in some}
    return lambda data: named[data["_"]](data)


def _record(form: Any) -> Callable[[Plain], Any]:
    """A field that is missing takes its default, one that is no longer known is dropped: old ledgers stay readable."""
    hints = get_type_hints(form)
    readers = {field.name: _reader(hints[field.name]) for field in fields(form)}
    return lambda data: form(**{name: reader(data[name]) for name, reader in readers.items() if name in data})
