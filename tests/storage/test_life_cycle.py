"""Any order of accepting, claiming, moving and sleeping leaves what a plain model says."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from storage import events, history, jobs, queue
from storage.database import Database
from storage.errors import KnownInteractionError
from storage.history import Wanted
from storage.jobs import Job
from storage.schema import job_events
from storage.schema import jobs as jobs_table
from storage.states import JOB_EDGES, OPEN, JobState
from tests.storage.makers import ANN, LEASE, NOON, add_job
from tests.storage.stores import memory, sqlite_file

WAITS = st.sampled_from([None, 0, 10, 60])


@dataclass
class Model:
    """What is known of one job: where it stands, who holds it, the way it came."""

    state: JobState = JobState.QUEUED
    epoch: int = 0
    not_before: datetime | None = None
    way: list[JobState] = field(default_factory=lambda: [JobState.QUEUED])

    def take(self, to: JobState) -> None:
        self.state = to
        self.way.append(to)


class LifeCycle(RuleBasedStateMachine):
    """Copies of jobs are kept as workers keep them, so most are out of date when used."""

    copies: Bundle[Job] = Bundle("copies")
    database: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.models: dict[int, Model] = {}

    def teardown(self) -> None:
        self.runner.run(self._forget())

    async def _forget(self) -> None:
        async with self.database.write() as connection:
            for table in (job_events, jobs_table):
                await connection.execute(sa.delete(table))

    @rule(target=copies, interaction=st.integers(1, 6))
    def accept(self, interaction: int) -> Job:
        return self.runner.run(self._accept(interaction))

    async def _accept(self, interaction: int) -> Job:
        async with self.database.write() as connection:
            known = await jobs.of_interaction(connection, interaction)
            try:
                job = await add_job(connection, interaction, now=self.now)
            except KnownInteractionError:
                assert known is not None
                return known
        assert known is None
        self.models[job.id] = Model()
        return job

    @rule(target=copies, limit=st.integers(1, 3))
    def claim(self, limit: int) -> MultipleResults[Job]:
        due = [
            job_id
            for job_id, model in sorted(self.models.items())
            if model.state is JobState.QUEUED
            and (model.not_before is None or model.not_before <= self.now)
        ][:limit]
        claimed = self.runner.run(self._claim(limit))
        assert [job.id for job in claimed] == due
        for job in claimed:
            model = self.models[job.id]
            model.take(JobState.SUBMITTING)
            model.epoch, model.not_before = model.epoch + 1, None
        return multiple(*claimed)

    async def _claim(self, limit: int) -> list[Job]:
        async with self.database.write() as connection:
            return await queue.claim(connection, limit, self.now, LEASE)

    @rule(target=copies, job=copies, to=st.sampled_from(JobState), wait=WAITS, takes=st.booleans())
    def move(
        self, job: Job, to: JobState, wait: int | None, *, takes: bool
    ) -> Job | MultipleResults[Job]:
        model = self.models[job.id]
        epoch = job.epoch + takes
        not_before = None if wait is None else self.now + timedelta(seconds=wait)
        try:
            moved = self.runner.run(self._move(job, to, not_before, epoch))
        except ValueError:
            assert to not in JOB_EDGES[job.state]
            return multiple()
        assert to in JOB_EDGES[job.state]
        expected = (job.state, job.epoch) == (model.state, model.epoch)
        assert (moved is not None) is expected
        if moved is None:
            return multiple()
        model.take(to)
        model.epoch, model.not_before = epoch, not_before
        assert moved == replace(
            job,
            state=to,
            epoch=epoch,
            not_before=not_before,
            changed_at=self.now,
            card_id=moved.card_id,
            ended_at=None if to in OPEN else self.now,
        )
        return moved

    async def _move(
        self, job: Job, to: JobState, not_before: datetime | None, epoch: int
    ) -> Job | None:
        async with self.database.write() as connection:
            return await jobs.move(
                connection, job, to, self.now, not_before=not_before, epoch=epoch
            )

    @rule(job=consumes(copies))
    def forget_a_copy(self, job: Job) -> None:
        assert job.id in self.models

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_database_agrees(self) -> None:
        self.runner.run(self._compare())

    async def _compare(self) -> None:
        async with self.database.read() as connection:
            found = sorted(
                await history.page(connection, ANN, Wanted(), 0, 99), key=lambda job: job.id
            )
            assert [(job.id, job.state, job.epoch, job.not_before, job.ended) for job in found] == [
                (job_id, model.state, model.epoch, model.not_before, model.state not in OPEN)
                for job_id, model in sorted(self.models.items())
            ]
            queued = [job for job in found if job.state is JobState.QUEUED]
            assert await jobs.count(connection, [JobState.QUEUED]) == len(queued)
            places = {job.id: place for place, job in enumerate(queued)}
            assert await queue.places(connection) == places
            for job in found:
                steps = await events.of_job(connection, job.id)
                way = self.models[job.id].way
                assert [step.to_state for step in steps] == way
                assert [step.from_state for step in steps] == [None, *way[:-1]]


def test_every_life_is_one_the_model_allows(migrated_file: Path) -> None:
    with tempfile.TemporaryDirectory(dir=memory()) as folder, asyncio.Runner() as runner:
        path = Path(shutil.copy(migrated_file, Path(folder) / "foley.db"))
        LifeCycle.runner = runner
        LifeCycle.database = sqlite_file(path).open()
        run_state_machine_as_test(
            LifeCycle,
            settings=settings(
                max_examples=10,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        runner.run(LifeCycle.database.close())
