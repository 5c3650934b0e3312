"""Which of the panel's languages a page begins in. What a person chose in their browser wins there (language.js)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from flask import request

CATALOGUES = Path(__file__).parent / "static" / "panel" / "texts"
OTHERWISE = "en"
TAG = re.compile(r"[A-Za-z]{2}([-_][A-Za-z0-9]{2,8})*")


@cache
def spoken() -> list[str]:
    """The languages that there are catalogues for, as two letters each."""
    return sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir())


def asked_for() -> str:
    """The language that the page's address names (`?lang=de`), "" where it names none that is spoken."""
    tag = request.args.get("lang", "")
    return tag if TAG.fullmatch(tag) and tag[:2].lower() in spoken() else ""


def expected() -> str:
    """The language that the page will most likely speak, by its address and what the browser prefers."""
    return asked_for()[:2].lower() or request.accept_languages.best_match(spoken()) or OTHERWISE
