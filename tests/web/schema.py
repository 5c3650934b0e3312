"""Types for the panel's scripts, made from the OpenAPI document: `python -m tests.web.schema` writes schema.d.ts."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FILE = Path(__file__).parent / "schema.d.ts"
HEAD = """// What the API answers and takes, made from its OpenAPI document: `python -m tests.web.schema`.

declare namespace Schema {
"""


def typescript(document: dict[str, Any]) -> str:
    """The declarations: `Schema.CampaignView` and all the others, by name."""
    schemas = sorted(document["components"]["schemas"].items())
    return HEAD + "".join(f"  type {_name(name)} = {_type(schema)};\n" for name, schema in schemas) + "}\n"


def _name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema["$ref"].rpartition("/")[2])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "allOf" in schema:
        return " & ".join(_type(one) for one in schema["allOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
    return _of_kind(schema)


def _of_kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "array":
        return f"Array<{_type(schema.get('items', {}))}>"
    if kind == "object":
        return _object(schema)
    return {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}.get(
        str(kind), "unknown"
    )


def _object(schema: dict[str, Any]) -> str:
    """An answer always has its fields, those with a default too."""
    if "properties" not in schema:
        more = schema.get("additionalProperties")
        return f"Record<string, {_type(more) if isinstance(more, dict) else 'unknown'}>"
    fields = "".join(f"    {name}: {_type(field)};\n" for name, field in schema["properties"].items())
    return f"{{\n{fields}  }}"


def main() -> None:
    """Write the declarations of the application as it is now."""
    from server import create_app
    from server.config import Settings

    with TemporaryDirectory() as folder:
        FILE.write_text(typescript(create_app(Settings(data_dir=Path(folder))).api_doc), "utf-8")


if __name__ == "__main__":
    main()
