"""Limits by role, blocks, and a record of what moderators do."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _limits()
    _blocks()
    _audit()


def _limits() -> None:
    op.add_column(
        "guilds",
        sa.Column("time_zone", sa.String(length=64), server_default="UTC", nullable=False),
    )
    op.add_column("guilds", sa.Column("cap_at_once", sa.Integer(), nullable=True))
    op.add_column("guilds", sa.Column("cap_per_day", sa.Integer(), nullable=True))
    op.add_column("guilds", sa.Column("appeal", sa.String(length=500), nullable=True))
    op.add_column(
        "guilds", sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("guilds", sa.Column("channels", sa.JSON(), nullable=True))
    op.add_column("guilds", sa.Column("spoilers", sa.JSON(), nullable=True))
    op.add_column(
        "jobs", sa.Column("spoiler", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "limits",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("longest", sa.Integer(), nullable=True),
        sa.Column("models", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_limits_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", "role_id", name=op.f("pk_limits")),
    )
    op.create_index("ix_jobs_guild_id_created_at", "jobs", ["guild_id", "created_at"], unique=False)


def _blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "person_id", name=op.f("pk_blocks")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_guild_id_id", "audit", ["guild_id", "id"], unique=False)
