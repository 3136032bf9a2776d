"""Whose turn it is: nobody waits for another's whole pile, and nobody is overtaken for ever."""

import asyncio
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import guilds, jobs, people, queue
from storage.database import Database
from storage.jobs import Job
from storage.states import JobState
from tests.storage.makers import ANN, BOB, GUILD, LEASE, NOON, after, new_job
from tests.storage.stores import memory, sqlite_file

CAT = BOB + 1
OTHER_GUILD = GUILD + 1


async def ask(
    connection: AsyncConnection,
    number: int,
    person: int,
    guild: int | None = GUILD,
    now: datetime = NOON,
) -> Job:
    new = new_job(number, requester_id=person, guild_id=guild)
    await people.note(connection, person, now)
    if guild is not None:
        await guilds.note(connection, guild, now)
    return await jobs.add(connection, new, now)


async def pile(
    connection: AsyncConnection, numbers: Iterable[int], person: int, guild: int | None = GUILD
) -> None:
    for number in numbers:
        await ask(connection, number, person, guild)


async def served(connection: AsyncConnection, how_many: int, since: float = 1) -> list[int]:
    """Claim one after the other, a second apart; return the jobs' numbers."""
    return [
        (await queue.claim(connection, 1, after(since + turn), LEASE))[0].id
        for turn in range(how_many)
    ]


async def test_who_sends_one_is_second_after_who_sends_twenty(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, range(1, 21), ANN)
        await ask(connection, 21, BOB)
        assert await served(connection, 4) == [1, 21, 2, 3]


async def test_several_claimed_at_once_are_the_same_ones_in_the_same_order(
    database: Database,
) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2, 3), ANN)
        await pile(connection, (4, 5), BOB)
        await ask(connection, 6, CAT)
        claimed = await queue.claim(connection, 5, NOON, LEASE)
    assert [job.id for job in claimed] == [1, 4, 6, 2, 5]


async def test_who_was_served_while_another_came_goes_behind_them(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2, 3), ANN)
        assert await served(connection, 2) == [1, 2]
        await ask(connection, 4, BOB, now=after(5))
        # Ann has waited since 2 s, Bob since 5 s.
        assert await served(connection, 2, since=6) == [3, 4]


async def test_a_turn_at_the_same_instant_goes_to_who_has_had_none(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2), ANN)
        await ask(connection, 3, BOB)
        turns = [(await queue.claim(connection, 1, NOON, LEASE))[0].id for _ in range(3)]
    assert turns == [1, 3, 2]


async def test_a_small_guild_is_second_after_a_busy_one(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2), ANN)
        await pile(connection, (3, 4), BOB)
        await ask(connection, 5, CAT, OTHER_GUILD)
        assert await served(connection, 5) == [1, 5, 3, 2, 4]


async def test_direct_messages_are_a_circle_of_each_person(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2), ANN)
        await pile(connection, (3, 4), BOB, None)
        await ask(connection, 5, CAT, None)
        assert await served(connection, 5) == [1, 3, 5, 2, 4]


async def test_a_turn_in_one_guild_is_none_in_another(database: Database) -> None:
    async with database.write() as connection:
        await ask(connection, 1, ANN, OTHER_GUILD)
        await pile(connection, (2, 3), ANN)
        await pile(connection, (4, 5), BOB)
        assert await served(connection, 5) == [1, 2, 4, 3, 5]


async def test_a_job_sent_back_has_had_its_turn(database: Database) -> None:
    async with database.write() as connection:
        await ask(connection, 1, ANN)
        await ask(connection, 2, BOB)
        (first,) = await queue.claim(connection, 1, after(1), LEASE)
        await jobs.move(connection, first, JobState.QUEUED, after(2))
        assert await served(connection, 2, since=3) == [2, 1]


async def test_places_tell_the_order_in_which_jobs_are_claimed(database: Database) -> None:
    async with database.write() as connection:
        await pile(connection, (1, 2, 3), ANN)
        await pile(connection, (4, 5), BOB)
        await ask(connection, 6, CAT, OTHER_GUILD)
        told = await queue.places(connection)
        assert await served(connection, 6) == sorted(told, key=lambda job: told[job])


# Against a plain model: rings, as a clerk would keep them.


@dataclass
class Ring:
    """Waits in turn: who is served goes to the end, and so does who comes anew."""

    waiting: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, who: int, job: int) -> None:
        self.waiting[who].append(job)

    def serve(self) -> tuple[int, int]:
        who = next(iter(self.waiting))
        own = self.waiting.pop(who)
        job = own.pop(0)
        if own:
            self.waiting[who] = own
        return who, job


@dataclass
class Clerk:
    """Rings of people, in a ring of circles."""

    circles: list[int] = field(default_factory=list)
    rings: dict[int, Ring] = field(default_factory=lambda: defaultdict(Ring))

    def add(self, circle: int, person: int, job: int) -> None:
        if circle not in self.circles:
            self.circles.append(circle)
        self.rings[circle].add(person, job)

    def serve(self) -> int:
        circle = self.circles.pop(0)
        _, job = self.rings[circle].serve()
        if self.rings[circle].waiting:
            self.circles.append(circle)
        return job


ASK = st.tuples(st.sampled_from([GUILD, OTHER_GUILD, None]), st.sampled_from([ANN, BOB, CAT]))
CLAIM = st.integers(1, 3)
LIVES = st.lists(st.one_of(ASK, ASK, CLAIM), max_size=30)


async def _live(database: Database, life: list[tuple[int | None, int] | int]) -> None:
    """Let people ask and the submitter claim, a second apart, beside a clerk who does the same."""
    clerk, now, asked, waiting = Clerk(), NOON, 0, 0
    async with database.write() as connection:
        for step in life:
            now += timedelta(seconds=1)
            if isinstance(step, tuple):
                guild, person = step
                asked += 1
                job = await ask(connection, asked, person, guild, now)
                clerk.add(guild or person, person, job.id)
                waiting += 1
                continue
            for _ in range(min(step, waiting)):
                # One by one in time, as a model without batches has to be.
                now += timedelta(seconds=1)
                (claimed,) = await queue.claim(connection, 1, now, LEASE)
                assert claimed.id == clerk.serve()
                waiting -= 1
        await connection.rollback()


async def _drawn(path: Path, life: list[tuple[int | None, int] | int]) -> None:
    database = sqlite_file(path).open()
    try:
        await _live(database, life)
    finally:
        await database.close()


def test_turns_go_round_as_a_clerk_with_rings_would_have_them(migrated_file: Path) -> None:
    with tempfile.TemporaryDirectory(dir=memory()) as folder, asyncio.Runner() as runner:
        path = Path(shutil.copy(migrated_file, Path(folder) / "foley.db"))

        @settings(max_examples=60, deadline=None)
        @given(LIVES)
        def check(life: list[tuple[int | None, int] | int]) -> None:
            runner.run(_drawn(path, life))

        check()


@pytest.mark.parametrize("flood", [1, 3])
async def test_who_waits_is_served_in_time_however_many_come_after_them(
    database: Database, flood: int
) -> None:
    """Each turn, several who never asked before ask as well."""
    newcomers = iter(range(BOB + 10, BOB + 1000))
    numbers = iter(range(100, 1000))
    async with database.write() as connection:
        await pile(connection, (1, 2, 3), ANN)
        await pile(connection, (4, 5), BOB)
        turns: list[int] = []
        for second in range(1, 30):
            for _ in range(flood):
                await ask(
                    connection, next(numbers), next(newcomers), OTHER_GUILD, after(second - 0.5)
                )
                await ask(connection, next(numbers), next(newcomers), GUILD, after(second - 0.5))
            (job,) = await queue.claim(connection, 1, after(second), LEASE)
            turns.append(job.id)
        # Two guilds, so every second turn is this guild's; before Ann's next turn comes everybody
        # who was there when she had her last.
        assert turns[:3:2] == [1, 4]
        assert turns.index(2) == 2 * (2 + flood)
