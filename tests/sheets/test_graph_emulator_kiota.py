"""The Graph emulator as Microsoft's request adapter meets it, and both held against the published types."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from subprocess import run
from typing import Any, TypeVar

import httpx
import msgraph
import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph.graph_request_adapter import GraphRequestAdapter

from tests.emulators.graph import GraphEmulator, Item, contest, contract, faults
from tests.emulators.graph.client import Client

T = TypeVar("T")


class Token(AccessTokenProvider):
    """One token, for the emulator's host alone."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._hosts = AllowedHostsValidator(["127.0.0.1"])

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self._token if self._hosts.is_url_host_valid(uri) else ""

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._hosts


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(contest())


def through(graph: GraphEmulator, work: Callable[[GraphRequestAdapter], Awaitable[T]]) -> T:
    """Work with a request adapter that has no middleware of its own, and close it."""

    async def main() -> T:
        async with httpx.AsyncClient(timeout=10) as client:
            adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(graph.graph_token())), client)
            adapter.base_url = graph.url
            return await work(adapter)

    return asyncio.run(main())


def request(method: Method, template: str, **parameters: str) -> RequestInformation:
    """A hand-made request."""
    found = RequestInformation(method, "{+baseurl}" + template, dict(parameters))
    found.headers.try_add("Accept", "application/json")
    return found


RANGE = "/drives/{drive}/items/{item}/workbook/worksheets/{sheet}/range(address='{address}')"


def test_a_hand_made_request_reads_and_writes_a_range(graph: GraphEmulator, item: Item) -> None:
    where = {"drive": item.drive.id, "item": item.id, "sheet": "Contestants", "address": "A2:B2"}

    async def work(adapter: GraphRequestAdapter) -> tuple[bytes, bytes]:
        patch = request(Method.PATCH, RANGE, **where)
        patch.set_stream_content(b'{"values": [[8, "Somebody"]]}', "application/json")
        echo = await adapter.send_primitive_async(patch, "bytes", {})
        return echo, await adapter.send_primitive_async(request(Method.GET, RANGE, **where), "bytes", {})

    for body in through(graph, work):
        assert b'"values": [[8, "Somebody"]]' in body


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the builders warn of themselves when imported
def test_the_generated_builders_reach_files_tabs_and_tables(graph: GraphEmulator, item: Item) -> None:
    from msgraph.graph_service_client import GraphServiceClient

    async def work(adapter: GraphRequestAdapter) -> None:
        found = GraphServiceClient(request_adapter=adapter).drives.by_drive_id(item.drive.id).items
        file = await found.by_drive_item_id(item.id).get()
        assert file is not None
        assert (file.name, file.e_tag, file.c_tag) == (item.name, item.etag, item.ctag)
        workbook = found.by_drive_item_id(item.id).workbook
        tabs = await workbook.worksheets.get()
        assert tabs is not None
        assert [tab.name for tab in tabs.value or []] == ["Contestants"]
        tables = await workbook.tables.get()
        assert tables is not None
        assert [table.name for table in tables.value or []] == ["Contestants"]
        area = await workbook.worksheets.by_workbook_worksheet_id("Contestants").range_with_address("A1:B2").get()
        assert area is not None
        assert area.additional_data["text"][1] == ["007", "Amara Okonjo-Lindqvist"]
        assert (area.row_count, area.address) == (2, "Contestants!A1:B2")

    through(graph, work)


def test_an_error_reaches_the_caller_with_status_and_retry_after(graph: GraphEmulator, item: Item) -> None:
    graph.script.add(faults.throttled("6.5"), "GET", "/items/")

    async def work(adapter: GraphRequestAdapter) -> APIError:
        info = request(Method.GET, "/drives/{drive}/items/{item}", drive=item.drive.id, item=item.id)
        with pytest.raises(APIError) as caught:
            await adapter.send_primitive_async(info, "bytes", {})
        return caught.value

    error = through(graph, work)
    assert error.response_status_code == 429
    assert error.response_headers["retry-after"] == "6.5"
    assert graph.log.count("GET") == 1


def test_importing_the_adapter_loads_no_models() -> None:
    code = "import sys, msgraph.graph_request_adapter; print(sum('msgraph.generated' in name for name in sys.modules))"
    shown = run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert int(shown.stdout) < 5


def test_every_kind_of_answer_is_as_published(graph: GraphEmulator, item: Item) -> None:
    checks = {
        "": "driveItem",
        "/workbook/worksheets/Contestants": "workbookWorksheet",
        "/workbook/worksheets/Contestants/protection": "workbookWorksheetProtection",
        "/workbook/worksheets/Contestants/usedRange": "workbookRange",
        "/workbook/tables/Contestants": "workbookTable",
        "/workbook/tables/Contestants/columns/1": "workbookTableColumn",
        "/workbook/tables/Contestants/columns/1/filter": "workbookFilter",
        "/workbook/tables/Contestants/rows/itemAt(index=0)": "workbookTableRow",
        "/workbook/tables/Contestants/dataBodyRange/visibleView": "workbookRangeView",
        "/workbook/tables/Contestants/sort": "workbookTableSort",
        "/workbook/worksheets/Contestants/range(address='A1')/format/protection": "workbookFormatProtection",
        "/workbook/application": "workbookApplication",
    }
    graph.colleague(item).filter("Country", ["Italy"])
    with Client(graph, item) as client:
        for path, kind in checks.items():
            body = client.get(client.root + path)
            assert body["@odata.type"] == f"#microsoft.graph.{kind}"
            assert contract.faults(kind, body) == []


def test_the_types_know_what_is_wrong() -> None:
    good = {"address": "A1", "values": [["x"]], "rowHidden": None, "rowIndex": 0}
    assert contract.faults("workbookRange", good) == []
    for wrong in ({"adress": "A1"}, {"address": 1}, {"rowIndex": "0"}, {"rowIndex": True}, {"format": "bold"}, []):
        assert contract.faults("workbookRange", wrong), wrong
    assert contract.faults("workbookTable", {"columns": [{"name": 1}]}) == ["workbookTable/columns/name: str is due"]
    assert contract.argument_faults("rows/add", {"index": None, "values": [[1]]}) == []
    assert contract.argument_faults("rows/add", {"vlaues": [[1]]}) == ["rows/add/vlaues: no such parameter"]


BODIES = {
    "createSession": "create_session/create_session",
    "worksheets/add": "worksheets/add/add",
    "tables/add": "tables/add/add",
    "columns/add": "tables/item/columns/add/add",
    "rows/add": "tables/item/rows/add/add",
    "names/add": "names/add/add",
    "filter/apply": "tables/item/columns/item/filter/apply/apply",
    "filter/applyCustomFilter": "tables/item/columns/item/filter/apply_custom_filter/apply_custom_filter",
    "table/sort/apply": "tables/item/sort/apply/apply",
    "range/clear": "worksheets/item/range_with_address/clear/clear",
    "range/insert": "worksheets/item/range_with_address/insert/insert",
    "range/delete": "worksheets/item/range_with_address/delete/delete",
    "protection/protect": "worksheets/item/protection/protect/protect",
}
"""Action -> the SDK's model of its parameters, which leaves out those of the type Json."""


@pytest.mark.parametrize("action", BODIES)
def test_the_parameters_of_actions_are_those_of_the_sdk(action: str) -> None:
    assert msgraph.__file__ is not None
    folder = Path(msgraph.__file__).parent / "generated/drives/item/items/item/workbook"
    source = (folder / f"{BODIES[action]}_post_request_body.py").read_text()
    published = set(re.findall(r'^\s*"(\w+)": lambda n', source, re.MULTILINE))
    assert published == {name for name, kind in contract.ACTIONS[action].items() if kind != "Json"}


def test_what_the_script_gets_wrong_is_told_at_the_end() -> None:
    graph = GraphEmulator()
    graph.__enter__()
    graph.script.between(lambda: 1 / 0, "GET")
    with Client(graph, graph.add(contest())) as client:
        assert client.ask("GET", "worksheets").status_code == 500
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        graph.__exit__(None)
