from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.graph import GraphEmulator
from tests.sheets.excel import books


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    """Microsoft Graph for one test, on this machine."""
    with GraphEmulator() as graph:
        yield graph
        while books.MADE:
            books.MADE.pop().close()
