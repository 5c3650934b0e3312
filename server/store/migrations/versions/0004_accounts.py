"""People come in from Excel: what renews their access to Microsoft's services, one record a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One table, empty."""
    op.create_table(
        "accounts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("blind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("cache", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("blind", name="uq_accounts_person"),
    )
