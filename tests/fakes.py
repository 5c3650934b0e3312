"""Hand-written fakes of the ports, with switches for what can go wrong. They enter by the constructor."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

from server.channels.base import Provider
from server.domain.figures import QueueFigures
from server.domain.keys import is_row_key
from server.domain.look import Look
from server.domain.message import Attachment, Limits, Outgoing, Receipt
from server.domain.reply import DeliveryEvent, Event, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.table import BLANK, Cell, CellEdit, CellValue, Column, NewColumn, Row, Table, fold
from server.domain.words import ROW_KEY_TITLE, CellKind, ChannelName, DeliveryStatus
from server.errors import (
    AddressError,
    InvalidInput,
    NotFound,
    PermanentError,
    SendInDoubt,
    SheetChanged,
    SheetUnavailable,
    SignatureError,
    TemporaryError,
)
from server.queue import JOBS


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float = 0, **more: float) -> datetime:
        """Move forward: `advance(30)`, `advance(hours=2)`."""
        self.at += timedelta(seconds=seconds, **more)
        return self.at


class FakeQueue:
    """Keeps what was asked for. `waiting` is what a worker would find; `asked` is every call, doubles included."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, ...]] = []
        self.asked: list[tuple[str, ...]] = []
        self.unavailable = False
        self.heard: dict[str, float | None] = dict.fromkeys(JOBS.values(), 1.0)
        """Seconds since a worker of each queue was heard of."""

    def enqueue(self, job: str, *args: str) -> None:
        if self.unavailable:
            raise TemporaryError("The queue can't be reached.")
        if job not in JOBS:
            raise ValueError(f"{job} is no job of server.queue.JOBS")
        self.asked.append((job, *args))
        if (job, *args) not in self.waiting:
            self.waiting.append((job, *args))

    def ping(self) -> None:
        if self.unavailable:
            raise TemporaryError("The queue can't be reached.")

    def figures(self) -> dict[str, QueueFigures]:
        self.ping()
        names = [JOBS[job] for job, *_ in self.waiting]
        return {name: QueueFigures(names.count(name), 2.0, heard) for name, heard in self.heard.items()}

    def of(self, job: str) -> list[tuple[str, ...]]:
        """Arguments of the waiting jobs of that name."""
        return [call[1:] for call in self.waiting if call[0] == job]

    def run(self, handlers: Mapping[str, Callable[..., object]], *, at_most: int = 1000) -> int:
        """Run what waits, oldest first, and whatever that asks for in turn; how many jobs ran."""
        for done in range(at_most):
            if not self.waiting:
                return done
            job, *args = self.waiting.pop(0)
            handlers[job](*args)
        raise AssertionError(f"Still jobs waiting after {at_most}: {self.waiting[:3]}")


@dataclass
class _Line:
    """One data row of a FakeSheet, alive and movable, as a person sees it."""

    cells: list[Cell]
    hidden: bool = False


class FakeSheet:
    """A sheet in memory. What a person does is a method; what can go wrong is a switch.

    Rows are counted from 0 below the header, as they lie at that moment; columns go by their title.

    - `unavailable`: neither reading nor writing works for now.
    - `locked`: reading works, writing does not for now (open in Excel).
    - `read_only`: writing never works.
    - `gone`: the workbook was deleted.
    - `undressable`: cells may be written, but nothing else of the sheet may be changed.
    - `meanwhile`: called once, in the middle of the next `apply`, before it looks whether the sheet moved on.
    """

    def __init__(
        self,
        titles: Sequence[str] = (),
        rows: Iterable[Sequence[str | Cell]] = (),
        *,
        workbook: str = "fake.xlsx",
        name: str = "Sheet1",
    ) -> None:
        self.workbook = workbook
        self.name = name
        self.look_seconds = 0.0
        self.unavailable = False
        self.locked = False
        self.read_only = False
        self.gone = False
        self.meanwhile: Callable[[FakeSheet], None] | None = None
        self.reads = 0
        self.writes: list[int] = []
        """How many cells each successful `apply` changed."""
        self.undressable = False
        self.looks: dict[str, Look] = {}
        """What our columns look like, by title."""
        self.dressings = 0
        self._columns = [(title, False) for title in titles]
        self._lines = [_Line([*map(_cell, row)]) for row in rows]
        self._revision = 0

    # what the port promises

    @property
    def title(self) -> str:
        return self.name

    def version(self) -> str:
        self._reachable()
        return f"v{self._revision}"

    def read(self, max_age: float = 0.0) -> Table:
        self._reachable()
        self.reads += 1
        if not any(title.strip() for title, _ in self._columns):
            raise InvalidInput(f"The tab “{self.name}” has no header row.")
        columns = tuple(
            Column(title.strip(), _letter(index), hidden) for index, (title, hidden) in enumerate(self._columns)
        )
        key_column = self._key_column()
        rows = tuple(
            Row(position, _key(line, key_column), self._padded(line), line.hidden)
            for position, line in enumerate(self._lines)
        )
        return Table(
            workbook=self.workbook,
            sheet=self.name,
            columns=columns,
            rows=tuple(row for row in rows if any(cell.shown.strip() for cell in row.cells)),
            version=self.version(),
            key_column=key_column,
        )

    def apply(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn] = ()) -> Table | None:
        self._reachable()
        if self.locked:
            raise SheetUnavailable(f"{self.workbook} is open in another program. Close it there.")
        if self.read_only:
            raise PermanentError(f"{self.workbook} is read-only.", whole_campaign=True)
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens(self)
        if table.version != self.version():
            raise SheetChanged(f"{self.workbook} changed meanwhile.")
        self._check(table, edits, new_columns)
        self._columns += [(column.title, column.hidden) for column in new_columns]
        for edit in edits:
            line = self._lines[edit.row.position]
            line.cells = [*self._padded(line)]
            line.cells[edit.column] = _cell(edit.value)
        if edits or new_columns:
            self._revision += 1
            self.writes.append(len(edits))
        return None

    def views(self, column: str, wanted: Mapping[str, Collection[str]]) -> Mapping[str, str]:
        return {}

    def dress(self, looks: Sequence[Look]) -> None:
        self._reachable()
        if self.locked:
            raise SheetUnavailable(f"{self.workbook} is open in another program. Close it there.")
        if self.undressable:
            raise PermanentError(f"{self.workbook} is protected.", whole_campaign=True)
        there = {fold(title) for title, _ in self._columns}
        self.dressings += 1
        self.looks |= {look.title: look for look in looks if fold(look.title) in there}

    # what a person does

    def type(self, row: int, column: str, text: CellValue | Cell) -> None:
        """Type into a cell."""
        line = self._lines[row]
        line.cells = [*self._padded(line)]
        line.cells[self._index(column)] = _cell(text)
        self._revision += 1

    def sort(self, by: str, *, reverse: bool = False) -> None:
        """Sort all rows by a column's shown text."""
        index = self._index(by)
        self._lines.sort(key=lambda line: self._padded(line)[index].shown, reverse=reverse)
        self._revision += 1

    def insert_row(self, at: int, values: Mapping[str, str] | None = None) -> None:
        """Insert a row before the one at `at`, empty or filled by column title."""
        self._lines.insert(at, _Line([BLANK for _ in self._columns]))
        self._revision += 1
        for column, text in (values or {}).items():
            self.type(at, column, text)

    def delete_row(self, row: int) -> None:
        """Delete a row."""
        del self._lines[row]
        self._revision += 1

    def cut_row(self, row: int) -> _Line:
        """Cut a row out, key and all; `paste_row` puts it back, wherever and whenever."""
        self._revision += 1
        return self._lines.pop(row)

    def paste_row(self, cut: _Line, to: int) -> None:
        """Insert a row that was cut, as it was then, before the one at `to`."""
        self._lines.insert(to, cut)
        self._revision += 1

    def copy_row(self, row: int, to: int) -> None:
        """Copy a row, key and all, and insert the copy before the one at `to`."""
        self._lines.insert(to, replace(self._lines[row], cells=[*self._lines[row].cells]))
        self._revision += 1

    def hide(self, row: int, hidden: bool = True) -> None:
        """Hide a row, or show it again."""
        self._lines[row].hidden = hidden
        self._revision += 1

    def rename_column(self, title: str, new: str) -> None:
        """Change a header cell."""
        index = self._index(title)
        self._columns[index] = (new, self._columns[index][1])
        self._revision += 1

    def move_column(self, title: str, to: int) -> None:
        """Move a column, with all its cells, to another place."""
        index = self._index(title)
        for line in self._lines:
            line.cells = [*self._padded(line)]
            line.cells.insert(to, line.cells.pop(index))
        self._columns.insert(to, self._columns.pop(index))
        self._revision += 1

    def insert_column(self, at: int, title: str) -> None:
        """Insert an empty column before the one at `at`."""
        for line in self._lines:
            line.cells = [*self._padded(line)]
            line.cells.insert(at, BLANK)
        self._columns.insert(at, (title, False))
        self._revision += 1

    def delete_column(self, title: str) -> None:
        """Delete a column."""
        index = self._index(title)
        for line in self._lines:
            line.cells = [*self._padded(line)]
            del line.cells[index]
        del self._columns[index]
        self._revision += 1

    # what a test looks at

    def shown(self, row: int, column: str) -> str:
        """Shown text of a cell."""
        return self._padded(self._lines[row])[self._index(column)].shown

    def column(self, title: str) -> list[str]:
        """Shown texts of a column, from top to bottom."""
        index = self._index(title)
        return [self._padded(line)[index].shown for line in self._lines]

    def find(self, column: str, text: str) -> int:
        """The first row that shows that text in that column."""
        return self.column(column).index(text)

    @property
    def titles(self) -> list[str]:
        """All headers, from left to right."""
        return [title for title, _ in self._columns]

    def _reachable(self) -> None:
        if self.gone:
            raise NotFound(f"{self.workbook} is not there any more.")
        if self.unavailable:
            raise SheetUnavailable(f"{self.workbook} can't be reached for now.")

    def _check(self, table: Table, edits: Sequence[CellEdit], new_columns: Sequence[NewColumn]) -> None:
        width = len(table.columns)
        for edit in edits:
            if edit.row.position >= len(self._lines):
                raise ValueError(f"There is no row {edit.row.position}.")
            if not 0 <= edit.column < width + len(new_columns):
                raise ValueError(f"There is no column {edit.column}.")
            if edit.column < width:
                cell = self._padded(self._lines[edit.row.position])[edit.column]
                if cell.formula or cell.merged:
                    raise ValueError(f"Row {edit.row.position}, column {edit.column}: a formula or merged cell.")

    def _padded(self, line: _Line) -> tuple[Cell, ...]:
        return (*line.cells, *[BLANK] * (len(self._columns) - len(line.cells)))

    def _index(self, title: str) -> int:
        for index, (other, _) in enumerate(self._columns):
            if fold(other) == fold(title):
                return index
        raise AssertionError(f"No column “{title}” in {self.titles}")

    def _key_column(self) -> int | None:
        titles = [fold(title) for title in self.titles]
        return titles.index(fold(ROW_KEY_TITLE)) if fold(ROW_KEY_TITLE) in titles else None


def _cell(value: CellValue | Cell) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None or value == "":
        return BLANK
    if isinstance(value, bool):
        return Cell(str(value).upper(), value, CellKind.BOOLEAN)
    if isinstance(value, int | float):
        return Cell(f"{value:g}", value, CellKind.NUMBER)
    return Cell(value, value, CellKind.TEXT)


def _key(line: _Line, key_column: int | None) -> str:
    if key_column is None or key_column >= len(line.cells):
        return ""
    text = line.cells[key_column].shown
    return text if is_row_key(text) else ""


def _letter(index: int) -> str:
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        index -= 1
    return letters


@dataclass
class FakeAttachments:
    """Files by the text of their cell; `away` are those that can't be had for now."""

    files: dict[str, bytes] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)

    async def check(self, cell: str) -> None:
        if cell in self.away:
            raise TemporaryError("The file's server does not answer.", retry_after=30)
        if cell not in self.files:
            raise PermanentError(f"There is no file “{cell}”.")

    async def load(self, cell: str) -> tuple[Attachment, ...]:
        await self.check(cell)
        return (Attachment(cell, "application/pdf", self.files[cell]),)


Outcome = Receipt | Exception | Callable[[Outgoing], Receipt]
"""What a scripted send does: return, raise, or be called (to do something in the middle, then return or raise)."""


@dataclass
class FakeChannel(Provider):
    """A provider in memory; addresses are mail addresses, or numbers (+ and digits) on channels of telephones.

    `script` says what happens to the next sends to an address; what is not scripted is accepted.

    - `unavailable`: every send is refused for now.
    - `seconds`: how long each send takes.
    - `lost`: the next so many sends arrive, and their answers get lost.
    """

    name: ChannelName = ChannelName.OUTBOX
    provider: str = "fake"
    bears: Limits = field(default_factory=Limits)
    secret: bytes = b"fake channel secret"
    unavailable: bool = False
    seconds: float = 0.0
    lost: int = 0
    sends: list[Outgoing] = field(default_factory=list)
    """Every call of `send`, in order."""
    arrived: list[Outgoing] = field(default_factory=list)
    """What recipients got, in order."""
    most_in_flight: int = 0
    tells: bool = False
    """Whether `reconcile` can tell what arrived."""
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Address -> time zones."""
    closed: bool = False
    rest: dict[str, InboundMessage | Exception] = field(default_factory=dict)
    """What `complete` finds under an id; an exception is raised."""
    listed: list[Event] = field(default_factory=list)
    """What `missed` lists, whatever it is asked for; `asked_since` is every moment that it was asked for."""
    asked_since: list[datetime] = field(default_factory=list)
    silent: Exception | None = None
    """What `missed` raises."""
    _script: dict[str, list[Outcome]] = field(default_factory=dict)
    _in_flight: int = 0

    def script(self, address: str, *outcomes: Outcome) -> None:
        """What the next sends to that address do, in order; then it is accepted again."""
        self._script.setdefault(address, []).extend(outcomes)

    def to(self, address: str) -> list[Outgoing]:
        """What that recipient got."""
        return [outgoing for outgoing in self.arrived if outgoing.address == address]

    # what the port promises

    def address(self, text: str) -> str:
        if self.name in {ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.VOICE}:
            number = "".join(text.split())
            if not number.startswith("+") or not number[1:].isdecimal() or len(number) < 8:
                raise AddressError(f"“{text.strip()}” is not a telephone number.")
            return number
        found = parseaddr(text.strip())[1].lower()
        local, _, host = found.partition("@")
        if not local or "." not in host or " " in found:
            raise AddressError(f"“{text.strip()}” is not a mail address.")
        return found

    def limits(self) -> Limits:
        return self.bears

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.sends.append(outgoing)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(self.seconds)
            return self._take(outgoing)
        finally:
            self._in_flight -= 1

    def zones(self, address: str) -> tuple[str, ...]:
        return self.where.get(address, ())

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:
        if not self.tells:
            return True
        here = [one for one in self.arrived if one.message_id == outgoing.message_id]
        return Receipt(f"found-{outgoing.message_id}") if here else False

    async def missed(self, since: datetime) -> list[Event]:
        self.asked_since.append(since)
        if self.silent is not None:
            raise self.silent
        return list(self.listed)

    async def complete(self, event: InboundMessage) -> InboundMessage:
        found = self.rest.get(event.fetch, event)
        if isinstance(found, Exception):
            raise found
        return found

    async def check(self) -> None:
        if self.unavailable:
            raise TemporaryError("The provider is not reachable.", retry_after=1)

    async def close(self) -> None:
        self.closed = True

    def verify(self, request: WebhookRequest) -> None:
        given = request.headers.get("x-fake-signature", "")
        at = given.partition(".")[0]
        if not hmac.compare_digest(given.encode(), self._sign(request.body, at).encode()):
            raise SignatureError("The signature is missing or wrong.")
        if abs(time.time() - int(at)) > 300:
            raise SignatureError("The signature is of another time.")

    def parse(self, request: WebhookRequest) -> list[Event]:
        try:
            return [_event(found) for found in json.loads(request.body)]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidInput("The body is not of the fake provider's form.") from error

    # what the provider does

    def post(self, *events: Event) -> WebhookRequest:
        """A correctly signed webhook request that carries these events."""
        return self.signed(json.dumps([{"type": type(event).__name__, **asdict(event)} for event in events]).encode())

    def signed(self, body: bytes, *, age: float = 0.0) -> WebhookRequest:
        """A webhook request of that body, correctly signed so many seconds ago."""
        headers = {"content-type": "application/json", "x-fake-signature": self._sign(body, f"{time.time() - age:.0f}")}
        return WebhookRequest("POST", f"http://127.0.0.1/webhooks/{self.provider}", headers, body, "application/json")

    def _take(self, outgoing: Outgoing) -> Receipt:
        if self.unavailable:
            raise TemporaryError("The provider is not reachable.", retry_after=1)
        waiting = self._script.get(outgoing.address)
        outcome = waiting.pop(0) if waiting else Receipt(f"fake-{len(self.arrived) + 1}")
        if isinstance(outcome, Exception):
            raise outcome
        receipt = outcome if isinstance(outcome, Receipt) else outcome(outgoing)
        self.arrived.append(outgoing)
        if self.lost:
            self.lost -= 1
            raise SendInDoubt("The connection broke before the provider answered.")
        return receipt

    def _sign(self, body: bytes, at: str) -> str:
        return f"{at}.{hmac.new(self.secret, at.encode() + body, hashlib.sha256).hexdigest()}"


def _event(found: dict[str, Any]) -> Event:
    """Raises TypeError, ValueError or KeyError for what is not of the form."""
    kinds: dict[str, type[Event]] = {one.__name__: one for one in (DeliveryEvent, InboundMessage, UnknownEvent)}
    kind, given = kinds.get(found.pop("type"), UnknownEvent), dict(found)
    if kind is UnknownEvent:
        given = {"event_id": found["event_id"], "name": found.get("name", "")}
    if kind is DeliveryEvent:
        given["status"] = DeliveryStatus(given["status"])
    if kind is InboundMessage:
        given |= {name: tuple(given[name]) for name in ("in_reply_to", "files") if given.get(name)}
        given |= {name: () for name in ("in_reply_to", "files") if not given.get(name)}
        given["channel"] = ChannelName(given["channel"]) if given.get("channel") else None
        given["headers"] = dict(given.get("headers") or {})
    texts = [given[one.name] for one in fields(kind) if one.type == "str" and one.name in given]
    inner = [*given.get("in_reply_to", ()), *given.get("files", ()), *given.get("headers", {}).values()]
    if not all(isinstance(text, str) for text in (*texts, *inner)) or not given["event_id"]:
        raise TypeError("a text is no text")
    return kind(**given)
