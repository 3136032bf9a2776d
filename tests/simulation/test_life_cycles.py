"""Two holders with copies that are out of date: each job still ends once, and is told once."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bot.jobs.finish import fail, finish
from bot.jobs.reasons import Reason
from storage import deliveries, jobs, queue
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.schema import deliveries as deliveries_table
from storage.schema import job_events
from storage.schema import jobs as jobs_table
from storage.states import DELIVERY_EDGES, ENDED, DeliveryState, JobState
from tests.simulation.run import SHARED_MEMORY
from tests.storage.makers import NOON, add_job
from tests.storage.stores import migrated, sqlite_file

LEASE = timedelta(seconds=20)
TOLD = {JobState.FINISHED: DeliveryKind.RESULT, JobState.FAILED: DeliveryKind.FAILURE}


class TwoHolders(RuleBasedStateMachine):
    """`held` and `letters` are copies as workers keep them; the newest claim alone may write."""

    held: Bundle[Job] = Bundle("held")
    letters: Bundle[Delivery] = Bundle("letters")
    database: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.made = 0
        self.ends: dict[int, JobState] = {}
        self.newest: dict[int, int] = {}
        self.states: dict[int, DeliveryState] = {}
        self.leases = {0: NOON}

    def teardown(self) -> None:
        self.runner.run(self._forget())

    async def _forget(self) -> None:
        async with self.database.write() as connection:
            for table in (deliveries_table, job_events, jobs_table):
                await connection.execute(sa.delete(table))

    @initialize(target=held)
    def one_has_failed(self) -> Job:
        """Begin where letters are: hypothesis seldom finds the way there."""
        job = self.accept_one()
        assert self.runner.run(self._end(job, JobState.FAILED))
        self.ends[job.id] = JobState.FAILED
        return job

    @rule(target=held)
    def accept(self) -> Job:
        return self.accept_one()

    def accept_one(self) -> Job:
        self.made += 1
        return self.runner.run(self._accept())

    async def _accept(self) -> Job:
        async with self.database.write() as connection:
            return await add_job(connection, self.made, now=self.now)

    @rule(target=held)
    def claim(self) -> MultipleResults[Job]:
        return multiple(*self.runner.run(self._claim()))

    async def _claim(self) -> list[Job]:
        async with self.database.write() as connection:
            return await queue.claim(connection, 2, self.now, LEASE)

    @rule(target=held, job=held, to=st.sampled_from([JobState.GENERATING, JobState.UNCERTAIN]))
    def go_on(self, job: Job, to: JobState) -> Job | MultipleResults[Job]:
        if job.state is not JobState.SUBMITTING:
            return multiple()
        moved = self.runner.run(self._go_on(job, to))
        assert not (moved and job.id in self.ends), "an ended job moved"
        return moved or multiple()

    async def _go_on(self, job: Job, to: JobState) -> Job | None:
        async with self.database.write() as connection:
            return await jobs.move(connection, job, to, self.now)

    @rule(job=held, how=st.sampled_from([JobState.FINISHED, JobState.FAILED, JobState.CANCELLED]))
    def end(self, job: Job, how: JobState) -> None:
        try:
            first = self.runner.run(self._end(job, how))
        except ValueError:
            return  # no such edge; whoever asks for it has a bug
        assert not (first and job.id in self.ends), "a job ended twice"
        if first:
            self.ends[job.id] = how

    async def _end(self, job: Job, how: JobState) -> bool:
        async with self.database.write() as connection:
            if how is JobState.FINISHED:
                return await finish(connection, job, self.now)
            if how is JobState.FAILED:
                return await fail(connection, job, Reason.GONE, self.now)
            return await jobs.move(connection, job, how, self.now) is not None

    @rule(target=letters, asleep=st.booleans())
    def take_letters(self, *, asleep: bool) -> MultipleResults[Delivery]:
        """`asleep`: whoever holds letters has slept too long."""
        if asleep:
            self.now += 2 * LEASE
        claimed = self.runner.run(self._take_letters())
        for letter in claimed:
            assert self.leases.get(letter.id, NOON) <= self.now, "taken from a living holder"
            assert letter.epoch == self.newest.get(letter.id, 0) + 1
            self._step(letter, DeliveryState.SENDING)
            self.newest[letter.id], self.leases[letter.id] = letter.epoch, letter.lease_until
        return multiple(*claimed)

    async def _take_letters(self) -> list[Delivery]:
        async with self.database.write() as connection:
            return await deliveries.claim(connection, 2, self.now, LEASE)

    @rule(letter=letters, how=st.sampled_from(["sent", "give up", "put off", "renew"]))
    def write_down(self, letter: Delivery, how: str) -> None:
        holds = self.newest[letter.id] == letter.epoch
        under_way = self.states[letter.id] is DeliveryState.SENDING
        done = self.runner.run(self._write_down(letter, how))
        assert done is (holds and under_way), "only the newest claim may write, and only once"
        if done and how == "sent":
            self._step(letter, DeliveryState.SENT)
        elif done and how == "give up":
            self._step(letter, DeliveryState.UNDELIVERABLE)
        elif done:
            self.leases[letter.id] = self.now + (LEASE if how == "renew" else timedelta())

    async def _write_down(self, letter: Delivery, how: str) -> bool:
        async with self.database.write() as connection:
            if how == "sent":
                return await deliveries.mark_sent(connection, letter, 1000 + letter.id, self.now)
            if how == "give up":
                return await deliveries.give_up(connection, letter, "no way")
            if how == "renew":
                return await deliveries.renew(connection, letter, self.now + LEASE)
            return await deliveries.put_off(connection, letter, self.now, surely_not_sent=True)

    def _step(self, letter: Delivery, to: DeliveryState) -> None:
        before = self.states.get(letter.id, DeliveryState.PENDING)
        assert to in DELIVERY_EDGES[before] or before is to is DeliveryState.SENDING
        self.states[letter.id] = to

    @rule(seconds=st.sampled_from([5, 30]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def each_end_is_promised_once(self) -> None:
        self.runner.run(self._compare())

    async def _compare(self) -> None:
        async with self.database.read() as connection:
            rows = (await connection.execute(sa.select(jobs_table.c.id, jobs_table.c.state))).all()
            told = (await connection.execute(sa.select(deliveries_table))).mappings().all()
        assert {row.id: row.state for row in rows if row.state in ENDED} == self.ends
        promised = {job_id: TOLD[how] for job_id, how in self.ends.items() if how in TOLD}
        assert len(told) == len(promised)
        assert {row["job_id"]: row["kind"] for row in told} == promised
        known = {row["id"]: row["state"] for row in told if row["id"] in self.states}
        assert known == self.states


def test_each_job_ends_once_and_is_told_once() -> None:
    """Any order of two workers' steps, on a real database."""
    where = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as folder, asyncio.Runner() as runner:
        store = sqlite_file(Path(folder) / "foley.db")
        runner.run(migrated(store))
        TwoHolders.runner, TwoHolders.database = runner, store.open()
        run_state_machine_as_test(
            TwoHolders,
            settings=settings(
                max_examples=25,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        runner.run(TwoHolders.database.close())
