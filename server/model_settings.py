"""Settings of the language model: which one, where, what it costs, and how far a campaign may go with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from server.domain.confidence import LEAST_SURE_AT, SURE_AT
from server.domain.usage import Price, parse_prices, price_of
from server.provider_settings import NONE, http_url

OPENAI = "https://api.openai.com/v1"
_ENDPOINT = re.compile(r"/chat/completions$")
_AT_HOME = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


def _base_url(value: str) -> str:
    """Vendors' pages often show it with the path of the call behind."""
    url = _ENDPOINT.sub("", http_url(value))
    if set("?#@") & set(url):
        raise ValueError(f"must be an address alone, such as {OPENAI}")
    if url.startswith("http://") and not _at_home(urlsplit(url).hostname or ""):
        raise ValueError("must begin with https:// where the server is not in your own network")
    return url


def _at_home(host: str) -> bool:
    """This machine, a private address, or a name that only a network of one's own knows."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_AT_HOME)
    return address.is_loopback or address.is_private


def _key(value: SecretStr) -> SecretStr:
    """It goes into a header: a typographic quote or an invisible character that came along would break every call."""
    if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
        raise ValueError("holds a character that no key has, such as a space, a quote, or one that is not seen")
    return value


def _prices(value: str) -> str:
    parse_prices(value)
    return value


class ModelSettings(BaseSettings):
    """A model is switched on by OPENAI_MODEL together with a key, or with a server other than OpenAI's."""

    openai_api_key: Annotated[SecretStr, AfterValidator(_key)] = Field(NONE, validation_alias="OPENAI_API_KEY")
    """Empty: the offline model, or a server of one's own that asks for no key."""
    openai_model: str = Field("", validation_alias="OPENAI_MODEL")
    openai_base_url: Annotated[str, AfterValidator(_base_url)] = Field(OPENAI, validation_alias="OPENAI_BASE_URL")
    """Where its API is, with the version: the only address that is told the key."""
    openai_prices: Annotated[str, AfterValidator(_prices)] = Field("", validation_alias="OPENAI_PRICES")
    """USD a million tokens, as JSON: {"model": [in, cached in, out]}; empty: tokens are counted, money is not."""
    model_at_once: int | None = Field(None, gt=0, le=1000, validation_alias="CELLBACK_MODEL_AT_ONCE")
    """Questions that a worker has at the model at once; empty: 64, and 8 where no key is set."""
    most_tokens: int = Field(30_000_000, gt=0, validation_alias="CELLBACK_MOST_TOKENS")
    """Tokens that one campaign may use: some 10,000 rows drafted one by one and read. What goes on behind that is
    rarely meant, and every loop of ours has an end."""
    most_cost: Decimal | None = Field(None, gt=0, validation_alias="CELLBACK_MOST_COST")
    """Money that one campaign's calls may cost, in the currency of the prices; empty: only tokens bound it."""
    sure_at: float = Field(SURE_AT, ge=LEAST_SURE_AT, le=0.99, validation_alias="CELLBACK_SURE_AT")
    """Confidence from which a reading is sure, for campaigns without a threshold of their own."""

    @property
    def model_is_on(self) -> bool:
        """Whether texts and readings are a language model's."""
        elsewhere = self.openai_base_url != OPENAI
        return bool(self.openai_model and (elsewhere or self.openai_api_key.get_secret_value()))

    @property
    def prices(self) -> Mapping[str, Price]:
        """By the models' exact names."""
        return parse_prices(self.openai_prices)

    @property
    def price(self) -> Price | None:
        """The chosen model's, None where nobody gave one."""
        return price_of(self.openai_model, self.prices)

    def model_faults(self) -> list[str]:
        """What is wrong between these settings, a sentence each."""
        key, elsewhere = self.openai_api_key.get_secret_value(), self.openai_base_url != OPENAI
        faults = []
        if (key or elsewhere) and not self.openai_model:
            given = "OPENAI_API_KEY" if key else "OPENAI_BASE_URL"
            faults.append(f"OPENAI_MODEL must be set when {given} is: the model's name at that server")
        if self.openai_model and not key and not elsewhere:
            faults.append(
                "OPENAI_MODEL also needs OPENAI_API_KEY, or the OPENAI_BASE_URL of a server that asks for no key"
            )
        if self.model_is_on and self.most_cost is not None and self.price is None:
            faults.append(f"CELLBACK_MOST_COST needs the price of “{self.openai_model}” in OPENAI_PRICES")
        return faults
