"""An Excel Table: the block it covers, and extending it by columns with nothing else in its part touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.errors import PermanentError
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import text
from server.sheets.ooxml.workbook import Workbook, check, children, damaged, tree, whole


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table of a sheet. `block` covers header and totals; `rows` is without them."""

    part: str
    content: bytes
    label: str
    name: str
    block: Range
    headers: int
    totals: int
    filled_from_outside: bool

    @property
    def first(self) -> int:
        """Number of the first row of data."""
        return self.block.top + self.headers

    @property
    def last(self) -> int:
        """Number of the last row of data."""
        return self.block.bottom - self.totals

    def widened(self, titles: Sequence[str]) -> bytes:
        """The part with new columns at its right end. Raises PermanentError for a table that a query fills."""
        if self.filled_from_outside:
            raise PermanentError(
                f"The table “{self.name}” is filled by a query, which would throw new columns away. "
                "Copy it to a sheet of its own.",
                whole_campaign=True,
            )
        wider = str(self.block._replace(right=self.block.right + len(titles))).encode()
        content = _with_reference(self.content, rb"table", wider)
        filtered = address.parse(_reference(content, rb"autoFilter"))
        if filtered and filtered.right == self.block.right:
            wide = filtered._replace(right=filtered.right + len(titles))
            content = _with_reference(content, rb"autoFilter", str(wide).encode())
        content = self._with_columns(content, titles)
        check(content, self.label)
        return content

    def _with_columns(self, content: bytes, titles: Sequence[str]) -> bytes:
        root = tree(content, self.label)
        numbers = [whole(item, "id", 0, self.label) for item in children(root, "tableColumns", "tableColumn")]
        opened = re.search(rb"<((?:[\w.\-]+:)?)tableColumns(?=[\s>])[^>]*>", content)
        closed = re.search(rb"</(?:[\w.\-]+:)?tableColumns\s*>", content)
        if not opened or not closed or not numbers:
            raise damaged(self.label)
        count = b'count="%d"' % (len(numbers) + len(titles))
        start = re.sub(rb"count\s*=\s*[\"']\d+[\"']", count, opened[0], count=1)
        added = b"".join(
            b'<%stableColumn id="%d" name="%s"/>' % (opened[1], max(numbers) + place, text.attribute(title))
            for place, title in enumerate(titles, 1)
        )
        middle = content[opened.end() : closed.start()]
        return content[: opened.start()] + start + middle + added + content[closed.start() :]


def tables_of(workbook: Workbook, part: str, links: Sequence[str]) -> list[TablePart]:
    """The tables of a sheet, in the order of their links."""
    label = workbook.archive.label
    members = workbook.linked(part, "table")
    found = []
    for link in links:
        if link in members and members[link] in workbook.archive:
            content = workbook.archive.read(members[link])
            root = tree(content, label)
            block = address.parse(root.get("ref", ""))
            if block is None:
                raise damaged(label)
            found.append(
                TablePart(
                    part=members[link],
                    content=content,
                    label=label,
                    name=root.get("displayName", root.get("name", "")),
                    block=block,
                    headers=whole(root, "headerRowCount", 1, label),
                    totals=whole(root, "totalsRowCount", 0, label),
                    filled_from_outside=root.get("tableType", "worksheet") != "worksheet",
                )
            )
    return found


def _element(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(<(?:[\w.\-]+:)?%s(?=\s)[^>]*?\sref\s*=\s*[\"'])([^\"']*)" % name)


def _reference(content: bytes, name: bytes) -> str:
    found = _element(name).search(content)
    return found[2].decode() if found else ""


def _with_reference(content: bytes, name: bytes, reference: bytes) -> bytes:
    return _element(name).sub(lambda match: match[1] + reference, content, count=1)
