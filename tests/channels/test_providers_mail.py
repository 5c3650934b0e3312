"""The emulated vendors of mail: what they take and refuse, checked with the vendors' own libraries where there are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from python_http_client.exceptions import HTTPError  # type: ignore[import-untyped]
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import Mail

from tests.emulators.providers import Fault, Post, Providers

ANA = "ana@example.org"
HTTP = httpx.Client(verify=False, trust_env=False)
MAIL: dict[str, Any] = {"from": "City Run <run@example.org>", "to": ANA, "subject": "Start", "text": "Will you come?"}
SENDGRID: dict[str, Any] = {
    "from": {"email": "run@example.org"},
    "subject": "Start",
    "personalizations": [{"to": [{"email": ANA}]}],
    "content": [{"type": "text/plain", "value": "Will you come?"}],
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with HTTP, Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    shared.clear()
    return shared


def sendgrid(world: Providers, **changes: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.sendgrid.key}"}
    return HTTP.post(f"{world.sendgrid.url}/v3/mail/send", json={**SENDGRID, **changes}, headers=headers)


def resend(world: Providers, body: Any = MAIL, path: str = "/emails", **headers: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.resend.key}", **headers}
    return HTTP.post(f"{world.resend.url}{path}", json=body, headers=headers)


def mailgun(world: Providers, files: Any = None, **changes: Any) -> httpx.Response:
    vendor = world.mailgun
    data = {**MAIL, **changes}
    return HTTP.post(f"{vendor.url}/v3/{vendor.domain}/messages", data=data, files=files, auth=("api", vendor.key))


def events(post: Post) -> Any:
    return json.loads(post.body)


def test_sendgrids_own_client_sends_and_its_verifier_believes_the_events(world: Providers) -> None:
    mail = Mail("Grüße <run@example.org>", ANA, "Start", "Will you come? ü\n.\n")
    answer = SendGridAPIClient(world.sendgrid.key, host=world.sendgrid.url).send(mail)
    assert (answer.status_code, answer.body, bool(answer.headers["X-Message-Id"])) == (202, b"", True)
    assert world.mailbox(ANA).texts == ["Will you come? ü\n.\n"]
    [post] = world.sendgrid.deliver()
    assert post.body.endswith(b"]\r\n")
    verifier = EventWebhook(world.sendgrid.signing.public)
    signature = post.headers["X-Twilio-Email-Event-Webhook-Signature"]
    stamp = post.headers["X-Twilio-Email-Event-Webhook-Timestamp"]
    assert verifier.verify_signature(post.body.decode(), signature, stamp)
    assert not verifier.verify_signature(post.body.decode().strip(), signature, stamp)
    assert [event["event"] for event in events(post)] == ["processed", "delivered"]
    assert all(event["sg_message_id"].startswith(world.sendgrid.sent[0].id) for event in events(post))


def test_sendgrid_gives_custom_arguments_back_flat_and_under_its_own_fields(world: Providers) -> None:
    sendgrid(world, custom_args={"cellback_token": "t0k", "event": "mine"})
    [post] = world.sendgrid.deliver()
    assert {event["cellback_token"] for event in events(post)} == {"t0k"}
    assert [event["event"] for event in events(post)] == ["processed", "delivered"]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"personalizations": []}, "personalizations", "at least one personalization"),
        ({"personalizations": [{"to": [{"email": "ana@"}]}]}, "personalizations.0.to.0.email", "valid address"),
        ({"subject": ""}, "subject", "subject is required"),
        ({"content": []}, "content", "content parameter is required"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value", "length"),
        ({"headers": {"Reply-To": "x@example.org"}}, "headers.Reply-To", "reserved"),
        ({"headers": {"X-Number": 1}}, "headers.X-Number", "string"),
        ({"custom_args": {"n": 1}}, "custom_args.n", "string"),
        ({"custom_args": {"n": "x" * 10_001}}, "custom_args", "10,000 bytes"),
        ({"textt": "typed wrongly"}, "textt", "not allowed"),
        ({"attachments": [{"content": "%%%", "filename": "a.txt"}]}, "attachments.0.content", "base64"),
        ({"reply_to": {"email": "a@b.org"}, "reply_to_list": [{"email": "a@b.org"}]}, "reply_to", "exclusive"),
    ],
)
def test_sendgrid_refuses_what_its_description_forbids(
    world: Providers, changes: dict[str, Any], field: str, says: str
) -> None:
    answer = sendgrid(world, **changes)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, field)
    assert says in error["message"]
    assert not world.sendgrid.sent


def test_sendgrid_knows_its_key_its_senders_its_limits_and_its_sandbox(world: Providers) -> None:
    with pytest.raises(HTTPError) as caught:
        SendGridAPIClient("SG.wrong", host=world.sendgrid.url).send(Mail("a@b.org", ANA, "s", "t"))
    assert caught.value.status_code == 401
    world.sendgrid.unverified.add("example.com")
    assert sendgrid(world, **{"from": {"email": "a@example.com"}}).status_code == 403
    world.sendgrid.fault("429")
    answer = sendgrid(world)
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert answer.json() == {"errors": [{"field": None, "message": "too many requests"}]}
    assert sendgrid(world, mail_settings={"sandbox_mode": {"enable": True}}).status_code == 200
    assert not world.sendgrid.sent


def test_resend_keeps_its_promise_about_idempotency_keys(world: Providers) -> None:
    first, again = (resend(world, **{"Idempotency-Key": "row-1"}) for _ in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    other = resend(world, {**MAIL, "text": "Other"}, **{"Idempotency-Key": "row-1"})
    assert (other.status_code, other.json()["name"]) == (409, "invalid_idempotent_request")
    world.clock.advance(hours=25)
    late = resend(world, **{"Idempotency-Key": "row-1"})
    assert late.json() != first.json()
    assert resend(world, **{"Idempotency-Key": "x" * 257}).json()["name"] == "invalid_idempotency_key"
    assert len(world.resend.sent) == 2


def test_resend_tells_a_second_request_that_the_first_is_under_way(world: Providers) -> None:
    world.resend.fault(Fault(delay=0.2))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: resend(world, **{"Idempotency-Key": "row-1"}), range(2)))
    names = sorted(answer.json().get("name", "") for answer in both)
    assert names == ["", "concurrent_idempotent_requests"]
    assert len(world.resend.sent) == 1


def test_resend_gives_a_lost_answer_again_and_frees_the_key_of_a_refused_request(world: Providers) -> None:
    world.resend.fault("accept-then-drop")
    with pytest.raises(httpx.TransportError):
        resend(world, **{"Idempotency-Key": "row-1"})
    assert resend(world, **{"Idempotency-Key": "row-1"}).json()["id"] == world.resend.sent[0].id
    assert resend(world, {**MAIL, "to": "nobody"}, **{"Idempotency-Key": "row-2"}).status_code == 422
    assert resend(world, **{"Idempotency-Key": "row-2"}).status_code == 200
    assert len(world.resend.sent) == 2


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"subject": None}, "validation_error"),
        ({"to": []}, "validation_error"),
        ({"to": [ANA] * 51}, "validation_error"),
        ({"to": "Ana"}, "validation_error"),
        ({"from": "Ana"}, "invalid_from_address"),
        ({"reply_to": "x"}, "validation_error"),
        ({"tags": [{"name": "token", "value": "has spaces"}]}, "validation_error"),
        ({"replyTo": ANA}, "validation_error"),
        ({"subject": "two\nlines"}, "validation_error"),
        ({"attachments": [{"filename": "a.txt"}]}, "invalid_attachment"),
    ],
)
def test_resend_refuses_what_its_description_forbids(world: Providers, changes: dict[str, Any], name: str) -> None:
    answer = resend(world, {**MAIL, **changes})
    assert (answer.status_code, answer.json()["name"], answer.json()["statusCode"]) == (422, name, 422)
    assert not world.resend.sent


def test_resends_events_are_signed_as_svix_does(world: Providers) -> None:
    resend(world, {**MAIL, "tags": [{"name": "token", "value": "t0k"}]})
    sent, delivered = world.resend.deliver()
    assert [events(post)["type"] for post in (sent, delivered)] == ["email.sent", "email.delivered"]
    assert events(delivered)["data"]["tags"] == {"token": "t0k"}
    key = base64.b64decode(world.resend.webhook_secret.removeprefix("whsec_"))
    told = f"{sent.headers['svix-id']}.{sent.headers['svix-timestamp']}.".encode() + sent.body
    expected = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert sent.headers["svix-signature"] == f"v1,{expected}"


def test_resend_knows_batches_its_key_and_its_rate(world: Providers) -> None:
    answer = resend(world, [MAIL, {**MAIL, "to": "ben@example.org"}], "/emails/batch")
    assert [each["id"] for each in answer.json()["data"]] == [sent.id for sent in world.resend.sent]
    assert resend(world, [{**MAIL, "attachments": []}], "/emails/batch").status_code == 422
    wrong = HTTP.post(f"{world.resend.url}/emails", json=MAIL, headers={"Authorization": "Bearer re_wrong"})
    assert (wrong.status_code, wrong.json()["name"]) == (403, "invalid_api_key")
    assert HTTP.post(f"{world.resend.url}/emails", json=MAIL).json()["name"] == "missing_api_key"
    world.resend.fault("429")
    limited = resend(world)
    assert (limited.status_code, limited.json()["name"]) == (429, "rate_limit_exceeded")
    assert {"retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= set(limited.headers)


def test_mailgun_takes_a_form_and_lists_its_events(world: Providers) -> None:
    answer = mailgun(world, {"attachment": ("map.txt", b"here", "text/plain")}, **{"v:token": "t0k", "o:tag": "a"})
    assert answer.json() == {"id": world.mailgun.sent[0].id, "message": "Queued. Thank you."}
    [post] = world.mailgun.deliver()
    told = events(post)
    assert told["event-data"]["user-variables"] == {"token": "t0k"}
    signature = told["signature"]
    signed = (signature["timestamp"] + signature["token"]).encode()
    assert signature["signature"] == hmac.new(world.mailgun.signing_key.encode(), signed, hashlib.sha256).hexdigest()
    page = listed(world, event="delivered", recipient=ANA)
    assert [event["id"] for event in page["items"]] == [told["event-data"]["id"]]
    assert listed(world, page["paging"]["next"])["items"] == []
    assert [event["event"] for event in listed(world, begin="0", ascending="yes")["items"]] == ["accepted", "delivered"]


def listed(world: Providers, url: str = "", **asked: str) -> Any:
    vendor = world.mailgun
    url = url or f"{vendor.url}/v3/{vendor.domain}/events"
    return HTTP.get(url, params=asked or None, auth=("api", vendor.key)).json()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to": "Ana"}, "to parameter is not a valid address"),
        ({"from": ""}, "from parameter is missing"),
        ({"o:testmode": "perhaps"}, "o:testmode"),
        ({"reply-to": ANA}, "reply-to is not a supported parameter"),
        ({"h:X-Bad": "two\nlines"}, "not a valid header"),
    ],
)
def test_mailgun_refuses_what_its_description_forbids(world: Providers, changes: dict[str, str], says: str) -> None:
    answer = mailgun(world, **changes)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert not world.mailgun.sent


def test_mailgun_knows_its_key_its_domain_and_its_test_mode(world: Providers) -> None:
    vendor = world.mailgun
    wrong = HTTP.post(f"{vendor.url}/v3/{vendor.domain}/messages", data=MAIL, auth=("api", "key-wrong"))
    assert (wrong.status_code, wrong.text) == (401, "Forbidden")
    assert HTTP.post(f"{vendor.url}/v3/example.com/messages", data=MAIL, auth=("api", vendor.key)).status_code == 404
    assert mailgun(world, **{"o:testmode": "yes"}).status_code == 200
    vendor.fault("429")
    assert mailgun(world).json()["retry-seconds"] == 1
    assert not world.mailgun.sent


def test_the_vendors_show_whether_a_sender_may_be_used(world: Providers) -> None:
    world.sendgrid.unverified.add("mail.example.org")
    key = {"Authorization": f"Bearer {world.sendgrid.key}"}
    [domain] = HTTP.get(f"{world.sendgrid.url}/v3/whitelabel/domains", headers=key).json()
    assert (domain["domain"], domain["valid"]) == ("mail.example.org", False)
    senders = HTTP.get(f"{world.sendgrid.url}/v3/verified_senders", headers=key).json()["results"]
    assert [sender["from_email"] for sender in senders] == ["hello@mail.example.org"]
    key = {"Authorization": f"Bearer {world.resend.key}"}
    assert HTTP.get(f"{world.resend.url}/domains", headers=key).json()["data"][0]["status"] == "verified"
    auth = ("api", world.mailgun.key)
    assert HTTP.get(f"{world.mailgun.url}/v4/domains/{world.mailgun.domain}", auth=auth).json()["domain"]["state"] == (
        "active")  # fmt: skip


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        ("bounced", {"sendgrid": "bounce", "resend": "email.bounced", "mailgun": "failed"}),
        ("dropped", {"sendgrid": "dropped", "resend": "email.suppressed", "mailgun": "failed"}),
        ("complained", {"sendgrid": "spamreport", "resend": "email.complained", "mailgun": "complained"}),
        ("deferred", {"sendgrid": "delivered", "resend": "email.delivered", "mailgun": "delivered"}),
    ],
)
def test_what_becomes_of_a_mail_is_told_in_each_vendors_words(
    world: Providers, fate: str, words: dict[str, str]
) -> None:
    world.mailbox(ANA).fate = fate
    sendgrid(world)
    resend(world)
    mailgun(world)
    last = {post.provider: events(post) for post in world.deliver()}
    assert last["sendgrid"][-1]["event"] == words["sendgrid"]
    assert last["resend"]["type"] == words["resend"]
    assert last["mailgun"]["event-data"]["event"] == words["mailgun"]
    assert len(world.mailbox(ANA).arrived) == (0 if fate in ("bounced", "dropped") else 3)
