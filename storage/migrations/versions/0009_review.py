"""Reviews by moderators, what people are told of them, and lines of a log."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NO = sa.false()


def upgrade() -> None:
    _make_reviews()
    _make_trusted()
    _make_notices()
    for column in (
        sa.Column("review_prompts", sa.Boolean(), nullable=False, server_default=_NO),
        sa.Column("review_results", sa.Boolean(), nullable=False, server_default=_NO),
        sa.Column("review_hours", sa.Integer(), nullable=False, server_default="24"),
        sa.Column("review_approves", sa.Boolean(), nullable=False, server_default=_NO),
        sa.Column("look", sa.String(length=16), nullable=False, server_default="hide"),
        sa.Column("look_closed", sa.Boolean(), nullable=False, server_default=_NO),
        sa.Column("log_lines_since", _TIME),
    ):
        op.add_column("guilds", column)
    op.add_column("cases", sa.Column("action", sa.String(length=16)))
    op.add_column("jobs", sa.Column("logged_at", _TIME))
    _partial(
        "ix_jobs_unlogged",
        "jobs",
        ["guild_id", "ended_at"],
        "ended_at IS NOT NULL AND logged_at IS NULL",
    )
    _widen_deliveries()


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("finding", sa.String(length=32)),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_at", _TIME),
        sa.Column("words", sa.String(length=300)),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_reviews_guild_id")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_reviews_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("job_id", "what", name=op.f("uq_reviews_job_id_what")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_guild_id", "reviews", ["guild_id"], unique=False)
    _partial("ix_reviews_expires_at", "reviews", ["expires_at"], "state = 'open'")


def _make_trusted() -> None:
    op.create_table(
        "trusted",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_trusted_guild_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_trusted_person_id")),
        sa.PrimaryKeyConstraint("guild_id", "person_id", name=op.f("pk_trusted")),
    )
    op.create_index("ix_trusted_person_id", "trusted", ["person_id"], unique=False)


def _make_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=300)),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("told_at", _TIME),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_notices_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "job_id", "person_id", "what", name=op.f("uq_notices_job_id_person_id_what")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_person_id", "notices", ["person_id"], unique=False)
    _partial("ix_notices_untold", "notices", ["person_id"], "told_at IS NULL")


def _widen_deliveries() -> None:
    for column, table in (("review_id", "reviews"), ("notice_id", "notices")):
        key = sa.ForeignKey(f"{table}.id", name=op.f(f"fk_deliveries_{column}"), ondelete="CASCADE")
        op.add_column(
            "deliveries",
            sa.Column(column, _ROW_ID, key, nullable=True),
            # SQLite takes a reference with its column, or never.
            inline_references=op.get_context().dialect.name == "sqlite",
        )
        _partial(
            f"uq_deliveries_{column}", "deliveries", [column], f"{column} IS NOT NULL", unique=True
        )
    _partial("uq_deliveries_job_log", "deliveries", ["job_id"], "kind = 'log'", unique=True)


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    there = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=there, postgresql_where=there)
