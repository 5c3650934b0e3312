"""Dataclasses to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.plan import Plan
from server.domain.reply import DeliveryEvent, Event, InboundMessage, Interpretation, Reply, UnknownEvent
from server.domain.words import ChannelName, DeliveryStatus
from server.store import codec

MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(str, st.text(st.characters(), max_size=20))
st.register_type_strategy(float, st.floats(0, 1))


@settings(max_examples=60)
@given(st.one_of(*(st.from_type(form) for form in (Plan, Interpretation, Reply))))
def test_it_gives_back_what_it_was_given(value: Any) -> None:
    text = codec.dumps(value)
    assert text.isascii()
    assert codec.loads(type(value), text) == value


@settings(max_examples=60)
@given(st.one_of(*(st.from_type(form) for form in (DeliveryEvent, InboundMessage, UnknownEvent))))
def test_it_gives_back_an_event_of_its_own_kind(event: Event) -> None:
    found: Any = codec.loads(Event, codec.dumps(event))  # type: ignore[arg-type]
    assert found == event
    assert type(found) is type(event)


@given(MOMENTS)
def test_a_moment_survives_to_the_microsecond(moment: datetime) -> None:
    assert codec.moment(codec.micros(moment)) == moment
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert codec.micros(elsewhere) == codec.micros(moment)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        codec.micros(datetime(2026, 3, 2))  # noqa: DTZ001


def test_what_an_older_or_newer_version_wrote_stays_readable() -> None:
    old = '{"_":"DeliveryEvent","event_id":"1","status":"read","since_removed":[1]}'
    assert codec.loads(DeliveryEvent, old) == DeliveryEvent("1", DeliveryStatus.READ)
    assert codec.loads(Plan, '{"channel":"sms","provider":"p","address_column":"Phone"}').channel is ChannelName.SMS


def test_a_type_without_a_form_is_refused() -> None:
    @dataclass
    class Odd:
        part: complex = 0j

    with pytest.raises((TypeError, NameError)):
        codec.read(Odd, {"part": 1})
    with pytest.raises(TypeError, match="no form"):
        codec.read(complex, 1)
