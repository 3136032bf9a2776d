"""The watcher: follows every generation under way until it ends, one way or the other."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot import ids
from bot.clock import Clock
from bot.crash import crash_point
from bot.jobs import verdict
from bot.jobs.estimate import Estimates
from bot.jobs.finish import fail, finish
from bot.jobs.outage import Outage
from bot.jobs.pace import next_look
from bot.jobs.reasons import Reason
from bot.jobs.results import Results
from bot.jobs.verdict import Gone, Sight
from bot.netmind.client import NetmindClient
from bot.netmind.errors import KeyRefused, NetmindError, NotFound
from bot.netmind.protocol import Generation, Phase
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from storage.states import JobState

log = structlog.get_logger(__name__)

# One list replaces a GET for each job; it wins from three on.
FEW = 2


@dataclass
class Watcher:
    """Looks at all jobs in generating, no more often than their age and model make sensible."""

    database: Database
    netmind: NetmindClient
    results: Results
    estimates: Estimates
    refusals: Outage
    clock: Clock
    on_change: Callable[[], None]
    _due: dict[int, datetime] = field(default_factory=dict)
    _empty_since: dict[int, datetime] = field(default_factory=dict)
    _odd_words: set[str] = field(default_factory=set)

    async def step(self) -> float | None:
        """Look at what is due for a look; return when the next look is; None: nothing to watch."""
        async with self.database.read() as connection:
            watched = await jobs.in_states(connection, [JobState.GENERATING])
        self._forget_all_but({job.id for job in watched})
        if watched and (wait := self.refusals.wait()) > 0:
            return wait  # every look would be refused
        await self._plan([job for job in watched if job.id not in self._due])
        due = [job for job in watched if self._due[job.id] <= self.clock()]
        if due:
            # A list shows all of them for the price of one.
            looked_at = watched if len(watched) > FEW else due
            await self._plan(await self._apply(looked_at, await self._look(looked_at)))
        waits = [(at - self.clock()).total_seconds() for at in self._due.values()]
        return max(0.0, min(waits)) if waits else None

    def _forget_all_but(self, job_ids: Collection[int]) -> None:
        for kept in (self._due, self._empty_since):
            for job_id in kept.keys() - job_ids:
                del kept[job_id]

    async def _plan(self, watched: Collection[Job]) -> None:
        """Plan the next look at each of these jobs."""
        now = self.clock()
        for job in watched:
            age = (now - (job.generating_at or job.created_at)).total_seconds()
            wait = next_look(age, await self.estimates.of(job.model))
            self._due[job.id] = now + timedelta(seconds=wait)

    async def _look(self, watched: Collection[Job]) -> dict[int, Sight]:
        listed: dict[str, Generation] = {}
        if len(watched) > FEW:
            try:
                listed = {generation.id: generation for generation in await self.netmind.list()}
            except NetmindError as error:
                log.warning("list_failed", error=str(error))
                self._note(error)
                return {}
            self._note(None)
        sights: dict[int, Sight] = {}
        for job in watched:
            # Missing from the list is no proof: it may have been cut short.
            with ids.about(job):
                sight = listed.get(job.generation_id or "") or await self._get(job)
            if sight is not None:
                sights[job.id] = sight
        return sights

    async def _get(self, job: Job) -> Sight | None:
        try:
            sight = await self.netmind.get(job.generation_id or "")
        except NotFound:
            return Gone()
        except NetmindError as error:
            log.warning("look_failed", error=str(error))
            self._note(error)
            return None
        self._note(None)
        return sight

    def _note(self, error: NetmindError | None) -> None:
        """Draw what conclusions one look allows about all others."""
        if isinstance(error, KeyRefused):
            self.refusals.begin(Reason.KEY_REFUSED)
        elif error is None:
            self.refusals.end()

    async def _apply(self, watched: Collection[Job], sights: dict[int, Sight]) -> list[Job]:
        """Write down everything that has ended, in one transaction; return what has not."""
        now = self.clock()
        crash_point("look.answered")
        outcomes = [(job, self._outcome(job, sights.get(job.id), now)) for job in watched]
        ended = [(job, outcome) for job, outcome in outcomes if outcome is not None]
        for job, _ in ended:
            del self._due[job.id]
        if ended:
            async with self.database.write() as connection:
                for job, outcome in ended:
                    if isinstance(outcome, verdict.Fail):
                        await fail(connection, job, outcome.reason, now, outcome.detail)
                    else:
                        await finish(connection, job, now)
            crash_point("look.committed")
            self.on_change()
        return [job for job, outcome in outcomes if outcome is None]

    def _outcome(self, job: Job, sight: Sight | None, now: datetime) -> verdict.Outcome | None:
        if isinstance(sight, Generation):
            self._note_odd_word(sight)
            if sight.phase is Phase.EMPTY:
                self._empty_since.setdefault(job.id, now)
            self.results.put(sight)
        return verdict.of_look(job, sight, now, self._empty_since.get(job.id))

    def _note_odd_word(self, generation: Generation) -> None:
        word = generation.status
        if not generation.is_known_word and word not in self._odd_words:
            self._odd_words.add(word)
            log.warning("unknown_status_word", word=word)
