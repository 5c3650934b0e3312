"""The Graph emulator: drives, files, sharing links, and who may do what with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.graph import COLLEAGUE, ORGANISER, GraphEmulator, Item, contest, from_rows, share_token
from tests.emulators.graph.client import Client, codes


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def item(graph: GraphEmulator) -> Item:
    return graph.add(contest())


@pytest.fixture
def client(graph: GraphEmulator, item: Item) -> Iterator[Client]:
    with Client(graph, item) as client:
        yield client


def test_a_file_is_found_by_id_by_path_and_under_its_owner(client: Client, item: Item) -> None:
    by_id = client.get(client.root)
    assert by_id["id"] == item.id
    assert by_id["parentReference"]["driveId"] == item.drive.id
    for path in (
        f"/me/drive/items/{item.id}",
        "/me/drive/root:/Contestants.xlsx",
        "/me/drive/root:/contestants.xlsx:",
        f"/users/{ORGANISER}/drive/root:/Contestants.xlsx",
        f"/drives/{item.drive.id}/root:/Contestants.xlsx",
    ):
        assert client.get(path)["id"] == item.id, path
    assert client.get("/me/drive/root:/Contestants.xlsx:/workbook/worksheets")["value"][0]["name"] == "Contestants"
    assert [each["name"] for each in client.get("/me/drive/root/children")["value"]] == ["Contestants.xlsx"]


def test_a_library_is_reached_through_its_site(graph: GraphEmulator, client: Client) -> None:
    shared = graph.add(contest(), "Entries.xlsm", graph.library, folder="2027/June")
    found = client.get("/sites/contoso.sharepoint.com:/sites/Events")
    for path in (f"/sites/{found['id']}/drive", f"/drives/{graph.library.id}"):
        assert client.get(f"{path}/root:/2027/June/Entries.xlsm")["id"] == shared.id
    body = client.get(f"/drives/{graph.library.id}/items/{shared.id}")
    assert body["parentReference"]["driveType"] == "documentLibrary"
    assert body["file"]["mimeType"] == "application/vnd.ms-excel.sheet.macroEnabled.12"


@pytest.mark.parametrize("place", ["business", "library", "personal"])
def test_a_pasted_address_leads_to_the_file(graph: GraphEmulator, client: Client, place: str) -> None:
    item = graph.add(contest(), "Über uns.xlsx", getattr(graph, place), folder="Events & more")
    for url in (graph.links.make(item), *graph.links.addresses(item)):
        found = client.get(f"/shares/{share_token(url)}/driveItem?$select=id,parentReference")
        assert (found["id"], found["parentReference"]["driveId"]) == (item.id, item.drive.id), url


def test_a_link_may_have_to_be_redeemed_first(graph: GraphEmulator, client: Client, item: Item) -> None:
    path = f"/shares/{share_token(graph.links.make(item, redeem=True))}/driveItem"
    assert client.ask("GET", path).status_code == 403
    assert client.ask("GET", path, Prefer="redeemSharingLinkIfNecessary").json()["id"] == item.id


def test_a_link_that_leads_nowhere_is_not_found(client: Client) -> None:
    nowhere = "https://contoso.sharepoint.com/:x:/s/Events/Enothing?e=1"
    assert client.ask("GET", f"/shares/{share_token(nowhere)}/driveItem").status_code == 404
    assert client.ask("GET", "/shares/u!%25%25/driveItem").status_code == 400


def test_the_tags_change_with_every_change_and_the_content_tag_with_content_alone(client: Client, item: Item) -> None:
    path = f"{client.root}?$select=eTag,cTag,lastModifiedDateTime"
    before = client.get(path)
    chosen = {name for name in before if not name.startswith("@odata.")}
    assert chosen == {"eTag", "cTag", "lastModifiedDateTime"}
    assert client.get(path) == before
    assert client.ask("PATCH", client.root, {"name": "Renamed.xlsx"}).ok
    renamed = client.get(path)
    assert (renamed["eTag"] != before["eTag"], renamed["cTag"] == before["cTag"]) == (True, True)
    assert client.write("A2", 8).ok
    assert client.get(path)["cTag"] != before["cTag"]
    assert client.ask("GET", client.root, If_None_Match=client.get(path)["eTag"]).status_code == 304


def test_a_file_changes_only_if_its_tag_still_matches(client: Client, item: Item) -> None:
    tag = client.get(client.root)["eTag"]
    assert client.ask("PATCH", client.root, {"name": "A.xlsx"}, If_Match=tag).ok
    assert client.ask("PATCH", client.root, {"name": "B.xlsx"}, If_Match=tag).status_code == 412
    assert item.name == "A.xlsx"


def test_what_nobody_published_is_refused(client: Client) -> None:
    assert client.ask("PATCH", client.root, {"nmae": "A.xlsx"}).status_code == 400
    assert client.ask("GET", f"{client.root}/no-such-thing").status_code == 400
    assert client.ask("POST", client.root, {}).status_code == 405


def test_a_moved_file_keeps_its_id_in_its_drive_and_loses_it_in_another(
    graph: GraphEmulator, client: Client, item: Item
) -> None:
    other = graph.colleague(item)
    other.move_file("Archive", "Old.xlsx")
    assert client.get(client.root)["parentReference"]["path"].endswith("root:/Archive")
    assert client.ask("GET", "/me/drive/root:/Contestants.xlsx").status_code == 404
    other.move_file("Archive", drive=graph.library)
    assert codes(client.ask("GET", client.root)) == ["ItemNotFound", "itemNotFound"]
    assert client.get(f"/drives/{graph.library.id}/items/{item.id}")["name"] == "Old.xlsx"


def test_a_deleted_file_is_gone_with_its_sessions(client: Client, item: Item) -> None:
    client.session()
    assert client.ask("DELETE", client.root).status_code == 204
    assert client.ask("GET", "worksheets").status_code == 404


def test_a_file_checked_out_by_somebody_else_can_be_read_and_not_written(client: Client, item: Item) -> None:
    item.checked_out_by = COLLEAGUE
    assert client.get(client.root)["publication"]["checkedOutBy"]["user"]["displayName"] == "Colleague"
    assert client.cells("B2") == [["Amara Okonjo-Lindqvist"]]
    assert codes(client.write("B2", "X")) == ["conflict", "accessConflict"]
    assert codes(client.ask("PATCH", client.root, {"name": "A.xlsx"})) == ["notAllowed"]
    item.checked_out_by = ORGANISER
    assert client.write("B2", "X").ok


def test_a_read_only_file_refuses_writing_and_a_session_that_would_keep_it(client: Client, item: Item) -> None:
    item.read_only = True
    assert client.cells("A1") == [["Bib"]]
    assert codes(client.write("A2", 1)) == ["AccessDenied", "accessDenied"]
    assert client.ask("POST", "createSession", {"persistChanges": True}).status_code == 403
    client.session(persist=False)
    assert client.write("A2", 1).ok


def test_an_upload_is_refused_while_somebody_has_the_file_open(client: Client, item: Item) -> None:
    content = client.ask("GET", f"{client.root}/content")
    assert content.status_code == 302
    packed = client.http.get(content.headers["Location"], timeout=10).content

    def upload() -> int:
        url, kind = f"{client.graph.url}{client.root}/content", {"Content-Type": "application/octet-stream"}
        return client.http.put(url, data=packed, headers=kind, timeout=10).status_code

    assert upload() == 200
    assert client.cells("B3") == [["Bertil Hasselmoor"]]
    item.opened = 1
    assert upload() == 423


@pytest.mark.parametrize("name", ["Old.xls", "Text.docx"])
def test_only_the_new_formats_are_workbooks(graph: GraphEmulator, name: str) -> None:
    item = graph.add(from_rows([["a"]]), name)
    with Client(graph, item) as client:
        assert codes(client.ask("GET", "worksheets")) == ["notImplemented", "unsupportedWorkbook"]


def test_a_password_or_too_much_size_keeps_the_workbook_shut(client: Client, item: Item) -> None:
    item.password = True
    assert "unsupportedWorkbook" in codes(client.ask("POST", "createSession", {"persistChanges": True}))
    item.password, item.megabytes = False, 101
    assert "unsupportedWorkbook" in codes(client.ask("GET", "worksheets"))


def test_the_excel_service_may_refuse_what_the_drive_allows(graph: GraphEmulator, client: Client, item: Item) -> None:
    item.refuses = True
    assert client.get(client.root)["id"] == item.id
    found = client.ask("GET", "worksheets")
    assert found.status_code == 401
    assert codes(found) == ["FileOpenUserUnauthorized", "unauthorizedUncategorized", "FileOpenUserUnauthorized"]


def test_a_token_reaches_as_far_as_its_scopes(graph: GraphEmulator, item: Item) -> None:
    for scopes, read, write in (
        (("Files.Read",), 200, 403),
        (("Files.ReadWrite",), 200, 200),
        (("User.Read",), 403, 403),
        (("Sites.Selected",), 403, 403),
    ):
        with Client(graph, item, token=graph.graph_token(scopes)) as client:
            assert client.ask("GET", "worksheets").status_code == read, scopes
            assert client.write("A2", 7).status_code == write, scopes


def test_a_person_who_may_not_read_it_is_refused(graph: GraphEmulator, item: Item) -> None:
    item.readers = {ORGANISER}
    with Client(graph, item, token=graph.graph_token(oid=COLLEAGUE)) as client:
        assert client.ask("GET", client.root).status_code == 403


def test_an_app_by_itself_needs_a_grant_and_the_service_may_still_refuse_it(graph: GraphEmulator) -> None:
    item = graph.add(contest(), drive=graph.library)
    token = graph.graph_token(("Sites.Selected",), app_only=True)
    with Client(graph, item, token=token) as client:
        assert client.ask("GET", "worksheets").status_code == 403
        graph.library.grants["c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"] = "read"
        assert client.ask("GET", "worksheets").status_code == 200
        assert client.write("A2", 7).status_code == 403
        graph.library.grants["c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"] = "write"
        assert client.write("A2", 7).status_code == 200
        assert client.ask("GET", "/me/drive").status_code == 400
        graph.app_only_workbooks = False
        assert client.ask("GET", "worksheets").status_code == 401


def test_without_a_good_token_nothing_is_told(graph: GraphEmulator, item: Item) -> None:
    for token in (
        "nonsense",
        graph.access_token(),
        graph.graph_token(expires_in=-1),
        graph.access_token(audience="https://graph.microsoft.com", rogue=True),
    ):
        with Client(graph, item, token=token) as client:
            refused = client.ask("GET", client.root)
            assert (refused.status_code, codes(refused)) == (401, ["InvalidAuthenticationToken"])
            assert "invalid_token" in refused.headers["WWW-Authenticate"]
