"""`calibrate`: what it says of a reader by people's reviews, which threshold it proposes, and what it leaves out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.__main__ import main
from server.campaigns import CampaignService
from server.config import load_settings
from server.domain.labels import place
from server.domain.machine import Answered, Checked, MessageEvent, Settled
from server.domain.reply import Interpretation
from server.domain.usage import NOT_MADE, Made
from server.domain.words import Flag, MessageState, Outcome
from server.services import Services, build
from tests.books import contestants
from tests.contracts.ledger import AT, message, sending

Decide = Callable[..., None]
YES, NO = (Outcome.CONFIRMED, {"Coming": "Yes"}), (Outcome.DECLINED, {"Coming": "No"})
MODEL = Made("read@1f0c", "a-model <x>")


@pytest.fixture
def services(ready_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(ready_data_dir))
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    opened = build(load_settings())
    sending(opened.ledger)
    yield opened
    opened.close()


@pytest.fixture
def decided(services: Services) -> Decide:
    """So many readings of one confidence, each with a person's decision."""
    begun = iter(range(0, 1_000_000, 10_000))

    def decide(
        count: int,
        level: float,
        said: tuple[Outcome, dict[str, str]] = YES,
        *,
        spot: bool = True,
        made: Made = NOT_MADE,
    ) -> None:
        flag = Flag.SURE if level >= 0.85 else Flag.CHECK
        reading = Interpretation(*YES, "yes", level, flag, made=made)
        start = next(begun)
        new = [message(start + number, state=MessageState.SENT) for number in range(count)]
        services.ledger.messages.add(new)
        event: MessageEvent = Checked("Kim", *said) if spot and flag is Flag.SURE else Settled("Kim", *said)
        moves = [(one.id, move) for one in new for move in (Answered(reading, "yes", at=AT), event)]
        services.ledger.messages.move_many(moves)

    return decide


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["calibrate", *arguments]) == 0
    return capsys.readouterr().out


def object_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(told(capsys, "--json", *arguments))
    return found


def test_without_reviews_it_says_what_to_do(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys)
    assert said.startswith("Nobody has reviewed a reading yet. Settle what waits under Review")
    assert object_of(capsys)["readers"] == []


def test_it_says_what_was_wrong_from_the_threshold_on_and_how_sure_that_is(
    decided: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(410, 0.9)
    decided(2, 0.9, NO)
    said = told(capsys)
    assert "Of 412 reviewed readings from 0.85 on 2 were wrong: 0.5 %, at most 1.8 % with 95 % confidence." in said
    assert "So far 0.90 keeps to it (2 of 412 wrong); 314 more reviews from there on without a wrong one" in said
    assert "0.90-0.95       412    410   99.5% (98.2%-99.9%)" in said
    assert said.splitlines()[-1].startswith("Nothing was changed. When a threshold is proven: CELLBACK_SURE_AT=")


def test_it_proposes_a_threshold_that_is_proven_and_how_to_use_it(
    decided: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(500, 0.92)
    decided(30, 0.81)
    said = told(capsys, "--campaign", "c_1")
    assert "Proposed threshold for at most 1.0 % wrong: 0.81. Of 530 reviewed readings from 0.81 on 0 were" in said
    last = said.splitlines()[-1]
    assert last.startswith("Nothing was changed. CELLBACK_SURE_AT=0.81 holds for all campaigns without")
    assert '/api/campaigns/c_1/bounds {"sure_at": 0.81}' in last


def test_a_stricter_promise_takes_more_reviews(decided: Decide, capsys: pytest.CaptureFixture[str]) -> None:
    decided(500, 0.92)
    assert "Proposed threshold for at most 5.0 % wrong: 0.92." in told(capsys, "--most-wrong", "0.05")
    assert "No threshold is proven for at most 0.1 % wrong yet." in told(capsys, "--most-wrong", "0.001")


def test_corrections_alone_are_no_measure_and_it_says_so(decided: Decide, capsys: pytest.CaptureFixture[str]) -> None:
    decided(7, 0.95, NO, spot=False)
    decided(3, 0.4)
    said = told(capsys)
    assert "Left out: 7 sure readings that somebody decided about by themselves." in said
    assert "No sure reading was spot-checked" in said
    assert "No reading from 0.85 on was reviewed in a way that can be counted." in said
    assert "To prove at most 1.0 % wrong takes 381 reviews from a threshold on, none of them wrong." in said


def test_where_all_is_too_wrong_it_proposes_nothing(decided: Decide, capsys: pytest.CaptureFixture[str]) -> None:
    decided(50, 0.95)
    decided(20, 0.95, NO)
    assert "No threshold keeps to at most 1.0 % wrong" in told(capsys)


def test_each_reader_is_judged_by_its_own_readings_the_last_one_first(
    decided: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(40, 0.9)
    decided(30, 0.9, NO, made=MODEL)
    readers = object_of(capsys)["readers"]
    assert isinstance(readers, list)
    assert [(one["reader"], one["reviews"], one["now"]["wrong"]) for one in readers] == [
        ("a-model <x> (read@1f0c)", 30, 30),
        ("offline reader", 40, 0),
    ]
    assert readers[1]["bins"] == [
        {"low": 0.9, "high": 0.95, "count": 40, "right": 40, "confidence": 0.9, "bounds": [0.9124, 1.0]}
    ]
    assert (readers[1]["proposed"], readers[1]["likely"]["threshold"], readers[1]["needed"]) == (None, 0.9, 341)


def test_a_campaigns_own_threshold_is_the_one_that_is_judged(
    services: Services, decided: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(20, 0.9)
    services.ledger.campaigns.save(replace(services.ledger.campaigns.get("c_1"), sure_at=0.93))
    assert object_of(capsys, "--campaign", "c_1")["threshold"] == 0.93
    assert object_of(capsys)["threshold"] == 0.85


def test_only_the_campaigns_of_the_workbook_count(
    services: Services, decided: Decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(20, 0.9)
    path = str(contestants(tmp_path / "a.xlsx", 3))
    assert main(["calibrate", path]) == 1
    assert "There is no campaign on the sheet" in capsys.readouterr().err
    campaign = CampaignService(services).create(path, template="Hi {{Name}}.")
    assert told(capsys, path).startswith(f"Nobody has reviewed a reading yet in {campaign.id}.")
    assert "offline reader: 20 reviews" in told(capsys)


def test_the_diagram_says_everything_in_words_too(
    decided: Decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(40, 0.9)
    decided(30, 0.9, NO, made=MODEL)
    plot = tmp_path / "plot.svg"
    assert f"The diagram is in {plot}." in told(capsys, "--plot", str(plot))
    root = ET.parse(plot).getroot()
    name = "{http://www.w3.org/2000/svg}"
    labelled = {root.find(f"{name}{tag}").get("id") for tag in ("title", "desc")}  # type: ignore[union-attr]
    assert labelled == set(str(root.get("aria-labelledby")).split())
    words = root.findtext(f"{name}desc") or ""
    assert "a-model <x> (read@1f0c): confidence 0.90 to 0.95: 0 of 30 right, 0.0% to 11.4%" in words
    assert len(root.findall(f".//{name}circle")) == 2
    assert "prefers-color-scheme: dark" in (root.findtext(f"{name}style") or "")
    assert float(root.get("viewBox", "").split()[3]) == 1200


def test_a_diagram_that_can_not_be_written_is_told(
    decided: Decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(1, 0.9)
    assert main(["calibrate", "--plot", str(tmp_path / "nowhere" / "plot.svg")]) == 1
    assert "can't be written to" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--most-wrong", "1"], ["--most-wrong", "none"], ["--most-wrong", "nan"], ["a.xlsx", "--campaign", "c"]],
)
def test_wrong_use_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", *arguments])
    assert ended.value.code == 2


def test_a_campaign_that_is_not_there_is_told(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--campaign", "c_9"]) == 1
    assert "c_9" in capsys.readouterr().err


def test_corrections_among_the_spot_checks_count(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    new = sorted((message(number, state=MessageState.SENT) for number in range(60)), key=lambda one: place(one.id))
    services.ledger.messages.add(new)
    reading = Interpretation(*YES, "yes", 0.9, Flag.SURE)
    services.ledger.messages.move_many([(one.id, Answered(reading, "yes", at=AT)) for one in new])
    for at in (3, 55):
        services.ledger.messages.move(new[at].id, Settled("by hand", *NO))
    for message_id in services.ledger.labels.to_check("c_1", 20):
        services.ledger.messages.move(message_id, Checked("Kim", *YES))
    said = told(capsys)
    assert "20 were sure and drawn in spot checks, 1 was sure and corrected where the spot checks had come by." in said
    assert "Of 21 reviewed readings from 0.85 on 1 was wrong" in said
    assert "Left out: 1 sure reading that" in said
