"""One request on its way through the emulator, and the answer it gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators.graph import contract
from tests.emulators.graph.book import Book
from tests.emulators.graph.drive import Item
from tests.emulators.graph.errors import access_conflict, access_denied, malformed, not_allowed_method
from tests.emulators.graph.odata import Segment, select
from tests.emulators.graph.sessions import Session

if TYPE_CHECKING:
    from tests.emulators.graph.emulator import GraphEmulator
    from tests.emulators.graph.tokens import Caller


@dataclass
class Reply:
    """`body` is JSON, bytes or nothing."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that has been taken apart. `book` and `session` are set once it has reached a workbook."""

    emulator: GraphEmulator
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    caller: Caller
    base: str = ""
    """The service's address with its version, for links in answers."""
    item: Item | None = None
    session: Session | None = None
    book: Book = field(default_factory=Book)
    where: str = ""
    """The workbook's own address, for `@odata.id`."""
    cells: int = 0

    def header(self, name: str) -> str:
        """A header by its name in small letters, "" when it is missing."""
        return self.headers.get(name, "")

    def prefers(self, word: str) -> bool:
        """Whether a Prefer header asks for it."""
        return word.lower() in self.header("prefer").lower()

    def arguments(self, action: str) -> dict[str, Any]:
        """The body of an action. Raises GraphError when it is not as published."""
        body = {} if self.body in (None, "") else self.body
        if wrong := contract.argument_faults(action, body):
            raise malformed(wrong[0])
        found: dict[str, Any] = body
        return found

    def changes(self, kind: str) -> dict[str, Any]:
        """The body of a PATCH. Raises GraphError when it is not as published."""
        if wrong := contract.faults(kind, self.body):
            raise malformed(wrong[0])
        found: dict[str, Any] = self.body
        return found

    def writing(self) -> None:
        """The request is about to change the workbook. Raises GraphError where that is forbidden."""
        item = self.item
        assert item is not None
        if self.session is not None and not self.session.persist:
            return
        if item.read_only or not self.caller.may_write(item):
            raise access_denied()
        if item.locked or (item.checked_out_by and item.checked_out_by != self.caller.oid):
            raise access_conflict(self.session is not None)

    def wrote(self) -> None:
        """The workbook has changed."""
        assert self.item is not None
        if self.session is None or self.session.persist:
            self.item.touch(self.emulator.now(), self.caller.oid, content=True)

    def entity(self, kind: str, body: dict[str, Any], place: str, status: int = 200) -> Reply:
        """An object of a published type, with its annotations. Raises AssertionError when we got it wrong."""
        wrong = contract.faults(kind, body)
        assert not wrong, wrong
        marks = {
            "@odata.context": f"{self.base}/$metadata#{kind}",
            "@odata.type": f"#microsoft.graph.{kind}",
            "@odata.id": f"{self.where}{place}",
        }
        return Reply(status, select(marks | body, self.query))


class Resource:
    """Something that a path leads to: it may be walked through, read, changed, or acted on."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def step(self, segment: Segment) -> Resource:
        """What the next step of the path leads to. Raises GraphError."""
        raise malformed(f"Resource not found for the segment '{segment.raw}'.")

    def get(self) -> Reply:
        raise not_allowed_method()

    def patch(self) -> Reply:
        raise not_allowed_method()

    def post(self) -> Reply:
        raise not_allowed_method()

    def put(self) -> Reply:
        raise not_allowed_method()

    def delete(self) -> Reply:
        raise not_allowed_method()


class Action(Resource):
    """The end of a path that is only posted to."""

    def __init__(self, call: Call, run: Callable[[], Reply]) -> None:
        super().__init__(call)
        self._run = run

    def post(self) -> Reply:
        return self._run()
