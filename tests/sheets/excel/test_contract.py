"""A workbook over Microsoft Graph keeps the promises of every sheet, as an Excel Table and as plain cells."""

from __future__ import annotations

import pytest

from tests.contracts.sheet import SheetContract
from tests.emulators.graph import GraphEmulator
from tests.sheets.excel.books import ExcelBench


class TestExcelTable(SheetContract):
    @pytest.fixture
    def bench(self, graph: GraphEmulator) -> ExcelBench:
        return ExcelBench(graph, table=True)


class TestPlainRange(SheetContract):
    @pytest.fixture
    def bench(self, graph: GraphEmulator) -> ExcelBench:
        return ExcelBench(graph, table=False)
