"""Property names and types as Microsoft publishes them, to hold every request and every answer against.

The types come from the models of the installed msgraph-sdk (MIT licence), which Microsoft generates from the published
metadata; they are read as text, since importing them would load about 1,200 modules. The SDK leaves out properties of
the type `graph.Json`; their names are below, from `schemas/v1.0-Prod.csdl` of microsoftgraph/msgraph-metadata (MIT
licence) at 001f9753b1d6.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_GRIDS = frozenset({"formulas", "formulasLocal", "formulasR1C1", "numberFormat", "text", "values", "valueTypes"})

JSON = {
    "workbookFilterCriteria": frozenset({"values"}),
    "workbookNamedItem": frozenset({"value"}),
    "workbookRange": _GRIDS,
    "workbookRangeView": _GRIDS | {"cellAddresses"},
    "workbookTableColumn": frozenset({"values"}),
    "workbookTableRow": frozenset({"values"}),
}
"""Type -> its properties of the type graph.Json."""

ACTIONS: dict[str, dict[str, str]] = {
    "createSession": {"persistChanges": "bool"},
    "refreshSession": {},
    "closeSession": {},
    "worksheets/add": {"name": "str"},
    "tables/add": {"address": "str", "hasHeaders": "bool"},
    "columns/add": {"index": "int", "values": "Json", "name": "str"},
    "rows/add": {"index": "int", "values": "Json"},
    "names/add": {"name": "str", "reference": "Json", "comment": "str"},
    "filter/apply": {"criteria": "workbookFilterCriteria"},
    "filter/applyValuesFilter": {"values": "Json"},
    "filter/applyCustomFilter": {"criteria1": "str", "criteria2": "str", "oper": "str"},
    "filter/clear": {},
    "table/sort/apply": {"fields": "[workbookSortField]", "matchCase": "bool", "method": "str"},
    "range/sort/apply": {
        "fields": "[workbookSortField]",
        "matchCase": "bool",
        "hasHeaders": "bool",
        "orientation": "str",
        "method": "str",
    },
    "range/clear": {"applyTo": "str"},
    "range/insert": {"shift": "str"},
    "range/delete": {"shift": "str"},
    "protection/protect": {"options": "workbookWorksheetProtectionOptions"},
    "protection/unprotect": {},
}
"""The parameters of the actions that the emulator knows, from the same metadata."""

_FIELD = re.compile(r'^\s*"([^"@]+)": lambda n\s*:\s*setattr\(self, \'\w+\', n\.get_(\w+)\((\w*)', re.MULTILINE)
_PARENT = re.compile(r"^class \w+\((\w+)", re.MULTILINE)
_PYTHON: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "datetime": (str,),
    "bytes": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


def faults(kind: str, body: Any, *, where: str = "") -> list[str]:
    """What of a JSON object is not of that type: names nobody published, values of another type."""
    if not isinstance(body, dict):
        return [f"{where or kind}: an object is due"]
    known = fields(kind)
    found = []
    for name, value in body.items():
        if "@" in name:
            continue
        place = f"{where}/{name}" if where else f"{kind}/{name}"
        if name not in known:
            found.append(f"{place}: no such property")
        else:
            found += _value_faults(known[name], value, place)
    return found


def argument_faults(action: str, body: Any) -> list[str]:
    """The same for the parameters of an action."""
    if not isinstance(body, dict):
        return [f"{action}: an object is due"]
    known = ACTIONS[action]
    found = [f"{action}/{name}: no such parameter" for name in body if name not in known]
    for name in body.keys() & known.keys():
        found += _value_faults(known[name], body[name], f"{action}/{name}")
    return found


@cache
def fields(kind: str) -> dict[str, str]:
    """Name -> type of all properties: str, int, bool, datetime, Json, another type's name, or [that] for lists."""
    source = _source(kind)
    parent = _PARENT.search(source)
    known: dict[str, str] = {}
    if kind == "entity":
        known["id"] = "str"
    elif parent and parent[1] not in ("AdditionalDataHolder", "Parsable"):
        known |= fields(parent[1][0].lower() + parent[1][1:])
    for name, reader, model in _FIELD.findall(source):
        known[name] = _type(reader, model)
    return known | dict.fromkeys(JSON.get(kind, ()), "Json")


def _type(reader: str, model: str) -> str:
    plain = reader.removesuffix("_value").removesuffix("_values")
    if reader.startswith("collection_of"):
        return f"[{model[0].lower() + model[1:]}]"
    if plain == "object":
        return model[0].lower() + model[1:]
    return {"enum": "str", "uuid": "str"}.get(plain, plain)


def _value_faults(kind: str, value: Any, place: str) -> list[str]:
    if value is None or kind == "Json":
        return []
    if kind.startswith("["):
        if not isinstance(value, list):
            return [f"{place}: a list is due"]
        return [fault for each in value for fault in _value_faults(kind[1:-1], each, place)]
    if kind in _PYTHON:
        good = isinstance(value, _PYTHON[kind]) and (kind == "bool" or not isinstance(value, bool))
        return [] if good else [f"{place}: {kind} is due"]
    return faults(kind, value, where=place)


@cache
def _source(kind: str) -> str:
    package = find_spec("msgraph")
    assert package is not None
    assert package.submodule_search_locations
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", kind).lower()
    path = Path(package.submodule_search_locations[0]) / "generated" / "models" / f"{name}.py"
    if not path.exists():
        raise LookupError(f"msgraph-sdk has no model {kind}")
    return path.read_text(encoding="utf-8")
