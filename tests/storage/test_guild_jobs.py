"""A guild's jobs as its moderators look for them, and the lines that are due; on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audit, deliveries, guild_jobs, guilds, jobs, log_lines, reviews
from storage.database import Database
from storage.deliveries import DeliveryKind
from storage.guild_jobs import Search
from storage.jobs import Job
from storage.review_states import Matter, ReviewState
from storage.reviews import NewReview
from storage.states import OPEN, DeliveryState, JobState
from tests.storage.makers import ANN, BOB, CHANNEL, GUILD, LEASE, NOON, add_job, after, set_columns

LOG = CHANNEL + 1
OTHER = GUILD + 1


async def found(connection: AsyncConnection, **search: Any) -> list[int]:
    wanted = Search(**search)
    jobs_found = await guild_jobs.page(connection, GUILD, wanted, 10)
    assert await guild_jobs.count(connection, GUILD, wanted) == len(jobs_found)
    return [job.id for job in jobs_found]


async def test_only_this_guilds_jobs_are_found_by_all_that_can_be_said(database: Database) -> None:
    async with database.write() as connection:
        await guilds.note(connection, OTHER, NOON)
        rain = await add_job(connection, 1, prompt="Rain on Tin 100%", model="mmaudio")
        bells = await add_job(connection, 2, prompt="ÜBER bells", requester_id=BOB, now=after(60))
        await add_job(connection, 3, guild_id=OTHER, prompt="rain elsewhere")
        gone = await add_job(connection, 4, prompt="rain")
        await set_columns(connection, gone, erased_at=NOON)
        await set_columns(connection, bells, state=JobState.CANCELLED, ended_at=NOON)
        assert await found(connection) == [bells.id, rain.id]
        assert await found(connection, person_id=ANN) == [rain.id]
        assert await found(connection, containing="rain on") == [rain.id]
        assert await found(connection, containing="100%") == [rain.id]
        assert await found(connection, containing="über") == [bells.id]
        assert await found(connection, containing=f"#{bells.id}") == [bells.id]
        assert await found(connection, states=OPEN) == [rain.id]
        assert await found(connection, model="mma") == [rain.id]
        assert await found(connection, model="audio") == []
        assert await found(connection, since=after(60)) == [bells.id]
        older = await guild_jobs.page(connection, GUILD, Search(), 10, before=bells)
        assert [job.id for job in older] == [rain.id]
        assert await guild_jobs.get_locked(connection, GUILD, rain.id) == rain
        assert await guild_jobs.get(connection, GUILD, rain.id) == rain
        for guild, job_id in ((OTHER, rain.id), (GUILD, gone.id), (GUILD, 77)):
            assert await guild_jobs.get_locked(connection, guild, job_id) is None
            assert await guild_jobs.get(connection, guild, job_id) is None


async def test_what_was_done_to_jobs_is_found_by_their_numbers(database: Database) -> None:
    async with database.write() as connection:
        for guild, detail in ((GUILD, {"job": 7}), (GUILD, {"role": 7}), (OTHER, {"job": 7})):
            await audit.note(connection, guild, BOB, "remove", detail, NOON)
        await audit.note(connection, GUILD, BOB, "cancel", {"job": 8}, NOON)
        assert await audit.about_jobs(connection, GUILD, []) == {}
        done = await audit.about_jobs(connection, GUILD, [7, 8, 9])
        assert {job: [entry.what for entry in entries] for job, entries in done.items()} == {
            7: ["remove"],
            8: ["cancel"],
        }


async def ended(connection: AsyncConnection, number: int = 1, at: float = 0) -> Job:
    job = await add_job(connection, number)
    return await set_columns(connection, job, state=JobState.CANCELLED, ended_at=after(at))


async def due(connection: AsyncConnection, since: float = 0) -> dict[int, int]:
    return await log_lines.due(connection, after(since), 10)


async def lined(connection: AsyncConnection, **more: Any) -> None:
    wanted: dict[str, Any] = {"log_channel_id": LOG, "log_lines_since": NOON} | more
    await guilds.choose(connection, GUILD, NOON, **wanted)


async def test_what_ended_since_then_is_due_where_lines_are_wanted(database: Database) -> None:
    async with database.write() as connection:
        await ended(connection, 1, at=-1)
        job = await ended(connection, 2, at=0)
        await add_job(connection, 3)
        await set_columns(connection, await ended(connection, 4, at=5), erased_at=NOON)
        assert await due(connection, -10) == {}
        await lined(connection)
        assert await due(connection, -10) == {job.id: LOG}
        assert await due(connection, 1) == {}
        for off in ({"log_channel_id": None}, {"log_lines_since": None}, {"left_at": NOON}):
            await lined(connection, left_at=None)
            assert await due(connection) == {job.id: LOG}
            await lined(connection, **off)
            assert await due(connection) == {}


async def test_a_line_waits_for_people_and_for_a_review(database: Database) -> None:
    async with database.write() as connection:
        await lined(connection)
        job = await ended(connection)
        await deliveries.add(connection, job, DeliveryKind.FAILURE, NOON)
        assert await due(connection) == {}
        (delivery,) = await deliveries.claim(connection, 1, NOON, LEASE)
        assert await due(connection) == {}
        await deliveries.give_up(connection, delivery, "gone")
        assert await due(connection) == {job.id: LOG}
        review = await reviews.add(
            connection, NewReview(GUILD, job.id, Matter.RESULT, after(9)), NOON
        )
        assert review is not None
        assert await due(connection) == {}
        await reviews.decide(connection, review, ReviewState.WITHDRAWN, None, NOON)
        assert await due(connection) == {job.id: LOG}


async def test_a_line_is_promised_once_whoever_found_it(database: Database) -> None:
    async with database.write() as connection:
        await lined(connection)
        job = await ended(connection)
        both = [await due(connection), await due(connection)]
        assert [await log_lines.promise(connection, each, NOON) for each in both] == [1, 0]
        await set_columns(connection, job, logged_at=None)
        # Even then the database takes no second one.
        assert await log_lines.promise(connection, both[0], NOON) == 1
        assert await log_lines.on_their_way(connection) == 1
        (delivery,) = await deliveries.claim(connection, 9, NOON, LEASE)
        assert (delivery.kind, delivery.channel_id) == (DeliveryKind.LOG, LOG)
        assert (delivery.job_id, delivery.state) == (job.id, DeliveryState.SENDING)
        assert await due(connection) == {}
        assert await log_lines.on_their_way(connection) == 1
        await deliveries.mark_sent(connection, delivery, 5, NOON)
        assert await log_lines.on_their_way(connection) == 0


async def test_a_line_is_nothing_that_its_person_is_told_or_that_goes_with_the_result(
    database: Database,
) -> None:
    async with database.write() as connection:
        await lined(connection)
        job = await ended(connection)
        await log_lines.promise(connection, await due(connection), NOON)
        (delivery,) = await deliveries.claim(connection, 9, NOON, LEASE)
        assert not await deliveries.is_telling(connection, job.id)
        await deliveries.mark_sent(connection, delivery, 5, NOON)
        assert await deliveries.messages_of(connection, job.id) == []
        assert await deliveries.job_of(connection, 5) is None
        assert await deliveries.of_jobs(connection, [job.id]) == {}
        await set_columns(connection, job, card_id=9, card_closed=False)
        assert [each.id for each in await jobs.with_open_card(connection, 9)] == [job.id]


async def test_an_undeliverable_line_is_told_to_nobody(database: Database) -> None:
    async with database.write() as connection:
        await lined(connection)
        job = await ended(connection)
        await log_lines.promise(connection, await due(connection), NOON)
        (delivery,) = await deliveries.claim(connection, 9, NOON, LEASE)
        await deliveries.give_up(connection, delivery, "gone")
        assert await deliveries.untold(connection, job.requester_id) == []
        later = NOON + timedelta(days=1)
        assert await deliveries.claim(connection, 9, later, LEASE) == []
        assert await due(connection) == {}
