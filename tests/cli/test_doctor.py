"""What `doctor` says of our registration with Microsoft and of the workbooks that campaigns live in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.cli.doctor import _checks
from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.plan import Plan
from server.domain.words import ChannelName
from server.errors import CellbackError
from server.identity.microsoft import Account
from server.services import Services, build
from tests.emulators.graph import CLIENT_ID, ORGANISER, TENANT, GraphEmulator, SignInError, contest
from tests.web.microsofts import NAME, kept_as, trust
from tests.web.microsofts import settings as for_excel


@pytest.fixture(scope="module")
def started() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def graph(started: GraphEmulator) -> Iterator[GraphEmulator]:
    yield started
    started.authority.refusals.clear()


@pytest.fixture
def make(graph: GraphEmulator, settings: Callable[..., Settings], redis_db: str) -> Iterator[Callable[..., Services]]:
    made: list[Services] = []

    def services(**variables: Any) -> Services:
        made.append(build(settings(**for_excel(graph, REDIS_URL=redis_db, **variables))))
        trust(made[-1], graph)
        return made[-1]

    yield services
    for one in made:
        one.close()


def told(services: Services) -> str:
    """What it says of Microsoft."""
    check = dict(_checks(services))["microsoft"]
    try:
        return check()
    except CellbackError as error:
        return f"FAIL {error.sentence}"


def test_all_is_well_and_it_says_where_an_administrator_agrees(make: Callable[..., Services]) -> None:
    assert told(make()).startswith("by people's own permission; the app is known in its directory")
    assert f"/{TENANT}/v2.0/adminconsent?client_id={CLIENT_ID}" in told(make())
    assert "works, undocumented by Microsoft" in told(make(MSGRAPH_APP_ONLY="true"))


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"MSGRAPH_CLIENT_SECRET": "wrong"}, "MSGRAPH_CLIENT_SECRET is wrong"),
        ({"MSGRAPH_CLIENT_ID": "11111111-4d1f-4c4e-9a0b-6f5d2ce81b47"}, "MSGRAPH_CLIENT_ID is not known"),
        ({"MSGRAPH_TENANT_ID": "00000000-0000-0000-0000-00000000dead"}, "MSGRAPH_TENANT_ID"),
        ({"MSGRAPH_TENANT_ID": ""}, "must set"),
        ({"MSGRAPH_AUTHORITY_URL": "https://localhost:9"}, "does not answer"),
        ({"CELLBACK_ALLOWED": ""}, "CELLBACK_ALLOWED is empty"),
    ],
)
def test_it_says_which_setting_is_wrong(make: Callable[..., Services], variables: dict[str, str], word: str) -> None:
    said = told(make(**variables))
    assert said.startswith("FAIL")
    assert word in said


def test_it_tells_an_expired_secret_from_a_wrong_one(make: Callable[..., Services], graph: GraphEmulator) -> None:
    graph.authority.refusals.append(SignInError("invalid_client", 7000222, "Expired.", status=401))
    assert "MSGRAPH_CLIENT_SECRET has expired" in told(make())


def test_it_opens_the_workbook_of_each_campaign_and_says_what_stands_in_the_way(
    make: Callable[..., Services], graph: GraphEmulator
) -> None:
    item, services = graph.add(contest()), make()
    plan = Plan(ChannelName.OUTBOX, "outbox", "Email")
    services.ledger.campaigns.add(Campaign("c_1", kept_as(item), "", "Times", "Send", plan))
    assert "sign in" in told(services)
    services.microsoft.enter(Account(TENANT, ORGANISER, NAME), graph.access_token(), item.url)
    assert told(services).endswith("1 workbooks can be edited")
    item.refuses = True
    said = told(services)
    assert "FileOpenUserUnauthorized" in said
    assert "licence" in said
    item.refuses = False
    graph.authority.apps[CLIENT_ID].consented = ()
    try:
        services.microsoft.permission(Account(TENANT, ORGANISER, NAME)).renew()
        assert "administrator" in told(services)
    finally:
        graph.authority.apps[CLIENT_ID].consented = ("Files.ReadWrite.All",)
