"""The tables. One schema for SQLite and PostgreSQL; the migrations build exactly this.

No token, account id or result link has a column here, on purpose.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.case_states import CaseState
from storage.routes import Route
from storage.states import DeliveryState, JobState
from storage.text import OutsideText

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC. A naive one is refused, because nobody knows what it means."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC; SQLite stores it as text without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "times are aware and in UTC"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts rows by itself only in a column that is INTEGER to the letter.
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _one_of(column: str, values: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """Index only the rows that this holds for, in both databases."""
    predicate = sa.text(where)
    return sa.Index(
        name, *columns, unique=unique, sqlite_where=predicate, postgresql_where=predicate
    )


people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    # Empty: the language that their Discord is set to.
    sa.Column("language", sa.String(8)),
    sa.Column("mention", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()),
    # Whether results may come by direct message; empty: not asked yet.
    sa.Column("direct", sa.Boolean),
    # What they get where they set nothing: {kind: {"model": ..., option: value}}.
    sa.Column("defaults", sa.JSON),
    # They had their data deleted; the row goes, too, unless they come back.
    sa.Column("erased_at", UtcDateTime),
    _partial("ix_people_erased_at", "erased_at", where="erased_at IS NOT NULL"),
)

guilds = sa.Table(
    "guilds",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    # Empty: each person's own language.
    sa.Column("language", sa.String(8)),
    sa.Column("route", sa.String(16), nullable=False, server_default=Route.CHANNEL),
    sa.Column("gallery_id", sa.BigInteger),
    # Whether sounds come as voice messages.
    sa.Column("voice", sa.Boolean, nullable=False, server_default=sa.false()),
    # Bytes: a file of this size was refused, whatever the guild's limit should be; when.
    sa.Column("refused_size", sa.BigInteger),
    sa.Column("refused_at", UtcDateTime),
    # Where moderators read what was reported; empty: nothing can be.
    sa.Column("log_channel_id", sa.BigInteger),
    # The day of its limits turns over at midnight there; an IANA name.
    sa.Column("time_zone", sa.String(64), nullable=False, server_default="UTC"),
    # What all its people together may have under way at once, and ask for in a day.
    sa.Column("cap_at_once", sa.Integer),
    sa.Column("cap_per_day", sa.Integer),
    # What who is blocked can do, in the moderators' own words.
    sa.Column("appeal", OutsideText(500)),
    # Nothing new is taken for the time being.
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    # Where the bot may be used, by channel or category; empty: everywhere.
    sa.Column("channels", sa.JSON),
    # Channels, categories and roles whose results are hidden until somebody looks.
    sa.Column("spoilers", sa.JSON),
    # Whether moderators read prompts before anything is made, and see results before the channel.
    sa.Column("review_prompts", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("review_results", sa.Boolean, nullable=False, server_default=sa.false()),
    # Hours that a review waits, and whether it then ends well for its person.
    sa.Column("review_hours", sa.Integer, nullable=False, server_default="24"),
    sa.Column("review_approves", sa.Boolean, nullable=False, server_default=sa.false()),
    # What happens with a result that does not look right: off, hide, hold.
    sa.Column("look", sa.String(16), nullable=False, server_default="hide"),
    # A result that could not be looked at counts as one that does not look right.
    sa.Column("look_closed", sa.Boolean, nullable=False, server_default=sa.false()),
    # Since when each job that has ended is one line for moderators; empty: none is.
    sa.Column("log_lines_since", UtcDateTime),
    # The bot was thrown out.
    sa.Column("left_at", UtcDateTime),
    # The bot is in it, or was; in others it is only with people who have it with them.
    sa.Column("joined", sa.Boolean, nullable=False, server_default=sa.false()),
    _partial("ix_guilds_left_at", "left_at", where="left_at IS NOT NULL"),
)

# What the people with a role may ask for; the role with the guild's own id is everyone's.
limits = sa.Table(
    "limits",
    metadata,
    sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id"), primary_key=True),
    sa.Column("role_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # Empty: it says nothing of this.
    sa.Column("at_once", sa.Integer),
    sa.Column("per_day", sa.Integer),
    sa.Column("longest", sa.Integer),
    sa.Column("models", sa.JSON),
)

blocks = sa.Table(
    "blocks",
    metadata,
    # 0: in every guild, and in direct messages.
    sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # Empty: until somebody lifts it.
    sa.Column("until", UtcDateTime),
    sa.Column("reason", OutsideText(300), nullable=False),
    sa.Column("by", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# What moderators have done.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.BigInteger, nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    # What of it there is to know, and to undo: by the actions' own names.
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("ix_audit_guild_id_id", "guild_id", "id"),
    sqlite_autoincrement=True,
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("interaction_id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("requester_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id")),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("card_id", sa.BigInteger),
    # Whether the card tells how the job ended; until it does, somebody has to edit it.
    sa.Column("card_closed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("prompt", OutsideText, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    # Queued again: not before this time.
    sa.Column("not_before", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("generation_id", sa.String(128), unique=True),
    sa.Column("generating_at", UtcDateTime),
    sa.Column("deadline_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("reason", OutsideText(32)),
    # The provider's own words about a failure, cleaned of links and ids.
    sa.Column("detail", OutsideText(500)),
    # When to ask NetMind next to delete the generation; empty: nothing to delete.
    sa.Column("cleanup_at", UtcDateTime),
    sa.Column("cleanup_tries", sa.Integer, nullable=False, server_default="0"),
    # How its person is spoken to, and where the result goes: decided when it was asked for.
    sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    sa.Column("mention", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("route", sa.String(16), nullable=False, server_default=Route.CHANNEL),
    sa.Column("gallery_id", sa.BigInteger),
    sa.Column("voice", sa.Boolean, nullable=False, server_default=sa.false()),
    # The file is hidden until somebody looks.
    sa.Column("spoiler", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("starred_at", UtcDateTime),
    # Its message was deleted by its person or a moderator.
    sa.Column("removed_at", UtcDateTime),
    # The video that gets a sound: the message it is in, and NetMind's copy of it.
    sa.Column("video_channel_id", sa.BigInteger),
    sa.Column("video_message_id", sa.BigInteger),
    sa.Column("video_file_id", sa.String(128)),
    # All that was in it is deleted; the row goes, too, when nobody needs it any more.
    sa.Column("erased_at", UtcDateTime),
    # Its line for moderators was promised.
    sa.Column("logged_at", UtcDateTime),
    _one_of("state", JobState),
    sa.Index("ix_jobs_requester_id_id", "requester_id", "id"),
    sa.Index("ix_jobs_guild_id_created_at", "guild_id", "created_at"),
    _partial(
        "ix_jobs_open",
        "state",
        "id",
        where="ended_at IS NULL",
    ),
    _partial(
        "ix_jobs_open_card",
        "id",
        where="card_id IS NOT NULL AND ended_at IS NOT NULL AND NOT card_closed",
    ),
    # Nobody noted which message the card is, or whether there is one.
    _partial(
        "ix_jobs_lost_card",
        "created_at",
        where="card_id IS NULL AND NOT card_closed",
    ),
    # Who has had a turn since the oldest queued job waits.
    _partial(
        "ix_jobs_submitted_at",
        "submitted_at",
        where="submitted_at IS NOT NULL",
    ),
    _partial(
        "ix_jobs_cleanup_at",
        "cleanup_at",
        where="cleanup_at IS NOT NULL",
    ),
    _partial(
        "ix_jobs_erased_at",
        "erased_at",
        where="erased_at IS NOT NULL",
    ),
    _partial(
        "ix_jobs_unlogged",
        "guild_id",
        "ended_at",
        where="ended_at IS NOT NULL AND logged_at IS NULL",
    ),
    sqlite_autoincrement=True,
)

job_events = sa.Table(
    "job_events",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("job_id", RowId, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("from_state", sa.String(16)),
    sa.Column("to_state", sa.String(16), nullable=False),
    sa.Column("note", OutsideText(200)),
    sa.Index("ix_job_events_job_id", "job_id"),
    # POSTs of which nobody knows whether they made a generation.
    _partial(
        "ix_job_events_unclear",
        "at",
        where="from_state = 'submitting' AND to_state IN ('uncertain', 'cancelled')",
    ),
    sqlite_autoincrement=True,
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id"), nullable=False),
    sa.Column("job_id", RowId, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("reporter_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False),
    # The message that was reported.
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("words", OutsideText(500), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.BigInteger),
    sa.Column("decided_at", UtcDateTime),
    # What a moderator did beside taking the result away; empty: nothing.
    sa.Column("action", sa.String(16)),
    _one_of("state", CaseState),
    sa.UniqueConstraint("job_id", "reporter_id"),
    sa.Index("ix_cases_reporter_id", "reporter_id"),
    sa.Index("ix_cases_guild_id", "guild_id"),
    sqlite_autoincrement=True,
)

# What moderators are asked about a job.
reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id"), nullable=False),
    sa.Column("job_id", RowId, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    # Before it is made: prompt; before it is posted: result.
    sa.Column("what", sa.String(16), nullable=False),
    # What about it did not look right; empty: the guild wants to be asked about everything.
    sa.Column("finding", sa.String(32)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # Empty though it is decided: its time was over.
    sa.Column("decided_by", sa.BigInteger),
    sa.Column("decided_at", UtcDateTime),
    # What the moderator told the person.
    sa.Column("words", OutsideText(300)),
    sa.UniqueConstraint("job_id", "what"),
    sa.Index("ix_reviews_guild_id", "guild_id"),
    _partial("ix_reviews_expires_at", "expires_at", where="state = 'open'"),
    sqlite_autoincrement=True,
)

# Whose jobs need no review.
trusted = sa.Table(
    "trusted",
    metadata,
    sa.Column("guild_id", sa.BigInteger, sa.ForeignKey("guilds.id"), primary_key=True),
    sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("by", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_trusted_person_id", "person_id"),
)

# What a person is told about what moderators did, as soon as there is a way.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("job_id", RowId, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    # The moderator's own words.
    sa.Column("words", OutsideText(300)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("told_at", UtcDateTime),
    sa.UniqueConstraint("job_id", "person_id", "what"),
    _partial("ix_notices_untold", "person_id", where="told_at IS NULL"),
    sa.Index("ix_notices_person_id", "person_id"),
    sqlite_autoincrement=True,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("job_id", RowId, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("nonce", sa.String(25), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # pending: not before this time; sending: the claim's end. Past it, the row is free.
    sa.Column("lease_until", UtcDateTime, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    # The first moment at which a send may have reached Discord; decides how to look for it.
    sa.Column("sending_at", UtcDateTime),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("reason", OutsideText(200)),
    # undeliverable: when its person was told in another way.
    sa.Column("told_at", UtcDateTime),
    # To whom it goes by direct message; its channel is known once that is open.
    sa.Column("person_id", sa.BigInteger),
    # The report that it brings to moderators.
    sa.Column("case_id", RowId, sa.ForeignKey("cases.id", ondelete="CASCADE")),
    # What it asks moderators.
    sa.Column("review_id", RowId, sa.ForeignKey("reviews.id", ondelete="CASCADE")),
    # What it tells a person by direct message.
    sa.Column("notice_id", RowId, sa.ForeignKey("notices.id", ondelete="CASCADE")),
    _one_of("state", DeliveryState),
    # A job ends in exactly one terminal message.
    _partial(
        "uq_deliveries_job_end",
        "job_id",
        unique=True,
        where="kind IN ('result', 'failure')",
    ),
    # So does a case begin with one.
    _partial(
        "uq_deliveries_case_id",
        "case_id",
        unique=True,
        where="case_id IS NOT NULL",
    ),
    _partial(
        "uq_deliveries_review_id",
        "review_id",
        unique=True,
        where="review_id IS NOT NULL",
    ),
    _partial(
        "uq_deliveries_notice_id",
        "notice_id",
        unique=True,
        where="notice_id IS NOT NULL",
    ),
    # A job is one line of the moderators' log.
    _partial(
        "uq_deliveries_job_log",
        "job_id",
        unique=True,
        where="kind = 'log'",
    ),
    _partial(
        "ix_deliveries_message_id",
        "message_id",
        where="message_id IS NOT NULL",
    ),
    sa.Index("ix_deliveries_job_id", "job_id"),
    _partial(
        "ix_deliveries_due",
        "lease_until",
        where="state IN ('pending', 'sending')",
    ),
    _partial(
        "ix_deliveries_untold",
        "job_id",
        where="state = 'undeliverable' AND told_at IS NULL",
    ),
    sqlite_autoincrement=True,
)

# In the index's own words: SQLite does not see that it holds for values that come apart.
ON_ITS_WAY = sa.text("deliveries.state IN ('pending', 'sending')")
LEFT_UNTOLD = sa.text("deliveries.state = 'undeliverable' AND deliveries.told_at IS NULL")

# What moderators read is neither told to a job's person nor deleted with the result.
OF_THE_JOB = deliveries.c.kind.in_(["result", "failure", "voice", "copy"])

# What moderators do not want in prompts.
words = sa.Table(
    "words",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    # 0: it holds in every guild, and in direct messages.
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", OutsideText(200), nullable=False),
    # What the person reads; empty: the general sentence.
    sa.Column("reason", OutsideText(300), nullable=False),
    # It only notes what it finds.
    sa.Column("trial", sa.Boolean, nullable=False),
    sa.Column("by", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("guild_id", "kind", "text"),
    sqlite_autoincrement=True,
)

# What of them was found; 0: outside guilds.
word_hits = sa.Table(
    "word_hits",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("guild_id", sa.BigInteger, nullable=False),
    sa.Column("interaction_id", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", OutsideText(200), nullable=False),
    sa.Column("trial", sa.Boolean, nullable=False),
    sa.Column("prompt", OutsideText, nullable=False),
    sa.UniqueConstraint("interaction_id", "kind", "text"),
    sa.Index("ix_word_hits_guild_id_id", "guild_id", "id"),
    sa.Index("ix_word_hits_at", "at"),
    sa.Index("ix_word_hits_person_id", "person_id"),
    sqlite_autoincrement=True,
)

# Work that one process at a time does for all of them.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
