"""The model as it is set up: who plans, drafts and reads, within which budget. Without one the offline model does."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.plan import Plan
from server.domain.usage import Made, Price, Usage, Used
from server.errors import NotFound, PermanentError, TemporaryError
from server.ports import Drafter, Interpreter, Ledger, Planner, PlanRequest

if TYPE_CHECKING:
    from server.llm.client import ModelClient
    from server.llm.tracing import Spans
    from server.llm.usage import TokenBudget

log = logging.getLogger(__name__)
R = TypeVar("R")

PLAN_SECONDS = 30.0
"""A person waits for a plan, and there is one without a model: where nothing comes it is asked for a minute at most."""
WAITED_TRIES, WAITED_PATIENCE = 2, 5.0
"""While a person waits: the panel gives up after 130 seconds (`MODEL_MS` in api.js), and should hear why before."""
AT_ONCE_AT_HOME = 8
"""Questions at once for a server that asks for no key: one graphics card answers a few at a time, and lets the others
wait until we give up."""
NO_KEY = "none"
"""What a server is told that asks for no key: the package wants one."""


class Models:
    """Planner, drafters and readers: with a model behind them when one is configured. Nothing of it is imported, nor
    any server asked, before the first use."""

    def __init__(self, settings: Settings, ledger: Callable[[], Ledger]) -> None:
        self._settings = settings
        self._ledger = ledger
        self._budgets: dict[str, TokenBudget] = {}
        self._lock = threading.Lock()

    @cached_property
    def client(self) -> ModelClient | None:
        """The model, None where there is only the offline one."""
        return self._client() if self._settings.model_is_on else None

    @property
    def name(self) -> str:
        """The model's name at its server, "" for the offline one."""
        return self._settings.openai_model if self._settings.model_is_on else ""

    @property
    def price(self) -> Price | None:
        """What its tokens cost, None where nobody said."""
        return self._settings.price

    @cached_property
    def ground(self) -> Planner:
        """The offline planner, which asks nobody."""
        from server.llm.offline import OfflinePlanner

        return OfflinePlanner()

    @cached_property
    def planner(self) -> Planner:
        """Says what an instruction means."""
        if not self._settings.model_is_on:
            return self.ground
        client = self._client(tries=WAITED_TRIES, patience=WAITED_PATIENCE, answer_seconds=PLAN_SECONDS)
        return Planning(client, self.ground, self._free)

    def drafter_for(self, campaign: Campaign, *, waited: bool = False) -> Drafter:
        """Writes the campaign's texts; one that a person waits for gives up sooner."""
        from server.llm.offline import OfflineDrafter

        if self.client is None:
            return OfflineDrafter()
        from server.llm.drafter import ModelDrafter

        client = self._waited if waited else self.client
        return ModelDrafter(client, OfflineDrafter(), budget=self.budget(campaign))

    @cached_property
    def _waited(self) -> ModelClient:
        return self._client(tries=WAITED_TRIES, patience=WAITED_PATIENCE)

    def interpreter_for(self, campaign: Campaign | None) -> Interpreter:
        """Reads the campaign's replies; without one, replies that somebody tries the reader on."""
        from server.llm.offline import OfflineInterpreter

        if self.client is None:
            return OfflineInterpreter()
        from server.llm.interpreter import ModelInterpreter

        budget = None if campaign is None else self.budget(campaign)
        return ModelInterpreter(self.client, OfflineInterpreter(), budget=budget)

    def threshold(self, campaign: Campaign | None) -> float:
        """The confidence from which a reading of that campaign is sure."""
        own = None if campaign is None else campaign.sure_at
        return self._settings.sure_at if own is None else own

    def bounds(self, campaign: Campaign) -> tuple[int | None, Decimal | None]:
        """The most tokens and money that its calls may use; None: no bound."""
        tokens = self._settings.most_tokens if campaign.most_tokens is None else campaign.most_tokens
        own = None if campaign.most_cost is None else Decimal(str(campaign.most_cost))
        return tokens, self._settings.most_cost if own is None else own

    def budget(self, campaign: Campaign) -> TokenBudget | None:
        """The campaign's one budget in this process, with its bounds as they are now; None without a model.

        What calls use is in the ledger a moment later.
        """
        if self.client is None:
            return None
        with self._lock:
            if campaign.id not in self._budgets:
                self._budgets[campaign.id] = self._made(campaign.id)
            budget = self._budgets[campaign.id]
        budget.bound(*self.bounds(campaign))
        return budget

    def count_plan(self, campaign: Campaign) -> None:
        """Count what planning took for the campaign that came of it: there was none while the model was asked."""
        from server.llm import prompting

        made = campaign.plan.made
        if made.usage != Usage():
            used = Used(made.prompt or prompting.load("plan").id, made.model or self.name, made.usage)
            self._ledger().usages.add(campaign.id, used)

    def wait_for(self, work: Callable[[], Awaitable[R]]) -> R:
        """Run a piece of work with a drafter or a reader from code that can't await, and hang up behind it."""
        import asyncio

        async def whole() -> R:
            try:
                return await work()
            finally:
                await self.hang_up()

        return asyncio.run(whole()) if self.client is None else self.client.wait_for(whole)

    async def hang_up(self) -> None:
        """End the connections of the running event loop."""
        for client in (self.__dict__.get("client"), self.__dict__.get("_waited")):
            if client is not None:
                await client.close()

    def _client(self, **more: float) -> ModelClient:
        from server.llm.client import AT_ONCE, ModelClient

        settings = self._settings
        key = settings.openai_api_key.get_secret_value()
        return ModelClient(
            key or NO_KEY,
            settings.openai_model,
            settings.openai_base_url,
            at_once=settings.model_at_once or (AT_ONCE if key else AT_ONCE_AT_HOME),
            spans=self._spans,
            **more,  # type: ignore[arg-type]
        )

    @cached_property
    def _spans(self) -> Spans:
        """Where the operator's exporter of OpenTelemetry is configured by its own variables, as everywhere."""
        from server.llm.tracing import spans

        return spans(os.environ)

    def _made(self, campaign_id: str) -> TokenBudget:
        from server.llm.usage import TokenBudget

        usages = self._ledger().usages
        return TokenBudget(
            campaign=campaign_id,
            price=self.price,
            note=lambda used: usages.add_soon(campaign_id, used).add_done_callback(_noted),
            look=lambda: sum((one.usage for one in usages.of_campaign(campaign_id)), Usage()),
            limits=lambda: self._limits(campaign_id),
        )

    def _limits(self, campaign_id: str) -> tuple[int | None, Decimal | None] | None:
        """The bounds of a campaign as they are in the ledger now, None when it is not there any more."""
        try:
            return self.bounds(self._ledger().campaigns.get(campaign_id))
        except NotFound:
            return None

    def _free(self, note: Callable[[Used], None]) -> TokenBudget:
        """For a plan, whose campaign is not there yet: the bounds of any campaign."""
        from server.llm.usage import TokenBudget

        return TokenBudget(self._settings.most_tokens, self._settings.most_cost, self.price, note=note)


class Planning:
    """Plans with a model, and without it when it can't be asked: a plan then says so. Implements Planner."""

    def __init__(
        self, client: ModelClient, ground: Planner, budget: Callable[[Callable[[Used], None]], TokenBudget]
    ) -> None:
        """`ground` plans offline; `budget` makes one that tells of what is used."""
        self._client = client
        self._ground = ground
        self._budget = budget

    def plan(self, request: PlanRequest) -> Plan:
        """A plan; what it took is in its `made`, also where the model was asked in vain. Raises InvalidInput."""
        from server.llm.planner import ModelPlanner

        told: list[Used] = []
        try:
            plan = ModelPlanner(self._client, self._ground, budget=self._budget(told.append)).plan(request)
        except (TemporaryError, PermanentError) as error:
            log.warning("planned without the model", extra={"detail": error.detail})
            note = f"Planned without the language model: {error.sentence}"
            plan = replace(self._ground.plan(request), note=note)
        took = sum((one.usage for one in told), Usage())
        return replace(plan, made=Made(plan.made.prompt, plan.made.model, took, plan.made.plan))


def _noted(stored: Future[None]) -> None:
    """What could not be stored is missing in the count; the call is made all the same."""
    if not stored.cancelled() and (error := stored.exception()) is not None:
        log.warning("usage of the model not noted", extra={"kind": type(error).__name__})
