"""Sending WhatsApp messages over Meta's Cloud API, against an emulator of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from server.channels.meta import MetaWhatsApp
from server.domain.message import Choice, FilledTemplate, Outgoing, Receipt
from server.errors import AddressError, PermanentError, SendInDoubt, TemporaryError
from tests.channels import meta
from tests.channels.meta import ANA, channel
from tests.contracts.channel import LETTER, OVER_HTTP, Case, SendContract, Taken, send
from tests.emulators.providers.http import Answer
from tests.emulators.providers.meta_errors import answer
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.world import Providers

SECONDS = 0.4
"""How long its silence is waited for."""
NOTE = replace(LETTER, address=ANA, subject="")
YES, NO, LATER = Choice("1", "Yes"), Choice("2", "No"), Choice("3", "Later")
FAULTS = {
    Case.NOT_NOW: "429",
    Case.LOST_BEFORE: "drop",
    Case.SILENT_BEFORE: "hang",
    Case.TAKEN_ANSWER_LOST: "accept-then-drop",
    Case.TAKEN_SILENT: "accept-then-hang",
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Providers]:
    with Providers() as world:
        yield world


@pytest.fixture
def world(shared: Providers) -> Providers:
    """The emulator, where somebody has just written to us."""
    meta.empty(shared).phone(ANA).windows[shared.meta.phone_number_id] = shared.clock()
    return shared


class Noted(MetaWhatsApp):
    """Meta keeps one word of ours: the contract's letters, which share a token, are told apart by it."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        return await super().send(replace(outgoing, token=outgoing.message_id))


class Emulated:
    """Meta as the provider of the contract."""

    def __init__(self, world: Providers) -> None:
        self._world = world
        self.channel = Noted(world.meta.token, world.meta.phone_number_id, region="GB", base_url=world.meta.url)
        self.secrets = (world.meta.token, LETTER.token)

    def befall(self, case: Case) -> None:
        if case is Case.UNREACHABLE:
            self.channel._http._base_url = "http://127.0.0.1:9"
        elif case is Case.ADDRESS_REFUSED:
            meta.answers(self._world, answer(131026, f"Unable to deliver to {ANA}, {ANA[1:]} or {ANA[:8]} {ANA[8:]}"))
        elif case is Case.ACCOUNT_REFUSED:
            meta.answers(self._world, answer(131031, f"Malformed access token {self._world.meta.token}"))
        else:
            self._world.meta.fault(FAULTS[case], times=None)
            if "hang" in FAULTS[case]:
                self.channel._http._timeout = httpx.Timeout(SECONDS)

    def behave(self) -> None:
        meta.behave(self._world)
        self.channel._http._base_url = self._world.meta.url

    def taken(self) -> Sequence[Taken]:
        return [Taken(one.custom["biz_opaque_callback_data"], one.to, one.text) for one in self._world.meta.sent]


class TestContract(SendContract):
    outcome = OVER_HTTP
    letter = NOTE
    no_addresses = (
        "",
        "   ",
        "n/a",
        "call me",
        "ana@example.org",
        "=1+1",
        "12",
        "+521 5",
        "5215512345678, 447900900123",
    )

    def nth_address(self, number: int) -> str:
        return f"+447900900{number:03d}"

    @pytest.fixture
    def provider(self, world: Providers) -> Iterator[Emulated]:
        emulated = Emulated(world)
        yield emulated
        emulated.behave()


def asked(world: Providers) -> dict[str, Any]:
    """The last message as Meta was asked to send it."""
    found = json.loads(world.meta.calls[-1].body)
    assert isinstance(found, dict)
    return found


def test_it_sends_a_text_and_learns_what_whatsapp_calls_the_person(world: Providers) -> None:
    """A Mexican number has a 1 in its WhatsApp id, which every reply will come from."""
    [receipt] = send(channel(world), replace(NOTE, address="+525512345678"))
    assert receipt == Receipt(world.meta.sent[0].id, known_as="5215512345678")
    assert asked(world) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+525512345678",
        "biz_opaque_callback_data": NOTE.token,
        "type": "text",
        "text": {"body": NOTE.text, "preview_url": False},
    }


def test_it_calls_the_person_what_whatsapp_does(world: Providers) -> None:
    send(channel(world), replace(NOTE, known_as="5215512345678"))
    assert asked(world)["to"] == "+5215512345678"
    assert "recipient" not in asked(world)


def test_it_reaches_somebody_who_tells_no_number(world: Providers) -> None:
    person = world.phone(ANA)
    [receipt] = send(channel(world), replace(NOTE, known_as=person.user_id))
    assert receipt == Receipt(world.meta.sent[0].id, known_as=person.user_id)
    assert asked(world)["recipient"] == person.user_id
    assert "to" not in asked(world)


@pytest.mark.parametrize("odd", ["ana", "US.", "us.123", "US.12 3", "+", "', drop"])
def test_a_name_of_another_form_changes_nothing(world: Providers, odd: str) -> None:
    send(channel(world), replace(NOTE, known_as=odd))
    assert asked(world)["to"] == ANA


def test_it_names_the_message_that_it_answers(world: Providers) -> None:
    send(channel(world), replace(NOTE, thread="wamid.HBgL"))
    assert asked(world)["context"] == {"message_id": "wamid.HBgL"}
    send(channel(world), replace(NOTE, thread="<letter@example.org>"))
    assert "context" not in asked(world)


def test_a_template_goes_with_its_values_and_buttons_that_know_their_row(world: Providers) -> None:
    world.meta.template("start", "Hi {{1}}, you start at {{2}}. Fine?", ["Yes", "No"], language="en_GB")
    filled = FilledTemplate("start", "en-GB", {"2": "10:20", "1": "Ana"})
    send(channel(world), replace(NOTE, template=filled, choices=(YES, NO)))
    arrived = world.phone(ANA).last()
    assert arrived.text == "Hi Ana, you start at 10:20. Fine?"
    assert arrived.buttons == [(f"v1.{NOTE.token}.1", "Yes"), (f"v1.{NOTE.token}.2", "No")]


def test_a_template_takes_named_values_and_leaves_foreign_buttons_alone(world: Providers) -> None:
    world.meta.template("start", "Hi {{name}}, fine?", ["Our page", "No", "Yes"])
    filled = FilledTemplate("start", "en", {"name": "Ana"})
    send(channel(world), replace(NOTE, template=filled, choices=(Choice("", "Our page"), NO, YES)))
    arrived = world.phone(ANA).last()
    assert arrived.text == "Hi Ana, fine?"
    assert [payload for payload, _ in arrived.buttons] == ["Our page", f"v1.{NOTE.token}.2", f"v1.{NOTE.token}.1"]


def test_a_template_without_values_goes_as_it_is(world: Providers) -> None:
    world.meta.template("hello", "Hello there.")
    send(channel(world), replace(NOTE, template=FilledTemplate("hello")))
    assert asked(world)["template"] == {"name": "hello", "language": {"code": "en"}}


def test_up_to_three_short_answers_are_buttons(world: Providers) -> None:
    send(channel(world), replace(NOTE, choices=(YES, NO, LATER)))
    assert asked(world)["interactive"]["type"] == "button"
    assert world.phone(ANA).last().text == NOTE.text
    assert world.phone(ANA).last().buttons[2] == (f"v1.{NOTE.token}.3", "Later")


@pytest.mark.parametrize(
    "titles",
    [
        ("Yes", "No", "Later", "Never"),
        ("A title of twenty-one", "No"),
        tuple(f"Answer number {n} of nine" for n in range(1, 10)),
    ],
)
def test_more_or_longer_answers_are_a_list(world: Providers, titles: tuple[str, ...]) -> None:
    choices = tuple(Choice(str(n), title) for n, title in enumerate(titles, 1))
    send(channel(world), replace(NOTE, choices=choices, language="de-AT"))
    assert asked(world)["interactive"]["type"] == "list"
    assert asked(world)["interactive"]["action"]["button"] == "Antworten"
    assert [title for _, title in world.phone(ANA).last().buttons] == list(titles)


@pytest.mark.parametrize(
    "titles", [("An answer that is far too long for a row", "No"), ("Yes", "Yes"), ("", "No"), ("👩‍👩‍👧" * 4, "No")]
)
def test_answers_that_fit_nowhere_stay_in_the_text(world: Providers, titles: tuple[str, ...]) -> None:
    send(channel(world), replace(NOTE, choices=tuple(Choice(str(n), t) for n, t in enumerate(titles, 1))))
    assert asked(world)["type"] == "text"
    assert world.phone(ANA).last().text == NOTE.text


def test_a_long_text_keeps_its_answers_to_press(world: Providers) -> None:
    """Buttons stand under 1,024 characters at most, a list under 4,096 (Meta: "Interactive list messages")."""
    for length, kind in ((1024, "button"), (1025, "list"), (4096, "list")):
        send(channel(world), replace(NOTE, text="x" * length, choices=(YES, NO)))
        assert asked(world)["interactive"]["type"] == kind
        assert world.phone(ANA).last().text == "x" * length


def test_a_text_that_is_too_long_is_not_sent(world: Providers) -> None:
    longest = replace(NOTE, text="x" * 4096)
    assert isinstance(send(channel(world), longest)[0], Receipt)
    [error] = send(channel(world), replace(longest, text="x" * 4097, choices=(YES, NO)))
    assert isinstance(error, PermanentError)
    assert "4097 characters; WhatsApp takes 4096" in error.sentence
    assert len(world.meta.sent) == 1


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (2, TemporaryError(".", retry_after=None)),
        (4, TemporaryError(".", retry_after=60.0)),
        (80007, TemporaryError(".", retry_after=60.0)),
        (130429, TemporaryError(".", retry_after=1.0)),
        (131000, TemporaryError(".", retry_after=None)),
        (131016, TemporaryError(".", retry_after=None)),
        (131056, TemporaryError(".", retry_after=None)),
        (131026, PermanentError(".", elsewhere=True)),
        (131047, PermanentError(".")),
        (131049, PermanentError(".")),
        (131050, PermanentError(".", opted_out=True)),
        (130472, PermanentError(".")),
        (131030, PermanentError(".")),
        (131062, PermanentError(".")),
        (132012, PermanentError(".")),
        (132000, PermanentError(".", whole_campaign=True)),
        (132001, PermanentError(".", whole_campaign=True)),
        (132015, PermanentError(".", whole_campaign=True)),
        (132016, PermanentError(".", whole_campaign=True)),
        (131048, PermanentError(".", whole_campaign=True)),
        (131042, PermanentError(".", whole_campaign=True)),
        (131031, PermanentError(".", whole_campaign=True)),
        (368, PermanentError(".", whole_campaign=True)),
        (190, PermanentError(".", whole_campaign=True)),
        (10, PermanentError(".", whole_campaign=True)),
    ],
)
def test_it_knows_what_meta_refuses_for(world: Providers, code: int, means: TemporaryError | PermanentError) -> None:
    meta.answers(world, answer(code))
    [error] = send(channel(world), NOTE)
    assert type(error) is type(means)
    assert isinstance(error, TemporaryError | PermanentError)
    facts = {**vars(error), "sentence": ".", "detail": "", "code": ""}
    assert facts == {**vars(means), "code": ""} | ({} if isinstance(means, PermanentError) else {"code": ""})
    assert error.sentence.endswith(".")
    assert error.detail.startswith("HTTP ")
    if isinstance(error, PermanentError):
        assert error.code == str(code)


def said(status: int, **error: object) -> Answer:
    return json_answer({"error": {"message": "(#1) x", "type": "OAuthException", **error}}, status)


@pytest.mark.parametrize(
    ("reply", "kind", "campaign"),
    [
        (said(400, code=131999), PermanentError, False),
        (said(403, code=131999), PermanentError, True),
        (said(400, code=100, error_subcode=33), PermanentError, True),
        (said(400, code=100), PermanentError, False),
        (said(400, code=131064), PermanentError, True),
        (said(403, code=130497), PermanentError, True),
        (said(403, code=299), PermanentError, True),
        (said(404), PermanentError, False),
        (said(429, code=131999), TemporaryError, None),
        (said(500, code=131999), TemporaryError, None),
        (said(503, code="?"), TemporaryError, None),
        (said(502, code=131999), SendInDoubt, None),
        (said(500, code=3), PermanentError, True),
        (Answer(502, b"<html>Bad gateway</html>"), SendInDoubt, None),
        (Answer(504, b""), SendInDoubt, None),
        (Answer(500, b"oops"), TemporaryError, None),
        (Answer(404, b"<html>nginx</html>"), PermanentError, True),
        (Answer(407, b""), PermanentError, True),
        (Answer(302, b"", {"Location": "https://example.org/"}), PermanentError, True),
        (Answer(408, b""), SendInDoubt, None),
        (Answer(200, b"<html>Please sign in to this network</html>"), SendInDoubt, None),
        (json_answer({"messages": [], "contacts": 7}), SendInDoubt, None),
        (json_answer({"messages": [{"id": ""}]}), SendInDoubt, None),
        (json_answer({"error": ["x"]}, 400), PermanentError, True),
    ],
)
def test_it_knows_what_an_unforeseen_answer_proves(
    world: Providers, reply: Answer, kind: type[Exception], campaign: bool | None
) -> None:
    meta.answers(world, reply)
    [error] = send(channel(world), NOTE)
    assert type(error) is kind
    if isinstance(error, PermanentError):
        assert error.whole_campaign is campaign


def test_it_waits_as_long_as_it_is_told_to(world: Providers) -> None:
    meta.answers(world, answer(130429, headers={"Retry-After": "7"}))
    [error] = send(channel(world), NOTE)
    assert isinstance(error, TemporaryError)
    assert error.retry_after == 7


def test_one_person_who_gets_too_many_holds_up_nobody_else(world: Providers) -> None:
    """A wait would stop the whole sender for all."""
    meta.answers(world, answer(131056, headers={"Retry-After": "600"}))
    [error] = send(channel(world), NOTE)
    assert isinstance(error, TemporaryError)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("+44 7900 900123", ANA),
        ("07900 900123", ANA),
        ("447900900123.0", ANA),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("5215512345678", "+525512345678"),
        ("+55 31 98765-4321", "+5531987654321"),
        ("553187654321", "+5531987654321"),
        ("+54 9 11 2345-6789", "+5491123456789"),
    ],
)
def test_it_reads_numbers_as_people_and_whatsapp_write_them(world: Providers, cell: str, address: str) -> None:
    assert channel(world).address(cell) == address


def test_it_says_of_a_rounded_number_what_is_wrong_with_it(world: Providers) -> None:
    with pytest.raises(AddressError, match="lost digits"):
        channel(world).address("4.479E+11")


def test_it_knows_its_limits(world: Providers) -> None:
    limits = channel(world, per_second=20.0).limits()
    assert (limits.per_second, limits.window, limits.longest, limits.choices) == (20.0, 86400.0, 4096, 10)
    assert limits.ours == world.meta.phone_number_id, "what comes in names the number so"
    assert channel(world).limits().per_second == 80.0
    assert "Europe/London" in channel(world).zones(ANA)
