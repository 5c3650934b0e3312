"""What lies on the disk: sealed while it is needed, gone after a purge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import LargeBinary, create_engine, select
from sqlalchemy.engine import make_url

from server.domain import machine
from server.domain.reply import InboundMessage
from server.domain.words import CampaignState, ChannelName, SuppressionReason
from server.ports import CellWrite, Ledger
from server.store import SqlLedger
from server.store.schema import metadata
from tests.contracts.ledger import AT, READING, approved, campaign, reply, sending, stored
from tests.fakes import FakeClock

PERSONAL = ["Zoë 1", "zoe1@", "example.org", "Your start", "be there", "Dear ", "Ask zoe", "mailbox", "plain yes"]
"""Pieces of every name, address and text that `fill` brings in."""


def fill(ledger: Ledger) -> None:
    """One campaign with everything that can be personal, on its way from approval to a settled reply."""
    texts = ("Dear Zoë, " * 20 * number for number in range(30))  # of many lengths, so that pages split and overflow
    sending(
        ledger,
        *(approved(number, text=text) for number, text in enumerate(texts)),
        instruction="Ask zoe@example.org to confirm",
    )
    for number in range(30):
        ledger.messages.claim_soon(approved(number).id, "w", AT).result(10)
        moves = [machine.Accepted("smtp", f"p{number}", AT), machine.Answered(READING, "I'll be there, Zoë")]
        ledger.messages.move_many([(approved(number).id, move) for move in moves])
    ledger.messages.move(approved(1).id, machine.Noted("zoe@example.org has a full mailbox"))
    ledger.cells.want("c_1", {}, [CellWrite("c_1", "r_1", "Reply", "I'll be there", "Dear")])
    ledger.cells.settle([CellWrite("c_1", "r_1", "Reply", "I'll be there", "Zoë", note="Zoë wrote there")])
    brought = InboundMessage("<1@mail>", "zoe1@example.org", "I'll be there", "Re: Your start")
    ledger.inbox.store([stored(1, raw="From: zoe1@example.org"), stored(2, event=brought)])
    ledger.inbox.done("e_2", "Matched to Zoë.")
    ledger.inbox.add_reply(reply(1, campaign_id="c_1", message_id=approved(1).id, settled_by="anna"))
    ledger.inbox.add_reply(reply(2, received_at=AT))
    ledger.suppressions.add("zoe1@example.org", ChannelName.EMAIL, SuppressionReason.OPT_OUT)
    ledger.contacts.heard(ChannelName.EMAIL, "", "zoe1@example.org", AT, "zoe1@there")
    ledger.contacts.called(ChannelName.EMAIL, "zoe2@example.org", "be there")


def on_disk(url: str) -> bytes:
    """The file and its log, as they lie on the disk."""
    path = url.removeprefix("sqlite:///")
    return b"".join(file.read_bytes() for file in (Path(path), Path(f"{path}-wal")) if file.exists())


def sealed(url: str) -> set[bytes]:
    """Every sealed value that the tables hold."""
    engine = create_engine(make_url(url).set(drivername="sqlite"))
    columns = [c for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, LargeBinary)]
    with engine.connect() as connection:
        found = {value for column in columns for value in connection.execute(select(column)).scalars() if value}
    engine.dispose()
    return found


def pieces(value: bytes) -> list[bytes]:
    """Short pieces: a long value lies in several pages."""
    return [value[start : start + 24] for start in range(0, len(value) - 24, 24)]


def test_no_name_address_or_text_can_be_read_on_the_disk(sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(sqlite_url)
    fill(ledger)
    assert ledger.messages.get(approved(1).id).reply == "I'll be there, Zoë"
    bytes_ = on_disk(sqlite_url)
    assert [word for word in PERSONAL if word.encode() in bytes_] == []
    ledger.close()
    assert [word for word in PERSONAL if word.encode() in on_disk(sqlite_url)] == []


def test_nothing_sealed_is_left_on_the_disk_after_a_purge(
    sqlite_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger, kept = open_at(sqlite_url), campaign("c_2")
    ledger.campaigns.add(kept)
    fill(ledger)
    ledger.campaigns.move("c_1", CampaignState.DONE)
    before = sealed(sqlite_url)
    assert len(before) > 90
    bytes_ = on_disk(sqlite_url)
    assert not [value for value in before if not any(piece in bytes_ for piece in pieces(value))]
    clock.advance(days=1)
    assert ledger.purge(clock.now()) == 30
    after, bytes_ = sealed(sqlite_url), on_disk(sqlite_url)
    assert len(after) == 3  # what both campaigns are, and who planned the other; the purged one's holds no words
    assert [value for value in before - after if any(piece in bytes_ for piece in pieces(value))] == []
    assert ledger.campaigns.get("c_2") == kept
