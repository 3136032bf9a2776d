"""What a person has asked for, page by page."""

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import history, jobs
from storage.database import Database
from storage.history import Wanted
from storage.states import JobState
from tests.storage.makers import ANN, BOB, NOON, add_job, add_jobs, after, job_in, set_columns


async def ids(connection: AsyncConnection, wanted: Wanted) -> list[int]:
    return [job.id for job in await history.page(connection, ANN, wanted, 0, 25)]


async def test_pages_follow_each_other_without_gap_or_overlap(database: Database) -> None:
    async with database.write() as connection:
        made = await add_jobs(connection, 5)
        pages = [await history.page(connection, ANN, Wanted(), at, 2) for at in (0, 2, 4, 6)]
        assert [*pages[0], *pages[1], *pages[2]] == made[::-1]
        assert pages[3] == []
        assert await history.count(connection, ANN, Wanted()) == 5


async def test_only_jobs_in_these_states_are_found(database: Database) -> None:
    async with database.write() as connection:
        await add_job(connection, 1)
        failed = await job_in(connection, JobState.FAILED, 2)
        wanted = Wanted(states=(JobState.FAILED, JobState.REJECTED))
        assert await ids(connection, wanted) == [failed.id]
        assert await history.count(connection, ANN, wanted) == 1


async def test_words_are_looked_for_in_the_prompt_and_numbers_in_the_number_too(
    database: Database,
) -> None:
    async with database.write() as connection:
        rain = await add_job(connection, 1, prompt="Rain, 100% of it")
        wind = await add_job(connection, 2, prompt=f"{rain.id} winds")
        for words, found in {
            "rain": [rain.id],
            " RAIN ": [rain.id],
            "100%": [rain.id],
            "%": [rain.id],
            "_": [],
            "\\": [],
            "\0": [],
            "\ud800": [],
            f"#{rain.id}": [wind.id, rain.id],
            str(wind.id): [wind.id],
            "": [wind.id, rain.id],
        }.items():
            assert await ids(connection, Wanted(words)) == found, words


async def test_a_star_is_found_until_it_is_taken_away(database: Database) -> None:
    async with database.write() as connection:
        job, _ = await add_jobs(connection, 2)
        await jobs.set_star(connection, job.id, NOON)
        assert await ids(connection, Wanted(starred=True)) == [job.id]
        await jobs.set_star(connection, job.id, None)
        assert await ids(connection, Wanted(starred=True)) == []


async def test_stars_of_others_are_nobody_elses(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection, 1, requester_id=BOB)
        await jobs.set_star(connection, job.id, NOON)
        assert await ids(connection, Wanted(starred=True)) == []
        assert await history.count(connection, ANN, Wanted(starred=True)) == 0


async def test_a_removed_job_loses_its_copy_at_netmind_and_keeps_the_first_moment(
    database: Database,
) -> None:
    async with database.write() as connection:
        job = await job_in(connection, JobState.FINISHED)
        await set_columns(connection, job, ended_at=NOON, generation_id="g1")
        await jobs.set_removed(connection, job.id, after(5))
        await jobs.set_removed(connection, job.id, after(9))
        removed = await jobs.get(connection, job.id)
        assert removed is not None
        assert (removed.removed_at, removed.cleanup_at) == (after(5), after(9))


async def test_a_job_under_way_cannot_be_removed(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
        await jobs.set_removed(connection, job.id, after(5))
        found = await jobs.get(connection, job.id)
        assert found is not None
        assert found.removed_at is None
