from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.sheets import Emulator, Quota


@pytest.fixture
def google() -> Iterator[Emulator]:
    """Google Sheets without limits, for one test."""
    with Emulator(quota=Quota.off()) as emulator:
        yield emulator
