"""Fixtures for all tests: a data folder, settings, a Redis, a browser; and no way out of this machine."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from server.config import Settings, load_settings
from server.errors import ConfigError
from tests.fakes import FakeClock
from tests.needs import BROWSERS, need, need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["tests.databases"]

BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_configure() -> None:
    """A developer's own settings must not reach a test, nor a program that a test starts.

    Nor a wish for no compiled files: more than a hundred processes would each compile the whole server anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name, field in Settings.model_fields.items():
        os.environ.pop(str(field.validation_alias or name), None)


@pytest.fixture(autouse=True, scope="session")
def _stay_here() -> Iterator[None]:
    """No test reaches another machine, by address or by name. Names under .invalid and .test are just not found."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        _refuse_elsewhere(self.family, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _refuse_elsewhere(self.family, address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith((".invalid", ".test")):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        assert not name or _here(name), f"A test wants to look up {name}"
        return resolve(host, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


def _refuse_elsewhere(family: int, address: Any) -> None:
    if family in {socket.AF_INET, socket.AF_INET6}:
        assert _here(address[0]), f"A test wants to reach {address[0]}"


def _here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost" or host == socket.gethostname()
    return address.is_loopback or address.is_unspecified


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A fresh data folder, with a path that is short enough for a unix socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(data_dir: Path) -> Callable[..., Settings]:
    """`settings(PORT=0, ...)`: settings in a fresh data folder, whatever the environment and `.env` say."""

    def make(**variables: Any) -> Settings:
        return load_settings(**{"_env_file": None, "CELLBACK_DATA_DIR": data_dir, **variables})

    return make


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until it is moved."""
    return FakeClock()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """One Redis for the whole session. Tests take `redis_db`, which is empty."""
    from server.local.redis import EmbeddedRedis, find_server

    try:
        find_server()
    except ConfigError as error:
        need(False, str(error))
    folder = Path(tempfile.mkdtemp(prefix="cb-redis-"))
    server = EmbeddedRedis(folder)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_db(redis_url: str) -> Iterator[str]:
    """The URL of an empty Redis."""
    from redis import Redis

    with Redis.from_url(redis_url) as connection:
        connection.flushall()
        yield redis_url
        connection.flushall()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium. For one module: Playwright's loop stays in the thread, and others want to run theirs."""
    from playwright.sync_api import sync_playwright

    program = need_program(*BROWSERS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()
