"""Whose an access token of Microsoft's is; and every way to get in with one that does not count."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from server.errors import SignedOut, TemporaryError
from server.identity.microsoft import SCOPE, Account, MicrosoftIdentity, published_keys
from server.identity.published import AGAIN, Fetched
from tests.emulators.graph import CLIENT_ID, ORGANISER, TENANT, GraphEmulator
from tests.emulators.graph.tokens import Signer

ELSEWHERE = "00000000-0000-0000-0000-00000000dead"
NAME = "organiser@contoso.example"
GRAPH = GraphEmulator()
"""Never started: its authority signs, and answers by hand."""


class Keys:
    """What the directory publishes, by hand: counts who asks, and may be down or odd."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        self.change: Callable[[Any], Any] = lambda found: found

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.down:
            raise ConnectionError("down")
        reply = GRAPH.authority.answer("GET", url.removeprefix(GRAPH.sign_in), GRAPH.sign_in, b"", {})
        assert reply is not None
        return Fetched(reply.status, {}, json.dumps(self.change(reply.body)).encode())


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def identity(keys: Keys) -> MicrosoftIdentity:
    audiences = [CLIENT_ID, f"api://{CLIENT_ID}", f"api://cellback.example.org/{CLIENT_ID}"]
    return MicrosoftIdentity(audiences, [TENANT], GRAPH.sign_in, keys)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_it_tells_whose_a_token_is(identity: MicrosoftIdentity) -> None:
    account = identity.account(GRAPH.access_token(preferred_username="Organiser@Contoso.example"))
    assert account == Account(TENANT, ORGANISER, NAME)
    assert account.key == f"{TENANT}.{ORGANISER}"
    assert identity.account(GRAPH.access_token(f"api://{CLIENT_ID}")) == account
    assert identity.account(GRAPH.access_token(f"api://cellback.example.org/{CLIENT_ID}")) == account
    assert identity.account(GRAPH.access_token(scopes=("openid", SCOPE))) == account


@pytest.mark.parametrize("name", [None, "", "organiser", ["organiser@contoso.example"], "a@b\nSet-Cookie: x=1"])
def test_a_name_is_only_for_reading(identity: MicrosoftIdentity, name: Any) -> None:
    assert identity.account(GRAPH.access_token(preferred_username=name)) == Account(TENANT, ORGANISER, "")


@pytest.mark.parametrize("off", [-50, 50])
def test_it_bears_clocks_that_differ_by_seconds(identity: MicrosoftIdentity, off: int) -> None:
    at = int(time.time()) + off
    identity.account(GRAPH.access_token(expires_in=off if off < 0 else 600, iat=at, nbf=at))


now = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "another app's": {"audience": "11111111-4d1f-4c4e-9a0b-6f5d2ce81b47"},
    "made for Graph": {"audience": "https://graph.microsoft.com"},
    "an audience that only begins like ours": {"audience": f"{CLIENT_ID}.evil.example"},
    "nobody's in particular": {"aud": None},
    "several audiences at once": {"aud": [CLIENT_ID, "evil"]},
    "another directory": {"tenant": ELSEWHERE},
    "another directory that says it is ours": {"tenant": ELSEWHERE, "tid": TENANT},
    "ours that says it is another": {"tid": ELSEWHERE},
    "no directory": {"tid": None},
    "a list of directories": {"tid": [TENANT]},
    "the common directory": {"tenant": "common"},
    "another issuer": {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"},
    "version 1": {"iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0"},
    "an issuer with more behind it": {"iss": f"{GRAPH.sign_in}/{TENANT}/v2.0/evil"},
    "no issuer": {"iss": None},
    "expired": {"expires_in": -120},
    "without an end": {"exp": None},
    "an end in words": {"exp": "never"},
    "from tomorrow": {"nbf": now + 24 * 3600},
    "not said from when": {"nbf": None},
    "made tomorrow": {"iat": now + 24 * 3600},
    "another scope": {"scopes": ("User.Read",)},
    "a scope that only begins like ours": {"scopes": ("access_as_user_read",)},
    "no scope": {"scp": None},
    "scopes in a list": {"scp": [SCOPE]},
    "an app's own": {"scp": None, "roles": [SCOPE], "idtyp": "app"},
    "an app's own with a scope": {"idtyp": "app"},
    "nobody": {"oid": None},
    "an empty person": {"oid": ""},
    "a person in a list": {"oid": [ORGANISER]},
    "a person in two lines": {"oid": f"{ORGANISER}\n"},
    "a path for a person": {"oid": "../../etc/passwd"},
    "a key that nobody published": {"rogue": True},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_it_refuses_claims_that_are_not_surely_right(identity: MicrosoftIdentity, changes: dict[str, Any]) -> None:
    token = GRAPH.access_token(**{name: value for name, value in changes.items() if name != "oid"})
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    if "oid" in changes:
        token = GRAPH.authority.signer.sign({name: value for name, value in claims.items() if value is not None})
    with pytest.raises(SignedOut) as refused:
        identity.account(token)
    assert NAME not in f"{refused.value.sentence} {refused.value.detail}"


def test_it_refuses_a_token_that_nobody_signed(identity: MicrosoftIdentity) -> None:
    claims = jwt.decode(GRAPH.access_token(), options={"verify_signature": False})
    for alg in ("none", "None", "NONE", "", None, 7):
        unsigned = f"{part({'alg': alg, 'kid': GRAPH.authority.signer.kid, 'typ': 'JWT'})}.{part(claims)}"
        for token in (f"{unsigned}.", f"{unsigned}.AAAA", unsigned):
            with pytest.raises(SignedOut):
                identity.account(token)


@pytest.mark.parametrize("alg", ["HS256", "HS512", "RS512", "PS256", "ES256"])
def test_it_refuses_another_algorithm(identity: MicrosoftIdentity, alg: str) -> None:
    """With HS256 the published key would be the secret."""
    signer = GRAPH.authority.signer
    claims = jwt.decode(GRAPH.access_token(), options={"verify_signature": False})
    public = signer._key.public_key()
    header = {"alg": alg, "kid": signer.kid, "typ": "JWT"}
    secrets = [public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), b"", b"secret" * 16]
    for secret in secrets:
        head = f"{part(header)}.{part(claims)}"
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), secret)
        with pytest.raises(SignedOut):
            identity.account(f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


def test_it_refuses_another_signer_under_a_known_name_and_claims_changed_after_signing(
    identity: MicrosoftIdentity,
) -> None:
    impostor = Signer("impostor")
    impostor.kid = GRAPH.authority.signer.kid
    claims = jwt.decode(GRAPH.access_token(), options={"verify_signature": False})
    head, _, signature = GRAPH.access_token().split(".")
    for token in (impostor.sign(claims), f"{head}.{part({**claims, 'oid': TENANT})}.{signature}"):
        with pytest.raises(SignedOut):
            identity.account(token)


@pytest.mark.parametrize("header", [{"kid": None}, {"kid": ["x"]}, {"kid": "../../dev/null"}, {"kid": ""}])
def test_it_refuses_odd_names_of_keys(identity: MicrosoftIdentity, header: dict[str, Any]) -> None:
    _, claims, signature = GRAPH.access_token().split(".")
    with pytest.raises(SignedOut):
        identity.account(f"{part({'alg': 'RS256', **header})}.{claims}.{signature}")


def test_a_key_that_comes_along_in_the_token_counts_nothing(identity: MicrosoftIdentity, keys: Keys) -> None:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(GRAPH.access_token(), options={"verify_signature": False})
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    along = {"kid": GRAPH.authority.signer.kid, "jwk": public, "jku": "https://evil.example/keys", "x5u": "https://x"}
    with pytest.raises(SignedOut):
        identity.account(jwt.encode(claims, own, algorithm="RS256", headers=along))
    assert all(url.startswith(GRAPH.sign_in) for url in keys.asked)


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "....", "x" * 17000, f"{'A' * 4000}.{'[' * 3000}.A", "é.é.é", "a.b.c\n"]
)
def test_it_refuses_what_is_no_token(identity: MicrosoftIdentity, token: str) -> None:
    with pytest.raises(SignedOut):
        identity.account(token)


def test_it_refuses_json_that_is_too_deep(identity: MicrosoftIdentity) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=")
    for token in (f"{deep}.{deep}.AAAA", f"{part({'alg': 'RS256', 'kid': 'x'})}.{deep}.AAAA"):
        with pytest.raises(SignedOut):
            identity.account(token)


@given(st.text(alphabet="abcABC012-_.", max_size=200))
def test_it_refuses_anything_else_without_breaking(token: str) -> None:
    with pytest.raises(SignedOut):
        MicrosoftIdentity([CLIENT_ID], [TENANT], GRAPH.sign_in, Keys()).account(token)


@pytest.mark.parametrize(("audiences", "tenants"), [([], [TENANT]), ([CLIENT_ID], [])])
def test_without_an_audience_or_a_directory_it_does_not_even_start(audiences: list[str], tenants: list[str]) -> None:
    with pytest.raises(ValueError):
        MicrosoftIdentity(audiences, tenants, GRAPH.sign_in, Keys())


def test_a_directory_that_is_not_on_the_list_is_not_even_asked(identity: MicrosoftIdentity, keys: Keys) -> None:
    for tenant in (ELSEWHERE, "common", "../evil", TENANT.upper(), ""):
        with pytest.raises(SignedOut):
            identity.account(GRAPH.access_token(tenant=tenant))
    assert keys.asked == []


class Ticks:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_storm_of_unknown_keys_makes_it_ask_once_a_minute(keys: Keys) -> None:
    ticks = Ticks()
    published = published_keys(GRAPH.sign_in, TENANT, keys)
    published._clock = ticks
    for number in range(500):
        assert GRAPH.authority.signer.kid in published.for_key(f"made-up-{number}")
    assert len(keys.asked) == 1
    ticks.now += AGAIN
    for number in range(500):
        published.for_key(f"made-up-{number}")
    assert len(keys.asked) == 2


def test_a_new_key_is_known_within_a_minute_and_a_withdrawn_one_goes(keys: Keys) -> None:
    ticks = Ticks()
    published = published_keys(GRAPH.sign_in, TENANT, keys)
    published._clock = ticks
    published.for_key("x")
    keys.change = lambda found: {"keys": [{**found["keys"][0], "kid": "rolled-over"}]}
    ticks.now += AGAIN
    assert list(published.for_key("rolled-over")) == ["rolled-over"]


def test_without_keys_nobody_comes_in_and_nobody_is_told_off(identity: MicrosoftIdentity, keys: Keys) -> None:
    keys.down = True
    with pytest.raises(TemporaryError):
        identity.account(GRAPH.access_token())


ODD: dict[str, Callable[[Any], Any]] = {
    "no list": lambda found: [],
    "an empty list": lambda found: {"keys": []},
    "no objects": lambda found: {"keys": [1, None, "x"]},
    "of another issuer": lambda found: {"keys": [{**found["keys"][0], "issuer": "https://evil.example/v2.0"}]},
    "for encryption": lambda found: {"keys": [{**found["keys"][0], "use": "enc"}]},
    "symmetric": lambda found: {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "emulator-own", "use": "sig"}]},
    "without numbers": lambda found: {"keys": [{"kty": "RSA", "kid": "emulator-own", "use": "sig"}]},
    "far too small": lambda found: {"keys": [{**found["keys"][0], "n": "AQAB"}]},
    "without a name": lambda found: {"keys": [{**found["keys"][0], "kid": None}]},
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD.keys())
def test_odd_keys_are_none(identity: MicrosoftIdentity, keys: Keys, change: Callable[[Any], Any]) -> None:
    keys.change = change
    with pytest.raises(TemporaryError):
        identity.account(GRAPH.access_token())


def test_a_key_may_name_its_issuer_for_every_directory(identity: MicrosoftIdentity, keys: Keys) -> None:
    template = f"{GRAPH.sign_in}/{{tenantid}}/v2.0"
    keys.change = lambda found: {"keys": [{**found["keys"][0], "issuer": template}]}
    assert identity.account(GRAPH.access_token()).oid == ORGANISER
