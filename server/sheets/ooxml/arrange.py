"""Rows of a worksheet that change places, come or go: which bytes change, and what forbids it. Knows no campaign."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from server.domain.table import CellValue
from server.errors import PermanentError
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import splice, text
from server.sheets.ooxml.row_part import RowPart, RowParts
from server.sheets.ooxml.sheet_part import ATTRIBUTES, SheetPart, attributes
from server.sheets.ooxml.table_part import TablePart, tables_of
from server.sheets.ooxml.workbook import Tab, Workbook, check, children, whole
from server.sheets.references import PointsElsewhere, Rows

_LOOKS = {b"ht", b"customHeight", b"s", b"customFormat"}
"""Attributes of a row that say how it looks."""
_REFERENCE = re.compile(rb"(\sref\s*=\s*[\"'])([^\"']*)")


class Place:
    """A sheet's table and what surrounds it, opened for rearranging its rows. Rows are named by their numbers.

    `columns` are the table's letters. Raises PermanentError, with a sentence, for a file that is only read.
    """

    def __init__(self, workbook: Workbook, tab: Tab, header_row: int, columns: Sequence[str]) -> None:
        self.workbook, self.tab, self.label = workbook, tab, workbook.archive.label
        self.part = SheetPart(workbook.archive.read(tab.part), self.label)
        if self.part.odd:
            raise _no(f"{self.label} was written by a program whose form of the file Cellback can read but not change "
                      "safely. Open it in Excel or LibreOffice, save it once, and go on.")  # fmt: skip
        self.columns = {address.number(letters) for letters in columns}
        self.header_row = header_row
        tables = tables_of(workbook, tab.part, self.part.frame.table_links)
        self.table = next((one for one in tables if one.headers and one.block.top == header_row
                           and one.block.left == min(self.columns)), None)  # fmt: skip

    @cached_property
    def rows(self) -> RowParts:
        """All rows of the sheet. Raises PermanentError where they have no numbers."""
        return RowParts(self.part)

    def arranged(self, old: Sequence[int], new: Sequence[int]) -> dict[str, bytes]:
        """The parts that change when row `old[i]` goes to place `new[i]` (the same numbers in another order).

        Cells, styles, heights, hidden state, links and the references of a row to itself go along. Raises
        PermanentError where that can't be right: merged cells, notes, formulas that mean other rows, cells beside.
        """
        moves = {a: b for a, b in zip(old, new, strict=True) if a != b}
        if not moves:
            return {}
        span = Rows(self.tab.name, min(old), max(old))
        self._refuse(span)
        made = {to: self.rows.at(self.rows.rows[row], to, lambda *one: self._formula(span, *one))
                for row, to in moves.items()}  # fmt: skip
        content = self._with_rows(made, ())
        return {self.tab.part: self._linked(content, moves), **self._chain(moves, ())}

    def removed(self, gone: Sequence[int], last: int) -> dict[str, bytes]:
        """The parts that change when rows go; those below move up, to the table's last row `last`."""
        ordered = [number for number in sorted(self.rows.rows) if self.header_row < number <= last]
        kept = [number for number in ordered if number not in set(gone)]
        span = Rows(self.tab.name, min(ordered), max(ordered))
        self._refuse(span)
        first = min(gone)
        moves = {number: number - sum(1 for one in gone if one < number) for number in kept if number > first}
        made = {to: self.rows.at(self.rows.rows[row], to, lambda *one: self._formula(span, *one))
                for row, to in moves.items()}  # fmt: skip
        content = self._with_rows(made, set(ordered) - (set(kept) - set(moves)) - set(moves.values()))
        parts = {self.tab.part: self._linked(content, moves, gone), **self._chain(moves, gone)}
        return self._ending(parts, last - len(gone))

    def added(self, before: int | None, last: int, values: Mapping[str, CellValue]) -> tuple[dict[str, bytes], int]:
        """The parts that change when one row comes, below all others or before the row `before`; and its number.

        It looks like the row above it and holds `values`, by letter of their column. Raises PermanentError when
        something stands below the table.
        """
        bottom = self.table.last if self.table else last
        end = max(bottom, last) + 1
        if self.table and self.table.totals:
            raise _no(f"The table “{self.table.name}” has a row of totals below it. Add rows in Excel, which moves it.")
        if end in self.rows.rows and self._filled(self.rows.rows[end]):
            raise _no(f"Something stands in row {end}, right below the table. Move it further down first.")
        ordered = [number for number in sorted(self.rows.rows) if before and before <= number <= max(bottom, last)]
        model = self.rows.rows.get((ordered[0] - 1) if ordered and ordered[0] - 1 > self.header_row else last)
        number = before if before else end
        made = {number: self._like(model, number, values)}
        moves = {row: row + 1 for row in ordered}
        data = [one for one in self.rows.rows if self.header_row < one <= last]
        if data:
            span = Rows(self.tab.name, min(data), last, grow=1)
            if moves:
                self._refuse(span)
            made |= {to: self.rows.at(self.rows.rows[row], to, lambda *one: self._formula(span, *one))
                     for row, to in moves.items()}  # fmt: skip
            made |= self._grown(span, {*moves, *moves.values()})
        content = self._with_rows(made, set(moves) - set(made))
        parts = {self.tab.part: self._linked(content, moves), **self._chain(moves, ())}
        return self._ending(parts, end), number

    def _grown(self, span: Rows, others: set[int]) -> dict[int, bytes]:
        """Rows that stay, with formulas over all rows of the table: they take in the new one."""
        found = {}
        for row in self.rows.rows.values():
            if row.number in others or not self.rows.has_formulas(row):
                continue
            if any(_grows(span, formula) for _, formula in self.rows.formulas(row)):
                found[row.number] = self.rows.at(row, row.number, lambda formula, *_: _grown(span, formula))
        return found

    def _formula(self, span: Rows, formula: str, row: int, to: int) -> str:
        return span.moved(formula, row, to)

    def _with_rows(self, made: Mapping[int, bytes], gone: Sequence[int] | set[int]) -> bytes:
        """The sheet with these rows' bytes in their places, and without those of `gone`."""
        content, out, at = self.part.content, [], 0
        if self.part.empty:
            raise _no("This sheet has no rows.")
        todo = sorted(number for number in made if number not in self.rows.rows)
        for row in sorted(self.rows.rows.values(), key=lambda one: one.start):
            while todo and todo[0] < row.number:
                out += [content[at : row.start], made[todo.pop(0)]]
                at = row.start
            if row.number in made or row.number in gone:
                out += [content[at : row.start], made.get(row.number, b"")]
                at = row.end
        out += [content[at : self.part.end], *(made[number] for number in todo), content[self.part.end :]]
        joined = b"".join(out)
        check(joined, self.label)
        return joined

    def _like(self, model: RowPart | None, number: int, values: Mapping[str, CellValue]) -> bytes:
        """A row with the styles and height of another, and these values in it."""
        given = attributes(model.attributes) if model else {}
        kept = {key: value for key, value in given.items() if key in _LOOKS}
        styles = dict.fromkeys(map(address.number, values), b"")
        for cell in self.part.tag.cell.finditer(model.body if model else b""):
            tag = attributes(cell[0].partition(b">")[0])
            styles[address.number(tag[b"r"].rstrip(b"0123456789").decode())] = tag.get(b"s", b"")
        wanted = {address.number(letters): value for letters, value in values.items()}
        cells = (splice.new_cell(self.part, number, column, wanted.get(column), styles[column]) for column in
                 sorted(styles))  # fmt: skip
        name = self.part.prefix + b"row"
        looks = b"".join(b' %s="%s"' % pair for pair in kept.items())
        return b'<%s r="%d"%s>%s</%s>' % (name, number, looks, b"".join(cells), name)

    def _filled(self, row: RowPart) -> bool:
        return any(cell[6] for cell in self.part.tag.cell.finditer(row.body))

    def _ending(self, parts: dict[str, bytes], last: int) -> dict[str, bytes]:
        """The same, with table, filter and dimension ending at row `last`."""
        content = parts[self.tab.part]
        last = max(last, self.header_row + 1)  # a table has at least one row below its titles
        if self.table:
            parts[self.table.part] = with_bottom(self.table, last)
        frame = self.part.frame.filtered
        if frame and frame.top == self.header_row:
            wanted = str(frame._replace(bottom=last)).encode()
            name = re.escape(self.part.prefix)
            content = re.sub(rb"(<%sautoFilter(?=\s)[^>]*?\sref\s*=\s*[\"'])[^\"']*" % name,
                             lambda match: match[1] + wanted, content, count=1)  # fmt: skip
        found = re.search(rb"(<(?:[\w.\-]+:)?dimension\s+ref\s*=\s*[\"'])([^\"']*)", content)
        known = address.parse(found[2].decode()) if found else None
        if found and known and last > known.bottom:
            content = content[: found.start(2)] + str(known._replace(bottom=last)).encode() + content[found.end(2) :]
        parts[self.tab.part] = content
        return parts

    def _linked(self, content: bytes, moves: Mapping[int, int], gone: Sequence[int] = ()) -> bytes:
        """The sheet with the links of cells in the rows where these stand now."""
        name = re.escape(self.part.prefix)
        group = re.compile(rb"(<%shyperlinks\s*>)(.*?)(</%shyperlinks\s*>)" % (name, name), re.DOTALL)
        item = re.compile(rb"<%shyperlink(?=\s)(%s)(?:/>|>\s*</%shyperlink\s*>)" % (name, ATTRIBUTES, name))

        def move(match: re.Match[bytes]) -> bytes:
            block = address.parse(attributes(match[1]).get(b"ref", b"").decode())
            if block is None or block.top != block.bottom:
                return match[0]
            if block.top in gone:
                return b""
            there = moves.get(block.top, block.top)
            wanted = str(block._replace(top=there, bottom=there)).encode()
            return _REFERENCE.sub(lambda one: one[1] + wanted, match[0], count=1)

        def moved(match: re.Match[bytes]) -> bytes:
            inner = item.sub(move, match[2])
            return match[1] + inner + match[3] if inner.strip() else b""

        return group.sub(moved, content, count=1)

    def _chain(self, moves: Mapping[int, int], gone: Sequence[int]) -> dict[str, bytes]:
        """The order of calculation, which names every cell with a formula: Excel repairs a file where it is wrong."""
        part = posixpath.join(posixpath.dirname(self.workbook.main), "calcChain.xml")
        changed = [self.rows.rows[row] for row in [*moves, *gone] if row in self.rows.rows]
        if part not in self.workbook.archive or not any(self.rows.has_formulas(row) for row in changed):
            return {}
        wanted, sheet = self._sheet_id(), ""
        content, out = self.workbook.archive.read(part), []
        for piece in re.split(rb"(<(?:[\w.\-]+:)?c\s[^>]*?/>)", content):
            given = attributes(piece) if piece.startswith(b"<") and piece.endswith(b"/>") else {}
            sheet = given.get(b"i", sheet.encode()).decode() if given else sheet
            block = address.parse(given.get(b"r", b"").decode()) if given and sheet == wanted else None
            if given and b"i" not in given:
                piece = piece[:-2] + b' i="%s"/>' % sheet.encode()  # the one before it may go
            if block and block.top in gone:
                continue
            if block and block.top in moves:
                there = address.letter(block.left).encode() + b"%d" % moves[block.top]
                piece = re.sub(rb"(\sr\s*=\s*[\"'])[^\"']*", lambda one, to=there: one[1] + to, piece, count=1)
            out.append(piece)
        return {part: b"".join(out)}

    def _sheet_id(self) -> str:
        main = self.workbook.xml(self.workbook.main)
        named = (one for one in children(main, "sheets", "sheet") if one.get("name") == self.tab.name)
        return str(whole(next(named), "sheetId", 0, self.label))

    def _refuse(self, span: Rows) -> None:
        """Raise PermanentError when these rows can't change places and everything still be right."""
        inside = [self.rows.rows[number] for number in self.rows.rows if span.first <= number <= span.last]
        touches = [block for block in self.part.frame.merges if block.bottom >= span.first and block.top <= span.last]
        if touches:
            raise _no(f"{touches[0]} is merged: rows with merged cells can't change places. In Excel, unmerge them.")
        self._refuse_beside(inside)
        self._refuse_notes(span)
        for row in inside:
            if self.rows.has_formulas(row):
                self._refuse_arrays(row)
        self._refuse_formulas(span)

    def _refuse_beside(self, inside: Sequence[RowPart]) -> None:
        if self.table is None:
            return
        for row in inside:
            for cell in self.part.tag.cell.finditer(row.body):
                letters = (cell[1] or attributes(cell[5]).get(b"r", b"").rstrip(b"0123456789")).decode()
                if cell[6] and address.number(letters) not in self.columns:
                    raise _no(f"{letters}{row.number} stands beside the table “{self.table.name}” and would be torn "
                              "from its row. Move it to another sheet, or into the table.")  # fmt: skip

    def _refuse_notes(self, span: Rows) -> None:
        for part in self.workbook.linked(self.tab.part, "comments").values():
            for note in children(self.workbook.xml(part), "commentList", "comment"):
                block = address.parse(note.get("ref", ""))
                if block and span.first <= block.top <= span.last:
                    raise _no(f"{block} has a note, which would stay behind. Sort in Excel, which takes it along.")

    def _refuse_arrays(self, row: RowPart) -> None:
        for found in re.finditer(rb"<%sf(?=\s)([^>]*)>" % re.escape(self.part.prefix), row.body):
            given = attributes(found[1])
            block = address.parse(given.get(b"ref", b"").decode())
            if given.get(b"t") == b"dataTable" or (given.get(b"t") == b"array" and block and block.top != block.bottom):
                raise _no(f"{block} is one formula over several rows, which can't change places.")

    def _refuse_formulas(self, span: Rows) -> None:
        """Raise PermanentError for a formula anywhere in the workbook that means some of the rows, and not all."""
        for row in self.rows.rows.values():
            if not self.rows.has_formulas(row):
                continue
            own = row.number if span.first <= row.number <= span.last else None
            for place, formula in self.rows.formulas(row):
                try:
                    span.moved(formula, own, own)
                except PointsElsewhere as error:
                    raise _points(place, str(error)) from None
        self._refuse_other_sheets(span)

    def _refuse_other_sheets(self, span: Rows) -> None:
        formula = re.compile(rb"<(?:[\w.\-]+:)?f(?=[\s>])[^>]*>([^<]+)<")
        told = [(f"the name “{one.get('name', '')}”", one.text or "")
                for one in children(self.workbook.xml(self.workbook.main), "definedNames", "definedName")
                if not one.get("name", "").startswith("_xlnm.")]  # fmt: skip
        for other in self.workbook.tabs:
            if other.part != self.tab.part and other.part in self.workbook.archive:
                content = self.workbook.archive.read(other.part)
                told += [(f"a formula on “{other.name}”", text.decode(found[1])) for found in formula.finditer(content)]
        for place, written in told:
            try:
                grows = span.judge(written)
            except PointsElsewhere as error:
                raise _points(place, str(error)) from None
            if grows:
                raise _no(f"{place[0].upper()}{place[1:]} refers to all rows of this sheet and would miss the last "
                          "one. Add the row at the end, or in Excel.")  # fmt: skip


def with_bottom(table: TablePart, last: int) -> bytes:
    """The table's part with that last row of data (it has no totals); its filter ends there too."""
    wanted = str(table.block._replace(bottom=last)).encode()

    def ends(match: re.Match[bytes]) -> bytes:
        block = address.parse(match[2].decode())
        return match[1] + (str(Range(block.left, block.top, block.right, last)).encode() if block else match[2])

    content = re.sub(rb"(<(?:[\w.\-]+:)?table(?=\s)[^>]*?\sref\s*=\s*[\"'])[^\"']*",
                     lambda match: match[1] + wanted, table.content, count=1)  # fmt: skip
    content = re.sub(rb"(<(?:[\w.\-]+:)?autoFilter(?=\s)[^>]*?\sref\s*=\s*[\"'])([^\"']*)", ends, content, count=1)
    check(content, table.label)
    return content


def _grown(span: Rows, formula: str) -> str:
    """The formula with the new row; one that means other things than all rows stays as it is."""
    try:
        return span.moved(formula)
    except PointsElsewhere:
        return formula


def _grows(span: Rows, formula: str) -> bool:
    return _grown(span, formula) != formula


def _no(sentence: str) -> PermanentError:
    return PermanentError(f"{sentence} Nothing was changed.", whole_campaign=True)


def _points(place: str, reference: str) -> PermanentError:
    return _no(f"{place[0].upper()}{place[1:]} refers to {reference}: some of the rows, and neither its own nor all "
               "of them. After this it would mean somebody else.")  # fmt: skip
