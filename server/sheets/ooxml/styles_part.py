"""Colours for conditional formats in a workbook's styles: added behind those that are there, never twice."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from server.domain.look import Paint
from server.sheets.ooxml import elements
from server.sheets.ooxml.workbook import check, local, named, tree


def with_paints(content: bytes, paints: Sequence[Paint], label: str) -> tuple[bytes, list[int]]:
    """The styles part with a differential format for each of the paints, and their numbers. Raises InvalidInput."""
    prefix, _ = elements.root_tag(content, label)
    children = elements.inside(content, label)
    known = _known(content, label)
    numbers, made = [], b""
    for paint in paints:
        if paint not in known:
            known.append(paint)
            made += _format(prefix, paint)
        numbers.append(known.index(paint))
    if not made:
        return content, numbers
    group = next((one for one in children if one.name == "dxfs"), None)
    if group is None:
        place = elements.place(children, "dxfs", elements.STYLES, content.rindex(b"</"))
        whole = b'<%sdxfs count="%d">%s</%sdxfs>' % (prefix, len(known), made, prefix)
        changed = content[:place] + whole + content[place:]
    else:
        changed = elements.counted(content, group, elements.body(content, group) + made, len(known))
    check(changed, label)
    return changed, numbers


def _format(prefix: bytes, paint: Paint) -> bytes:
    """As Excel writes it: the fill of such a format is its background."""
    ink, fill = (colour.lstrip("#").upper().encode() for colour in (paint.ink, paint.fill))
    return (
        b'<%(p)sdxf><%(p)sfont><%(p)scolor rgb="FF%(ink)s"/></%(p)sfont>'
        b'<%(p)sfill><%(p)spatternFill><%(p)sbgColor rgb="FF%(fill)s"/></%(p)spatternFill></%(p)sfill></%(p)sdxf>'
        % {b"p": prefix, b"ink": ink, b"fill": fill}
    )


def _known(content: bytes, label: str) -> list[Paint | None]:
    """The formats that are there, in order; None for one that is more, or less, than the colours of a paint."""
    root = tree(content, label)
    return [_paint(item) for group in named(root, "dxfs") for item in named(group, "dxf")]


def _paint(item: etree._Element) -> Paint | None:
    colours = [
        one.get("rgb", "") for one in item.iter() if isinstance(one.tag, str) and local(one) in {"color", "bgColor"}
    ]
    names = [local(one) for one in item.iter() if isinstance(one.tag, str)]
    if names != ["dxf", "font", "color", "fill", "patternFill", "bgColor"] or not all(len(one) == 8 for one in colours):
        return None
    return Paint(f"#{colours[1][2:].lower()}", f"#{colours[0][2:].lower()}")
