"""What a workbook file says about all its sheets: their names and parts, shared texts, number formats, date system."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from xml.parsers import expat

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS

from server.errors import InvalidInput
from server.sheets import address, number_format
from server.sheets.address import Range
from server.sheets.ooxml import text
from server.sheets.ooxml.archive import Archive

_FORMATS = {
    **BUILTIN_FORMATS,
    14: f"{number_format.LOCAL}m/d/yyyy",
    22: f"{number_format.LOCAL}m/d/yyyy h:mm",
    44: '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)',
}
"""Ids without a code in the file. 14 and 22 follow the computer's country: shown as in the US. openpyxl's
44 lacks its semicolons."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A worksheet: its name, the member that holds it, and whether its tab can be seen."""

    name: str
    part: str
    visible: bool


class Workbook:
    """A workbook file, taken apart as far as reading and editing one sheet needs. Raises InvalidInput."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.main = self._target(self.relations("_rels/.rels", ""), "officeDocument")
        self._relations = self.relations(_relations_of(self.main), posixpath.dirname(self.main))

    def _target(self, relations: dict[str, tuple[str, str]], kind: str) -> str:
        for found, target in relations.values():
            if found == kind:
                return target
        raise InvalidInput(f"{self.archive.label} is not a workbook that Cellback knows. Save it as .xlsx.")

    def relations(self, part: str, folder: str) -> dict[str, tuple[str, str]]:
        """Id -> (kind, member) of a relationships part; empty when it is not there. Outside links are left out."""
        if part not in self.archive:
            return {}
        found = {}
        for item in self.xml(part):
            if item.get("TargetMode") != "External" and item.get("Id"):
                target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/")
                found[item.get("Id", "")] = (item.get("Type", "").rpartition("/")[2], target)
        return found

    def xml(self, part: str) -> etree._Element:
        """A small part as a tree."""
        return tree(self.archive.read(part), self.archive.label)

    @cached_property
    def _main(self) -> etree._Element:
        return self.xml(self.main)

    @cached_property
    def tabs(self) -> list[Tab]:
        """The worksheets in the order of their tabs, without chart sheets, dialogs and macro sheets."""
        found = []
        for sheet in children(self._main, "sheets", "sheet"):
            link = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")
            kind, part = self._relations.get(str(link), ("", ""))
            if kind == "worksheet":
                found.append(Tab(sheet.get("name", ""), part, sheet.get("state", "visible") == "visible"))
        return found

    def linked(self, part: str, kind: str) -> dict[str, str]:
        """Id -> member of everything of that kind that a part refers to."""
        relations = self.relations(_relations_of(part), posixpath.dirname(part))
        return {number: target for number, (found, target) in relations.items() if found == kind}

    def filter_name(self, tab: Tab) -> Range | None:
        """The block of the sheet's filter as the workbook's hidden name has it, which LibreOffice goes by."""
        names = [sheet.get("name", "") for sheet in children(self._main, "sheets", "sheet")]
        for item in children(self._main, "definedNames", "definedName"):
            index = item.get("localSheetId", "")
            ours = index.isdigit() and int(index) < len(names) and names[int(index)] == tab.name
            if ours and item.get("name") == "_xlnm._FilterDatabase":
                return address.parse((item.text or "").rpartition("!")[2])
        return None

    @cached_property
    def date1904(self) -> bool:
        """Whether serial 0 is 1 January 1904, as in workbooks from old Macs."""
        return any(item.get("date1904") in {"1", "true"} for item in named(self._main, "workbookPr"))

    @cached_property
    def shared(self) -> list[str]:
        """The texts that cells of type `s` point to."""
        part = next((target for kind, target in self._relations.values() if kind == "sharedStrings"), "")
        return list(_shared(self.archive.read(part), self.archive.label)) if part in self.archive else []

    @property
    def styles_part(self) -> str:
        """The member with all styles, "" when there is none."""
        part = next((target for kind, target in self._relations.values() if kind == "styles"), "")
        return part if part in self.archive else ""

    @cached_property
    def formats(self) -> list[str]:
        """The format code of each style index."""
        if not self.styles_part:
            return ["General"]
        styles = self.xml(self.styles_part)
        codes = dict(_FORMATS)
        label = self.archive.label
        for item in children(styles, "numFmts", "numFmt"):
            codes[whole(item, "numFmtId", 0, label)] = item.get("formatCode", "General")
        return [codes.get(whole(xf, "numFmtId", 0, label), "General") for xf in children(styles, "cellXfs", "xf")]


def tree(content: bytes, label: str) -> etree._Element:
    """XML from a stranger's file as a tree: no document type, no entities, nothing fetched."""
    check(content, label)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(label) from error


def check(content: bytes, label: str) -> None:
    """Raise InvalidInput unless the content is well-formed XML without a document type. Fast, and keeps nothing."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, InvalidInput) as error:
        raise damaged(label) from error


def _refuse(*_: object) -> None:
    raise InvalidInput("a document type")


def damaged(label: str) -> InvalidInput:
    """The error for a part that can't be understood."""
    return InvalidInput(f"{label} is damaged. Open it in Excel or LibreOffice and save it again, or take a backup.")


def whole(element: etree._Element, name: str, default: int, label: str) -> int:
    """An attribute that is a whole number of 0 and more. Raises InvalidInput when it is anything else."""
    given = element.get(name, str(default)).strip()
    if not given.isdecimal() or len(given) > 9:
        raise damaged(label)
    return int(given)


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of that name, in any namespace (the strict and the usual form of workbooks have different ones)."""
    return (child for child in parent if isinstance(child.tag, str) and local(child) == name)


def children(parent: etree._Element, group: str, name: str) -> Iterator[etree._Element]:
    """Grandchildren: the items of a group."""
    return (item for found in named(parent, group) for item in named(found, name))


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _shared(content: bytes, label: str) -> Iterator[str]:
    check(content, label)
    for _, item in etree.iterparse(BytesIO(content), tag="{*}si", resolve_entities=False, no_network=True):
        yield rich(item)
        item.clear(keep_tail=False)
        while item.getprevious() is not None:
            del item.getparent()[0]


def rich(item: etree._Element) -> str:
    """The text of a string item: its runs joined, without phonetic hints."""
    found = []
    for child in item:
        name = local(child)
        if name == "t":
            found.append(child.text or "")
        elif name == "r":
            found.extend(piece.text or "" for piece in named(child, "t"))
    return text.unescape("".join(found))
