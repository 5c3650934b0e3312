"""How far a campaign's messages got, and when: what the panel's chart of answers is drawn from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from server import replies
from server.domain.reach import Stage
from server.domain.words import ChannelName, MessageState, Status
from server.web.api import CampaignPath
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Model

routes = blueprint("answers", "Reviews")

NEVER_READ = frozenset({ChannelName.SMS, ChannelName.VOICE})
"""Channels that never report that somebody read a message. Mail reports it where its provider is set to."""
NEVER_DELIVERED = frozenset({"smtp"})
"""Providers that never report that a message was delivered."""


class StatusCount(Model):
    """How many rows that were sent to stand at a word now (null: to be drafted)."""

    status: Status | None
    count: int


class ReachView(Model):
    """How far messages got, row by row. `counts` add up to `sent`."""

    sent: int = Field(description="Rows that something was sent to, those that opted out since among them.")
    delivered: int = Field(description="Reported, or proven by an answer.")
    read: int
    reminded: int
    silent: int = Field(description="Rows that a reminder would be drafted for now.")
    resting: int = Field(description="Rows that would be too, had they not been reminded within the last day.")
    counts: list[StatusCount]
    unread_channels: list[ChannelName] = Field(description="Channels in use that do not report reading.")
    undelivered_channels: list[ChannelName] = Field(description="Channels in use that do not report delivery.")


class TimelineQuery(Model):
    """By whose clock days begin: an IANA name, such as Europe/Berlin; UTC without one."""

    zone: Annotated[str, Field(max_length=64)] = ""


class Bucket(Model):
    """What happened from `at` to the next bucket's."""

    at: datetime
    sent: int
    answered: int = Field(description="Rows that were heard of for the first time and have an answer by now.")


class TimelineView(Model):
    """What was sent and what came back, oldest first, without a gap; no buckets before anything was sent."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

    start: datetime | None = Field(None, alias="from")
    end: datetime | None = Field(None, alias="to")
    unit: Literal["minute", "hour", "day"] = Field("minute", description="What the borders of the buckets are.")
    buckets: list[Bucket]


@routes.get("/api/campaigns/<campaign_id>/reach", responses={200: ReachView})
def reach(path: CampaignPath) -> ReachView:
    """How far the messages got, each row counted once at each stage"""
    services = here().services
    found = replies.reach(services, path.campaign_id)
    plan = services.ledger.campaigns.get(path.campaign_id).plan
    ways = [
        (channel or plan.channel, carrier or plan.provider)
        for channel, carrier in services.ledger.messages.ways(path.campaign_id, [MessageState.SENT])
    ]
    unreported = NEVER_READ if found.of(Stage.READ) else NEVER_READ | {ChannelName.EMAIL}
    return ReachView(
        sent=found.of(Stage.SENT),
        delivered=found.of(Stage.DELIVERED),
        read=found.of(Stage.READ),
        reminded=found.of(Stage.REMINDED),
        silent=found.of(Stage.SILENT),
        resting=found.of(Stage.RESTING),
        counts=[StatusCount(status=word, count=count) for word, count in found.counts.items()],
        unread_channels=sorted({name for name, _ in ways if name in unreported}),
        undelivered_channels=sorted({name for name, carrier in ways if carrier in NEVER_DELIVERED}),
    )


@routes.get("/api/campaigns/<campaign_id>/timeline", responses={200: TimelineView})
def timeline(path: CampaignPath, query: TimelineQuery) -> TimelineView:
    """What was sent and what came back over time, in buckets of minutes, hours or days"""
    found = replies.over_time(here().services, path.campaign_id, query.zone)
    return TimelineView(
        start=found.buckets[0].at if found.buckets else None,
        end=found.ends,
        unit=found.unit.value,
        buckets=[Bucket(at=one.at, sent=one.sent, answered=one.answered) for one in found.buckets],
    )
