"""The ledger's tables. What tells something about a person is sealed (LargeBinary) or blinded; the rest is plain.

Moments are BigInteger: microseconds since 1970-01-01 UTC (see `codec`). A change here needs a migration beside it:
`tests/store/test_migrations.py` compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect

REVISION = "0007"
"""The newest migration: what `alembic_version` must say for this code."""


class Word(TypeDecorator[str]):
    """A plain text that may come from outside: NUL and half surrogates, which databases refuse, become U+FFFD.

    Looking up takes the same way as storing, so that what was stored is found again.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Text as the database takes it."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


EMPTY: ColumnElement[str] = literal_column("''")
"""Written out, never bound: only so does a database see that a partial index fits."""

metadata = MetaData()


def _sequence() -> Column[int]:
    """The order in which records were added."""
    return Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

campaigns = Table(
    "campaigns",
    metadata,
    _sequence(),
    Column("id", Word, nullable=False, unique=True),
    Column("workbook", Word, nullable=False),
    Column("sheet", Word, nullable=False),
    Column("state", Text, nullable=False),
    Column("channel", Text, nullable=False),  # the plan's own, plain
    Column("header_row", Integer),
    Column("rows", Text, nullable=False),  # JSON list
    Column("columns", Text, nullable=False),  # JSON object
    Column("words", LargeBinary, nullable=False),  # sealed JSON: name, instruction, plan, started_by, note, moments
    Column("created_at", BigInteger),
    Column("start_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index("ix_campaigns_workbook", "workbook", "sheet"),
)

TOLD = ("state", "problem", "delivery", "outcome", "flag", "settled", "unanswered")
"""The columns of a message that make its status word."""

SILENT = "state = 'sent' AND outcome IS NULL AND NOT unanswered AND NOT followed"
"""Messages that wait for an answer, as the partial index and whoever uses it must write it out."""

messages = Table(
    "messages",
    metadata,
    _sequence(),
    Column("id", Word, nullable=False, unique=True),
    Column("campaign_id", Word, ForeignKey("campaigns.id"), nullable=False),
    Column("row_key", Word, nullable=False),
    Column("step", Integer, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("outcome", Text),
    Column("flag", Text),
    Column("settled", Boolean, nullable=False, server_default=false()),
    Column("confidence", Float),
    Column("owner", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", BigInteger),
    Column("sent_at", BigInteger),
    Column("due_at", BigInteger),
    Column("provider", Word, nullable=False),
    Column("provider_id", Word, nullable=False),
    Column("token", Word, nullable=False),
    Column("blind", Text, nullable=False),  # of the address, "" without one
    Column("version", Integer, nullable=False),
    Column("rendered", Integer, nullable=False),
    Column("channel", Text),  # what it is bound for, plain: a claim looks up the suppressions by it
    Column("carrier", Word, nullable=False, server_default=""),
    Column("followed", Boolean, nullable=False, server_default=false()),  # another step of the row is shown
    Column("unanswered", Boolean, nullable=False, server_default=false()),  # the time for an answer is over
    # Sealed ones last: what is counted must not be looked for behind long values.
    Column("draft", LargeBinary),  # sealed JSON: address, person, subject, text, approval and the like (`rows.DRAFT`)
    Column("note", LargeBinary),  # sealed
    Column("answer", LargeBinary),  # sealed JSON: reply, values, evidence, settled_by, replied_at
    UniqueConstraint("campaign_id", "row_key", "step", name="uq_messages_row"),
    Index("ix_messages_order", "campaign_id", "seq"),
    Index("ix_messages_work", "campaign_id", "state", "chunk", "due_at", "followed"),
    # All that is counted, while a panel looks on: a hundred thousand rows without touching one of them.
    Index("ix_messages_told", "campaign_id", *TOLD, "version", "channel", "followed"),
    _partial("uq_messages_token", "token", where="token <> ''", unique=True),
    _partial("ix_messages_provider", "provider", "provider_id", where="provider_id <> ''"),
    _partial("ix_messages_blind", "blind", where="blind <> ''"),
    _partial("ix_messages_dirty", "campaign_id", "seq", where="version > rendered AND NOT followed"),
    _partial("ix_messages_silent", "campaign_id", "claimed_at", where=SILENT),
)

cell_writes = Table(
    "cell_writes",
    metadata,
    _sequence(),
    Column("campaign_id", Word, ForeignKey("campaigns.id"), nullable=False),
    Column("row_key", Word, nullable=False),
    Column("column", Word, nullable=False),
    Column("state", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),  # sealed
    Column("expected", LargeBinary, nullable=False),  # sealed
    Column("note", LargeBinary),  # sealed
    Column("wanted_at", BigInteger, nullable=False),
    UniqueConstraint("campaign_id", "row_key", "column", name="uq_cell_writes_cell"),
    _partial("ix_cell_writes_pending", "campaign_id", "wanted_at", "seq", where="state = 'pending'"),
)

events = Table(
    "events",
    metadata,
    _sequence(),
    Column("id", Word, nullable=False, unique=True),
    Column("provider", Word, nullable=False),
    Column("blind", Text, nullable=False),  # of the provider's event id: for knowing it again
    Column("received_at", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False, server_default=false()),
    Column("event", LargeBinary, nullable=False),  # sealed JSON
    Column("raw", LargeBinary),  # sealed
    Column("note", LargeBinary),  # sealed
    UniqueConstraint("provider", "blind", name="uq_events_once"),
    _partial("ix_events_waiting", "seq", where="NOT done"),
    Index("ix_events_received", "received_at"),
)

replies = Table(
    "replies",
    metadata,
    _sequence(),
    Column("id", Word, nullable=False, unique=True),
    Column("event_id", Word, nullable=False, unique=True),
    Column("campaign_id", Word, ForeignKey("campaigns.id")),
    Column("message_id", Word),
    Column("received_at", BigInteger, nullable=False),
    Column("interpreted", Boolean, nullable=False),
    Column("reply", LargeBinary, nullable=False),  # sealed JSON
    Index("ix_replies_campaign", "campaign_id", "message_id"),
    _partial("ix_replies_unread", "seq", where="message_id IS NOT NULL AND NOT interpreted"),
    _partial("ix_replies_unmatched", "seq", where="message_id IS NULL"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("blind", Text, primary_key=True),
    Column("channel", Text, primary_key=True),  # "": all of them
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("ours", Text, primary_key=True),  # blinded: the number of ours that they wrote to, "" for any
    Column("blind", Text, primary_key=True),  # of their address
    Column("heard_at", BigInteger, nullable=False),
    Index("ix_contacts_blind", "blind"),
)

names = Table(
    "names",
    metadata,
    _sequence(),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),  # blinded: what a provider calls a person
    Column("blind", Text, nullable=False),  # of their address
    Column("called", Boolean, nullable=False),  # said of a send to them; else only heard from them
    Column("since", BigInteger, nullable=False),
    Column("words", LargeBinary, nullable=False),  # sealed JSON: name, address
    UniqueConstraint("channel", "name", name="uq_names_name"),
    Index("ix_names_blind", "blind"),
)

usage = Table(
    "usage",
    metadata,
    _sequence(),
    Column("campaign_id", Word, nullable=False),
    Column("prompt", Word, nullable=False),  # its name and hash
    Column("model", Word, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("calls", "input", "cached", "output")),
    UniqueConstraint("campaign_id", "prompt", "model", name="uq_usage_prompt"),
)
"""Tokens that a campaign's calls of a model took. Plain, and kept: counts stay."""

labels = Table(
    "labels",
    metadata,
    _sequence(),
    Column("message_id", Word, nullable=False, unique=True),
    Column("campaign_id", Word, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("confidence", Float, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("flag", "read", "settled")),
    Column("right", Boolean, nullable=False),
    Column("sampled", Boolean, nullable=False),  # in a spot check, not because it was in doubt or seen to be wrong
    Column("prompt", Word, nullable=False),
    Column("model", Word, nullable=False),
)
"""What people decided about readings. Nothing personal: kept beyond a purge."""

marks = Table("marks", metadata, Column("name", Text, primary_key=True), Column("at", BigInteger, nullable=False))

audit = Table(
    "audit",
    metadata,
    _sequence(),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # campaign, message, reply, cell
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("campaign_id", Word),  # no foreign key: it would cost a look-up for each entry, and ids never change
    Column("message_id", Word),
    Column("entity", Word, nullable=False),  # id of a reply, row key of a cell, else ""
    Column("who", Word, nullable=False),  # a worker or a provider, plain as in `messages`; a person is sealed
    Column("words", LargeBinary),  # sealed JSON: who, why
    Index("ix_audit_message", "message_id", "seq"),
    Index("ix_audit_campaign", "campaign_id", "seq"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Word, primary_key=True),
    Column("owner", Word, nullable=False),
    Column("until", BigInteger, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("blind", Text, primary_key=True),  # of a person's address
    Column("workbook", Word, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

spent = Table("spent", metadata, Column("digest", Text, primary_key=True), Column("until", BigInteger, nullable=False))

permissions = Table(
    "permissions",
    metadata,
    _sequence(),
    Column("blind", Text, nullable=False),  # of a person's address
    Column("workbook", Word, nullable=False),
    Column("token", LargeBinary, nullable=False),  # sealed
    Column("proven", Boolean, nullable=False),  # that person may edit the workbook
    Column("since", BigInteger, nullable=False),
    UniqueConstraint("blind", "workbook", name="uq_permissions_person"),
)

accounts = Table(
    "accounts",
    metadata,
    _sequence(),
    Column("blind", Text, nullable=False),  # of a person's account (tenant and object id)
    Column("address", Text, nullable=False),  # blinded: so that an erasure finds them
    Column("cache", LargeBinary, nullable=False),  # sealed
    Column("since", BigInteger, nullable=False),
    UniqueConstraint("blind", name="uq_accounts_person"),
)

saved = Table(
    "saved",
    metadata,
    _sequence(),
    Column("id", Word, nullable=False, unique=True),
    Column("blind", Text, nullable=False),  # of whoever saved it
    Column("workbook", Word, nullable=False),
    Column("name", Text, nullable=False),  # blinded: two of one name are one
    Column("words", LargeBinary, nullable=False),  # sealed JSON: instruction, template, name, who ...
    Column("since", BigInteger, nullable=False),
    UniqueConstraint("blind", "workbook", "name", name="uq_saved_name"),
    Index("ix_saved_workbook", "workbook"),
)
"""Campaigns that people saved to use again."""
