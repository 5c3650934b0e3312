"""The stage: the emulated workbook for the page, a person's deeds in it, and a token as Excel would bring it.

Only loopback, and everything behind it is emulated. Errors are {"detail": sentence}.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.emulators.graph import ORGANISER, GraphEmulator, Item
from tests.emulators.graph.call import Reply
from tests.emulators.graph.errors import GraphError
from tests.emulators.graph.server import Listener
from tests.emulators.graph.sheet import Sheet

STATIC = Path(__file__).parent / "static"
SHARED = Path(__file__).parent.parent / "stage" / "static"
OFFICE = Path(__file__).parents[2] / "excel_addin" / "office.mjs"
FROM_SHARED = {"grid.mjs", "stage.css"}
SPARE = (6, 3)
"""Empty rows and columns that are shown beyond the used ones."""

Given = Mapping[str, Any]


class Stage:
    """One workbook on show. `pane` is the task pane's address, once the product is up."""

    def __init__(self, graph: GraphEmulator, item: Item, *, port: int = 0) -> None:
        self.graph, self.item = graph, item
        self.person = graph.colleague(item)
        self.pane = ""
        self._listener = Listener(self._answer, port)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self._listener.port}/"

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.stop()

    def look(self, asked: Given) -> Any:
        """The workbook as people see it; with the `version` of the last look, an unchanged one is short."""
        found = {
            "name": self.item.name,
            "url": self.item.url,
            "sheets": [_sheet(one) for one in self.person.book.sheets],
        }
        version = str(hash(json.dumps(found)))
        return (
            {"unchanged": True} if asked.get("version") == version else found | {"version": version, "pane": self.pane}
        )

    def token(self, _asked: Given) -> Any:
        """What Excel's sign-in would answer the pane."""
        return {"token": self.graph.access_token(oid=ORGANISER)}

    def type(self, asked: Given) -> Any:
        """One cell, as a person types it."""
        sheet = self.person.book.sheet(asked["sheet"])
        assert sheet is self.person.sheet, "the stage's person works on the first table's tab"
        self.person.type_at(asked["address"], asked["text"])
        return {}

    def sort(self, asked: Given) -> Any:
        """The table by a column's title."""
        self.person.sort(asked["column"], ascending=asked["ascending"])
        return {}

    def hide(self, asked: Given) -> Any:
        """Rows by hand, or all of them shown again. Row numbers count from 0."""
        sheet = self.person.book.sheet(asked["sheet"])
        sheet.hidden_rows = sheet.hidden_rows | set(asked["rows"]) if asked["rows"] else set()
        self.item.touch(self.graph.now(), ORGANISER, content=True)
        return {}

    def filter_out(self, asked: Given) -> Any:
        """The records with that text in a column."""
        texts = {record[asked["column"]] for record in self.person.records()}
        self.person.filter(asked["column"], sorted(texts - {asked["text"]}))
        return {}

    def clear(self, _asked: Given) -> Any:
        """All records again."""
        self.person.clear_filters()
        return {}

    def _answer(self, method: str, target: str, _headers: dict[str, str], body: bytes, _base: str) -> Reply:
        path = urlsplit(target).path.removeprefix("/")
        handler = (READ if method == "GET" else WRITE).get(path)
        if handler is None:
            return self._file(path or "stage.html")
        asked = dict(parse_qsl(urlsplit(target).query)) if method == "GET" else json.loads(body)
        try:
            with self.graph.lock:
                return Reply(200, handler(self, asked))
        except (GraphError, ValueError, KeyError) as error:
            return Reply(400, {"detail": f"Excel would not do that: {error}"})

    def _file(self, name: str) -> Reply:
        if name == "office.js":
            script = OFFICE.read_text(encoding="utf-8").replace("export function", "function")
            whole = f"(() => {{\n{script}\n{(STATIC / 'pane.js').read_text(encoding='utf-8')}\n}})();\n"
            return Reply(200, whole.encode(), {"Content-Type": "text/javascript; charset=utf-8"})
        folder = SHARED if name in FROM_SHARED else STATIC
        path = (folder / name).resolve()
        if path.parent != folder or not path.is_file():
            return Reply(404, {"detail": "There is nothing here."})
        kind = "text/javascript" if path.suffix == ".mjs" else mimetypes.guess_type(path.name)[0]
        return Reply(200, path.read_bytes(), {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-store"})


Handler = Callable[[Stage, Given], Any]
READ: dict[str, Handler] = {"book": Stage.look, "token": Stage.token}
WRITE: dict[str, Handler] = {
    "type": Stage.type,
    "sort": Stage.sort,
    "hide": Stage.hide,
    "filter": Stage.filter_out,
    "clear": Stage.clear,
}


def _sheet(sheet: Sheet) -> dict[str, Any]:
    """A tab for the grid (its words) and for the stand-in of Office.js."""
    area = sheet.used(values_only=True)
    rows, columns = (area.bottom + 1, area.right + 1) if area else (1, 1)
    looks = [[sheet.look(row, column) for column in range(columns)] for row in range(rows)]
    table = sheet.tables[0] if sheet.tables else None
    return {
        "id": sheet.id,
        "name": sheet.name,
        "visibility": sheet.visibility,
        "cells": [
            [{"shown": cell.text, "typed": str(cell.entry), "number": cell.kind == "Double"} for cell in line]
            for line in looks
        ],
        "hiddenByFilter": sorted(sheet.filtered),
        "hiddenByUser": sorted(sheet.hidden_rows),
        "hiddenColumns": sorted(sheet.hidden_columns),
        "frozenRows": table.top + 1 if table else 1,
        "header": table.top if table else 0,
        "shownRows": rows + SPARE[0],
        "shownColumns": columns + SPARE[1],
        "rowCount": 1_048_576,
        "columnCount": 16_384,
    }
