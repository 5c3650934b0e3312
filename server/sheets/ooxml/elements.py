"""Children of an XML element by their place in the bytes, and where a new one belongs. Knows the order of two parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat

from server.errors import InvalidInput
from server.sheets.ooxml.sheet_part import ATTRIBUTES, attributes
from server.sheets.ooxml.workbook import damaged

_WORKSHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "AlternateContent webPublishItems tableParts extLst"
)
WORKSHEET = tuple(_WORKSHEET.split())
"""CT_Worksheet (ISO/IEC 29500-1, 18.3.1.99); Excel calls a file damaged that has them in another order."""
_STYLES = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
STYLES = tuple(_STYLES.split())
"""CT_Stylesheet, 18.8.39."""

_START = re.compile(rb"<([\w:.\-]+)(%s)(/?)>" % ATTRIBUTES)


class Element(NamedTuple):
    """A child: its name without prefix, and its bytes from `start` to `end`."""

    name: str
    start: int
    end: int


def root_tag(content: bytes, label: str) -> tuple[bytes, int]:
    """The prefix of the root (`x:` or nothing), and where its start tag ends. Raises InvalidInput."""
    found = next((one for one in _START.finditer(content)), None)
    if found is None:
        raise damaged(label)
    prefix, colon, _ = found[1].rpartition(b":")
    return prefix + colon, found.end()


def inside(content: bytes, label: str, head: bytes = b"") -> list[Element]:
    """The children of the root; `head` is what stands before a `content` that is only the rest. Raises InvalidInput."""
    found: list[Element] = []
    started: list[tuple[str, int]] = []
    parser = expat.ParserCreate()

    def start(name: str, _: object) -> None:
        started.append((name, parser.CurrentByteIndex - len(head)))

    def end(name: str) -> None:
        _, begun = started.pop()
        if len(started) == 1:
            found.append(
                Element(name.rpartition(":")[2], begun, _end(content, begun, parser.CurrentByteIndex - len(head)))
            )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(head + content, True)
    except (expat.ExpatError, InvalidInput) as error:
        raise damaged(label) from error
    return found


def _end(content: bytes, begun: int, closing: int) -> int:
    """Behind the end tag, or behind an element that is its own end."""
    if content.startswith(b"</", closing):
        return content.index(b">", closing) + 1
    opened = _START.match(content, begun)
    return opened.end() if opened else content.index(b">", begun) + 1


def given(content: bytes, element: Element) -> dict[bytes, bytes]:
    """An element's attributes, values as they stand."""
    opened = _START.match(content, element.start)
    return attributes(opened[2]) if opened else {}


def place(children: Sequence[Element], name: str, order: Sequence[str], last: int) -> int:
    """Where a new child of that name goes in that order: before the first one that comes after it, else at `last`."""
    rank = order.index(name)
    return next((one.start for one in children if one.name in order and order.index(one.name) > rank), last)


def counted(content: bytes, group: Element, made: bytes, count: int) -> bytes:
    """A group (`<dxfs count="2">`, empty ones too) with `made` as its content and its count set."""
    opened = _START.match(content, group.start)
    if opened is None:
        return content
    kept = {name: value for name, value in attributes(opened[2]).items() if name != b"count"}
    whole = element(opened[1], {b"count": b"%d" % count, **kept}, made)
    return content[: group.start] + whole + content[group.end :]


def body(content: bytes, group: Element) -> bytes:
    """What stands between an element's tags."""
    opened = _START.match(content, group.start)
    if opened is None or opened[3]:
        return b""
    return content[opened.end() : content.rindex(b"</", group.start, group.end)]


def element(name: bytes, given: Mapping[bytes, bytes], inner: bytes = b"") -> bytes:
    """An element's bytes; the values are as they stand between double quotes."""
    start = b"<" + name + b"".join(b' %s="%s"' % (key, value.replace(b'"', b"&quot;")) for key, value in given.items())
    return b"%s>%s</%s>" % (start, inner, name) if inner else start + b"/>"
