"""The task pane in a browser of 320 pixels: the real page and product, Office.js stood in for, a file as the workbook.

Microsoft's sign-in and the backend's exchange of its token are answered here, as their contract has it: what comes
after them is what a person sees in Excel.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import openpyxl
from openpyxl.utils import column_index_from_string

from tests.emulators.stage.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

STAND_IN = Path(__file__).parent.parent / "excel_addin" / "office.mjs"
OFFICE_JS = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
CLIENT = "c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"
TENANT = "7a1c0d52-9f43-4f0e-8a55-3c2b1e60d9aa"
URL = "https://example-my.sharepoint.com/personal/ana_example_org/Documents/contestants.xlsx"
TAB, OTHER_TAB = "{00000000-0001-0000-0000-000000000000}", "{00000000-0001-0000-0100-000000000000}"
PANE_WIDTH = 320

START = """
const world = Object.assign({
  book: () => bookNow(),
  show: (effect) => shown(effect),
  token: async (options) => {
    const found = await tokenFor(options);
    if (found.code) throw found;
    return found.token;
  },
}, WORLD);
const made = office(world);
Object.assign(window, { Office: made.Office, Excel: made.Excel, world, handlers: made.handlers });
history.pushState = history.replaceState = null; // as Office.js does
"""


@dataclass
class Excel:
    """Somebody's Excel: its workbook, what is selected in it, how it signs in, and what the pane did to it."""

    product: Product
    path: Path
    world: dict[str, Any] = field(
        default_factory=lambda: {"sets": {"ExcelApi": "1.17", "IdentityAPI": "1.3"}, "url": URL, "host": "Excel"}
    )
    active: str = TAB
    signed_in: bool = True
    refusals: list[dict[str, Any]] = field(default_factory=list)
    """Problems that the next arrivals meet, each once."""
    arrivals: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The options of each call of Office's sign-in."""
    workbook: str = ""
    tab: str = "Contestants"
    """Title of the tab in front at the start; "": the only one."""

    @property
    def token(self) -> str:
        """The desk's token stands for the session that is not there yet."""
        return parse_qs(self.product.address.partition("?")[2])["token"][0]

    def call(self, address: str, body: dict[str, Any] | None = None) -> Any:
        """A call of the product's API as its operator."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.product.url + address, data, headers)) as answer:
            return json.load(answer)

    def attach(self, page: Page) -> None:
        """Put this Excel around a page."""
        script = STAND_IN.read_text(encoding="utf-8").replace("export function", "function")
        bound = f"(() => {{{script}{START.replace('WORLD', json.dumps(self.world))}}})();"
        page.route(OFFICE_JS, lambda route: route.fulfill(body=bound, content_type="text/javascript"))
        page.route("**/api/excel/session", self._arrive)
        page.expose_function("bookNow", self._book)
        page.expose_function("shown", self._shown)
        page.expose_function("tokenFor", self._token)

    def open(self, page: Page) -> None:
        """The pane, as the ribbon's button opens it."""
        self.attach(page)
        page.goto(f"{self.product.url}/excel/taskpane")

    def _arrive(self, route: Route) -> None:
        self.arrivals.append(json.loads(route.request.post_data or ""))
        if self.refusals:
            problem = self.refusals.pop(0)
            body, kind = json.dumps(problem), "application/problem+json"
            return route.fulfill(status=problem["status"], body=body, content_type=kind)
        session = {"token": self.token, "expires_in": 3600, "who": "ana@example.org", "workbook": self.workbook,
                   "sheet": self.tab if self.active == TAB else "Helpers"}  # fmt: skip
        return route.fulfill(json=session)

    def _book(self) -> dict[str, Any]:
        book = openpyxl.load_workbook(self.path)
        sheets = []
        for number, sheet in enumerate(book.worksheets):
            columns = sheet.column_dimensions
            hidden = [
                column - 1
                for name, group in columns.items()
                if group.hidden
                for column in range(group.min or column_index_from_string(name), (group.max or 0) + 1)
            ]
            sheets.append(
                {
                    "id": (TAB, OTHER_TAB)[number],
                    "name": sheet.title,
                    "cells": [[_shown(cell.value) for cell in row] for row in sheet.iter_rows()],
                    "hiddenRows": [number - 1 for number, row in sheet.row_dimensions.items() if row.hidden],
                    "hiddenColumns": hidden,
                }
            )
        return {"active": self.active, "sheets": sheets}

    def _shown(self, effect: dict[str, Any]) -> None:
        self.effects.append(effect)
        self.active = effect.get("active", self.active)

    def _token(self, options: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(options)
        if not self.signed_in and not options["allowSignInPrompt"]:
            return {"code": 13001}
        self.signed_in = True
        return {"token": "token-of-office"}


def _shown(value: object) -> str:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return "" if value is None else str(value)
