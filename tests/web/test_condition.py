"""Rows by a condition, and the values that a column offers."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.fakes import FakeSheet


def test_a_condition_names_its_rows_by_key_and_counts_those_without_one(client: FlaskClient, sheet: FakeSheet) -> None:
    asked = {"column": "Number", "test": "more", "value": "7"}
    before = client.post("/api/rows/where", json=asked).json
    assert before is not None
    assert (before["keys"], before["keyless"], before["count"]) == ([], 2, 2)
    assert [(one["shown"], one["value"]) for one in before["rows"]] == [
        ("Ben · ben@example.org", "8"),
        ("Cleo · cleo@example.org", "9"),
    ]
    assert client.post("/api/rows/keys", json={}).status_code == 200
    after = client.post("/api/rows/where", json=asked).json
    assert after is not None
    assert (len(after["keys"]), after["keyless"], after["count"]) == (2, 0, 2)
    assert after["keys"] == [row.key for row in sheet.read().rows][1:]


def test_hidden_rows_are_meant_only_when_all_are(client: FlaskClient, sheet: FakeSheet) -> None:
    sheet.hide(0)
    asked = {"column": "Time", "test": "before", "value": "09:15"}
    assert client.post("/api/rows/where", json=asked).json["count"] == 1  # type: ignore[index]
    assert client.post("/api/rows/where", json={**asked, "among": "all"}).json["count"] == 2  # type: ignore[index]


def test_it_says_what_is_wrong_with_a_condition(client: FlaskClient, sheet: FakeSheet) -> None:
    wrong = client.post("/api/rows/where", json={"column": "Nummer", "test": "is", "value": "7"})
    assert wrong.status_code == 422
    assert wrong.json["suggestions"] == ["Name", "Email", "Time", "Number"]  # type: ignore[index]
    vague = client.post("/api/rows/where", json={"column": "Number", "test": "more", "value": "many"})
    assert (vague.status_code, vague.json["field"]) == (422, "value")  # type: ignore[index]


def test_a_column_offers_its_values_with_their_counts(client: FlaskClient, sheet: FakeSheet) -> None:
    sheet.type(1, "Name", "Ada")
    found = client.post("/api/rows/values", json={"column": "Name"}).json
    assert found == {"values": [{"value": "Ada", "count": 2}, {"value": "Cleo", "count": 1}], "total": 2}
