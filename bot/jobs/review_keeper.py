"""The review keeper: decides what moderators have not decided in time, and shows that."""

from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.jobs.reviews import Reviewed, Reviews
from bot.post import Post, PostError
from storage import reviews
from storage.database import Database

log = structlog.get_logger(__name__)


@dataclass
class ReviewKeeper:
    """Ends reviews whose time is over."""

    database: Database
    reviews: Reviews
    post: Post
    clock: Clock

    async def step(self) -> float | None:
        """End what is over; return in how many seconds the next will be, None: none is open."""
        async with self.database.read() as connection:
            at = await reviews.next_expiry(connection)
        if at is None:
            return None
        if at > self.clock():
            return (at - self.clock()).total_seconds()
        for over in await self.reviews.expire():
            await self._show(over)
        return 0.5

    async def _show(self, over: Reviewed) -> None:
        if over.place is None:
            return
        try:
            await self.post.rewrite(over.place.channel_id, over.place.message_id, over.words)
        except PostError as error:
            # A click on its buttons will show it.
            log.warning("review_not_shown", review=over.review.id, error=str(error))
