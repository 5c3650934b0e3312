"""The attachments that a row's cell names: looked at when the row is drafted, fetched when it is sent."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import ssl
import stat
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from server.attachments.kinds import clean_name, media_type, refuse_dangerous
from server.attachments.links import Links, too_large
from server.domain.message import Attachment
from server.errors import PermanentError, TemporaryError

MOST_BYTES = 20_000_000
"""All files of a row together; encoded they take a third more, and many mailboxes refuse mails above 25 MB."""
MOST_FILES = 10
_FRESH_SECONDS = 60.0
"""How long what a link led to stands for it: rows of a campaign often share one."""
_KEPT_LINKS = 4

_LINK = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_T = TypeVar("_T")


class RowFiles:
    """Attachments out of a folder and from https links; may be used by several threads at once."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        most_bytes: int = MOST_BYTES,
        seconds: float = 20.0,
        private_hosts: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`folder` is CELLBACK_ATTACHMENTS_DIR, None where only links can be attached. `seconds` bounds each link.
        `private_hosts` lets links lead into private networks; `tls` says whom to trust, None: the system's authorities.
        """
        self._folder = folder
        self._most = most_bytes
        self._links = Links(most_bytes=most_bytes, seconds=seconds, private_hosts=private_hosts, tls=tls)
        self._looked: dict[str, tuple[float, object]] = {}
        self._lock = threading.Lock()

    async def check(self, cell: str) -> None:
        """See that the files which the cell names are there and may go along; cheap, nothing is fetched.

        Raises PermanentError, or TemporaryError when that can't be told now.
        """
        await asyncio.to_thread(self.check_now, cell)

    async def load(self, cell: str) -> tuple[Attachment, ...]:
        """The files that the cell names, in its order. Raises PermanentError, TemporaryError."""
        return await asyncio.to_thread(self.load_now, cell)

    def check_now(self, text: str) -> None:
        """`check`, for who may wait."""
        if sum(self._size(item) for item in _items(text)) > self._most:
            raise too_large(self._most)

    def load_now(self, text: str) -> tuple[Attachment, ...]:
        """`load`, for who may wait."""
        files: list[Attachment] = []
        for item in _items(text):
            files.append(self._file(item))
            if sum(len(file.data) for file in files) > self._most:
                raise too_large(self._most)
        return tuple(files)

    def _size(self, item: str) -> int:
        if not _LINK.match(item):
            path = self._path(item)
            refuse_dangerous(clean_name(path.name), self._read(path, 4))
            return path.stat().st_size
        found = self._kept(f"look {item}", lambda: self._links.look(item))
        refuse_dangerous(found.name)
        return found.size or 0

    def _file(self, item: str) -> Attachment:
        if _LINK.match(item):
            found = self._kept(f"fetch {item}", lambda: self._links.fetch(item))
            name, data = found.name, found.data
        else:
            path = self._path(item)
            name, data = clean_name(path.name), self._read(path, self._most + 1)
        refuse_dangerous(name, data[:4])
        return Attachment(name, media_type(name), data)

    def _kept(self, what: str, find: Callable[[], _T]) -> _T:
        """What was found a moment ago, or is found now; failures are not kept."""
        now = time.monotonic()
        with self._lock:
            at, found = self._looked.get(what, (0.0, None))
        if found is None or now - at > _FRESH_SECONDS:
            found = find()
            with self._lock:
                self._looked.pop(what, None)
                while len(self._looked) >= _KEPT_LINKS:
                    self._looked.pop(next(iter(self._looked)))
                self._looked[what] = (now, found)
        return found  # type: ignore[return-value]

    def _path(self, item: str) -> Path:
        """The file of that name inside the folder. Raises PermanentError, TemporaryError."""
        if self._folder is None:
            raise PermanentError(
                f"“{_shown(item)}” is no link, and no folder is set for files (CELLBACK_ATTACHMENTS_DIR). "
                "Put an https link into the cell."
            )
        parts = item.split("/")
        if "\\" in item or "\0" in item or any(part in {"", ".", ".."} or part.startswith(".") for part in parts):
            raise PermanentError(f"“{_shown(item)}” is no name of a file in the attachments folder.")
        root = _resolved(self._folder)
        if root is None:
            raise TemporaryError("The attachments folder can't be read just now (CELLBACK_ATTACHMENTS_DIR).")
        for form in dict.fromkeys((item, unicodedata.normalize("NFC", item), unicodedata.normalize("NFD", item))):
            path = _resolved(self._folder / form)
            if path is not None and path.is_relative_to(root) and path.is_file():
                return path
        raise PermanentError(f"There is no file “{_shown(item)}” in the attachments folder.")

    def _read(self, path: Path, most: int) -> bytes:
        """At most so many bytes of a plain file; the path was resolved, so that a link in its place is none of ours."""
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise PermanentError(f"“{_shown(path.name)}” in the attachments folder is no file.")
                return file.read(most)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ELOOP, errno.EACCES, errno.EPERM}:
                raise PermanentError(f"The file “{_shown(path.name)}” can't be read.") from None
            raise TemporaryError(f"The file “{_shown(path.name)}” can't be read just now.") from None


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None


def _items(text: str) -> list[str]:
    """What the cell names, a line or a semicolon apart. Raises PermanentError when that is too much."""
    items = [item.strip().strip('"“”') for item in re.split(r"[;\r\n]+", text)]
    named = list(dict.fromkeys(item for item in items if item))
    if len(named) > MOST_FILES:
        raise PermanentError(f"The cell names {len(named)} attachments: {MOST_FILES} can go along at most.")
    return named


def _shown(text: str) -> str:
    one_line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return one_line if len(one_line) <= 60 else one_line[:59] + "…"
