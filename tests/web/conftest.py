"""The web application as it is served, over the real ledger, with a queue and sheets that can be made to fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.serving import WSGIRequestHandler, make_server

from server import create_app
from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.keys import new_id, new_row_key, new_token
from server.domain.machine import Accepted, Approved, Claimed, Drafted
from server.domain.message import Approval, Message, Outgoing
from server.domain.plan import AnswerColumn, Plan
from server.domain.words import AnswerKind, CampaignState, ChannelName
from server.ports import Channel, Sheet
from server.services import Services
from server.web import tables
from server.web.app import WebApp
from tests.fakes import FakeChannel, FakeClock, FakeQueue, FakeSheet

MakeApp = Callable[..., WebApp]
PEOPLE = [
    ["Ada", "ada@example.org", "09:00", "7"],
    ["Ben", "ben@example.org", "09:10", "8"],
    ["Cleo", "cleo@example.org", "09:20", "9"],
]


class StageServices(Services):
    """The real services, with a queue in memory, one more provider, and sheets in memory by their name."""

    fakes: dict[str, FakeSheet]

    @cached_property
    def queue(self) -> FakeQueue:  # type: ignore[override]
        return FakeQueue()

    @cached_property
    def fake_channel(self) -> FakeChannel:
        return FakeChannel()

    @cached_property
    def channels(self) -> dict[tuple[ChannelName, str], Channel]:  # type: ignore[override]
        return {**super().channels, (self.fake_channel.name, "fake"): self.fake_channel}

    def open_sheet(self, workbook: str, sheet: str = "", header_row: int | None = None) -> Sheet:
        return self.fakes.get(workbook) or super().open_sheet(workbook, sheet, header_row)

    def sheet_names(self, workbook: str) -> list[str]:
        return [self.fakes[workbook].name] if workbook in self.fakes else super().sheet_names(workbook)


@pytest.fixture(scope="session")
def _routes_compiled_once() -> Iterator[None]:
    """Werkzeug compiles a function for each route of each application: most of what making one takes.

    The function depends on the rule alone, and gets the rule that it is bound to as an argument.
    """
    compiled: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        name = (rule.rule, tuple(rule._trace), append_unknown)
        if name not in compiled:
            compiled[name] = compile_builder(rule, append_unknown)
        return compiled[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture
def make_app(
    ready_data_dir: Path,
    settings: Callable[..., Settings],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    _routes_compiled_once: None,
) -> Iterator[MakeApp]:
    monkeypatch.setattr(tables, "REST", 0.0)
    made: list[WebApp] = []

    def make(**variables: Any) -> WebApp:
        services = StageServices(settings(**variables), clock)
        services.fakes = {}
        made.append(create_app(services.settings, services))
        return made[-1]

    yield make
    for app in made:
        app.services.close()


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(PORT=free_port())


@pytest.fixture
def services(app: WebApp) -> StageServices:
    assert isinstance(app.services, StageServices)
    return app.services


@pytest.fixture
def token(app: WebApp) -> str:
    return app.settings.access_token()


@pytest.fixture
def stranger(app: WebApp) -> FlaskClient:
    """Somebody without the token."""
    return app.test_client()


@pytest.fixture
def client(app: WebApp, token: str) -> FlaskClient:
    """A program with the token."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def desk(app: WebApp, token: str) -> FlaskClient:
    """A browser that opened the printed address."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.get(f"/?token={token}").status_code == 303
    return client


@pytest.fixture
def sheet(services: StageServices) -> FakeSheet:
    """The workbook that is open on the desk."""
    sheet = FakeSheet(["Name", "Email", "Time", "Number"], PEOPLE, workbook=str(Path("people.xlsx").resolve()))
    for row in range(len(PEOPLE)):
        sheet.type(row, "Number", int(PEOPLE[row][3]))
    services.fakes[sheet.workbook] = sheet
    services.set_default_workbook(sheet.workbook)
    return sheet


@pytest.fixture
def planned(services: StageServices, sheet: FakeSheet) -> Campaign:
    """A campaign on the open workbook, with its plan and nothing else."""
    campaign = Campaign(
        id="c_times",
        workbook=sheet.workbook,
        sheet=sheet.name,
        name="Times",
        instruction="Send each person their time and ask them to confirm",
        plan=Plan(
            ChannelName.OUTBOX,
            "outbox",
            "Email",
            name_column="Name",
            read_columns=("Name", "Time"),
            answer_columns=(AnswerColumn("Coming", AnswerKind.CHOICE, ("Yes", "No")),),
            template="Hi {{Name}}, you start at {{Time}}. Can you make it?",
            question="Can you make it?",
        ),
        created_at=services.clock.now(),
        started_by="Kim",
    )
    services.ledger.campaigns.add(campaign)
    return services.ledger.campaigns.get(campaign.id)


@pytest.fixture
def drafted(services: StageServices, planned: Campaign) -> list[Message]:
    """A draft for each person, as a worker would have left them."""
    messages = [
        Message(new_id("m"), planned.id, new_row_key(), token=new_token(), source="s", identity="i") for _ in PEOPLE
    ]
    services.ledger.messages.add(messages)
    services.ledger.campaigns.move(planned.id, CampaignState.DRAFTING)
    made = []
    for message, (name, address, time, _) in zip(messages, PEOPLE, strict=True):
        text = f"Hi {name}, you start at {time}. Can you make it?"
        event = Drafted(text, "Your time", address, name, source="s", identity="i")
        made.append(services.ledger.messages.move(message.id, event))
    services.ledger.campaigns.move(planned.id, CampaignState.DRAFTED)
    return [message for message in made if message is not None]


@pytest.fixture
def sent(services: StageServices, planned: Campaign, drafted: list[Message]) -> list[Message]:
    """The same messages, approved and taken by the local mailbox."""
    ledger, now = services.ledger, services.clock.now()
    ledger.campaigns.move(planned.id, CampaignState.SENDING)
    made = []
    for message in drafted:
        approval = Approval("Kim", now, "f")
        address, text, subject = message.address, message.text, message.subject
        ledger.messages.move(message.id, Approved(approval, text, subject, address, "s", "i"))
        ledger.messages.move(message.id, Claimed("worker", now))
        mail = services.mailbox.put(Outgoing(message.id, message.token, address, text, subject, message.person))
        made.append(ledger.messages.move(message.id, Accepted("outbox", mail, now)))
    return [message for message in made if message is not None]


@pytest.fixture
def served(app: WebApp) -> Iterator[str]:
    """The application on a real socket, with threads; its address."""
    server = make_server("127.0.0.1", app.settings.port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{app.settings.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(WSGIRequestHandler):
    """No access log in a test's output."""

    def log(self, *args: object) -> None:
        """Say nothing."""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
