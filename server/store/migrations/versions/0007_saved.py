"""Campaigns that people saved to use again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One table, empty."""
    op.create_table(
        "saved",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("blind", sa.Text, nullable=False),
        sa.Column("workbook", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("blind", "workbook", "name", name="uq_saved_name"),
    )
    op.create_index("ix_saved_workbook", "saved", ["workbook"])
