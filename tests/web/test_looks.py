"""The looks of our columns over HTTP: what Excel's pane dresses the sheet with."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient

from server.domain.campaign import Campaign
from server.domain.look import PAINT, Tone
from server.domain.words import Role
from tests.web.conftest import StageServices


def test_it_tells_colours_words_and_notes_of_the_columns_that_are_ours(
    client: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    columns = {role.value: f"{role.value} (Times)" for role in Role}
    services.ledger.campaigns.save(replace(services.ledger.campaigns.get(planned.id), columns=columns, adopted=()))
    answer = client.get(f"/api/campaigns/{planned.id}/dress")
    assert answer.status_code == 200, answer.text
    found = {look["title"]: look for look in answer.get_json()["looks"]}
    assert set(found) == {*columns.values(), "Row key"}
    status = found["Status (Times)"]
    assert "Approved" in status["choices"]
    good = next(shade for shade in status["shades"] if "Confirmed" in shade["words"])
    assert (good["fill"], good["ink"]) == PAINT[Tone.GOOD]
    assert found["Note (Times)"]["note"].startswith("What happened to this row")


def test_its_version_changes_with_the_looks_and_with_nothing_else(
    client: FlaskClient, services: StageServices, planned: Campaign
) -> None:
    def version() -> str:
        return str(client.get(f"/api/campaigns/{planned.id}/dress").get_json()["version"])

    def save(**changes: object) -> None:
        services.ledger.campaigns.save(replace(services.ledger.campaigns.get(planned.id), **changes))  # type: ignore[arg-type]

    before = version()
    save(columns={"Status": "Status"}, adopted=())
    after = version()
    assert after != before
    save(note="Something else.")
    assert version() == after
