"""The ledger as it was first released."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables. Types are spelled out, so that later changes of `schema.py` do not change the past."""
    op.create_table("meta", _text("name", primary_key=True), _text("value"))
    _campaigns()
    _messages()
    _cell_writes()
    _events()
    _replies()
    op.create_table(
        "suppressions",
        _text("blind", primary_key=True),
        _text("channel", primary_key=True),
        _text("reason"),
        _moment("since", False),
    )
    op.create_table("leases", _text("name", primary_key=True), _text("owner"), _moment("until", False))


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        _sequence(),
        _text("id", unique=True),
        _text("workbook"),
        _text("sheet"),
        _text("state"),
        _text("channel"),
        sa.Column("header_row", sa.Integer),
        _text("rows"),
        _text("columns"),
        _sealed("words", False),
        _moment("created_at"),
        _moment("start_at"),
        _moment("ended_at"),
        _number("version"),
    )
    op.create_index("ix_campaigns_workbook", "campaigns", ["workbook", "sheet"])


def _messages() -> None:
    op.create_table(
        "messages",
        _sequence(),
        _text("id", unique=True),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaigns.id"), nullable=False),
        _text("row_key"),
        _number("step"),
        _number("chunk"),
        _text("state"),
        _text("problem"),
        _text("delivery"),
        _text("outcome", nullable=True),
        _text("flag", nullable=True),
        sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("confidence", sa.Float),
        _text("owner"),
        _number("attempts"),
        _moment("claimed_at"),
        _moment("sent_at"),
        _moment("due_at"),
        _text("provider"),
        _text("provider_id"),
        _text("token"),
        _text("blind"),
        _number("version"),
        _number("rendered"),
        _sealed("draft"),
        _sealed("note"),
        _sealed("answer"),
        sa.UniqueConstraint("campaign_id", "row_key", "step", name="uq_messages_row"),
    )
    op.create_index("ix_messages_order", "messages", ["campaign_id", "seq"])
    op.create_index("ix_messages_work", "messages", ["campaign_id", "state", "chunk", "due_at"])
    told = ["state", "problem", "delivery", "outcome", "flag", "settled"]
    op.create_index("ix_messages_told", "messages", ["campaign_id", *told, "version"])
    _partial("uq_messages_token", "messages", ["token"], "token <> ''", unique=True)
    _partial("ix_messages_provider", "messages", ["provider", "provider_id"], "provider_id <> ''")
    _partial("ix_messages_blind", "messages", ["blind"], "blind <> ''")
    _partial("ix_messages_dirty", "messages", ["campaign_id", "seq"], "version > rendered")


def _cell_writes() -> None:
    op.create_table(
        "cell_writes",
        _sequence(),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaigns.id"), nullable=False),
        _text("row_key"),
        _text("column"),
        _text("state"),
        _sealed("value", False),
        _sealed("expected", False),
        _sealed("note"),
        _moment("wanted_at", False),
        sa.UniqueConstraint("campaign_id", "row_key", "column", name="uq_cell_writes_cell"),
    )
    _partial("ix_cell_writes_pending", "cell_writes", ["campaign_id", "wanted_at", "seq"], "state = 'pending'")


def _events() -> None:
    op.create_table(
        "events",
        _sequence(),
        _text("id", unique=True),
        _text("provider"),
        _text("blind"),
        _moment("received_at", False),
        sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
        _sealed("event", False),
        _sealed("raw"),
        _sealed("note"),
        sa.UniqueConstraint("provider", "blind", name="uq_events_once"),
    )
    _partial("ix_events_waiting", "events", ["seq"], "NOT done")
    op.create_index("ix_events_received", "events", ["received_at"])


def _replies() -> None:
    op.create_table(
        "replies",
        _sequence(),
        _text("id", unique=True),
        _text("event_id", unique=True),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaigns.id")),
        _text("message_id", nullable=True),
        _moment("received_at", False),
        sa.Column("interpreted", sa.Boolean, nullable=False),
        _sealed("reply", False),
    )
    op.create_index("ix_replies_campaign", "replies", ["campaign_id", "message_id"])
    _partial("ix_replies_unread", "replies", ["seq"], "message_id IS NOT NULL AND NOT interpreted")
    _partial("ix_replies_unmatched", "replies", ["seq"], "message_id IS NULL")


def _sequence() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("seq", kind, primary_key=True, autoincrement=True)


def _text(name: str, *, nullable: bool = False, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, **options)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _moment(name: str, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _sealed(name: str, nullable: bool = True) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
