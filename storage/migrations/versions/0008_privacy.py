"""What has been deleted at a person's wish, and which guilds the bot has left."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, column in (("people", "erased_at"), ("guilds", "left_at"), ("jobs", "erased_at")):
        op.add_column(table, sa.Column(column, _TIME, nullable=True))
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            unique=False,
            sqlite_where=there,
            postgresql_where=there,
        )
    op.create_index("ix_cases_reporter_id", "cases", ["reporter_id"], unique=False)
    op.create_index("ix_cases_guild_id", "cases", ["guild_id"], unique=False)
    op.create_index("ix_word_hits_person_id", "word_hits", ["person_id"], unique=False)
