"""Leases, for work that one process does for all; an index of the POSTs of unknown outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

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
