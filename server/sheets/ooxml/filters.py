"""A sheet's filter as Excel stores it: which values a column shows. The rows that it hides are `hidden` in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from server.errors import PermanentError
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import text
from server.sheets.ooxml.sheet_part import ATTRIBUTES, SheetPart, attributes
from server.sheets.ooxml.table_part import TablePart
from server.sheets.ooxml.workbook import check, local, named

_BEFORE = (b"sheetCalcPr", b"sheetProtection", b"protectedRanges", b"scenarios")
"""What comes between the rows and the filter in a worksheet (ISO 29500-1, CT_Worksheet)."""
_WILD = re.compile(r"~([*?~])")


@dataclass(frozen=True, slots=True)
class Filter:
    """What one column shows: cells whose shown text is one of `values` ("" for empty ones), or holds `contains`.

    With neither it is of a kind that only Excel knows (by colour, the top ten): kept, and its hidden rows with it.
    """

    column: int
    values: tuple[str, ...] | None = None
    contains: str = ""
    raw: bytes = b""

    @property
    def known(self) -> bool:
        """Whether `shows` can tell."""
        return self.values is not None or bool(self.contains)

    def shows(self, shown: str) -> bool:
        """Whether a cell that shows this text passes; upper and lower case are one, as in Excel."""
        folded = shown.strip().casefold()
        if self.values is not None:
            return any(folded == value.strip().casefold() for value in self.values)
        return self.contains.casefold() in folded if self.contains else True


class FilterPart:
    """The filter of a table: in the table's own part where it is an Excel Table, else in the worksheet.

    Raises PermanentError when the sheet's filter belongs to another list.
    """

    def __init__(self, part: SheetPart, table: TablePart | None, header_row: int, span: Range) -> None:
        self._part, self._table, self._span = part, table, span
        content = table.content if table else part.content[part.tail_start :]
        name = rb"(?P<name>(?:[\w.\-]+:)?autoFilter)"
        form = rb"<%s(?=[\s/>])(?P<given>%s)(?:/>|>(?P<inner>.*?)</(?P=name)\s*>)" % (name, ATTRIBUTES)
        self._found = re.search(form, content, re.DOTALL)
        self._content = content
        block = address.parse(attributes(self._found["given"]).get(b"ref", b"").decode()) if self._found else None
        if block and block.top != header_row:
            raise PermanentError(
                f"This sheet's filter covers {block}, which is another list. Remove it in Excel first.",
                whole_campaign=True,
            )
        self.block = block or span
        self.filters = self._read()

    def _read(self) -> list[Filter]:
        inner = self._found["inner"] if self._found else None
        if not inner:
            return []
        items = re.findall(rb"<(?:[\w.\-]+:)?filterColumn(?=\s)[^>]*?(?:/>|>.*?</(?:[\w.\-]+:)?filterColumn\s*>)",
                           inner, re.DOTALL)  # fmt: skip
        return [_parsed(raw, self.block.left) for raw in items]

    def changed(self, filters: Sequence[Filter]) -> tuple[bytes, bytes]:
        """The worksheet's tail and the table's part (b"" without one) with these filters, and no others."""
        bottom, right = max(self.block.bottom, self._span.bottom), max(self.block.right, self._span.right)
        block = self.block._replace(right=right) if self._table else self.block._replace(right=right, bottom=bottom)
        inner = self._found["inner"] if self._found else None
        rest = re.sub(rb"<(?:[\w.\-]+:)?filterColumn(?=\s)[^>]*?(?:/>|>.*?</(?:[\w.\-]+:)?filterColumn\s*>)", b"",
                      inner or b"", flags=re.DOTALL)  # fmt: skip
        prefix = self._prefix()
        items = b"".join(_written(one, block.left, prefix) for one in sorted(filters, key=lambda one: one.column))
        given = self._found["given"] if self._found else b' ref=""'
        given = re.sub(rb"(\bref\s*=\s*[\"'])[^\"']*", lambda one: one[1] + str(block).encode(), given, count=1)
        name = prefix + b"autoFilter"
        made = b"<%s%s>%s%s</%s>" % (name, given.rstrip(), items, rest, name) if items or rest else (
            b"<%s%s/>" % (name, given.rstrip()))  # fmt: skip
        content = self._put(made)
        if self._table:
            check(content, self._part.label)
            return self._part.content[self._part.tail_start :], content
        return content, b""

    def _prefix(self) -> bytes:
        if self._found:
            return self._found["name"].removesuffix(b"autoFilter")
        opened = re.search(rb"<((?:[\w.\-]+:)?)table(?=\s)", self._content) if self._table else None
        return opened[1] if opened else self._part.prefix

    def _put(self, made: bytes) -> bytes:
        content = self._content
        if self._found:
            return content[: self._found.start()] + made + content[self._found.end() :]
        if self._table:
            opened = re.search(rb"<(?:[\w.\-]+:)?table(?=\s)[^>]*>", content)
            place = opened.end() if opened else 0
        else:
            place = _place(content, self._part.prefix)
        return content[:place] + made + content[place:]


def _place(tail: bytes, prefix: bytes) -> int:
    """Where a worksheet's filter belongs behind its rows."""
    place = 0
    for name in _BEFORE:
        full = re.escape(prefix + name)
        found = re.search(rb"<%s(?=[\s/>])%s(?:/>|>.*?</%s\s*>)" % (full, ATTRIBUTES, full), tail, re.DOTALL)
        place = max(place, found.end() if found else 0)
    return place


def _parsed(raw: bytes, left: int) -> Filter:
    """One stored filter. Namespaces do not matter here: prefixes are taken off."""
    bare = re.sub(rb"(</?)[\w.\-]+:", rb"\1", raw)
    bare = re.sub(rb"\s[\w.\-]+:[\w.\-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", bare)
    item = etree.fromstring(bare, etree.XMLParser(resolve_entities=False, no_network=True))
    column = left + int(item.get("colId", "0"))
    for group in named(item, "filters"):
        if all(local(one) == "filter" for one in group):
            empty = ("",) if group.get("blank") in {"1", "true"} else ()
            return Filter(column, (*(one.get("val", "") for one in group), *empty), raw=raw)
    for group in named(item, "customFilters"):
        tests = list(named(group, "customFilter"))
        value = tests[0].get("val", "") if len(tests) == 1 and tests[0].get("operator", "equal") == "equal" else ""
        if len(value) > 2 and value.startswith("*") and value.endswith("*"):
            inner = value[1:-1]
            if not re.search(r"(?<!~)[*?]", inner):
                return Filter(column, None, _WILD.sub(r"\1", inner), raw)
    return Filter(column, raw=raw)


def _written(one: Filter, left: int, prefix: bytes) -> bytes:
    if one.raw:
        return one.raw
    opened = b'<%sfilterColumn colId="%d">' % (prefix, one.column - left)
    if one.values is not None:
        blank = b' blank="1"' if "" in one.values else b""
        items = b"".join(b'<%sfilter val="%s"/>' % (prefix, text.attribute(value)) for value in one.values if value)
        body = b"<%sfilters%s>%s</%sfilters>" % (prefix, blank, items, prefix)
    else:
        value = text.attribute("*" + re.sub(r"[*?~]", lambda found: "~" + found[0], one.contains) + "*")
        body = b'<%scustomFilters><%scustomFilter val="%s"/></%scustomFilters>' % (prefix, prefix, value, prefix)
    return opened + body + b"</%sfilterColumn>" % prefix


def with_hidden(part: SheetPart, hidden: Mapping[int, bool]) -> bytes:
    """The sheet's head and rows with these rows hidden or shown; others stay as they are."""
    content, out, at, number = part.content, [], 0, 0
    for opening in part.tag.opening.finditer(content, part.start, part.end):
        given = attributes(opening[1])
        number = int(given.get(b"r", number + 1))
        if number not in hidden or hidden[number] == (given.get(b"hidden", b"0") in {b"1", b"true"}):
            continue
        bare = re.sub(rb"\shidden\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", opening[0])
        if hidden[number]:
            end = len(bare) - (2 if opening[2] else 1)
            bare = bare[:end].rstrip() + b' hidden="1"' + bare[end:]
        out += [content[at : opening.start()], bare]
        at = opening.end()
    return b"".join([*out, content[at : part.tail_start]])
