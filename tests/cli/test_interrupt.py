"""Ctrl-C, whenever it comes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest

from server.cli import run


@pytest.fixture(autouse=True)
def _nobody_asked() -> Iterator[None]:
    run._asked.clear()
    yield
    run._asked.clear()


def watch() -> run._Watch:
    made = run._Watch.__new__(run._Watch)
    made.tree = SimpleNamespace(check=lambda: None)  # type: ignore[assignment]
    return made


def test_it_is_obeyed_even_if_it_came_where_no_exception_gets_out() -> None:
    with suppress(KeyboardInterrupt):  # as a finalizer does
        run._interrupt(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        watch()._pause(0.0)


def test_without_it_the_wait_goes_on() -> None:
    watch()._pause(0.0)
