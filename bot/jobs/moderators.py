"""Moderators: what they see of their guild's jobs, and what they do to one. It raises Refusal.

Another guild's jobs are as if they did not exist.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.reasons import WITHHELD, Reason
from bot.jobs.shelf import Place
from bot.language import Sentence
from storage import audit, deliveries, guild_jobs, jobs, notices
from storage.audit import Entry
from storage.database import Database
from storage.deliveries import Delivery
from storage.guild_jobs import Search
from storage.jobs import Job
from storage.notices import NoticeKind
from storage.routes import Route
from storage.states import OPEN, JobState

log = structlog.get_logger(__name__)

LONGEST_REASON = 300
"""Characters."""

_UNKNOWN = Sentence("There is no job with this number here. /studio log finds them.")
_NO_REASON = Sentence("Say in a few words why; the person reads it.")
_CANCELLED = Sentence("This job is cancelled already.")
_ENDED = Sentence("This job has ended already. /studio remove takes its result away.")
_UNDER_WAY = Sentence("This job is still under way. /studio cancel ends it.")
_NO_RESULT = Sentence("This job has no result that could be removed.")
_IN_REVIEW = Sentence("This result waits for you; decide there what becomes of it.")
_BEING_POSTED = Sentence("It is being posted just now. Try again in a moment.")
_READ_AT_ONCE = 1000


@dataclass(frozen=True)
class Seen:
    """Some of a guild's jobs, each with the message that ended it and what moderators did.

    `count`: how many there are in all.
    """

    found: Sequence[tuple[Job, Delivery | None]]
    done: Mapping[int, Sequence[Entry]]
    count: int


@dataclass(frozen=True)
class Removed:
    """A result that is removed, and its messages, which are to be deleted.

    `first`: it was not removed before; somebody may have died before the messages were deleted.
    """

    job: Job
    places: Sequence[Place]
    first: bool


@dataclass
class Moderators:
    """Shows and ends a guild's jobs; Discord says who may."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def look(self, guild_id: int, search: Search, offset: int, limit: int) -> Seen:
        """Return some of a guild's jobs, newest first."""
        async with self.database.read() as connection:
            found = await guild_jobs.page(connection, guild_id, search, limit, offset=offset)
            brought = await deliveries.of_jobs(connection, [job.id for job in found])
            done = await audit.about_jobs(connection, guild_id, [job.id for job in found])
            count = await guild_jobs.count(connection, guild_id, search)
        return Seen([(job, brought.get(job.id)) for job in found], done, count)

    async def every(
        self, guild_id: int, search: Search
    ) -> AsyncGenerator[tuple[Job, Delivery | None], None]:
        """Yield a guild's jobs, newest first; few of them are in memory at a time."""
        before: Job | None = None
        more = True
        while more:
            async with self.database.read() as connection:
                found = await guild_jobs.page(
                    connection, guild_id, search, _READ_AT_ONCE, before=before
                )
                brought = await deliveries.of_jobs(connection, [job.id for job in found])
            for job in found:
                yield job, brought.get(job.id)
            more = len(found) == _READ_AT_ONCE
            before = found[-1] if found else None

    async def open(self, guild_id: int, job_id: int) -> Job:
        """Return a job that can be cancelled. Raises Refusal."""
        async with self.database.read() as connection:
            job = await guild_jobs.get(connection, guild_id, job_id)
        return _checked_open(job)

    async def cancel(self, guild_id: int, by: int, job_id: int, reason: str) -> Job:
        """End a job without a result, and tell its person why. Raises Refusal."""
        words, now = _words(reason), self.clock()
        async with self.database.write() as connection:
            job = _checked_open(await guild_jobs.get_locked(connection, guild_id, job_id))
            cancelled = await jobs.move(
                connection,
                job,
                JobState.CANCELLED,
                now,
                reason=Reason.MODERATED,
                detail=words,
                cleanup_at=now if job.generation_id else None,
            )
            if cancelled is None:  # its row is locked
                raise Refusal(_ENDED)
            await _note(connection, job, by, "cancel", words, now)
            if job.route in {Route.PRIVATE, Route.DIRECT}:
                # Nobody can edit the card that only its person sees.
                await _tell(connection, job, by, NoticeKind.CANCELLED, words, now)
        log.info("job_cancelled_by_moderator", job=job_id, guild=guild_id, by=by)
        self.on_change()
        return cancelled

    async def remove(self, guild_id: int, by: int, job_id: int, reason: str) -> Removed:
        """Delete a job's file at NetMind, and tell its person why. Raises Refusal."""
        words, now = _words(reason), self.clock()
        async with self.database.write() as connection:
            job = await guild_jobs.get_locked(connection, guild_id, job_id)
            job = await _checked_ended(connection, job)
            first = job.removed_at is None
            if first:
                await jobs.set_removed(connection, job.id, now)
                await _note(connection, job, by, "remove", words, now)
                await _tell(connection, job, by, NoticeKind.REMOVED, words, now)
            places = [Place(*each) for each in await deliveries.messages_of(connection, job.id)]
        log.info("result_removed", job=job_id, guild=guild_id, by=by, first=first)
        self.on_change()
        return Removed(job, places, first)


def _words(reason: str) -> str:
    words = " ".join(reason.split())[:LONGEST_REASON]
    if not words:
        raise Refusal(_NO_REASON)
    return words


def _checked_open(job: Job | None) -> Job:
    if job is None:
        raise Refusal(_UNKNOWN)
    if job.state not in OPEN:
        raise Refusal(_CANCELLED if job.state is JobState.CANCELLED else _ENDED)
    return job


async def _checked_ended(connection: AsyncConnection, job: Job | None) -> Job:
    if job is None:
        raise Refusal(_UNKNOWN)
    if not job.ended:
        raise Refusal(_UNDER_WAY)
    if job.reason == Reason.IN_REVIEW:
        raise Refusal(_IN_REVIEW)
    if job.state not in {JobState.FINISHED, JobState.FAILED} or job.reason in WITHHELD:
        raise Refusal(_NO_RESULT)
    if await deliveries.is_telling(connection, job.id):
        raise Refusal(_BEING_POSTED)
    return job


async def _note(  # noqa: PLR0917 - what is written down, in the order of its columns
    connection: AsyncConnection, job: Job, by: int, what: str, words: str, now: datetime
) -> None:
    detail = {"job": job.id, "person": job.requester_id, "reason": words}
    await audit.note(connection, job.guild_id or 0, by, what, detail, now)


async def _tell(  # noqa: PLR0917 - what is written down, in the order of its columns
    connection: AsyncConnection, job: Job, by: int, what: NoticeKind, words: str, now: datetime
) -> None:
    """Have the person told, unless they did it themselves."""
    if job.requester_id != by:
        await notices.add(connection, job.requester_id, job.id, what, words, now)
