"""Changing cells of a worksheet in its bytes: what is not edited stays as it was, byte for byte."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial

from server.domain.table import CellValue
from server.sheets import address
from server.sheets.address import Range
from server.sheets.ooxml import text
from server.sheets.ooxml.sheet_part import ATTRIBUTES, SheetPart, attributes
from server.sheets.ooxml.workbook import damaged

Edits = Mapping[int, Mapping[int, CellValue]]
"""New values by row number and column number."""

Styles = Mapping[tuple[int, int], bytes]
"""Style indexes for cells that are not there yet, by row number and column number."""

_DROPPED = {b"r", b"t", b"cm", b"vm"}
"""Attributes that belong to the value: its type, and links to array and picture data that it no longer is."""


def cells(part: SheetPart, edits: Edits, styles: Styles) -> bytes:
    """The content between the head and the tail of the sheet, with these cells changed.

    A cell keeps its style; one that is new gets that of `styles`, or none. Numbers and booleans land as such,
    texts as inline strings whatever they start with, None and "" leave the cell empty. Raises ValueError for a
    cell that holds a formula and for a number that is none (NaN, infinity), InvalidInput for a row that is not there.
    """
    content, out, at = part.content, [], part.head_end
    todo = set(edits)
    number = 0
    for opening in part.tag.opening.finditer(content, part.start, part.end):
        if not todo:
            break
        number = int(attributes(opening[1]).get(b"r", number + 1))
        if number in todo:
            end = _end_of_row(part, opening)
            out += [content[at : opening.start()], _row(part, opening, end, number, edits[number], styles)]
            at = end
            todo.discard(number)
    if todo:
        raise damaged(part.label)
    return b"".join([*out, content[at : part.tail_start]])


def _end_of_row(part: SheetPart, opening: re.Match[bytes]) -> int:
    if opening[2]:
        return opening.end()
    closing = part.content.index(b"</" + part.prefix + b"row", opening.end())
    return part.content.index(b">", closing) + 1


def _row(
    part: SheetPart, opening: re.Match[bytes], end: int, number: int, values: Mapping[int, CellValue], styles: Styles
) -> bytes:
    name = part.prefix + b"row"
    closing = end if opening[2] else part.content.rfind(b"</", opening.end(), end)
    body = part.content[opening.end() : closing]
    changed = _body(part, body, number, values, styles)
    start = _with_spans(opening[0], opening[1], set(values))
    if not opening[2]:
        return start + changed + part.content[closing:end]
    return b"%s>%s</%s>" % (start[:-2].rstrip(), changed, name) if changed else start


def _body(part: SheetPart, body: bytes, row: int, values: Mapping[int, CellValue], styles: Styles) -> bytes:
    """The cells of a row with some changed; a new one goes before the first cell that stands right of it."""
    places: list[tuple[int, re.Match[bytes]]] = []
    column = 0
    for match in part.tag.cell.finditer(body):
        letters = match[1] or attributes(match[5]).get(b"r", b"").rstrip(b"0123456789")
        column = address.number(letters.decode()) if letters else column + 1
        places.append((column, match))
    known = dict(places)
    last = places[-1][1].end() if places else 0
    changes: list[tuple[int, int, bytes]] = []
    for wanted in sorted(values):
        found = known.get(wanted)
        if found is None:
            place = next((match.start() for column, match in places if column > wanted), last)
            changes.append((place, place, _cell(part, row, wanted, values[wanted], {}, styles)))
        else:
            _refuse_formula(part, found[6] or b"", row, wanted)
            given = attributes(found[0][: found.start(6) - found.start()] if found[6] is not None else found[0])
            made = _cell(part, row, wanted, values[wanted], given, styles, there=True)
            changes.append((found.start(), found.end(), made))
    return _changed(body, changes)


def _changed(body: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The body with each stretch replaced; what is put in at one place stays in the order given."""
    out, at = [], 0
    for start, end, made in sorted(changes, key=lambda change: change[:2]):
        out += [body[at:start], made]
        at = end
    return b"".join([*out, body[at:]])


def _refuse_formula(part: SheetPart, inner: bytes, row: int, column: int) -> None:
    if re.search(rb"<%sf(?=[\s/>])" % re.escape(part.prefix), inner):
        raise ValueError(f"{address.letter(column)}{row} holds a formula, which is never overwritten")


def _cell(
    part: SheetPart,
    row: int,
    column: int,
    value: CellValue,
    given: Mapping[bytes, bytes],
    styles: Styles,
    *,
    there: bool = False,
) -> bytes:
    """A cell's bytes; a cell that was not there and is to be empty stays away."""
    kept = {name: content for name, content in given.items() if name not in _DROPPED}
    if not there and styles.get((row, column)):
        kept[b"s"] = styles[row, column]
    kind, inner = _value(part.prefix, value)
    if not inner and not there:
        return b""
    name = part.prefix + b"c"
    start = b'<%s r="%s%d"' % (name, address.letter(column).encode(), row)
    start += b"".join(b' %s="%s"' % (key, content.replace(b'"', b"&quot;")) for key, content in kept.items()) + kind
    return b"%s>%s</%s>" % (start, inner, name) if inner else start + b"/>"


def new_cell(part: SheetPart, row: int, column: int, value: CellValue, style: bytes) -> bytes:
    """The bytes of a cell that was not there, with a style index (b"" for none); without a value its style alone."""
    made = _cell(part, row, column, value, {}, {(row, column): style})
    if made or not style:
        return made
    return b'<%sc r="%s%d" s="%s"/>' % (part.prefix, address.letter(column).encode(), row, style)


def _value(prefix: bytes, value: CellValue) -> tuple[bytes, bytes]:
    """The type attribute and the content of a cell that holds this value."""
    if isinstance(value, bool):
        return b' t="b"', b"<%sv>%d</%sv>" % (prefix, value, prefix)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number that a cell can hold")
        return b"", b"<%sv>%s</%sv>" % (prefix, repr(value).encode(), prefix)
    shown = text.fit(value or "")
    if not shown:
        return b"", b""
    space = b' xml:space="preserve"' if shown != shown.strip() or "\n" in shown or "  " in shown else b""
    inner = b"<%sis><%st%s>%s</%st></%sis>" % (prefix, prefix, space, text.encode(shown), prefix, prefix)
    return b' t="inlineStr"', inner


def _with_spans(start: bytes, given: bytes, columns: set[int]) -> bytes:
    """A row's start tag whose `spans`, where there is one, takes in the columns that were written."""
    spans = attributes(given).get(b"spans")
    if not spans or not re.fullmatch(rb"\d+:\d+", spans) or not columns:
        return start
    first, last = (int(bound) for bound in spans.split(b":"))
    wider = b"%d:%d" % (min(first, *columns), max(last, *columns))
    return re.sub(rb"(\sspans\s*=\s*[\"'])\d+:\d+", lambda match: match[1] + wider, start, count=1)


def head(part: SheetPart, used: Range | None, hidden: Mapping[int, bool]) -> bytes:
    """What stands before the rows: the dimension takes in `used`, columns become hidden or visible."""
    content = part.content[: part.head_end]
    if used:
        content = _with_dimension(content, used)
    for column in sorted(hidden):
        content = _with_column(content, part.prefix, column, partial(_hidden, hide=hidden[column]))
    return content


def _with_dimension(content: bytes, used: Range) -> bytes:
    found = re.search(rb"(<(?:[\w.\-]+:)?dimension\s+ref\s*=\s*[\"'])([^\"']*)", content)
    known = address.parse(found[2].decode()) if found else None
    if not found or not known:
        return content
    wide = Range(
        min(known.left, used.left),
        min(known.top, used.top),
        max(known.right, used.right),
        max(known.bottom, used.bottom),
    )
    return content[: found.start(2)] + str(wide).encode() + content[found.end(2) :]


Given = Mapping[bytes, bytes]
"""Attributes of a stretch of columns; empty where nothing is said of a column yet."""


def widened(content: bytes, prefix: bytes, widths: Mapping[int, float]) -> bytes:
    """The head with these columns as wide (in characters) as given, but those that somebody gave a width or hid."""
    for column in sorted(widths):
        content = _with_column(content, prefix, column, partial(_wide, width=widths[column]))
    return content


def _wide(given: Given, width: float) -> Given | None:
    if given.get(b"customWidth") in {b"1", b"true"} or given.get(b"hidden") in {b"1", b"true"}:
        return None
    return {**given, b"width": b"%.2f" % width, b"customWidth": b"1"}


def _with_column(content: bytes, prefix: bytes, column: int, change: Callable[[Given], Given | None]) -> bytes:
    """The head with one column changed, unless `change` answers None; a stretch of columns that holds it is cut in up
    to three."""
    name = re.escape(prefix)
    group = re.search(rb"<%scols\s*>(.*?)</%scols\s*>" % (name, name), content, re.DOTALL)
    if group is None:
        wanted = change({})
        if wanted is None:
            return content
        return content + b"<%scols>%s</%scols>" % (prefix, _stretch(prefix, column, column, wanted), prefix)
    item = re.compile(rb"<%scol(?=[\s/>])(%s)(?:/>|>\s*</%scol\s*>)" % (name, ATTRIBUTES, name))
    place = group.start(1)
    for match in item.finditer(content, group.start(1), group.end(1)):
        given = attributes(match[1])
        first, last = int(given.get(b"min", b"0")), int(given.get(b"max", b"0"))
        if first <= column <= last:
            wanted = change(given)
            if wanted is None:
                return content
            parts = [(first, column - 1, given), (column, column, wanted), (column + 1, last, given)]
            made = b"".join(_stretch(prefix, a, b, has) for a, b, has in parts if a <= b)
            return content[: match.start()] + made + content[match.end() :]
        if last < column:
            place = match.end()
    wanted = change({})
    made = _stretch(prefix, column, column, wanted) if wanted is not None else b""
    return content[:place] + made + content[place:]


def _hidden(given: Given, *, hide: bool) -> Given | None:
    if not given and not hide:
        return None
    kept = dict(given)
    kept.pop(b"hidden", None)
    if kept.get(b"width", b"0") == b"0":
        kept[b"width"] = b"9.140625"
    return kept | ({b"hidden": b"1", b"customWidth": b"1"} if hide else {})


def _stretch(prefix: bytes, first: int, last: int, given: Given) -> bytes:
    return _tag(prefix, {**given, b"min": b"%d" % first, b"max": b"%d" % last})


def _tag(prefix: bytes, given: Mapping[bytes, bytes]) -> bytes:
    order = [b"min", b"max", *(name for name in given if name not in {b"min", b"max"})]
    return b"<%scol%s/>" % (prefix, b"".join(b' %s="%s"' % (name, given[name]) for name in order))


def tail(part: SheetPart, filtered: Range | None) -> bytes:
    """What stands behind the rows; the sheet's own filter covers `filtered` from now on, when it is given."""
    content = part.content[part.tail_start :]
    if filtered is None:
        return content
    reference = re.compile(rb"(<%sautoFilter(?=\s)[^>]*?\sref\s*=\s*[\"'])[^\"']*" % re.escape(part.prefix))
    return reference.sub(lambda match: match[1] + str(filtered).encode(), content, count=1)
