"""A ledger of every earlier version comes forward, with the data that it holds."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from sqlalchemy import create_engine

from server.domain.machine import Skipped
from server.domain.words import ChannelName, MessageState, SuppressionReason
from server.store import SqlLedger
from server.store.campaigns import SqlCampaigns
from server.store.crypto import SecretCipher
from server.store.database import Database, parse_url
from server.store.migrate import settings
from server.store.rows import blind, to_row
from server.store.schema import campaigns, messages, meta, suppressions
from tests.contracts.ledger import approved, campaign
from tests.fakes import FakeClock


def test_a_ledger_of_the_first_version_comes_forward_with_its_data(
    empty_url: str, cipher: SecretCipher, clock: FakeClock, open_at: Callable[[str], SqlLedger]
) -> None:
    first_version(empty_url, cipher, clock)
    ledger = open_at(empty_url)
    ledger.ping()
    assert ledger.campaigns.get("c_1") == campaign()
    assert ledger.messages.get(approved().id) == approved()
    assert ledger.suppressions.stands(approved().address, ChannelName.EMAIL) is SuppressionReason.OPT_OUT
    assert ledger.audit.of_message(approved().id) == []
    ledger.messages.move(approved().id, Skipped())
    assert ledger.messages.get(approved().id).state is MessageState.SKIPPED
    assert len(ledger.audit.of_message(approved().id)) == 1


def first_version(url: str, cipher: SecretCipher, clock: FakeClock) -> None:
    """The tables as 0001 made them, with a campaign, a message and an opt-out in them."""
    engine = create_engine(parse_url(url))
    columns = SqlCampaigns(Database(parse_url(url)), cipher, clock)._values(campaign())
    with engine.begin() as connection:
        config = settings()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        kept = {"seal": cipher.seal("cellback").hex(), "blind": cipher.blind("cellback")}
        connection.execute(meta.insert(), [{"name": name, "value": value} for name, value in kept.items()])
        connection.execute(campaigns.insert(), {"id": "c_1", "state": "planned", **columns})
        connection.execute(messages.insert(), to_row(approved(), cipher))
        digest = blind(cipher, approved().address)
        connection.execute(
            suppressions.insert(), {"blind": digest, "channel": "email", "reason": "opt_out", "since": 1}
        )
    engine.dispose()
