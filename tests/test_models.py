"""The model as it is set up: who plans, drafts and reads, what is counted, and what happens when it can't be asked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.confidence import SURE_AT
from server.domain.plan import Plan, parse_answer_column
from server.domain.plan_words import words
from server.domain.usage import NOT_MADE, Usage, Used
from server.domain.words import ChannelName, Flag
from server.errors import InvalidInput, PermanentError, TemporaryError
from server.llm import prompting
from server.llm.client import ANSWER_SECONDS
from server.llm.usage import LOOK_SECONDS
from server.models import NO_KEY, PLAN_SECONDS, WAITED_PATIENCE, WAITED_TRIES
from server.ports import PlanRequest, ReadRequest
from server.services import Services, build
from tests.emulators.openai import ModelServer
from tests.llm.sheet import CONTESTANTS, table

INSTRUCTION = "Send each contestant their individual start time and ask them to confirm availability"
PLAN = Plan(
    ChannelName.OUTBOX,
    "outbox",
    "Email",
    "Name",
    read_columns=("Name", "Start time"),
    answer_columns=(parse_answer_column("Availability=Yes|No"),),
    question="Could you please confirm your availability?",
)
CAMPAIGN = Campaign("c_1", "book.xlsx", "Contestants", "Times", INSTRUCTION, PLAN)
ROW = {"Name": "Ana Souza", "Start time": "09:40"}
PRICES = '{"emulated-1": [1.00, 0.50, 2.00]}'

Make = Callable[..., Services]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as found:
        yield found


@pytest.fixture
def make(settings: Callable[..., Settings]) -> Iterator[Make]:
    """Services of a process of its own, over one ledger."""
    made: list[Services] = []

    def services(**variables: object) -> Services:
        made.append(build(settings(**variables)))
        return made[-1]

    yield services
    for one in made:
        one.close()


def draft(services: Services, campaign: Campaign = CAMPAIGN) -> str:
    drafter = services.drafter_for(campaign)
    return services.models.wait_for(lambda: drafter.draft(PLAN, INSTRUCTION, ROW)).text


def stored(services: Services) -> list[Used]:
    """What the ledger holds when everything that was queued is written."""
    services.ledger.usages.add("c_other", Used("", "", Usage(calls=1)))
    return services.ledger.usages.of_campaign("c_1")


def request() -> PlanRequest:
    return PlanRequest(INSTRUCTION, table(*CONTESTANTS))


def test_without_a_key_nothing_is_asked_of_anybody(make: Make) -> None:
    services = make()
    assert services.offline_model
    assert services.models.client is None
    assert services.models.budget(CAMPAIGN) is None
    assert services.planner.plan(request()).made == NOT_MADE
    assert "Ana Souza" in draft(services)


def test_a_server_of_ones_own_without_a_key_is_asked_without_one(make: Make) -> None:
    with ModelServer(key=NO_KEY) as server:
        services = make(OPENAI_BASE_URL=server.url, OPENAI_MODEL=server.model)
        assert "Ana" in draft(services)
        assert server.refused == []


def test_nothing_of_a_model_is_imported_where_none_is_set_up(data_dir: Path) -> None:
    """Half a second and 50 MB in each of four processes."""
    program = (
        "import sys\n"
        "import jobs.drafting, jobs.interpreting, jobs.worker\n"
        "from server import create_app\n"
        "from server.config import load_settings\n"
        f"services = create_app(load_settings(_env_file=None, CELLBACK_DATA_DIR={str(data_dir)!r})).services\n"
        "services.planner, services.interpreter_for(None), services.drafter_for(None)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'openai', 'httpx2'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_what_calls_use_is_in_the_ledger_under_prompt_and_model(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    draft(services)
    draft(services)
    used = Usage(server.tokens["input"], server.tokens["cached"], server.tokens["output"], 2)
    assert stored(services) == [Used(prompting.load("draft").id, "emulated-1", used)]


def test_a_campaign_stops_at_its_bound_whoever_spent_it(make: Make, server: ModelServer) -> None:
    here, there = make(**server.environment()), make(**server.environment())
    bound = replace(CAMPAIGN, most_tokens=8_000)
    draft(here, bound)
    stored(here)
    there.ledger.usages.add("c_1", Used("draft@elsewhere", "emulated-1", Usage(7_000, 0, 0, 6)))
    with pytest.raises(PermanentError, match="budget for this campaign is used up") as stopped:
        draft(there, bound)
    assert stopped.value.whole_campaign
    budget = here.models.budget(bound)
    assert budget is not None
    budget.clock = lambda: LOOK_SECONDS + 1e9
    with pytest.raises(PermanentError, match="of 8,000 tokens"):
        draft(here, bound)


def test_a_raised_bound_lets_it_go_on(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    with pytest.raises(PermanentError):
        draft(services, replace(CAMPAIGN, most_tokens=10))
    assert "Ana" in draft(services, replace(CAMPAIGN, most_tokens=100_000))


def test_a_bound_that_is_lowered_while_rows_are_drafted_holds(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    services.ledger.campaigns.add(CAMPAIGN)
    drafter = services.drafter_for(CAMPAIGN)  # kept for a whole chunk
    services.models.wait_for(lambda: drafter.draft(PLAN, INSTRUCTION, ROW))
    services.ledger.campaigns.save(replace(CAMPAIGN, most_tokens=10))
    budget = services.models._budgets["c_1"]
    budget.clock = lambda: LOOK_SECONDS + 1e9
    with pytest.raises(PermanentError, match="of 10 tokens"):
        services.models.wait_for(lambda: drafter.draft(PLAN, INSTRUCTION, ROW))


def test_who_waits_for_a_model_hears_why_before_the_panel_gives_up(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    server.fault("500", times=None)
    drafter = services.drafter_for(CAMPAIGN, waited=True)
    with pytest.raises(TemporaryError, match="has trouble of its own"):
        services.models.wait_for(lambda: drafter.template(PLAN, INSTRUCTION))
    assert len(server.calls) == WAITED_TRIES
    api = (Path(__file__).parents[1] / "server/web/static/panel/api.js").read_text(encoding="utf-8")
    patience = int(api.partition("MODEL_MS = ")[2].partition(";")[0]) / 1000
    assert max(ANSWER_SECONDS, PLAN_SECONDS) * WAITED_TRIES + WAITED_PATIENCE < patience


def test_the_operators_bound_holds_where_a_campaign_has_none(make: Make, server: ModelServer) -> None:
    services = make(**server.environment(), CELLBACK_MOST_TOKENS="10")
    with pytest.raises(PermanentError, match="of 10 tokens"):
        draft(services)


def test_a_bound_in_money_holds_too(make: Make, server: ModelServer) -> None:
    services = make(**server.environment(), OPENAI_PRICES=PRICES, CELLBACK_MOST_COST="0.001")
    with pytest.raises(PermanentError, match=r"0\.00 USD of 0\.0010 USD"):
        draft(services)
    assert server.calls == []


def test_a_campaigns_bound_in_money_without_a_price_is_said_and_replies_are_read_all_the_same(
    make: Make, server: ModelServer
) -> None:
    services, bound = make(**server.environment()), replace(CAMPAIGN, most_cost=5.0)
    with pytest.raises(PermanentError, match="OPENAI_PRICES"):
        draft(services, bound)
    reader = services.interpreter_for(bound)
    reading = asyncio.run(reader.read(ReadRequest("Yes, I'll be there", PLAN.question, PLAN, ROW)))
    assert (reading.values, reading.flag) == ({"Availability": "Yes"}, Flag.CHECK)


def test_a_plan_counts_for_the_campaign_that_comes_of_it(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    plan = services.planner.plan(request())
    services.models.count_plan(replace(CAMPAIGN, plan=plan))
    used = Usage(server.tokens["input"], server.tokens["cached"], server.tokens["output"], 1)
    assert stored(services) == [Used(prompting.load("plan").id, "emulated-1", used)]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("key", "127.0.0.1 does not accept the key in OPENAI_API_KEY. Put in a valid one."),
        ("model", "There is no model “emulated-1” at 127.0.0.1"),
        ("quota", "The account at 127.0.0.1 has no credit left for the model."),
        ("refusal", "The model refuses to work on this text."),
        ("truncated", "The model's answer was cut off."),
        ("html", "What answers at 127.0.0.1 is no model server."),
        ("huge", "What answers at 127.0.0.1 is no model server."),
        ("other-form", "The model gave no answer that could be used."),
        ("invalid", "The model gave no answer that could be used."),
        ("500", "The model at 127.0.0.1 has trouble of its own just now."),
        ("429", "The model at 127.0.0.1 asks us to slow down."),
        ("drop", "The model at 127.0.0.1 can't be reached just now."),
        ("hang", "The model at 127.0.0.1 did not answer in time."),
    ],
)
def test_a_plan_is_made_without_a_model_that_can_not_be_asked_and_says_why(
    make: Make, server: ModelServer, kind: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.models.PLAN_SECONDS", 0.2 if kind == "hang" else 30.0)
    monkeypatch.setattr("server.llm.client._backoff", lambda _: 0.0)
    server.fault(kind, times=None)
    services = make(**server.environment())
    plan = services.planner.plan(request())
    assert plan.note.startswith(f"Planned without the language model: {why}")
    assert words(plan).startswith(plan.note)
    assert replace(plan, note="", made=NOT_MADE) == services.models.ground.plan(request())
    assert (plan.made.prompt, plan.made.model) == ("", "")


def test_what_a_model_took_that_made_no_plan_counts_as_well(make: Make, server: ModelServer) -> None:
    server.fault("other-form", times=None)
    services = make(**server.environment())
    services.models.count_plan(replace(CAMPAIGN, plan=services.planner.plan(request())))
    [used] = stored(services)
    assert (used.prompt, used.model, used.usage.calls) == (prompting.load("plan").id, "emulated-1", 2)
    assert used.usage.input == server.tokens["input"]


def test_a_model_that_is_away_keeps_nobody_from_starting(make: Make) -> None:
    gone = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_MODEL": "small-1"}
    services = make(**gone)
    assert not services.offline_model
    assert "can't be reached" in services.planner.plan(request()).note


def test_a_sheet_of_which_no_plan_can_be_made_is_said_as_ever(make: Make, server: ModelServer) -> None:
    services = make(**server.environment())
    with pytest.raises(InvalidInput):
        services.planner.plan(PlanRequest(INSTRUCTION, table(("Name",), ("Ana",))))
    assert server.calls == []


def test_a_campaigns_threshold_stands_before_the_operators(make: Make) -> None:
    services = make(CELLBACK_SURE_AT="0.9")
    assert services.threshold(CAMPAIGN) == services.threshold(None) == 0.9
    assert services.threshold(replace(CAMPAIGN, sure_at=0.7)) == 0.7
    assert make().threshold(CAMPAIGN) == SURE_AT
