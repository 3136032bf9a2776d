"""What a job remembers and how jobs are looked for."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import events, history, jobs, queue
from storage.database import Database
from storage.errors import KnownInteractionError
from storage.history import Wanted
from storage.jobs import Job
from storage.schema import job_events
from storage.schema import jobs as jobs_table
from storage.schema import people as people_table
from storage.states import ENDED, OPEN, JobState
from tests.storage.makers import (
    ANN,
    BOB,
    CHANNEL,
    GUILD,
    NOON,
    add_job,
    add_jobs,
    after,
    claim_job,
    finish,
    job_in,
    new_job,
    set_columns,
)


async def test_a_new_job_is_queued_and_holds_all_that_was_asked(database: Database) -> None:
    options = {"duration": 10.5, "seed": 7, "negative_prompt": "шум 雨", "loop": True}
    async with database.write() as connection:
        job = await add_job(connection, 1, prompt="ветер 🌬 'quoted' %s", options=options)
    assert job == jobs.Job(
        id=1,
        interaction_id=1,
        requester_id=ANN,
        guild_id=GUILD,
        channel_id=CHANNEL,
        card_id=None,
        card_closed=False,
        model="stable-audio",
        kind="audio",
        prompt="ветер 🌬 'quoted' %s",
        options=options,
        state=JobState.QUEUED,
        created_at=NOON,
        changed_at=NOON,
        not_before=None,
        attempts=0,
        submitted_at=None,
        lease_until=None,
        epoch=0,
        generation_id=None,
        generating_at=None,
        deadline_at=None,
        ended_at=None,
        reason=None,
        detail=None,
        cleanup_at=None,
        cleanup_tries=0,
    )
    async with database.read() as connection:
        assert await jobs.get(connection, job.id) == job
        assert await jobs.of_interaction(connection, 1) == job


async def test_a_job_nobody_made_is_not_found(database: Database) -> None:
    async with database.read() as connection:
        assert await jobs.get(connection, 1) is None
        assert await jobs.of_interaction(connection, 1) is None


async def test_an_interaction_makes_one_job_and_the_second_can_look_it_up_at_once(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection, 1)
    async with database.write() as connection:
        with pytest.raises(KnownInteractionError):
            await jobs.add(connection, new_job(1, prompt="again"), after(1))
        assert await jobs.of_interaction(connection, 1) == job
        later = await add_job(connection, 2)
    async with database.read() as connection:
        assert await history.page(connection, ANN, Wanted(), 0, 10) == [later, job]
        assert len(await events.of_job(connection, job.id)) == 1


async def test_a_second_job_that_nobody_catches_takes_its_transaction_with_it(
    database: Database,
) -> None:
    async with database.write() as connection:
        await add_job(connection, 1)

    async def add_two() -> None:
        async with database.write() as connection:
            await add_job(connection, 2)
            await add_job(connection, 1)

    with pytest.raises(KnownInteractionError):
        await add_two()
    async with database.read() as connection:
        assert await jobs.of_interaction(connection, 2) is None


async def test_a_job_of_a_person_nobody_noted_is_not_taken_for_a_known_one(
    database: Database,
) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await jobs.add(connection, new_job(1), NOON)


async def test_a_person_with_jobs_cannot_be_forgotten_before_them(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(sa.delete(people_table))


async def test_two_jobs_never_share_a_generation(database: Database) -> None:
    async with database.write() as connection:
        await add_jobs(connection, 2)
        first, second = await queue.claim(connection, 2, NOON, after(60) - NOON)
        await jobs.move(connection, first, JobState.GENERATING, NOON, generation_id="g")
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await jobs.move(connection, second, JobState.GENERATING, NOON, generation_id="g")


async def test_a_state_outside_the_machine_is_refused_by_the_database(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await set_columns(connection, await add_job(connection), state="lost")


async def test_in_states_gives_the_open_jobs_oldest_first(database: Database) -> None:
    async with database.write() as connection:
        making = await job_in(connection, JobState.GENERATING, 1)
        queued = await job_in(connection, JobState.QUEUED, 2)
        ended = await job_in(connection, JobState.QUEUED, 3)
        await jobs.move(connection, ended, JobState.CANCELLED, NOON)
        assert await jobs.in_states(connection, OPEN) == [making, queued]
        assert await jobs.in_states(connection, [JobState.QUEUED]) == [queued]
        assert await jobs.in_states(connection, ENDED) == []
        assert await jobs.in_states(connection, []) == []


async def test_count_counts_the_open_jobs_in_these_states(database: Database) -> None:
    async with database.write() as connection:
        await job_in(connection, JobState.GENERATING, 1)
        await job_in(connection, JobState.QUEUED, 2)
        ended = await job_in(connection, JobState.QUEUED, 3)
        await jobs.move(connection, ended, JobState.CANCELLED, NOON)
        assert await jobs.count(connection, OPEN) == 2
        assert await jobs.count(connection, [JobState.QUEUED]) == 1
        assert await jobs.count(connection, ENDED) == 0


async def test_places_count_only_those_that_still_wait(database: Database) -> None:
    async with database.write() as connection:
        await add_jobs(connection, 4)
        await claim_job(connection)
        second, third, fourth = await jobs.in_states(connection, [JobState.QUEUED])
        assert await queue.places(connection) == {second.id: 0, third.id: 1, fourth.id: 2}
        await jobs.move(connection, second, JobState.CANCELLED, NOON)
        assert await queue.places(connection) == {third.id: 0, fourth.id: 1}


async def test_next_not_before_is_the_first_of_the_waits(database: Database) -> None:
    async with database.write() as connection:
        assert await jobs.next_not_before(connection) is None
        first, second, third, ready = await add_jobs(connection, 4)
        assert await jobs.next_not_before(connection) is None
        await set_columns(connection, first, not_before=after(30))
        await set_columns(connection, second, not_before=after(20))
        third = await set_columns(connection, third, not_before=after(10))
        await jobs.move(connection, third, JobState.CANCELLED, NOON)
        assert await jobs.next_not_before(connection) == after(20)
        assert await jobs.get(connection, ready.id) == ready


async def test_the_card_is_remembered(database: Database) -> None:
    async with database.write() as connection:
        job, other = await add_jobs(connection, 2)
        await jobs.set_card(connection, job.id, 99)
        changed = await jobs.get(connection, job.id)
        assert changed is not None
        assert changed.card_id == 99
        assert await jobs.get(connection, other.id) == other


async def test_an_open_card_belongs_to_an_ended_job_until_it_is_closed(database: Database) -> None:
    async with database.write() as connection:
        made = await add_jobs(connection, 3)
        for job in [*made, await add_job(connection, 4)]:
            await jobs.set_card(connection, job.id, 90 + job.id)
        ended = [await end_with_card(connection, job.id) for job in made]
        assert await jobs.with_open_card(connection, 10) == ended
        assert await jobs.with_open_card(connection, 2) == ended[:2]
        await jobs.close_cards(connection, [1, 3])
        assert await jobs.with_open_card(connection, 10) == [ended[1]]
        await jobs.close_cards(connection, [])
        assert await jobs.with_open_card(connection, 10) == [ended[1]]


async def end_with_card(connection: AsyncConnection, job_id: int) -> Job | None:
    job = await jobs.get(connection, job_id)
    assert job is not None
    return await jobs.move(connection, job, JobState.CANCELLED, NOON)


async def test_a_card_noted_after_the_end_is_open(database: Database) -> None:
    """A job may end faster than Discord tells which message its card is."""
    async with database.write() as connection:
        job = await add_job(connection)
        await jobs.move(connection, job, JobState.CANCELLED, NOON)
        assert await jobs.with_open_card(connection, 10) == []
        await jobs.set_card(connection, job.id, 99)
        assert [each.id for each in await jobs.with_open_card(connection, 10)] == [job.id]


async def test_a_cleanup_is_planned_only_where_there_is_a_generation(database: Database) -> None:
    async with database.write() as connection:
        job, without = await add_jobs(connection, 2)
        await set_columns(connection, job, generation_id="g")
        for each in (job, without):
            await jobs.plan_cleanup(connection, each.id, after(10))
        assert [each.id for each in await jobs.due_cleanups(connection, after(10), 9)] == [job.id]


async def test_cleanups_come_when_due_and_longest_due_first(database: Database) -> None:
    async with database.write() as connection:
        assert await jobs.next_cleanup(connection) is None
        for job, due in zip(await add_jobs(connection, 3), (30, 10, 20), strict=True):
            await set_columns(connection, job, generation_id=f"g{job.id}")
            await jobs.plan_cleanup(connection, job.id, after(due))
        assert await jobs.next_cleanup(connection) == after(10)
        assert await jobs.due_cleanups(connection, after(9), 10) == []
        assert [job.id for job in await jobs.due_cleanups(connection, after(20), 10)] == [2, 3]
        assert [job.id for job in await jobs.due_cleanups(connection, after(30), 2)] == [2, 3]


async def test_a_generation_that_came_too_late_is_noted_and_deleted_at_once(
    database: Database,
) -> None:
    async with database.write() as connection:
        late, owner = await add_jobs(connection, 2)
        await jobs.move(connection, late, JobState.CANCELLED, NOON)
        owner = await set_columns(connection, owner, generation_id="own")
        await jobs.own_late_generation(connection, late.id, "late", after(5))
        await jobs.own_late_generation(connection, owner.id, "another", after(5))
        (due,) = await jobs.due_cleanups(connection, after(5), 10)
        assert (due.id, due.generation_id, due.cleanup_at) == (late.id, "late", after(5))
        assert await jobs.get(connection, owner.id) == owner


async def test_a_cleanup_put_off_is_counted_and_one_that_is_done_is_gone(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await set_columns(connection, job, generation_id="g", cleanup_at=NOON)
        await jobs.put_off_cleanup(connection, job.id, after(60))
        (put_off,) = await jobs.due_cleanups(connection, after(60), 10)
        assert (put_off.cleanup_at, put_off.cleanup_tries) == (after(60), 1)
        await jobs.put_off_cleanup(connection, job.id, None)
        assert await jobs.next_cleanup(connection) is None
        assert await jobs.due_cleanups(connection, after(999), 10) == []


async def found(database: Database, containing: str) -> list[str]:
    async with database.read() as connection:
        return [
            job.prompt for job in await history.page(connection, ANN, Wanted(containing), 0, 25)
        ]


async def test_a_person_sees_the_newest_jobs_first_and_no_more_than_asked_for(
    database: Database,
) -> None:
    async with database.write() as connection:
        first, second, third = await add_jobs(connection, 3)
        assert await history.page(connection, ANN, Wanted(), 0, 10) == [third, second, first]
        assert await history.page(connection, ANN, Wanted(), 0, 2) == [third, second]


@pytest.mark.parametrize("containing", ["", "wind", "1", "#1", "%"])
async def test_nobody_sees_another_persons_jobs(database: Database, containing: str) -> None:
    async with database.write() as connection:
        await add_job(connection, 1, requester_id=BOB, prompt="100 % wind")
    assert await found(database, containing) == []


async def test_wildcards_in_a_search_are_letters(database: Database) -> None:
    prompts = ["rain 100 %", "rain 100 x", "snake_case", "snakeXcase", "back\\slash", "sla/sh"]
    async with database.write() as connection:
        for number, prompt in enumerate(prompts, start=1):
            await add_job(connection, number, prompt=prompt)
    assert await found(database, "%") == ["rain 100 %"]
    assert await found(database, "snake_") == ["snake_case"]
    assert await found(database, "\\") == ["back\\slash"]
    assert await found(database, "a/s") == ["sla/sh"]
    assert await found(database, "0 %%") == []


@pytest.mark.parametrize("containing", ["WILLOW", "willow", "  WilloW "])
async def test_a_search_overlooks_case_and_outer_spaces(
    database: Database, containing: str
) -> None:
    async with database.write() as connection:
        await add_job(connection, 1, prompt="Wind over Willow")
        await add_job(connection, 2, prompt="rain")
    assert await found(database, containing) == ["Wind over Willow"]


@pytest.mark.parametrize("containing", ["ЛЮБЛЮ", "люблю", "über", "ÜBER"])
async def test_a_search_overlooks_case_in_every_alphabet(
    database: Database, containing: str
) -> None:
    async with database.write() as connection:
        await add_job(connection, 1, prompt="Люблю Über den Weiden")
        await add_job(connection, 2, prompt="rain")
    assert await found(database, containing) == ["Люблю Über den Weiden"]


@pytest.mark.parametrize("containing", ["12", "#12", " #12 "])
async def test_a_job_is_found_by_the_start_of_its_number(
    database: Database, containing: str
) -> None:
    async with database.write() as connection:
        for job_id, prompt in ((12, "first"), (120, "second"), (312, "third")):
            job = await add_job(connection, job_id, prompt=prompt)
            await connection.execute(sa.delete(job_events))
            await connection.execute(
                sa.update(jobs_table).values(id=job_id).where(jobs_table.c.id == job.id)
            )
    assert await found(database, containing) == ["second", "first"]


async def test_making_seconds_are_those_of_the_models_newest_results(database: Database) -> None:
    async with database.write() as connection:
        for number, seconds in enumerate((5, 7.5, 9), start=1):
            await finish(connection, await add_job(connection, number), seconds)
        await finish(connection, await add_job(connection, 4, model="other"), 99)
        failed = await job_in(connection, JobState.GENERATING, 5)
        await jobs.move(connection, failed, JobState.FAILED, after(99))
        assert await jobs.making_seconds(connection, "stable-audio", 10) == [9, 7.5, 5]
        assert await jobs.making_seconds(connection, "stable-audio", 2) == [9, 7.5]
        assert await jobs.making_seconds(connection, "nothing", 2) == []


async def test_making_seconds_leave_out_a_result_whose_start_is_unknown(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await job_in(connection, JobState.GENERATING)
        await jobs.move(connection, job, JobState.FINISHED, after(9))
        assert await jobs.making_seconds(connection, "stable-audio", 10) == []
