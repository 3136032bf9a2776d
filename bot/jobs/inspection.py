"""Inspection: what the guild wants done with a result that does not look right."""

from dataclasses import dataclass

import structlog

from bot.jobs.parcel import Parcel
from bot.look.finding import Finding
from bot.look.looker import Looker
from bot.post import Post
from storage import reviews
from storage.database import Database
from storage.deliveries import Delivery
from storage.guilds import GuildSettings
from storage.jobs import Job
from storage.looks import Look
from storage.review_states import Matter, ReviewState

log = structlog.get_logger(__name__)

_VIDEOS = frozenset({"mp4", "webm", "mov"})
_PICTURES = frozenset({"png", "jpg", "webp", "gif"})


@dataclass(frozen=True)
class Doubt:
    """What does not look right about a result; `hold`: moderators are to decide about it."""

    finding: Finding
    hold: bool


@dataclass
class Inspector:
    """Looks at results that others are about to see."""

    database: Database
    post: Post
    looker: Looker

    async def doubt(
        self,
        delivery: Delivery,
        job: Job,
        settings: GuildSettings,
        channel_id: int,
        parcel: Parcel,
    ) -> Doubt | None:
        """Return what does not look right, if anybody is to be spared it. Raises PostError.

        Nothing is looked at that only its person sees, that is for adults, or that moderators have
        approved.
        """
        if job.guild_id is None or delivery.person_id is not None:
            return None
        if settings.look is Look.OFF or await self.post.age_restricted(channel_id):
            return None
        async with self.database.read() as connection:
            decided = await reviews.of_job(connection, job.id, Matter.RESULT)
        if decided is not None and decided.state is ReviewState.APPROVED:
            return None
        seen = await self.looker.look(parcel.path, _kind(parcel.name), job.prompt, job.model)
        if not _counts(seen.finding, settings) or seen.finding is None:
            return None
        log.info("result_doubted", finding=seen.finding, look=settings.look)
        # They are asked about a job once.
        return Doubt(seen.finding, hold=settings.look is Look.HOLD and decided is None)


def _counts(finding: Finding | None, settings: GuildSettings) -> bool:
    return finding is not None and (finding is not Finding.UNSEEN or settings.look_closed)


def _kind(name: str) -> str:
    extension = name.rpartition(".")[2]
    if extension in _VIDEOS:
        return "video"
    return "image" if extension in _PICTURES else "audio"
