"""What people read in `Note` and `Status`: whole sentences in their words, not in ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[2] / "server"
SOURCES = [*sorted((SERVER / "flow").glob("*.py")), SERVER / "domain" / "cells.py", SERVER / "domain" / "preflight.py"]
JARGON = re.compile(
    r"\b(ledger|fingerprint|payload|null|exception|traceback|webhook|suppress\w*|idempoten\w*|lease|chunk|queue|"
    r"database|regex|json|http|api|sync\w*|enum|token|backlog|adapter)\b",
    re.IGNORECASE,
)


def sentences(path: Path) -> Iterator[str]:
    """Texts of a module that may be said to people: no docstrings, nothing that is logged."""
    tree = ast.parse(path.read_text("utf-8"))
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))
        logged = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if logged and isinstance(node.func.value, ast.Name) and node.func.value.id in {"log", "re"}:  # type: ignore[attr-defined]
            silent |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            text = node.value
            if " " in text.strip() and re.match(r"[A-Z“]", text):
                yield text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_what_people_are_told_is_in_their_words(path: Path) -> None:
    assert [text for text in sentences(path) if JARGON.search(text)] == []


def test_there_is_something_to_read() -> None:
    found = [text for path in SOURCES for text in sentences(path)]
    assert len(found) > 60
    assert any(text.startswith("Nobody knows whether this went out") for text in found)
