"""Turns the looks of our columns into changed parts of their workbook file: colours, lists, hints, widths."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.look import PAINT, Look
from server.domain.table import Table
from server.sheets import address, edit
from server.sheets.ooxml import rules, splice, styles_part
from server.sheets.ooxml.rules import Place
from server.sheets.ooxml.sheet_part import SheetPart
from server.sheets.ooxml.workbook import Tab, Workbook, check

PIXELS, PADDING = 7.0, 5
"""Pixels of a digit and around the text, in the font that widths are counted in."""


def dressed(workbook: Workbook, tab: Tab, table: Table, looks: Sequence[Look]) -> dict[str, bytes]:
    """The parts that change, with their new content; {} when all columns look as they should.

    Raises PermanentError when the file's XML is of a form we only read, InvalidInput for a damaged one.
    """
    label = workbook.archive.label
    part = SheetPart(workbook.archive.read(tab.part), label)
    edit.refuse_odd(part)
    places = {}
    for look in looks:
        index = table.find(look.title)
        if index is not None:
            places[Place(address.number(table.columns[index].letter), table.header_row)] = look
    styles, formats = _formats(workbook, places)
    widths = {place.column: round((look.width - PADDING) / PIXELS, 2) for place, look in places.items() if look.width}
    content = (
        splice.widened(part.content[: part.head_end], part.prefix, widths)
        + part.content[part.head_end : part.tail_start]
        + rules.tail(part, places, formats)
    )
    check(content, label)
    changed = {tab.part: content, workbook.styles_part: styles}
    return {name: new for name, new in changed.items() if name and new != workbook.archive.read(name)}


def _formats(workbook: Workbook, looks: rules.Looks) -> tuple[bytes, dict[str, int]]:
    """The styles part with our colours, and their numbers by tone; a workbook without such a part gets no colours."""
    tones = [tone for tone in PAINT if any(tone in look.words_by_tone() for look in looks.values())]
    part = workbook.styles_part
    if not part or not tones:
        return workbook.archive.read(part) if part else b"", {}
    content = workbook.archive.read(part)
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content, {}
    changed, numbers = styles_part.with_paints(content, [PAINT[tone] for tone in tones], workbook.archive.label)
    return changed, dict(zip(tones, numbers, strict=True))
