"""Log lines: one an event, key=value, on standard error. No stranger's text can forge a line, no address gets into one.

Code logs with the standard library: `logging.getLogger(__name__).info("chunk sent", extra={"campaign": id})`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from server.errors import CellbackError

ROOT = Path(__file__).resolve().parent.parent
OURS = ("server", "jobs", "__main__")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN = re.compile(r"[\w.:/+,-]+", re.ASCII)
_PERSONAL = re.compile(r"(?<![^\s\"'<>(),;=])[^\s\"'<>(),;=@]*@[^\s\"'<>(),;]+|\+\d[\d ().-]{5,}\d")
"""Mail addresses (and URLs with a password in them), and phone numbers in international form."""
LONGEST = 4000
"""Characters of a value; what is longer is cut."""


def setup(part: str, level: str = "info") -> None:
    """Write the log of this process to standard error; `part` says which process it is ("web", "worker-fast").

    Libraries are heard from WARNING on, with level "debug" entirely, and then with tracebacks.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(part, tracebacks=level == "debug"))
    if level != "debug":
        handler.addFilter(_worth_telling)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _worth_telling(record: logging.LogRecord) -> bool:
    """Some libraries set a level of their own, so that the root logger's says nothing to them."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS


class Formatter(logging.Formatter):
    """Makes the line. An exception becomes its type and place; its message only when it is one of ours, as `detail`."""

    def __init__(self, part: str, *, tracebacks: bool = False) -> None:
        super().__init__()
        self._part = part
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the event holds."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields: dict[str, object] = {"time": at, "level": record.levelname.lower(), "part": self._part}
        fields["event"] = record.getMessage()
        fields |= {key: value for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info and record.exc_info[1] is not None:
            fields |= describe(record.exc_info[1])
            if self._tracebacks:
                fields["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        return " ".join(f"{key}={_shown(value)}" for key, value in fields.items())


def describe(error: BaseException) -> dict[str, str]:
    """What may be logged about an exception: its type, where it was raised, and the `detail` of one of ours."""
    found = {"error": type(error).__name__, "at": _place(error.__traceback__)}
    if isinstance(error, CellbackError) and error.detail:
        found["detail"] = error.detail
    return found


def _place(trace: TracebackType | None) -> str:
    """The innermost line of our own code, or of whatever there is."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    if not frames:
        return ""
    frame = (ours or frames)[-1]
    name = Path(frame.filename)
    return f"{name.relative_to(ROOT) if ours else name.name}:{frame.lineno}"


def _shown(value: object) -> str:
    """Bare when it is plain; else in quotes with everything escaped that could end a line or a quote."""
    text = _PERSONAL.sub("[hidden]", str(value)[:LONGEST])
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
