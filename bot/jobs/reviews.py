"""Reviews: moderators approve what is made, or what is posted. It raises Refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import review_message
from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.reasons import Reason
from bot.jobs.shelf import Place
from bot.language import Sentence, language
from storage import audit, deliveries, guilds, jobs, reviews
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.jobs import Job
from storage.review_states import Matter, ReviewState
from storage.reviews import Review
from storage.states import JobState

log = structlog.get_logger(__name__)

_UNKNOWN = Sentence("This request is not known here any more.")
_NO_WORDS = Sentence("Say in a few words why; the person reads it.")
_NOT_TRUSTED = Sentence("This person's requests are looked at already.")
# How many overdue ones are decided in a step.
_AT_ONCE = 20
_REASONS = {
    (Matter.PROMPT, True): Reason.REQUEST_REJECTED,
    (Matter.PROMPT, False): Reason.REQUEST_EXPIRED,
    (Matter.RESULT, True): Reason.RESULT_REJECTED,
    (Matter.RESULT, False): Reason.RESULT_EXPIRED,
}


@dataclass(frozen=True)
class Decision:
    """What a moderator decides. `words`: the person reads them; `trust`: ask no more about them."""

    by: int
    approved: bool
    words: str | None = None
    trust: bool = False


@dataclass(frozen=True)
class Reviewed:
    """A review with its job as they are now, and what its message says.

    `first`: it was this decision that counted. `place` None: its message is not known.
    """

    review: Review
    job: Job
    words: str
    place: Place | None
    first: bool


@dataclass
class Reviews:
    """Decides reviews, each once and only for its guild."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def decide(self, review_id: int, guild_id: int | None, decision: Decision) -> Reviewed:
        """Approve or reject. If somebody else was first, nothing is changed. Raises Refusal."""
        if not decision.approved and not (decision.words or "").strip():
            raise Refusal(_NO_WORDS)
        now = self.clock()
        async with self.database.write() as connection:
            review, job = await _known(connection, review_id, guild_id)
            decided = await _settle(connection, review, job, decision, now)
            if decided is not None:
                await _note(connection, decided, job, decision, now)
            reviewed = await _reviewed(connection, review_id, first=decided is not None)
        log.info("review_decided", review=review_id, job=job.id, by=decision.by)
        self.on_change()
        return reviewed

    async def open(self, review_id: int, guild_id: int | None) -> Reviewed:
        """Return a review that is still to be decided, or was. Raises Refusal."""
        async with self.database.read() as connection:
            await _known(connection, review_id, guild_id)
            return await _reviewed(connection, review_id, first=False)

    async def distrust(self, guild_id: int, by: int, person_id: int) -> None:
        """Have this person's jobs be looked at again. Raises Refusal if they are."""
        async with self.database.write() as connection:
            if not await reviews.trust_no_more(connection, guild_id, person_id):
                raise Refusal(_NOT_TRUSTED)
            await audit.note(
                connection, guild_id, by, "distrust", {"person": person_id}, self.clock()
            )

    async def trusted(self, guild_id: int) -> list[int]:
        """Return whose jobs need no review, newest first."""
        async with self.database.read() as connection:
            return await reviews.trusted_in(connection, guild_id)

    async def expire(self) -> list[Reviewed]:
        """Decide what nobody has decided in time, as each guild has chosen."""
        now, over = self.clock(), []
        async with self.database.write() as connection:
            for review in await reviews.expired(connection, now, _AT_ONCE):
                job = await jobs.get(connection, review.job_id)
                if job is None:
                    continue
                settings = await guilds.settings(connection, review.guild_id)
                decision = Decision(0, settings.review_approves)
                if await _settle(connection, review, job, decision, now):
                    over.append(await _reviewed(connection, review.id, first=True))
        for each in over:
            log.info("review_over", review=each.review.id, job=each.job.id)
        if over:
            self.on_change()
        return over


async def _known(
    connection: AsyncConnection, review_id: int, guild_id: int | None
) -> tuple[Review, Job]:
    review = await reviews.get(connection, review_id)
    job = None if review is None else await jobs.get(connection, review.job_id)
    if review is None or job is None or review.guild_id != guild_id or job.erased_at is not None:
        raise Refusal(_UNKNOWN)
    return review, job


async def _settle(
    connection: AsyncConnection, review: Review, job: Job, decision: Decision, now: datetime
) -> Review | None:
    """Decide a review and do what follows for its job. None: somebody else was first."""
    to = ReviewState.APPROVED if decision.approved else ReviewState.REJECTED
    waits = job.state is JobState.HELD or review.what is Matter.RESULT
    if not waits or job.removed_at is not None or job.erased_at is not None:
        to = ReviewState.WITHDRAWN
    by = decision.by or None
    decided = await reviews.decide(connection, review, to, by, now, decision.words)
    if decided is None or to is ReviewState.WITHDRAWN:
        return decided
    if review.what is Matter.PROMPT:
        await _settle_prompt(connection, job, decision, now)
    else:
        await _settle_result(connection, job, decision, now)
    return decided


async def _settle_prompt(
    connection: AsyncConnection, job: Job, decision: Decision, now: datetime
) -> None:
    if decision.approved:
        # Its person may have cancelled it just now.
        await jobs.move(connection, job, JobState.QUEUED, now)
        return
    reason = _REASONS[Matter.PROMPT, bool(decision.by)]
    rejected = await jobs.move(
        connection, job, JobState.REJECTED, now, reason=reason, detail=decision.words
    )
    if rejected is not None:
        await deliveries.add(connection, rejected, DeliveryKind.FAILURE, now)


async def _settle_result(
    connection: AsyncConnection, job: Job, decision: Decision, now: datetime
) -> None:
    if decision.approved:
        await jobs.set_reason(connection, job.id, None)
        await deliveries.add(connection, job, DeliveryKind.RESULT, now)
    else:
        await jobs.set_removed(connection, job.id, now)
        reason = _REASONS[Matter.RESULT, bool(decision.by)]
        await jobs.set_reason(connection, job.id, reason, decision.words)
        await deliveries.add(connection, job, DeliveryKind.FAILURE, now)
    await jobs.reopen_card(connection, job.id)


async def _note(
    connection: AsyncConnection, review: Review, job: Job, decision: Decision, now: datetime
) -> None:
    detail = {
        "job": job.id,
        "person": job.requester_id,
        "what": review.what,
        "state": review.state,
        "reason": decision.words,
        "trust": decision.trust,
    }
    await audit.note(connection, review.guild_id, decision.by, "review", detail, now)
    if decision.trust and decision.approved:
        await reviews.trust(connection, review.guild_id, job.requester_id, decision.by, now)


async def _reviewed(connection: AsyncConnection, review_id: int, *, first: bool) -> Reviewed:
    review = await reviews.get(connection, review_id)
    job = None if review is None else await jobs.get(connection, review.job_id)
    if review is None or job is None:
        raise Refusal(_UNKNOWN)
    settings = await guilds.settings(connection, review.guild_id)
    sent = await deliveries.of_review(connection, review_id)
    say = language(settings.language)
    words = review_message.write(review, job, None if sent is None else sent.id, say)
    place = None
    if sent is not None and sent.message_id is not None:
        place = Place(sent.channel_id, sent.message_id)
    return Reviewed(review, job, words, place, first)
