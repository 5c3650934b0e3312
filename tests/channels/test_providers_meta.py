"""The emulated WhatsApp Cloud API: what it takes, what becomes of it, what people send."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.emulators.providers import Answer, Post, Providers
from tests.emulators.providers.numbers import known_as, wa_id
from tests.emulators.providers.receiver import Receiver

ANA = "+447900900123"
HTTP = httpx.Client(verify=False, trust_env=False)
TEXT: dict[str, Any] = {"type": "text", "text": {"body": "Hello"}}


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with HTTP, Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    shared.clear()
    return shared


def send(world: Providers, content: dict[str, Any], *, token: str = "", **more: Any) -> httpx.Response:
    vendor = world.meta
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": ANA, **content, **more}
    headers = {"Authorization": f"Bearer {token or vendor.token}"}
    return HTTP.post(f"{vendor.url}/v23.0/{vendor.phone_number_id}/messages", json=body, headers=headers)


def template(*texts: str, name: str = "ask", payloads: tuple[str, ...] = ()) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if texts:
        components.append({"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]})
    for index, payload in enumerate(payloads):
        parameters = [{"type": "payload", "payload": payload}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": parameters})
    named = {"name": name, "language": {"code": "en"}, "components": components}
    return {"type": "template", "template": named}


def value(post: Post) -> Any:
    return json.loads(post.body)["entry"][0]["changes"][0]["value"]


def statuses(posts: list[Post]) -> list[Any]:
    return [status for post in posts for status in value(post)["statuses"]]


def error(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_template_opens_a_conversation_and_a_button_answers_it(world: Providers) -> None:
    world.meta.template("ask", "Hello {{1}}, coming?", ["Yes", "No"])
    answer = send(world, template("Ana", payloads=("v1.t0k.yes", "v1.t0k.no")), biz_opaque_callback_data="t0k").json()
    assert answer["contacts"] == [{"input": ANA, "wa_id": ANA[1:]}]
    made = answer["messages"][0]["id"]
    assert made.startswith("wamid.")
    told = statuses(world.meta.deliver())
    assert [(each["id"], each["status"], each["biz_opaque_callback_data"]) for each in told] == [
        (made, "sent", "t0k"), (made, "delivered", "t0k")]  # fmt: skip
    [message] = value(world.meta.press(ANA, "Yes"))["messages"]
    assert (message["type"], message["button"]) == ("button", {"payload": "v1.t0k.yes", "text": "Yes"})
    assert (message["from"], message["context"]["id"]) == (ANA[1:], made)
    [bare] = value(world.meta.press(ANA, "v1.t0k.no", context=False))["messages"]
    assert "context" not in bare
    assert send(world, TEXT).status_code == 200
    assert statuses(world.meta.deliver())[-1]["status"] == "delivered"


def test_free_text_outside_the_24_hours_fails_later(world: Providers) -> None:
    assert send(world, TEXT).status_code == 200
    [failed] = statuses(world.meta.deliver())
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    world.meta.whatsapp(ANA, "Hello?")
    world.clock.advance(hours=23.9)
    send(world, TEXT)
    world.clock.advance(hours=0.2)
    send(world, TEXT)
    assert [each["status"] for each in statuses(world.meta.deliver())] == ["sent", "delivered", "failed"]
    assert world.phone(ANA).texts == ["Hello"]


def test_somebody_may_not_be_on_whatsapp(world: Providers) -> None:
    world.phone(ANA).whatsapp = False
    world.meta.template("ask", "Hello")
    send(world, template())
    assert statuses(world.meta.deliver())[0]["errors"][0]["code"] == 131026


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"type": "text"}, (400, 131008)),
        ({"type": "text", "text": {"body": ""}}, (400, 131009)),
        ({"type": "text", "text": {"body": "x" * 4097}}, (400, 131009)),
        ({"type": "text", "text": {"body": "Hello", "colour": "red"}}, (400, 100)),
        ({**TEXT, "to": "ana"}, (400, 131009)),
        ({**TEXT, "biz_opaque_callback_data": "x" * 513}, (400, 131009)),
        (template(name="unknown"), (404, 132001)),
        (template(name="pending"), (404, 132001)),
        (template(name="paused"), (400, 132015)),
        (template(name="disabled"), (400, 132016)),
        (template(), (400, 132000)),
        (template("two", "of them"), (400, 132000)),
        (template("two\nlines"), (400, 132012)),
        (template("Ana", payloads=("a", "b", "c")), (400, 132012)),
    ],
)
def test_it_refuses_what_metas_description_forbids(
    world: Providers, content: dict[str, Any], expected: tuple[int, int]
) -> None:
    world.meta.template("ask", "Hello {{1}}", ["Yes", "No"])
    for status in ("pending", "paused", "disabled"):
        world.meta.template(status, "Hello", status=status.upper())
    answer = send(world, content)
    assert error(answer) == expected
    assert answer.json()["error"]["error_data"]["messaging_product"] == "whatsapp"
    assert not world.meta.sent


def test_quick_replies_and_lists_are_bounded(world: Providers) -> None:
    world.meta.whatsapp(ANA, "Hello?")

    def buttons(*titles: str) -> dict[str, Any]:
        replies = [{"type": "reply", "reply": {"id": f"v1.{title}", "title": title}} for title in titles]
        return {"type": "interactive", "interactive": {
            "type": "button", "body": {"text": "Coming?"}, "action": {"buttons": replies}}}  # fmt: skip

    assert send(world, buttons("Yes", "No", "Later")).status_code == 200
    for bad in (("a", "b", "c", "d"), ("same", "same"), ("x" * 21,), ()):
        assert error(send(world, buttons(*bad))) == (400, 131009)
    [message] = value(world.meta.press(ANA, "Later"))["messages"]
    assert message["interactive"] == {"type": "button_reply", "button_reply": {"id": "v1.Later", "title": "Later"}}
    rows = {"button": "Choose", "sections": [{"rows": [{"id": "r1", "title": "Friday"}]}]}
    chosen = {"type": "interactive", "interactive": {"type": "list", "body": {"text": "When?"}, "action": rows}}
    assert send(world, chosen).status_code == 200
    [message] = value(world.meta.press(ANA, "Friday"))["messages"]
    assert message["interactive"]["list_reply"] == {"id": "r1", "title": "Friday"}


def test_every_post_is_signed_over_its_raw_bytes(world: Providers) -> None:
    post = world.meta.whatsapp(ANA, "Größe 👍")
    expected = hmac.new(world.meta.app_secret.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert b"Gr\\u00f6\\u00dfe \\ud83d\\udc4d" in post.body


def test_people_send_more_than_texts(world: Providers) -> None:
    world.meta.template("ask", "Hello")
    sent = send(world, template()).json()["messages"][0]["id"]
    [reaction] = value(world.meta.react(ANA, "👍"))["messages"]
    assert reaction["reaction"] == {"message_id": sent, "emoji": "👍"}
    [unsupported] = value(world.meta.unsupported(ANA))["messages"]
    assert (unsupported["type"], unsupported["errors"][0]["code"]) == ("unsupported", 131051)
    [odd] = value(world.meta.odd(ANA, {"type": "interactive"}))["messages"]
    assert "interactive" not in odd
    [quoted] = value(world.meta.whatsapp(ANA, "Yes", answers=world.phone(ANA).last()))["messages"]
    assert quoted["context"]["id"] == sent


def test_a_person_with_a_username_comes_without_a_number(world: Providers) -> None:
    phone = world.phone(ANA)
    phone.number_hidden = True
    told = value(world.meta.whatsapp(ANA, "Hello?"))
    assert told["contacts"][0]["user_id"] == told["messages"][0]["from_user_id"] == phone.user_id
    assert "wa_id" not in told["contacts"][0]
    assert "from" not in told["messages"][0]
    body = {"messaging_product": "whatsapp", "recipient": phone.user_id, **TEXT}
    url = f"{world.meta.url}/v23.0/{world.meta.phone_number_id}/messages"
    answer = HTTP.post(url, json=body, headers={"Authorization": f"Bearer {world.meta.token}"})
    assert answer.json()["contacts"] == [{"input": phone.user_id, "user_id": phone.user_id}]
    [sent, _] = statuses(world.meta.deliver())
    assert (sent.get("recipient_id"), sent["recipient_user_id"]) == (None, phone.user_id)


def test_statuses_come_in_batches_where_wanted(world: Providers) -> None:
    world.meta.template("ask", "Hello")
    for number in ("+447900900123", "+447900900124", "+447900900125"):
        send(world, template(), to=number)
    world.meta.batch = 4
    posts = world.meta.deliver()
    world.meta.batch = 1
    assert [len(value(post)["statuses"]) for post in posts] == [4, 2]


@pytest.mark.parametrize(
    ("typed", "whatsapp_id", "known"),
    [
        ("+52 55 1234 5678", "5215512345678", "+525512345678"),
        ("5215512345678", "5215512345678", "+525512345678"),
        ("+5511987654321", "5511987654321", "+5511987654321"),
        ("+5551987654321", "555187654321", "+5551987654321"),
        ("555187654321", "555187654321", "+5551987654321"),
        ("whatsapp:+5491123456789", "5491123456789", "+5491123456789"),
        ("+541123456789", "5491123456789", "+5491123456789"),
        ("+447900900123", "447900900123", "+447900900123"),
    ],
)
def test_whatsapp_writes_some_numbers_in_its_own_way(typed: str, whatsapp_id: str, known: str) -> None:
    assert (wa_id(typed), known_as(typed)) == (whatsapp_id, known)


def test_templates_and_the_number_are_shown(world: Providers) -> None:
    world.meta.template("ask", "Hello {{name}}", ["Yes"])
    world.meta.template("old", "Hello", status="PAUSED")
    headers = {"Authorization": f"Bearer {world.meta.token}"}
    url = f"{world.meta.url}/v23.0/{world.meta.waba_id}/message_templates"
    [found] = HTTP.get(url, params={"status": "APPROVED"}, headers=headers).json()["data"]
    assert (found["name"], found["parameter_format"], found["components"][0]["text"]) == (
        "ask", "NAMED", "Hello {{name}}")  # fmt: skip
    shown = HTTP.get(f"{world.meta.url}/v23.0/{world.meta.phone_number_id}", headers=headers).json()
    assert shown["display_phone_number"] == "+15550783881"
    assert error(send(world, TEXT, token="wrong")) == (401, 190)
    world.meta.fault("429")
    assert error(send(world, TEXT)) == (429, 130429)


def test_it_asks_for_the_challenge() -> None:
    with Receiver() as product, Providers(target=product.url) as world:
        product.answers.append(Answer(200, b"42"))
        post = world.meta.handshake()
        asked = product.got[0].asked
        assert (product.got[0].method, asked["hub.mode"]) == ("GET", "subscribe")
        assert asked["hub.verify_token"] == world.meta.verify_token
        assert post.answer == b"42" != post.headers["X-Challenge"].encode()
