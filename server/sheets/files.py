"""Workbook files on disk: reading them whole, seeing who has one open, and replacing one in a single step."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.errors import NotFound, PermanentError, SheetUnavailable

LOCK_SECONDS = 10.0
"""How long one of our processes waits for another one that writes into the same folder; a write takes under 1 s."""

Stamp = tuple[int, int, int]
"""Time of change (ns), size and inode of a file."""


def stamp(path: Path) -> Stamp:
    """What the file system says of the file's state. Raises NotFound or SheetUnavailable."""
    with _told(path):
        found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def load(path: Path) -> tuple[bytes, Stamp]:
    """The whole file, and the state it was in. Raises NotFound or SheetUnavailable."""
    with _told(path), path.open("rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_ISDIR(found.st_mode):
            raise NotFound(f"{path.name} is a folder, not a workbook.")
        return file.read(), (found.st_mtime_ns, found.st_size, found.st_ino)


def digest(data: bytes) -> str:
    """A name for exactly these bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The operating system's refusals to read, as our errors."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(
            f"{path.name} is not there: it was moved, renamed or deleted, or its name is another."
        ) from error
    except IsADirectoryError as error:
        raise NotFound(f"{path.name} is a folder, not a workbook.") from error
    except OSError as error:
        raise SheetUnavailable(f"{path.name} can't be read for now: {_reason(error)}.", detail=repr(error)) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep our own other processes from writing into that folder. Raises SheetUnavailable after `LOCK_SECONDS`.

    The lock is on the folder itself: it leaves no file behind, and holds for all who share the disk.
    """
    with _told(path):
        folder = os.open(path.parent, os.O_RDONLY)
    try:
        _wait_for(folder, path)
        yield
    finally:
        os.close(folder)


def _wait_for(folder: int, path: Path) -> None:
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise SheetUnavailable(f"{path.name} is being written by another Cellback process.") from error
            time.sleep(0.005)
        except OSError as error:
            if error.errno in {errno.ENOTSUP, errno.ENOLCK, errno.EINVAL, errno.ENOSYS, errno.EBADF}:
                return  # a disk without locks: comparing before replacing still stands
            raise SheetUnavailable(f"{path.name} can't be locked for now: {_reason(error)}.") from error
        else:
            return


def refuse_if_open(path: Path) -> None:
    """Raise SheetUnavailable while Excel's or LibreOffice's marker lies beside the file, with the name in it."""
    for marker, program, who in (
        (path.with_name(f"~${path.name}"), "Excel", _excel_user),
        (path.with_name(f".~lock.{path.name}#"), "LibreOffice", _libreoffice_user),
    ):
        try:
            name = who(marker.read_bytes())
        except FileNotFoundError:
            continue
        except OSError:
            name = ""
        raise SheetUnavailable(
            f"{path.name} is open in {program}{f' ({name})' if name else ''}. Close it there and Cellback goes on; "
            f"if nobody has it open, delete the file {marker.name} beside it."
        )


def _excel_user(content: bytes) -> str:
    """Excel's owner file: a length byte, the user's name in 54 bytes, then the same in UTF-16."""
    size = content[0] if content else 0
    return content[1 : 1 + size].decode("cp1252", "replace").strip(" \0") if size <= 54 else ""


def _libreoffice_user(content: bytes) -> str:
    """LibreOffice's lock file: full name, login, host, time, profile, between commas."""
    names = [part.strip() for part in content.decode("utf-8", "replace").split(",")[:2]]
    return next((name for name in names if name), "")


def refuse_if_read_only(path: Path) -> None:
    """Raise PermanentError when the file, or its folder, is not to be written."""
    with _told(path):
        mode = path.stat().st_mode
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise PermanentError(
            f"{path.name} is read-only. Allow writing to it (or save a copy), then go on.", whole_campaign=True
        )
    folder = path.parent.stat().st_mode
    if not folder & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermanentError(
            f"The folder of {path.name} is read-only, and replacing the file needs it. Allow writing to the folder "
            "(or save a copy elsewhere), then go on.",
            whole_campaign=True,
        )


def keep(folder: Path, path: Path, data: bytes) -> Path:
    """Store a copy of a file as it was, once for each path; later calls leave it alone. Returns where it is.

    Raises SheetUnavailable when it can't be stored: without a backup nothing is to be changed.
    """
    target = folder / f"{path.stem}-{digest(str(path).encode())[:8]}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            temporary = target.with_name(f".{target.name}.{os.getpid()}")
            temporary.write_bytes(data)
            temporary.replace(target)
    except OSError as error:
        raise SheetUnavailable(f"No backup of {path.name} could be made: {_reason(error)}.") from error
    return target


def replace(path: Path, data: bytes) -> None:
    """Put these bytes in the file's place in one step, durable when it returns; mode and owner stay.

    Raises SheetUnavailable (disk full, held by another program); the file is then as it was.
    """
    temporary = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=".cellback-", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _dress(temporary, path)
        os.replace(temporary, path)
        _sync(path.parent)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise SheetUnavailable(
            f"{path.name} could not be written: {_reason(error)}. It is as it was.", detail=repr(error)
        ) from error


def _dress(temporary: Path, path: Path) -> None:
    """Mode, owner and extended attributes of the file that is replaced; a new time of change."""
    known = path.stat()
    mine = temporary.stat()
    if (known.st_uid, known.st_gid) != (mine.st_uid, mine.st_gid):
        with suppress(
            PermissionError
        ):  # only root may give a file away: then it is ours from now on, with the same mode
            os.chown(temporary, known.st_uid, known.st_gid)
    shutil.copystat(path, temporary)
    os.utime(temporary)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return {
        errno.EACCES: "another program has it open, or it is not allowed",
        errno.EPERM: "it is not allowed",
        errno.EBUSY: "another program has it open",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the disk is read-only",
    }.get(error.errno or 0, (error.strerror or "an error of the disk").lower())
