"""The .xlsx sheet keeps the promises of every sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.sheet import SheetContract
from tests.sheets.books import XlsxBench


class TestXlsxSheet(SheetContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> XlsxBench:
        return XlsxBench(tmp_path)
