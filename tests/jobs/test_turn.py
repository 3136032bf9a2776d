"""Several processes on one database: one does what is done for all, another takes over."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.app import App, open_app
from bot.jobs.lease import LEASE
from bot.jobs.lookout import EVERY
from bot.jobs.loop import IDLE
from bot.jobs.turn import Turn
from bot.netmind.catalog import Catalog
from bot.sandbox.netmind import SandboxNetmind
from storage import jobs, queue
from storage.states import JobState
from tests.storage.makers import add_job
from tests.storage.stores import Postgres, running_postgres
from tests.world import MovedClock, World, settings_for, sketch

SECONDS = LEASE.total_seconds()


class Pair(NamedTuple):
    """Two processes' turns on one database, and a second look at it."""

    one: Turn
    two: Turn


@pytest.fixture
def turns(world: World) -> Pair:
    database = world.app.database
    return Pair(Turn(database, world.clock, "one"), Turn(database, world.clock, "two"))


async def test_one_has_its_turn_and_the_other_waits(world: World, turns: Pair) -> None:
    assert await turns.one.is_ours()
    assert not await turns.two.is_ours()
    world.move(SECONDS - 1)
    assert not await turns.two.is_ours()


async def test_a_turn_is_kept_as_long_as_its_holder_lives(world: World, turns: Pair) -> None:
    for _ in range(20):
        assert await turns.one.is_ours()
        assert not await turns.two.is_ours()
        world.move(SECONDS / 4)


async def test_whoever_is_not_heard_of_any_more_loses_its_turn(world: World, turns: Pair) -> None:
    assert await turns.one.is_ours()
    world.move(SECONDS)
    assert await turns.two.is_ours()
    assert not await turns.one.is_ours()


async def test_a_turn_given_back_is_free_at_once(turns: Pair) -> None:
    assert await turns.one.is_ours()
    await turns.one.give_back()
    assert await turns.two.is_ours()
    await turns.one.give_back()
    assert await turns.two.is_ours()


async def test_who_never_had_the_turn_gives_nothing_back(turns: Pair) -> None:
    assert await turns.one.is_ours()
    await turns.two.give_back()
    assert not await turns.two.is_ours()


async def test_the_database_is_asked_only_in_good_time(
    world: World, turns: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step may run many times a second."""
    assert await turns.one.is_ours()
    with monkeypatch.context() as patch:
        patch.setattr(turns.one, "database", None)
        world.move(SECONDS / 2 - 1)
        assert await turns.one.is_ours()
        world.move(1)
        with pytest.raises(AttributeError):
            await turns.one.is_ours()


async def test_a_step_is_run_only_in_turn(turns: Pair) -> None:
    ran: list[str] = []

    async def step() -> float | None:
        ran.append("step")
        return 77.0

    assert await turns.one.taken_by(step)() == 77
    assert await turns.two.taken_by(step)() is None
    assert ran == ["step"]


async def test_taking_the_turn_is_said_once(
    world: World, turns: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        await turns.one.is_ours()
        await turns.two.is_ours()
        world.move(SECONDS / 2)
    assert capsys.readouterr().out.count("turn_taken") == 1


async def test_alone_on_its_database_nobody_asks_whose_turn_it_is(world: World) -> None:
    for loop in world.app.workers.bell.loops:
        await loop._step()
        assert loop._idle == IDLE
    assert world.app.workers.turn._until is None


# Two whole processes, but for Discord, on one PostgreSQL


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


class Processes(NamedTuple):
    """Two apps on one database and one NetMind."""

    one: App
    two: App
    netmind: SandboxNetmind
    clock: MovedClock


@pytest.fixture
async def processes(
    postgres: Postgres,
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - it is in effect by being asked for
) -> AsyncIterator[Processes]:
    store = await postgres.create("shared")
    clock = MovedClock()
    async with SandboxNetmind(clock=clock, render=sketch) as netmind, AsyncExitStack() as stack:
        settings = settings_for(netmind.base_url, tmp_path, database_url=store.address.postgres)
        one, two = [
            await stack.enter_async_context(open_app(settings, Catalog.load(), clock))
            for _ in range(2)
        ]
        yield Processes(one, two, netmind, clock)


async def generating(processes: Processes) -> None:
    """Have a job whose generation is under way."""
    made = await processes.one.netmind.create("hkchengrex/MMAudio", {"prompt": "x", "duration": 1})
    async with processes.one.database.write() as connection:
        await add_job(connection, model="mmaudio", now=processes.clock())
        (job,) = await queue.claim(connection, 1, processes.clock(), LEASE)
        await jobs.move(
            connection,
            job,
            JobState.GENERATING,
            processes.clock(),
            generation_id=made.id,
            generating_at=processes.clock(),
        )


async def look(app: App, clock: MovedClock, seconds: float = 20) -> int:
    """Have the process live for so long, as its loops do; return how often it looked."""
    before = app.netmind.calls["get"]
    (watcher,) = [loop for loop in app.workers.bell.loops if loop.name == "watcher"]
    for _ in range(4):
        await watcher._step()
        clock.now += timedelta(seconds=seconds / 4)
    return app.netmind.calls["get"] - before


async def test_of_two_processes_one_watches(processes: Processes) -> None:
    await generating(processes)
    processes.netmind.fail_next("get", status=500, times=9999)
    assert await look(processes.one, processes.clock, SECONDS / 2) > 0
    assert await look(processes.two, processes.clock, SECONDS / 4) == 0
    assert await look(processes.one, processes.clock, SECONDS) > 0


async def test_another_process_watches_when_one_has_died(processes: Processes) -> None:
    await generating(processes)
    processes.netmind.fail_next("get", status=500, times=9999)
    assert await look(processes.one, processes.clock) > 0
    processes.clock.now += LEASE
    assert await look(processes.two, processes.clock) > 0
    assert await look(processes.one, processes.clock, SECONDS / 4) == 0


async def test_another_process_watches_at_once_when_one_was_drained(processes: Processes) -> None:
    await generating(processes)
    processes.netmind.fail_next("get", status=500, times=9999)
    assert await look(processes.one, processes.clock, 8) > 0
    await processes.one.workers.drain(0)
    assert await look(processes.two, processes.clock, 8) > 0


async def test_submitting_and_delivering_are_done_by_all(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done for all jobs at once waits for its turn; what is claimed row by row does not."""
    (await_turn, apart) = (set[str](), set[str]())
    asked: list[None] = []

    async def is_ours() -> bool:
        asked.append(None)
        return False

    monkeypatch.setattr(processes.two.workers.turn, "is_ours", is_ours)
    for loop in processes.two.workers.bell.loops:
        asked.clear()
        await loop._step()
        (await_turn if asked else apart).add(loop.name)
    assert await_turn == {"watcher", "janitor", "cards", "reviews"}
    assert apart == {"submitter", "courier", "lookout"}


async def test_what_one_process_has_left_the_lookout_of_another_shows_its_workers(
    processes: Processes,
) -> None:
    """It does not wake itself, or it would never rest."""
    loops = processes.two.workers.bell.loops
    (lookout,) = [loop for loop in loops if loop.name == "lookout"]
    await lookout._step()
    assert not any(loop._woken.is_set() for loop in loops)
    await generating(processes)
    assert await lookout._step() == EVERY
    assert {loop.name for loop in loops if not loop._woken.is_set()} == {"lookout"}
