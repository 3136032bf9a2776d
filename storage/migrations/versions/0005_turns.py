"""Fair turns: who has had one lately."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_SUBMITTED = sa.text("submitted_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_jobs_submitted_at",
        "jobs",
        ["submitted_at"],
        unique=False,
        sqlite_where=_SUBMITTED,
        postgresql_where=_SUBMITTED,
    )
