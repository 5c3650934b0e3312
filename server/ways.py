"""How a campaign may reach people beyond its one channel: other ways, per-row columns, an approved template.

Shared by the command line and the API, which take it in words; made into fields of the plan here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from server.domain.plan import Plan, Route, channel_named
from server.domain.provider_templates import ListedTemplate, ProviderTemplate, faults, suggest
from server.domain.table import Table
from server.domain.words import ChannelName
from server.errors import InvalidInput
from server.flow import planning
from server.ports import Channel, PlanRequest
from server.services import Services


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """An approved template as a person named it: without a body it is looked up at the provider, and slots that are
    not given get the column of their name."""

    name: str = ""
    language: str = ""
    body: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    buttons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """What was asked for. `fallback` in words: `sms`, `sms=Phone`, `email:resend=Mail`. The others name columns."""

    fallback: Sequence[str] = ()
    channel_column: str = ""
    attachment_column: str = ""
    cc_column: str = ""
    sender_column: str = ""
    reply_to_column: str = ""
    template: TemplateChoice | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The columns that were named, by the plan's field."""
        named = {
            "channel_column": self.channel_column,
            "attachment_column": self.attachment_column,
            "cc_column": self.cc_column,
            "sender_column": self.sender_column,
            "reply_to_column": self.reply_to_column,
        }
        return {name: title for name, title in named.items() if title}


NONE = Ways()


def widened(services: Services, request: PlanRequest, plan: Plan, ways: Ways) -> Plan:
    """The plan with these ways. A channel that only the channel column names becomes a way of its own where it is set
    up and its addresses are found. Raises InvalidInput, TemporaryError, PermanentError.
    """
    if ways == NONE:
        return plan
    table = request.table
    changes: dict[str, object] = dict(_titles(ways.columns, table))
    routes = [_route(services, request, text) for text in ways.fallback]
    if ways.channel_column:
        routes += _named_in_cells(services, request, plan, routes, str(changes["channel_column"]))
    changes["routes"] = tuple(dict.fromkeys(routes))
    if ways.template is not None and ways.template.name:
        changes["whatsapp_template"] = chosen(services, replace(plan, routes=tuple(routes)), table, ways.template)
    return planning.edit_plan(plan, changes, table)


def _titles(columns: Mapping[str, str], table: Table) -> dict[str, str]:
    """The titles as they stand in the sheet. Raises InvalidInput."""
    found = {}
    for name, title in columns.items():
        index = table.find(title)
        if index is None:
            titles = [column.title for column in table.columns if column.title]
            raise InvalidInput(f"There is no column “{title}”.", field=name, suggestions=titles[:20])
        found[name] = table.columns[index].title
    return found


def _route(services: Services, request: PlanRequest, text: str) -> Route:
    """`CHANNEL[:PROVIDER][=COLUMN]`. Raises InvalidInput."""
    how, _, column = text.partition("=")
    word, _, provider = how.partition(":")
    channel = channel_named(word.strip())
    if channel is None:
        listed = ", ".join(name.value for name in ChannelName)
        raise InvalidInput(f"“{word.strip()}” is no channel. Write one of: {listed}.", field="fallback")
    carrier = services.channel_for(channel, provider.strip())
    return Route(carrier.name, carrier.provider, _address_column(services, request, carrier, column.strip()))


def _address_column(services: Services, request: PlanRequest, carrier: Channel, column: str) -> str:
    """The column of a channel's addresses, found as for a plan of its own. Raises InvalidInput."""
    alone = replace(request, channel=carrier.name, provider=carrier.provider, address_column=column)
    return services.models.ground.plan(alone).address_column


def settled(services: Services, said: str, table: Table, way: Route) -> Route:
    """A way as a person named it: without a provider it gets the one that is set up, without a column the one that
    holds such addresses (`said` is the campaign's instruction, or template). Raises InvalidInput."""
    carrier = services.channel_for(way.channel, way.provider)
    request = PlanRequest(instruction=said, table=table)
    column = way.address_column or _address_column(services, request, carrier, "")
    return Route(way.channel, carrier.provider, column)


def readdressed(services: Services, said: str, table: Table, plan: Plan) -> Plan:
    """A plan that goes over another channel now, with that channel's addresses where the sheet has a column of them."""
    try:
        own = settled(services, said, table, Route(plan.channel, plan.provider, ""))
    except InvalidInput:  # none was found: the survey shows who is without an address
        return plan
    return replace(plan, address_column=own.address_column)


def _named_in_cells(
    services: Services, request: PlanRequest, plan: Plan, routes: Sequence[Route], column: str
) -> list[Route]:
    """Ways for channels that rows name and that no way goes over yet, as far as they can be gone here."""
    index = request.table.find(column)
    words = {row.cells[index].shown.strip() for row in request.table.rows if index is not None}
    known = {plan.channel, *(route.channel for route in routes)}
    found = []
    for channel in dict.fromkeys(channel_named(word) for word in sorted(words) if word):
        if channel is not None and channel not in known:
            try:
                carrier = services.channel_for(channel)
                found.append(Route(channel, carrier.provider, _address_column(services, request, carrier, "")))
            except InvalidInput:  # not set up, or no addresses for it: such rows say so
                continue
    return found


def chosen(services: Services, plan: Plan, table: Table, choice: TemplateChoice) -> ProviderTemplate:
    """The template that was chosen, with a column for each slot. Raises InvalidInput with what is missing."""
    template = ProviderTemplate(choice.name, choice.language or plan.language, choice.body, {}, tuple(choice.buttons))
    if not template.body:
        template = _listed(services, plan, choice)
    titles = [column.title for column in table.columns if column.title]
    columns = suggest(template.body, titles) | dict(choice.slots)
    template = replace(template, columns={slot: title for slot, title in columns.items() if title})
    if found := faults(template, titles):
        raise InvalidInput(" ".join(found), field="whatsapp_template")
    return template


def _listed(services: Services, plan: Plan, choice: TemplateChoice) -> ProviderTemplate:
    """The template as its provider has it. Raises InvalidInput when it has none of that name, or it is paused."""
    found = listed(services, plan)
    same = [one for one in found if one.template.name == choice.name]
    same = [one for one in same if not choice.language or one.template.language == choice.language] or same
    if not same:
        raise InvalidInput(
            f"Your WhatsApp provider has no approved template “{choice.name}”. Name another, or paste its text.",
            field="whatsapp_template",
            suggestions=[one.template.name for one in found][:20],
        )
    if same[0].unfit:
        raise InvalidInput(f"“{choice.name}” can't be sent: {same[0].unfit}", field="whatsapp_template")
    return same[0].template


def listed(services: Services, plan: Plan) -> list[ListedTemplate]:
    """The templates that the plan's WhatsApp provider has approved.

    Raises InvalidInput when the plan goes nowhere near WhatsApp; TemporaryError, PermanentError.
    """
    way = next((way for way in plan.ways if way.channel is ChannelName.WHATSAPP), None)
    if way is None:
        raise InvalidInput("A template is for WhatsApp, and this plan does not go there.", field="whatsapp_template")
    channel = services.channel_for(way.channel, way.provider)

    async def ask() -> list[ListedTemplate]:
        try:
            return await channel.templates()
        finally:
            await channel.close()

    return asyncio.run(ask())
