"""Opening a workbook that is dropped on the desk, and keeping every other file of the machine out of reach."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from server.domain.campaign import Campaign
from server.domain.plan import Plan
from server.domain.words import ChannelName
from tests.web.conftest import StageServices

PEOPLE = [["Name", "Email", "Time"], ["Ada", "ada@example.org", "09:00"]]


def xlsx(rows: list[list[str]] = PEOPLE) -> bytes:
    workbook, out = Workbook(), io.BytesIO()
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(out)
    return out.getvalue()


def drop(client: FlaskClient, content: bytes, name: str) -> TestResponse:
    return client.post("/api/workbooks", data={"file": (io.BytesIO(content), name)})


def kept(services: StageServices) -> list[str]:
    return sorted(path.name for path in (services.settings.data_dir / "workbooks").glob("*"))


def test_it_opens_a_dropped_workbook_and_shows_it_from_then_on(client: FlaskClient, services: StageServices) -> None:
    answer = drop(client, xlsx(), "My people (2).xlsx")
    assert answer.status_code == 200, answer.text
    opened = answer.get_json()
    assert opened["file_name"] == "My-people-2.xlsx"
    path = Path(opened["workbook"])
    assert path.is_relative_to((services.settings.data_dir / "workbooks").resolve())
    grid = client.get("/api/grid").get_json()
    assert [column["title"] for column in grid["columns"]] == PEOPLE[0]
    assert client.get("/api/session").get_json()["workbook"] == opened["workbook"]


def test_it_keeps_two_workbooks_of_one_name_apart(client: FlaskClient, services: StageServices) -> None:
    first = drop(client, xlsx(), "people.xlsx").get_json()["workbook"]
    second = drop(client, xlsx([["Name", "Email"], ["Ben", "ben@example.org"]]), "people.xlsx").get_json()["workbook"]
    assert first != second
    assert Path(first).name == Path(second).name == "people.xlsx"
    grid = client.get("/api/grid", query_string={"workbook": first}).get_json()
    assert grid["rows"][0]["cells"][0]["shown"] == "Ada"


def test_it_opens_a_csv_as_a_workbook_beside_it(client: FlaskClient, services: StageServices) -> None:
    answer = drop(client, "Name;Email;Phone\nZoë;zoe@example.org;+49 30 1\n".encode(), "people.csv")
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["workbook"].endswith(".xlsx")
    assert answer.get_json()["note"]
    cells = client.get("/api/grid").get_json()["rows"][0]["cells"]
    assert [cell["shown"] for cell in cells] == ["Zoë", "zoe@example.org", "+49 30 1"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"this is text", "people.xlsx"),
        (b"PK\x03\x04 broken", "people.xlsx"),
        (xlsx([]), "empty.xlsx"),
        (b"", "people.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old or encrypted one", "people.xlsx"),
        (xlsx(), "people.xls"),
        (xlsx(), "people"),
        (b"#!/bin/sh", "../../run.sh"),
    ],
)
def test_it_says_why_a_file_can_not_be_opened_and_keeps_nothing(
    client: FlaskClient, services: StageServices, content: bytes, name: str
) -> None:
    answer = drop(client, content, name)
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["detail"].endswith((".", ")"))
    assert kept(services) == []
    assert client.get("/api/session").get_json()["workbook"] == ""


@pytest.mark.parametrize(
    "name", ["../../../etc/people.xlsx", "..\\people.xlsx", "/tmp/people.xlsx", "~$x.xlsx", ".xlsx"]
)
def test_it_gives_the_file_a_safe_name(client: FlaskClient, services: StageServices, name: str) -> None:
    answer = drop(client, xlsx(), name)
    assert answer.status_code in {200, 422}
    folder = services.settings.data_dir / "workbooks"
    found = [path.relative_to(folder) for path in services.settings.data_dir.rglob("*.xlsx")]
    for path in found:
        assert len(path.parts) == 2
        assert path.stem.replace("-", "").isalnum()


def test_it_keeps_an_earlier_workbook_when_a_bad_one_of_its_name_is_dropped(
    client: FlaskClient, services: StageServices
) -> None:
    first = Path(drop(client, xlsx(), "people.xlsx").get_json()["workbook"])
    assert drop(client, b"not a workbook", "people.xlsx").status_code == 422
    assert first.exists()
    assert kept(services) == ["people"]


def test_it_keeps_nothing_of_a_file_when_the_disk_is_full(
    client: FlaskClient, services: StageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(self: object, path: Path) -> None:
        path.write_bytes(b"PK")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("werkzeug.datastructures.FileStorage.save", save)
    answer = drop(client, xlsx(), "people.xlsx")
    assert answer.status_code == 503
    assert "No space left" in answer.get_json()["detail"]
    assert kept(services) == []


def test_it_asks_for_a_file(client: FlaskClient) -> None:
    answer = client.post("/api/workbooks", data={"other": "x"})
    assert answer.status_code == 422
    assert answer.get_json()["field"] == "file"


def test_it_takes_no_more_than_50_mb(client: FlaskClient, services: StageServices) -> None:
    answer = client.post(
        "/api/workbooks",
        data={"file": (io.BytesIO(xlsx()), "people.xlsx")},
        environ_overrides={"CONTENT_LENGTH": str(51 * 1024 * 1024)},
    )
    assert answer.status_code == 413
    assert kept(services) == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.xlsx", "https//x", "data\0.xlsx", "file:///etc/passwd"])
def test_it_opens_no_other_file_of_the_machine(client: FlaskClient, path: str) -> None:
    for call in ("/api/grid", "/api/session", "/api/campaigns"):
        assert client.get(call, query_string={"workbook": path}).status_code == 404


def test_it_knows_no_workbook_that_is_called_half_a_character(client: FlaskClient) -> None:
    for path in ("/api/sheet/changed", "/api/rows/keys"):
        answer = client.post(path, json={"workbook": "\ud800"})
        assert (answer.status_code, answer.get_json()["detail"][:3]) == (404, "“\ufffd”")


def test_it_does_not_tell_whether_another_workbook_exists(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "there.xlsx").write_bytes(xlsx())
    answers = [
        client.get("/api/grid", query_string={"workbook": str(tmp_path / name)}) for name in ("there.xlsx", "not.xlsx")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace("there", "not") == answers[1].text


def test_it_opens_the_workbook_of_a_campaign_with_its_header_row(
    client: FlaskClient, services: StageServices, tmp_path: Path
) -> None:
    path = tmp_path / "there.xlsx"
    path.write_bytes(xlsx([["Ada", "x", "y"], ["Ben", "x", "y"], *PEOPLE]))
    sheet = services.open_sheet(str(path))
    campaign = Campaign(
        "c_1", sheet.workbook, sheet.name, "n", "i", Plan(ChannelName.OUTBOX, "outbox", "Email"), header_row=3
    )
    services.ledger.campaigns.add(campaign)
    grid = client.get("/api/grid", query_string={"workbook": str(path)})
    assert [column["title"] for column in grid.get_json()["columns"]] == PEOPLE[0]
