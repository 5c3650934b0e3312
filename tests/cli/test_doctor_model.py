"""What `doctor` says of the language model, and what is to be mended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.cli.doctor import findings
from server.cli.doctor.model import look
from server.cli.doctor.names import Names
from server.config import Settings
from server.services import Services, build
from tests.emulators.openai import ModelServer, Said

PRICES = '{"emulated-1": [0.40, 0.10, 1.60]}'

Make = Callable[..., Settings]


def lines(settings: Settings) -> list[str]:
    return [str(found) for found in look(build(settings))]


def said(settings: Make, server: ModelServer, **variables: str) -> list[str]:
    return lines(settings(**{**server.environment(), **variables}))


def test_a_model_that_can_all_is_well_and_is_asked_for_next_to_nothing(settings: Make) -> None:
    with ModelServer() as server:
        model, budget = said(settings, server)
        assert model.startswith("ok    model           emulated-1 at 127.0.0.1 answers in forms, with probabilities")
        assert "30,000,000 tokens a campaign; without a price of emulated-1 in OPENAI_PRICES" in budget
        assert server.tokens["input"] < 100


def test_it_says_what_a_campaign_may_come_to(settings: Make) -> None:
    with ModelServer() as server:
        assert "which are 12.00 USD read and 48.00 USD written" in said(settings, server, OPENAI_PRICES=PRICES)[1]
        bound = said(settings, server, OPENAI_PRICES=PRICES, CELLBACK_MOST_COST="5")[1]
        assert bound.startswith("ok    model budget    5.00 USD or 30,000,000 tokens a campaign")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"OPENAI_MODEL": "emulated-2"}, "There is no model “emulated-2” at 127.0.0.1"),
        ({"OPENAI_API_KEY": "sk-another"}, "127.0.0.1 does not accept the key in OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "The model at 127.0.0.1 can't be reached"),
    ],
)
def test_it_says_what_to_mend(settings: Make, variables: dict[str, str], words: str) -> None:
    with ModelServer() as server:
        found = said(settings, server, **variables)[0]
        assert found.startswith("FAIL  model")
        assert words in found


@pytest.mark.parametrize(
    ("able", "words"),
    [
        ({"refuses": ["response_format"]}, "knows no structured outputs"),
        ({"logprobs": False}, "gives no probabilities of tokens"),
        ({"refuses": ["logprobs"]}, "gives no probabilities of tokens"),
    ],
)
def test_what_a_model_lacks_is_said_and_is_no_failure(settings: Make, able: dict[str, object], words: str) -> None:
    with ModelServer(**able) as server:  # type: ignore[arg-type]
        if able == {"refuses": ["response_format"]}:
            server.script(Said('{"word": "yes"}'))
        found = said(settings, server)[0]
        assert found.startswith("warn  model")
        assert words in found


def test_a_server_that_only_lists_its_models_is_believed(settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as server:
        every = server._models
        monkeypatch.setattr(server, "_models", lambda path: every(path if path == "/v1/models" else f"{path}-unknown"))
        assert said(settings, server)[0].startswith("ok    model")


def test_without_a_model_it_says_what_switches_one_on(settings: Make, redis_db: str) -> None:
    services: Services = build(settings(REDIS_URL=redis_db))
    try:
        off = [str(one) for one in findings(services, Names()) if one.name == "model"]
    finally:
        services.close()
    assert off == [
        "off   model           The offline model plans, drafts and reads. For a language model set OPENAI_API_KEY and "
        "OPENAI_MODEL."
    ]
