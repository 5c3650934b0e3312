"""Google Sheets on a loopback port, for tests: see README.md."""

from tests.emulators.sheets.auth import Client, ServiceAccount
from tests.emulators.sheets.calls import Call, Calls
from tests.emulators.sheets.doubts import Doubts
from tests.emulators.sheets.emulator import Emulator
from tests.emulators.sheets.faults import KINDS, Fault, Faults
from tests.emulators.sheets.grid import Cell, Sheet
from tests.emulators.sheets.http import Answer, Request
from tests.emulators.sheets.person import GENTLE, HARSH, MOVES, Person, Step
from tests.emulators.sheets.quota import Quota
from tests.emulators.sheets.workbook import Workbook

__all__ = [
    "GENTLE",
    "HARSH",
    "KINDS",
    "MOVES",
    "Answer",
    "Call",
    "Calls",
    "Cell",
    "Client",
    "Doubts",
    "Emulator",
    "Fault",
    "Faults",
    "Person",
    "Quota",
    "Request",
    "ServiceAccount",
    "Sheet",
    "Step",
    "Workbook",
]
