"""The zip file around a workbook: what kind of file it is, its members, and replacing one without touching the rest.

Untouched members are copied as they lie in the file, compressed bytes, headers and all: `zipfile` can't do that.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import cached_property

from server.errors import InvalidInput

LIMIT_FILE = 256 * 2**20
LIMIT_PART = 768 * 2**20
"""A full sheet of 1,000,000 rows and 10 columns is about 450 MB of XML; Excel on the web stops at 100 MB of file."""

_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_ZIP64 = 1
_WIDE = 0xFFFFFFFF
"""In a size or an offset: the value is in the zip64 field."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = "{0} is damaged or not complete. Open it in Excel or LibreOffice and save it again, or take a backup."


class Archive:
    """The members of a workbook file, held in memory. `label` names the file in errors.

    Raises InvalidInput, with what to do about it, when the bytes are no workbook that can be read.
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.data = data
        self.label = label
        refuse_other_kinds(data, label)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
            raise InvalidInput(_BROKEN.format(label), detail=type(error).__name__) from error
        self._infos = {info.filename: info for info in self._zip.infolist()}
        self._refuse_other_packages()

    def _refuse_other_packages(self) -> None:
        names = self._infos.keys()
        if "xl/workbook.bin" in names:
            raise InvalidInput(f"{self.label} is a binary workbook (.xlsb). In Excel, save it as .xlsx.")
        if "content.xml" in names:
            raise InvalidInput(f"{self.label} is an OpenDocument file. In LibreOffice, save it as .xlsx.")
        if not any(name == "_rels/.rels" for name in names):
            raise InvalidInput(f"{self.label} is a zip file, but not a workbook. Choose an .xlsx file.")

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """The content of a member. Raises InvalidInput when it is missing, damaged or unreasonably large."""
        info = self._infos.get(name)
        if info is None:
            raise InvalidInput(_BROKEN.format(self.label), detail="a part is missing")
        try:
            with self._zip.open(info) as member:
                content = member.read(LIMIT_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError) as error:
            raise InvalidInput(_BROKEN.format(self.label), detail=type(error).__name__) from error
        if len(content) > LIMIT_PART:
            raise InvalidInput(f"{self.label} holds more than {LIMIT_PART >> 20} MB in one sheet: split it first.")
        return content

    @cached_property
    def _entries(self) -> list[tuple[zipfile.ZipInfo, bytes]]:
        """Every member with its raw entry in the central directory, in the directory's order."""
        position, found = self._zip.start_dir, []
        for info in self._zip.infolist():
            fields = _CENTRAL.unpack_from(self.data, position)
            end = position + _CENTRAL.size + sum(fields[12:15])
            found.append((info, self.data[position:end]))
            position = end
        return found

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The file with these members' contents changed; every other member keeps its bytes, order and times."""
        entries = sorted(self._entries, key=lambda entry: entry[0].header_offset)
        ends = [info.header_offset for info, _ in entries[1:]] + [self._zip.start_dir]
        out = bytearray()
        central = {}
        for (info, raw), end in zip(entries, ends, strict=True):
            offset = len(out)
            if info.filename in parts and self._infos[info.filename] is info:
                packed = _pack(parts[info.filename])
                sizes = (zlib.crc32(parts[info.filename]), len(packed), len(parts[info.filename]))
                out += _local_header(self.data, info, sizes) + packed
                central[info.header_offset] = _changed_entry(raw, offset, sizes)
            else:
                out += self.data[info.header_offset : end]
                central[info.header_offset] = _moved_entry(raw, offset)
        start = len(out)
        out += b"".join(central[info.header_offset] for info, _ in self._entries)
        count, comment = len(entries), self._zip.comment
        out += _END.pack(b"PK\x05\x06", 0, 0, count, count, len(out) - start, start, len(comment)) + comment
        return bytes(out)


def refuse_other_kinds(data: bytes, label: str) -> None:
    """Raise InvalidInput for bytes that are no zip file at all, with a sentence about what they are."""
    if not data:
        raise InvalidInput(f"{label} is empty (0 bytes). Choose another file.")
    if len(data) > LIMIT_FILE:
        raise InvalidInput(f"{label} is larger than {LIMIT_FILE >> 20} MB: split it into smaller workbooks.")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise InvalidInput(f"{label} is protected with a password. In Excel, save a copy without one.")
        raise InvalidInput(f"{label} is an old .xls workbook. In Excel or LibreOffice, save it as .xlsx.")
    if not data.startswith(b"PK"):
        raise InvalidInput(
            f"{label} is not an Excel workbook, whatever its name says. Save it as .xlsx in Excel or LibreOffice; "
            "if it is a list with commas or semicolons, name it .csv."
        )


def _pack(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(field for number, field in _fields(extra) if number != _ZIP64)


def _fields(extra: bytes) -> list[tuple[int, bytes]]:
    """The extra fields of a header, each whole with its own four bytes of header."""
    found, position = [], 0
    while position + 4 <= len(extra):
        number, size = struct.unpack_from("<2H", extra, position)
        found.append((number, extra[position : position + 4 + size]))
        position += 4 + size
    return found


def _local_header(data: bytes, info: zipfile.ZipInfo, sizes: tuple[int, int, int]) -> bytes:
    """The header before a changed member: name and times as they were, new sizes, no data descriptor."""
    head = bytearray(data[info.header_offset : info.header_offset + 30])
    flags, _ = struct.unpack_from("<2H", head, 6)
    name_size, extra_size = struct.unpack_from("<2H", head, 26)
    start = info.header_offset + 30 + name_size
    extra = _without_zip64(data[start : start + extra_size])
    struct.pack_into("<2H", head, 6, flags & ~0x8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<3L2H", head, 14, *sizes, name_size, len(extra))
    return bytes(head) + data[start - name_size : start] + extra


def _changed_entry(raw: bytes, offset: int, sizes: tuple[int, int, int]) -> bytes:
    """The central directory's entry of a changed member."""
    entry = bytearray(raw)
    flags, _ = struct.unpack_from("<2H", entry, 8)
    name_size, extra_size, comment_size = struct.unpack_from("<3H", entry, 28)
    start = _CENTRAL.size + name_size
    extra = _without_zip64(raw[start : start + extra_size])
    struct.pack_into("<2H", entry, 8, flags & ~0x8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<3L3H", entry, 16, *sizes, name_size, len(extra), comment_size)
    struct.pack_into("<L", entry, 42, offset)
    return bytes(entry[:start]) + extra + raw[start + extra_size :]


def _moved_entry(raw: bytes, offset: int) -> bytes:
    """The central directory's entry of an untouched member, which may now lie elsewhere in the file."""
    entry = bytearray(raw)
    (stored,) = struct.unpack_from("<L", entry, 42)
    if stored != _WIDE:
        struct.pack_into("<L", entry, 42, offset)
        return bytes(entry)
    packed, unpacked = struct.unpack_from("<2L", entry, 20)
    name_size, extra_size = struct.unpack_from("<2H", entry, 28)
    start = _CENTRAL.size + name_size
    for number, field in _fields(raw[start : start + extra_size]):
        if number == _ZIP64:  # sizes come first, each only when its own field is full
            place = start + 4 + 8 * ((packed == _WIDE) + (unpacked == _WIDE))
            struct.pack_into("<Q", entry, place, offset)
        start += len(field)
    return bytes(entry)
