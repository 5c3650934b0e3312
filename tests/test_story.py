"""One row, the whole way, through the real parts: workbook, ledger, Redis, workers, web server, signed webhooks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.books import book, records
from tests.waiting import until

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
ROOT = Path(__file__).resolve().parents[1]


class Desk:
    """The API as the panel uses it."""

    def __init__(self, address: str) -> None:
        self.base, _, token = address.partition("/?token=")
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        return self._checked(self.http.get(f"{self.base}{path}", timeout=20))

    def post(self, path: str, **body: Any) -> Any:
        return self._checked(self.http.post(f"{self.base}{path}", json=body, timeout=20))

    def _checked(self, answer: requests.Response) -> Any:
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def contest(tmp_path: Path) -> Path:
    rows = [["Ana Souza", "ana@example.org", "09:40"], ["Ben Ito", "ben@example.org", "09:45"]]
    return book(tmp_path / "contest.xlsx", ["Name", "Email", "Start time"], rows)


@pytest.fixture
def desk(contest: Path, data_dir: Path) -> Iterator[Desk]:
    settings = {"CELLBACK_DATA_DIR": str(data_dir), "PORT": "0", "CELLBACK_UNDO_SECONDS": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "server", "serve", str(contest)],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        desk = Desk(process.stdout.readline().strip())
        yield desk
        desk.http.close()
        process.terminate()
        assert process.wait(20) == 0


def row(path: Path, name: str) -> dict[str, str]:
    return next(record for record in records(path) if record["Name"] == name)


def test_a_row_goes_all_the_way_from_the_instruction_to_its_answer_cell(desk: Desk, contest: Path) -> None:
    campaign = desk.post("/api/campaigns", instruction=INSTRUCTION)
    assert campaign["plan"]["address_column"] == "Email"
    assert [column["name"] for column in campaign["plan"]["answer_columns"]] == ["Availability"]
    assert campaign["choice"] == "2 of 2"
    here = f"/api/campaigns/{campaign['id']}"

    desk.post(f"{here}/draft")
    until(lambda: row(contest, "Ana Souza").get("Status") == "Draft", what="the draft in its cell")
    assert "09:40" in row(contest, "Ana Souza")["Message"]

    assert desk.post(f"{here}/approve")["changed"] == 2
    desk.post(f"{here}/send")
    until(lambda: row(contest, "Ana Souza")["Status"] in {"Sent", "Delivered"}, what="the message to leave")

    mails = until(lambda: desk.get("/api/mailbox")["mails"], what="the mail")
    ana = next(mail for mail in mails if mail["to"] == "ana@example.org")
    assert "09:40" in ana["text"]
    desk.post(f"/api/mailbox/{ana['id']}/answer", text="Yes, I can!")
    until(lambda: row(contest, "Ana Souza")["Availability"] == "Yes", what="the answer in its cell")
    answered = row(contest, "Ana Souza")
    assert (answered["Status"], answered["Flag"], answered["Reply"]) == ("Confirmed", "sure", "Yes, I can!")
    assert float(answered["Confidence"]) >= 0.8

    ben = next(mail for mail in mails if mail["to"] == "ben@example.org")
    desk.post(f"/api/mailbox/{ben['id']}/answer", text="Could I start after 10?")
    until(lambda: row(contest, "Ben Ito")["Flag"] == "check", what="the flag")
    assert row(contest, "Ben Ito")["Availability"] == ""
    review = desk.get(f"{here}/reviews")["reviews"][0]
    assert (review["person"], review["reply"]) == ("Ben Ito", "Could I start after 10?")
    desk.post(f"{here}/reviews/{review['message_id']}", outcome="declined", values={"Availability": "No"})
    until(lambda: row(contest, "Ben Ito")["Status"] == "Declined", what="the decision in its cell")
    assert (row(contest, "Ben Ito")["Availability"], row(contest, "Ben Ito")["Flag"]) == ("No", "")
