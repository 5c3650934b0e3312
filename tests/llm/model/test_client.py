"""Calls of a model: forms, retries, faults as sentences, counted tokens, budgets; and nothing of a text in a log."""

from __future__ import annotations

import asyncio
import logging
import socket
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from server.domain.usage import Price, Usage
from server.errors import CellbackError, PermanentError, TemporaryError
from server.llm.client import Answer, Ask, ModelClient
from server.llm.prompting import Prompt
from server.llm.usage import TokenBudget
from tests.emulators.openai import ModelServer, Said
from tests.llm.model.conftest import client_of, run

SECRET = "Ana Souza lives at Rua das Flores 12"


class Verdict(BaseModel):
    outcome: str
    certainty: float


PROMPT = Prompt("verdict", "You give verdicts.")
GOOD = Said({"outcome": "yes", "certainty": 0.9}, sure={"outcome": 0.75})


def ask(**more: Any) -> Ask[Verdict]:
    return Ask(PROMPT, Verdict, {"question": "Are you coming?"}, {"reply": SECRET}, **more)


def answered(server: ModelServer, *, budget: TokenBudget | None = None, **more: Any) -> Answer[Verdict]:
    client = client_of(server, **more)
    return run(client, lambda: client.ask(ask(), budget))


def failed(server: ModelServer, **more: Any) -> CellbackError:
    with pytest.raises(CellbackError) as caught:
        answered(server, **more)
    return caught.value


def test_it_answers_in_the_form_asked_for(server: ModelServer) -> None:
    server.script(GOOD)
    found = answered(server)
    assert found.value == Verdict(outcome="yes", certainty=0.9)
    assert found.prompt == PROMPT.id
    assert server.refused == []


def test_it_sends_the_static_part_first_and_data_as_json_strings_last(server: ModelServer) -> None:
    server.script(GOOD)
    answered(server)
    asked = server.calls[0].question
    assert asked is not None
    assert [message["role"] for message in asked.fields["messages"]] == ["system", "user", "user"]
    assert asked.fields["messages"][0]["content"] == "You give verdicts."
    assert asked.block("campaign") == {"question": "Are you coming?"}
    assert asked.block("data") == {"reply": SECRET}


def test_it_tells_how_probable_each_field_was(server: ModelServer) -> None:
    server.script(GOOD)
    client = client_of(server)
    found = run(client, lambda: client.ask(ask(certainties=True)))
    assert found.certain["outcome"] == pytest.approx(0.75, abs=0.001)
    assert found.certain["certainty"] == pytest.approx(0.99, abs=0.001)


def test_without_probabilities_it_tells_none() -> None:
    with ModelServer(logprobs=False) as server:
        server.script(GOOD)
        client = client_of(server)
        assert run(client, lambda: client.ask(ask(certainties=True))).certain == {}


@pytest.mark.parametrize("option", ["logprobs", "temperature", "max_completion_tokens", "response_format"])
def test_it_does_without_what_a_model_refuses_and_remembers(option: str) -> None:
    with ModelServer(refuses=[option]) as server:
        server.script(GOOD, GOOD)
        client = client_of(server)

        async def twice() -> None:
            await client.ask(ask(certainties=True, temperature=0.0))
            await client.ask(ask(certainties=True, temperature=0.0))

        run(client, twice)
        assert [call.status for call in server.calls] == [400, 200, 200]


def test_a_text_that_an_error_repeats_switches_nothing_off(server: ModelServer) -> None:
    server.fault("bad")
    client = client_of(server)
    hostile = Ask(PROMPT, Verdict, {}, {"reply": "response_format logprobs temperature " * 20})
    with pytest.raises(PermanentError):
        run(client, lambda: client.ask(hostile))
    server.script(GOOD)
    asked = run(client, lambda: client.ask(ask(certainties=True)))
    assert asked.certain
    assert [call.status for call in server.calls] == [400, 200]


def test_a_model_without_forms_is_told_the_form_in_words() -> None:
    with ModelServer(refuses=["response_format"]) as server:
        server.script(Said('```json\n{"outcome": "yes", "certainty": 1}\n```'))
        assert answered(server).value.outcome == "yes"
        asked = server.calls[-1].question
        assert asked is not None
        assert '"additionalProperties": false' in asked.text


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop", "invalid", "other-form"])
def test_it_tries_again_after_a_passing_fault(server: ModelServer, kind: str) -> None:
    server.fault(kind)
    server.script(*([GOOD] * 3))
    assert answered(server).value.outcome == "yes"
    assert len(server.calls) == 2


@pytest.mark.parametrize("kind", ["500", "503", "drop"])
def test_it_gives_up_for_now_after_three_tries(server: ModelServer, kind: str) -> None:
    server.fault(kind, times=None)
    assert isinstance(failed(server), TemporaryError)
    assert len(server.calls) == 3


def test_it_waits_as_long_as_it_is_asked_to(server: ModelServer) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    server.fault("429", retry_after="7")
    server.script(GOOD)
    answered(server, sleep=note)
    assert waited == [pytest.approx(7.0, abs=0.5)]


def test_asked_to_slow_down_again_and_again_it_gives_up_for_now(server: ModelServer) -> None:
    server.fault("429", times=None)
    assert isinstance(failed(server), TemporaryError)
    assert len(server.calls) == 8


def test_a_server_that_bears_few_questions_at_once_answers_all_of_many() -> None:
    """What a low tier of an account, or a single graphics card, is to 40 rows."""
    with ModelServer(at_once=16, latency=0.05) as server:
        server.answer = GOOD
        client = client_of(server, sleep=asyncio.sleep)

        async def many() -> list[Answer[Verdict]]:
            return list(await asyncio.gather(*(client.ask(ask()) for _ in range(40))))

        assert len(run(client, many)) == 40
        assert [call.status for call in server.calls].count(200) == 40
        assert {call.status for call in server.calls} <= {200, 429}


def test_asked_to_wait_long_it_says_until_when_and_waits_not(server: ModelServer) -> None:
    server.fault("429", retry_after="120", times=None)
    error = failed(server)
    assert isinstance(error, TemporaryError)
    assert error.retry_after == 120.0
    assert len(server.calls) == 1


def test_a_server_that_hangs_is_left_after_its_time(server: ModelServer) -> None:
    server.fault("hang", times=None)
    error = failed(server, answer_seconds=0.05, tries=2)
    assert isinstance(error, TemporaryError)
    assert error.sentence == "The model at 127.0.0.1 did not answer in time."


def test_a_slow_answer_is_an_answer(server: ModelServer) -> None:
    server.fault("slow")
    server.script(GOOD)
    assert answered(server).value.outcome == "yes"


def test_nobody_there_is_a_passing_fault() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = ModelClient("sk-x", "m", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", tries=1)
        with pytest.raises(TemporaryError, match="can't be reached"):
            run(client, lambda: client.ask(ask()))


@pytest.mark.parametrize(
    ("kind", "words", "whole"),
    [
        ("key", "OPENAI_API_KEY", True),
        ("forbidden", "may not use the model", True),
        ("model", "There is no model “emulated-1”", True),
        ("quota", "no credit left", True),
        ("context", "Shorten it", False),
        ("policy", "refuses", False),
        ("bad", "does not accept our requests", True),
        ("html", "no model server", True),
        ("empty", "no model server", True),
        ("huge", "no model server", True),
        ("refusal", "refuses", False),
        ("filter", "refuses", False),
    ],
)
def test_what_will_never_work_is_said_once_and_not_tried_again(
    server: ModelServer, kind: str, words: str, whole: bool
) -> None:
    server.fault(kind, times=None)
    server.script(*([GOOD] * 3))
    error = failed(server)
    assert isinstance(error, PermanentError)
    assert words in error.sentence
    assert error.whole_campaign is whole
    assert len(server.calls) == 1


def test_a_cut_off_answer_is_asked_for_once_more_with_more_room(server: ModelServer) -> None:
    server.fault("truncated")
    server.script(GOOD, GOOD)
    assert answered(server).value.outcome == "yes"
    rooms = [call.question.fields["max_completion_tokens"] for call in server.calls if call.question]
    assert rooms == [1000, 2000]


def test_cut_off_twice_the_row_says_so(server: ModelServer) -> None:
    server.fault("truncated", times=None)
    server.script(GOOD, GOOD)
    assert "cut off" in failed(server).sentence
    assert len(server.calls) == 2


@pytest.mark.parametrize("kind", ["invalid", "other-form"])
def test_an_answer_of_no_use_is_not_asked_for_for_ever(server: ModelServer, kind: str) -> None:
    server.fault(kind, times=None)
    server.script(*([GOOD] * 3))
    assert isinstance(failed(server), PermanentError)
    assert len(server.calls) == 3


def test_a_wrong_key_is_refused_and_repeated_nowhere(server: ModelServer) -> None:
    error = failed(server, key="sk-of-somebody-else")
    assert "somebody" not in f"{error.sentence} {error.detail} {error!r}"


@pytest.mark.parametrize("kind", ["bad", "context", "policy", "invalid", "429", "key"])
def test_no_text_and_no_key_gets_into_a_log_or_an_error(
    server: ModelServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fault(kind, times=None)
    server.script(*([GOOD] * 3))
    error = failed(server)
    told = " ".join([error.sentence, error.detail, *(str(vars(record)) for record in caplog.records)])
    assert "Souza" not in told
    assert server.key not in told
    assert server.key not in repr(client_of(server))


def test_it_counts_tokens_and_what_was_cached(server: ModelServer) -> None:
    long = Prompt("verdict", "You give verdicts. " * 400)
    server.script(GOOD, GOOD)
    client = client_of(server)
    budget = TokenBudget()

    async def twice() -> None:
        for reply in ("Yes", "No"):
            await client.ask(Ask(long, Verdict, {}, {"reply": reply}), budget)

    run(client, twice)
    assert budget.spent.calls == 2
    assert budget.spent.cached > 1000
    assert budget.spent == Usage(server.tokens["input"], server.tokens["cached"], server.tokens["output"], 2)


def test_a_server_that_counts_nothing_is_counted_by_length(server: ModelServer) -> None:
    server.fault("no-usage")
    server.script(GOOD)
    budget = TokenBudget()
    answered(server, budget=budget)
    assert budget.spent.tokens > 0


def test_a_budget_stops_it_before_the_call(server: ModelServer) -> None:
    with pytest.raises(PermanentError, match="budget for this campaign is used up") as caught:
        answered(server, budget=TokenBudget(most_tokens=100))
    assert caught.value.whole_campaign
    assert server.calls == []


def test_calls_at_once_do_not_go_over_a_budget(server: ModelServer) -> None:
    server.answer = GOOD
    budget = TokenBudget(most_tokens=2_000)
    client = client_of(server)

    async def many() -> list[object]:
        return await asyncio.gather(*(client.ask(ask(), budget) for _ in range(40)), return_exceptions=True)

    found = run(client, many)
    assert 0 < sum(isinstance(one, Answer) for one in found) < 40
    assert budget.spent.tokens <= 2_000
    assert all(isinstance(one, Answer | PermanentError) for one in found)


def test_a_budget_is_used_up_by_what_was_spent_and_not_by_what_others_may_spend(server: ModelServer) -> None:
    server.answer = GOOD
    alone, budget = TokenBudget(), TokenBudget(most_tokens=20_000)
    answered(server, budget=alone)
    client = client_of(server)

    async def many() -> list[object]:
        return await asyncio.gather(*(client.ask(ask(), budget) for _ in range(40)), return_exceptions=True)

    assert alone.spent.tokens * 41 < 20_000
    assert all(isinstance(one, Answer) for one in run(client, many))


def test_what_was_refused_costs_nothing_of_a_budget(server: ModelServer) -> None:
    server.fault("429", times=None)
    budget = TokenBudget(most_tokens=10_000)
    with pytest.raises(TemporaryError):
        answered(server, budget=budget)
    assert budget.spent.tokens == 0


def test_an_answer_that_was_lost_may_have_cost_something(server: ModelServer) -> None:
    server.fault("drop", times=None)
    budget = TokenBudget(most_tokens=10_000)
    with pytest.raises(TemporaryError):
        answered(server, budget=budget, tries=1)
    assert budget.spent.input > 0


def test_a_budget_in_money_is_kept_by_the_price(server: ModelServer) -> None:
    server.answer = GOOD
    price = Price(Decimal(10), Decimal(1), Decimal(20))
    budget = TokenBudget(most_cost=Decimal("0.05"), price=price)
    client = client_of(server)

    async def until_it_stops() -> None:
        while True:
            await client.ask(ask(), budget)

    with pytest.raises(PermanentError, match=r"of 0\.0500 USD"):
        run(client, until_it_stops)
    assert budget.cost is not None
    assert 0 < budget.cost <= Decimal("0.05")


def test_it_sees_that_key_and_model_are_known(server: ModelServer) -> None:
    good, other = client_of(server), client_of(server, model="another")
    run(good, good.check)
    with pytest.raises(PermanentError, match="There is no model “another”"):
        run(other, other.check)


def test_code_that_can_not_await_is_answered_too(server: ModelServer) -> None:
    server.script(GOOD)
    client = client_of(server)

    async def within_a_loop() -> Answer[Verdict]:
        return client.wait_for(lambda: client.ask(ask()))

    assert asyncio.run(within_a_loop()).value.outcome == "yes"


def test_a_call_that_is_broken_off_may_have_cost_something(server: ModelServer) -> None:
    server.fault("hang")
    budget, client = TokenBudget(most_tokens=10_000), client_of(server)

    async def broken_off() -> None:
        asking = asyncio.create_task(client.ask(ask(), budget))
        while not server.calls:
            await asyncio.sleep(0.001)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    run(client, broken_off)
    assert (budget.spent.calls, budget.spent.output) == (1, 0)
    assert budget.spent.input > 0
