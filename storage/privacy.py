"""What is stored about one person: how much of it, where to see it, and all of it to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import (
    OF_THE_JOB,
    audit,
    blocks,
    cases,
    deliveries,
    job_events,
    jobs,
    notices,
    people,
    reviews,
    trusted,
    word_hits,
    words,
)

# A number that JavaScript does not round.
_EXACT = 2**53

KEPT = {
    "blocks.person_id": "a block would otherwise end by itself",
    "blocks.by": "it is the guild's decision",
    "audit.by": "moderators can look up what was changed, and by whom",
    "words.by": "it is the guild's rule",
    "cases.decided_by": "it is part of somebody else's report",
    "reviews.decided_by": "it is part of the review of somebody else's job",
    "trusted.by": "it is the guild's decision",
}
"""The columns with a person that stay when that person has their data deleted, and why."""

ERASED = (
    "people.id",
    "jobs.requester_id",
    "cases.reporter_id",
    "deliveries.person_id",
    "word_hits.person_id",
    "notices.person_id",
    "trusted.person_id",
)
"""The columns with a person whose rows go."""

INTERNAL = {
    "jobs.requester_id": "said once, at the top",
    "jobs.interaction_id": "Discord's number of a click, good for nothing else",
    "jobs.generation_id": "the provider's",
    "jobs.video_file_id": "the provider's",
    "jobs.epoch": "for the work itself",
    "jobs.lease_until": "for the work itself",
    "jobs.card_closed": "for the work itself",
    "jobs.cleanup_at": "for the work itself",
    "jobs.cleanup_tries": "for the work itself",
    "jobs.erased_at": "emptied jobs are left out",
    "jobs.logged_at": "for the work itself",
    "job_events.id": "for the work itself",
    "job_events.note": "for operators",
    "deliveries.id": "for the work itself",
    "deliveries.nonce": "it keeps a message single",
    "deliveries.epoch": "for the work itself",
    "deliveries.lease_until": "for the work itself",
    "deliveries.person_id": "the same person",
    "deliveries.case_id": "what moderators are told belongs to no job's person",
    "deliveries.review_id": "what moderators are asked belongs to no job's person",
    "deliveries.notice_id": "the notices are a list of their own",
    "cases.reporter_id": "the same person, or somebody else",
    "cases.decided_by": "somebody else",
    "reviews.decided_by": "the same person, or somebody else",
    "trusted.person_id": "the same person, or somebody else",
    "trusted.by": "the same person, or somebody else",
    "notices.id": "for the work itself",
    "notices.person_id": "the same person",
    "word_hits.id": "for the work itself",
    "word_hits.interaction_id": "Discord's number of a click, good for nothing else",
    "word_hits.person_id": "the same person",
    "word_hits.kind": "the guild's rule",
    "word_hits.text": "the guild's rule",
    "blocks.person_id": "the same person, or somebody else",
    "blocks.by": "somebody else",
    "audit.id": "for the work itself",
    "audit.by": "the same person",
    "audit.detail": "it may tell of other people",
    "words.id": "for the work itself",
    "words.by": "the same person",
}
"""The columns that an export leaves out, and why."""


@dataclass(frozen=True)
class Section:
    """One list of an export: these columns of a table, by the names that they get in it."""

    name: str
    table: sa.Table
    columns: Mapping[str, str]
    whose: str
    """The column with the person; of a job's own tables the job's."""
    hidden: Sequence[str] = ()
    """Columns that another section of the same table has."""


SECTIONS = (
    Section(
        "jobs",
        jobs,
        {
            "id": "number",
            "created_at": "asked_at",
            "guild_id": "server",
            "channel_id": "channel",
            "card_id": "card_message",
            "kind": "kind",
            "model": "model",
            "prompt": "prompt",
            "options": "options",
            "state": "state",
            "changed_at": "changed_at",
            "not_before": "waits_until",
            "attempts": "attempts",
            "submitted_at": "submitted_at",
            "generating_at": "generating_since",
            "deadline_at": "given_up_at",
            "ended_at": "ended_at",
            "reason": "reason",
            "detail": "reason_in_words",
            "language": "language",
            "mention": "you_are_mentioned",
            "route": "way_of_the_result",
            "gallery_id": "gallery_channel",
            "voice": "as_voice_message",
            "spoiler": "as_spoiler",
            "starred_at": "starred_at",
            "removed_at": "deleted_at",
            "video_channel_id": "video_channel",
            "video_message_id": "video_message",
        },
        "requester_id",
    ),
    Section(
        "job_history",
        job_events,
        {"job_id": "job", "at": "at", "from_state": "from", "to_state": "to"},
        "job_id",
    ),
    Section(
        "messages",
        deliveries,
        {
            "job_id": "job",
            "kind": "what",
            "channel_id": "channel",
            "message_id": "message",
            "state": "state",
            "created_at": "promised_at",
            "attempts": "attempts",
            "sending_at": "sent_first_at",
            "sent_at": "sent_at",
            "reason": "reason",
            "told_at": "told_at",
        },
        "job_id",
    ),
    Section(
        "reports_by_you",
        cases,
        {
            "id": "number",
            "created_at": "at",
            "guild_id": "server",
            "channel_id": "channel",
            "message_id": "message",
            "job_id": "job",
            "words": "words",
            "state": "state",
            "decided_at": "decided_at",
        },
        "reporter_id",
    ),
    # Not in the reporter's words: they might tell who it was.
    Section(
        "reports_about_your_jobs",
        cases,
        {
            "job_id": "job",
            "created_at": "at",
            "state": "state",
            "decided_at": "decided_at",
            "action": "done_to_you",
        },
        "job_id",
        ("id", "guild_id", "channel_id", "message_id", "words"),
    ),
    Section(
        "reports_decided_by_you",
        cases,
        {
            "id": "number",
            "guild_id": "server",
            "state": "state",
            "decided_at": "decided_at",
            "action": "what_you_did",
        },
        "decided_by",
        ("created_at", "channel_id", "message_id", "job_id", "words"),
    ),
    Section(
        "reviews_of_your_jobs",
        reviews,
        {
            "job_id": "job",
            "guild_id": "server",
            "what": "what",
            "finding": "what_was_found",
            "created_at": "at",
            "expires_at": "waits_until",
            "state": "state",
            "decided_at": "decided_at",
            "words": "what_you_were_told",
        },
        "job_id",
        ("id",),
    ),
    Section(
        "reviews_decided_by_you",
        reviews,
        {
            "id": "number",
            "guild_id": "server",
            "what": "what",
            "state": "state",
            "decided_at": "decided_at",
            "words": "your_words",
        },
        "decided_by",
        ("job_id", "finding", "created_at", "expires_at"),
    ),
    Section(
        "notices_to_you",
        notices,
        {"job_id": "job", "at": "at", "what": "what", "words": "words", "told_at": "told_at"},
        "person_id",
    ),
    Section("trusted_in", trusted, {"guild_id": "server", "at": "since"}, "person_id"),
    Section("trusted_by_you", trusted, {"guild_id": "server", "at": "since"}, "by"),
    Section(
        "prompts_with_unwanted_words",
        word_hits,
        {"at": "at", "guild_id": "server", "prompt": "prompt", "trial": "made_all_the_same"},
        "person_id",
    ),
    Section(
        "blocks_of_you",
        blocks,
        {"guild_id": "server", "at": "since", "until": "until", "reason": "reason"},
        "person_id",
    ),
    Section(
        "blocks_by_you",
        blocks,
        {"guild_id": "server", "at": "since", "until": "until", "reason": "reason"},
        "by",
    ),
    Section(
        "words_ruled_out_by_you",
        words,
        {
            "guild_id": "server",
            "at": "at",
            "kind": "kind",
            "text": "text",
            "reason": "reason",
            "trial": "on_trial",
        },
        "by",
    ),
    Section("done_as_moderator", audit, {"guild_id": "server", "at": "at", "what": "what"}, "by"),
)
"""An export's lists; what is said of the person themselves is not one."""


@dataclass(frozen=True)
class Counts:
    """How much is stored about a person. `bare`: emptied jobs that still count in limits.

    `messages`: those about their jobs, and to them, that are in Discord. `since`: None: nobody
    knows them.
    """

    jobs: int
    bare: int
    stars: int
    reports: int
    messages: int
    since: datetime | None


async def counts(connection: AsyncConnection, person_id: int) -> Counts:
    """Count what is stored about a person."""
    own = jobs.c.requester_id == person_id
    there = sa.and_(own, jobs.c.erased_at.is_(None))
    posted = sa.and_(_theirs(person_id, there), deliveries.c.message_id.is_not(None))
    numbers = (
        _count(jobs, there),
        _count(jobs, own, jobs.c.erased_at.is_not(None)),
        _count(jobs, there, jobs.c.starred_at.is_not(None)),
        _count(cases, cases.c.reporter_id == person_id),
        _count(deliveries, posted),
        _count(jobs, there, jobs.c.card_id.is_not(None)),
        sa.select(people.c.first_seen_at).where(people.c.id == person_id).scalar_subquery(),
    )
    made, bare, stars, reports, sent, cards, since = (
        await connection.execute(sa.select(*numbers))
    ).one()
    return Counts(made, bare, stars, reports, sent + cards, since)


def _theirs(person_id: int, own: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Tell which messages are about this person's `own` jobs and not for moderators, or to them."""
    about_jobs = sa.and_(
        deliveries.c.job_id.in_(sa.select(jobs.c.id).where(own)),
        OF_THE_JOB,
    )
    to_them = sa.select(notices.c.id).where(notices.c.person_id == person_id)
    return sa.or_(about_jobs, deliveries.c.notice_id.in_(to_them))


def _count(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(*where).scalar_subquery()


async def places(connection: AsyncConnection, person_id: int) -> list[tuple[int, int]]:
    """Return channel and id of each message about this person's jobs, or to them; cards, too."""
    own = jobs.c.requester_id == person_id
    sent = sa.select(deliveries.c.channel_id, deliveries.c.message_id).where(
        _theirs(person_id, own), deliveries.c.message_id.is_not(None)
    )
    cards = sa.select(jobs.c.channel_id, jobs.c.card_id).where(own, jobs.c.card_id.is_not(None))
    rows = await connection.execute(sent.union(cards))
    return sorted((channel, message) for channel, message in rows)


async def everything(connection: AsyncConnection, person_id: int) -> dict[str, Any]:
    """Return all that is stored about a person, by names that they can read."""
    statement = sa.select(people).where(people.c.id == person_id)
    person = (await connection.execute(statement)).mappings().one_or_none()
    found: dict[str, Any] = {"you": None if person is None else _readable(dict(person))}
    for section in SECTIONS:
        found[section.name] = await _rows(connection, section, person_id)
    return found


async def _rows(
    connection: AsyncConnection, section: Section, person_id: int
) -> list[dict[str, Any]]:
    table = section.table
    columns = [table.c[column].label(name) for column, name in section.columns.items()]
    statement = sa.select(*columns).where(*_own(section, person_id)).order_by(*table.primary_key)
    rows = (await connection.execute(statement)).mappings()
    return [_readable(dict(row)) for row in rows]


def _own(section: Section, person_id: int) -> list[sa.ColumnElement[bool]]:
    own = sa.and_(jobs.c.requester_id == person_id, jobs.c.erased_at.is_(None))
    if section.table is jobs:
        return [own]
    column = section.table.c[section.whose]
    if section.whose != "job_id":
        return [column == person_id]
    if section.table is deliveries:
        return [_theirs(person_id, own)]
    return [column.in_(sa.select(jobs.c.id).where(own))]


def _readable(value: Any) -> Any:
    """Return what JSON can say, with no number that a reader would round."""
    if isinstance(value, dict):
        return {key: _readable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= _EXACT:
        return str(value)
    return value
