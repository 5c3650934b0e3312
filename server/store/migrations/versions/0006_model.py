"""Further steps of a row; what calls of a model used; what people decided about readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TOLD = [
    "campaign_id",
    "state",
    "problem",
    "delivery",
    "outcome",
    "flag",
    "settled",
    "unanswered",
    "version",
    "channel",
]

_SILENT = "state = 'sent' AND outcome IS NULL AND NOT unanswered AND NOT followed"


def _sequence() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("seq", kind, primary_key=True, autoincrement=True)


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "messages", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Nothing that is there was followed by another step yet."""
    op.add_column("messages", sa.Column("followed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("messages", sa.Column("unanswered", sa.Boolean, nullable=False, server_default=sa.false()))
    for name in ("ix_messages_told", "ix_messages_work", "ix_messages_dirty"):
        op.drop_index(name, "messages")
    op.create_index("ix_messages_told", "messages", [*_TOLD, "followed"])
    op.create_index("ix_messages_work", "messages", ["campaign_id", "state", "chunk", "due_at", "followed"])
    _partial("ix_messages_dirty", ["campaign_id", "seq"], "version > rendered AND NOT followed")
    _partial("ix_messages_silent", ["campaign_id", "claimed_at"], _SILENT)
    op.create_table(
        "usage",
        _sequence(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("campaign_id", "prompt", "model")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("calls", "input", "cached", "output")),
        sa.UniqueConstraint("campaign_id", "prompt", "model", name="uq_usage_prompt"),
    )
    op.create_table(
        "labels",
        _sequence(),
        sa.Column("message_id", sa.Text, nullable=False, unique=True),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("flag", "read", "settled")),
        sa.Column("right", sa.Boolean, nullable=False),
        sa.Column("sampled", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("prompt", "model")),
    )
