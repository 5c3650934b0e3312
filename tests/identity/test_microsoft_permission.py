"""What a person lets us do at Microsoft: in their name, renewed when they are away, taken back; or our app alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import msal
import pytest

from server.errors import CellbackError, ConsentNeeded, SheetUnavailable, SignedOut, SignInToMicrosoft
from server.identity.microsoft_permission import AppOnly, Delegated, Http, Kept
from server.identity.microsoft_refusals import Registration
from server.sheets.excel.transport import Transport
from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, ORGANISER, TENANT, GraphEmulator, SignInError, contest
from tests.emulators.graph.client import Client
from tests.emulators.graph.tokens import claims_of

SCOPE = "https://graph.microsoft.com/Files.ReadWrite.All"


class Drawer:
    """One account's record in the ledger, shared by processes."""

    def __init__(self) -> None:
        self.cache: str | None = None
        self.renewed = 0

    def kept(self) -> Kept:
        return Kept(lambda: self.cache, self._keep, self._renew, self._forget)

    def _keep(self, cache: str) -> None:
        self.cache = cache

    def _renew(self, cache: str) -> None:
        self.cache, self.renewed = cache, self.renewed + 1

    def _forget(self, cache: str) -> None:
        assert cache == self.cache
        self.cache = None


class Ticks:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def started() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def graph(started: GraphEmulator) -> GraphEmulator:
    started.authority.granted.clear()
    started.authority.refusals.clear()
    return started


@pytest.fixture
def registration(graph: GraphEmulator) -> Registration:
    return Registration(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authority=graph.sign_in,
        graph=graph.url,
        resource="https://graph.microsoft.com",
        scope=SCOPE,
        back="https://cellback.example.org/excel/signed-in",
    )


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def http(graph: GraphEmulator) -> Http:
    return Http(str(graph.ca_file))


@pytest.fixture
def person(registration: Registration, drawer: Drawer, http: Http, ticks: Ticks) -> Delegated:
    return Delegated(registration, TENANT, drawer.kept(), http, ticks)


@pytest.fixture
def worker(registration: Registration, drawer: Drawer, http: Http) -> Delegated:
    """The same account in another process."""
    return Delegated(registration, TENANT, drawer.kept(), http, Ticks())


def test_what_a_person_brings_becomes_a_token_for_graph_in_their_name(graph: GraphEmulator, person: Delegated) -> None:
    person.open(graph.access_token())
    claims = claims_of(person.token())
    assert (claims["aud"], claims["oid"], claims["scp"]) == (
        "https://graph.microsoft.com",
        ORGANISER,
        "Files.ReadWrite.All",
    )
    item = graph.add(contest())
    with Client(graph, item, token=person.token()) as client:
        assert client.write("A2", 1).ok
    assert graph.authority.granted == ["jwt-bearer"]


def test_who_comes_in_again_costs_nothing_while_the_token_is_good(graph: GraphEmulator, person: Delegated) -> None:
    for _ in range(5):
        person.open(graph.access_token())
        person.token()
    assert graph.authority.granted == ["jwt-bearer"]


def test_a_worker_takes_what_is_kept_and_renews_it_long_after_the_person_left(
    graph: GraphEmulator, person: Delegated, worker: Delegated, drawer: Drawer, ticks: Ticks
) -> None:
    person.open(graph.access_token(expires_in=30))
    first = person.token()
    assert worker.token() == first, "a good token is shared, not asked for again"
    assert graph.authority.granted == ["jwt-bearer"]
    ticks.now += 3600
    worker.renew()
    second = worker.token()
    assert second != first
    assert graph.authority.granted == ["jwt-bearer", "refresh_token"]
    assert drawer.renewed == 1
    assert person.token() == second, "and what one process renewed is good for all"
    assert graph.authority.granted == ["jwt-bearer", "refresh_token"]


def test_a_token_is_used_no_more_some_minutes_before_its_end(
    graph: GraphEmulator, person: Delegated, drawer: Drawer, ticks: Ticks
) -> None:
    person.open(graph.access_token())
    cache, drawer.cache = drawer.cache, None
    ticks.now += 3600 - 302
    person.token()
    ticks.now += 3
    with pytest.raises(SignInToMicrosoft):
        person.token()
    drawer.cache = cache
    person.token()


def test_a_token_that_graph_ends_before_its_time_is_renewed_and_the_question_asked_again(
    registration: Registration, drawer: Drawer
) -> None:
    with GraphEmulator() as graph:
        registration = replace(registration, authority=graph.sign_in, graph=graph.url)
        person = Delegated(registration, TENANT, drawer.kept(), Http(str(graph.ca_file)), Ticks())
        person.open(graph.access_token())
        transport, item = Transport(person, graph.url), graph.add(contest())
        try:
            graph.advance(4000)
            path = f"/drives/{item.drive.id}/items/{item.id}"
            assert transport.send("GET", path).ok
            assert [entry.status for entry in graph.log.entries] == [200], "the refused one never got that far"
            assert graph.authority.granted == ["jwt-bearer", "refresh_token"]
            graph.authority.revoke(ORGANISER)
            graph.advance(4000)
            with pytest.raises(SignInToMicrosoft):
                transport.send("GET", path)
        finally:
            transport.close()


def test_taken_back_it_is_forgotten_and_says_to_sign_in_again(
    graph: GraphEmulator, person: Delegated, worker: Delegated, drawer: Drawer
) -> None:
    person.open(graph.access_token())
    graph.authority.revoke(ORGANISER)
    worker.renew()
    with pytest.raises(SignInToMicrosoft, match="sign in"):
        worker.token()
    assert drawer.cache is None
    asked = len(graph.authority.granted)
    with pytest.raises(SignInToMicrosoft):
        worker.token()
    assert len(graph.authority.granted) == asked, "nobody is asked again without a reason"
    assert person.token(), "the other process does not know yet"
    person.open(graph.access_token())
    assert claims_of(worker.token())["oid"] == ORGANISER, "signing in mends it everywhere"


def test_a_bad_day_at_microsoft_takes_nothing_back(
    graph: GraphEmulator, person: Delegated, worker: Delegated, drawer: Drawer
) -> None:
    person.open(graph.access_token())
    worker.renew()
    graph.authority.refusals.append(SignInError("temporarily_unavailable", 90033, "Try later.", status=503))
    with pytest.raises(SheetUnavailable) as told:
        worker.token()
    assert not isinstance(told.value, SignInToMicrosoft)
    assert drawer.cache is not None
    worker.token()


def test_nobody_there_is_said_in_words(registration: Registration, drawer: Drawer, http: Http) -> None:
    nobody = Delegated(replace(registration, authority="https://localhost:9"), TENANT, drawer.kept(), http)
    with pytest.raises(SheetUnavailable, match="does not answer"):
        nobody.open("token")
    untrusted = Delegated(registration, TENANT, drawer.kept(), Http())
    with pytest.raises(SheetUnavailable, match="does not answer"):
        untrusted.open("token")


REFUSED: list[tuple[SignInError, type[CellbackError], str]] = [
    (SignInError("invalid_grant", 65001, "No consent.", suberror="consent_required"), ConsentNeeded, "administrator"),
    (SignInError("consent_required", 0, "No consent."), ConsentNeeded, "administrator"),
    (SignInError("invalid_grant", 50013, "Assertion."), SignedOut, "too old"),
    (SignInError("interaction_required", 50076, "MFA.", suberror="basic_action"), SignInToMicrosoft, "sign in"),
    (SignInError("invalid_grant", 50173, "Revoked."), SignInToMicrosoft, "sign in"),
    (SignInError("invalid_client", 7000222, "Expired.", status=401), SheetUnavailable, "SECRET has expired"),
    (SignInError("unauthorized_client", 700016, "No app."), SheetUnavailable, "MSGRAPH_CLIENT_ID"),
    (SignInError("unauthorized_client", 1, "New number."), SheetUnavailable, "whoever runs it"),
    (SignInError("server_error", 90033, "Oh.", status=500), SheetUnavailable, "does not answer"),
]


@pytest.mark.parametrize(
    ("refusal", "error", "word"), REFUSED, ids=[str(one[0].body["error_codes"]) for one in REFUSED]
)
def test_each_refusal_says_who_has_to_do_what(
    graph: GraphEmulator, person: Delegated, drawer: Drawer, refusal: SignInError, error: type[CellbackError], word: str
) -> None:
    graph.authority.refusals.append(refusal)
    with pytest.raises(error, match=word) as told:
        person.open(graph.access_token())
    assert type(told.value) is error
    assert drawer.cache is None
    assert "AADSTS" not in f"{told.value.sentence} {told.value.detail}"
    person.open(graph.access_token())  # and it is over at once when it is mended


def test_the_secret_and_the_directory_are_told_apart(
    graph: GraphEmulator, registration: Registration, drawer: Drawer, http: Http
) -> None:
    wrong = Delegated(replace(registration, client_secret="wrong"), TENANT, drawer.kept(), http)
    with pytest.raises(SheetUnavailable, match="MSGRAPH_CLIENT_SECRET is wrong"):
        wrong.open(graph.access_token())
    elsewhere = Delegated(registration, "00000000-0000-0000-0000-00000000dead", drawer.kept(), http)
    with pytest.raises(SheetUnavailable, match="MSGRAPH_TENANT_ID"):
        elsewhere.open(graph.access_token())


def test_an_administrator_is_led_to_the_page_where_they_agree(graph: GraphEmulator, person: Delegated) -> None:
    graph.authority.apps[CLIENT_ID].consented = ("User.Read",)
    try:
        with pytest.raises(ConsentNeeded) as told:
            person.open(graph.access_token())
    finally:
        graph.authority.apps[CLIENT_ID].consented = ("Files.ReadWrite.All",)
    page = urlsplit(told.value.address)
    assert f"{page.scheme}://{page.netloc}{page.path}" == f"{graph.sign_in}/{TENANT}/v2.0/adminconsent"
    assert parse_qs(page.query) == {
        "client_id": [CLIENT_ID],
        "scope": [SCOPE],
        "redirect_uri": ["https://cellback.example.org/excel/signed-in"],
    }
    person.open(graph.access_token())


def test_the_token_is_told_to_graph_and_nobody_else(graph: GraphEmulator, person: Delegated) -> None:
    person.open(graph.access_token())
    token = person.token()
    assert asyncio.run(person.get_authorization_token(f"{graph.url}/drives/d/items/i")) == token
    for uri in (
        "https://evil.example/v1.0/me",
        graph.url.replace("http://", "https://"),
        graph.url.replace("127.0.0.1", "127.0.0.1.evil.example"),
        f"http://127.0.0.1@evil.example/{graph.url}",
        "",
        "/v1.0/me",
    ):
        assert asyncio.run(person.get_authorization_token(uri)) == "", uri


def test_our_app_by_itself_has_a_token_of_its_own(
    graph: GraphEmulator, registration: Registration, http: Http, ticks: Ticks
) -> None:
    app = AppOnly(registration, TENANT, http, ticks)
    claims = claims_of(app.token())
    assert (claims["idtyp"], claims["roles"]) == ("app", ["Sites.Selected"])
    app.token()
    ticks.now += 3600
    app.token()
    assert graph.authority.granted == ["client_credentials"] * 2


def test_no_redirect_carries_our_secret_elsewhere() -> None:
    import http.server
    import threading

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        asked: list[str] = []  # noqa: RUF012 - what this one server heard

        def do_POST(self) -> None:
            self.asked.append(self.path)
            self.send_response(307)
            self.send_header("Location", "/stolen")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            Http().post(f"http://127.0.0.1:{server.server_address[1]}/token", data={"client_secret": "s3cret"})
        finally:
            server.shutdown()
            thread.join()
    assert Elsewhere.asked == ["/token"]


def test_no_secret_gets_into_a_log_or_a_text(
    graph: GraphEmulator,
    person: Delegated,
    worker: Delegated,
    registration: Registration,
    drawer: Drawer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        assertion = graph.access_token()
        person.open(assertion)
        worker.renew()
        token = worker.token()
        cache = msal.SerializableTokenCache()
        assert drawer.cache is not None
        cache.deserialize(drawer.cache)
        refresh = [one["secret"] for one in cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)]
        graph.authority.revoke(ORGANISER)
        worker.renew()
        with pytest.raises(SignInToMicrosoft):
            worker.token()
    assert refresh
    for secret in (*refresh, assertion, token, token[-40:], CLIENT_SECRET, "contoso.example"):
        assert secret not in caplog.text
        assert secret not in f"{registration!r} {person!r} {person.__dict__['_kept']!r}"
