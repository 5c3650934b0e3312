"""Fixtures for all tests: a data folder, settings, a Redis, a browser; and no way out of this machine."""

from __future__ import annotations

import gc
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
from server.starting import begin
from tests import nursery
from tests.fakes import FakeClock
from tests.needs import BROWSERS, need, need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["tests.databases"]

MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2_000_000_000
"""A file system in memory, as Linux has one, and how much must be free in it: the tests leave some 100 MB at once."""

NOT_OF_THE_BROWSER = [
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AimEnabled"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
]
"""Features of Chromium that are off. The first three keep a renderer ready for the address bar of every window, which
nobody sees: a third of what Chromium takes of the processor here. The others are Playwright's own choice, said again
since of several lists the last one counts."""

BROWSER_OPTIONS = [
    f"--disable-features={','.join(NOT_OF_THE_BROWSER)}",
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
    begin()
    _keep_files_in_memory()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name, field in Settings.model_fields.items():
        os.environ.pop(str(field.validation_alias or name), None)


def _keep_files_in_memory() -> None:
    """Ledgers wait for the disk at every commit, thousands of times in all tests: a wait that tests nothing, since
    nobody here pulls the plug. A choice of the developer's own (TMPDIR) is respected."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


SLOW = (
    "tests/browser/test_google_sidebar.py",
    "tests/browser/test_desk.py",
    "tests/cli/test_run.py",
    "tests/browser/test_excel_pane.py",
    "tests/flow/test_properties.py",
    "tests/browser/",
    "tests/chaos/",
    "tests/outages/",
    "tests/cli/",
    "tests/sheets/google/test_property.py",
    "tests/sheets/excel/test_run.py",
    "tests/web/test_elsewhere.py",
    "tests/local/",
    "tests/test_story.py",
    "tests/flow/",
    "tests/sheets/excel/",
)
"""Files and folders that take longest, the slowest first: begun last, one of them would keep one process busy while the
others have nothing left to do. A file stays in one process (`--dist loadfile`), with the product it has started."""


def _is_promised(item: pytest.Item) -> bool:
    holds = getattr(getattr(item, "function", None), "only_where", None)
    return holds is None or bool(holds(getattr(item, "cls", None)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow ones first; apart from that the order stays. What was loaded for them is never garbage.

    A test of a contract that its class says it can't promise is none (`tests.contracts.channel.only_where`).
    """
    idle = [item for item in items if not _is_promised(item)]
    if idle:
        config.hook.pytest_deselected(items=idle)
        items[:] = [item for item in items if _is_promised(item)]
    items.sort(key=lambda item: next((at for at, name in enumerate(SLOW) if item.nodeid.startswith(name)), len(SLOW)))
    gc.freeze()


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


@pytest.fixture(scope="module")
def forked_starts() -> Iterator[None]:
    """What a module starts is forked from a process that has our code loaded: 1.5 s of a core less for each process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.local.children.spawn", nursery.spawn)
        patch.setattr("tests.chaos.world.spawn", nursery.spawn)
        patch.setattr("tests.emulators.stage.product.popen", nursery.popen)
        yield


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
