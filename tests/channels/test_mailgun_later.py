"""What Mailgun says when it is asked: of a send in doubt, of what its webhooks may have lost, of the domain."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from server.channels.mailgun import PAGE, PAGES, MailgunChannel
from server.domain.message import Outgoing, Receipt
from server.domain.reply import DeliveryEvent
from server.domain.words import DeliveryStatus
from server.errors import CellbackError, PermanentError, TemporaryError
from tests.channels import mailgun_samples as samples
from tests.channels.mailgun_samples import API_KEY, DOMAIN, channel_at
from tests.channels.scripted import Act, Scripted, answer
from tests.contracts.channel import LETTER, send
from tests.emulators.providers.world import Providers

T = TypeVar("T")
MAIL_ID = f"<{LETTER.message_id}.{LETTER.token}@mail.example.org>"


@pytest.fixture
def world() -> Iterator[Providers]:
    with Providers() as running:
        running.mailgun.key, running.mailgun.domain = API_KEY, DOMAIN
        yield running


@pytest.fixture
def channel(world: Providers) -> MailgunChannel:
    return channel_at(world.mailgun.url)


def run(channel: MailgunChannel, asked: Coroutine[Any, Any, T]) -> T:
    """What a question to the channel brings."""

    async def work() -> T:
        try:
            return await asked
        finally:
            await channel.close()

    return asyncio.run(work())


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def sent(letter: Outgoing, **span: float) -> Outgoing:
    """The letter, handed over so long ago."""
    return replace(letter, claimed_at=ago(**span))


# A send in doubt.


def test_a_mail_that_it_has_is_found_by_its_id(world: Providers, channel: MailgunChannel) -> None:
    world.mailgun.fault("accept-then-drop")
    [error] = send(channel, LETTER)
    assert isinstance(error, CellbackError)
    assert run(channel, channel.reconcile(sent(LETTER, minutes=2))) == Receipt(MAIL_ID)


def test_a_mail_to_which_it_gave_another_id_is_found_by_our_variable(world: Providers, channel: MailgunChannel) -> None:
    send(channel, LETTER)
    world.mailgun.events[0]["message"]["headers"]["message-id"] = "2026.another@mail.example.org"
    found = run(channel, channel.reconcile(sent(LETTER, minutes=2)))
    assert found == Receipt("<2026.another@mail.example.org>")


@pytest.mark.parametrize(
    ("since", "known"),
    [
        (timedelta(minutes=2), True),
        (timedelta(minutes=29), True),
        (timedelta(minutes=31), False),
        (timedelta(hours=19), False),
        (timedelta(hours=25), True),
        (None, True),
    ],
)
def test_that_nothing_is_listed_proves_something_only_after_a_while_and_for_a_while(
    world: Providers, channel: MailgunChannel, since: timedelta | None, known: bool
) -> None:
    """Events may be half an hour late, and are forgotten after a day: then a person decides."""
    send(channel, replace(LETTER, message_id="msg_another", token="another"))
    letter = replace(LETTER, claimed_at=None if since is None else datetime.now(UTC) - since)
    assert run(channel, channel.reconcile(letter)) is known


@pytest.mark.parametrize("fault", ["429", "500", "drop", "hang"])
def test_no_answer_is_no_proof(world: Providers, fault: str) -> None:
    world.mailgun.fault(fault, times=None)
    channel = channel_at(world.mailgun.url, answer_seconds=0.2)
    with pytest.raises(TemporaryError):
        run(channel, channel.reconcile(sent(LETTER, hours=1)))


@pytest.mark.parametrize("act", [answer(200, b"<html>"), answer(200, b'{"items": null}'), answer(302, b"")])
def test_an_answer_of_somebody_else_is_no_proof(act: Act) -> None:
    with Scripted(act) as server:
        channel = channel_at(server.url)
        with pytest.raises(TemporaryError):
            run(channel, channel.reconcile(sent(LETTER, hours=1)))


def test_a_key_that_may_only_send_proves_nothing() -> None:
    with Scripted(answer(401, b"Forbidden")) as server:
        channel = channel_at(server.url)
        assert run(channel, channel.reconcile(sent(LETTER, hours=1))) is True


# What was missed.


def test_what_became_of_mails_is_listed_as_a_webhook_would_have_told_it(
    world: Providers, channel: MailgunChannel
) -> None:
    world.mailbox("ben@example.org").bounce()
    world.mailbox("cleo@example.org").fate = "deferred"
    send(channel, *(replace(LETTER, address=f"{name}@example.org", token=name) for name in ("ana", "ben", "cleo")))
    posts = world.mailgun.deliver()
    found = run(channel, channel.missed(ago(minutes=5)))
    listed = [(event.token, event.status) for event in found if isinstance(event, DeliveryEvent)]
    assert sorted(listed) == sorted(
        [
            ("ana", DeliveryStatus.DELIVERED),
            ("ben", DeliveryStatus.BOUNCED),
            ("cleo", DeliveryStatus.ACCEPTED),
            ("cleo", DeliveryStatus.DELIVERED),
        ]
    )
    assert len(posts) == len(found)
    assert len({event.event_id for event in found}) == len(found)


def test_asking_again_brings_the_same_ids(world: Providers, channel: MailgunChannel) -> None:
    send(channel, LETTER)
    world.mailgun.deliver()
    first, second = (run(channel, channel.missed(ago(minutes=5))) for _ in range(2))
    assert first == second != []


def test_mail_that_others_send_from_the_domain_is_none_of_ours(world: Providers, channel: MailgunChannel) -> None:
    send(channel, LETTER)
    world.mailgun.sent[0].custom.clear()
    world.mailgun.deliver()
    assert run(channel, channel.missed(ago(minutes=5))) == []


def test_events_that_come_late_into_the_list_are_found(world: Providers, channel: MailgunChannel) -> None:
    send(channel, LETTER)
    world.mailgun.deliver()
    for event in world.mailgun.events:
        event["timestamp"] -= 20 * 60
    assert len(run(channel, channel.missed(ago(minutes=5)))) == 1


def test_all_pages_are_read_in_good_time(world: Providers, channel: MailgunChannel) -> None:
    world.mailgun.events += [
        {**samples.DELIVERED, "id": f"event-{n}", "timestamp": time.time()} for n in range(3 * PAGE + 7)
    ]
    began = time.monotonic()
    assert len(run(channel, channel.missed(ago(minutes=5)))) == 3 * PAGE + 7
    assert time.monotonic() - began < 15
    assert len(world.mailgun.calls) == 5, "and the empty one that ends them"


class Endless:
    """A list without an end, on pages of a host that is not ours."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, connection: Any, request: bytes) -> None:
        self.asked.append(request.split(b" ")[1].decode())
        page = len(self.asked)
        items = [{**samples.DELIVERED, "id": f"event-{page}-{n}"} for n in range(3)]
        following = f"http://elsewhere.invalid/v3/{DOMAIN}/events/cursor{page}"
        body = json.dumps({"items": items, "paging": {"next": following}}).encode()
        answer(200, body)(connection, request)


def test_a_list_without_end_is_read_to_a_bound_and_from_nobody_else() -> None:
    endless = Endless()
    with Scripted(endless) as server:
        channel = channel_at(server.url)
        found = run(channel, channel.missed(ago(minutes=5)))
    assert len(found) == 3 * PAGES
    assert endless.asked[0].startswith(f"/v3/{DOMAIN}/events?begin=")
    assert endless.asked[1:] == [f"/v3/{DOMAIN}/events/cursor{page}" for page in range(1, PAGES)]


@pytest.mark.parametrize("following", [None, 7, "", "nonsense", "http://[", "https://x/v3/other.example/events/abc"])
def test_a_list_whose_next_page_is_nowhere_ends_there(following: object) -> None:
    body = json.dumps({"items": [samples.DELIVERED], "paging": {"next": following}}).encode()
    with Scripted(answer(200, body)) as server:
        channel = channel_at(server.url)
        assert len(run(channel, channel.missed(ago(minutes=5)))) == 1
        assert len(server.requests) == 1


def test_a_key_that_may_only_send_is_told_apart() -> None:
    with Scripted(answer(401, b"Forbidden")) as server:
        channel = channel_at(server.url)
        with pytest.raises(PermanentError, match="account key"):
            run(channel, channel.missed(ago(minutes=5)))


# The check.


def checked(act: Act) -> CellbackError | None:
    with Scripted(act) as server:
        channel = channel_at(server.url)
        try:
            run(channel, channel.check())
        except CellbackError as error:
            return error
        return None


def domain(**more: Any) -> Act:
    return answer(
        200, json.dumps({"domain": {"name": DOMAIN, "state": "active", "is_disabled": False, **more}}).encode()
    )


def test_a_verified_domain_is_well(world: Providers, channel: MailgunChannel) -> None:
    run(channel, channel.check())
    assert checked(domain()) is None


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (domain(state="unverified"), PermanentError, "DNS records"),
        (domain(is_disabled=True), PermanentError, "switched it off"),
        (answer(401, b"Forbidden"), PermanentError, "MAILGUN_API_KEY"),
        (answer(403, b"{}"), PermanentError, "account key"),
        (answer(404, b'{"message": "Domain not found"}'), PermanentError, "https://api.eu.mailgun.net"),
        (answer(302, b""), PermanentError, "MAILGUN_BASE_URL"),
        (answer(200, b"<html>"), TemporaryError, "Mailgun"),
        (answer(500, b""), TemporaryError, "Mailgun"),
    ],
)
def test_a_check_says_what_to_do(act: Act, kind: type[CellbackError], words: str) -> None:
    error = checked(act)
    assert isinstance(error, kind)
    assert words in str(error)
