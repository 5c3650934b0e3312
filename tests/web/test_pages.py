"""Pages for people."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/", "/panel"])
def test_it_serves_the_page_and_everything_that_it_loads(desk: FlaskClient, path: str) -> None:
    page = desk.get(path)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        with desk.get(address) as answer:
            assert answer.status_code == 200, address


@pytest.mark.parametrize("path", ["/", "/panel", "/nothing", "/u/abcdefghjkmnpqrstuvw2345"])
def test_it_writes_no_script_or_style_into_a_page(desk: FlaskClient, path: str) -> None:
    page = desk.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)


@pytest.mark.parametrize(
    ("asked", "preferred", "begins", "said"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.5", "de", ""),
        ("?lang=fr", "de-AT,de;q=0.9", "fr", "fr"),
        ("?lang=es-MX", "en", "es", "es-MX"),
        ("?lang=../../secret", "tlh", "en", ""),
        ("?lang=de/../secret", "fr", "fr", ""),
        ("", "", "en", ""),
    ],
)
def test_the_panel_begins_in_the_language_that_is_asked_for(
    desk: FlaskClient, asked: str, preferred: str, begins: str, said: str
) -> None:
    for address in ("/", "/panel"):
        page = desk.get(address + asked, headers={"Accept-Language": preferred}).get_data(as_text=True)
        assert f'<html lang="{begins}"' in page
        assert f"/texts/{begins}/first.js" in page
        assert (f'data-language="{said}"' in page) == bool(said)
        assert "secret" not in page
