"""Cards that were sent by somebody who died before noting which message they are."""

from datetime import datetime, timedelta

from bot import post
from bot.post import Post
from storage import jobs
from storage.database import Database
from storage.jobs import Job

# An answer to a command has to be there within three seconds; noting it takes no longer again.
NOTED_WITHIN = timedelta(seconds=6)


async def find_card(database: Database, messages: Post, job: Job, now: datetime) -> int | None:
    """Look for the job's card among the channel's messages, and note what was found.

    One that is not there by the time it should be is not looked for again.

    Raises PostError if nobody can tell at the moment.
    """
    try:
        found = await messages.find_answer(job.channel_id, job.interaction_id)
    except (post.ChannelGoneError, post.NotAllowedError):
        found = None
    async with database.write() as connection:
        if found is not None:
            await jobs.set_card(connection, job.id, found.message_id)
        elif now - job.created_at >= NOTED_WITHIN:
            await jobs.close_cards(connection, [job.id])
    return None if found is None else found.message_id
