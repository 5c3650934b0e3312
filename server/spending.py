"""What a campaign's calls of the model used, and what the rows that have no text yet would use: told before it runs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from server.domain.campaign import Campaign
from server.domain.rows import choose
from server.domain.usage import Usage, Used, estimate, shown
from server.errors import TemporaryError
from server.ports import Sheet
from server.services import Services

LOOKED_AT = 100
"""Rows whose size is looked at where nothing was drafted yet."""
A_ROW = 200
"""Characters of a row that can't be looked at."""


@dataclass(frozen=True, slots=True)
class Spending:
    """All calls of a campaign together in `usage`; `per_row` is tokens a text, `rest` rows without one."""

    model: str
    usage: Usage
    cost: Decimal | None
    most_tokens: int | None
    most_cost: Decimal | None
    per_row: int
    rest: int
    sentence: str


def spending(services: Services, sheet: Sheet, campaign: Campaign, rest: int) -> Spending:
    """What a campaign with so many rows without a text used, and would use."""
    models, price = services.models, services.models.price
    used = services.ledger.usages.of_campaign(campaign.id)
    usage = sum((one.usage for one in used), Usage())
    tokens, money = models.bounds(campaign)
    told = Spending(models.name, usage, price.of(usage) if price else None, tokens, money, 0, rest, "")
    if not models.name:
        return _saying(told, "No language model is set up: the texts cost nothing.")
    if campaign.plan.template:
        return _saying(told, f"{_so_far(told)}One text for all rows: the rows themselves need no model.")
    each = _drafts(used)
    rough = each.calls == 0
    if rough:
        from server.llm import sizing

        each = sizing.of_a_draft(campaign.plan, campaign.instruction, _row(sheet, campaign))
    whole, cost = estimate(each, rest, price)
    per_row = -(-each.tokens // each.calls)
    rows = "1 row" if rest == 1 else f"{rest:,} rows"
    if rough:
        what = f"{rows} would use about {_about(whole.tokens)} tokens{_in_money(cost)}, by their size. "
        sentence = (
            what + "Try a few of them first to know better." if rest else f"{_so_far(told)}Nothing is left to write."
        )
    else:
        texts = "1 text" if each.calls == 1 else f"{each.calls:,} texts"
        sentence = f"{texts} used {each.tokens:,} tokens{_in_money(price.of(each) if price else None)}."
        sentence += f" The other {rows} would use about {_about(whole.tokens)}{_in_money(cost)}." if rest else ""
    if rest and (bound := _beyond(told, usage + whole, cost)):
        sentence += f" That is more than is left of the {bound} that this campaign may use."
    return Spending(told.model, usage, told.cost, tokens, money, per_row, rest, sentence)


def _saying(told: Spending, sentence: str) -> Spending:
    return Spending(told.model, told.usage, told.cost, told.most_tokens, told.most_cost, 0, told.rest, sentence)


def _so_far(told: Spending) -> str:
    if not told.usage.calls:
        return ""
    return f"So far {told.usage.tokens:,} tokens were used{_in_money(told.cost)}. "


def _drafts(used: Iterable[Used]) -> Usage:
    """What texts for single rows took."""
    return sum((one.usage for one in used if one.prompt.partition("@")[0] == "draft"), Usage())


def _row(sheet: Sheet, campaign: Campaign) -> int:
    """Characters of the cells that a text is made from, in a row of usual size."""
    with suppress(TemporaryError):
        table = sheet.read(sheet.look_seconds)
        rows = choose(table, campaign.rows).rows[:LOOKED_AT]
        columns = [index for name in _columns(campaign) if (index := table.find(name)) is not None]
        return sum(len(row.shown(index)) for row in rows for index in columns) // max(len(rows), 1)
    return A_ROW


def _columns(campaign: Campaign) -> Iterable[str]:
    return dict.fromkeys((campaign.plan.name_column, *campaign.plan.read_columns))


def _beyond(told: Spending, usage: Usage, cost: Decimal | None) -> str:
    """The bound that this goes over, as people read it, or ""."""
    if told.most_tokens is not None and usage.tokens > told.most_tokens:
        return f"{told.most_tokens:,} tokens"
    if told.most_cost is not None and cost is not None and (told.cost or Decimal()) + cost > told.most_cost:
        return shown(told.most_cost)
    return ""


def _in_money(cost: Decimal | None) -> str:
    return "" if cost is None else f" ({shown(cost)})"


def _about(count: int) -> str:
    """A count in three digits: what follows them is not known."""
    step = 10 ** max(0, len(str(count)) - 3)
    return f"{round(count / step) * step:,}"
