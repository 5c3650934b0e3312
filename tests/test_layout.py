"""Holds section 2 of the design: who may import whom, that every job name leads somewhere; and that CI has it all."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

from tests import needs

ROOT = Path(__file__).parent.parent

ALLOWED = {
    "server.domain": {"server.domain"},
    "server.errors": set(),
    "server.ports": {"server.domain"},
    "server.flow": {"server.flow", "server.domain", "server.ports", "server.errors", "server.queue"},
    "server.queue": {"server.domain", "server.errors", "server.ports"},
    "server.config": {"server.domain", "server.errors", "server.provider_settings", "server.model_settings"},
    "server.model_settings": {"server.domain", "server.provider_settings"},
    "server.provider_settings": set(),
    "server.pacing": {"server.queue", "server.errors", "server.ports"},
    "server.sheets": {"server.sheets", "server.domain", "server.ports", "server.errors"},
    "server.channels": {"server.channels", "server.domain", "server.ports", "server.errors"},
    "server.llm": {"server.llm", "server.domain", "server.ports", "server.errors"},
    "server.identity": {"server.identity", "server.domain", "server.ports", "server.errors"},
    "server.attachments": {"server.attachments", "server.domain", "server.ports", "server.errors"},
    "server.store": {"server.store", "server.domain", "server.ports", "server.errors"},
    "server.local": {"server.local", "server.domain", "server.errors", "server.config", "server.queue"},
}
"""Package (or module) -> what of ours it may import. What is not named here may import all of `server`."""

PURE = {"server.domain", "server.flow"}
OUTSIDE = {"flask", "rq", "redis", "requests", "httpx", "sqlalchemy", "openpyxl", "lxml", "aiosmtplib", "os", "socket"}


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in [*ROOT.glob("server/**/*.py"), *ROOT.glob("jobs/**/*.py")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found.append((name, path))
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_it_imports_only_what_the_design_allows(name: str, path: Path) -> None:
    ours = {other for other in imports(path) if within(other, "server") or within(other, "jobs")}
    if within(name, "server"):
        assert not {other for other in ours if within(other, "jobs")}, "server never imports jobs"
    if within(name, "server.web"):
        assert "jobs" not in {other.split(".")[0] for other in ours}
    if within(name, "jobs"):
        assert not {other for other in ours if within(other, "server.web")}, "jobs never imports web"
    room = next((package for package in ALLOWED if within(name, package)), None)
    if room is not None:
        wrong = {
            other for other in ours if other != "server" and not any(within(other, door) for door in ALLOWED[room])
        }
        assert not wrong, f"{name} may not import {sorted(wrong)}"


ADAPTERS = ["server.sheets", "server.channels", "server.llm", "server.store", "server.identity"]


@pytest.mark.parametrize("package", sorted(PURE))
def test_it_keeps_domain_and_flow_pure(package: str) -> None:
    for name, path in modules():
        if within(name, package):
            tops = {other.split(".")[0] for other in imports(path)}
            assert not tops & OUTSIDE, f"{name} imports {sorted(tops & OUTSIDE)}"
            if package == "server.domain":
                assert tops - {"server"} <= set(sys.stdlib_module_names), f"{name} leaves the standard library"


def test_it_resolves_every_job_name() -> None:
    from server.queue import JOBS

    for name in JOBS:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function)), name


def asked_for(path: Path) -> list[set[str]]:
    """The programs that a test file needs, each with its other names."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    found = []
    for call in (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "need_program"):
        names = {word.value for word in call.args if isinstance(word, ast.Constant)}
        lists = [word.value for word in call.args if isinstance(word, ast.Starred)]
        found.append(names.union(*(getattr(needs, ast.unparse(name)) for name in lists)))
    return found


def test_ci_installs_every_program_that_a_test_needs() -> None:
    installed = set(re.findall(r"^need (\S+)", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE))
    asked = [names for path in ROOT.glob("tests/**/*.py") for names in asked_for(path)]
    assert [names for names in asked if not names & installed] == []
    assert len(asked) >= 3
