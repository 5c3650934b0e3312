"""One worksheet's XML: where its rows lie in the bytes, and what stands around them."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import NamedTuple

from lxml import etree

from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml.workbook import check, children, damaged, named, tree, whole

_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.\-]*):)?worksheet(?=[\s>])")
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([\w.\-]+)[\"']")
_ODD = re.compile(rb"<!--|<!\[CDATA\[|<\?(?!xml\s)")
ATTRIBUTES = rb"(?:[^>\"'/]++|/(?!>)|\"[^\"]*+\"|'[^']*+')*+"
_ATTRIBUTE = re.compile(rb"([\w:.\-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class Tag(NamedTuple):
    """The patterns for a sheet whose elements carry a prefix (`<x:row>`), or none."""

    opening: re.Pattern[bytes]
    """The start tag of a row. Groups: attributes; a slash when the row is `<row/>`."""
    row: re.Pattern[bytes]
    """Groups: attributes; content (None when the row is `<row/>`)."""
    cell: re.Pattern[bytes]
    """Groups: column letters, row number, style, type (when they come in this order), other attributes, content."""


@lru_cache(maxsize=16)
def patterns(prefix: bytes) -> Tag:
    """Exact on well-formed XML without comments and the like, which `SheetPart` makes sure of."""
    name = re.escape(prefix)
    opening = rb"<%srow(?=[\s/>])(%s)(/?)>" % (name, ATTRIBUTES)
    row = rb"<%srow(?=[\s/>])(%s)(?:/>|>(.*?)</%srow\s*>)" % (name, ATTRIBUTES, name)
    cell = (
        rb'<%sc(?=[\s/>])(?: r="([A-Z]+)([0-9]+)")?(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?(%s)(?:/>|>(.*?)</%sc\s*>)'
        % (name, ATTRIBUTES, name)
    )
    return Tag(re.compile(opening), re.compile(row, re.DOTALL), re.compile(cell, re.DOTALL))


def attributes(raw: bytes) -> dict[bytes, bytes]:
    """The attributes of a start tag, values as they stand."""
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(raw)}


class SheetPart:
    """A worksheet's XML as bytes, with the place of its rows. Raises InvalidInput when it is damaged.

    `odd` says that the file writes its XML in a way that only reading copes with (comments, another encoding):
    `content` is then a rewritten copy, fit for reading.
    """

    def __init__(self, content: bytes, label: str) -> None:
        check(content, label)
        self.label = label
        declared = _DECLARED.match(content)
        foreign = content[:2] in {b"\xff\xfe", b"\xfe\xff"} or bool(
            declared and declared[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}
        )
        self.odd = foreign or bool(_ODD.search(content))
        self.content = _rewritten(content, label) if self.odd else content
        root = _ROOT.search(self.content)
        if root is None:
            raise damaged(label)
        self.prefix = root[1] + b":" if root[1] else b""
        self.tag = patterns(self.prefix)
        name = re.escape(self.prefix)
        opened = re.compile(rb"<%ssheetData(?=[\s/>])%s(/?)>" % (name, ATTRIBUTES)).search(self.content)
        if opened is None:
            raise damaged(label)
        self.head_end = opened.start()
        self.start = opened.end()
        closing = b"</" + self.prefix + b"sheetData"
        self.empty = bool(opened[1])
        self.end = self.start if self.empty else self.content.index(closing, self.start)
        self.tail_start = self.start if self.empty else self.content.index(b">", self.end) + 1

    @cached_property
    def frame(self) -> Frame:
        """What stands around the rows."""
        content = self.content[: self.head_end] + self.content[self.tail_start :]
        return Frame(tree(content, self.label), self.label)


class Frame:
    """What a worksheet says around its rows."""

    def __init__(self, root: etree._Element, label: str) -> None:
        self.root = root
        self._label = label

    @cached_property
    def frozen_rows(self) -> int:
        """The last row that stays in view at the top, 0 for none."""
        for view in children(self.root, "sheetViews", "sheetView"):
            start = address.parse(view.get("topLeftCell", "A1"))
            for pane in named(view, "pane"):
                rows = re.match(r"[1-9]\d{0,6}", pane.get("ySplit", ""))
                if rows and pane.get("state") in {"frozen", "frozenSplit"}:
                    return int(rows[0]) + (start.top - 1 if start else 0)
        return 0

    @cached_property
    def hidden_columns(self) -> list[tuple[int, int]]:
        """First and last column of every hidden stretch."""
        return [
            (whole(column, "min", 0, self._label), whole(column, "max", 0, self._label))
            for column in children(self.root, "cols", "col")
            if column.get("hidden") in {"1", "true"} or column.get("width") == "0"
        ]

    @cached_property
    def merges(self) -> list[Range]:
        """The merged blocks."""
        found = (address.parse(item.get("ref", "")) for item in children(self.root, "mergeCells", "mergeCell"))
        return [block for block in found if block]

    @cached_property
    def filtered(self) -> Range | None:
        """The block under the sheet's own filter buttons."""
        return next((address.parse(item.get("ref", "")) for item in named(self.root, "autoFilter")), None)

    @cached_property
    def table_links(self) -> list[str]:
        """Ids of the relations to the sheet's tables."""
        parts = children(self.root, "tableParts", "tablePart")
        return [str(value) for part in parts for key, value in part.attrib.items() if str(key).endswith("}id")]


def _rewritten(content: bytes, label: str) -> bytes:
    root = tree(content, label)
    for odd in list(root.iter(etree.ProcessingInstruction)):
        parent = odd.getparent()
        if parent is not None:
            parent.remove(odd)
    return etree.tostring(root, encoding="utf-8")
