"""Conditional formats and data validations of a worksheet, put in their place among those that are there already."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from server.domain.look import Look
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import elements, text
from server.sheets.ooxml.elements import element
from server.sheets.ooxml.sheet_part import SheetPart
from server.sheets.ooxml.workbook import local

OURS = "Cellback"
"""Title of our hints and warnings, by which they are known again."""

LAST_ROW = 1_048_576
LONGEST_LIST = 255
"""Characters of a list of values that stands in the file itself (Excel specifications and limits)."""

_PRIORITY = re.compile(rb"\spriority\s*=\s*[\"'](\d{1,9})[\"']")


class Place(NamedTuple):
    """A column of ours: its number, and the row of titles."""

    column: int
    header: int

    @property
    def title(self) -> Range:
        """The cell of its title."""
        return Range(self.column, self.header, self.column, self.header)

    @property
    def body(self) -> Range:
        """All cells below, to the end of the sheet: rows that are added later as well."""
        return Range(self.column, self.header + 1, self.column, LAST_ROW)


Looks = Mapping[Place, Look]


def formulas(place: Place, look: Look) -> list[str]:
    """One condition for each colour of that column, in the order of `Look.words_by_tone`."""
    cell = f"{address.letter(place.column)}{place.header + 1}"
    return [
        "OR(" + ",".join(f"{cell}={_quoted(word)}" for word in words) + ")" for words in look.words_by_tone().values()
    ]


def tail(part: SheetPart, looks: Looks, formats: Mapping[str, int]) -> bytes:
    """What stands behind the rows, with the rules that are missing; `formats` are numbers of formats by tone.

    Every other rule stays where it is, and goes before ours. A column that has a validation of somebody else's gets
    none of ours. Raises InvalidInput.
    """
    content = part.content[part.tail_start :]
    return _validated(part, _coloured(part, content, looks, formats), looks)


def _children(part: SheetPart, content: bytes) -> list[elements.Element]:
    return elements.inside(content, part.label, b"<%sworksheet>" % part.prefix)


def _coloured(part: SheetPart, content: bytes, looks: Looks, formats: Mapping[str, int]) -> bytes:
    if not formats:
        return content
    there, made = _conditions(part), b""
    last = max((int(found) for found in _PRIORITY.findall(content)), default=0)
    for place, look in looks.items():
        pairs = zip(look.words_by_tone(), formulas(place, look), strict=True)
        missing = [(tone, formula) for tone, formula in pairs if formula not in there]
        rules = b"".join(
            _colour(part.prefix, formats[tone], last + count, formula)
            for count, (tone, formula) in enumerate(missing, 1)
        )
        last += len(missing)
        if rules:
            made += element(part.prefix + b"conditionalFormatting", {b"sqref": str(place.body).encode()}, rules)
    at = elements.place(_children(part, content), "conditionalFormatting", elements.WORKSHEET, content.rindex(b"</"))
    return content[:at] + made + content[at:]


def _colour(prefix: bytes, number: int, priority: int, formula: str) -> bytes:
    given = {b"type": b"expression", b"dxfId": b"%d" % number, b"priority": b"%d" % priority}
    return element(prefix + b"cfRule", given, element(prefix + b"formula", {}, text.encode(formula)))


def _conditions(part: SheetPart) -> set[str]:
    """The formulas of all conditional formats."""
    groups = (one for one in part.frame.root if isinstance(one.tag, str) and local(one) == "conditionalFormatting")
    inner = (one for group in groups for one in group.iter() if isinstance(one.tag, str))
    return {one.text or "" for one in inner if local(one) == "formula"}


def _validated(part: SheetPart, content: bytes, looks: Looks) -> bytes:
    """With our validations; those of ours that are no longer wanted go."""
    children = _children(part, content)
    group = next((one for one in children if one.name == "dataValidations"), None)
    wanted = [rule for place, look in looks.items() for rule in _rules(part.prefix, place, look)]
    kept, others = _kept(part, content[group.start : group.end] if group else b"", looks, {made for _, made in wanted})
    kept += [made for where, made in wanted if made not in kept and not any(where.meets(other) for other in others)]
    inner = b"".join(kept)
    if group and not kept:
        return content[: group.start] + content[group.end :]
    if group:
        same = inner == elements.body(content, group)
        return content if same else elements.counted(content, group, inner, len(kept))
    if not kept:
        return content
    at = elements.place(children, "dataValidations", elements.WORKSHEET, content.rindex(b"</"))
    made = element(part.prefix + b"dataValidations", {b"count": b"%d" % len(kept)}, inner)
    return content[:at] + made + content[at:]


def _kept(part: SheetPart, group: bytes, looks: Looks, wanted: Collection[bytes]) -> tuple[list[bytes], list[Range]]:
    """The validations that stay, and the cells that those of other people are for."""
    kept, others = [], _elsewhere(part)
    cells = [block for place in looks for block in (place.title, place.body)]
    for one in elements.inside(group, part.label) if group else ():
        raw, has = group[one.start : one.end], elements.given(group, one)
        blocks = _blocks(has.get(b"sqref", b"").decode("utf-8", "replace"))
        named = OURS.encode() in {has.get(b"promptTitle"), has.get(b"errorTitle")}
        ours = named and any(block.meets(cell) for block in blocks for cell in cells)
        if not ours:
            others += blocks
        if not ours or raw in wanted:
            kept.append(raw)
    return kept, others


def _rules(prefix: bytes, place: Place, look: Look) -> list[tuple[Range, bytes]]:
    """The hint at the title, and the list below it, each with its cells."""
    found, name = [], prefix + b"dataValidation"
    if look.note:
        given = {b"allowBlank": b"1", b"showInputMessage": b"1", b"promptTitle": OURS.encode()}
        cell = {b"prompt": text.attribute(look.note), b"sqref": str(place.title).encode()}
        found.append((place.title, element(name, {**given, **cell})))
    listed = ",".join(look.choices).replace('"', '""')
    if look.choices and len(listed) <= LONGEST_LIST and not any(_unlistable(word) for word in look.choices):
        given = {b"type": b"list", b"errorStyle": b"warning", b"allowBlank": b"1"}
        if look.doubt:
            given |= {b"showErrorMessage": b"1", b"error": text.attribute(look.doubt)}
        given |= {b"errorTitle": OURS.encode(), b"sqref": str(place.body).encode()}
        found.append((place.body, element(name, given, element(prefix + b"formula1", {}, text.encode(f'"{listed}"')))))
    return found


def _unlistable(word: str) -> bool:
    """A comma would make two values of it, and white space at its edges would be cut off."""
    return "," in word or word != word.strip() or not word


def _elsewhere(part: SheetPart) -> list[Range]:
    """Cells with validations that Excel keeps aside, because older ones could not read them."""
    return [
        block
        for one in part.frame.root.iter()
        if isinstance(one.tag, str) and local(one) == "sqref"
        and any(local(above) == "dataValidation" for above in one.iterancestors())
        for block in _blocks(one.text or "")
    ]  # fmt: skip


def _blocks(reference: str) -> list[Range]:
    return [block for one in reference.split() if (block := address.parse(one))]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
