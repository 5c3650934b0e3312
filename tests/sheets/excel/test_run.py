"""`run`, `status` and `doctor` on a workbook in SharePoint, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.processes import Shell, Typed
from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, GraphEmulator, Item, from_rows

TEMPLATE = "Hello {{Name}}, you start at {{Start}}. Does that suit you?"
ROWS = [["Name", "Email", "Start"], *([f"Person {n}", f"p{n}@example.org", f"09:0{n}"] for n in range(5))]


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    graph.library.grants[CLIENT_ID] = "write"
    return graph.add(from_rows(ROWS, tab="Starters", table="Starters"), "Start list.xlsx", drive=graph.library)


@pytest.fixture
def shell(graph: GraphEmulator, tmp_path: Path) -> Shell:
    settings = {
        "MSGRAPH_TENANT_ID": TENANT,
        "MSGRAPH_CLIENT_ID": CLIENT_ID,
        "MSGRAPH_CLIENT_SECRET": CLIENT_SECRET,
        "MSGRAPH_APP_ONLY": "true",
        "CELLBACK_ALLOWED": "contoso.example",
        "MSGRAPH_AUTHORITY_URL": graph.sign_in,
        "MSGRAPH_BASE_URL": graph.url,
        "REQUESTS_CA_BUNDLE": str(graph.ca_file),
    }
    return Shell(tmp_path / "data", settings)


@pytest.fixture
def typed(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(monkeypatch, capsys, shell.settings | {"CELLBACK_DATA_DIR": str(shell.data_dir)})


def test_a_campaign_runs_from_any_address_of_the_workbook(
    graph: GraphEmulator, item: Item, shell: Shell, typed: Typed
) -> None:
    ended = shell.run("run", graph.links.make(item), "--template", TEMPLATE, "--approve-all", "--json", seconds=90)
    assert (ended.code, ended.status) == (0, {"Sent": 5}), ended.err
    other = graph.colleague(item)
    assert [record["Message"] for record in other.records()] == [
        TEMPLATE.replace("{{Name}}", row[0]).replace("{{Start}}", row[2]) for row in ROWS[1:]
    ]
    assert {record["Status"] for record in other.records()} <= {"Sent", "Delivered"}
    other.rename_sheet("Start list")
    for address in graph.links.addresses(item):
        assert typed.run("status", address, "--json").status == {"Sent": 5}
    assert "1 workbooks can be edited" in typed.run("doctor").out
    item.refuses = True
    told = typed.run("doctor")
    assert told.code == 1
    assert "FileOpenUserUnauthorized" in told.out
    assert graph.log.figures.impatient == 0


@pytest.mark.parametrize(("name", "words"), [("Old.xls", "save it as .xlsx"), ("Notes.docx", "save it as .xlsx")])
def test_a_file_of_another_kind_is_told(graph: GraphEmulator, typed: Typed, name: str, words: str) -> None:
    graph.library.grants[CLIENT_ID] = "write"
    item = graph.add(from_rows(ROWS), name, drive=graph.library)
    told = typed.run("status", graph.links.make(item))
    assert told.code == 1
    assert words in told.err
