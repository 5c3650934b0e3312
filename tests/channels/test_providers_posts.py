"""How the emulated vendors fail and post: scripted faults, their own rules of trying again, and trouble on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.emulators.providers import Answer, Fault, Providers
from tests.emulators.providers.receiver import Receiver
from tests.waiting import until

ANA = "+447900900123"
SEND = "POST /2010-04-01"
HTTP = httpx.Client(verify=False, trust_env=False)


@pytest.fixture
def product() -> Iterator[Receiver]:
    with Receiver() as product:
        yield product


@pytest.fixture
def world(product: Receiver) -> Iterator[Providers]:
    with Providers(target=product.url, public="https://cellback.example.org", factor=1e-6) as world:
        world.posts.late = 0.02
        yield world


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    with HTTP:
        yield


def sms(world: Providers, callback: str = "/webhooks/twilio", **changes: str) -> httpx.Response:
    vendor = world.twilio
    url = f"{vendor.url}/2010-04-01/Accounts/{vendor.account_sid}/Messages.json"
    data = {"To": ANA, "From": vendor.from_number, "Body": "Coming?", **changes}
    data["StatusCallback"] = f"{world.posts.public}{callback}"
    return HTTP.post(url, data=data, auth=(vendor.account_sid, vendor.auth_token), timeout=0.3)


def mail(world: Providers, vendor: str) -> None:
    body: Any = {"from": "run@example.org", "to": "ana@example.org", "subject": "Start", "text": "Coming?"}
    if vendor == "mailgun":
        url = f"{world.mailgun.url}/v3/{world.mailgun.domain}/messages"
        HTTP.post(url, data=body, auth=("api", world.mailgun.key)).raise_for_status()
    else:
        headers = {"Authorization": f"Bearer {world.resend.key}"}
        HTTP.post(f"{world.resend.url}/emails", json=body, headers=headers).raise_for_status()


@pytest.mark.parametrize(
    ("kind", "answer", "taken"),
    [
        ("429", 429, 0),
        ("500", 500, 0),
        ("503", 503, 0),
        ("drop", None, 0),
        ("hang", None, 0),
        ("accept-then-drop", None, 1),
        ("accept-then-hang", None, 1),
        ("accept-then-500", 500, 1),
        ("slow", None, 1),
    ],
)
def test_a_fault_befalls_one_request(world: Providers, kind: str, answer: int | None, taken: int) -> None:
    fault: Fault | str = Fault(delay=0.35) if kind == "slow" else kind
    world.twilio.fault(fault)
    if answer is None:
        with pytest.raises(httpx.TransportError):
            sms(world)
    else:
        assert sms(world).status_code == answer
    until(lambda: len(world.twilio.sent) == taken)
    assert sms(world).status_code == 201
    assert len(world.twilio.sent) == taken + 1


def test_a_fault_befalls_the_nth_request_of_its_kind(world: Providers) -> None:
    world.twilio.fault("503", on=SEND, nth=3, times=2)
    assert HTTP.get(f"{world.twilio.url}/nowhere").status_code == 404
    assert [sms(world).status_code for _ in range(5)] == [201, 201, 503, 503, 201]
    assert [call.status for call in world.twilio.calls] == [404, 201, 201, 503, 503, 201]


def test_faults_at_random_come_again_from_their_seed(world: Providers) -> None:
    runs = []
    for _ in range(2):
        world.twilio.faults.at_random(7, 0.3, ["429", "503"])
        runs.append([sms(world).status_code for _ in range(30)])
    assert runs[0] == runs[1]
    assert {201, 429, 503} == set(runs[0])


@pytest.mark.parametrize(
    ("vendor", "status", "tries"),
    [
        ("resend", 204, [1, 1]),
        ("resend", 400, [8, 8]),
        ("mailgun", 204, [1]),
        ("mailgun", 406, [1]),
        ("mailgun", 500, [1]),
    ],
)
def test_each_vendor_tries_again_by_its_own_rules(
    world: Providers, product: Receiver, vendor: str, status: int, tries: list[int]
) -> None:
    product.usual = Answer(status)
    mail(world, vendor)
    posts = world.providers[vendor].deliver()
    assert world.posts.settle()
    assert [len(post.attempts) for post in posts] == tries


def test_mailgun_is_content_with_200_and_406_alone(world: Providers, product: Receiver) -> None:
    world.mailbox("ana@example.org").bounce()
    mail(world, "mailgun")
    product.usual = Answer(204)
    [post] = world.mailgun.deliver()
    assert world.posts.settle()
    assert (len(post.attempts), post.accepted) == (7, False)


def test_svix_keeps_its_id_over_all_tries_and_renews_its_time(world: Providers, product: Receiver) -> None:
    product.answers.extend([Answer(500), Answer(500)])
    mail(world, "resend")
    first, _ = world.resend.deliver()
    assert world.posts.settle()
    assert len({attempt.headers["svix-id"] for attempt in first.attempts}) == 1
    assert first.accepted


def test_meta_is_content_with_200_alone_and_goes_on_for_days(world: Providers, product: Receiver) -> None:
    product.usual = Answer(204)
    post = world.meta.whatsapp(ANA, "Hello")
    assert world.posts.settle()
    assert (len(post.attempts), post.accepted) == (13, False)


def test_twilio_tries_again_only_what_was_not_connected_unless_told_otherwise(
    world: Providers, product: Receiver
) -> None:
    product.usual = Answer(500)
    sms(world)
    sms(world, callback="/webhooks/twilio?t=1#rc=2&rp=all")
    posts = world.twilio.deliver()
    assert world.posts.settle()
    assert [len(post.attempts) for post in posts] == [1, 1, 3, 3]
    tokens = {attempt.headers["I-Twilio-Idempotency-Token"] for attempt in posts[2].attempts}
    assert len(tokens) == 1
    world.posts.target = "http://127.0.0.1:9"
    lost = world.twilio.text(ANA, "Yes")
    assert lost is not None
    assert world.posts.settle()
    assert [attempt.connected for attempt in lost.attempts] == [False, False]


@pytest.mark.parametrize(
    ("trouble", "order"),
    [
        ("duplicate", "aab"),
        ("late", "ba"),
        ("reordered", "ba"),
        ("lost", "b"),
        ("forged", "aab"),
        ("replayed", "aba"),
    ],
)
def test_trouble_on_the_way(world: Providers, product: Receiver, trouble: str, order: str) -> None:
    world.posts.befall(trouble, provider="twilio")
    for text in "ab":
        world.twilio.text(ANA, text)
    assert world.posts.settle()
    got = [parse_qs(body.decode())["Body"][0] for body in product.bodies]
    assert "".join(got) == order
    signed = [request.headers["x-twilio-signature"] for request in product.got]
    assert len(set(signed)) == (3 if trouble == "forged" else len(set(order)))


def test_trouble_at_random_loses_nothing(world: Providers, product: Receiver) -> None:
    world.posts.at_random(seed=3, chance=0.5)
    for number in range(40):
        world.twilio.text(ANA, str(number))
    assert world.posts.settle()
    got = [parse_qs(body.decode())["Body"][0] for body in product.bodies]
    assert set(got) == {str(number) for number in range(40)}
    assert len(got) > 40


def test_posts_reach_the_product_under_its_public_name(world: Providers, product: Receiver) -> None:
    sms(world, callback="/webhooks/twilio?t=t0k")
    [sent, _] = world.twilio.deliver()
    assert sent.url == "https://cellback.example.org/webhooks/twilio?t=t0k"
    assert (urlsplit(sent.url).path, product.got[0].asked) == (product.got[0].path, {"t": "t0k"})


def test_by_itself_it_tells_what_became_of_messages_soon_after(product: Receiver) -> None:
    with Providers(target=product.url, auto=True, delay=0.01) as world:
        mail(world, "resend")
        until(lambda: len(product.got) == 2)
        assert world.resend.sent[0].status == "delivered"


def test_it_bears_many_senders_at_once(world: Providers) -> None:
    began = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: sms(world, To=f"+4479009{n:05d}").status_code, range(200)))
    assert answers == [201] * 200
    assert len({sent.id for sent in world.twilio.sent}) == 200
    assert len(world.people.phones) == 200
    assert time.perf_counter() - began < 20
