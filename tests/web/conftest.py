"""The web application as it is served, over the real ledger, with a queue and sheets that can be made to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import create_app
from server.config import Settings
from server.errors import TemporaryError
from server.ports import Channel, Sheet
from server.services import Services
from server.web.app import WebApp
from tests.fakes import FakeChannel, FakeClock, FakeQueue, FakeSheet

MakeApp = Callable[..., WebApp]
PEOPLE = [
    ["Ada", "ada@example.org", "09:00", "7"],
    ["Ben", "ben@example.org", "09:10", "8"],
    ["Cleo", "cleo@example.org", "09:20", "9"],
]


class PingQueue(FakeQueue):
    """A queue that can be asked whether it is there."""

    def ping(self) -> None:
        if self.unavailable:
            raise TemporaryError("The queue can't be reached.")


class StageServices(Services):
    """The real services, with a queue in memory, one more provider, and sheets in memory by their name."""

    fakes: dict[str, FakeSheet]

    @cached_property
    def queue(self) -> PingQueue:  # type: ignore[override]
        return PingQueue()

    @cached_property
    def fake_channel(self) -> FakeChannel:
        return FakeChannel()

    @cached_property
    def channels(self) -> dict[str, Channel]:  # type: ignore[override]
        return {**super().channels, "fake": self.fake_channel}

    def open_sheet(self, workbook: str, sheet: str = "", header_row: int | None = None) -> Sheet:
        return self.fakes.get(workbook) or super().open_sheet(workbook, sheet, header_row)

    def sheet_names(self, workbook: str) -> list[str]:
        return [self.fakes[workbook].name] if workbook in self.fakes else super().sheet_names(workbook)


@pytest.fixture
def make_app(settings: Callable[..., Settings], clock: FakeClock) -> Iterator[MakeApp]:
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
    return make_app()


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
