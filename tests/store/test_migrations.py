"""A ledger of every earlier version comes forward, with the data that it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import Column, MetaData, Table, create_engine

from server.domain.machine import Skipped
from server.domain.words import ChannelName, MessageState, Status, SuppressionReason
from server.store import SqlLedger
from server.store.campaigns import SqlCampaigns
from server.store.crypto import SecretCipher
from server.store.database import Database, parse_url
from server.store.migrate import settings
from server.store.rows import blind, to_row
from server.store.schema import campaigns, messages, meta, suppressions
from tests.contracts.ledger import AT, approved, campaign
from tests.fakes import FakeClock


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004"])
def test_a_ledger_of_an_earlier_version_comes_forward_with_its_data(
    version: str, empty_url: str, cipher: SecretCipher, clock: FakeClock, open_at: Callable[[str], SqlLedger]
) -> None:
    earlier(version, empty_url, cipher, clock)
    ledger = open_at(empty_url)
    ledger.ping()
    assert ledger.campaigns.get("c_1") == campaign()
    assert ledger.messages.get(approved().id) == replace(approved(), carrier="")  # its plan knows the carrier
    assert ledger.messages.get(SENT.id) == SENT
    assert ledger.messages.open_to(ChannelName.EMAIL, SENT.address) == [SENT]
    assert ledger.figures().messages == {(ChannelName.EMAIL, Status.APPROVED): 1, (ChannelName.EMAIL, Status.SENT): 1}
    assert ledger.suppressions.stands(approved().address, ChannelName.EMAIL) is SuppressionReason.OPT_OUT
    assert ledger.audit.of_message(approved().id) == []
    ledger.messages.move(approved().id, Skipped())
    assert ledger.messages.get(approved().id).state is MessageState.SKIPPED
    assert len(ledger.audit.of_message(approved().id)) == 1


LATER = {"channel", "carrier", "followed", "unanswered"}
"""Columns of messages that came with 0005 and 0006."""

SENT = approved(2, state=MessageState.SENT, provider="smtp", provider_id="p2", claimed_at=AT, sent_at=AT)


def earlier(version: str, url: str, cipher: SecretCipher, clock: FakeClock) -> None:
    """The tables as that version made them, with a campaign, two messages and an opt-out in them."""
    engine = create_engine(parse_url(url))
    columns = SqlCampaigns(Database(parse_url(url)), cipher, clock)._values(campaign())
    with engine.begin() as connection:
        config = settings()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        kept = {"seal": cipher.seal("cellback").hex(), "blind": cipher.blind("cellback")}
        connection.execute(meta.insert(), [{"name": name, "value": value} for name, value in kept.items()])
        connection.execute(campaigns.insert(), {"id": "c_1", "state": "planned", **columns})
        for one in (approved(), SENT):
            row = to_row(one, cipher)
            then = {name: row[name] for name in row if name not in LATER}
            connection.execute(_AS_IT_WAS.insert(), then)
        digest = blind(cipher, approved().address)
        connection.execute(
            suppressions.insert(), {"blind": digest, "channel": "email", "reason": "opt_out", "since": 1}
        )
    engine.dispose()


_AS_IT_WAS = Table(
    "messages",
    MetaData(),
    *(Column(one.name, one.type) for one in messages.columns if one.name not in {"seq", *LATER}),
)
"""Without what was added since."""
