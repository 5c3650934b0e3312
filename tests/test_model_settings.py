"""What switches a language model on, and what stops the start because it can't be meant."""

from __future__ import annotations

import traceback
from decimal import Decimal

import pytest

from server.config import Settings, load_settings
from server.errors import ConfigError

KEY = "sk-not-a-real-one"
HOME = "http://127.0.0.1:11434/v1"


def given(**variables: str) -> Settings:
    return load_settings(_env_file=None, **variables)


def fault(**variables: str) -> str:
    with pytest.raises(ConfigError) as refused:
        given(**variables)
    return " ".join(refused.value.faults)


def test_without_a_key_nothing_is_asked_of_any_model() -> None:
    assert not given().model_is_on


def test_a_key_and_a_model_switch_it_on() -> None:
    settings = given(OPENAI_API_KEY=KEY, OPENAI_MODEL="small-1")
    assert settings.model_is_on
    assert KEY not in repr(settings)


def test_a_server_of_ones_own_needs_no_key() -> None:
    assert given(OPENAI_BASE_URL=HOME, OPENAI_MODEL="small-1").model_is_on


@pytest.mark.parametrize("key", ["sk-not\u200b-real", "“sk-not-real”", "sk-not real", "sk-not\nreal", "sk-nót-real"])
def test_a_key_that_no_header_can_carry_stops_the_start_and_is_not_repeated(key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        given(OPENAI_API_KEY=key, OPENAI_MODEL="small-1")
    assert str(refused.value).startswith("OPENAI_API_KEY: holds a character that no key has")
    assert "sk-n" not in "".join(traceback.format_exception(refused.value))


def test_a_key_without_a_model_stops_the_start() -> None:
    assert "OPENAI_MODEL must be set when OPENAI_API_KEY is" in fault(OPENAI_API_KEY=KEY)


def test_a_server_without_a_model_stops_the_start() -> None:
    assert "OPENAI_MODEL must be set when OPENAI_BASE_URL is" in fault(OPENAI_BASE_URL=HOME)


def test_a_model_of_openais_needs_a_key() -> None:
    assert "OPENAI_MODEL also needs OPENAI_API_KEY" in fault(OPENAI_MODEL="small-1")


@pytest.mark.parametrize("url", ["api.openai.com/v1", "ftp://models.example.org", "https://me@models.example.org/v1"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    assert fault(OPENAI_BASE_URL=url, OPENAI_MODEL="small-1").startswith("OPENAI_BASE_URL: must be an address")


@pytest.mark.parametrize("host", ["models.example.org", "8.8.8.8"])
def test_answers_of_people_do_not_travel_in_the_open(host: str) -> None:
    assert "must begin with https://" in fault(OPENAI_BASE_URL=f"http://{host}/v1", OPENAI_MODEL="small-1")


@pytest.mark.parametrize("host", ["localhost", "vllm:8000", "10.1.2.3:8000", "[::1]:8000", "models.lan"])
def test_inside_ones_own_network_they_may(host: str) -> None:
    assert given(OPENAI_BASE_URL=f"http://{host}/v1/", OPENAI_MODEL="m").openai_base_url == f"http://{host}/v1"


def test_the_path_of_the_call_is_no_part_of_the_address() -> None:
    url = "https://models.example.org/v1/chat/completions"
    assert given(OPENAI_BASE_URL=url, OPENAI_MODEL="m").openai_base_url == "https://models.example.org/v1"


def test_prices_that_can_not_be_read_stop_the_start() -> None:
    assert "OPENAI_PRICES: Prices are JSON such as" in fault(OPENAI_PRICES='{"small-1": [1]}')


def test_a_bound_in_money_needs_the_models_price() -> None:
    wanted = {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "small-1", "CELLBACK_MOST_COST": "5"}
    assert "CELLBACK_MOST_COST needs the price of “small-1”" in fault(**wanted)
    settings = given(**wanted, OPENAI_PRICES='{"small-1": [0.40, 0.10, 1.60]}')
    assert (settings.most_cost, settings.price is not None) == (Decimal(5), True)


@pytest.mark.parametrize("share", ["0.59", "1", "nan"])
def test_a_threshold_that_promises_too_much_or_nothing_stops_the_start(share: str) -> None:
    assert "CELLBACK_SURE_AT" in fault(CELLBACK_SURE_AT=share)
