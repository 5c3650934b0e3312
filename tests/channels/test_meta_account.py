"""What Meta says of the number and its templates, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from server.channels.meta import MetaWhatsApp
from server.channels.meta.templates import page
from server.domain.provider_templates import ListedTemplate, ProviderTemplate
from server.errors import CellbackError, ConfigError, PermanentError, TemporaryError
from tests.channels import meta
from tests.channels.meta import ask, channel
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.meta_errors import answer
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    return meta.empty(shared)


def checked(world: Providers, **options: Any) -> CellbackError | None:
    try:
        ask(channel(world, **options), lambda of: of.check())
    except CellbackError as error:
        return error
    return None


def caution(world: Providers, **options: Any) -> str:
    """What a check finds that does not stop sending."""
    looked_at = channel(world, **options)
    ask(looked_at, lambda of: of.check())
    return looked_at.caution


def stands(world: Providers, **fields: object) -> None:
    """The number stands so from now on."""
    meta.answers(world, json_answer({"id": world.meta.phone_number_id, "status": "CONNECTED", **fields}))


def blocked(word: str) -> dict[str, object]:
    reason = {"error_code": 141006, "error_description": "Payment.", "possible_solution": "Add a card to 447900900123."}
    entities = [
        {"entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE"},
        {"entity_type": "WABA", "can_send_message": word, "errors": [reason], "additional_info": ["Name pending.", 7]},
    ]
    return {"can_send_message": word, "entities": entities}


def test_a_number_in_good_standing_is_well(world: Providers) -> None:
    assert checked(world) is None
    assert caution(world) == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"access_token": "EAAwrong"}, "META_ACCESS_TOKEN"),
        ({"phone_number_id": "447900900123"}, "META_PHONE_NUMBER_ID"),
    ],
)
def test_it_says_which_setting_is_wrong(world: Providers, options: dict[str, str], says: str) -> None:
    error = checked(world, **options)
    assert isinstance(error, PermanentError)
    assert says in error.sentence
    assert not any(value in error.sentence + error.detail for value in options.values())


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"status": "PENDING"}, "not registered"),
        ({"status": "BANNED"}, "banned"),
        ({"status": "DISCONNECTED"}, "register it again"),
        ({"status": "SOMETHING_NEW"}, "SOMETHING_NEW"),
        ({"status": None, "code_verification_status": "NOT_VERIFIED"}, "not verified"),
        ({"health_status": blocked("BLOCKED")}, "Payment. Add a card to"),
    ],
)
def test_it_says_why_a_number_may_not_send(world: Providers, fields: dict[str, object], says: str) -> None:
    stands(world, **fields)
    error = checked(world)
    assert isinstance(error, PermanentError)
    assert says in error.sentence
    assert "447900900123" not in error.sentence


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"quality_rating": "RED"}, "quality is RED"),
        ({"quality_rating": "YELLOW"}, "quality is YELLOW"),
        ({"name_status": "PENDING_REVIEW"}, "display name"),
        ({"health_status": blocked("LIMITED")}, "Name pending."),
        ({"status": "FLAGGED", "quality_rating": "RED"}, "quality is RED"),
    ],
)
def test_it_warns_of_what_does_not_stop_it_yet(world: Providers, fields: dict[str, object], says: str) -> None:
    stands(world, **fields)
    assert says in caution(world, waba_id="")


@pytest.mark.parametrize(("apps", "warns"), [([], True), ([{"whatsapp_business_api_data": {}}], False), (None, False)])
def test_it_warns_when_nothing_would_come_back(
    world: Providers, monkeypatch: pytest.MonkeyPatch, apps: list[object] | None, warns: bool
) -> None:
    """The step that is most often forgotten: the webhook is set up, but the app does not listen to the account."""

    respond = world.meta.respond

    def subscribed(request: Request) -> Answer:
        return json_answer({"data": apps}) if request.path.endswith("/subscribed_apps") else respond(request)

    monkeypatch.setattr(world.meta, "respond", subscribed)
    assert ("No app is subscribed" in caution(world)) is warns


def test_metas_test_number_is_never_verified_and_sends(world: Providers) -> None:
    stands(world, code_verification_status="NOT_VERIFIED")
    assert checked(world) is None


def test_it_asks_for_less_where_a_field_is_not_there(world: Providers) -> None:
    """Which fields there are depends on the account and the age of the number."""

    def reserve(request: Request) -> Answer | None:
        too_much = "health_status" in request.asked.get("fields", "")
        return answer(100, "Tried accessing nonexisting field") if too_much else None

    world.meta.__dict__["reserve"] = reserve
    assert checked(world) is None


@pytest.mark.parametrize(
    "reply", [answer(130429), answer(2), Answer(502, b"<html>"), Answer(500, b""), json_answer({})]
)
def test_it_asks_again_later_when_meta_has_trouble(world: Providers, reply: Answer) -> None:
    meta.answers(world, reply)
    assert isinstance(checked(world), TemporaryError)


def test_a_token_with_a_line_break_is_a_fault_of_the_settings() -> None:
    with pytest.raises(ConfigError) as caught:
        MetaWhatsApp("EAA\nX", "1")
    assert "EAA" not in str(caught.value)


def test_it_lists_approved_and_paused_templates(world: Providers) -> None:
    world.meta.template("start", "Hi {{name}}, at {{time}}?", ["Yes", "No"], language="en_GB")
    world.meta.template("start", "Hallo {{name}}.", language="de", status="PAUSED", category="MARKETING")
    for status in ("PENDING", "REJECTED", "DISABLED"):
        world.meta.template(status.lower(), "Hello.", status=status)
    german, english = ask(channel(world), lambda of: of.templates())
    body = "Hi {{name}}, at {{time}}?"
    expected = ProviderTemplate("start", "en_GB", body, buttons=("Yes", "No"))
    assert english == ListedTemplate(expected, "approved", "utility")
    assert english.variables == 2
    assert (german.status, german.category) == ("paused", "marketing")
    assert "paused" in german.unfit


def test_it_reads_every_page_of_templates(world: Providers) -> None:
    def reserve(request: Request) -> Answer:
        number = int(request.asked.get("after", "0"))
        data = [{"name": f"t{number}", "language": "en", "status": "APPROVED", "components": []}]
        following = {"next": "https://graph.facebook.com/elsewhere"} if number < 2 else {}
        return json_answer({"data": data, "paging": {"cursors": {"after": str(number + 1)}, **following}})

    world.meta.__dict__["reserve"] = reserve
    assert [one.template.name for one in ask(channel(world), lambda of: of.templates())] == ["t0", "t1", "t2"]


def test_endless_pages_come_to_an_end(world: Providers) -> None:
    meta.answers(world, json_answer({"data": [], "paging": {"cursors": {"after": "x"}, "next": "y"}}))
    assert ask(channel(world), lambda of: of.templates()) == []
    assert len(world.meta.calls) == 50


def test_it_says_which_account_it_can_not_list(world: Providers) -> None:
    for waba_id, says in (("", "Set META_WABA_ID"), ("7", "look at META_WABA_ID")):
        with pytest.raises(PermanentError, match=says):
            ask(channel(world, waba_id=waba_id), lambda of: of.templates())


@pytest.mark.parametrize(
    ("component", "says"),
    [
        ({"type": "HEADER", "format": "IMAGE"}, "picture"),
        ({"type": "HEADER", "format": "TEXT", "text": "For {{1}}"}, "header has a variable"),
        ({"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": "https://x.example/{{1}}"}]}, "link"),
        ({"type": "CAROUSEL", "cards": []}, "cards"),
        ({"type": "HEADER", "format": "TEXT", "text": "For you"}, ""),
        ({"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": "https://x.example/"}]}, ""),
        ({"type": "FOOTER", "text": "Reply STOP"}, ""),
    ],
)
def test_it_says_why_a_template_can_not_be_filled(component: dict[str, Any], says: str) -> None:
    one = {"name": "t", "language": "en", "status": "APPROVED", "category": "UTILITY"}
    [listed], after = page({"data": [{**one, "components": [{"type": "BODY", "text": "Hi."}, component]}]})
    assert says in listed.unfit
    assert bool(listed.unfit) is bool(says)
    assert after == ""


def test_a_code_template_is_not_for_us() -> None:
    [listed], _ = page({"data": [{"name": "t", "language": "en", "status": "APPROVED", "category": "AUTHENTICATION"}]})
    assert listed.unfit == "It is for one-time codes."


@pytest.mark.parametrize("data", [None, [None, 7, {}], {"x": 1}, [{"name": 1, "language": [], "status": "APPROVED"}]])
def test_it_bears_a_list_of_another_form(data: object) -> None:
    assert page({"data": data, "paging": {"next": 1, "cursors": []}}) == ([], "")
