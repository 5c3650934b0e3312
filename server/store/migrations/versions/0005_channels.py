"""Each message has a channel of its own; what is known of people on a channel beyond campaigns; moments to remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TOLD = ["campaign_id", "state", "problem", "delivery", "outcome", "flag", "settled", "version"]


def upgrade() -> None:
    """What is there goes its campaign's way; who took it carries it. (Its plan, sealed, knows the rest.)"""
    op.add_column("messages", sa.Column("channel", sa.Text))
    op.add_column("messages", sa.Column("carrier", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE messages SET carrier = provider, "
        "channel = (SELECT campaigns.channel FROM campaigns WHERE campaigns.id = messages.campaign_id)"
    )
    op.drop_index("ix_messages_told", "messages")
    op.create_index("ix_messages_told", "messages", [*_TOLD, "channel"])
    op.create_table(
        "contacts",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("channel", "ours", "blind")),
        sa.Column("heard_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_contacts_blind", "contacts", ["blind"])
    op.create_table(
        "names",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("channel", "name", "blind")),
        sa.Column("called", sa.Boolean, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("channel", "name", name="uq_names_name"),
    )
    op.create_index("ix_names_blind", "names", ["blind"])
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
