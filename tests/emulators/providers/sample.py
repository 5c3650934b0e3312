"""A workbook for playing with all channels: people with mail addresses and phones, and how each wants to be reached."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.styles import Font

HEADER = ("Name", "Email", "Phone", "By", "Start time", "Group")
PEOPLE = (
    ("Amara Okonjo", "amara@example.org", "+44 7900 900101", "email", "09:00", "A"),
    ("Bertil Hasselmoor", "bertil@example.org", "+44 7900 900102", "SMS", "09:10", "A"),
    ("Chiara Valdonetti", "chiara@example.org", "+44 7900 900103", "WhatsApp", "09:20", "A"),
    ("Dafydd Trewarren", "dafydd@example.org", "+44 7900 900104", "call", "09:30", "A"),
    ("Efua Mensimah", "efua@example.org", "", "", "09:40", "B"),
    ("Fumiko Harukaze", "", "+44 7900 900106", "", "09:50", "B"),
    ("Gustavo Pereyrinha", "gustavo@example.org", "+55 11 98765-4321", "WhatsApp", "10:00", "B"),
    ("Hedda Brattvollen", "hedda@gmail.con", "+44 7900 900108", "email", "10:10", "B"),
    ("Ilse Unterholzner", "ilse@example.org", "4.479E+11", "SMS", "10:20", "C"),
    ("Jolanta Wierzbowicka", "jolanta@example.org", "447900900110.0", "text", "10:30", "C"),
    ("Kasper Lindqvist", "kasper@example.org; kl@example.org", "+44 7900 900111", "email", "10:40", "C"),
    ("Leilani Kahanuola", "leilani@example.org", "+44 7900 900112", "pigeon", "10:50", "C"),
)
"""Some of it is wrong on purpose: an address mistyped, one too many, a rounded number, a channel that there is not."""


def make(path: Path) -> Path:
    """Write it, and return where."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Contestants"
    for row in (HEADER, *PEOPLE):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (24, 34, 20, 11, 11, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path
