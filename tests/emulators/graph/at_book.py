"""A workbook over the wire: sessions, tabs, protection, names."""

from __future__ import annotations

from typing import Any

from tests.emulators.graph.address import EVERYTHING, quoted
from tests.emulators.graph.at_range import Range, at, used
from tests.emulators.graph.at_table import Tables
from tests.emulators.graph.call import Action, Call, Reply, Resource
from tests.emulators.graph.drive import Item
from tests.emulators.graph.errors import (
    access_denied,
    already_exists,
    invalid_argument,
    item_not_found,
    malformed,
    open_unauthorized,
    session_gone,
    unsupported_workbook,
)
from tests.emulators.graph.odata import Segment
from tests.emulators.graph.sheet import Sheet

LARGEST = 100
"""Megabytes that Excel on the web opens."""


def open_workbook(call: Call, item: Item) -> Workbook:
    """The workbook of a file, in the session that the request names. Raises GraphError."""
    call.item = item
    call.caller.must_reach(item)
    if item.refuses or (call.caller.app_only and not call.emulator.app_only_workbooks):
        raise open_unauthorized()
    if item.folder or item.book is None or item.extension not in ("xlsx", "xlsm") or not item.drive.workbooks:
        raise unsupported_workbook()
    if item.password or item.megabytes > LARGEST:
        raise unsupported_workbook()
    call.where = f"/drives(%27{item.drive.id}%27)/items(%27{item.id}%27)/workbook"
    call.book = item.book
    if session_id := call.header("workbook-session-id"):
        call.session = call.emulator.sessions.take(session_id, item.id, call.emulator.clock())
        call.book = call.session.book or item.book
    return Workbook(call)


class Workbook(Resource):
    """The file as Excel sees it."""

    def step(self, segment: Segment) -> Resource:
        call = self.call
        actions = {
            "createsession": self._create_session,
            "refreshsession": self._refresh_session,
            "closesession": self._close_session,
        }
        if segment.name in actions:
            return Action(call, actions[segment.name])
        if segment.name == "worksheets":
            return Worksheets(call)
        if segment.name == "tables":
            return Tables(call, None)
        if segment.name == "names":
            return Names(call)
        if segment.name == "application":
            return Application(call)
        if segment.name == "operations":
            return Operations(call)
        if segment.name in ("sessioninforesource", "tablerowoperationresult"):
            return Result(call, segment.arguments.get("key", ""))
        return super().step(segment)

    def get(self) -> Reply:
        return self.call.entity("workbook", {}, "")

    def _create_session(self) -> Reply:
        call, item = self.call, self.call.item
        assert item is not None
        persist = bool(call.arguments("createSession").get("persistChanges", True))
        if persist:
            call.writing()
        session = call.emulator.sessions.create(
            item.id, item.book or call.book, persist=persist, now=call.emulator.clock()
        )
        found = {"id": session.id, "persistChanges": persist}
        if call.prefers("respond-async") and call.emulator.slow_operations:
            operation = call.emulator.later(call, "sessionInfoResource", found)
            return Reply(202, {}, {"Location": call.emulator.operation_url(call, operation)})
        return call.entity("workbookSessionInfo", found, "/session", 201)

    def _refresh_session(self) -> Reply:
        self.call.arguments("refreshSession")
        if self.call.session is None:
            raise session_gone()
        return Reply(204)

    def _close_session(self) -> Reply:
        self.call.arguments("closeSession")
        if self.call.session is None:
            raise session_gone()
        self.call.session.ended = True
        return Reply(204)


class Operations(Resource):
    """Operations under way; `operations/{id}` shows one."""

    def __init__(self, call: Call, key: str = "") -> None:
        super().__init__(call)
        self._key = key

    def step(self, segment: Segment) -> Resource:
        return super().step(segment) if self._key else Operations(self.call, segment.raw)

    def get(self) -> Reply:
        emulator = self.call.emulator
        operation = emulator.sessions.operations.get(self._key)
        if operation is None:
            raise item_not_found()
        if emulator.clock() < operation.ready:
            return self.call.entity("workbookOperation", {"id": operation.id, "status": "running"}, "/operations")
        if operation.error is not None:
            error = operation.error.body(emulator.now())["error"]
            inner = {name: error["innerError"][name] for name in ("code", "message") if name in error["innerError"]}
            body = {"id": operation.id, "status": "failed", "error": error | {"innerError": inner}}
            return self.call.entity("workbookOperation", body, "/operations")
        url = f"{emulator.item_url(self.call)}/workbook/{operation.resource}(key='{operation.key}')"
        body = {"id": operation.id, "status": "succeeded", "resourceLocation": url}
        return self.call.entity("workbookOperation", body, "/operations")


class Result(Resource):
    """What an operation came to."""

    def __init__(self, call: Call, key: str) -> None:
        super().__init__(call)
        self._key = key

    def get(self) -> Reply:
        for operation in self.call.emulator.sessions.operations.values():
            if operation.key == self._key and operation.error is None:
                kind = "workbookSessionInfo" if operation.resource == "sessionInfoResource" else "workbookTableRow"
                return self.call.entity(kind, operation.result, "")
        raise item_not_found()


class Worksheets(Resource):
    """The tabs."""

    def step(self, segment: Segment) -> Resource:
        if segment.name == "add":
            return Action(self.call, self._add)
        return Worksheet(self.call, self.call.book.sheet(segment.raw))

    def get(self) -> Reply:
        bodies = [Worksheet(self.call, sheet).body() for sheet in self.call.book.sheets]
        return self.call.emulator.collection(self.call, "workbookWorksheet", bodies)

    def post(self) -> Reply:
        return self._add()

    def _add(self) -> Reply:
        name = self.call.arguments("worksheets/add").get("name") or ""
        self.call.writing()
        sheet = self.call.book.add_sheet(name)
        self.call.wrote()
        return Worksheet(self.call, sheet).get(201)


class Worksheet(Resource):
    """One tab."""

    def __init__(self, call: Call, sheet: Sheet) -> None:
        super().__init__(call)
        self.sheet = sheet

    def step(self, segment: Segment) -> Resource:
        call, sheet = self.call, self.sheet
        if segment.name == "range":
            if address := segment.arguments.get("address"):
                return at(call, sheet, address)
            return Range(call, sheet, EVERYTHING)
        if segment.name == "usedrange":
            return used(call, sheet, values_only=segment.flag("valuesOnly"))
        if segment.name == "cell":
            row, column = segment.number("row"), segment.number("column")
            return Range(call, sheet, EVERYTHING.part(row, column, row, column))
        if segment.name == "tables":
            return Tables(call, sheet)
        if segment.name == "protection":
            return SheetProtection(call, sheet)
        if segment.name == "names":
            return Names(call, sheet)
        return super().step(segment)

    def body(self) -> dict[str, Any]:
        """The tab as Graph shows it."""
        return {
            "id": self.sheet.id,
            "name": self.sheet.name,
            "position": self.call.book.sheets.index(self.sheet),
            "visibility": self.sheet.visibility,
        }

    def get(self, status: int = 200) -> Reply:
        return self.call.entity("workbookWorksheet", self.body(), f"/worksheets(%27{self.sheet.id}%27)", status)

    def patch(self) -> Reply:
        changes = self.call.changes("workbookWorksheet")
        self.call.writing()
        sheets = self.call.book.sheets
        if name := changes.get("name"):
            if any(other.name.casefold() == name.casefold() for other in sheets if other is not self.sheet):
                raise already_exists()
            self.sheet.name = name
        self.sheet.visibility = changes.get("visibility") or self.sheet.visibility
        if isinstance(changes.get("position"), int):
            if not 0 <= changes["position"] < len(sheets):
                raise invalid_argument()
            sheets.remove(self.sheet)
            sheets.insert(changes["position"], self.sheet)
        self.call.wrote()
        return self.get()

    def delete(self) -> Reply:
        self.call.writing()
        if len(self.call.book.sheets) == 1:
            raise malformed("A workbook must contain at least one visible worksheet.")
        self.call.book.sheets.remove(self.sheet)
        self.call.wrote()
        return Reply(204)


class SheetProtection(Resource):
    """Whether a tab is protected, and against what."""

    def __init__(self, call: Call, sheet: Sheet) -> None:
        super().__init__(call)
        self._sheet = sheet

    def step(self, segment: Segment) -> Resource:
        actions = {"protect": self._protect, "unprotect": self._unprotect}
        return Action(self.call, actions[segment.name]) if segment.name in actions else super().step(segment)

    def get(self) -> Reply:
        body = {"protected": self._sheet.protected, "options": self._sheet.options or None}
        return self.call.entity("workbookWorksheetProtection", body, "/protection")

    def _protect(self) -> Reply:
        options = self.call.arguments("protection/protect").get("options") or {}
        self.call.writing()
        if self._sheet.protected:
            raise access_denied()
        self._sheet.protected, self._sheet.options = True, dict(options)
        self.call.wrote()
        return Reply(204)

    def _unprotect(self) -> Reply:
        self.call.arguments("protection/unprotect")
        self.call.writing()
        self._sheet.protected = False
        self.call.wrote()
        return Reply(204)


class Names(Resource):
    """Defined names."""

    def __init__(self, call: Call, sheet: Sheet | None = None) -> None:
        super().__init__(call)
        self._sheet = sheet

    def step(self, segment: Segment) -> Resource:
        if segment.name == "add":
            return Action(self.call, self._add)
        return Name(self.call, segment.raw)

    def get(self) -> Reply:
        bodies = [Name(self.call, name).body() for name in self.call.book.names]
        return self.call.emulator.collection(self.call, "workbookNamedItem", bodies)

    def _add(self) -> Reply:
        arguments = self.call.arguments("names/add")
        self.call.writing()
        self.call.book.names[str(arguments["name"])] = str(arguments["reference"]).lstrip("=")
        self.call.wrote()
        return Name(self.call, str(arguments["name"])).get(201)


class Name(Resource):
    """One of them."""

    def __init__(self, call: Call, name: str) -> None:
        super().__init__(call)
        self._name = name

    def step(self, segment: Segment) -> Resource:
        if segment.name == "range":
            return Range(self.call, *self.call.book.named(self._name))
        return super().step(segment)

    def body(self) -> dict[str, Any]:
        """The name as Graph shows it."""
        sheet, area = self.call.book.named(self._name)
        value = f"={quoted(sheet.name)}!{area}"
        return {"name": self._name, "scope": "Workbook", "type": "Range", "value": value, "visible": True}

    def get(self, status: int = 200) -> Reply:
        return self.call.entity("workbookNamedItem", self.body(), f"/names(%27{self._name}%27)", status)


class Application(Resource):
    """How Excel calculates."""

    def get(self) -> Reply:
        return self.call.entity("workbookApplication", {"calculationMode": "Automatic"}, "/application")
