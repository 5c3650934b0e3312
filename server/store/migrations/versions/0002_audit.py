"""Every change of state gets an audit entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One table, empty: what happened before is not known any more."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "actor", "what", "before", "after")),
        sa.Column("campaign_id", sa.Text),
        sa.Column("message_id", sa.Text),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("words", sa.LargeBinary),
    )
    op.create_index("ix_audit_message", "audit", ["message_id", "seq"])
    op.create_index("ix_audit_campaign", "audit", ["campaign_id", "seq"])
