"""What a file is by its name, and which ones no mail server lets through."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

from server.errors import PermanentError

_MORE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".gpx": "application/gpx+xml",
    ".heic": "image/heic",
    ".webp": "image/webp",
    ".md": "text/markdown",
    ".gz": "application/gzip",
    ".7z": "application/x-7z-compressed",
}
_TYPES = mimetypes.MimeTypes(filenames=())
"""Python's own table and nothing of the machine's, so that a file is the same everywhere."""

_REFUSED = frozenset(
    (
        *("ade", "adp", "apk", "appx", "appxbundle", "bat", "cab", "chm", "cmd", "com", "cpl", "diagcab"),
        *("diagcfg", "diagpkg", "dll", "dmg", "ex", "ex_", "exe", "hta", "img", "ins", "inf", "iso", "isp"),
        *("jar", "jnlp", "js", "jse", "lib", "lnk", "mde", "mjs", "msc", "msi", "msix", "msixbundle", "msp"),
        *("mst", "nsh", "pif", "ps1", "psm1", "reg", "scr", "sct", "shb", "sys", "url", "vb", "vbe", "vbs"),
        *("vhd", "vhdx", "vxd", "wsc", "wsf", "wsh", "xll", "xlam"),
    )
)
"""What Gmail and Outlook refuse whoever sends it (support.google.com/mail/answer/6590, and Outlook's own list)."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def media_type(name: str) -> str:
    """The media type of a file of this name, `application/octet-stream` where its ending tells none."""
    ending = _ending(name)
    return _MORE.get(f".{ending}") or _TYPES.guess_type(f"x.{ending}")[0] or "application/octet-stream"


def extension(kind: str) -> str:
    """The usual ending (with its dot) of a media type, "" where there is none."""
    if kind == "application/octet-stream":
        return ""
    known = next((ending for ending, name in _MORE.items() if name == kind), "")
    return known or _TYPES.guess_extension(kind) or ""


def clean_name(text: str) -> str:
    """A file's name without folders and without characters that do not show; "" when nothing is left."""
    bare = _UNSAFE.sub("", unicodedata.normalize("NFC", text)).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(bare) <= 150:
        return bare
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:120]}.{ending}" if dot and len(ending) <= 10 else bare[:150]


def refuse_dangerous(name: str, head: bytes = b"") -> None:
    """Raises PermanentError for a program, by its name or by how it begins: mail servers would send the mail back."""
    ending = _ending(name)
    if ending in _REFUSED:
        raise PermanentError(
            f"“{name}” can't go along: mail servers refuse files that end in .{ending}. Attach it in another form."
        )
    if head.startswith((b"MZ", b"\x7fELF", b"#!/")):
        raise PermanentError(f"“{name}” can't go along: it is a program, whatever its name says.")


def _ending(name: str) -> str:
    return name.strip(" .").rpartition(".")[2].lower() if "." in name.strip(" .") else ""
