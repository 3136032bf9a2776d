"""Leases, for work that one process does for all; POSTs of unknown outcome; what was told late."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LOST_CARD = sa.text("card_id IS NULL AND NOT card_closed")
_UNTOLD = sa.text("state = 'undeliverable' AND told_at IS NULL")
_UNCLEAR = sa.text("from_state = 'submitting' AND to_state IN ('uncertain', 'cancelled')")


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_index(
        "ix_job_events_unclear",
        "job_events",
        ["at"],
        unique=False,
        sqlite_where=_UNCLEAR,
        postgresql_where=_UNCLEAR,
    )
    op.add_column("deliveries", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_deliveries_untold",
        "deliveries",
        ["job_id"],
        unique=False,
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
    op.create_index(
        "ix_jobs_lost_card",
        "jobs",
        ["created_at"],
        unique=False,
        sqlite_where=_LOST_CARD,
        postgresql_where=_LOST_CARD,
    )
