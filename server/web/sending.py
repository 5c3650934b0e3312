"""Sending: who goes and when, told beforehand; begun; and the failed ones tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from server import sends
from server.domain.forecast import Part, Why
from server.domain.moments import told
from server.domain.quiet import zone_of
from server.sends import Told, Wish
from server.web.api import CampaignPath, view
from server.web.app import here
from server.web.auth import who
from server.web.routes import blueprint
from server.web.schemas import CampaignView, Done, Keys, Model
from server.web.speaking import Opening

routes = blueprint("sending", "Campaigns")

MOST_PARTS = 100
MOST_KEYS = 200
"""Rows of one part that the panel gets: enough to look through, and the count says the rest."""
ABROAD = 5
"""Time zones of recipients that are told beside the sheet's own."""


class SendWish(Model):
    """Who goes and when. An empty object: all that is approved, once the undo window is over."""

    keys: list[str] | None = Field(None, description="Only these of the approved rows; the others go back to Draft.")
    at: datetime | None = Field(None, description="Nothing leaves before this moment (ISO 8601 with an offset).")
    at_column: Annotated[str, Field(max_length=500)] = Field(
        "", description="The column whose cells say when each row's message leaves; rows without a time stay drafts."
    )
    at_day: date | None = Field(
        None, description="The day of cells with a time alone; without it today where all are ahead, else tomorrow."
    )
    at_time: time | None = Field(None, description="The time of cells with a day alone; without it 09:00.")
    hours: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="Quiet hours of this sending, such as 20:00-09:00; empty: none; null: as the settings say."
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_said(cls, found: Any) -> Any:
        """A request without a body means all that is approved, now."""
        return {} if found is None else found

    def wish(self) -> Wish:
        """The same for the use case."""
        return Wish(self.keys, self.at, self.at_column.strip(), self.at_day, self.at_time, self.hours)


class PartView(Model):
    """So many leave from that moment on; why not sooner."""

    at: datetime
    count: int
    reason: Why
    until: datetime | None = Field(None, description="The last moment, where several are told as one.")
    keys: list[str] = Field(description="Their rows, the first of them.")


class ZoneView(Model):
    """Recipients who live by other clocks: how the first moment reads there."""

    zone: str
    count: int
    clock: str


class ForecastView(Model):
    """What would leave when, if it were sent like this now."""

    going: int
    staying: int = Field(description="Approved ones that would go back to Draft.")
    parts: list[PartView]
    no_time: list[str] = Field([], description="Rows whose cell names no time that can be read for sure, or one past.")
    past: int = Field(0, description="How many of `no_time` name a time that is over.")
    only_times: int = Field(0, description="Cells that name a time without a day.")
    only_days: int = Field(0, description="Cells that name a day without a time.")
    day: date | None = Field(None, description="The day that is meant by a time alone.")
    rate_per_second: float | None = None
    seconds: float = Field(description="How long the first part takes, at that rate.")
    ends: datetime | None = None
    left_today: int | None = Field(None, description="Of the daily limit; null without one.")
    zone: str = Field(description="The sheet's time zone.")
    quiet: str = Field("", description="The quiet hours that hold for this sending, empty for none.")
    abroad: list[ZoneView] = Field([])
    sentence: str


class ReasonView(Model):
    """Why some failed."""

    reason: Opening
    count: int


class FailedView(Model):
    """What failed for good. What may have gone out is none of it."""

    count: int
    keys: list[str]
    reasons: list[ReasonView]


@routes.post("/api/campaigns/<campaign_id>/send", responses={200: CampaignView})
def send(path: CampaignPath, body: SendWish) -> CampaignView:
    """Send what is approved, once the undo window is over, or when it is wished for"""
    web = here()
    web.campaigns.send(path.campaign_id, who(), wish=body.wish())
    return view(web, path.campaign_id)


@routes.post("/api/campaigns/<campaign_id>/forecast", responses={200: ForecastView})
def forecast(path: CampaignPath, body: SendWish) -> ForecastView:
    """How many would leave when, and why not sooner; nothing is sent or changed"""
    services = here().services
    return forecast_view(sends.tell(services, path.campaign_id, body.wish()), services.hours.zone)


@routes.get("/api/campaigns/<campaign_id>/failed", responses={200: FailedView})
def failed(path: CampaignPath) -> FailedView:
    """What failed for good, with the reasons"""
    web = here()
    web.services.ledger.campaigns.get(path.campaign_id)
    found = sends.refusals(web.services, path.campaign_id)
    reasons = [ReasonView(reason=reason, count=count) for reason, count in found.reasons[:20]]
    return FailedView(count=len(found.keys), keys=list(found.keys[:MOST_KEYS]), reasons=reasons)


@routes.post("/api/campaigns/<campaign_id>/retry", responses={200: Done})
def retry(path: CampaignPath, body: Keys) -> Done:
    """Try the failed ones again (without keys: all of them); never what may have gone out"""
    changed, sentence = sends.retry(here().services, path.campaign_id, body.keys, who())
    return Done(changed=changed, sentence=sentence)


def forecast_view(seen: Told, zone: str) -> ForecastView:
    """A forecast with what bounds it."""
    times, by = seen.going.times, seen.going.by
    quiet = seen.hours.quiet
    parts = seen.forecast.parts
    return ForecastView(
        going=len(seen.going.messages),
        staying=seen.going.staying,
        parts=_parts(parts),
        no_time=times.no_time if times else [],
        past=len(times.past) if times else 0,
        only_times=times.words["time"] if times else 0,
        only_days=times.words["day"] if times else 0,
        day=by.day if by else None,
        rate_per_second=seen.per_second,
        seconds=seen.forecast.seconds,
        ends=seen.forecast.ends,
        left_today=seen.left_today,
        zone=zone,
        quiet=f"{quiet.begin:%H:%M}-{quiet.end:%H:%M}" if quiet else "",
        abroad=_abroad(seen.zones, parts[0].at, zone) if parts else [],
        sentence=sentence(parts, zone),
    )


def _parts(parts: tuple[Part, ...]) -> list[PartView]:
    """The first ones as they are; what comes after them as one."""
    shown = [
        PartView(at=one.at, count=one.count, reason=one.why, keys=list(one.keys[:MOST_KEYS]))
        for one in parts[:MOST_PARTS]
    ]
    rest = parts[MOST_PARTS:]
    if rest:
        keys = [key for one in rest for key in one.keys][:MOST_KEYS]
        count = sum(one.count for one in rest)
        shown.append(PartView(at=rest[0].at, until=rest[-1].at, count=count, reason=rest[0].why, keys=keys))
    return shown


def _abroad(zones: Iterable[tuple[str, int]], at: datetime, zone: str) -> list[ZoneView]:
    """The zones whose clocks show another time than the sheet's at that moment, the most frequent first."""
    here_offset = _offset(at, zone)
    counts: Counter[str] = Counter()
    for name, count in zones:
        if _offset(at, name) != here_offset:
            counts[name] += count
    return [ZoneView(zone=name, count=count, clock=told(at, name)) for name, count in counts.most_common(ABROAD)]


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone_of(zone))).utcoffset()


_REASONS = {
    Why.NOW: "now",
    Why.START: "as chosen",
    Why.TIME: "the row's own time",
    Why.QUIET: "quiet hours until then",
    Why.LIMIT: "the day's limit is used up before",
}


def sentence(parts: tuple[Part, ...], zone: str) -> str:
    """ "37 now, 12 Tue 03 Mar 09:00 (quiet hours until then)"."""
    said = [
        f"{one.count} now" if one.why is Why.NOW else f"{one.count} {told(one.at, zone)} ({_REASONS[one.why]})"
        for one in parts[:4]
    ]
    left = sum(one.count for one in parts[4:])
    return ", ".join([*said, *([f"{left} later"] if left else [])])
