"""The first tables: people, guilds, jobs, their events, deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guilds")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("interaction_id", sa.BigInteger(), nullable=False),
        sa.Column("requester_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("card_closed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("not_before", _TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("submitted_at", _TIME, nullable=True),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("generation_id", sa.String(length=128), nullable=True),
        sa.Column("generating_at", _TIME, nullable=True),
        sa.Column("deadline_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("cleanup_at", _TIME, nullable=True),
        sa.Column("cleanup_tries", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'queued', 'submitting', 'uncertain', 'generating', 'finished', 'failed', 'cancelled', 'rejected')",
            name=op.f("ck_jobs_state"),
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_jobs_guild_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["people.id"], name=op.f("fk_jobs_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("generation_id", name=op.f("uq_jobs_generation_id")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_jobs_interaction_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_cleanup_at",
        "jobs",
        ["cleanup_at"],
        unique=False,
        sqlite_where=sa.text("cleanup_at IS NOT NULL"),
        postgresql_where=sa.text("cleanup_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["state", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_open_card",
        "jobs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("card_id IS NOT NULL AND ended_at IS NOT NULL AND NOT card_closed"),
        postgresql_where=sa.text(
            "card_id IS NOT NULL AND ended_at IS NOT NULL AND NOT card_closed"
        ),
    )
    op.create_index("ix_jobs_requester_id_id", "jobs", ["requester_id", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("lease_until", _TIME, nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sending_at", _TIME, nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'undeliverable')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_deliveries_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("nonce", name=op.f("uq_deliveries_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index("ix_deliveries_job_id", "deliveries", ["job_id"], unique=False)
    op.create_index(
        "uq_deliveries_job_end",
        "deliveries",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text("kind IN ('result', 'failure')"),
        postgresql_where=sa.text("kind IN ('result', 'failure')"),
    )
    op.create_table(
        "job_events",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_events_job_id", "job_events", ["job_id"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
