"""What is counted of a guild, and what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from storage import guilds, stats
from storage.database import Database
from storage.schema import deliveries, job_events
from storage.states import DeliveryState, JobState
from storage.stats import Asked, Everywhere, Took, Totals
from tests.storage.makers import GUILD, NOON, add_job, after, promise, set_columns


async def totals(database: Database, since: datetime = NOON) -> Totals:
    async with database.read() as connection:
        found = await stats.totals(connection, GUILD, since)
    return Totals(
        *(sorted(each, key=str) for each in (found.asked, found.waited, found.made))  # type: ignore[arg-type] # three lists
    )


async def past(database: Database, number: int = 1, at: datetime = NOON, **columns: Any) -> None:
    """Add a job that was asked for at some time, with these columns."""
    asked = {name: columns.pop(name) for name in ("guild_id", "model") if name in columns}
    async with database.write() as connection:
        job = await add_job(connection, number, now=at, **asked)
        await set_columns(connection, job, **({"changed_at": at} | columns))


async def test_jobs_are_counted_by_quarter_model_and_state(database: Database) -> None:
    failed: dict[str, Any] = {"state": JobState.FAILED, "ended_at": after(1200)}
    await past(database, 1)
    await past(database, 2, after(899.9))
    await past(database, 3, after(900))
    await past(database, 4, after(901), **failed)
    await past(database, 5, after(902), model="other")
    later = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)
    assert (await totals(database)).asked == [
        Asked(NOON, "stable-audio", JobState.QUEUED, 2),
        Asked(later, "other", JobState.QUEUED, 1),
        Asked(later, "stable-audio", JobState.FAILED, 1),
        Asked(later, "stable-audio", JobState.QUEUED, 1),
    ]


@pytest.mark.parametrize(
    ("at", "columns"),
    [
        (NOON, {"guild_id": None}),
        (NOON, {"erased_at": after(60)}),
        (after(-1), {}),
    ],
    ids=["outside guilds", "deleted", "too old"],
)
async def test_this_is_not_counted(
    database: Database, at: datetime, columns: dict[str, Any]
) -> None:
    times = {"submitted_at": after(1), "generating_at": after(1), "ended_at": after(2)}
    over = {"state": JobState.FINISHED, **times, **columns}
    await past(database, 1, at, **over)
    assert await totals(database) == Totals([], [], [])


async def test_another_guilds_jobs_are_not_counted(database: Database) -> None:
    await past(database)
    async with database.read() as connection:
        assert await stats.totals(connection, GUILD + 1, NOON) == Totals([], [], [])


async def test_waiting_is_until_it_was_begun_and_making_from_then_to_the_result(
    database: Database,
) -> None:
    begun: dict[str, Any] = {"submitted_at": after(7), "generating_at": after(8)}
    finished: dict[str, Any] = {"state": JobState.FINISHED, "ended_at": after(70.9)}
    for number in (1, 2):
        await past(database, number, **begun, **finished)
    await past(database, 3, **begun)
    await past(database, 4, **begun, state=JobState.FAILED, ended_at=after(600))
    await past(database, 5, state=JobState.CANCELLED, ended_at=after(600))
    found = await totals(database)
    assert found.waited == [Took("stable-audio", 7, 4)]
    assert found.made == [Took("stable-audio", 62, 2)]


async def everywhere(database: Database, since: datetime = NOON, most: int = 2) -> Everywhere:
    async with database.read() as connection:
        return await stats.everywhere(
            connection, since, guilds=most, again="sent again", private="private"
        )


async def test_everywhere_counts_all_guilds_and_direct_messages_but_not_what_was_deleted(
    database: Database,
) -> None:
    for number, guild in enumerate([GUILD, GUILD, GUILD, None, None, GUILD + 1], 1):
        async with database.write() as connection:
            await guilds.note(connection, GUILD + 1, NOON)
        await past(database, number, guild_id=guild)
    await past(database, 7, after(-1))
    await past(database, 8, erased_at=after(60))
    found = await everywhere(database)
    assert sum(each.count for each in found.asked) == 6
    assert found.busiest == [(GUILD, 3), (None, 2)]


async def test_everywhere_times_go_from_the_command_to_the_result(database: Database) -> None:
    times = {"submitted_at": after(7), "generating_at": after(8), "ended_at": after(70.9)}
    await past(database, 1, state=JobState.FINISHED, **times)
    await past(database, 2, state=JobState.FAILED, reason="busy", **times)
    found = await everywhere(database)
    assert found.waited == [Took("stable-audio", 7, 2)]
    assert found.whole == [Took("stable-audio", 70, 1)]
    assert found.reasons == {"busy": 1}


async def test_everywhere_tells_of_second_requests_and_of_what_is_not_in_discord(
    database: Database,
) -> None:
    async with database.write() as connection:
        for number, reason in enumerate(["channel gone", "private", None], 1):
            delivery = await promise(connection, number)
            state = DeliveryState.PENDING if reason is None else DeliveryState.UNDELIVERABLE
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id == delivery.id)
                .values(state=state, reason=reason)
            )
        for note, at in [("sent again", NOON), ("sent again", after(-1)), ("other", NOON)]:
            row = {"job_id": 1, "at": at, "to_state": "queued", "note": note}
            await connection.execute(sa.insert(job_events).values(**row))
    found = await everywhere(database)
    assert (found.again, found.kept) == (1, 1)
