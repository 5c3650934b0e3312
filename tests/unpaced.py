"""A host without a limit on calls, as seen by the product: what paces its calls is tested in tests/test_pacing.py."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

LOOK_SECONDS = 0.05
SLOTS = "cellback:pace:sheets-*"


@contextmanager
def unpaced(data_dir: Path) -> Iterator[None]:
    """Give back all calls of an account as soon as they are taken, in the product that runs in this data folder, or
    will: a minute has 50 of them, and a test that waits for the next one tests nothing meanwhile."""
    over = threading.Event()
    thread = threading.Thread(target=_give_back, args=(data_dir / "services.json", over), name="unpaced", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _give_back(services: Path, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        try:
            url = json.loads(services.read_text())["redis_url"]
            with Redis.from_url(url) as redis:
                while not over.wait(LOOK_SECONDS):
                    if slots := redis.keys(SLOTS):
                        redis.delete(*slots)
        except (OSError, ValueError, KeyError, RedisError):
            continue  # not there yet, or no longer
