"""What `doctor` says of webhooks, of what is set up, and of what is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from server.cli.doctor import doctor, findings, hooks
from server.cli.doctor.finding import Finding, Sign
from server.cli.doctor.names import Names
from server.config import Settings
from server.services import Services, build
from tests.emulators.providers.world import Providers

RESEND = {"RESEND_API_KEY": "re_x", "EMAIL_FROM": "race@mail.example.org"}
SECRET = {"RESEND_WEBHOOK_SECRET": "whsec_YWJj"}


class Front:
    """Something that answers HEAD, as a web server or what stands before it."""

    def __init__(self) -> None:
        self.status, self.asked = 200, [""]

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(handler) -> None:
                self.asked.append(handler.path)
                handler.send_response(self.status)
                handler.send_header("Location", "https://elsewhere.example/")
                handler.end_headers()

            def log_message(handler, *given: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def started() -> Iterator[Front]:
    front = Front()
    yield front
    front.stop()


@pytest.fixture
def front(started: Front) -> Front:
    started.status = 200
    started.asked.clear()
    return started


def look(settings: Settings, *providers: str) -> list[Finding]:
    return list(hooks.look(settings, providers))


def home(front: Front, **variables: Any) -> dict[str, Any]:
    """Resend, as an emulator on this machine plays it, and our address."""
    return {**RESEND, **SECRET, "RESEND_BASE_URL": "http://127.0.0.1:9", "PUBLIC_BASE_URL": front.url, **variables}


def test_it_says_which_address_to_paste_where(front: Front, settings: Callable[..., Settings]) -> None:
    [found] = look(settings(**home(front)), "resend")
    assert (found.sign, found.name) == (Sign.OK, "resend hook")
    assert f"{front.url}/webhooks/resend answers; it belongs into resend.com/webhooks" in found.text
    assert front.asked == ["/webhooks/resend"]


@pytest.mark.parametrize(
    ("status", "word"),
    [(404, "is not known there"), (301, "leads elsewhere"), (403, "keeps providers out"), (502, "502")],
)
def test_it_says_what_our_address_answers_instead(
    front: Front, settings: Callable[..., Settings], status: int, word: str
) -> None:
    front.status = status
    [found] = look(settings(**home(front)), "resend")
    assert found.sign is Sign.FAIL
    assert word in found.text


def test_it_says_when_nobody_answers_there(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for one, word in ((silent, "did not answer within"), (unused, "can't be reached")):
            address = f"http://127.0.0.1:{one.getsockname()[1]}"
            variables = {**RESEND, "RESEND_BASE_URL": "http://127.0.0.1:9", "PUBLIC_BASE_URL": address}
            [found] = look(settings(**variables), "resend")
            assert found.sign is Sign.FAIL
            assert word in found.text
            assert "is Cellback running" in found.text


@pytest.mark.parametrize(
    ("address", "sign", "word"),
    [
        ("", Sign.WARN, "PUBLIC_BASE_URL is not set"),
        ("http://127.0.0.1:5000", Sign.FAIL, "no provider can reach"),
        ("https://localhost", Sign.FAIL, "no provider can reach"),
        ("https://192.168.0.7", Sign.FAIL, "no provider can reach"),
        ("https://office.local", Sign.FAIL, "no provider can reach"),
        ("http://cellback.example.org", Sign.FAIL, "in the open"),
    ],
)
def test_an_address_that_no_provider_should_post_to_is_told_without_asking_it(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, address: str, sign: Sign, word: str
) -> None:
    monkeypatch.setattr("httpx.head", lambda *given, **more: pytest.fail("asked"))
    [found] = look(settings(**RESEND, PUBLIC_BASE_URL=address), "resend")
    assert found.sign is sign
    assert word in found.text
    assert "https" in found.text


def test_what_is_posted_without_a_secret_is_not_believed_and_that_is_said(
    front: Front, settings: Callable[..., Settings]
) -> None:
    [found] = look(settings(**home(front, RESEND_WEBHOOK_SECRET="")), "resend")
    assert found.sign is Sign.WARN
    assert "RESEND_WEBHOOK_SECRET is not set" in found.text


def test_each_address_of_a_provider_has_its_place_and_no_secret_is_shown(
    front: Front, settings: Callable[..., Settings]
) -> None:
    secret = "a-secret-of-some-length"
    given = {
        "SENDGRID_API_KEY": "SG.x",
        "SENDGRID_WEBHOOK_PUBLIC_KEY": "MFkw",
        "SENDGRID_BASE_URL": front.url,
        "INBOUND_WEBHOOK_SECRET": secret,
        "EMAIL_FROM": "race@mail.example.org",
        "PUBLIC_BASE_URL": front.url,
    }
    found = look(settings(**given), "sendgrid", "smtp", "outbox")
    assert [one.name for one in found] == ["sendgrid hook"] * 2
    assert "Event Webhook" in found[0].text
    assert "/webhooks/sendgrid/inbound?secret=INBOUND_WEBHOOK_SECRET" in found[1].text
    assert secret not in found[1].text


def test_every_secret_that_it_asks_for_is_a_setting() -> None:
    for hook in (hook for some in hooks.HOOKS.values() for hook in some if hook.secret):
        assert Settings.model_fields[hook.secret].validation_alias == hook.variable


@pytest.fixture
def services(settings: Callable[..., Settings]) -> Iterator[Callable[..., Services]]:
    made: list[Services] = []

    def make(**variables: Any) -> Services:
        made.append(build(settings(**variables)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def lines(services: Services) -> dict[str, str]:
    return {one.name: f"{one.sign} {one.text}" for one in findings(services, Names())}


def test_what_is_not_set_up_is_listed_with_what_would_switch_it_on(services: Callable[..., Services]) -> None:
    found = lines(services())
    for name, variable in (
        ("resend", "RESEND_API_KEY"),
        ("sendgrid", "SENDGRID_API_KEY"),
        ("mailgun", "MAILGUN_DOMAIN"),
        ("smtp", "SMTP_URL"),
        ("twilio sms", "TWILIO_FROM"),
        ("twilio voice", "TWILIO_VOICE_FROM"),
        ("twilio whatsapp", "TWILIO_WHATSAPP_FROM"),
        ("meta whatsapp", "META_ACCESS_TOKEN"),
        ("google", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("microsoft", "MSGRAPH_CLIENT_ID"),
    ):
        assert found[name].startswith("off ")
        assert variable in found[name]


def test_a_provider_that_is_set_up_is_asked_with_its_key(services: Callable[..., Services]) -> None:
    with Providers() as world:
        here = {"EMAIL_FROM": world.keys.sender, **world.resend.environment(), "PUBLIC_BASE_URL": world.url}
        found = lines(services(**here))
        assert found["resend"] == "ok reachable"
        assert found["resend hook"].startswith("FAIL")
        assert "off" not in found["resend"]
        found = lines(services(**{**here, "RESEND_API_KEY": "re_wrong"}))
        assert found["resend"].startswith("FAIL")
        assert "resend.com/api-keys" in found["resend"]


def test_a_channel_that_can_not_be_made_does_not_keep_the_rest_from_being_looked_at(
    services: Callable[..., Services],
) -> None:
    found = lines(services(**{**RESEND, "EMAIL_FROM": "not@one@address", "SMTP_URL": "smtp://127.0.0.1:9"}))
    assert found["channels"].startswith("FAIL EMAIL_FROM")
    assert found["ledger"].startswith("ok")
    assert found["address"].startswith("ok")


def test_it_ends_with_1_only_when_something_fails(
    front: Front, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(tmp_path))
    assert doctor() == 0
    assert "FAIL" not in capsys.readouterr().out
    for name, value in home(front).items():
        monkeypatch.setenv(name, value)
    assert doctor() == 1
    assert "FAIL  resend " in capsys.readouterr().out
