"""The Google sheet keeps the promises of every sheet."""

from __future__ import annotations

import pytest

from tests.contracts.sheet import SheetContract
from tests.emulators.sheets import Emulator
from tests.sheets.google.books import GoogleBench


class TestGoogleSheet(SheetContract):
    @pytest.fixture
    def bench(self, google: Emulator) -> GoogleBench:
        return GoogleBench(google)
