"""What is counted of a guild, and what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from storage import stats
from storage.database import Database
from storage.states import JobState
from storage.stats import Asked, Took, Totals
from tests.storage.makers import GUILD, NOON, add_job, after, set_columns


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
