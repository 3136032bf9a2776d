"""The shelf: what people do with what has been made. It raises Refusal with a plain sentence."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.reasons import WITHHELD, sentence
from bot.language import Sentence
from storage import deliveries, jobs
from storage.database import Database
from storage.jobs import Job
from storage.routes import Route
from storage.states import JobState

log = structlog.get_logger(__name__)

_UNKNOWN = Sentence("This job is not known here any more.")
_NOT_YOURS = Sentence(
    "This belongs to somebody else. Again and Remix make one of your own from the same words."
)
_NOT_DONE = Sentence("This job has no file that could be sent.")
_DELETED = Sentence("This was deleted. Again makes a new one from the same words.")


@dataclass(frozen=True)
class Place:
    """A message of ours."""

    channel_id: int
    message_id: int


def _taken_away(job: Job) -> bool:
    """Tell whether others are not to see any more what was asked for."""
    return job.removed_at is not None or job.state is JobState.REJECTED


@dataclass
class Shelf:
    """Stars, copies and deletions of finished jobs, each only by who may."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def visible(self, job_id: int, person_id: int, guild_id: int | None) -> Job:
        """Return a job whose words this person may use: their own, or one everybody there sees."""
        job = await self._get(job_id)
        public = job.route not in {Route.PRIVATE, Route.DIRECT} and not _taken_away(job)
        if job.requester_id != person_id and not (public and guild_id and job.guild_id == guild_id):
            raise Refusal(_UNKNOWN)
        return job

    async def star(self, job_id: int, person_id: int) -> bool:
        """Star this person's job, or take the star away; return whether it has one now."""
        job = await self._own(job_id, person_id)
        at = None if job.starred_at else self.clock()
        async with self.database.write() as connection:
            await jobs.set_star(connection, job.id, at)
        return at is not None

    async def copy(
        self, job_id: int, person_id: int, interaction_id: int, channel_id: int | None
    ) -> Job:
        """Have the file sent once more: to a channel, or None: to its person."""
        job = await self._own(job_id, person_id)
        if job.removed_at is not None:
            raise Refusal(_DELETED)
        if job.state is not JobState.FINISHED:
            raise Refusal(_NOT_DONE)
        if job.reason in WITHHELD:
            raise Refusal(sentence(job.reason))
        async with self.database.write() as connection:
            await deliveries.add_copy(connection, job, interaction_id, channel_id, self.clock())
        self.on_change()
        return job

    async def remove(self, job_id: int, person_id: int, moderates: int | None) -> list[Place]:
        """Delete a job's file at NetMind; return the messages that are to be deleted too.

        `moderates`: the guild whose messages this person may delete; a copy can be in another one
        than the job. A second time is as good as the first: somebody may have died in between.
        """
        job = await self._get(job_id)
        if job.requester_id != person_id and (moderates is None or job.guild_id != moderates):
            raise Refusal(_NOT_YOURS)
        if not job.ended:
            raise Refusal(_NOT_DONE)
        async with self.database.write() as connection:
            await jobs.set_removed(connection, job.id, self.clock())
            sent = await deliveries.messages_of(connection, job.id)
        log.info("result_removed", job=job.id, by_moderator=job.requester_id != person_id)
        self.on_change()
        return [Place(*place) for place in sent]

    async def _own(self, job_id: int, person_id: int) -> Job:
        job = await self._get(job_id)
        if job.requester_id != person_id:
            raise Refusal(_NOT_YOURS)
        return job

    async def _get(self, job_id: int) -> Job:
        async with self.database.read() as connection:
            job = await jobs.get(connection, job_id)
        if job is None or job.erased_at is not None:
            raise Refusal(_UNKNOWN)
        return job
