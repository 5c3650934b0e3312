"""The fakes keep the promises of the ports that they stand for; else what passes with them proves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, time

import pytest

from server.domain.message import Outgoing
from server.domain.reply import DeliveryEvent, InboundMessage, UnknownEvent, WebhookRequest
from server.domain.table import BLANK, Cell, CellEdit, NewColumn
from server.domain.words import CellKind, DeliveryStatus
from server.errors import NotFound, PermanentError, SendInDoubt, SheetChanged, SheetUnavailable, TemporaryError
from server.ports import Sheet
from server.queue import SEND, SYNC
from tests.contracts.channel import WebhookContract
from tests.contracts.sheet import Formula, SheetContract, Value
from tests.fakes import FakeChannel, FakeQueue, FakeSheet


def cell(value: Value) -> Cell | str | int | float | None:
    match value:
        case Formula(result=result):
            return Cell(str(result), result, CellKind.NUMBER, formula=True)
        case date():
            return Cell(value.isoformat(), value.isoformat(), CellKind.DATE)
        case time():
            return Cell(value.isoformat(), value.isoformat(), CellKind.TIME)
    return value


class FakeBench:
    """Makes FakeSheets."""

    def make(self, rows: Sequence[Sequence[Value]], *, hidden: Sequence[int] = ()) -> Sheet:
        header, *lines = rows or [[]]
        self.sheet = FakeSheet([str(title) for title in header], [[cell(value) for value in line] for line in lines])
        for number in hidden:
            self.sheet.hide(number - 2)
        return self.sheet

    def change(self, row: int, column: int, value: Value) -> None:
        self.sheet.type(row - 2, self.sheet.titles[column - 1], cell(value))


class TestFakeSheet(SheetContract):
    @pytest.fixture
    def bench(self) -> FakeBench:
        return FakeBench()


class TestFakeWebhooks(WebhookContract):
    signature_header = "X-Fake-Signature"
    bodies = (
        FakeChannel().post(DeliveryEvent("e1", DeliveryStatus.BOUNCED, token="t", permanent=True)).body,
        FakeChannel().post(InboundMessage("e2", "a@b.org", "yes", headers={"subject": "Re"})).body,
    )
    unknown = FakeChannel().post(UnknownEvent("e3", "opened")).body

    @pytest.fixture
    def channel(self) -> FakeChannel:
        return FakeChannel()

    def signed(self, body: bytes, *, key: str = "right", age: float = 0.0) -> WebhookRequest:
        return FakeChannel(secret=b"wrong" if key == "wrong" else FakeChannel.secret).signed(body, age=age)


@pytest.fixture
def sheet() -> FakeSheet:
    return FakeSheet(["Name", "City"], [["Bea", "Rome"], ["Ann", "Oslo"]])


@pytest.mark.parametrize(
    ("disturb", "names"),
    [
        (lambda sheet: sheet.sort("Name"), ["Ann", "Bea"]),
        (lambda sheet: sheet.insert_row(1, {"Name": "Cy"}), ["Bea", "Cy", "Ann"]),
        (lambda sheet: sheet.delete_row(0), ["Ann"]),
        (lambda sheet: sheet.copy_row(1, 0), ["Ann", "Bea", "Ann"]),
        (lambda sheet: sheet.type(0, "Name", "Bo"), ["Bo", "Ann"]),
        (lambda sheet: sheet.move_column("Name", 1), ["Bea", "Ann"]),
        (lambda sheet: sheet.insert_column(0, "Nr"), ["Bea", "Ann"]),
        (lambda sheet: sheet.delete_column("City"), ["Bea", "Ann"]),
    ],
)
def test_whatever_a_person_does_to_a_sheet_ends_what_was_read(
    sheet: FakeSheet, disturb: Callable[[FakeSheet], None], names: list[str]
) -> None:
    table = sheet.read()
    disturb(sheet)

    assert sheet.column("Name") == names
    with pytest.raises(SheetChanged):
        sheet.apply(table, [CellEdit(table.rows[0], 0, "lost")], [NewColumn("Status")])
    assert sheet.column("Name") == names


def test_a_copied_row_can_be_changed_by_itself(sheet: FakeSheet) -> None:
    sheet.copy_row(0, 1)
    sheet.type(1, "Name", "Cy")

    assert sheet.column("Name") == ["Bea", "Cy", "Ann"]


def test_a_person_can_come_between_in_the_middle_of_a_write(sheet: FakeSheet) -> None:
    sheet.meanwhile = lambda sheet: sheet.sort("Name")
    table = sheet.read()
    with pytest.raises(SheetChanged):
        sheet.apply(table, [CellEdit(table.rows[0], 0, "lost")])

    table = sheet.read()
    sheet.apply(table, [CellEdit(table.rows[0], 0, "Anne")])
    assert sheet.column("Name") == ["Anne", "Bea"]
    assert sheet.writes == [1]


@pytest.mark.parametrize(
    ("switch", "reads", "error"),
    [
        ("unavailable", False, SheetUnavailable),
        ("gone", False, NotFound),
        ("locked", True, SheetUnavailable),
        ("read_only", True, PermanentError),
    ],
)
def test_its_switches_make_it_fail(sheet: FakeSheet, switch: str, reads: bool, error: type[Exception]) -> None:
    table = sheet.read()
    setattr(sheet, switch, True)

    if reads:
        assert sheet.read() == table
    else:
        with pytest.raises(error):
            sheet.read()
    with pytest.raises(error):
        sheet.apply(table, [CellEdit(table.rows[0], 0, "x")])


def test_short_rows_are_filled_up() -> None:
    assert FakeSheet(["a", "b"], [["1"]]).read().rows[0].cells[1] == BLANK


def outgoing(address: str) -> Outgoing:
    return Outgoing("msg_1", "token", address, "Hi")


def test_a_channel_does_what_its_script_says_and_then_accepts() -> None:
    channel = FakeChannel()
    channel.script("a@b.org", TemporaryError("Later."), SendInDoubt("Lost."))

    for error in (TemporaryError, SendInDoubt):
        with pytest.raises(error):
            asyncio.run(channel.send(outgoing("a@b.org")))
    asyncio.run(channel.send(outgoing("a@b.org")))

    assert len(channel.sends) == 3
    assert len(channel.to("a@b.org")) == 1


def test_a_lost_answer_is_one_of_a_message_that_arrived() -> None:
    channel = FakeChannel(lost=1)
    with pytest.raises(SendInDoubt):
        asyncio.run(channel.send(outgoing("a@b.org")))

    assert len(channel.arrived) == 1


def test_a_channel_counts_what_is_in_flight() -> None:
    channel = FakeChannel(seconds=0.01)

    async def many() -> None:
        await asyncio.gather(*(channel.send(outgoing(f"a{number}@b.org")) for number in range(5)))

    asyncio.run(many())
    assert channel.most_in_flight == 5


def test_what_a_channel_posts_can_be_verified_and_parsed() -> None:
    channel = FakeChannel()
    events = [
        DeliveryEvent("e1", DeliveryStatus.BOUNCED, token="t", permanent=True),
        InboundMessage("e2", "a@b.org", "yes", in_reply_to=("m1",), headers={"subject": "Re"}),
        UnknownEvent("e3", "opened"),
    ]
    request = channel.post(*events)

    channel.verify(request)
    assert channel.parse(request) == events


def test_a_queue_runs_what_waits_and_what_that_asks_for() -> None:
    queue = FakeQueue()
    ran = []
    queue.enqueue(SYNC, "c_1")
    queue.enqueue(SYNC, "c_1")

    def sync(campaign: str) -> None:
        ran.append(campaign)
        queue.enqueue(SEND, campaign, "0")

    assert queue.run({SYNC: sync, SEND: lambda campaign, chunk: ran.append(chunk)}) == 2
    assert ran == ["c_1", "0"]
    assert len(queue.asked) == 3
