"""No look-up reads a whole table: a hundred thousand rows must not be felt."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from server.domain.words import ChannelName, MessageState
from server.ports import Ledger, Step
from server.store import SqlLedger
from tests.contracts.ledger import AT, approved, message, sending

LOOKUPS: dict[str, Callable[[Ledger], object]] = {
    "get": lambda ledger: ledger.messages.get(message(1).id),
    "of_row": lambda ledger: ledger.messages.of_row("c_1", "r_1"),
    "steps": lambda ledger: ledger.messages.steps("c_1", "r_1"),
    "follow": lambda ledger: ledger.messages.follow([Step(message(1).id, message(9), "reminder")]),
    "fall_back": lambda ledger: ledger.messages.fall_back(message(1).id),
    "silent": lambda ledger: ledger.messages.silent("c_1", AT, 9),
    "of_campaign": lambda ledger: ledger.messages.of_campaign("c_1", limit=2, offset=1),
    "of_chunk": lambda ledger: ledger.messages.of_campaign("c_1", states=[MessageState.APPROVED], chunk=0),
    "of_keys": lambda ledger: ledger.messages.of_campaign("c_1", keys=["r_1", "r_2"]),
    "tally": lambda ledger: ledger.messages.tally("c_1"),
    "ways": lambda ledger: ledger.messages.ways("c_1", [MessageState.APPROVED]),
    "states": lambda ledger: ledger.messages.states("c_1"),
    "revision": lambda ledger: ledger.messages.revision("c_1"),
    "chunks": lambda ledger: ledger.messages.chunks("c_1", [MessageState.APPROVED], due=AT),
    "next_due": lambda ledger: ledger.messages.next_due("c_1"),
    "by_token": lambda ledger: ledger.messages.by_token("t"),
    "by_provider_id": lambda ledger: ledger.messages.by_provider_id("smtp", "p"),
    "open_to": lambda ledger: ledger.messages.open_to(ChannelName.EMAIL, "zoe1@example.org"),
    "dirty": lambda ledger: ledger.messages.dirty("c_1", 2),
    "dirty_campaigns": lambda ledger: ledger.messages.dirty_campaigns(),
    "pending": lambda ledger: ledger.cells.pending("c_1", 2),
    "cells_waiting": lambda ledger: ledger.cells.waiting(),
    "backlog": lambda ledger: ledger.cells.backlog("c_1"),
    "cells": lambda ledger: ledger.cells.of_campaign("c_1", ["r_1"]),
    "events_waiting": lambda ledger: ledger.inbox.waiting(9),
    "unread": lambda ledger: ledger.inbox.unread(9),
    "replies": lambda ledger: ledger.inbox.replies("c_1", row_key="r_1"),
    "unmatched": lambda ledger: ledger.inbox.unmatched(9),
    "stands": lambda ledger: ledger.suppressions.stands("zoe1@example.org", ChannelName.EMAIL),
    "last_heard": lambda ledger: ledger.contacts.last_heard(ChannelName.SMS, "", "+41791234567"),
    "heard_since": lambda ledger: ledger.contacts.heard_since(ChannelName.SMS, "", AT, ["+41791234567"]),
    "address_of": lambda ledger: ledger.contacts.address_of(ChannelName.SMS, "US.1"),
    "known_as": lambda ledger: ledger.contacts.known_as(ChannelName.SMS, "+41791234567"),
    "mark": lambda ledger: ledger.marks.get("missed"),
    "claim": lambda ledger: ledger.messages.claim_soon(approved(3).id, "w", AT).result(10),
    "history": lambda ledger: ledger.audit.of_message(message(1).id),
    "audit": lambda ledger: ledger.audit.of_campaign("c_1", 9),
    "of_sheet": lambda ledger: ledger.campaigns.of_sheet("/data/contestants.xlsx"),
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_it_looks_things_up_by_an_index(name: str, sqlite_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledger = open_at(sqlite_url)
    sending(ledger, message(1), message(2), approved(3))
    statements: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, _x: object, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and not many:
            statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        LOOKUPS[name](ledger)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert statements
    with sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///"))) as connection:
        plans = [
            row[3]
            for statement, parameters in statements
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    connection.close()
    assert [step for step in plans if step.startswith("SCAN") and "USING" not in step] == []
