"""Asking moderators: whether they are, and the question, in the transaction that makes it one."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, reviews
from storage.guilds import GuildSettings
from storage.jobs import Job
from storage.review_states import Matter
from storage.reviews import NewReview


async def wanted(
    connection: AsyncConnection,
    settings: GuildSettings,
    guild_id: int | None,
    person_id: int,
    what: Matter,
) -> bool:
    """Tell whether the moderators of a guild want to be asked about this person's jobs."""
    chosen = settings.review_prompts if what is Matter.PROMPT else settings.review_results
    if guild_id is None or not chosen:
        return False
    return not await reviews.is_trusted(connection, guild_id, person_id)


async def ask(  # noqa: PLR0917 - each is another thing
    connection: AsyncConnection,
    settings: GuildSettings,
    job: Job,
    what: Matter,
    now: datetime,
    finding: str | None = None,
) -> bool:
    """Ask the moderators of a job's guild. False: there are none, or they were asked before.

    Without a channel of theirs nobody reads it; it is decided when its time is over.
    """
    if job.guild_id is None:
        return False
    until = now + timedelta(hours=settings.review_hours)
    new = NewReview(job.guild_id, job.id, what, until, finding)
    review = await reviews.add(connection, new, now)
    if review is not None and settings.log_channel_id is not None:
        await deliveries.add_review(connection, review, settings.log_channel_id, now)
    return review is not None
