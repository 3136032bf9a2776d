"""Where a delivery goes: the channel of the command, a thread, a gallery, a direct message."""

from dataclasses import dataclass

from bot import text
from bot.post import Post
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.routes import Route

# Discord takes 100 characters for the name of a thread.
_NAME = 90


@dataclass(frozen=True)
class Place:
    """Where a message is posted, and the message that it answers there.

    `forum`: a post of its own has to be opened there for it.
    """

    channel_id: int
    reply_to: int | None = None
    forum: bool = False


async def place_of(
    delivery: Delivery, job: Job, post: Post, earlier: Delivery | None = None
) -> Place:
    """Find, and open if need be, the place of a delivery. Raises PostError.

    `earlier` is the message that told of the job's end; a voice message answers it.
    Doing it twice is as good as once: a message has one thread and a person one direct channel.
    """
    if delivery.kind is DeliveryKind.VOICE:
        return Place(delivery.channel_id, reply_to=None if earlier is None else earlier.message_id)
    if delivery.person_id is not None:
        return Place(await post.open_direct(delivery.person_id))
    if delivery.kind in {
        DeliveryKind.COPY,
        DeliveryKind.CASE,
        DeliveryKind.REVIEW,
        DeliveryKind.LOG,
    }:
        return Place(delivery.channel_id)
    if delivery.kind is DeliveryKind.RESULT:
        if job.route is Route.THREAD and job.card_id is not None:
            return Place(await post.open_thread(job.channel_id, job.card_id, name_of(job)))
        if job.route is Route.GALLERY and job.gallery_id is not None:
            return Place(job.gallery_id, forum=await post.is_forum(job.gallery_id))
    return Place(job.channel_id, reply_to=job.card_id)


def name_of(job: Job) -> str:
    """Name a thread or forum post after the words of its job, so that it can be found again."""
    return f"{text.visible(job.prompt, _NAME - len(str(job.id)))} #{job.id}"
