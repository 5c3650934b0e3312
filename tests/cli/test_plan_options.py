"""What `run` is told of the plan: how texts sound, when to remind, one text, and what to leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.__main__ import main, parser
from server.campaigns import CampaignService
from server.cli import run
from server.cli.request import Request
from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.words import CampaignState
from server.errors import InvalidInput
from server.services import Services, build
from tests.books import book

SHIRT = "Send each person their start time and mention their T-shirt size"


@pytest.fixture
def services(settings: Callable[..., Settings]) -> Iterator[Services]:
    made = build(settings())
    yield made
    made.close()


@pytest.fixture
def workbook(tmp_path: Path) -> str:
    rows = [["Ana", "ana@example.org", "09:40"]]
    return str(book(tmp_path / "people.xlsx", ["Name", "Email", "Start time"], rows))


def begun(services: Services, workbook: str, *options: str) -> Campaign:
    """As `run` does before it starts anything."""
    request = Request.of(parser().parse_args(["run", workbook, "--instruction", SHIRT, *options]))
    return run._campaign(CampaignService(services), workbook, request)


def test_it_ends_before_drafting_with_how_to_leave_it_out(services: Services, workbook: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        begun(services, workbook)
    assert refused.value.sentence == (
        "The instruction asks for “T-shirt size”, and no column of “Contestants” holds it. Choose a column for it, add "
        "one to the sheet, or leave it out. To leave it out, add --leave-out 'T-shirt size'."
    )
    assert refused.value.suggestions == ()


def test_it_goes_on_with_the_same_campaign_once_it_may_leave_it_out(services: Services, workbook: str) -> None:
    with pytest.raises(InvalidInput):
        begun(services, workbook)
    campaign = begun(services, workbook, "--leave-out", "t-shirt size")
    assert (campaign.plan.left_out, campaign.plan.missing) == (("T-shirt size",), ())
    assert begun(services, workbook, "--leave-out", "T-shirt size") == campaign
    assert begun(services, workbook) == campaign
    assert len(services.ledger.campaigns.of_sheet(campaign.workbook)) == 1


def test_it_refuses_to_leave_out_what_nobody_asked_for(services: Services, workbook: str) -> None:
    with pytest.raises(InvalidInput, match="does not say “shoe size”"):
        begun(services, workbook, "--leave-out", "shoe size")


def test_it_plans_with_what_it_was_told(services: Services, workbook: str) -> None:
    options = ("--leave-out", "T-shirt size", "--tone", "warm", "--language", "de", "--remind-after", "3", "--one-text")
    plan = begun(services, workbook, *options).plan
    assert (plan.tone, plan.language, plan.remind_after) == ("warm", "de", 3)
    assert "{{Start time}}" in plan.template
    assert plan.template.startswith("Guten Tag {{Name}},")
    assert begun(services, workbook, *options).plan == plan


def test_until_it_is_begun_the_same_command_may_say_more(
    services: Services, workbook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left = ("--leave-out", "T-shirt size")
    first = begun(services, workbook, *left, "--tone", "warm")
    second = begun(services, workbook, *left, "--tone", "formal", "--language", "fr", "--remind-after", "9")
    assert (second.id, second.plan.tone, second.plan.language, second.plan.remind_after) == (
        first.id,
        "formal",
        "fr",
        9,
    )
    assert capsys.readouterr().err == ""


def test_once_it_is_begun_only_the_reminder_changes_and_it_says_what_stays(
    services: Services, workbook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left = ("--leave-out", "T-shirt size")
    first = begun(services, workbook, *left, "--tone", "warm")
    services.ledger.campaigns.move(first.id, CampaignState.DRAFTING)
    services.ledger.campaigns.move(first.id, CampaignState.DRAFTED)
    second = begun(services, workbook, *left, "--tone", "formal", "--language", "fr", "--remind-after", "9")
    assert (second.id, second.plan.tone, second.plan.remind_after) == (first.id, "warm", 9)
    assert "begun with other --language and --tone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--tone", "x" * 61), "The tone has 61 characters"),
        (("--language", "german"), "“german” is no language code"),
        (("--remind-after", "400", "--leave-out", "T-shirt size"), "“400” is no number of days"),
    ],
)
def test_it_refuses_what_can_not_be(services: Services, workbook: str, option: tuple[str, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        begun(services, workbook, *option)


def test_it_exits_1_and_says_it_on_standard_error(
    settings: Callable[..., Settings],
    workbook: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(run, "load_settings", settings)
    assert main(["run", workbook, "--instruction", SHIRT]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("cellback: The instruction asks for “T-shirt size”")
    assert told.out == ""
