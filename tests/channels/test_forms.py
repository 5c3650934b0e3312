"""Forms from raw bytes: what is in them, and what nobody may do with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.fields import text_of
from server.channels.forms import MOST_FIELDS, Form, read_form
from server.domain.reply import WebhookRequest
from server.errors import InvalidInput
from tests.emulators.providers.forms import Part, multipart

URL_ENCODED = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str = "multipart/form-data; boundary=xYzZY") -> Form:
    return read_form(WebhookRequest("POST", "https://x", {}, body, content_type))


def part(name: str, data: bytes = b"", more: str = "") -> bytes:
    return f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data + b"\r\n"


END = b"--xYzZY--\r\n"


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters='\r\n"\\%', codec="utf-8"), min_size=1, max_size=20),
        st.binary(max_size=300),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60)
def test_every_byte_of_a_field_arrives_both_ways(fields: dict[str, bytes]) -> None:
    body, kind = multipart(Part(name, data) for name, data in fields.items())
    assert dict(read(body, kind).raw) == fields
    pairs = "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(data)}" for name, data in fields.items())
    found = read(pairs.encode(), URL_ENCODED)
    assert {name: found.data(name) for name in fields} == fields


@given(
    st.binary(max_size=400), st.sampled_from([URL_ENCODED, "multipart/form-data; boundary=a", "multipart/form-data"])
)
@settings(max_examples=100)
def test_whatever_is_posted_is_a_form_or_is_none(body: bytes, kind: str) -> None:
    for posted in (body, b"--a\r\n" + body, b"--a\r\n" + body + b"\r\n--a--"):
        try:
            found = read(posted, kind)
        except InvalidInput:
            continue
        assert found.raw


def test_fields_files_and_what_they_are_called() -> None:
    body = part("a", b"1") + part("b", b"2", '; filename="x.txt"\r\nContent-Type: text/plain') + part("c") + END
    found = read(b"preamble\r\n" + body + b"epilogue")
    assert (found.data("a"), found.data("b"), found.data("c")) == (b"1", b"2", b"")
    assert found.files == ("x.txt",)
    assert "a" in found
    assert "d" not in found
    assert found.data("d") == b""


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=xYzZY", 'Multipart/Form-Data; charset=x; Boundary="xYzZY"']
)
def test_the_boundary_may_be_quoted(kind: str) -> None:
    assert read(part("a", b"1") + END, kind).data("a") == b"1"


def test_of_two_fields_of_one_name_the_first_counts() -> None:
    assert read(part("a", b"1") + part("a", b"2") + END).data("a") == b"1"
    assert read(b"a=1&a=2", URL_ENCODED).data("a") == b"1"


def test_a_field_is_read_in_any_character_set() -> None:
    found = read(part("a", "für".encode("iso-8859-1")) + part("b", "für".encode()) + END)
    assert (found.text("a", "iso-8859-1"), found.text("a"), found.text("b"), found.text("b", "none")) == (
        "für",
        "für",
        "für",
        "für",
    )


def test_a_word_is_short_and_plain_and_costs_nothing() -> None:
    found = read(b"a=abc&b=" + b"x" * 201 + b"&c=\xff", URL_ENCODED)
    assert (found.word("a"), found.word("b"), found.word("c"), found.word("d")) == ("abc", "", "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        END,
        b"--xYzZY\r\n",
        part("a", b"1"),
        b"--xYzZY\r\n\r\nno name\r\n" + END,
        b"--xYzZYa\r\n" + part("a")[7:] + END,
        part("a").replace(b"\r\n", b"\n") + END,
        b"".join(part(f"f{n}") for n in range(MOST_FIELDS + 2)) + END,
        b'--xYzZY\r\nContent-Disposition: form-data; name="a"\r\nX: ' + b"x" * 20_000 + b"\r\n\r\n1\r\n" + END,
    ],
)
def test_what_is_no_whole_form_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(body)


HUGE = 30_000_000
BODIES: dict[str, tuple[Callable[[], bytes], str]] = {
    "lines": (lambda: b"\r\n" * (HUGE // 2), ""),
    "boundaries": (lambda: b"\r\n--xYzZY" * (HUGE // 9), ""),
    "name": (
        lambda: b'--xYzZY\r\nContent-Disposition: form-data; name="' + b"x" * HUGE + b'"\r\n\r\n\r\n' + END,
        "",
    ),
    "semicolons": (lambda: b"--xYzZY\r\nContent-Disposition: form-data; " + b";" * HUGE + b"\r\n\r\n\r\n" + END, ""),
    "headers": (lambda: b"--xYzZY\r\n" + b"a: b\r\n" * (HUGE // 6), ""),
    "ampersands": (lambda: b"&" * HUGE, URL_ENCODED),
    "pairs": (lambda: b"a=1&" * (HUGE // 4), URL_ENCODED),
    "escapes": (lambda: b"%41" * (HUGE // 3), URL_ENCODED),
}
"""Made when they are wanted: all of them are 240 MB, which every process that collects the tests would hold."""


@pytest.mark.parametrize("name", BODIES)
def test_nothing_that_is_posted_takes_long_to_refuse(name: str) -> None:
    make, kind = BODIES[name]
    body = make()
    began = time.thread_time()
    with pytest.raises(InvalidInput):
        read(body, kind or "multipart/form-data; boundary=xYzZY")
    assert time.thread_time() - began < 1


def test_half_a_character_in_a_field_is_replaced_and_another_kind_is_nothing() -> None:
    assert text_of({"event": "deliv\ud83d"}, "event") == "deliv?"
    assert [text_of({"event": other}, "event") for other in (None, 5, ["a"], {"a": "b"})] == [""] * 4
