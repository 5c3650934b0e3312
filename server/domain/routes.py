"""Which way a message goes: the order of a plan's routes, and what is left of it. Pure."""

from __future__ import annotations

from server.domain.fingerprint import fingerprint
from server.domain.message import Message
from server.domain.plan import SHOWN, Plan, Route, channel_named
from server.domain.words import ChannelName


def mark(channel: ChannelName, address: str) -> str:
    """What a message keeps of an address that nobody has on a channel: enough to know it again, and no address."""
    return fingerprint(channel.value, address.casefold())


def way_of(plan: Plan, message: Message) -> Route:
    """The route that a message is bound for; the plan's own for one that is bound for none yet.

    What was drafted before messages had a channel of their own knows no carrier: it is the plan's.
    """
    channel = message.channel or plan.channel
    same = [way for way in plan.ways if way.channel is channel]
    carrier = message.carrier or (same[0].provider if same else "")
    found = next((way for way in same if way.provider in {"", carrier}), None)
    return found or Route(channel, carrier, same[0].address_column if same else "")


def later(plan: Plan, message: Message) -> tuple[Route, ...]:
    """The routes over other channels behind the one that a message is bound for, in the plan's order."""
    here = way_of(plan, message)
    behind = plan.ways[plan.ways.index(here) + 1 :] if here in plan.ways else ()
    return tuple(way for way in behind if way.channel is not here.channel)


def candidates(plan: Plan, word: str, *, fallback: bool = False) -> tuple[Route, ...]:
    """The routes that a row may take, in order, given what its channel cell says.

    A channel that the row names is the only one, until nobody of its address is there: with `fallback` those behind it
    follow. Raises ValueError with a sentence for a word that is no channel, or one that the plan does not know.
    """
    if not word.strip():
        return plan.ways
    named = channel_named(word)
    known = ", ".join(dict.fromkeys(SHOWN[way.channel] for way in plan.ways))
    if named is None:
        raise ValueError(f"“{word.strip()[:60]}” is no channel. Write one of: {known}.")
    first = next((place for place, way in enumerate(plan.ways) if way.channel is named), None)
    if first is None:
        raise ValueError(f"This plan does not go by {SHOWN[named]}. Write one of: {known}.")
    return tuple(way for way in plan.ways[first:] if fallback or way.channel is named)


def instead(old: ChannelName, new: ChannelName) -> str:
    """The sentence over a draft that goes another way than the one that failed."""
    return f"Not on {SHOWN[old].removeprefix('a ')}: drafted for {SHOWN[new]} instead; approve it."


def way_word(plan: Plan, message: Message) -> str:
    """What an approval's fingerprint adds for a message that does not go the plan's own way; "" for one that does."""
    own = plan.ways[0]
    here = way_of(plan, message)
    return "" if here == own else f"{here.channel} {here.provider}"
