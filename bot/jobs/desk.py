"""The desk: what cogs talk to. It accepts, shows and cancels jobs, each only to whom it belongs."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ids, trace
from bot.clock import Clock
from bot.crash import crash_point
from bot.errors import Refusal
from bot.jobs import asking, reasons
from bot.jobs.choices import Wish, decided
from bot.jobs.fetch import Fetcher, Unfetchable
from bot.jobs.gate import Gate, OverLimitError
from bot.jobs.reasons import Reason
from bot.jobs.standing import Standings
from bot.jobs.vocabulary import Vocabulary
from bot.language import Sentence
from bot.messages import Standing
from bot.netmind.catalog import Catalog
from bot.netmind.download import Downloaded
from bot.netmind.model import Model
from storage import deliveries, guilds, history, jobs, people, queue
from storage.database import Database
from storage.deliveries import Delivery
from storage.errors import KnownInteractionError, StorageError
from storage.history import Wanted
from storage.jobs import Job, NewJob
from storage.review_states import Matter
from storage.routes import Route
from storage.states import OPEN, JobState

log = structlog.get_logger(__name__)

_UNKNOWN = Sentence("You have no job with this number. /jobs lists those you have.")
_NOT_YOURS = Sentence("Only the person who asked for it can cancel it.")
_CHANGING = Sentence("The job is changing just now. Try again in a moment.")
# How often a cancellation is tried while workers move the same job.
_TRIES = 5
_SAME_CLICK = timedelta(seconds=10)
_USUAL = Wish()
# What MMAudio takes for "a random one".
_ANY_SEED = -1


@dataclass(frozen=True)
class JobView:
    """A job with all that is shown about it."""

    job: Job
    standing: Standing
    delivery: Delivery | None

    @property
    def unposted(self) -> bool:
        """Tell whether there is a file that its person may have and the channel did not get."""
        job = self.job
        if job.state is not JobState.FINISHED or job.removed_at is not None:
            return False
        return job.reason is not None and job.reason not in reasons.WITHHELD


@dataclass(frozen=True)
class Busy:
    """How much there is to do for everybody, and the next of one person's jobs.

    `under_way`: how many by kind. `places`: how many can be under way at once. `usual`: how many
    seconds each model takes. `count`: how many open jobs the person has.
    """

    waiting: int
    under_way: Mapping[str, int]
    places: int
    outage: Reason | None
    usual: Sequence[tuple[Model, float]]
    own: Sequence[tuple[Job, Standing]]
    count: int


@dataclass
class Desk:
    """Accepts, shows and cancels jobs. Raises Refusal with a sentence for the person."""

    database: Database
    catalog: Catalog
    standings: Standings
    fetcher: Fetcher
    gate: Gate
    vocabulary: Vocabulary
    clock: Clock
    on_change: Callable[[], None]

    async def accept(self, new: NewJob, wish: Wish = _USUAL) -> JobView:
        """Put the request on disk as a job. A replayed interaction gets the job it made before."""
        crash_point("command.received")
        self._check(new)
        await self.vocabulary.check(new, usual=wish.usual)
        now = self.clock()
        try:
            async with self.database.write() as connection:
                await self.gate.check_person(connection, new, wish.places, now)
                await people.note(connection, new.requester_id, now)
                if new.guild_id is not None:
                    await guilds.note(connection, new.guild_id, now, there=wish.reachable)
                job = await self._add(connection, new, wish, now)
                await self.gate.check_limits(connection, job, wish.roles, now)
        except OverLimitError as error:
            raise Refusal(await self.gate.words(error, now)) from error
        except KnownInteractionError:
            job = await self._of_interaction(new.interaction_id)
            log.info("command_repeated", job=job.id)
        else:
            with ids.about(job):
                log.info("job_accepted", model=job.model)
                trace.accepted(job.interaction_id, model=job.model)
        crash_point("job.committed")
        self.on_change()
        return await self._view(job)

    async def _add(
        self, connection: AsyncConnection, new: NewJob, wish: Wish, now: datetime
    ) -> Job:
        person = await people.preferences(connection, new.requester_id)
        guild = await guilds.settings(connection, new.guild_id)
        held = wish.reachable and await asking.wanted(
            connection, guild, new.guild_id, new.requester_id, Matter.PROMPT
        )
        completed = self._completed(decided(new, person, guild, wish))
        state = JobState.HELD if held else JobState.QUEUED
        job = await jobs.add(connection, completed, now, state)
        if held:
            await asking.ask(connection, guild, job, Matter.PROMPT, now)
        if job.route in {Route.PRIVATE, Route.DIRECT}:
            # Only its person sees the card, and nobody can edit it later.
            await jobs.close_cards(connection, [job.id])
        return job

    def _completed(self, new: NewJob) -> NewJob:
        """Return the job with a seed that can be shown and used again, and only known options."""
        model = self._model(new)
        # Somebody's usual options may be older than the model's limits.
        options = {
            key: value
            for key, value in new.options.items()
            if key in model.options and model.options[key].problem(value) is None
        }
        if options.get("seed") in (None, _ANY_SEED):
            seed = model.fresh_seed(secrets.randbelow)
            options |= {} if seed is None else {"seed": seed}
        return replace(new, options=options)

    def _check(self, new: NewJob) -> None:
        if problems := self._model(new).problems(new.prompt, new.options):
            raise Refusal(*problems)

    def _model(self, new: NewJob) -> Model:
        model = self.catalog.get(new.model)
        if model is None or model.kind != new.kind:
            titles = (Sentence(each.title) for each in self.catalog.of_kind(new.kind))
            raise Refusal(
                Sentence.of(
                    "There is no such model. On offer: {models}.", models=Sentence.row(titles)
                )
            )
        return model

    async def _of_interaction(self, interaction_id: int) -> Job:
        async with self.database.read() as connection:
            job = await jobs.of_interaction(connection, interaction_id)
        if job is None:
            raise Refusal(_UNKNOWN)
        return job

    async def note_card(self, job_id: int, card_id: int) -> None:
        """Remember which message is the job's card."""
        with _forgiven(job_id):
            async with self.database.write() as connection:
                await jobs.set_card(connection, job_id, card_id)
        crash_point("card.noted")
        self.on_change()

    async def note_closed(self, job_id: int) -> None:
        """Remember that the job's card tells its end already."""
        with _forgiven(job_id):
            async with self.database.write() as connection:
                await jobs.close_cards(connection, [job_id])

    async def show(self, job_id: int, person_id: int) -> JobView:
        """Return this person's job. Raises Refusal if it is not theirs, as if it did not exist."""
        return await self._view(await self._own(job_id, person_id))

    async def bring(self, view: JobView, into: BinaryIO, limit: int) -> Downloaded:
        """Write an unposted file of at most `limit` bytes. Raises Refusal if it cannot be had."""
        return await self.fetch(view.job, into, limit)

    async def fetch(self, job: Job, into: BinaryIO, limit: int) -> Downloaded:
        """Write a job's file of at most `limit` bytes. Raises Refusal if it cannot be had."""
        try:
            return await self.fetcher.fetch(job, into, limit)
        except Unfetchable as error:
            raise Refusal(reasons.sentence(error.reason)) from error

    async def jobs_of(
        self, person_id: int, wanted: Wanted, offset: int, limit: int
    ) -> tuple[list[tuple[Job, Delivery | None]], int]:
        """Return some of this person's jobs, newest first, and how many there are in all."""
        async with self.database.read() as connection:
            found = await history.page(connection, person_id, wanted, offset, limit)
            brought = await deliveries.of_jobs(connection, [job.id for job in found])
            count = await history.count(connection, person_id, wanted)
        return [(job, brought.get(job.id)) for job in found], count

    async def busy(self, person_id: int, limit: int) -> Busy:
        """Return how the queue stands, with up to `limit` of this person's open jobs."""
        async with self.database.read() as connection:
            waiting = await jobs.count(connection, [JobState.QUEUED])
            under_way = await queue.under_way(connection)
            own = await queue.of_person(connection, person_id, limit)
            count = await history.count(connection, person_id, Wanted(states=OPEN))
        return Busy(
            waiting=waiting,
            under_way=under_way,
            places=self.standings.max_in_flight,
            outage=self.standings.outage.reason,
            usual=await self.usual(),
            own=list(zip(own, await self.standings.of_all(own), strict=True)),
            count=count,
        )

    async def usual(self) -> list[tuple[Model, float]]:
        """Return the models on offer, each with the seconds that it usually takes."""
        estimates = self.standings.estimates
        return [(model, (await estimates.of(model.key)).usual) for model in self.catalog.models]

    async def untold(self, person_id: int) -> list[Job]:
        """Return this person's jobs whose end could not be posted, each only until told."""
        async with self.database.read() as connection:
            found = [
                await jobs.get(connection, job_id)
                for job_id in await deliveries.untold(connection, person_id)
            ]
        return [job for job in found if job is not None]

    async def note_told(self, job_ids: Collection[int]) -> None:
        """Remember that the person knows what could not be posted."""
        async with self.database.write() as connection:
            await deliveries.note_told(connection, job_ids, self.clock())

    async def cancel(self, job_id: int, person_id: int) -> JobView:
        """End this person's job without a result. Raises Refusal if it is too late for that."""
        crash_point("cancel.received")
        for _ in range(_TRIES):
            job = await self._own(job_id, person_id, _NOT_YOURS)
            if _just_cancelled(job, self.clock()):
                return await self._view(job)
            if job.ended:
                raise Refusal(_too_late(job))
            now = self.clock()
            async with self.database.write() as connection:
                cancelled = await jobs.move(
                    connection,
                    job,
                    JobState.CANCELLED,
                    now,
                    cleanup_at=now if job.generation_id else None,
                )
            if cancelled is not None:
                crash_point("cancel.committed")
                log.info("job_cancelled", job=job.id)
                self.on_change()
                return await self._view(cancelled)
        raise Refusal(_CHANGING)

    async def _own(self, job_id: int, person_id: int, otherwise: Sentence = _UNKNOWN) -> Job:
        async with self.database.read() as connection:
            job = await jobs.get(connection, job_id)
        if job is None or job.requester_id != person_id:
            raise Refusal(otherwise)
        if job.erased_at is not None:
            raise Refusal(_UNKNOWN)
        return job

    async def _view(self, job: Job) -> JobView:
        async with self.database.read() as connection:
            brought = await deliveries.of_jobs(connection, [job.id])
        return JobView(job, await self.standings.of(job), brought.get(job.id))


@contextmanager
def _forgiven(job_id: int) -> Iterator[None]:
    """Go on without a note about a card: what the person asked for is on disk already."""
    try:
        yield
    except StorageError as error:
        log.warning("card_not_noted", job=job_id, error=str(error))


def _just_cancelled(job: Job, now: datetime) -> bool:
    """Tell whether this is the second of two clicks, or a second instance with the same click."""
    if job.state is not JobState.CANCELLED or job.ended_at is None:
        return False
    return now - job.ended_at < _SAME_CLICK


def _too_late(job: Job) -> Sentence:
    if job.state is JobState.CANCELLED:
        return Sentence("This job is cancelled already.")
    return Sentence("This job has ended already; there is nothing left to cancel.")
