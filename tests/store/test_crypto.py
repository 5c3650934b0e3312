"""Sealing and blinding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import ConfigError
from server.store.crypto import SecretCipher

SECRET = "a secret of thirty-two characters or more"
ANY_TEXT = st.text(st.characters())  # half surrogates included: replies bring them

CIPHER = SecretCipher(SECRET)


@given(ANY_TEXT)
def test_it_opens_what_it_sealed(text: str) -> None:
    assert CIPHER.open(CIPHER.seal(text)) == text


def test_a_sealed_text_tells_nothing_and_is_never_twice_the_same() -> None:
    sealed = CIPHER.seal("zoe@example.org")
    assert b"zoe" not in sealed
    assert CIPHER.seal("zoe@example.org") != sealed


@pytest.mark.parametrize("place", [0, 3, 10, 20, -1])
def test_it_refuses_what_was_tampered_with(place: int) -> None:
    sealed = bytearray(CIPHER.seal("Yes"))
    sealed[place] ^= 1
    with pytest.raises(ConfigError):
        CIPHER.open(bytes(sealed))
    with pytest.raises(ConfigError):
        CIPHER.open(b"")


def test_another_secret_opens_nothing_and_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="CELLBACK_SECRET_KEY"):
        SecretCipher("another secret of thirty-two characters").open(CIPHER.seal("Yes"))


def test_a_former_secret_still_opens_and_still_blinds() -> None:
    renewed = SecretCipher("a new secret of thirty-two characters!!", old=[SECRET])
    assert renewed.open(CIPHER.seal("Yes")) == "Yes"
    assert renewed.blind("zoe@example.org") == CIPHER.blind("zoe@example.org")
    with pytest.raises(ConfigError):
        CIPHER.open(renewed.seal("Yes"))


def test_blinding_is_the_same_for_the_same_text_only() -> None:
    digest = CIPHER.blind("zoe@example.org")
    assert digest == SecretCipher(SECRET).blind("zoe@example.org")
    assert len(digest) == 64
    assert digest != CIPHER.blind("zoe@example.com")
    assert digest != SecretCipher(SECRET + "!").blind("zoe@example.org")


def test_it_shows_no_secret() -> None:
    assert SECRET not in repr(CIPHER)
    assert SECRET not in str(vars(CIPHER))
